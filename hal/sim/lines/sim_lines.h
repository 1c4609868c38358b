/* Simulated lines: the twin of the GPIO adapter for machines without a chip.
 *
 * The folder that stands in for the chip shows the lines to the outside. Each wired output is a
 * file in it (relay, led_green, led_red, buzzer) that holds "1\n" while the output is active and
 * "0\n" otherwise: the logical level, whatever `active_low` says. Inputs are driven by datagrams to
 * the Unix socket lines.sock in it, one level each: "contact 1", "rex 0". Anything else is ignored.
 * Inputs are inactive at first. */
#ifndef LQ_HAL_SIM_LINES_H
#define LQ_HAL_SIM_LINES_H

#include "hal/lines.h"

#define LQ_SIM_LINES_SOCKET "lines.sock"

/* Makes the folder when it is missing (not its parents) and takes it; the files, the socket, and a
 * folder that was made here, go when the lines are closed. Offsets only say which lines are wired.
 * All or nothing; the caller ends with ret_lines->close(). On failure `ret_text` says why:
 * LQ_ERR_NOT_FOUND no parent folder, LQ_ERR_INVALID a path too long or not a folder, or an offset
 * below zero, LQ_ERR_BUSY somebody has the folder, or one offset stands twice, LQ_ERR_IO,
 * LQ_ERR_NO_MEMORY. */
int lq_sim_lines_open(const struct lq_lines_settings *settings, struct lq_lines *ret_lines,
	char ret_text[LQ_LINES_TEXT_SIZE]);

#endif

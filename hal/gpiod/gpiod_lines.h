/* The lines of a door on a GPIO chip of the kernel, over libgpiod 1.6 or 2. */
#ifndef LQ_HAL_GPIOD_LINES_H
#define LQ_HAL_GPIOD_LINES_H

#include "hal/lines.h"

/* Opens the chip and takes every wired line under the name "loquet". Outputs are inactive from the
 * moment they are taken. All or nothing; the caller ends with ret_lines->close(). On failure
 * `ret_text` says which chip and line, why, and what to do:
 * LQ_ERR_NOT_FOUND no such chip, LQ_ERR_INVALID not a chip or no such line, LQ_ERR_BUSY somebody
 * has the line, LQ_ERR_IO the kernel refuses, LQ_ERR_NO_MEMORY. */
int lq_gpiod_lines_open(const struct lq_lines_settings *settings, struct lq_lines *ret_lines,
	char ret_text[LQ_LINES_TEXT_SIZE]);

/* Of libgpiod, as it runs. Static. */
const char *lq_gpiod_version(void);

#endif

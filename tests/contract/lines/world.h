/* The other side of the lines: what wires and a meter are to a chip. One world for each adapter, so
 * that one suite runs over all of them. */
#ifndef LQ_TESTS_LINES_WORLD_H
#define LQ_TESTS_LINES_WORLD_H

#include "hal/lines.h"

struct world {
	const char *name;
	char chip[128];
	char folder[128];  /* gpiod: the simulated chip's in sysfs */
	bool chip_is_real; /* wires keep their level while nobody has the lines, numbers end */

	int (*open)(const struct lq_lines_settings *settings, struct lq_lines *ret_lines,
		char ret_text[LQ_LINES_TEXT_SIZE]);
	/* Sets an input of `settings` from outside; returns when the wire has that level. */
	void (*drive)(struct world *world, const struct lq_lines_settings *settings,
		enum lq_line line, bool active);
	/* What an output shows to the outside. */
	bool (*shown)(
		struct world *world, const struct lq_lines_settings *settings, enum lq_line line);
};

struct world gpiod_world(const char *chip, const char *sysfs_folder);
struct world sim_world(const char *folder);

#endif

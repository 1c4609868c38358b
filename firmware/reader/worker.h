/* The process that holds the device: looks for cards, tells loquetd, carries its APDUs. One thread.
 * It may crash or hang inside the device's library: the supervisor then starts another, for which a
 * badge on the reader is a new one, since its tap may be what was interrupted. */
#ifndef LQ_READER_WORKER_H
#define LQ_READER_WORKER_H

#include "firmware/core/site.h"
#include "firmware/wire/reader_wire.h"
#include "hal/reader.h"

#include <stdint.h>

#define LQ_WORKER_CHIP_SIZE 32u

struct lq_worker_settings {
	char name[LQ_NAME_SIZE];
	char device[201];
	char runtime_dir[81];
	int (*open)(const char *device, struct lq_reader *ret_reader,
		char ret_chip[LQ_WORKER_CHIP_SIZE]);
	const char *library; /* the version of what `open` stands on */
};

/* What became of the workers before this one. */
struct lq_worker_past {
	uint32_t restarts;
	char last_end[LQ_WIRE_TEXT_SIZE]; /* empty at the first start */
};

/* Runs until `stop_fd` becomes readable; the process's exit status. Beats on `beat_fd`. */
int lq_worker_run(const struct lq_worker_settings *settings, const struct lq_worker_past *past,
	int beat_fd, int stop_fd);

#endif

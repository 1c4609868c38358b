/* Port: the two clocks. Thread-safe; never fails. */
#ifndef LQ_HAL_CLOCK_H
#define LQ_HAL_CLOCK_H

#include "firmware/core/time.h"

struct lq_clock {
	void *ctx;
	/* Monotonic, the same for every process of the machine. */
	struct lq_mono (*mono)(void *ctx);
	/* Wall time with its trust and the offset of the time zone that the clock was opened with.
	 */
	struct lq_wall (*wall)(void *ctx);
};

#endif

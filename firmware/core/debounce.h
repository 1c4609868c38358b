/* An input that bounces: a level counts once it has been seen for so long without a break. It goes
 * by levels alone, so that an edge lost or doubled on the way cannot turn it round. Pure. */
#ifndef LQ_CORE_DEBOUNCE_H
#define LQ_CORE_DEBOUNCE_H

#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

struct lq_debounce {
	bool level;           /* the one that counts */
	bool seen;            /* the last one that was read */
	struct lq_mono since; /* when it was first read, while it is not the one that counts */
};

static inline struct lq_debounce lq_debounce_make(bool level)
{
	return (struct lq_debounce){.level = level, .seen = level};
}

/* A level was read. True when `level` has changed: at once if `debounce_ms` is 0, otherwise when
 * what is read has been the same for so long. */
bool lq_debounce_see(
	struct lq_debounce *input, bool seen, uint32_t debounce_ms, struct lq_mono now);

/* When the level has to be read again, for it may count then; false when nothing is pending. */
bool lq_debounce_deadline(
	const struct lq_debounce *input, uint32_t debounce_ms, struct lq_mono *ret_deadline);

#endif

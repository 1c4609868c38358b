/* How often something may be told that others cause: a burst, then one in a while. Pure. */
#ifndef LQ_CORE_BUDGET_H
#define LQ_CORE_BUDGET_H

#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

struct lq_budget {
	uint32_t burst;
	uint32_t refill_ms; /* one more in so long, up to the burst */
	uint32_t left;
	struct lq_mono refilled;
};

/* A full one. */
struct lq_budget lq_budget_make(uint32_t burst, uint32_t refill_ms, struct lq_mono now);

/* True when one may be spent, which is spent then. */
bool lq_budget_spend(struct lq_budget *budget, struct lq_mono now);

/* From when on one may be spent. */
struct lq_mono lq_budget_next(const struct lq_budget *budget);

#endif

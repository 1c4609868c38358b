/* Refused commands on their way into the journal: one by one while they are few, in numbers when
 * they are many. Whoever sends rubbish fills no journal with it, and none is left out of the count.
 * Pure. */
#ifndef LQ_CORE_TALLY_H
#define LQ_CORE_TALLY_H

#include "firmware/core/budget.h"
#include "firmware/core/order.h"

struct lq_tally {
	struct lq_budget budget;
	uint32_t held[LQ_REFUSAL_COUNT]; /* not told yet; stays at its greatest */
	uint32_t next;                   /* whose turn it is, so that no word waits for another */
};

struct lq_tally lq_tally_make(uint32_t burst, uint32_t refill_ms, struct lq_mono now);

/* True when this one may be told by itself now; otherwise it is added. */
bool lq_tally_pass(struct lq_tally *tally, enum lq_refusal refusal, struct lq_mono now);

void lq_tally_add(struct lq_tally *tally, enum lq_refusal refusal, uint32_t count);

/* What may be told now: so many of one word, which are not held any more. False, and nothing is
 * changed: nothing is held, or not yet. */
bool lq_tally_take(struct lq_tally *tally, struct lq_mono now, enum lq_refusal *ret_refusal,
	uint32_t *ret_count);

/* When lq_tally_take() is due; UINT64_MAX: nothing is held. */
struct lq_mono lq_tally_due(const struct lq_tally *tally);

#endif

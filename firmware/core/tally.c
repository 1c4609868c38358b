#include "firmware/core/tally.h"

#include "firmware/core/assert.h"

struct lq_tally lq_tally_make(uint32_t burst, uint32_t refill_ms, struct lq_mono now)
{
	return (struct lq_tally){.budget = lq_budget_make(burst, refill_ms, now)};
}

/* Whose turn it is of those that are held; LQ_REFUSAL_COUNT: none. */
static uint32_t next_held(const struct lq_tally *tally)
{
	for (uint32_t i = 0; i < LQ_REFUSAL_COUNT; i++) {
		uint32_t at = (tally->next + i) % LQ_REFUSAL_COUNT;
		if (tally->held[at] != 0) {
			return at;
		}
	}
	return LQ_REFUSAL_COUNT;
}

void lq_tally_add(struct lq_tally *tally, enum lq_refusal refusal, uint32_t count)
{
	LQ_ASSERT(refusal < LQ_REFUSAL_COUNT);
	uint32_t *held = &tally->held[refusal];
	*held = count > UINT32_MAX - *held ? UINT32_MAX : *held + count;
}

bool lq_tally_pass(struct lq_tally *tally, enum lq_refusal refusal, struct lq_mono now)
{
	/* Behind those that wait already. */
	if (next_held(tally) == LQ_REFUSAL_COUNT && lq_budget_spend(&tally->budget, now)) {
		return true;
	}
	lq_tally_add(tally, refusal, 1);
	return false;
}

bool lq_tally_take(struct lq_tally *tally, struct lq_mono now, enum lq_refusal *ret_refusal,
	uint32_t *ret_count)
{
	uint32_t at = next_held(tally);
	if (at == LQ_REFUSAL_COUNT || !lq_budget_spend(&tally->budget, now)) {
		return false;
	}
	*ret_refusal = (enum lq_refusal)at;
	*ret_count = tally->held[at];
	tally->held[at] = 0;
	tally->next = at + 1;
	return true;
}

struct lq_mono lq_tally_due(const struct lq_tally *tally)
{
	return next_held(tally) == LQ_REFUSAL_COUNT ? (struct lq_mono){UINT64_MAX}
						    : lq_budget_next(&tally->budget);
}

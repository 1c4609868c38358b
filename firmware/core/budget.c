#include "firmware/core/budget.h"

struct lq_budget lq_budget_make(uint32_t burst, uint32_t refill_ms, struct lq_mono now)
{
	return (struct lq_budget){
		.burst = burst, .refill_ms = refill_ms, .left = burst, .refilled = now};
}

static void refill(struct lq_budget *budget, struct lq_mono now)
{
	uint64_t period_us = (uint64_t)budget->refill_ms * 1000u;
	uint64_t elapsed_us = now.us > budget->refilled.us ? now.us - budget->refilled.us : 0;
	uint64_t more = elapsed_us / period_us;
	if (more >= budget->burst - budget->left) {
		budget->left = budget->burst;
		budget->refilled = now;
		return;
	}
	budget->left += (uint32_t)more;
	budget->refilled.us += more * period_us;
}

bool lq_budget_spend(struct lq_budget *budget, struct lq_mono now)
{
	refill(budget, now);
	if (budget->left == 0) {
		return false;
	}
	budget->left--;
	return true;
}

struct lq_mono lq_budget_next(const struct lq_budget *budget)
{
	return budget->left > 0 ? budget->refilled
				: lq_mono_after_ms(budget->refilled, budget->refill_ms);
}

#include "firmware/core/debounce.h"

bool lq_debounce_see(struct lq_debounce *input, bool seen, uint32_t debounce_ms, struct lq_mono now)
{
	if (seen != input->seen) {
		input->seen = seen;
		input->since = now;
	}
	if (seen == input->level ||
		!lq_mono_due(lq_mono_after_ms(input->since, debounce_ms), now)) {
		return false;
	}
	input->level = seen;
	return true;
}

bool lq_debounce_deadline(
	const struct lq_debounce *input, uint32_t debounce_ms, struct lq_mono *ret_deadline)
{
	if (input->seen == input->level) {
		return false;
	}
	*ret_deadline = lq_mono_after_ms(input->since, debounce_ms);
	return true;
}

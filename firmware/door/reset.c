#include "firmware/door/reset.h"

/* Whether it has been well for long enough. */
static void judge(struct lq_reset *reset, struct lq_mono now)
{
	if (reset->working && lq_mono_due(reset->steady_at, now)) {
		reset->troubled = false;
	}
}

void lq_reset_fault(struct lq_reset *reset, const char *cause, struct lq_mono now)
{
	judge(reset, now);
	if (!reset->troubled) {
		reset->troubled = true;
		reset->pulses = 0;
		reset->due = lq_mono_after_ms(now, LQ_RESET_PATIENCE_MS);
	}
	struct lq_mono patience = lq_mono_after_ms(now, LQ_RESET_PATIENCE_MS);
	bool long_away = lq_mono_due(lq_mono_after_ms(reset->left_at, LQ_RESET_PATIENCE_MS), now);
	if (!reset->manned && long_away && reset->due.us < patience.us) {
		reset->due = patience;
	}
	reset->working = false;
	reset->manned = true;
	reset->cause = cause;
}

void lq_reset_works(struct lq_reset *reset, struct lq_mono now)
{
	reset->working = true;
	reset->manned = true;
	reset->steady_at = lq_mono_after_ms(now, LQ_RESET_STEADY_MS);
}

void lq_reset_unmanned(struct lq_reset *reset, struct lq_mono now)
{
	judge(reset, now);
	reset->working = false;
	reset->manned = false;
	reset->left_at = now;
}

static uint32_t wait_ms(uint32_t pulses)
{
	uint32_t wait = LQ_RESET_WAIT_MS;
	for (uint32_t i = 1; i < pulses && wait < LQ_RESET_WAIT_GREATEST_MS; i++) {
		wait *= 2;
	}
	return wait < LQ_RESET_WAIT_GREATEST_MS ? wait : LQ_RESET_WAIT_GREATEST_MS;
}

enum lq_reset_order lq_reset_step(struct lq_reset *reset, struct lq_mono now)
{
	if (reset->held) {
		if (!reset->working && !lq_mono_due(reset->release_at, now)) {
			return LQ_RESET_NOTHING;
		}
		reset->held = false;
		return LQ_RESET_RELEASE;
	}
	judge(reset, now);
	if (reset->working || !reset->troubled || !reset->manned || !lq_mono_due(reset->due, now)) {
		return LQ_RESET_NOTHING;
	}
	reset->pulses++;
	reset->held = true;
	reset->release_at = lq_mono_after_ms(now, LQ_RESET_PULSE_MS);
	reset->due = lq_mono_after_ms(now, wait_ms(reset->pulses));
	return LQ_RESET_HOLD;
}

bool lq_reset_deadline(const struct lq_reset *reset, struct lq_mono *ret_deadline)
{
	if (reset->held) {
		*ret_deadline = reset->release_at;
		return true;
	}
	if (!reset->troubled || (!reset->working && !reset->manned)) {
		return false;
	}
	*ret_deadline = reset->working ? reset->steady_at : reset->due;
	return true;
}

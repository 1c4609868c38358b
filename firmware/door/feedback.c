#include "firmware/door/feedback.h"

#include "firmware/core/assert.h"

#define GRANTED_BEEP_MS  120u
#define GRANTED_LIGHT_MS 1000u
#define DENIED_BEAT_MS   120u
#define DENIED_BEATS     6u /* on and off, three times */

static struct lq_feedback granted(uint32_t elapsed_ms)
{
	if (elapsed_ms < GRANTED_BEEP_MS) {
		return (struct lq_feedback){
			.green = true, .buzzer = true, .change_ms = GRANTED_BEEP_MS};
	}
	if (elapsed_ms < GRANTED_LIGHT_MS) {
		return (struct lq_feedback){.green = true, .change_ms = GRANTED_LIGHT_MS};
	}
	return (struct lq_feedback){.change_ms = UINT32_MAX};
}

static struct lq_feedback denied(uint32_t elapsed_ms)
{
	uint32_t beat = elapsed_ms / DENIED_BEAT_MS;
	if (beat >= DENIED_BEATS) {
		return (struct lq_feedback){.change_ms = UINT32_MAX};
	}
	bool on = beat % 2 == 0;
	return (struct lq_feedback){
		.red = on, .buzzer = on, .change_ms = (beat + 1) * DENIED_BEAT_MS};
}

struct lq_feedback lq_feedback_at(enum lq_feedback_kind kind, uint32_t elapsed_ms)
{
	switch (kind) {
	case LQ_FEEDBACK_IDLE:
		return (struct lq_feedback){.change_ms = UINT32_MAX};
	case LQ_FEEDBACK_GRANTED:
		return granted(elapsed_ms);
	case LQ_FEEDBACK_DENIED:
		return denied(elapsed_ms);
	}
	LQ_ASSERT(false);
	return (struct lq_feedback){.change_ms = UINT32_MAX};
}

#include "firmware/door/feedback.h"

#include "firmware/core/assert.h"

#define GRANTED_BEEP_MS  120u
#define GRANTED_LIGHT_MS 1000u
#define DENIED_BEAT_MS   120u
#define DENIED_BEATS     6u /* on and off, three times */
#define REFUSED_MS       1200u
#define WARNING_BEEP_MS  80u
#define WARNING_MS       2000u
#define ALARM_BEEP_MS    400u
#define ALARM_MS         800u
#define IDENTIFY_BEAT_MS 100u
#define IDENTIFY_BEATS   10u /* of a round: beep, rest, beep, rest */
#define IDENTIFY_ROUNDS  6u

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

/* Red and sound for a while, then a rest that belongs to the pattern. */
static struct lq_feedback one_beat(uint32_t elapsed_ms, uint32_t beat_ms, uint32_t whole_ms)
{
	if (elapsed_ms < beat_ms) {
		return (struct lq_feedback){.red = true, .buzzer = true, .change_ms = beat_ms};
	}
	return (struct lq_feedback){.change_ms = elapsed_ms < whole_ms ? whole_ms : UINT32_MAX};
}

/* Red only between the two beeps: no other pattern mixes the colours. */
static struct lq_feedback identify(uint32_t elapsed_ms)
{
	uint32_t beat = elapsed_ms / IDENTIFY_BEAT_MS;
	if (beat >= IDENTIFY_BEATS * IDENTIFY_ROUNDS) {
		return (struct lq_feedback){.change_ms = UINT32_MAX};
	}
	uint32_t in_round = beat % IDENTIFY_BEATS;
	uint32_t next = in_round < 3 ? beat + 1 : beat - in_round + IDENTIFY_BEATS;
	return (struct lq_feedback){.green = in_round == 0 || in_round == 2,
		.red = in_round == 1,
		.buzzer = in_round == 0 || in_round == 2,
		.change_ms = next * IDENTIFY_BEAT_MS};
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
	case LQ_FEEDBACK_REFUSED:
		return one_beat(elapsed_ms, REFUSED_MS, REFUSED_MS);
	case LQ_FEEDBACK_WARNING:
		return one_beat(elapsed_ms, WARNING_BEEP_MS, WARNING_MS);
	case LQ_FEEDBACK_ALARM:
		return one_beat(elapsed_ms, ALARM_BEEP_MS, ALARM_MS);
	case LQ_FEEDBACK_IDENTIFY:
		return identify(elapsed_ms);
	}
	LQ_ASSERT(false);
	return (struct lq_feedback){.change_ms = UINT32_MAX};
}

#include "firmware/core/hours.h"

#define UNKNOWN INT64_C(-1)

/* The present period's first minute, 0 outside of any. What was open in every minute since the step
 * before, or since a period began that is known, is one period. */
static int64_t present_period(
	const struct lq_hours *hours, const struct lq_hours_rule *rule, int64_t minute)
{
	if (rule->schedule == NULL ||
		!lq_schedule_contains_local(rule->schedule, rule->calendar, minute)) {
		return 0;
	}
	bool went_on = hours->seen == minute || hours->seen == minute - 1;
	if (hours->period > 0 && went_on) {
		return hours->period;
	}
	int64_t began = lq_schedule_began(rule->schedule, rule->calendar, minute);
	bool beyond_sight = began == minute - LQ_SCHEDULE_BACK && hours->period > 0;
	bool known = hours->period <= minute && (hours->period >= began || beyond_sight);
	return known ? hours->period : began;
}

void lq_hours_hold(struct lq_hours *hours, bool trusted)
{
	hours->held = true;
	hours->period = trusted ? hours->period : UNKNOWN;
}

static void enter_period(struct lq_hours *hours, int64_t period, enum lq_door_mode mode)
{
	bool ordinary = mode == LQ_MODE_LOCKED || mode == LQ_MODE_UNLOCKED;
	bool by_hand = hours->held && (hours->period == UNKNOWN || !ordinary);
	hours->period = period;
	hours->first_came = false;
	hours->held = by_hand;
}

enum lq_hours_wish lq_hours_step(struct lq_hours *hours, const struct lq_hours_rule *rule,
	enum lq_door_mode mode, struct lq_wall now, bool trusted, bool came)
{
	bool open = false;
	const struct lq_hours before = *hours;
	if (trusted) {
		int64_t minute = lq_wall_local_minute(now);
		int64_t period = present_period(hours, rule, minute);
		if (period != hours->period) {
			enter_period(hours, period, mode);
		}
		hours->seen = minute;
		hours->first_came = hours->first_came || (came && period != 0);
		open = period != 0 && (!rule->first_person || hours->first_came);
	}
	if (hours->held) {
		bool found = before.period == UNKNOWN && hours->period != UNKNOWN;
		return found ? LQ_HOURS_TELL : LQ_HOURS_AS_IT_IS;
	}
	if (open && mode == LQ_MODE_LOCKED) {
		return LQ_HOURS_UNLOCK;
	}
	if (!open && mode == LQ_MODE_UNLOCKED) {
		return LQ_HOURS_LOCK;
	}
	return before.held && open ? LQ_HOURS_TELL : LQ_HOURS_AS_IT_IS;
}

#include "host/office/event_plan.h"

#define DAY ((int64_t)LQ_DAY_MINUTES)

static uint32_t end_of(struct lq_period period)
{
	return period.to + (period.to <= period.from ? LQ_DAY_MINUTES : 0u);
}

static struct lq_period joined(struct lq_period a, struct lq_period b)
{
	uint32_t end = end_of(a) > end_of(b) ? end_of(a) : end_of(b);
	uint16_t from = a.from < b.from ? a.from : b.from;
	uint32_t longest = from + LQ_DAY_MINUTES;
	return (struct lq_period){
		.from = from, .to = (uint16_t)((end < longest ? end : longest) % LQ_DAY_MINUTES)};
}

bool lq_plan_add(struct lq_plan_day *day, struct lq_period period)
{
	struct lq_plan_day made = {0};
	period.to %= LQ_DAY_MINUTES;
	for (uint8_t i = 0; i < day->count; i++) {
		struct lq_period other = day->periods[i];
		if (end_of(other) >= period.from && end_of(period) >= other.from) {
			period = joined(other, period);
		} else {
			made.periods[made.count++] = other;
		}
	}
	if (made.count == LQ_SPECIAL_PERIODS_MAX) {
		return false;
	}
	uint8_t at = made.count++;
	for (; at > 0 && made.periods[at - 1].from > period.from; at--) {
		made.periods[at] = made.periods[at - 1];
	}
	made.periods[at] = period;
	*day = made;
	return true;
}

/* Days outside of the plan are nobody's concern. */
static bool add_on(struct lq_plan *plan, int64_t day, int64_t from, int64_t to)
{
	int64_t at = day - plan->first;
	return at < 0 || at >= (int64_t)LQ_PLAN_DAYS ||
	       lq_plan_add(&plan->days[at],
		       (struct lq_period){.from = (uint16_t)from, .to = (uint16_t)to});
}

bool lq_plan_occurrence(struct lq_plan *plan, const struct lq_occurrence *occurrence)
{
	struct lq_plan made = *plan;
	int64_t from = occurrence->from;
	int64_t to = occurrence->to;
	bool room = true;
	if (to - from <= DAY) {
		room = add_on(&made, from / DAY, from % DAY, to % DAY);
	} else {
		for (int64_t day = from / DAY; day * DAY < to && room; day++) {
			int64_t begins = day * DAY > from ? 0 : from % DAY;
			int64_t ends = (day + 1) * DAY < to ? 0 : to - day * DAY;
			room = add_on(&made, day, begins, ends % DAY);
		}
	}
	if (room) {
		*plan = made;
	}
	return room;
}

bool lq_plan_day_equal(const struct lq_plan_day *a, const struct lq_plan_day *b)
{
	bool equal = a->count == b->count;
	for (uint8_t i = 0; i < a->count && equal; i++) {
		equal = a->periods[i].from == b->periods[i].from &&
			a->periods[i].to == b->periods[i].to;
	}
	return equal;
}

size_t lq_plan_groups(const struct lq_plan *plan)
{
	size_t groups = 0;
	for (size_t i = 0; i < LQ_PLAN_DAYS; i++) {
		size_t same = 0;
		while (same < i && !lq_plan_day_equal(&plan->days[same], &plan->days[i])) {
			same++;
		}
		groups += plan->days[i].count > 0 && same == i ? 1 : 0;
	}
	return groups;
}

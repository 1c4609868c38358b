/* The days on which a schedule has something of its own. Pure; any thread. */
#ifndef LQ_OFFICE_EVENT_PLAN_H
#define LQ_OFFICE_EVENT_PLAN_H

#include "firmware/core/schedule.h"
#include "host/office/recurrence.h"

#define LQ_PLAN_DAYS 16u

struct lq_plan_day {
	uint8_t count; /* 0: nothing of its own */
	struct lq_period periods[LQ_SPECIAL_PERIODS_MAX];
};

struct lq_plan {
	int64_t first; /* day from 1970-01-01 */
	struct lq_plan_day days[LQ_PLAN_DAYS];
};

/* Adds a period to a day, joined with those that it touches; false when there is no room. */
bool lq_plan_add(struct lq_plan_day *day, struct lq_period period);

/* Adds an occurrence, as far as it lies in the plan: up to 24 hours belong to the day on which they
 * begin, a longer one to each of its days. All or nothing: false when there is no room. */
bool lq_plan_occurrence(struct lq_plan *plan, const struct lq_occurrence *occurrence);

bool lq_plan_day_equal(const struct lq_plan_day *a, const struct lq_plan_day *b);

/* How many different days it has. */
size_t lq_plan_groups(const struct lq_plan *plan);

#endif

/* Weekly schedules in the space's local time. Pure; any thread. */
#ifndef LQ_CORE_SCHEDULE_H
#define LQ_CORE_SCHEDULE_H

#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_WEEK_MINUTES         10080u
#define LQ_SCHEDULE_PERIODS_MAX 28u /* four a day */

/* [from, to) in minutes since Monday 00:00; `to` may exceed the week by wrapping past Sunday
 * midnight, so to <= from means "through the end of the week". */
struct lq_period {
	uint16_t from;
	uint16_t to;
};

struct lq_schedule {
	uint8_t count;
	struct lq_period periods[LQ_SCHEDULE_PERIODS_MAX];
};

bool lq_schedule_contains(const struct lq_schedule *schedule, struct lq_wall at);

#endif

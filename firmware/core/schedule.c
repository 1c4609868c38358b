#include "firmware/core/schedule.h"

#include "firmware/core/assert.h"

static bool period_contains(struct lq_period period, uint16_t minute)
{
	if (period.from < period.to) {
		return minute >= period.from && minute < period.to;
	}
	return minute >= period.from || minute < period.to;
}

bool lq_schedule_contains(const struct lq_schedule *schedule, struct lq_wall at)
{
	LQ_ASSERT(schedule->count <= LQ_SCHEDULE_PERIODS_MAX);
	uint16_t minute = lq_wall_week_minute(at);
	for (uint8_t i = 0; i < schedule->count; i++) {
		if (period_contains(schedule->periods[i], minute)) {
			return true;
		}
	}
	return false;
}

#include "firmware/core/schedule.h"

#include "firmware/core/assert.h"

static bool date_in_group(const struct lq_calendar *calendar, uint16_t group, struct lq_date date)
{
	for (size_t i = 0; i < calendar->count; i++) {
		const struct lq_special_day *day = &calendar->days[i];
		if (day->group == group && day->month == date.month && day->day == date.day &&
			(day->year == 0 || day->year == date.year)) {
			return true;
		}
	}
	return false;
}

/* What replaces the week on that day (counted from 1970-01-01), or NULL. */
static const struct lq_special *special_on(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, int64_t day)
{
	LQ_ASSERT(schedule->special_count <= LQ_SPECIALS_MAX);
	struct lq_date date = lq_date_of_day(day);
	for (uint8_t i = 0; i < schedule->special_count; i++) {
		if (date_in_group(calendar, schedule->specials[i].group, date)) {
			return &schedule->specials[i];
		}
	}
	return NULL;
}

/* `minute` is counted from 00:00 of the special day. */
static bool special_contains(const struct lq_special *special, uint16_t minute)
{
	LQ_ASSERT(special->count <= LQ_SPECIAL_PERIODS_MAX);
	for (uint8_t i = 0; i < special->count; i++) {
		struct lq_period period = special->periods[i];
		uint32_t to = period.to + (period.to <= period.from ? LQ_DAY_MINUTES : 0);
		if (minute >= period.from && minute < to) {
			return true;
		}
	}
	return false;
}

/* The week as far as it belongs to the day that `begins` at this minute of the week. */
static bool week_contains(const struct lq_schedule *schedule, uint16_t begins, uint16_t minute)
{
	LQ_ASSERT(schedule->count <= LQ_SCHEDULE_PERIODS_MAX);
	for (uint8_t i = 0; i < schedule->count; i++) {
		struct lq_period period = schedule->periods[i];
		uint32_t length =
			period.to + (period.to <= period.from ? LQ_WEEK_MINUTES : 0) - period.from;
		uint32_t since = (minute + LQ_WEEK_MINUTES - period.from) % LQ_WEEK_MINUTES;
		bool today = minute / LQ_DAY_MINUTES == begins / LQ_DAY_MINUTES;
		bool owned = length > LQ_DAY_MINUTES
				     ? today
				     : period.from / LQ_DAY_MINUTES == begins / LQ_DAY_MINUTES;
		if (owned && since < length) {
			return true;
		}
	}
	return false;
}

static int64_t floor_day(int64_t minute)
{
	int64_t day = minute / (int64_t)LQ_DAY_MINUTES;
	return day - (minute % (int64_t)LQ_DAY_MINUTES < 0 ? 1 : 0);
}

/* A day and the one before, with what replaces their weeks. */
struct days {
	int64_t day;
	const struct lq_special *special;
	const struct lq_special *special_before;
};

static struct days days_at(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, int64_t minute)
{
	int64_t day = floor_day(minute);
	return (struct days){.day = day,
		.special = special_on(schedule, calendar, day),
		.special_before = special_on(schedule, calendar, day - 1)};
}

/* The minute `in_day` (from 1440 on: of the next day) as far as it belongs to that day. */
static bool day_contains(const struct lq_schedule *schedule, const struct lq_special *special,
	int64_t day, uint16_t in_day)
{
	if (special != NULL) {
		return special_contains(special, in_day);
	}
	int64_t weekday = (day + 3) % 7; /* 1970-01-01 was a Thursday */
	uint16_t begins = (uint16_t)((weekday < 0 ? weekday + 7 : weekday) * LQ_DAY_MINUTES);
	return week_contains(schedule, begins, (uint16_t)((begins + in_day) % LQ_WEEK_MINUTES));
}

static bool days_contain(
	const struct lq_schedule *schedule, const struct days *days, int64_t minute)
{
	uint16_t in_day = (uint16_t)(minute - days->day * (int64_t)LQ_DAY_MINUTES);
	return day_contains(schedule, days->special, days->day, in_day) ||
	       day_contains(schedule, days->special_before, days->day - 1,
		       (uint16_t)(in_day + LQ_DAY_MINUTES));
}

bool lq_schedule_contains_local(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, int64_t minute)
{
	struct days days = days_at(schedule, calendar, minute);
	return days_contain(schedule, &days, minute);
}

int64_t lq_schedule_began(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, int64_t minute)
{
	struct days days = days_at(schedule, calendar, minute);
	int64_t began = minute;
	while (began > minute - LQ_SCHEDULE_BACK) {
		if (floor_day(began - 1) != days.day) {
			days = days_at(schedule, calendar, began - 1);
		}
		if (!days_contain(schedule, &days, began - 1)) {
			break;
		}
		began--;
	}
	return began;
}

bool lq_schedule_contains(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, struct lq_wall at)
{
	return lq_schedule_contains_local(schedule, calendar, lq_wall_local_minute(at));
}

bool lq_special_day_valid(const struct lq_special_day *day)
{
	static const uint8_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (day->month < 1 || day->month > 12 || day->day < 1 ||
		day->day > lengths[day->month - 1] || day->year > 9999) {
		return false;
	}
	bool leap = (day->year % 4 == 0 && day->year % 100 != 0) || day->year % 400 == 0;
	return day->month != 2 || day->day != 29 || leap;
}

/* Schedules in the space's local time: a week, and special days that replace it. Pure; any thread.
 */
#ifndef LQ_CORE_SCHEDULE_H
#define LQ_CORE_SCHEDULE_H

#include "firmware/core/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_WEEK_MINUTES         10080u
#define LQ_DAY_MINUTES          1440u
#define LQ_SCHEDULE_PERIODS_MAX 28u /* four a day */
#define LQ_SPECIAL_PERIODS_MAX  4u
#define LQ_SPECIALS_MAX         8u    /* groups of special days that a schedule may name */
#define LQ_CALENDAR_DAYS_MAX    1024u /* of all groups together */

/* [from, to) in minutes since Monday 00:00; `to` may exceed the week by wrapping past Sunday
 * midnight, so to <= from means "through the end of the week". */
struct lq_period {
	uint16_t from;
	uint16_t to;
};

/* A date of a group of special days (ONVIF's SpecialDayGroup). 29 February of every year is there
 * in leap years. */
struct lq_special_day {
	uint16_t group;
	uint16_t year; /* 0: every year */
	uint8_t month; /* 1 to 12 */
	uint8_t day;   /* 1 to 31 */
};

struct lq_calendar {
	const struct lq_special_day *days; /* borrowed */
	size_t count;
};

/* What a schedule has on the days of a group, in place of its week; nothing: closed. Minutes since
 * 00:00 of that day; to <= from means "until then on the next day". */
struct lq_special {
	uint16_t group;
	uint8_t count;
	struct lq_period periods[LQ_SPECIAL_PERIODS_MAX];
};

struct lq_schedule {
	uint8_t count;
	uint8_t special_count;
	struct lq_period periods[LQ_SCHEDULE_PERIODS_MAX];
	struct lq_special specials[LQ_SPECIALS_MAX]; /* where a date is in several, the first */
};

/* A date that some year has: 29 February is one, 31 April is not. */
bool lq_special_day_valid(const struct lq_special_day *day);

/* A period of at most 24 hours belongs to the day on which it begins: begun the evening before, it
 * goes on into a special day; begun on a special day, it goes on into the next. A longer one
 * belongs to each of its days. */
bool lq_schedule_contains(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, struct lq_wall at);

/* The same for a minute that the clock on the wall shows, counted as lq_wall_local_minute() does.
 */
bool lq_schedule_contains_local(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, int64_t minute);

/* The first of the minutes up to `minute`, which the schedule contains, that it contains without a
 * gap; it looks LQ_SCHEDULE_BACK minutes back at the most. */
#define LQ_SCHEDULE_BACK INT64_C(11520)
int64_t lq_schedule_began(
	const struct lq_schedule *schedule, const struct lq_calendar *calendar, int64_t minute);

#endif

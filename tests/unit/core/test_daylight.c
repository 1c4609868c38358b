/* Every minute of the days on which clocks are changed, of a year's end and of a leap day:
 * schedules, special days and opening hours against the C library's own idea of the local time. */
#include "firmware/core/hours.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_AND_A_HALF_S 129600
#define NIGHT_END        1560 /* 02:00 on the next day */

/* What a wall poster would say, in minutes since midnight; beyond 1440: after it. */
struct times {
	int from;
	int to;
};

static const struct times week[7][2] = {
	{{90, 210}, {1320, NIGHT_END}},  /* Sunday 01:30-03:30, 22:00-02:00 */
	{{480, 1200}, {0, 0}},           /* Monday 08:00-20:00 */
	{{0, 1440}, {0, 0}},             /* Tuesday, the whole day */
	{{150, 151}, {0, 0}},            /* Wednesday 02:30-02:31 */
	{{480, 720}, {780, 1200}},       /* Thursday 08:00-12:00, 13:00-20:00 */
	{{1380, 1441}, {0, 0}},          /* Friday 23:00-00:01 */
	{{1320, 1440 + 150}, {121, 122}} /* Saturday 22:00-02:30, 02:01-02:02 */
};

/* Every year: closed on Christmas Day and 1 January; a long night on New Year's Eve; short hours on
 * 29 February. And on one of the days when clocks are changed. */
static const struct {
	int year; /* 0: every */
	int month;
	int day;
	struct times times[2];
} special[] = {
	{0, 12, 25, {{0, 0}, {0, 0}}},
	{0, 1, 1, {{0, 0}, {0, 0}}},
	{0, 12, 31, {{600, 720}, {1200, 1440 + 300}}},
	{0, 2, 29, {{600, 605}, {0, 0}}},
	{2027, 3, 28, {{60, 240}, {0, 0}}},
};
#define SPECIALS (sizeof(special) / sizeof(special[0]))

/* ---- the poster read by a person with a clock ---- */

static bool within(const struct times times[2], int minute)
{
	return (minute >= times[0].from && minute < times[0].to) ||
	       (minute >= times[1].from && minute < times[1].to);
}

static bool open_on(const struct tm *date, int minute)
{
	for (size_t i = 0; i < SPECIALS; i++) {
		if (special[i].month == date->tm_mon + 1 && special[i].day == date->tm_mday &&
			(special[i].year == 0 || special[i].year == date->tm_year + 1900)) {
			return within(special[i].times, minute);
		}
	}
	return within(week[date->tm_wday], minute);
}

static bool open_at(const struct tm *local)
{
	struct tm eve = {.tm_year = local->tm_year,
		.tm_mon = local->tm_mon,
		.tm_mday = local->tm_mday - 1,
		.tm_hour = 12};
	time_t noon = timegm(&eve);
	int minute = local->tm_hour * 60 + local->tm_min;
	assert_non_null(gmtime_r(&noon, &eve));
	return open_on(local, minute) || open_on(&eve, minute + 1440);
}

/* ---- the same as the program has it ---- */

static struct lq_special_day days[SPECIALS];
static const struct lq_calendar calendar = {.days = days, .count = SPECIALS};
static struct lq_schedule schedule;

static int make_schedule(void **state)
{
	(void)state;
	for (int day = 0; day < 7; day++) {
		for (int i = 0; i < 2; i++) {
			const struct times *times = &week[day][i];
			int start = (day + 6) % 7 * 1440; /* Monday is the first */
			if (times->to != 0) {
				schedule.periods[schedule.count++] =
					(struct lq_period){.from = (uint16_t)(start + times->from),
						.to = (uint16_t)((start + times->to) % 10080)};
			}
		}
	}
	for (size_t i = 0; i < SPECIALS; i++) {
		struct lq_special *place = &schedule.specials[schedule.special_count++];
		place->group = (uint16_t)(i + 1);
		days[i] = (struct lq_special_day){.group = place->group,
			.year = (uint16_t)special[i].year,
			.month = (uint8_t)special[i].month,
			.day = (uint8_t)special[i].day};
		for (int j = 0; j < 2 && special[i].times[j].to != 0; j++) {
			int to = special[i].times[j].to;
			place->periods[place->count++] =
				(struct lq_period){.from = (uint16_t)special[i].times[j].from,
					.to = (uint16_t)(to > 1440 ? to - 1440 : to)};
		}
	}
	return 0;
}

/* ---- minute by minute ---- */

struct walk {
	const char *zone;
	int year;
	int month;
	int day;     /* from the day before to the day after */
	int changes; /* how often the distance to UTC changes */
};

static const struct walk walks[] = {
	{"Europe/Paris", 2026, 3, 29, 1},
	{"Europe/Paris", 2026, 10, 25, 1},
	{"Europe/Paris", 2027, 3, 28, 1},
	{"Europe/Paris", 2026, 12, 25, 0},
	{"Europe/Paris", 2027, 1, 1, 0},
	{"Europe/Paris", 2028, 2, 29, 0},
	{"Europe/Paris", 2026, 2, 28, 0},
	{"Australia/Lord_Howe", 2026, 4, 5, 1},
	{"Australia/Lord_Howe", 2026, 10, 4, 1},
	{"Asia/Kathmandu", 2026, 12, 31, 0},
	{"America/St_Johns", 2026, 11, 1, 1},
};

static void step_hours(struct lq_hours *hours, enum lq_door_mode *mode, struct lq_wall now)
{
	const struct lq_hours_rule rule = {.schedule = &schedule, .calendar = &calendar};
	switch (lq_hours_step(hours, &rule, *mode, now, true, false)) {
	case LQ_HOURS_UNLOCK:
		*mode = LQ_MODE_UNLOCKED;
		return;
	case LQ_HOURS_LOCK:
		*mode = LQ_MODE_LOCKED;
		return;
	case LQ_HOURS_TELL:
	case LQ_HOURS_AS_IT_IS:
		return;
	}
}

static void walk_minutes(const struct walk *walk)
{
	struct tm noon = {.tm_year = walk->year - 1900,
		.tm_mon = walk->month - 1,
		.tm_mday = walk->day,
		.tm_hour = 12,
		.tm_isdst = -1};
	assert_int_equal(setenv("TZ", walk->zone, 1), 0);
	tzset();
	time_t middle = mktime(&noon);
	struct lq_hours hours = {0};
	enum lq_door_mode mode = LQ_MODE_LOCKED;
	int changes = 0;
	long offset = 0;
	for (time_t at = middle - DAY_AND_A_HALF_S; at < middle + DAY_AND_A_HALF_S; at += 60) {
		struct tm local;
		assert_non_null(localtime_r(&at, &local));
		changes += at > middle - DAY_AND_A_HALF_S && local.tm_gmtoff != offset ? 1 : 0;
		offset = local.tm_gmtoff;
		struct lq_wall now = {.unix_ms = (int64_t)at * 1000 + 59999,
			.utc_offset_s = (int32_t)offset,
			.trust = LQ_TRUST_RTC};
		bool open = open_at(&local);
		step_hours(&hours, &mode, now);
		if (lq_schedule_contains(&schedule, &calendar, now) != open ||
			(mode == LQ_MODE_UNLOCKED) != open) {
			fail_msg(
				"%s, %d-%02d-%02d %02d:%02d (%ld from UTC): %s, and the door is %s",
				walk->zone, local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
				local.tm_hour, local.tm_min, offset, open ? "open" : "closed",
				lq_door_mode_text(mode));
		}
	}
	assert_int_equal(changes, walk->changes);
}

static void every_minute(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
		walk_minutes(&walks[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_minute),
	};
	return cmocka_run_group_tests(tests, make_schedule, NULL);
}

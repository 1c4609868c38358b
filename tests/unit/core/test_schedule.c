/* Every minute of the week against a week that was painted period by period. */
#include "firmware/core/schedule.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>
#include <time.h>

#define MONDAY_MS INT64_C(1767571200000) /* 2026-01-05T00:00:00Z */

static const struct lq_calendar no_days = {0};

/* Minute by minute from `from` until `to` comes round. */
static void paint(bool week[LQ_WEEK_MINUTES], struct lq_period period)
{
	uint16_t minute = period.from;
	do {
		week[minute] = true;
		minute = (uint16_t)((minute + 1) % LQ_WEEK_MINUTES);
	} while (minute != period.to % LQ_WEEK_MINUTES);
}

static void compare(const struct lq_schedule *schedule)
{
	bool week[LQ_WEEK_MINUTES] = {false};
	for (uint8_t i = 0; i < schedule->count; i++) {
		paint(week, schedule->periods[i]);
	}
	for (uint16_t minute = 0; minute < LQ_WEEK_MINUTES; minute++) {
		/* The first and the last millisecond of the minute. */
		struct lq_wall first = {.unix_ms = MONDAY_MS + (int64_t)minute * 60000};
		struct lq_wall last = {.unix_ms = first.unix_ms + 59999};
		if (lq_schedule_contains(schedule, &no_days, first) != week[minute] ||
			lq_schedule_contains(schedule, &no_days, last) != week[minute]) {
			fail_msg("minute %u of %u periods, the first %u-%u", minute,
				schedule->count, schedule->periods[0].from,
				schedule->periods[0].to);
		}
	}
}

static void chosen_periods(void **state)
{
	(void)state;
	static const struct lq_period periods[] = {
		{0, 1},         /* Monday's first minute */
		{10079, 10080}, /* Sunday's last */
		{10079, 0},     /* the same, written as a wrap */
		{0, 10080},     /* all week */
		{0, 0},         /* all week, through its end */
		{5000, 5000},   /* all week, from a Thursday */
		{540, 1080},    /* Monday 9 to 18 */
		{9720, 360},    /* Sunday 18:00 to Monday 6:00 */
		{1, 10079},
	};
	size_t count = sizeof(periods) / sizeof(periods[0]);
	for (size_t i = 0; i < count; i++) {
		struct lq_schedule schedule = {.count = 1, .periods = {periods[i]}};
		compare(&schedule);
		schedule.count = 2;
		schedule.periods[1] = (struct lq_period){6000, 6001};
		compare(&schedule);
	}
	struct lq_schedule empty = {0};
	compare(&empty);
}

static void random_schedules(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.schedule");
	for (int i = 0; i < 300; i++) {
		struct lq_schedule schedule = {
			.count = (uint8_t)lq_random_below(&random, LQ_SCHEDULE_PERIODS_MAX + 1)};
		for (uint8_t j = 0; j < schedule.count; j++) {
			schedule.periods[j].from =
				(uint16_t)lq_random_below(&random, LQ_WEEK_MINUTES);
			schedule.periods[j].to =
				(uint16_t)(lq_random_below(&random, 2) == 0
						   ? lq_random_below(&random, LQ_WEEK_MINUTES + 1)
						   : (schedule.periods[j].from + 1u +
							     lq_random_below(&random, 90)) %
							     LQ_WEEK_MINUTES);
		}
		compare(&schedule);
	}
}

/* A schedule means the space's own wall clock. */
static void local_time_counts(void **state)
{
	(void)state;
	const struct lq_schedule nine_to_ten = {.count = 1, .periods = {{540, 600}}};
	struct lq_wall at = {.unix_ms = MONDAY_MS + INT64_C(8) * 3600000, .utc_offset_s = 3600};
	assert_true(lq_schedule_contains(&nine_to_ten, &no_days, at));
	at.utc_offset_s = 0;
	assert_false(lq_schedule_contains(&nine_to_ten, &no_days, at));
	at.utc_offset_s = 7199;
	assert_true(lq_schedule_contains(&nine_to_ten, &no_days, at));
	at.utc_offset_s = 7200;
	assert_false(lq_schedule_contains(&nine_to_ten, &no_days, at));
}

/* ---- special days ---- */

#define DAYS 21

struct almanac {
	struct lq_schedule schedule;
	struct lq_special_day days[12];
	size_t day_count;
};

/* The special that a calendar on the wall would show for that day, by the texts of its dates. */
static const struct lq_special *pinned(const struct almanac *almanac, int64_t day)
{
	time_t at = day * 86400;
	struct tm date;
	char text[2][16];
	assert_non_null(gmtime_r(&at, &date));
	(void)strftime(text[0], sizeof(text[0]), "%Y-%m-%d", &date);
	(void)strftime(text[1], sizeof(text[1]), "0000-%m-%d", &date);
	for (uint8_t i = 0; i < almanac->schedule.special_count; i++) {
		for (size_t j = 0; j < almanac->day_count; j++) {
			const struct lq_special_day *noted = &almanac->days[j];
			char note[24];
			(void)snprintf(note, sizeof(note), "%04u-%02u-%02u", noted->year,
				noted->month, noted->day);
			if (noted->group == almanac->schedule.specials[i].group &&
				(strcmp(note, text[0]) == 0 || strcmp(note, text[1]) == 0)) {
				return &almanac->schedule.specials[i];
			}
		}
	}
	return NULL;
}

static void paint_minutes(bool *minutes, int64_t from, int64_t to)
{
	for (int64_t minute = from; minute < to; minute++) {
		if (minute >= 0 && minute < (int64_t)DAYS * 1440) {
			minutes[minute] = true;
		}
	}
}

/* Day after day, what begins on it. */
static void paint_day(const struct almanac *almanac, int64_t first, int i, bool *minutes)
{
	const struct lq_special *special = pinned(almanac, first + i);
	int64_t start = (int64_t)i * 1440;
	for (uint8_t j = 0; special != NULL && j < special->count; j++) {
		struct lq_period period = special->periods[j];
		paint_minutes(minutes, start + period.from,
			start + period.to + (period.to > period.from ? 0 : 1440));
	}
	for (uint8_t j = 0; special == NULL && j < almanac->schedule.count; j++) {
		struct lq_period period = almanac->schedule.periods[j];
		int64_t length = period.to > period.from ? period.to - period.from
							 : 10080 + period.to - period.from;
		if (length <= 1440 && period.from / 1440 == (first + i + 3) % 7) {
			paint_minutes(minutes, start + period.from % 1440,
				start + period.from % 1440 + length);
		}
		bool week[LQ_WEEK_MINUTES] = {false};
		if (length > 1440) {
			paint(week, period);
		}
		for (int64_t m = 0; length > 1440 && m < 1440; m++) {
			int64_t minute = (first + i + 3) % 7 * 1440 + m;
			if (week[minute]) {
				paint_minutes(minutes, start + m, start + m + 1);
			}
		}
	}
}

static void compare_days(const struct almanac *almanac, int64_t first)
{
	static bool minutes[DAYS * 1440];
	const struct lq_calendar calendar = {.days = almanac->days, .count = almanac->day_count};
	memset(minutes, 0, sizeof(minutes));
	for (int i = -1; i < DAYS; i++) {
		paint_day(almanac, first, i, minutes);
	}
	for (int64_t minute = 0; minute < (int64_t)DAYS * 1440; minute++) {
		struct lq_wall at = {
			.unix_ms = (first * 1440 + minute) * 60000 + 59999 - INT64_C(34200000),
			.utc_offset_s = 34200};
		if (lq_schedule_contains(&almanac->schedule, &calendar, at) != minutes[minute]) {
			fail_msg("day %d of those from %d, %02d:%02d", (int)(minute / 1440),
				(int)first, (int)(minute / 60 % 24), (int)(minute % 60));
		}
	}
}

static struct lq_period any_times(struct lq_random *random, uint32_t start)
{
	uint32_t from = lq_random_below(random, 1440);
	uint32_t length = 1 + lq_random_below(random, lq_random_below(random, 3) == 0 ? 1440 : 300);
	bool weekly = start != UINT32_MAX;
	uint32_t base = weekly ? start : 0;
	uint32_t span = weekly ? LQ_WEEK_MINUTES : LQ_DAY_MINUTES;
	return (struct lq_period){
		.from = (uint16_t)(base + from), .to = (uint16_t)((base + from + length) % span)};
}

static void any_almanac(struct lq_random *random, int64_t first, struct almanac *ret_almanac)
{
	struct almanac almanac = {.day_count = lq_random_below(random, 12)};
	almanac.schedule.count = (uint8_t)lq_random_below(random, 15);
	for (uint8_t i = 0; i < almanac.schedule.count; i++) {
		almanac.schedule.periods[i] = any_times(random, lq_random_below(random, 7) * 1440);
		if (lq_random_below(random, 12) == 0) {
			almanac.schedule.periods[i].to =
				(uint16_t)lq_random_below(random, LQ_WEEK_MINUTES + 1);
		}
	}
	almanac.schedule.special_count = (uint8_t)lq_random_below(random, 4);
	for (uint8_t i = 0; i < almanac.schedule.special_count; i++) {
		struct lq_special *special = &almanac.schedule.specials[i];
		special->group = (uint16_t)(3 - i);
		special->count = (uint8_t)lq_random_below(random, LQ_SPECIAL_PERIODS_MAX + 1);
		for (uint8_t j = 0; j < special->count; j++) {
			special->periods[j] = any_times(random, UINT32_MAX);
		}
	}
	for (size_t i = 0; i < almanac.day_count; i++) {
		time_t at = (first - 1 + lq_random_below(random, DAYS)) * 86400;
		struct tm date;
		assert_non_null(gmtime_r(&at, &date));
		almanac.days[i] =
			(struct lq_special_day){.group = (uint16_t)(1 + lq_random_below(random, 4)),
				.year = (uint16_t)(date.tm_year + 1900 +
						   (int)lq_random_below(random, 3) - 1),
				.month = (uint8_t)(date.tm_mon + 1),
				.day = (uint8_t)date.tm_mday};
		almanac.days[i].year = lq_random_below(random, 2) == 0 ? 0 : almanac.days[i].year;
	}
	*ret_almanac = almanac;
}

static void special_days_against_painted_weeks(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.schedule");
	/* A New Year, a February of 29 days, one of 28. */
	static const int64_t firsts[] = {20084, 19773, 20139};
	for (int i = 0; i < 120; i++) {
		struct almanac almanac;
		int64_t first = firsts[i % 3];
		any_almanac(&random, first, &almanac);
		compare_days(&almanac, first);
	}
}

/* Written out, for who reads: Christmas Eve is a Thursday, 24 December 2026. */
static void evenings_around_a_holiday(void **state)
{
	(void)state;
	const struct lq_special_day days[] = {{.group = 1, .month = 12, .day = 25},
		{.group = 2, .year = 2026, .month = 12, .day = 26}};
	const struct lq_calendar calendar = {.days = days, .count = 2};
	/* Every day 20:00 to 02:00; closed at Christmas; the day after from 22:00 to 01:00. */
	struct lq_schedule schedule = {.count = 7,
		.special_count = 2,
		.specials = {{.group = 1}, {.group = 2, .count = 1, .periods = {{1320, 60}}}}};
	for (uint16_t day = 0; day < 7; day++) {
		schedule.periods[day] = (struct lq_period){.from = (uint16_t)(day * 1440u + 1200u),
			.to = (uint16_t)((day * 1440u + 1560u) % LQ_WEEK_MINUTES)};
	}
	static const struct {
		int day;
		int hour;
		bool open;
	} table[] = {{24, 19, false}, {24, 20, true}, {25, 1, true}, {25, 2, false},
		{25, 21, false}, {26, 0, false}, {26, 21, false}, {26, 22, true}, {27, 0, true},
		{27, 1, false}, {27, 20, true}};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct lq_wall at = {.unix_ms = lq_unix_ms_from_civil(2026, 12, table[i].day) +
						(int64_t)table[i].hour * 3600000};
		if (lq_schedule_contains(&schedule, &calendar, at) != table[i].open) {
			fail_msg("%d December, %d o'clock", table[i].day, table[i].hour);
		}
	}
}

static void dates_that_no_year_has(void **state)
{
	(void)state;
	static const struct {
		struct lq_special_day date;
		bool valid;
	} table[] = {{{.month = 2, .day = 29}, true}, {{.month = 2, .day = 30}, false},
		{{.year = 2026, .month = 2, .day = 29}, false},
		{{.year = 2028, .month = 2, .day = 29}, true},
		{{.year = 2100, .month = 2, .day = 29}, false},
		{{.year = 2000, .month = 2, .day = 29}, true}, {{.month = 4, .day = 31}, false},
		{{.month = 12, .day = 31}, true}, {{.month = 13, .day = 1}, false},
		{{.month = 0, .day = 1}, false}, {{.month = 1, .day = 0}, false},
		{{.year = 10000, .month = 1, .day = 1}, false}};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(lq_special_day_valid(&table[i].date), table[i].valid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chosen_periods),
		cmocka_unit_test(random_schedules),
		cmocka_unit_test(local_time_counts),
		cmocka_unit_test(special_days_against_painted_weeks),
		cmocka_unit_test(evenings_around_a_holiday),
		cmocka_unit_test(dates_that_no_year_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every minute of the week against a week that was painted period by period. */
#include "firmware/core/schedule.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define MONDAY_MS INT64_C(1767571200000) /* 2026-01-05T00:00:00Z */

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
		if (lq_schedule_contains(schedule, first) != week[minute] ||
			lq_schedule_contains(schedule, last) != week[minute]) {
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
	assert_true(lq_schedule_contains(&nine_to_ten, at));
	at.utc_offset_s = 0;
	assert_false(lq_schedule_contains(&nine_to_ten, at));
	at.utc_offset_s = 7199;
	assert_true(lq_schedule_contains(&nine_to_ten, at));
	at.utc_offset_s = 7200;
	assert_false(lq_schedule_contains(&nine_to_ten, at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chosen_periods),
		cmocka_unit_test(random_schedules),
		cmocka_unit_test(local_time_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

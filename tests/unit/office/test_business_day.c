/* Business days where the clock is changed. */
#include "firmware/core/err.h"
#include "host/office/business_day.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>
#include <time.h>

#define HOUR_MS INT64_C(3600000)
#define CUT     4u

static int64_t utc(int month, int day, int hour, int minute)
{
	return lq_unix_ms_from_civil(2026, month, day) + hour * HOUR_MS + minute * INT64_C(60000);
}

static void expect(int64_t at_ms, const char *date, int64_t begins_ms, int hours)
{
	char text[LQ_BUSINESS_DATE_SIZE];
	struct lq_business_day day = lq_business_day_at(at_ms, CUT);
	struct lq_business_day again;
	lq_business_date(&day, text);
	assert_string_equal(text, date);
	assert_int_equal(day.begins_ms, begins_ms);
	assert_int_equal(day.ends_ms - day.begins_ms, hours * HOUR_MS);
	assert_int_equal(lq_business_day_parse(date, CUT, &again), LQ_OK);
	assert_memory_equal(&again, &day, sizeof(day));
}

static void a_day_begins_at_the_cut_off(void **state)
{
	(void)state;
	/* Paris is two hours ahead in summer, one in winter. */
	expect(utc(7, 1, 1, 59), "2026-06-30", utc(6, 30, 2, 0), 24);
	expect(utc(7, 1, 2, 0), "2026-07-01", utc(7, 1, 2, 0), 24);
	expect(utc(12, 31, 23, 30), "2026-12-31", utc(12, 31, 3, 0), 24);
}

static void a_day_on_which_the_clock_changes_is_shorter_or_longer(void **state)
{
	(void)state;
	expect(utc(3, 29, 1, 30), "2026-03-28", utc(3, 28, 3, 0), 23);
	expect(utc(3, 29, 2, 0), "2026-03-29", utc(3, 29, 2, 0), 24);
	expect(utc(10, 25, 0, 30), "2026-10-24", utc(10, 24, 2, 0), 25);
	expect(utc(10, 25, 1, 30), "2026-10-24", utc(10, 24, 2, 0), 25);
}

static void the_half_is_at_half_past_one(void **state)
{
	(void)state;
	assert_int_equal(lq_business_day_at(utc(7, 1, 9, 0), CUT).half_ms, utc(7, 1, 11, 30));
	assert_int_equal(lq_business_day_at(utc(12, 1, 9, 0), CUT).half_ms, utc(12, 1, 12, 30));
}

static void the_half_is_where_the_space_wants_it(void **state)
{
	struct lq_business_day day = lq_business_day_at(utc(12, 1, 9, 0), CUT);
	(void)state;
	lq_business_day_divide(&day, 12 * 60);
	assert_int_equal(day.half_ms, utc(12, 1, 11, 0));
	/* At midnight and two: of the next date, for the day has not begun by then. */
	lq_business_day_divide(&day, 0);
	assert_int_equal(day.half_ms, utc(12, 1, 23, 0));
	lq_business_day_divide(&day, 2 * 60);
	assert_int_equal(day.half_ms, utc(12, 2, 1, 0));
	lq_business_day_divide(&day, CUT * 60);
	assert_int_equal(day.half_ms, day.begins_ms);
	/* 13:00 by the clock on the wall, whatever was done to it in the night. */
	day = lq_business_day_at(utc(3, 28, 12, 0), CUT);
	lq_business_day_divide(&day, 60);
	assert_int_equal(day.half_ms, utc(3, 29, 0, 0));
	day = lq_business_day_at(utc(10, 25, 12, 0), 0);
	lq_business_day_divide(&day, 13 * 60);
	assert_int_equal(day.half_ms, utc(10, 25, 12, 0));
}

/* 02:00 comes twice that night. The C library's mktime() answers by what it was asked last. */
static void a_cut_that_comes_twice_is_the_first_of_them(void **state)
{
	const int64_t asked_before_ms[] = {utc(7, 1, 12, 0), utc(12, 1, 12, 0)};
	const int64_t within_ms[] = {
		utc(10, 25, 0, 0), utc(10, 25, 0, 59), utc(10, 25, 1, 30), utc(10, 26, 0, 59)};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < sizeof(within_ms) / sizeof(within_ms[0]); k++) {
			(void)lq_business_day_at(asked_before_ms[i], 2);
			struct lq_business_day day = lq_business_day_at(within_ms[k], 2);
			assert_int_equal(day.begins_ms, utc(10, 25, 0, 0));
			assert_int_equal(day.ends_ms, utc(10, 26, 1, 0));
			assert_int_equal(day.half_ms, utc(10, 25, 12, 30));
		}
		assert_int_equal(
			lq_business_day_at(utc(10, 24, 23, 59), 2).ends_ms, utc(10, 25, 0, 0));
	}
}

/* 02:00 does not come that night: three o'clock does in its place. */
static void a_cut_that_does_not_come_is_when_the_clock_is_put_forward(void **state)
{
	const int64_t asked_before_ms[] = {utc(7, 1, 12, 0), utc(12, 1, 12, 0)};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)lq_business_day_at(asked_before_ms[i], 2);
		assert_int_equal(
			lq_business_day_at(utc(3, 29, 12, 0), 2).begins_ms, utc(3, 29, 1, 0));
		(void)lq_business_day_at(asked_before_ms[i], 2);
		assert_int_equal(
			lq_business_day_at(utc(3, 29, 0, 59), 2).ends_ms, utc(3, 29, 1, 0));
	}
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "2026", "2026-02-30", "2026-13-01", "2026-1-1", "2026-01-01 ", "tomorrow"};
	struct lq_business_day day;
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(lq_business_day_parse(texts[i], CUT, &day), LQ_ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_begins_at_the_cut_off),
		cmocka_unit_test(a_day_on_which_the_clock_changes_is_shorter_or_longer),
		cmocka_unit_test(a_cut_that_comes_twice_is_the_first_of_them),
		cmocka_unit_test(a_cut_that_does_not_come_is_when_the_clock_is_put_forward),
		cmocka_unit_test(the_half_is_at_half_past_one),
		cmocka_unit_test(the_half_is_where_the_space_wants_it),
		cmocka_unit_test(what_is_no_date_is_refused),
	};
	(void)setenv("TZ", "Europe/Paris", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

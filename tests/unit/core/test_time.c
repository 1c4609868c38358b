/* Calendar arithmetic against the C library's. */
#include "firmware/core/time.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>
#include <time.h>

#define FIRST_MS INT64_C(-62167219200000) /* 0000-01-01 */
#define LAST_MS  INT64_C(253402300799999) /* 9999-12-31T23:59:59.999 */
#define ROUNDS   200000

static struct tm utc(int64_t unix_ms)
{
	struct tm date;
	int64_t seconds = unix_ms / 1000 - (unix_ms % 1000 < 0 ? 1 : 0);
	time_t time = (time_t)seconds;
	assert_non_null(gmtime_r(&time, &date));
	return date;
}

static void expect_rfc3339(int64_t unix_ms)
{
	char expected[64];
	char text[LQ_RFC3339_SIZE];
	struct tm date = utc(unix_ms);
	int ms = (int)(((unix_ms % 1000) + 1000) % 1000);
	snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		date.tm_year + 1900, date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min,
		date.tm_sec, ms);
	lq_wall_rfc3339(unix_ms, text);
	assert_string_equal(text, expected);
}

static void rfc3339(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.time");
	static const int64_t chosen[] = {0, -1, 1, 999, 1000, -1000, -999, FIRST_MS, LAST_MS,
		INT64_C(951782399999), INT64_C(951782400000), /* 29 February 2000 */
		INT64_C(4107542399999), INT64_C(4107542400000) /* no 29 February 2100 */};
	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
		expect_rfc3339(chosen[i]);
	}
	for (int i = 0; i < ROUNDS; i++) {
		expect_rfc3339(lq_random_between(&random, FIRST_MS, LAST_MS));
	}
}

static void rfc3339_beyond_its_years(void **state)
{
	(void)state;
	static const int64_t below[] = {FIRST_MS - 1, INT64_MIN};
	static const int64_t above[] = {LAST_MS + 1, INT64_MAX};
	char text[LQ_RFC3339_SIZE];
	for (size_t i = 0; i < 2; i++) {
		lq_wall_rfc3339(below[i], text);
		assert_string_equal(text, "0000-01-01T00:00:00.000Z");
		lq_wall_rfc3339(above[i], text);
		assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	}
}

/* Every day of eight centuries, both ends. */
static void every_day(void **state)
{
	(void)state;
	for (int64_t day = -146097; day < 146097; day++) {
		struct tm date = utc(day * 86400000);
		assert_true(lq_unix_ms_from_civil(date.tm_year + 1900, date.tm_mon + 1,
				    date.tm_mday) == day * 86400000);
	}
}

static void months_and_days_as_they_come(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.time");
	for (int i = 0; i < ROUNDS; i++) {
		int year = (int)lq_random_between(&random, 1, 9998);
		int month = (int)lq_random_between(&random, -30, 30);
		int day = (int)lq_random_between(&random, -400, 400);
		struct tm date = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
		int64_t expected = (int64_t)timegm(&date) * 1000;
		int64_t made = lq_unix_ms_from_civil(year, month, day);
		if (made != expected) {
			fail_msg("%d-%d-%d: %" PRId64 " instead of %" PRId64, year, month, day,
				made, expected);
		}
	}
}

static void expect_local_minute(int64_t unix_ms, int32_t offset_s)
{
	struct tm date = utc(unix_ms + (int64_t)offset_s * 1000);
	int since_monday = (date.tm_wday + 6) % 7;
	int expected = (since_monday * 24 + date.tm_hour) * 60 + date.tm_min;
	struct lq_wall at = {.unix_ms = unix_ms, .utc_offset_s = offset_s};
	int64_t minute = lq_wall_local_minute(at);
	int64_t day = minute / 1440 - (minute % 1440 < 0 ? 1 : 0);
	struct lq_date shown = lq_date_of_day(day);
	int made = (int)(((day + 3) % 7 + 7) % 7 * 1440 + minute - day * 1440);
	if (made != expected || shown.year != date.tm_year + 1900 ||
		shown.month != date.tm_mon + 1 || shown.day != date.tm_mday) {
		fail_msg("%" PRId64 " with %d: minute %d of the week, %d-%d-%d, instead of %d",
			unix_ms, offset_s, made, shown.year, shown.month, shown.day, expected);
	}
}

static void local_minutes(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.time");
	for (int64_t minute = -11000; minute < 11000; minute++) {
		expect_local_minute(minute * 60000, 0);
		expect_local_minute(minute * 60000 + 59999, 0);
		expect_local_minute(minute * 60000 - 1, 0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		expect_local_minute(
			lq_random_between(&random, INT64_C(-5000000000000), INT64_C(9000000000000)),
			(int32_t)lq_random_between(&random, -50400, 50400));
	}
}

static void monotonic_arithmetic(void **state)
{
	(void)state;
	const struct lq_mono zero = {0};
	const struct lq_mono last = {UINT64_MAX};
	assert_true(lq_mono_due(zero, zero));
	assert_true(lq_mono_due((struct lq_mono){5}, (struct lq_mono){5}));
	assert_true(lq_mono_due((struct lq_mono){5}, (struct lq_mono){6}));
	assert_false(lq_mono_due((struct lq_mono){5}, (struct lq_mono){4}));

	assert_true(lq_mono_after_ms((struct lq_mono){7}, 3).us == 3007);
	assert_true(lq_mono_after_ms(zero, UINT32_MAX).us == UINT64_C(4294967295000));
	assert_true(lq_mono_after_ms(last, 0).us == UINT64_MAX);
	assert_true(lq_mono_after_ms(last, 1).us == UINT64_MAX);
	assert_true(lq_mono_after_ms((struct lq_mono){UINT64_MAX - 1000}, 1).us == UINT64_MAX);
	assert_true(lq_mono_after_ms((struct lq_mono){UINT64_MAX - 1001}, 1).us == UINT64_MAX - 1);

	assert_int_equal(lq_mono_elapsed_us(zero, zero), 0);
	assert_int_equal(lq_mono_elapsed_us((struct lq_mono){9}, (struct lq_mono){12}), 3);
	assert_int_equal(lq_mono_elapsed_us((struct lq_mono){12}, (struct lq_mono){9}), 0);
	assert_int_equal(lq_mono_elapsed_us(zero, (struct lq_mono){UINT32_MAX}), UINT32_MAX);
	assert_int_equal(lq_mono_elapsed_us(zero, last), UINT32_MAX);
}

/* Whatever the wall clock does, what is given out never goes back and trusts no more than it. */
static void the_floor_holds(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.time");
	struct lq_floor floor = {.unix_ms = 1000000, .at = {.us = 0}};
	struct lq_mono now = {.us = 0};
	int64_t last_ms = floor.unix_ms;
	for (int i = 0; i < ROUNDS; i++) {
		now.us += lq_random_below(&random, 5000000);
		struct lq_wall wall = {
			.unix_ms = last_ms + lq_random_between(&random, -100000, 20000),
			.utc_offset_s = 3600,
			.trust = (enum lq_trust)lq_random_below(&random, 3),
		};
		struct lq_wall given = lq_floor_step(&floor, wall, now);
		assert_true(given.unix_ms >= last_ms);
		assert_true(given.unix_ms >= wall.unix_ms);
		assert_true(given.trust <= wall.trust);
		assert_int_equal(given.utc_offset_s, 3600);
		assert_true(floor.unix_ms == given.unix_ms);
		if (wall.unix_ms >= last_ms) {
			assert_true(given.unix_ms == wall.unix_ms);
			assert_int_equal(given.trust, wall.trust);
		}
		last_ms = given.unix_ms;
	}
}

/* A board that comes up in 1970 counts on from the journal, untrusted; a synchronised clock that
 * was stepped back stands still until it has caught up, and stays what it is. */
static void a_clock_behind_the_floor(void **state)
{
	(void)state;
	struct lq_floor floor = {.unix_ms = 5000000, .at = {.us = 100}};
	struct lq_wall wall = {.unix_ms = 0, .trust = LQ_TRUST_RTC};
	struct lq_wall given = lq_floor_step(&floor, wall, (struct lq_mono){.us = 60000100});
	assert_true(given.unix_ms == 5060000);
	assert_int_equal(given.trust, LQ_TRUST_UNSET);
	given = lq_floor_step(&floor, wall, (struct lq_mono){.us = 61000100});
	assert_true(given.unix_ms == 5061000);

	wall = (struct lq_wall){.unix_ms = 5060999, .trust = LQ_TRUST_SYNCHRONISED};
	given = lq_floor_step(&floor, wall, (struct lq_mono){.us = 69000000});
	assert_true(given.unix_ms == 5061000);
	assert_int_equal(given.trust, LQ_TRUST_SYNCHRONISED);
	wall.unix_ms = 5061001;
	given = lq_floor_step(&floor, wall, (struct lq_mono){.us = 69002000});
	assert_true(given.unix_ms == 5061001);
}

static void a_night_in_which_nobody_asked(void **state)
{
	(void)state;
	struct lq_floor floor = {.unix_ms = 5000000, .at = {.us = 100}};
	struct lq_wall wall = {.unix_ms = 0, .trust = LQ_TRUST_RTC};
	struct lq_mono morning = {.us = UINT64_C(36000000100)};
	struct lq_wall given = lq_floor_step(&floor, wall, morning);
	assert_true(given.unix_ms == 5000000 + 36000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3339),
		cmocka_unit_test(rfc3339_beyond_its_years),
		cmocka_unit_test(every_day),
		cmocka_unit_test(months_and_days_as_they_come),
		cmocka_unit_test(local_minutes),
		cmocka_unit_test(monotonic_arithmetic),
		cmocka_unit_test(the_floor_holds),
		cmocka_unit_test(a_clock_behind_the_floor),
		cmocka_unit_test(a_night_in_which_nobody_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

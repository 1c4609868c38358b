/* What happens again, where the clocks change. */
#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "host/office/recurrence.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static int64_t local(const char *text)
{
	int64_t minute = 0;
	assert_int_equal(lq_local_parse(text, &minute), LQ_OK);
	return minute;
}

static struct lq_recurrence recurrence(const char *from, const char *to, const char *rule)
{
	struct lq_recurrence r = {.from = local(from), .to = local(to)};
	(void)snprintf(r.rule, sizeof(r.rule), "%s", rule);
	return r;
}

static int64_t utc(int year, int month, int day, int hour)
{
	return lq_unix_ms_from_civil(year, month, day) + hour * HOUR_MS;
}

static void a_lunch_stays_at_noon(void **state)
{
	/* The Thursdays around the last Sundays of March and October: noon is at 11 o'clock UTC in
	 * winter, at 10 in summer. */
	static const struct {
		int month;
		int day;
		int hour;
	} lunches[] = {{3, 19, 11}, {3, 26, 11}, {4, 2, 10}, {4, 9, 10}, {10, 15, 10}, {10, 22, 10},
		{10, 29, 11}, {11, 5, 11}};
	struct lq_recurrence lunch =
		recurrence("2026-01-08T12:00", "2026-01-08T14:00", "FREQ=WEEKLY;BYDAY=TH");
	struct lq_occurrence found[4];
	char text[LQ_LOCAL_SIZE];
	(void)state;
	assert_true(lq_recurrence_valid(&lunch));
	for (size_t i = 0; i < sizeof(lunches) / sizeof(lunches[0]); i++) {
		int64_t day_ms = utc(2026, lunches[i].month, lunches[i].day, 0);
		assert_int_equal(
			lq_recurrence_expand(&lunch, day_ms, day_ms + DAY_MS, found, 4), 1);
		assert_int_equal(found[0].from_ms, day_ms + lunches[i].hour * HOUR_MS);
		assert_int_equal(found[0].to_ms, found[0].from_ms + 2 * HOUR_MS);
		lq_local_format(found[0].from, text);
		assert_string_equal(text + 10, "T12:00");
	}
	int64_t march_ms = utc(2026, 3, 19, 0);
	assert_int_equal(
		lq_recurrence_expand(&lunch, march_ms, march_ms + 22 * DAY_MS, found, 4), 4);
	assert_int_equal(found[2].from_ms - found[1].from_ms, 7 * DAY_MS - HOUR_MS);
}

static void a_night_ends_when_the_clock_says_so(void **state)
{
	struct lq_recurrence night =
		recurrence("2026-03-21T22:00", "2026-03-22T04:00", "FREQ=WEEKLY;COUNT=3");
	struct lq_occurrence found[4];
	(void)state;
	int64_t at_ms = utc(2026, 3, 1, 0);
	assert_int_equal(lq_recurrence_expand(&night, at_ms, at_ms + 90 * DAY_MS, found, 4), 3);
	assert_int_equal(found[0].to_ms - found[0].from_ms, 6 * HOUR_MS);
	assert_int_equal(found[1].to_ms - found[1].from_ms, 5 * HOUR_MS);
	/* What has begun and is not over is there, what is over is not. */
	assert_int_equal(
		lq_recurrence_expand(&night, found[1].to_ms - 1, found[1].to_ms, found, 4), 1);
	assert_int_equal(
		lq_recurrence_expand(&night, found[0].to_ms, found[0].to_ms + 1, found, 4), 0);
}

static void it_ends_and_leaves_out(void **state)
{
	static const struct {
		const char *rule;
		size_t count;
	} rules[] = {{"", 1}, {"FREQ=DAILY;COUNT=5", 4}, {"FREQ=DAILY;UNTIL=20260329", 3},
		{"FREQ=DAILY;UNTIL=20260329T100000Z", 3}, {"FREQ=DAILY;UNTIL=20260329T095959Z", 2},
		{"FREQ=DAILY;INTERVAL=2;COUNT=3", 2}, {"FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", 3},
		{"FREQ=YEARLY;COUNT=2", 2}};
	const int64_t left_out[] = {local("2026-03-29T00:00") / 1440};
	struct lq_occurrence found[16];
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct lq_recurrence r =
			recurrence("2026-03-27T12:00", "2026-03-27T14:00", rules[i].rule);
		assert_true(lq_recurrence_valid(&r));
		/* Those that end with a date are not left out of here. */
		if (i == 1 || i == 5) {
			r.left_out = left_out;
			r.left_out_count = 1;
		}
		int64_t from_ms = utc(2026, 1, 1, 0);
		assert_int_equal(
			lq_recurrence_expand(&r, from_ms, from_ms + 800 * DAY_MS, found, 16),
			rules[i].count);
	}
}

static void what_cannot_be_followed_is_not(void **state)
{
	static const char *const wrong[] = {"DAILY", "FREQ=SECONDLY", "FREQ=HOURLY",
		"FREQ=DAILY;BYHOUR=9", "FREQ=DAILY;BYMINUTE=9", "FREQ=DAILY;BYSECOND=9",
		"FREQ=WEEKLY;BYDAY=MO", /* it begins on a Friday */
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=0", "FREQ=NEVER",
		"FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;COUNT=-1", "FREQ=DAILY;NONSENSE=1",
		"FREQ=WEEKLY;BYDAY=XX", "RSCALE=HEBREW;FREQ=YEARLY", "FREQ=DAILY;SKIP=OMIT",
		"freq=daily", "FREQ=DAILY\r\nATTENDEE:x", "FREQ=", "FREQ=DAILY;COUNT=x", " ", ";",
		"FREQ=DAILY;UNTIL=2026", "FREQ=DAILY;COUNT=2;UNTIL=20260401"};
	struct lq_occurrence found[2];
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct lq_recurrence r =
			recurrence("2026-03-27T12:00", "2026-03-27T14:00", wrong[i]);
		if (lq_recurrence_valid(&r)) {
			fail_msg("%s is taken", wrong[i]);
		}
		(void)lq_recurrence_expand(&r, 0, INT64_MAX / 4, found, 2);
	}
}

static void a_feed_shows_the_end_in_utc(void **state)
{
	char rule[LQ_RECURRENCE_RULE_SIZE];
	struct lq_recurrence r = recurrence(
		"2026-03-26T12:00", "2026-03-26T14:00", "FREQ=WEEKLY;BYDAY=TH;UNTIL=20260430");
	(void)state;
	lq_recurrence_feed_rule(&r, rule);
	assert_string_equal(rule, "FREQ=WEEKLY;UNTIL=20260430T215900Z;BYDAY=TH");
	r = recurrence("2026-03-26T12:00", "2026-03-26T14:00", "");
	lq_recurrence_feed_rule(&r, rule);
	assert_string_equal(rule, "");
}

/* 02:30 comes twice on 25 October, and not at all on 29 March. */
static void a_local_minute_is_always_the_same_moment(void **state)
{
	static const char *const asked_before[] = {"2026-07-01T12:00", "2026-12-01T12:00"};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)lq_local_minute_ms(local(asked_before[i]));
		assert_int_equal(lq_local_minute_ms(local("2026-10-25T02:30")),
			utc(2026, 10, 25, 0) + HOUR_MS / 2);
		(void)lq_local_minute_ms(local(asked_before[i]));
		assert_int_equal(lq_local_minute_ms(local("2026-03-29T02:30")),
			utc(2026, 3, 29, 1) + HOUR_MS / 2);
	}
	for (int64_t minute = local("2026-01-01T00:00"); minute < local("2027-01-01T00:00");
		minute++) {
		bool skipped =
			minute >= local("2026-03-29T02:00") && minute < local("2026-03-29T03:00");
		int64_t shown = lq_local_minute_of(lq_local_minute_ms(minute));
		assert_int_equal(shown, skipped ? minute + 60 : minute);
	}
}

static void local_times_are_read_strictly(void **state)
{
	static const char *const wrong[] = {"", "2026-03-26", "2026-03-26 12:00",
		"2026-03-26T12:00:00", "2026-03-26T12:00Z", "2026-02-30T12:00", "2026-03-26T24:00",
		"2026-3-26T12:00", "1969-12-31T12:00", "2106-01-01T00:00", "2026-13-01T00:00"};
	int64_t minute = -1;
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (lq_local_parse(wrong[i], &minute) != LQ_ERR_INVALID) {
			fail_msg("%s is taken", wrong[i]);
		}
	}
	assert_int_equal(minute, -1);
	/* Half past two is not there on the last Sunday of March: the clock jumps over it. */
	int64_t gap_ms = lq_local_minute_ms(local("2026-03-29T02:30"));
	assert_in_range(gap_ms, utc(2026, 3, 29, 0), utc(2026, 3, 29, 2));
	assert_int_equal(lq_local_minute_of(utc(2026, 7, 1, 10)), local("2026-07-01T12:00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lunch_stays_at_noon),
		cmocka_unit_test(a_night_ends_when_the_clock_says_so),
		cmocka_unit_test(it_ends_and_leaves_out),
		cmocka_unit_test(what_cannot_be_followed_is_not),
		cmocka_unit_test(a_feed_shows_the_end_in_utc),
		cmocka_unit_test(a_local_minute_is_always_the_same_moment),
		cmocka_unit_test(local_times_are_read_strictly),
	};
	(void)setenv("TZ", "Europe/Paris", 1); // NOLINT(concurrency-mt-unsafe): one thread
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

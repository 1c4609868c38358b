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

static size_t overlapping(const struct lq_occurrence *all, size_t count, int64_t from_ms,
	int64_t to_ms, const struct lq_occurrence **ret_first)
{
	size_t number = 0;
	for (size_t i = 0; i < count; i++) {
		if (all[i].to_ms > from_ms && all[i].from_ms < to_ms) {
			*ret_first = number == 0 ? &all[i] : *ret_first;
			number++;
		}
	}
	return number;
}

/* Years that have passed are passed over; what is found is what counting from the first finds. */
static void a_late_window_has_what_counting_to_it_has(void **state)
{
	static const char *const rules[] = {"FREQ=DAILY", "FREQ=DAILY;INTERVAL=3",
		"FREQ=DAILY;COUNT=900", "FREQ=DAILY;BYMONTH=1,3", "FREQ=WEEKLY;INTERVAL=2",
		"FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TH;WKST=SU",
		"FREQ=WEEKLY;UNTIL=20270315T120000", "FREQ=MONTHLY;INTERVAL=2",
		"FREQ=MONTHLY;BYDAY=1TH", "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1,15,1",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "FREQ=YEARLY",
		"FREQ=YEARLY;BYMONTH=1,5;BYDAY=TH", "FREQ=YEARLY;BYDAY=1TH,20TH"};
	static const char *const ends[] = {"2026-01-01T14:00", "2026-01-03T04:00"};
	static struct lq_occurrence all[4000];
	struct lq_occurrence found[32];
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rules) / sizeof(rules[0]); i++) {
		struct lq_recurrence r = recurrence("2026-01-01T12:00", ends[i % 2], rules[i / 2]);
		assert_true(lq_recurrence_valid(&r));
		int64_t first_ms = utc(2026, 1, 1, 0);
		size_t count = lq_recurrence_expand(&r, 0, first_ms + 3700 * DAY_MS, all, 4000);
		for (int day = 0; day < 3600; day += 31) {
			int64_t from_ms = first_ms + day * DAY_MS + day % 24 * HOUR_MS;
			const struct lq_occurrence *expected = NULL;
			size_t number =
				overlapping(all, count, from_ms, from_ms + 20 * DAY_MS, &expected);
			assert_int_equal(
				lq_recurrence_expand(&r, from_ms, from_ms + 20 * DAY_MS, found, 32),
				number);
			if (number > 0) {
				assert_memory_equal(found, expected, number * sizeof(found[0]));
			}
		}
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
		"FREQ=DAILY;UNTIL=2026", "FREQ=DAILY;COUNT=2;UNTIL=20260401",
		"FREQ=YEARLY;BYWEEKNO=1,13;BYDAY=FR", "FREQ=YEARLY;BYWEEKNO=13,-1;BYDAY=FR",
		"FREQ=YEARLY;BYWEEKNO=13,52;BYDAY=FR"};
	struct lq_occurrence found[2];
	struct lq_recurrence weeks = recurrence(
		"2026-03-27T12:00", "2026-03-27T14:00", "FREQ=YEARLY;BYWEEKNO=13,51;BYDAY=FR");
	(void)state;
	assert_true(lq_recurrence_valid(&weeks));
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
		cmocka_unit_test(a_late_window_has_what_counting_to_it_has),
		cmocka_unit_test(what_cannot_be_followed_is_not),
		cmocka_unit_test(a_feed_shows_the_end_in_utc),
		cmocka_unit_test(a_local_minute_is_always_the_same_moment),
		cmocka_unit_test(local_times_are_read_strictly),
	};
	(void)setenv("TZ", "Europe/Paris", 1); // NOLINT(concurrency-mt-unsafe): one thread
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "hal/linux/linux_clock.h"
#include "host/cli/when.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static int use_paris(void **state)
{
	(void)state;
	return lq_linux_set_time_zone("Europe/Paris");
}

/* Expected values are from another implementation: date -u -d '…' +%s. */
static void moments_are_read_in_the_zone_of_the_space(void **state)
{
	static const struct {
		const char *text;
		enum lq_when_edge edge;
		uint32_t unix_s;
	} cases[] = {
		{"2026-12-01", LQ_WHEN_FROM, 1796079600},       /* 2026-11-30T23:00Z */
		{"2026-12-01", LQ_WHEN_TO, 1796166000},         /* 2026-12-01T23:00Z */
		{"2026-12-31", LQ_WHEN_TO, 1798758000},         /* 2026-12-31T23:00Z */
		{"2026-12-01 08:00", LQ_WHEN_FROM, 1796108400}, /* 2026-12-01T07:00Z */
		{"2026-12-01 08:00", LQ_WHEN_TO, 1796108400},
		{"2026-12-01T08:00", LQ_WHEN_FROM, 1796108400},
		{"2026-07-01 08:00", LQ_WHEN_FROM, 1782885600}, /* 2026-07-01T06:00Z */
		{"2026-12-01T08:00:00Z", LQ_WHEN_FROM, 1796112000},
		{"2026-12-01T08:00:00.999Z", LQ_WHEN_FROM, 1796112000},
		{"2026-12-01T08:00:00+01:00", LQ_WHEN_FROM, 1796108400},
		{"2026-12-01t08:00:00-05:30", LQ_WHEN_FROM, 1796131800}, /* 13:30Z */
		{"2028-02-29", LQ_WHEN_FROM, 1835391600},                /* a leap day */
		/* The day on which the clock goes back is 25 hours long. */
		{"2026-10-25", LQ_WHEN_FROM, 1792879200}, /* 2026-10-24T22:00Z */
		{"2026-10-25", LQ_WHEN_TO, 1792969200},   /* 2026-10-25T23:00Z */
		/* 02:30 comes twice on it: the first. */
		{"2026-10-25 02:30", LQ_WHEN_FROM, 1792888200}, /* 2026-10-25T00:30Z */
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t unix_s = 0;
		int r = lq_when_parse(cases[i].text, cases[i].edge, &unix_s);
		if (r != LQ_OK || unix_s != cases[i].unix_s) {
			fail_msg("'%s' gave %d, %u; expected %u", cases[i].text, r, unix_s,
				cases[i].unix_s);
		}
	}
}

static void what_is_no_moment_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"tomorrow",
		"2026",
		"2026-12",
		"2026-12-1",
		"01-12-2026",
		"2026-13-01",
		"2026-00-01",
		"2026-12-00",
		"2026-02-29",
		"2026-04-31",
		"2026-12-01 8:00",
		"2026-12-01 24:00",
		"2026-12-01 08:60",
		"2026-12-01 08:00 ",
		"2026-12-01  08:00",
		"2026-12-01T08:00:00",
		"2026-12-01T08:00:61Z",
		"2026-12-01T08:00:00.Z",
		"2026-12-01T08:00:00+1:00",
		"2026-12-01T08:00:00Zx",
		"1969-12-31",
		"1970-01-01T00:00:00Z",
		"2106-02-07T06:28:15Z",
		"2200-01-01",
		"9999-12-31",
		"1796079600",
		"-2026-12-01",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t unix_s = 7;
		int r = lq_when_parse(cases[i], LQ_WHEN_FROM, &unix_s);
		if (r != LQ_ERR_INVALID || unix_s != 7) {
			fail_msg("'%s' gave %d, %u", cases[i], r, unix_s);
		}
	}
}

static void a_time_that_the_clock_skips_is_told_apart(void **state)
{
	uint32_t unix_s = 7;
	(void)state;
	assert_int_equal(
		LQ_ERR_NOT_FOUND, lq_when_parse("2026-03-29 02:30", LQ_WHEN_FROM, &unix_s));
	assert_int_equal(7, unix_s);
	assert_int_equal(LQ_OK, lq_when_parse("2026-03-29 03:00", LQ_WHEN_FROM, &unix_s));
	assert_int_equal(1774746000, unix_s); /* 2026-03-29T01:00Z */
}

static void a_day_without_a_midnight_begins_when_it_begins(void **state)
{
	uint32_t unix_s = 0;
	(void)state;
	/* Santiago goes from 00:00 to 01:00 on 2026-09-06. */
	assert_int_equal(LQ_OK, lq_linux_set_time_zone("America/Santiago"));
	assert_int_equal(LQ_OK, lq_when_parse("2026-09-06", LQ_WHEN_FROM, &unix_s));
	assert_int_equal(LQ_OK, lq_linux_set_time_zone("Europe/Paris"));
	assert_int_equal(1788667200, unix_s); /* 2026-09-06T04:00Z */
}

static void what_is_read_can_be_written(void **state)
{
	char text[LQ_RFC3339_SIZE];
	int64_t unix_ms = 7;
	(void)state;
	assert_int_equal(
		LQ_ERR_INVALID, lq_when_parse_rfc3339("9999-12-31T23:59:59.999-00:01", &unix_ms));
	assert_int_equal(LQ_ERR_INVALID, lq_when_parse_rfc3339("9999-12-31T23:59:60Z", &unix_ms));
	assert_int_equal(
		LQ_ERR_INVALID, lq_when_parse_rfc3339("0000-01-01T00:00:00+00:01", &unix_ms));
	assert_int_equal(7, unix_ms);
	assert_int_equal(LQ_OK, lq_when_parse_rfc3339("9999-12-31T23:59:59.999Z", &unix_ms));
	lq_wall_rfc3339(unix_ms, text);
	assert_string_equal("9999-12-31T23:59:59.999Z", text);
	assert_int_equal(LQ_OK, lq_when_parse_rfc3339("0000-01-01T00:00:00Z", &unix_ms));
	lq_wall_rfc3339(unix_ms, text);
	assert_string_equal("0000-01-01T00:00:00.000Z", text);
}

static void moments_are_written_in_local_time(void **state)
{
	char text[LQ_WHEN_SIZE];
	int64_t unix_ms = 0;
	(void)state;
	assert_int_equal(LQ_OK, lq_when_parse_rfc3339("2026-07-01T06:00:01.5Z", &unix_ms));
	lq_when_format(unix_ms, LQ_WHEN_MINUTES, text);
	assert_string_equal("2026-07-01 08:00", text);
	lq_when_format(unix_ms, LQ_WHEN_MILLISECONDS, text);
	assert_string_equal("2026-07-01 08:00:01.500", text);
	lq_when_format(-1, LQ_WHEN_MILLISECONDS, text);
	assert_string_equal("1970-01-01 00:59:59.999", text);
	lq_when_format(INT64_MAX, LQ_WHEN_MILLISECONDS, text);
	assert_string_equal("?", text);
	lq_when_format(INT64_MIN, LQ_WHEN_MINUTES, text);
	assert_string_equal("?", text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_read_in_the_zone_of_the_space),
		cmocka_unit_test(what_is_no_moment_is_refused),
		cmocka_unit_test(a_time_that_the_clock_skips_is_told_apart),
		cmocka_unit_test(a_day_without_a_midnight_begins_when_it_begins),
		cmocka_unit_test(what_is_read_can_be_written),
		cmocka_unit_test(moments_are_written_in_local_time),
	};
	return cmocka_run_group_tests(tests, use_paris, NULL);
}

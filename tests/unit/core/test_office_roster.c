/* The lines of the office's roster: every kind, as they should be and in every wrong way. */
#include "firmware/core/err.h"
#include "firmware/core/office_roster.h"
#include "tests/lib/cmocka.h"

#include <string.h>

#define KEY    "00112233445566778899aabbccddeeff"
#define PERSON "p\t256\talways\t1\t0\t1\n"

static int read_all(uint16_t part, const char *text, size_t length, struct lq_office_line *ret_last)
{
	struct lq_office_text reading = lq_office_text_begin(part, text, length);
	struct lq_office_line line = {.kind = LQ_OFFICE_SCHEDULE};
	int r = 0;
	while ((r = lq_office_text_next(&reading, &line)) == 1) {
		*ret_last = line;
	}
	return r;
}

static struct lq_office_line last_of(uint16_t part, const char *text)
{
	struct lq_office_line line = {.kind = LQ_OFFICE_SCHEDULE};
	assert_int_equal(read_all(part, text, strlen(text), &line), LQ_OK);
	return line;
}

static void rules_say_what_they_say(void **state)
{
	(void)state;
	struct lq_office_line line = last_of(0, "schedule\toffice\t480-1200,1920-2640\n");
	assert_int_equal(line.kind, LQ_OFFICE_SCHEDULE);
	assert_string_equal(line.name, "office");
	assert_int_equal(line.period_count, 2);
	assert_int_equal(line.periods[1].from, 1920);
	assert_int_equal(line.periods[1].to, 2640);
	assert_int_equal(last_of(0, "schedule\tnever\t\n").period_count, 0);
	line = last_of(0, "special\tholidays\t2028-02-29\n");
	assert_int_equal(line.day.year, 2028);
	assert_int_equal(line.day.day, 29);
	assert_int_equal(last_of(0, "special\tholidays\t0000-12-25\n").day.year, 0);
	line = last_of(0, "schedule-special\toffice\tholidays\t3\tclosed\n");
	assert_string_equal(line.other, "holidays");
	assert_int_equal(line.place, 3);
	assert_int_equal(line.period_count, 0);
	assert_int_equal(
		last_of(0, "schedule-special\toffice\teves\t0\t480-720\n").periods[0].to, 720);
	assert_int_equal(
		last_of(0, "schedule-special\toffice\teves\t0\t480-720,780-900\n").period_count, 2);
	assert_string_equal(last_of(0, "profile\tdays\n").name, "days");
	line = last_of(0, "policy\tdays\tfront/entry\toffice\n");
	assert_string_equal(line.access_point, "front/entry");
	assert_string_equal(line.other, "office");
	line = last_of(0, "policy\tdays\t*\t-\n");
	assert_string_equal(line.access_point, "*");
	assert_string_equal(line.other, "");
	line = last_of(0, "hours\tfront\toffice\t1\n");
	assert_true(line.first_person);
}

static void badges_belong_to_the_person_above(void **state)
{
	(void)state;
	struct lq_office_line line = last_of(1, PERSON);
	assert_int_equal(line.kind, LQ_OFFICE_PERSON);
	assert_int_equal(line.badge.holder, 256);
	assert_string_equal(line.name, "always");
	line = last_of(1, PERSON "b\t7\t" KEY "\tsuspended\t5\t0\t10\t720\t99\n");
	assert_int_equal(line.kind, LQ_OFFICE_BADGE);
	assert_int_equal(line.badge.id, 7);
	assert_int_equal(line.badge.holder, 256);
	assert_true(line.badge.holder_enabled && line.badge.extended_time && !line.badge.any_time);
	assert_int_equal(line.badge.state, LQ_CREDENTIAL_SUSPENDED);
	assert_int_equal(line.badge.key[15], 0xff);
	assert_int_equal(line.badge.valid_from_s, 5);
	assert_int_equal(line.badge.valid_to_s, LQ_VALID_FOREVER);
	assert_true(line.badge.counted);
	assert_int_equal(line.badge.uses_left, 10);
	assert_int_equal(line.badge.valid_for_h, 720);
	assert_int_equal(line.badge.suspended_until_s, 99);
	assert_false(last_of(1, PERSON "b\t7\t" KEY "\tlost\t0\t9\t-\t0\t0\n").badge.counted);
}

static const struct {
	uint16_t part;
	const char *text;
} wrong[] = {
	{0, "\n"},
	{0, "profile\tdays"},
	{0, "profile\t\n"},
	{0, "profile\tDays\n"},
	{0, "profile\tdays\r\n"},
	{0, "profile\tdays\tmore\n"},
	{0, "profile\ta-name-of-thirty-three-characters-\n"},
	{0, "profile days\n"},
	{0, "unknown\tdays\n"},
	{0, PERSON},
	{1, "profile\tdays\n"},
	{0, "schedule\toffice\n"},
	{0, "schedule\toffice\t480\n"},
	{0, "schedule\toffice\t480-\n"},
	{0, "schedule\toffice\t-480\n"},
	{0, "schedule\toffice\t480-1200,\n"},
	{0, "schedule\toffice\t10080-0\n"},
	{0, "schedule\toffice\t0-10081\n"},
	{0, "schedule\toffice\t0-01\n"},
	{0, "schedule\toffice\t0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,"
	    "0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1\n"},
	{0, "special\tholidays\t2027-02-29\n"},
	{0, "special\tholidays\t0000-00-01\n"},
	{0, "special\tholidays\t2026-13-01\n"},
	{0, "special\tholidays\t2026-1-01\n"},
	{0, "special\tholidays\t2026/01/01\n"},
	{0, "schedule-special\toffice\teves\t65536\tclosed\n"},
	{0, "schedule-special\toffice\teves\t0\topen\n"},
	{0, "schedule-special\toffice\teves\t0\t\n"},
	{0, "schedule-special\toffice\teves\t0\t0-1,0-1,0-1,0-1,0-1\n"},
	{0, "schedule-special\toffice\teves\t0\t1440-1\n"},
	{0, "schedule-special\toffice\teves\t0\t0-1441\n"},
	{0, "policy\tdays\tfront\toffice\n"},
	{0, "policy\tdays\tfront/side\toffice\n"},
	{0, "policy\tdays\t/entry\toffice\n"},
	{0, "policy\tdays\t**\toffice\n"},
	{0, "policy\tdays\t*\t\n"},
	{0, "hours\tfront\toffice\t2\n"},
	{1, "p\t257\talways\t1\t0\t0\n"},
	{1, "p\t0\talways\t1\t0\t0\n"},
	{1, "p\t4294967296\talways\t1\t0\t0\n"},
	{1, "p\t256\talways\t1\t0\n"},
	{1, "p\t256\talways\tyes\t0\t0\n"},
	{1, "p\t+256\talways\t1\t0\t0\n"},
	{1, "b\t7\t" KEY "\tenabled\t0\t0\t-\t0\t0\n"},
	{1, PERSON "b\t0\t" KEY "\tenabled\t0\t0\t-\t0\t0\n"},
	{1, PERSON "b\t7\t00112233445566778899AABBCCDDEEFF\tenabled\t0\t0\t-\t0\t0\n"},
	{1, PERSON "b\t7\t0011\tenabled\t0\t0\t-\t0\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tunknown\t0\t0\t-\t0\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tenabled\t-1\t0\t-\t0\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tenabled\t0\t4294967296\t-\t0\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tenabled\t0\t0\t65536\t0\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tenabled\t0\t0\t\t0\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tenabled\t0\t0\t-\t65536\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tenabled\t0\t0\t-\t0\n"},
	{1, PERSON "b\t7\t" KEY "\tenabled\t0\t0\t-\t0\t0\t0\n"},
};

static void no_wrong_line_is_taken(void **state)
{
	struct lq_office_line line;
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (read_all(wrong[i].part, wrong[i].text, strlen(wrong[i].text), &line) !=
			LQ_ERR_INVALID) {
			fail_msg("taken: %s", wrong[i].text);
		}
	}
	assert_int_equal(read_all(0, "profile\tda\0s\n", 13, &line), LQ_ERR_INVALID);
	assert_int_equal(read_all(0, "", 0, &line), LQ_OK);
}

static void a_line_has_an_end(void **state)
{
	static char text[4096];
	struct lq_office_line line;
	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	assert_int_equal(read_all(0, text, sizeof(text), &line), LQ_ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_say_what_they_say),
		cmocka_unit_test(badges_belong_to_the_person_above),
		cmocka_unit_test(no_wrong_line_is_taken),
		cmocka_unit_test(a_line_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

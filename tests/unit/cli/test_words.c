#include "firmware/core/err.h"
#include "host/cli/words.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static void numbers_are_digits_within_bounds(void **state)
{
	uint64_t number = 0;
	(void)state;
	assert_int_equal(LQ_OK, lq_word_number("0", 0, 5, &number));
	assert_int_equal(0, number);
	assert_int_equal(LQ_OK, lq_word_number("0017", 1, 100, &number));
	assert_int_equal(17, number);
	assert_int_equal(LQ_OK, lq_word_number("9223372036854775807", 1, INT64_MAX, &number));
	assert_true(number == INT64_MAX);
	static const char *const wrong[] = {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "one", "6",
		"18446744073709551615", "18446744073709551617", "99999999999999999999999"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		number = 42;
		assert_int_equal(LQ_ERR_INVALID, lq_word_number(wrong[i], 0, 5, &number));
		assert_int_equal(42, number);
	}
}

static void roster_numbers_may_carry_their_letter(void **state)
{
	uint32_t id = 0;
	(void)state;
	assert_int_equal(LQ_OK, lq_word_roster_id("3", 'm', &id));
	assert_int_equal(3, id);
	assert_int_equal(LQ_OK, lq_word_roster_id("m4294967295", 'm', &id));
	assert_true(id == UINT32_MAX);
	static const char *const wrong[] = {"", "m", "c3", "mm3", "0", "m0", "m4294967296", "M3"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(LQ_ERR_INVALID, lq_word_roster_id(wrong[i], 'm', &id));
	}
}

static void names_are_short_and_plain(void **state)
{
	(void)state;
	assert_true(lq_word_is_name("front"));
	assert_true(lq_word_is_name("meeting-room_2"));
	assert_true(lq_word_is_name("abcdefghijklmnopqrstuvwxyz012345"));
	assert_false(lq_word_is_name("abcdefghijklmnopqrstuvwxyz0123456"));
	assert_false(lq_word_is_name(""));
	assert_false(lq_word_is_name("Front"));
	assert_false(lq_word_is_name("a b"));
	assert_false(lq_word_is_name("caf\xc3\xa9"));
}

static void uids_are_4_7_or_10_bytes(void **state)
{
	static const struct {
		const char *text;
		const char *uid; /* NULL: refused */
	} cases[] = {
		{"04a1b2c3", "04a1b2c3"},
		{"04A1B2C3D4E5F6", "04a1b2c3d4e5f6"},
		{"04:a1:b2:c3:d4:e5:f6", "04a1b2c3d4e5f6"},
		{"04 a1 b2 c3", "04a1b2c3"},
		{"04-a1-b2-c3", "04a1b2c3"},
		{"00112233445566778899", "00112233445566778899"},
		{"", NULL},
		{"04", NULL},
		{"04a1b2", NULL},
		{"04a1b2c3d4", NULL},
		{"0411223344556677889900", NULL},
		{"04a1b2c", NULL},
		{"04a1b2c3:", NULL},
		{":04a1b2c3", NULL},
		{"04::a1:b2:c3", NULL},
		{"0:4a1b2c3", NULL},
		{"04a1b2cg", NULL},
		{"0x04a1b2c3", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char uid[LQ_UID_TEXT_SIZE] = "untouched";
		int r = lq_word_uid(cases[i].text, uid);
		const char *expected = cases[i].uid != NULL ? cases[i].uid : "untouched";
		if (r != (cases[i].uid != NULL ? LQ_OK : LQ_ERR_INVALID) ||
			strcmp(uid, expected) != 0) {
			fail_msg("'%s' gave %d, %s", cases[i].text, r, uid);
		}
	}
}

static void places_name_a_door_a_direction_and_perhaps_a_schedule(void **state)
{
	static const struct {
		const char *text;
		const char *access_point; /* NULL: refused */
		const char *schedule;
	} cases[] = {
		{"front/entry", "front/entry", ""},
		{"front/exit", "front/exit", ""},
		{"front/entry@office", "front/entry", "office"},
		{"*", "*", ""},
		{"*@office", "*", "office"},
		{"abcdefghijklmnopqrstuvwxyz012345/entry", "abcdefghijklmnopqrstuvwxyz012345/entry",
			""},
		{"", NULL, NULL},
		{"front", NULL, NULL},
		{"front/", NULL, NULL},
		{"front/in", NULL, NULL},
		{"front/entryx", NULL, NULL},
		{"front/ent", NULL, NULL},
		{"/entry", NULL, NULL},
		{"Front/entry", NULL, NULL},
		{"**", NULL, NULL},
		{"*/entry", NULL, NULL},
		{"front/entry@", NULL, NULL},
		{"front/entry@a b", NULL, NULL},
		{"front/entry@a@b", NULL, NULL},
		{"@office", NULL, NULL},
		{"front@x/entry", NULL, NULL},
		{"abcdefghijklmnopqrstuvwxyz0123456/entry", NULL, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_place place = {0};
		int r = lq_word_place(cases[i].text, &place);
		bool good = cases[i].access_point != NULL;
		if (r != (good ? LQ_OK : LQ_ERR_INVALID) ||
			(good && (strcmp(place.access_point, cases[i].access_point) != 0 ||
					 strcmp(place.schedule, cases[i].schedule) != 0))) {
			fail_msg("'%s' gave %d, %s, %s", cases[i].text, r, place.access_point,
				place.schedule);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_digits_within_bounds),
		cmocka_unit_test(roster_numbers_may_carry_their_letter),
		cmocka_unit_test(names_are_short_and_plain),
		cmocka_unit_test(uids_are_4_7_or_10_bytes),
		cmocka_unit_test(places_name_a_door_a_direction_and_perhaps_a_schedule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

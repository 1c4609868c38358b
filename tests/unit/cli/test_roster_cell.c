#include "firmware/core/err.h"
#include "host/cli/roster_cell.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static const struct lq_roster_table *const members = &lq_roster_tables[LQ_ROSTER_MEMBERS];
static const struct lq_roster_table *const badges = &lq_roster_tables[LQ_ROSTER_BADGES];

static const struct {
	const struct lq_roster_table *const *table;
	size_t column;
	const char *text;
	const char *again; /* NULL: not taken */
} cases[] = {
	{&members, LQ_MEMBER_ID, "m3", "m3"},
	{&members, LQ_MEMBER_ID, "3", "m3"},
	{&members, LQ_MEMBER_ID, "", ""},
	{&members, LQ_MEMBER_ID, "c3", NULL},
	{&members, LQ_MEMBER_ID, "m0", NULL},
	{&members, LQ_MEMBER_ID, "m4294967296", NULL},
	{&members, LQ_MEMBER_NAME, "Ada Example, ", "Ada Example, "},
	{&members, LQ_MEMBER_NAME, "'=1+1", "=1+1"},
	{&members, LQ_MEMBER_NAME, "'s Example", "'s Example"},
	{&members, LQ_MEMBER_NAME, "''s Example", "'s Example"},
	{&members, LQ_MEMBER_NAME, "=1+1", "=1+1"},
	{&members, LQ_MEMBER_NAME, "", NULL},
	{&members, LQ_MEMBER_NAME, "   ", NULL},
	{&members, LQ_MEMBER_NAME, "m3", NULL},
	{&members, LQ_MEMBER_NAME, "two\nlines", NULL},
	{&members, LQ_MEMBER_EXTERNAL_ID, "", ""},
	{&members, LQ_MEMBER_EXTERNAL_ID, "17", "17"},
	{&members, LQ_MEMBER_EXTERNAL_ID, "'-17", "-17"},
	{&members, LQ_MEMBER_PROFILE, "week-days_2", "week-days_2"},
	{&members, LQ_MEMBER_PROFILE, "Week", NULL},
	{&members, LQ_MEMBER_PROFILE, "", NULL},
	{&members, LQ_MEMBER_ENABLED, "OUI", "yes"},
	{&members, LQ_MEMBER_ENABLED, "VRAI", "yes"},
	{&members, LQ_MEMBER_ENABLED, "0", "no"},
	{&members, LQ_MEMBER_ENABLED, "", NULL},
	{&members, LQ_MEMBER_ENABLED, "maybe", NULL},
	{&badges, LQ_BADGE_STATE, "Lost", "lost"},
	{&badges, LQ_BADGE_STATE, "unknown", NULL},
	{&badges, LQ_BADGE_FROM, "", ""},
	{&badges, LQ_BADGE_FROM, "2026-12-01T08:00:00Z", "2026-12-01T08:00:00.000Z"},
	{&badges, LQ_BADGE_TO, "2026-12-01T08:00:00.000Z", "2026-12-01T08:00:00.000Z"},
	{&badges, LQ_BADGE_TO, "tomorrow", NULL},
	{&badges, LQ_BADGE_TO, "2026-13-01", NULL},
	{&badges, LQ_BADGE_UID, "04a1b2c3d4e5f6", ""},
	{&badges, LQ_BADGE_UID, "04:A1:B2:C3", ""},
	{&badges, LQ_BADGE_UID, "04a1b2c3d4", NULL},
	{&badges, LQ_BADGE_UID, "08a1b2c3", NULL},
	{&badges, LQ_BADGE_UID, "00000000", NULL},
	{&badges, LQ_BADGE_USES_LEFT, "", ""},
	{&badges, LQ_BADGE_USES_LEFT, "0", "0"},
	{&badges, LQ_BADGE_USES_LEFT, "65535", "65535"},
	{&badges, LQ_BADGE_USES_LEFT, "65536", NULL},
	{&badges, LQ_BADGE_USES_LEFT, "-1", NULL},
	{&badges, LQ_BADGE_VALID_FOR, "", ""},
	{&badges, LQ_BADGE_VALID_FOR, "720", "720"},
	{&badges, LQ_BADGE_VALID_FOR, "0", NULL},
	{&badges, LQ_BADGE_SUSPENDED_UNTIL, "", ""},
	{&badges, LQ_BADGE_SUSPENDED_UNTIL, "2026-12-01T08:00:00Z", "2026-12-01T08:00:00.000Z"},
	{&members, LQ_MEMBER_ANY_TIME, "oui", "yes"},
	{&members, LQ_MEMBER_EXTENDED_TIME, "perhaps", NULL},
};

static void what_is_read_is_written_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_roster_row row = {.valid_to_s = LQ_VALID_FOREVER};
		char again[LQ_CELL_TEXT_SIZE];
		int r = lq_cell_parse(*cases[i].table, cases[i].column, cases[i].text, &row);
		if ((r == LQ_OK) != (cases[i].again != NULL)) {
			fail_msg("'%s': %d", cases[i].text, r);
		}
		lq_cell_format(&(*cases[i].table)->columns[cases[i].column], &row, again);
		if (r == LQ_OK) {
			assert_string_equal(again, cases[i].again);
		}
	}
}

static void a_long_text_is_not_taken(void **state)
{
	char text[LQ_MEMBER_NAME_SIZE + 1] = "";
	struct lq_roster_row row = {0};
	(void)state;
	memset(text, 'a', LQ_MEMBER_NAME_SIZE - 1);
	assert_int_equal(lq_cell_parse(members, LQ_MEMBER_NAME, text, &row), LQ_OK);
	assert_int_equal(lq_cell_parse(members, LQ_MEMBER_EXTERNAL_ID, text, &row), LQ_ERR_INVALID);
	text[LQ_MEMBER_NAME_SIZE - 1] = 'a';
	assert_int_equal(lq_cell_parse(members, LQ_MEMBER_NAME, text, &row), LQ_ERR_INVALID);
}

static void an_empty_key_is_not_given(void **state)
{
	struct lq_roster_row row = {0};
	(void)state;
	assert_int_equal(lq_cell_parse(badges, LQ_BADGE_ID, "", &row), LQ_OK);
	assert_int_equal(lq_cell_parse(badges, LQ_BADGE_UID, "", &row), LQ_OK);
	assert_int_equal(lq_cell_parse(badges, LQ_BADGE_MEMBER, "", &row), LQ_OK);
	assert_int_equal(row.given, 0);
	assert_int_equal(lq_cell_parse(badges, LQ_BADGE_TO, "", &row), LQ_OK);
	assert_int_equal(row.given, LQ_GIVEN(LQ_BADGE_TO));
}

/* Whatever stands in the roster comes back from a spreadsheet as it was. */
static void what_a_spreadsheet_would_compute_is_guarded(void **state)
{
	static const char *const texts[] = {"=1", "+1", "-1", "@x", "'x", "'=1"};
	const struct lq_roster_column *name = &members->columns[LQ_MEMBER_NAME];
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char guarded[16] = "'";
		assert_true(lq_cell_needs_guard(name, texts[i]));
		strcpy(guarded + 1, texts[i]); // NOLINT: short
		assert_string_equal(lq_cell_unguard(guarded), texts[i]);
	}
	assert_false(lq_cell_needs_guard(name, "Ada"));
	assert_false(lq_cell_needs_guard(name, ""));
	assert_false(lq_cell_needs_guard(&members->columns[LQ_MEMBER_PROFILE], "-days"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written_again),
		cmocka_unit_test(a_long_text_is_not_taken),
		cmocka_unit_test(an_empty_key_is_not_given),
		cmocka_unit_test(what_a_spreadsheet_would_compute_is_guarded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The office's roster: from the link's socket to the taps. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/desk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FRONT_IN, FRONT_OUT };

static void assert_reason(struct rig *rig, const char *type, const char *reason)
{
	json_t *data = rig_last(rig, type);
	assert_string_equal(json_string_value(json_object_get(data, "reason")), reason);
	json_decref(data);
}

static void assert_refused(struct desk *desk, const char *why, unsigned count)
{
	desk_settle(desk);
	json_t *figures = lq_office_figures(&desk->rig->daemon);
	json_t *refused = json_object_get(figures, "rosterRefused");
	assert_string_equal(json_string_value(json_object_get(refused, "why")), why);
	assert_int_equal(json_integer_value(json_object_get(refused, "count")), count);
	json_decref(figures);
}

/* ---- tests ---- */

static void persons_of_the_office_come_in(void **state)
{
	struct desk *desk = *state;
	desk_give_two(desk);
	json_t *data = rig_last(desk->rig, "roster.applied");
	assert_int_equal(json_integer_value(json_object_get(data, "rosterVersion")), DESK_VERSION);
	assert_int_equal(json_integer_value(json_object_get(data, "persons")), 2);
	assert_int_equal(json_integer_value(json_object_get(data, "parts")), 3);
	json_decref(data);
	rig_tap(desk->rig, FRONT_IN, desk_first);
	rig_settle(desk->rig);
	data = rig_last(desk->rig, "access.granted");
	assert_string_equal(json_string_value(json_object_get(data, "holder")), "p256");
	assert_string_equal(json_string_value(json_object_get(data, "credential")), "c1256");
	json_decref(data);
	rig_drive(desk->rig, "front", "contact 1");
	rig_settle(desk->rig);
	data = rig_last(desk->rig, "access.taken");
	assert_string_equal(json_string_value(json_object_get(data, "holder")), "p256");
	json_decref(data);
	rig_drive(desk->rig, "front", "contact 0");
	rig_settle(desk->rig);
	rig_tap(desk->rig, FRONT_IN, rig_uid); /* of the roster before */
	rig_settle(desk->rig);
	assert_reason(desk->rig, "access.denied", "CredentialNotFound");
}

static void assert_holder(struct rig *rig, const char *type, const char *holder)
{
	json_t *data = rig_last(rig, type);
	assert_string_equal(json_string_value(json_object_get(data, "holder")), holder);
	json_decref(data);
}

static void who_goes_through_is_the_offices_person_too(void **state)
{
	struct desk *desk = *state;
	struct rig *rig = desk->rig;
	desk_give_two(desk);
	rig_tap(rig, FRONT_IN, desk_first);
	rig_settle(rig);
	rig_advance(rig, 60000);
	rig_settle(rig);
	assert_holder(rig, "access.not_taken", "p256");
	rig_tap(rig, FRONT_IN, desk_second);
	rig_settle(rig);
	rig_drive(rig, "front", "contact 1");
	rig_advance(rig, 1000);
	rig_settle(rig);
	assert_holder(rig, "access.taken", "p1");
}

static void nothing_is_changed_here_any_more(void **state)
{
	static const char *const requests[] = {
		"{\"do\":\"member.add\",\"name\":\"Ada Example\",\"profile\":\"always\"}",
		"{\"do\":\"badge.revoke\",\"badge\":1256}",
		"{\"do\":\"badge.enrol\",\"member\":1}",
		"{\"do\":\"profile.set\",\"name\":\"days\",\"policies\":[]}",
		"{\"do\":\"door.hours\",\"door\":\"front\",\"schedule\":null}",
	};
	struct desk *desk = *state;
	desk_give_two(desk);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		json_t *answer = rig_ask(desk->rig, -1, requests[i]);
		assert_string_equal(json_string_value(json_object_get(answer, "text")),
			"the office keeps the roster: change it there");
		json_decref(answer);
	}
	json_decref(rig_ask(desk->rig, -1, "{\"do\":\"door.open\",\"door\":\"front\"}"));
	rig_settle(desk->rig);
	assert_true(rig_relay(desk->rig, 0));
}

static void what_is_taken_away_does_not_wait_for_the_disk(void **state)
{
	struct desk *desk = *state;
	struct rig *rig = desk->rig;
	desk_give_two(desk);
	rig_hold_disk(rig);
	desk_write_badge(desk, 1, 256, desk_first, "stolen\t0\t0\t-\t0\t0");
	desk->manifest.version++;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	desk_hand_parts(desk, desk_asked(desk));
	rig_turn(rig);
	rig_tap(rig, FRONT_IN, desk_first);
	rig_turn(rig);
	assert_false(rig_relay(rig, 0));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_reason(rig, "access.denied", "CredentialNotEnabled");
	rig_advance(rig, 5000); /* when it is tried again */
	desk_settle(desk);
	assert_int_equal(rig_count(rig, "roster.applied"), 2);
}

static void nothing_but_the_offices_newest_word_is_taken(void **state)
{
	struct desk *desk = *state;
	desk_give_two(desk);
	desk->parts[2][0] = '\0';
	desk->manifest.version = DESK_VERSION + 1;
	desk_hand_manifest(desk, DESK_OTHER, "demo");
	assert_refused(desk, "wrong_key", 1);
	desk_hand_manifest(desk, DESK_SEED, "other");
	assert_refused(desk, "other_space", 2);
	desk->manifest.version = DESK_VERSION - 1;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	assert_refused(desk, "older", 3);
	desk->manifest.version = DESK_VERSION;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	assert_refused(desk, "conflict", 4);
	desk->manifest.version = DESK_VERSION + 1;
	desk->manifest.iat_s = DESK_NOW_S + 301;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	assert_refused(desk, "future", 5);
	desk_hand(desk, "manifest", "e30", 3);
	assert_refused(desk, "malformed", 6);
	desk_write_badge(desk, 2, 1, desk_second, "lost\t0\t0\t-\t0\t0");
	desk->manifest.iat_s = DESK_NOW_S;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	json_t *words = desk_asked(desk);
	desk->parts[2][4]++;
	desk_hand_parts(desk, words);
	rig_settle(desk->rig);
	assert_refused(desk, "damaged", 7);
	rig_tap(desk->rig, FRONT_IN, desk_second);
	rig_settle(desk->rig);
	assert_true(rig_relay(desk->rig, 0));
	assert_int_equal(rig_count(desk->rig, "roster.applied"), 1);
}

/* As when the office changes its roster while it is fetched. */
static void parts_of_another_version_are_asked_for_again(void **state)
{
	struct desk *desk = *state;
	desk_give_two(desk);
	desk_write_badge(desk, 2, 1, desk_second, "lost\t0\t0\t-\t0\t0");
	desk->manifest.version++;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	json_t *words = desk_asked(desk);
	desk->parts[2][4]++;
	desk_hand_parts(desk, words);
	assert_refused(desk, "damaged", 1);
	desk->parts[2][4]--;
	rig_advance(desk->rig, 250);
	desk_hand_parts(desk, desk_asked(desk));
	desk_settle(desk);
	assert_int_equal(rig_count(desk->rig, "roster.applied"), 2);
	rig_tap(desk->rig, FRONT_IN, desk_second);
	rig_settle(desk->rig);
	assert_reason(desk->rig, "access.denied", "CredentialNotEnabled");
}

static void too_old_a_roster_lets_out_and_nobody_in(void **state)
{
	struct desk *desk = *state;
	struct rig *rig = desk->rig;
	desk_give_two(desk);
	for (int hour = 0; hour < 73; hour++) {
		rig_advance(rig, 3600000);
	}
	rig_settle(rig);
	rig_tap(rig, FRONT_IN, desk_first);
	rig_settle(rig);
	assert_reason(rig, "access.denied", "loquet:RosterStale");
	rig_tap(rig, FRONT_OUT, desk_first);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
	rig_advance(rig, 10000);
	desk->manifest.iat_s = DESK_NOW_S + INT64_C(73) * 3600; /* said again */
	desk_hand_manifest(desk, DESK_SEED, "demo");
	rig_settle(rig);
	rig_tap(rig, FRONT_IN, desk_second);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
	assert_int_equal(rig_count(rig, "roster.applied"), 1);
	rig_restart(rig);
	assert_int_equal(rig->daemon.office.kept.manifest.iat_s, DESK_NOW_S + INT64_C(73) * 3600);
}

/* The same roster, with a word about who fits in. */
static void say_full(struct desk *desk, const char *full, int64_t iat_s)
{
	(void)snprintf(desk->full, sizeof(desk->full), "%s", full);
	desk->manifest.iat_s = iat_s;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	rig_settle(desk->rig);
}

static bool opens(struct desk *desk, uint16_t reader, const uint8_t *uid)
{
	rig_advance(desk->rig, 10000);
	assert_false(rig_relay(desk->rig, 0));
	rig_tap(desk->rig, reader, uid);
	rig_settle(desk->rig);
	return rig_relay(desk->rig, 0);
}

static void goes_through(struct desk *desk, uint16_t reader, const uint8_t *uid)
{
	assert_true(opens(desk, reader, uid));
	rig_drive(desk->rig, "front", "contact 1");
	rig_advance(desk->rig, 1000);
	rig_drive(desk->rig, "front", "contact 0");
	rig_advance(desk->rig, 1000);
	rig_settle(desk->rig);
}

#define SAY(space, zones, exempt, inside)                                                          \
	",\"full\":{\"space\":" space ",\"zones\":[" zones "],\"exempt\":[" exempt                 \
	"],\"in\":[" inside "]}"
#define FULL(zones, exempt) SAY("false", zones, exempt, "")

static void a_full_space_lets_out_and_nobody_in_but_the_exempt(void **state)
{
	struct desk *desk = *state;
	desk_give_two(desk);
	say_full(desk, FULL("\"space\"", "1"), DESK_NOW_S + 1);
	assert_false(opens(desk, FRONT_IN, desk_first));
	assert_reason(desk->rig, "access.denied", "loquet:SpaceFull");
	assert_true(opens(desk, FRONT_IN, desk_second)); /* of the staff */
	assert_true(opens(desk, FRONT_OUT, desk_first));
	say_full(desk, FULL("\"studio\"", ""), DESK_NOW_S + 2); /* elsewhere */
	goes_through(desk, FRONT_IN, desk_first);
	/* Who is in by the list is not one more. */
	say_full(desk, FULL("\"studio\", \"space\"", ""), DESK_NOW_S + 3);
	goes_through(desk, FRONT_IN, desk_first);
	goes_through(desk, FRONT_OUT, desk_first);
	assert_false(opens(desk, FRONT_IN, desk_first));
	say_full(desk, "", DESK_NOW_S + 4);
	assert_true(opens(desk, FRONT_IN, desk_first));
	assert_int_equal(rig_count(desk->rig, "roster.applied"), 1);
}

/* Whoever is somewhere in the space may go on to another zone, where there is room for them. */
static void a_space_that_is_full_as_a_whole_takes_nobody_new(void **state)
{
	struct desk *desk = *state;
	desk_give_two(desk);
	say_full(desk, SAY("true", "", "", "256"), DESK_NOW_S + 1);
	assert_true(opens(desk, FRONT_IN, desk_first));
	assert_false(opens(desk, FRONT_IN, desk_second));
	assert_true(opens(desk, FRONT_OUT, desk_second));
	say_full(desk, SAY("true", "\"space\"", "", "256"), DESK_NOW_S + 2);
	assert_false(opens(desk, FRONT_IN, desk_first));
	say_full(desk, SAY("true", "\"space\"", "1", "256"), DESK_NOW_S + 3);
	assert_true(opens(desk, FRONT_IN, desk_second));
}

/* An office that does not count any more keeps nobody out. */
static void that_it_is_full_is_forgotten(void **state)
{
	struct desk *desk = *state;
	desk_give_two(desk);
	say_full(desk, FULL("\"space\"", ""), DESK_NOW_S + 1);
	assert_false(opens(desk, FRONT_IN, desk_first));
	rig_advance(desk->rig, 270000);
	assert_false(opens(desk, FRONT_IN, desk_first));
	rig_advance(desk->rig, 20000);
	assert_true(opens(desk, FRONT_IN, desk_first));
	/* A word that was old when it came, and one behind a newer one. */
	say_full(desk, FULL("\"space\"", ""), DESK_NOW_S + 2);
	assert_true(opens(desk, FRONT_IN, desk_second));
	assert_true(opens(desk, FRONT_OUT, desk_second));
	say_full(desk, "", DESK_NOW_S + 400);
	say_full(desk, FULL("\"space\"", ""), DESK_NOW_S + 399);
	assert_true(opens(desk, FRONT_IN, desk_second));
}

static void a_malformed_word_about_it_is_refused(void **state)
{
	static const char *const wrong[] = {",\"full\":null", ",\"full\":[]", ",\"full\":{}",
		SAY("1", "", "", ""), SAY("true", "", "", "0"), FULL("\"Space\"", ""),
		FULL("\"\"", ""), FULL("7", ""), FULL("\"space\"", "0"),
		FULL("\"space\"", "4294967296"), FULL("\"space\"", "\"1\""),
		FULL("\"123456789012345678901234567890123\"", ""), ",\"full\":{\"space\":true}",
		",\"full\":{\"space\":true,\"zones\":[],\"exempt\":[],\"in\":[],\"more\":1}"};
	struct desk *desk = *state;
	desk_give_two(desk);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		say_full(desk, wrong[i], DESK_NOW_S + 1 + i);
		assert_refused(desk, "malformed", i + 1);
	}
	assert_true(opens(desk, FRONT_IN, desk_first));
}

static void a_restart_remembers_the_version(void **state)
{
	struct desk *desk = *state;
	desk_give_two(desk);
	(void)close(desk->link);
	rig_restart(desk->rig);
	desk->link = rig_connect(desk->rig, "link.sock");
	desk->manifest.version = DESK_VERSION - 1;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	assert_refused(desk, "older", 1);
	rig_tap(desk->rig, FRONT_IN, desk_first);
	rig_settle(desk->rig);
	json_t *data = rig_last(desk->rig, "access.granted");
	assert_string_equal(json_string_value(json_object_get(data, "holder")), "p256");
	json_decref(data);
	desk->parts[1][0] = '\0'; /* an empty part is not fetched */
	desk_give(desk, DESK_VERSION + 1);
	rig_advance(desk->rig, 10000);
	rig_tap(desk->rig, FRONT_IN, desk_first);
	rig_settle(desk->rig);
	assert_reason(desk->rig, "access.denied", "CredentialNotFound");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(persons_of_the_office_come_in),
		TEST(who_goes_through_is_the_offices_person_too),
		TEST(nothing_is_changed_here_any_more),
		TEST(what_is_taken_away_does_not_wait_for_the_disk),
		TEST(nothing_but_the_offices_newest_word_is_taken),
		TEST(parts_of_another_version_are_asked_for_again),
		TEST(too_old_a_roster_lets_out_and_nobody_in),
		TEST(a_full_space_lets_out_and_nobody_in_but_the_exempt),
		TEST(a_space_that_is_full_as_a_whole_takes_nobody_new),
		TEST(that_it_is_full_is_forgotten),
		TEST(a_malformed_word_about_it_is_refused),
		TEST(a_restart_remembers_the_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Rules of time and of persons, from the operator's socket to the relay and the journal. The rig's
 * clock begins on Monday 2026-09-21, 14:13:20 UTC, and its space is in UTC. */
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdio.h>
#include <string.h>

enum { FRONT, BACK };
enum { FRONT_IN, FRONT_OUT };

static int set_up(void **state)
{
	*state = rig_open("");
	return 0;
}

static int tear_down(void **state)
{
	rig_close(*state);
	return 0;
}

/* The word that says why not, or "ok"; static until the next call. */
static const char *asked(struct rig *rig, const char *request)
{
	static char word[32];
	json_t *answer = rig_ask(rig, -1, request);
	const char *error = json_string_value(json_object_get(answer, "error"));
	(void)snprintf(word, sizeof(word), "%s",
		json_is_true(json_object_get(answer, "ok")) ? "ok" : error);
	json_decref(answer);
	rig_settle(rig);
	return word;
}

static void assert_ok(struct rig *rig, const char *request)
{
	const char *word = asked(rig, request);
	if (strcmp(word, "ok") != 0) {
		fail_msg("%s: %s", request, word);
	}
}

static void assert_last(struct rig *rig, const char *type, const char *key, const char *value)
{
	json_t *data = rig_last(rig, type);
	const char *found = json_string_value(json_object_get(data, key));
	assert_non_null(found);
	assert_string_equal(found, value);
	json_decref(data);
}

/* Taps at the front door's entry and waits until it is locked again; how many taps were granted so
 * far. */
static unsigned tap(struct rig *rig, const uint8_t uid[7])
{
	rig_tap(rig, FRONT_IN, uid);
	rig_settle(rig);
	rig_advance(rig, 3000);
	return rig_count(rig, "access.granted");
}

/* ---- special days ---- */

static const uint8_t guest_uid[7] = {4, 2, 2, 2, 2, 2, 2};

/* Member 2 comes by the profile "guests": the front door, by the schedule "office". */
static void add_guest(struct rig *rig)
{
	assert_ok(rig, "{\"do\":\"schedule.set\",\"name\":\"office\",\"periods\":[[480,1200]]}");
	assert_ok(rig, "{\"do\":\"profile.set\",\"name\":\"guests\",\"policies\":"
		       "[{\"access_point\":\"front/entry\",\"schedule\":\"office\"}]}");
	assert_ok(rig, "{\"do\":\"member.add\",\"name\":\"Sam Sample\",\"profile\":\"guests\"}");
	assert_ok(rig, "{\"do\":\"badge.enrol\",\"member\":2,\"uid\":\"04020202020202\"}");
}

static void a_special_day_closes_and_opens_from_the_command_on(void **state)
{
	struct rig *rig = *state;
	add_guest(rig);
	assert_int_equal(tap(rig, guest_uid), 1);
	assert_ok(rig, "{\"do\":\"day.add\",\"name\":\"holidays\",\"month\":9,\"day\":21,"
		       "\"label\":\"Équinoxe\"}");
	assert_last(rig, "roster.changed", "action", "day.added");
	assert_int_equal(tap(rig, guest_uid), 2);
	assert_ok(rig, "{\"do\":\"schedule.set\",\"name\":\"office\",\"periods\":[[480,1200]],"
		       "\"special\":[{\"group\":\"holidays\",\"periods\":[]}]}");
	assert_int_equal(tap(rig, guest_uid), 2);
	assert_last(rig, "access.denied", "reason", "NotPermittedAtThisTime");
	rig_restart(rig);
	assert_int_equal(tap(rig, guest_uid), 2);
	assert_ok(rig, "{\"do\":\"schedule.set\",\"name\":\"office\",\"periods\":[[480,500]],"
		       "\"special\":[{\"group\":\"holidays\",\"periods\":[[840,900]]}]}");
	assert_int_equal(tap(rig, guest_uid), 3);
	assert_ok(rig, "{\"do\":\"day.remove\",\"name\":\"holidays\",\"month\":9,\"day\":21}");
	assert_int_equal(tap(rig, guest_uid), 3);
}

static void what_is_no_special_day_is_refused(void **state)
{
	static const char *const wrong[][2] = {
		{"{\"do\":\"day.add\",\"name\":\"h\",\"month\":2,\"day\":30}", "invalid"},
		{"{\"do\":\"day.add\",\"name\":\"h\",\"month\":2}", "invalid"},
		{"{\"do\":\"day.add\",\"name\":\"h\",\"month\":\"2\",\"day\":1}", "invalid"},
		{"{\"do\":\"day.add\",\"name\":\"h\",\"month\":2,\"day\":1,\"year\":-1}",
			"invalid"},
		{"{\"do\":\"day.add\",\"name\":\"H\",\"month\":2,\"day\":1}", "invalid"},
		{"{\"do\":\"day.add\",\"name\":\"h\",\"month\":2,\"day\":1,\"label\":7}",
			"invalid"},
		{"{\"do\":\"day.add\",\"name\":\"h\",\"month\":2,\"day\":1,"
		 "\"label\":\"a\\u0007\"}",
			"invalid"},
		{"{\"do\":\"day.remove\",\"name\":\"h\",\"month\":2,\"day\":1}", "not_found"},
		{"{\"do\":\"schedule.set\",\"name\":\"s\",\"periods\":[],"
		 "\"special\":[{\"group\":\"none\",\"periods\":[]}]}",
			"not_found"},
		{"{\"do\":\"schedule.set\",\"name\":\"s\",\"periods\":[],\"special\":[{}]}",
			"invalid"},
		{"{\"do\":\"schedule.set\",\"name\":\"s\",\"periods\":[],\"special\":[{"
		 "\"group\":\"h\",\"periods\":[[0,1441]]}]}",
			"invalid"},
		{"{\"do\":\"schedule.set\",\"name\":\"s\",\"periods\":[],\"special\":{}}",
			"invalid"},
	};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_string_equal(asked(rig, wrong[i][0]), wrong[i][1]);
	}
	assert_int_equal(rig_count(rig, "roster.changed"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_special_day_closes_and_opens_from_the_command_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_no_special_day_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

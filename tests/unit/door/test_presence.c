/* Who is in: from taps and the contact to the list, the journal and the next start. */
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

enum { FRONT, BACK };
enum { FRONT_IN, FRONT_OUT, BACK_IN };

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

static void drive(struct rig *rig, const char *order)
{
	rig_drive(rig, "front", order);
	rig_settle(rig);
}

/* Taps and goes through the front door, which has a contact. */
static void pass(struct rig *rig, uint16_t reader)
{
	rig_tap(rig, reader, rig_uid);
	rig_settle(rig);
	drive(rig, "contact 1");
	drive(rig, "contact 0");
	rig_advance(rig, 2000);
}

static size_t listed(struct rig *rig)
{
	json_t *answer = rig_ask(rig, -1, "{\"do\":\"onsite\"}");
	size_t count = json_array_size(json_object_get(answer, "people"));
	assert_true(json_is_false(json_object_get(answer, "more")));
	json_decref(answer);
	return count;
}

static bool last_was_flagged(struct rig *rig)
{
	json_t *data = rig_last(rig, "access.granted");
	bool flagged = json_is_true(json_object_get(data, "passback"));
	json_decref(data);
	return flagged;
}

static const char *forgive(struct rig *rig, const char *request)
{
	static char word[32];
	json_t *answer = rig_ask(rig, -1, request);
	const char *error = json_string_value(json_object_get(answer, "error"));
	(void)snprintf(word, sizeof(word), "%s", error == NULL ? "ok" : error);
	json_decref(answer);
	rig_settle(rig);
	return word;
}

static void only_who_really_went_through_is_in(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_int_equal(listed(rig), 0);
	rig_advance(rig, 2000);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "access.not_taken"), 1);
	assert_int_equal(listed(rig), 0);
	pass(rig, FRONT_IN);
	assert_int_equal(listed(rig), 1);
	rig_tap(rig, FRONT_OUT, rig_uid);
	rig_settle(rig);
	assert_int_equal(listed(rig), 1);
	drive(rig, "contact 1");
	assert_int_equal(listed(rig), 0);
}

static void where_no_contact_tells_the_release_counts(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, BACK_IN, rig_uid);
	rig_settle(rig);
	assert_int_equal(listed(rig), 1);
	pass(rig, FRONT_OUT);
	assert_int_equal(listed(rig), 0);
	/* A contact that cannot be read tells nothing either. */
	rig->lines[FRONT].inputs_fail = true;
	rig_drive(rig, "front", "contact 1");
	rig_settle(rig);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_int_equal(listed(rig), 1);
}

static void who_is_in_survives_a_restart(void **state)
{
	struct rig *rig = *state;
	pass(rig, FRONT_IN);
	rig_restart(rig);
	json_t *answer = rig_ask(rig, -1, "{\"do\":\"onsite\"}");
	json_t *person = json_array_get(json_object_get(answer, "people"), 0);
	assert_int_equal(json_integer_value(json_array_get(person, 0)), 0);
	assert_int_equal(json_integer_value(json_array_get(person, 1)), 1);
	assert_int_equal(json_integer_value(json_array_get(person, 2)) / 1000, INT64_C(1790000000));
	json_decref(answer);
	pass(rig, FRONT_OUT);
	rig_restart(rig);
	assert_int_equal(listed(rig), 0);
}

static void entering_twice_opens_and_is_flagged(void **state)
{
	struct rig *rig = *state;
	pass(rig, FRONT_IN);
	assert_false(last_was_flagged(rig));
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_true(last_was_flagged(rig));
	/* The other door leads to the same place. */
	rig_tap(rig, BACK_IN, rig_uid);
	rig_settle(rig);
	assert_true(last_was_flagged(rig));
	pass(rig, FRONT_OUT);
	assert_false(last_was_flagged(rig));
	pass(rig, FRONT_IN);
	assert_false(last_was_flagged(rig));
}

static void entering_twice_is_denied_where_that_is_wanted_and_forgiven_by_the_desk(void **state)
{
	struct rig *rig = *state;
	rig->config.doors[FRONT].passback.rule = LQ_PASSBACK_HARD;
	assert_string_equal(
		forgive(rig, "{\"do\":\"passback.forgive\",\"member\":1}"), "not_found");
	assert_string_equal(forgive(rig, "{\"do\":\"passback.forgive\",\"member\":0}"), "invalid");
	pass(rig, FRONT_IN);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_false(rig_relay(rig, FRONT));
	json_t *denied = rig_last(rig, "access.denied");
	assert_string_equal(
		json_string_value(json_object_get(denied, "reason")), "loquet:AlreadyInside");
	json_decref(denied);
	assert_string_equal(forgive(rig, "{\"do\":\"passback.forgive\",\"member\":1}"), "ok");
	assert_int_equal(rig_count(rig, "presence.forgiven"), 1);
	assert_int_equal(listed(rig), 1);
	rig_restart(rig);
	pass(rig, FRONT_IN);
	assert_false(last_was_flagged(rig));
	assert_int_equal(rig_count(rig, "access.denied"), 1);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "access.denied"), 2);
	pass(rig, FRONT_OUT);
	pass(rig, FRONT_IN);
	assert_int_equal(rig_count(rig, "access.denied"), 2);
}

static void the_day_is_cut(void **state)
{
	struct rig *rig = *state;
	rig->config.doors[FRONT].passback.rule = LQ_PASSBACK_HARD;
	pass(rig, FRONT_IN);
	lq_sim_clock_set_wall(
		rig->clock, (struct lq_wall){.unix_ms = INT64_C(1790000000000) + INT64_C(86400000),
				    .trust = LQ_TRUST_RTC});
	assert_int_equal(listed(rig), 0);
	rig_restart(rig);
	assert_int_equal(listed(rig), 0);
	pass(rig, FRONT_IN);
	assert_int_equal(rig_count(rig, "access.denied"), 0);
}

static size_t frozen(struct rig *rig)
{
	json_t *answer = rig_ask(rig, -1, "{\"do\":\"onsite\",\"frozen\":true}");
	size_t count = 99;
	if (json_is_true(json_object_get(answer, "ok"))) {
		count = json_array_size(json_object_get(answer, "people"));
		assert_string_equal(json_string_value(json_object_get(answer, "at")),
			json_string_value(json_object_get(answer, "frozen_at")));
	}
	json_decref(answer);
	return count;
}

/* 99: there is no such list. */
static void a_fire_freezes_the_list_until_its_end_is_confirmed(void **state)
{
	static const char confirm[] = "{\"do\":\"door.fire_confirm\",\"door\":\"front\"}";
	struct rig *rig = *state;
	assert_int_equal(frozen(rig), 99);
	pass(rig, FRONT_IN);
	drive(rig, "fire 1");
	json_t *told = rig_last(rig, "presence.frozen");
	assert_string_equal(json_string_value(json_object_get(told, "door")), "front");
	assert_int_equal(json_integer_value(json_object_get(told, "count")), 1);
	json_decref(told);
	assert_int_equal(frozen(rig), 1);
	pass(rig, FRONT_OUT);
	assert_int_equal(listed(rig), 0);
	assert_int_equal(frozen(rig), 1);
	drive(rig, "fire 0");
	rig_restart(rig);
	assert_int_equal(frozen(rig), 1);
	assert_int_equal(listed(rig), 0);
	/* A second alarm before anybody came is the same fire. */
	drive(rig, "fire 1");
	drive(rig, "fire 0");
	assert_int_equal(frozen(rig), 1);
	assert_int_equal(rig_count(rig, "presence.frozen"), 1);
	assert_string_equal(forgive(rig, confirm), "ok");
	assert_int_equal(frozen(rig), 99);
	assert_int_equal(rig_count(rig, "presence.thawed"), 1);
	rig_restart(rig);
	assert_int_equal(frozen(rig), 99);
	assert_int_equal(rig_count(rig, "presence.thawed"), 1);
}

/* Who ran out without a badge comes in again without a question. */
static void a_fire_forgives_everybody(void **state)
{
	struct rig *rig = *state;
	rig->config.doors[FRONT].passback.rule = LQ_PASSBACK_HARD;
	pass(rig, FRONT_IN);
	drive(rig, "fire 1");
	drive(rig, "fire 0");
	rig_restart(rig);
	pass(rig, FRONT_IN);
	assert_int_equal(rig_count(rig, "access.denied"), 0);
	assert_false(last_was_flagged(rig));
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "access.denied"), 1);
}

/* A disk that does not answer takes nobody off the list. */
static void a_fire_is_listed_while_the_disk_does_not_answer(void **state)
{
	struct rig *rig = *state;
	pass(rig, FRONT_IN);
	rig_hold_disk(rig);
	rig_drive(rig, "front", "fire 1");
	for (int i = 0; i < 20000 && rig->daemon.frozen_ms == 0; i++) {
		rig_turn(rig);
		(void)usleep(1000);
	}
	assert_int_equal(frozen(rig), 1);
	rig_let_disk(rig);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "presence.frozen"), 1);
	rig_restart(rig);
	assert_int_equal(frozen(rig), 1);
}

/* A list whose door is no longer in a fire, by a file from elsewhere, does not stand for ever. */
static void a_list_that_no_door_keeps_is_given_up(void **state)
{
	struct rig *rig = *state;
	pass(rig, FRONT_IN);
	drive(rig, "fire 1");
	drive(rig, "fire 0");
	rig_hold_disk(rig);
	assert_int_equal(
		sqlite3_exec(rig->holder, "DELETE FROM door_hold; COMMIT; BEGIN", NULL, NULL, NULL),
		SQLITE_OK);
	rig_let_disk(rig);
	rig_restart(rig);
	rig_settle(rig);
	assert_int_equal(frozen(rig), 99);
	assert_int_equal(rig_count(rig, "presence.thawed"), 1);
}

/* A wrong page or a hostile request gives no more than a refusal. */
static void the_list_comes_in_pages(void **state)
{
	static const char *const wrong[] = {"{\"do\":\"onsite\",\"after\":[0]}",
		"{\"do\":\"onsite\",\"after\":[8,1]}", "{\"do\":\"onsite\",\"after\":[-1,1]}",
		"{\"do\":\"onsite\",\"after\":[0,4294967296]}"};
	struct rig *rig = *state;
	char request[64] = "{\"do\":\"onsite\"}";
	uint32_t seen = 0;
	bool more = true;
	for (uint32_t i = LQ_PRESENT_MAX; i > 0; i--) {
		(void)lq_presence_enter(
			&rig->daemon.presence, i % 2, 4294967295u - i, INT64_C(1790000000000));
	}
	while (more) {
		json_t *answer = rig_ask(rig, -1, request);
		json_t *people = json_object_get(answer, "people");
		assert_true(json_array_size(people) > 0);
		for (size_t i = 0; i < json_array_size(people); i++, seen++) {
			json_t *person = json_array_get(people, i);
			const struct lq_present *due = &rig->daemon.presence.list[seen];
			assert_int_equal(
				json_integer_value(json_array_get(person, 1)), due->holder);
			(void)snprintf(request, sizeof(request),
				"{\"do\":\"onsite\",\"after\":[%u,%u]}", due->zone, due->holder);
		}
		more = json_is_true(json_object_get(answer, "more"));
		json_decref(answer);
	}
	assert_int_equal(seen, LQ_PRESENT_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_string_equal(forgive(rig, wrong[i]), "invalid");
	}
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_RIG(only_who_really_went_through_is_in),
		WITH_RIG(where_no_contact_tells_the_release_counts),
		WITH_RIG(who_is_in_survives_a_restart),
		WITH_RIG(entering_twice_opens_and_is_flagged),
		WITH_RIG(entering_twice_is_denied_where_that_is_wanted_and_forgiven_by_the_desk),
		WITH_RIG(the_day_is_cut),
		WITH_RIG(a_fire_freezes_the_list_until_its_end_is_confirmed),
		WITH_RIG(a_fire_forgives_everybody),
		WITH_RIG(a_fire_is_listed_while_the_disk_does_not_answer),
		WITH_RIG(a_list_that_no_door_keeps_is_given_up),
		WITH_RIG(the_list_comes_in_pages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

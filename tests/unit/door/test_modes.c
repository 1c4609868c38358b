/* Modes, alarms, fire: from the desk and the lines to the journal and the relay. */
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdlib.h>
#include <string.h>

enum { FRONT, BACK };
enum { FRONT_IN };

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

static void assert_last(struct rig *rig, const char *type, const char *key, const char *value)
{
	json_t *data = rig_last(rig, type);
	const char *found = json_string_value(json_object_get(data, key));
	assert_non_null(found);
	assert_string_equal(found, value);
	json_decref(data);
}

static void assert_mode(struct rig *rig, const char *mode)
{
	json_t *status = rig_ask(rig, -1, "{\"do\":\"status\"}");
	json_t *door = json_array_get(json_object_get(status, "doors"), FRONT);
	assert_string_equal(json_string_value(json_object_get(door, "mode")), mode);
	json_decref(status);
}

static void drive(struct rig *rig, const char *order)
{
	rig_drive(rig, "front", order);
	rig_settle(rig);
}

static void a_blocked_door_refuses_taps_and_the_desk(void **state)
{
	struct rig *rig = *state;
	assert_string_equal(
		asked(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Blocked\"}"), "ok");
	assert_mode(rig, "Blocked");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_last(rig, "access.denied", "reason", "loquet:DoorBlocked");
	assert_string_equal(asked(rig, "{\"do\":\"door.open\",\"door\":\"front\"}"), "busy");
	assert_false(rig_relay(rig, FRONT));
	drive(rig, "rex 1");
	drive(rig, "rex 0");
	drive(rig, "contact 1");
	json_t *opened = rig_last(rig, "door.opened");
	assert_true(json_is_true(json_object_get(opened, "expected")));
	json_decref(opened);
	assert_int_equal(rig_count(rig, "door.alarm"), 0);
}

static void a_mode_survives_a_restart(void **state)
{
	struct rig *rig = *state;
	assert_string_equal(
		asked(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Unlocked\"}"),
		"ok");
	assert_true(rig_relay(rig, FRONT));
	assert_last(rig, "door.released", "cause", "mode");
	rig_restart(rig);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_false(rig_relay(rig, BACK));
	assert_mode(rig, "Unlocked");
	assert_last(rig, "door.mode_changed", "cause", "restart");
	rig_advance(rig, 600000);
	assert_true(rig_relay(rig, FRONT));
	assert_string_equal(
		asked(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Locked\"}"), "ok");
	assert_false(rig_relay(rig, FRONT));
	rig_restart(rig);
	rig_settle(rig);
	assert_false(rig_relay(rig, FRONT));
	assert_mode(rig, "Locked");
}

static void what_locks_does_not_wait_for_the_disk(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	rig_hold_disk(rig);
	json_decref(rig_ask(
		rig, -1, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"LockedDown\"}"));
	assert_false(rig_relay(rig, FRONT));
	json_decref(rig_ask(
		rig, -1, "{\"do\":\"door.mode\",\"door\":\"back\",\"mode\":\"LockedOpen\"}"));
	assert_false(rig_relay(rig, BACK));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_true(rig_relay(rig, BACK));
	assert_false(rig_relay(rig, FRONT));
}

static void standing_open_is_warned_of_and_alarmed_and_propping_silences_it(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	drive(rig, "contact 1");
	rig_advance(rig, 44000);
	rig_advance(rig, 1000);
	rig_settle(rig);
	assert_last(rig, "door.alarm", "cause", "pre_alarm");
	rig_advance(rig, 15000);
	rig_settle(rig);
	assert_last(rig, "door.alarm", "cause", "held_open");
	assert_last(rig, "door.alarm_ended", "cause", "pre_alarm");
	assert_string_equal(
		asked(rig, "{\"do\":\"door.prop\",\"door\":\"front\",\"minutes\":5}"), "ok");
	assert_last(rig, "door.alarm_ended", "cause", "held_open");
	unsigned alarms = rig_count(rig, "door.alarm");
	for (int minute = 0; minute < 5; minute++) {
		rig_settle(rig);
		assert_int_equal(rig_count(rig, "door.alarm"), alarms);
		rig_advance(rig, 60000);
	}
	rig_settle(rig);
	assert_last(rig, "door.prop_ended", "cause", "time");
	rig_advance(rig, 60000);
	rig_settle(rig);
	assert_last(rig, "door.alarm", "cause", "held_open");
	drive(rig, "contact 0");
	assert_last(rig, "door.alarm_ended", "cause", "held_open");
}

static void a_forced_door_sounds_until_it_is_closed(void **state)
{
	struct rig *rig = *state;
	drive(rig, "contact 1");
	assert_last(rig, "door.alarm", "cause", "forced_open");
	bool buzzer = false;
	for (int beat = 0; beat < 200; beat++) {
		struct lq_lines *lines = &rig->daemon.doors[FRONT].lines;
		assert_int_equal(lines->get(lines->ctx, LQ_LINE_BUZZER, &buzzer), 0);
		assert_int_equal(buzzer, beat % 2 == 0);
		rig_advance(rig, 400);
	}
	drive(rig, "contact 0");
	assert_last(rig, "door.alarm_ended", "cause", "forced_open");
	struct lq_lines *lines = &rig->daemon.doors[FRONT].lines;
	assert_int_equal(lines->get(lines->ctx, LQ_LINE_BUZZER, &buzzer), 0);
	assert_false(buzzer);
}

static void nothing_relocks_in_a_fire_until_somebody_confirms(void **state)
{
	struct rig *rig = *state;
	static const char confirm[] = "{\"do\":\"door.fire_confirm\",\"door\":\"front\"}";
	assert_string_equal(asked(rig, confirm), "not_found");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	drive(rig, "fire 1");
	assert_last(rig, "door.alarm", "cause", "fire");
	rig_advance(rig, 3600000);
	assert_true(rig_relay(rig, FRONT));
	assert_string_equal(asked(rig, confirm), "busy");
	drive(rig, "fire 0");
	rig_advance(rig, 3600000);
	assert_true(rig_relay(rig, FRONT));
	assert_string_equal(asked(rig, confirm), "ok");
	assert_false(rig_relay(rig, FRONT));
	assert_last(rig, "door.relocked", "cause", "fire_confirmed");
}

/* Who restarts the program in a fire does not end it. */
static void a_fire_that_nobody_confirmed_survives_a_restart(void **state)
{
	struct rig *rig = *state;
	static const char confirm[] = "{\"do\":\"door.fire_confirm\",\"door\":\"front\"}";
	drive(rig, "fire 1");
	drive(rig, "fire 0");
	rig_restart(rig);
	assert_false(rig_relay(rig, FRONT));
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	rig_advance(rig, 3600000);
	assert_true(rig_relay(rig, FRONT));
	rig_restart(rig);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_false(rig_relay(rig, BACK));
	assert_last(rig, "door.released", "cause", "fire");
	rig_advance(rig, 3600000);
	assert_string_equal(
		asked(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Blocked\"}"), "ok");
	rig_restart(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_string_equal(
		asked(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Locked\"}"), "ok");
	assert_string_equal(asked(rig, confirm), "ok");
	assert_false(rig_relay(rig, FRONT));
	rig_restart(rig);
	assert_string_equal(asked(rig, confirm), "not_found");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	rig_advance(rig, 2000);
	assert_false(rig_relay(rig, FRONT));
}

static void a_door_that_stood_released_when_a_fire_began_is_released_again(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	drive(rig, "fire 1");
	rig_restart(rig);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	rig_advance(rig, 3600000);
	assert_true(rig_relay(rig, FRONT));
}

/* To the millisecond, by the clock. */
static void propping_survives_a_restart(void **state)
{
	struct rig *rig = *state;
	static const char prop[] = "{\"do\":\"door.prop\",\"door\":\"front\",\"minutes\":5}";
	assert_string_equal(asked(rig, prop), "ok");
	rig_advance(rig, 90000);
	rig_restart(rig);
	drive(rig, "contact 1");
	rig_advance(rig, 209999);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "door.prop_ended"), 0);
	rig_advance(rig, 1);
	rig_settle(rig);
	assert_last(rig, "door.prop_ended", "cause", "time");
	rig_restart(rig);
	rig_advance(rig, 1);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "door.prop_ended"), 1);
	/* What ended meanwhile is told at the start. */
	assert_string_equal(asked(rig, prop), "ok");
	lq_sim_clock_set_wall(rig->clock,
		(struct lq_wall){.unix_ms = INT64_C(1790010000000), .trust = LQ_TRUST_RTC});
	rig_restart(rig);
	rig_advance(rig, 1);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "door.prop_ended"), 2);
	/* Ended by hand, it is over. */
	assert_string_equal(asked(rig, prop), "ok");
	assert_string_equal(
		asked(rig, "{\"do\":\"door.prop\",\"door\":\"front\",\"minutes\":0}"), "ok");
	rig_restart(rig);
	rig_advance(rig, 1);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "door.prop_ended"), 3);
}

static void an_exit_button_sticks_and_a_cabinet_is_opened(void **state)
{
	struct rig *rig = *state;
	drive(rig, "bolt 1");
	drive(rig, "rex 1");
	rig_advance(rig, 59999);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "door.alarm"), 0);
	rig_advance(rig, 1);
	rig_settle(rig);
	assert_last(rig, "door.alarm", "cause", "rex_stuck");
	drive(rig, "rex 0");
	assert_last(rig, "door.alarm_ended", "cause", "rex_stuck");
	drive(rig, "tamper 1");
	assert_last(rig, "door.alarm", "cause", "tamper");
	drive(rig, "tamper 0");
	assert_last(rig, "door.alarm_ended", "cause", "tamper");
}

static void the_bolt_is_held_against_the_command(void **state)
{
	struct rig *rig = *state;
	drive(rig, "bolt 1");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	drive(rig, "bolt 0");
	rig_advance(rig, 2000);
	assert_false(rig_relay(rig, FRONT));
	rig_advance(rig, 3000);
	rig_settle(rig);
	assert_last(rig, "door.alarm", "cause", "ajar");
	drive(rig, "bolt 1");
	assert_last(rig, "door.alarm_ended", "cause", "ajar");
	assert_string_equal(
		asked(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Unlocked\"}"),
		"ok");
	rig_advance(rig, 3000);
	rig_settle(rig);
	assert_last(rig, "door.alarm", "cause", "mismatch");
}

static void more_time_is_given_to_who_needs_it(void **state)
{
	struct rig *rig = *state;
	assert_string_equal(
		asked(rig, "{\"do\":\"door.open\",\"door\":\"front\",\"extended\":true}"), "ok");
	rig_advance(rig, 14999);
	assert_true(rig_relay(rig, FRONT));
	rig_advance(rig, 1);
	assert_false(rig_relay(rig, FRONT));
}

static void wrong_commands_change_nothing(void **state)
{
	static const char *const requests[][2] = {
		{"{\"do\":\"door.mode\",\"door\":\"side\",\"mode\":\"Locked\"}", "not_found"},
		{"{\"do\":\"door.mode\",\"mode\":\"Locked\"}", "not_found"},
		{"{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Accessed\"}", "invalid"},
		{"{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":1}", "invalid"},
		{"{\"do\":\"door.mode\",\"door\":\"front\"}", "invalid"},
		{"{\"do\":\"door.prop\",\"door\":\"front\"}", "invalid"},
		{"{\"do\":\"door.prop\",\"door\":\"front\",\"minutes\":-1}", "invalid"},
		{"{\"do\":\"door.prop\",\"door\":\"front\",\"minutes\":1441}", "invalid"},
		{"{\"do\":\"door.prop\",\"door\":\"front\",\"minutes\":\"5\"}", "invalid"},
		{"{\"do\":\"door.open\",\"door\":\"front\",\"extended\":1}", "invalid"},
		{"{\"do\":\"door.fire_confirm\",\"door\":\"front\"}", "not_found"},
		{"{\"do\":\"door.fire_confirm\",\"door\":7}", "not_found"},
	};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		assert_string_equal(asked(rig, requests[i][0]), requests[i][1]);
	}
	assert_int_equal(rig_count(rig, "command.accepted"), 0);
	assert_false(rig_relay(rig, FRONT));
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_RIG(a_blocked_door_refuses_taps_and_the_desk),
		WITH_RIG(a_mode_survives_a_restart),
		WITH_RIG(what_locks_does_not_wait_for_the_disk),
		WITH_RIG(standing_open_is_warned_of_and_alarmed_and_propping_silences_it),
		WITH_RIG(a_forced_door_sounds_until_it_is_closed),
		WITH_RIG(nothing_relocks_in_a_fire_until_somebody_confirms),
		WITH_RIG(a_fire_that_nobody_confirmed_survives_a_restart),
		WITH_RIG(a_door_that_stood_released_when_a_fire_began_is_released_again),
		WITH_RIG(propping_survives_a_restart),
		WITH_RIG(an_exit_button_sticks_and_a_cabinet_is_opened),
		WITH_RIG(the_bolt_is_held_against_the_command),
		WITH_RIG(more_time_is_given_to_who_needs_it),
		WITH_RIG(wrong_commands_change_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Rules of time and of persons, from the operator's socket to the relay and the journal. The rig's
 * clock begins on Monday 2026-09-21, 14:13:20 UTC, and its space is in UTC. */
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
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

/* ---- opening hours ---- */

#define MINUTE_MS 60000u

static void assert_mode(struct rig *rig, const char *mode)
{
	json_t *status = rig_ask(rig, -1, "{\"do\":\"status\"}");
	json_t *door = json_array_get(json_object_get(status, "doors"), FRONT);
	assert_string_equal(json_string_value(json_object_get(door, "mode")), mode);
	json_decref(status);
	assert_int_equal(rig_relay(rig, FRONT), strcmp(mode, "Unlocked") == 0);
}

static void pass_minutes(struct rig *rig, uint32_t minutes)
{
	rig_advance(rig, minutes * MINUTE_MS);
	rig_settle(rig);
}

/* The front door has these hours today; the clock shows 14:13. */
static void set_hours(struct rig *rig, unsigned from, unsigned to, bool first_person)
{
	char request[160];
	(void)snprintf(request, sizeof(request),
		"{\"do\":\"schedule.set\",\"name\":\"shop\",\"periods\":[[%u,%u]]}", from, to);
	assert_ok(rig, request);
	(void)snprintf(request, sizeof(request),
		"{\"do\":\"door.hours\",\"door\":\"front\",\"schedule\":\"shop\","
		"\"first_person\":%s}",
		first_person ? "true" : "false");
	assert_ok(rig, request);
}

enum { AT_14_10 = 14 * 60 + 10, AT_14_20 = AT_14_10 + 10, AT_15 = 15 * 60 };

static void hours_unlock_and_lock_the_door_by_themselves(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_20, AT_15, false);
	assert_last(rig, "roster.changed", "action", "hours.set");
	assert_last(rig, "roster.changed", "door", "front");
	assert_mode(rig, "Locked");
	pass_minutes(rig, 6);
	assert_mode(rig, "Locked");
	pass_minutes(rig, 1);
	assert_mode(rig, "Unlocked");
	assert_last(rig, "door.mode_changed", "cause", "schedule");
	assert_last(rig, "door.released", "cause", "mode");
	pass_minutes(rig, 30);
	unsigned alarms = rig_count(rig, "door.alarm");
	rig_drive(rig, "front", "contact 1");
	rig_settle(rig);
	pass_minutes(rig, 3);
	assert_int_equal(rig_count(rig, "door.alarm"), alarms);
	rig_drive(rig, "front", "contact 0");
	rig_settle(rig);
	pass_minutes(rig, 10);
	assert_mode(rig, "Locked");
	assert_last(rig, "door.relocked", "cause", "mode");
	rig_drive(rig, "front", "contact 1");
	rig_settle(rig);
	assert_last(rig, "door.alarm", "cause", "forced_open");
	assert_int_equal(rig_count(rig, "door.mode_changed"), 2);
	rig_assert_times_in_order(rig);
}

static void hours_that_are_given_in_their_middle_hold_at_once(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_10, AT_15, false);
	assert_mode(rig, "Unlocked");
	assert_ok(rig, "{\"do\":\"day.add\",\"name\":\"holidays\",\"month\":9,\"day\":21}");
	assert_ok(rig, "{\"do\":\"schedule.set\",\"name\":\"shop\",\"periods\":[[0,1440]],"
		       "\"special\":[{\"group\":\"holidays\",\"periods\":[]}]}");
	assert_mode(rig, "Locked");
	assert_ok(rig, "{\"do\":\"day.remove\",\"name\":\"holidays\",\"month\":9,\"day\":21}");
	assert_mode(rig, "Unlocked");
	assert_ok(rig, "{\"do\":\"door.hours\",\"door\":\"front\",\"schedule\":null}");
	assert_mode(rig, "Locked");
	assert_string_equal(
		asked(rig, "{\"do\":\"door.hours\",\"door\":\"front\",\"schedule\":\"x\"}"),
		"not_found");
	assert_string_equal(
		asked(rig, "{\"do\":\"door.hours\",\"door\":\"front\",\"schedule\":7}"), "invalid");
}

static void the_first_person_unlocks_and_a_restart_remembers(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_10, AT_15, true);
	assert_mode(rig, "Locked");
	rig_restart(rig);
	rig_settle(rig);
	assert_mode(rig, "Locked");
	static const uint8_t stranger[7] = {4, 9, 9, 9, 9, 9, 9};
	assert_int_equal(tap(rig, stranger), 0);
	assert_mode(rig, "Locked");
	rig_tap(rig, FRONT_OUT, rig_uid);
	rig_settle(rig);
	rig_advance(rig, 3000);
	assert_mode(rig, "Locked");
	assert_int_equal(tap(rig, rig_uid), 2);
	assert_mode(rig, "Unlocked");
	assert_last(rig, "door.mode_changed", "cause", "first_person");
	rig_restart(rig);
	rig_settle(rig);
	assert_mode(rig, "Unlocked");
	pass_minutes(rig, 47);
	assert_mode(rig, "Locked");
	pass_minutes(rig, 7 * 1440 - 46);
	assert_mode(rig, "Locked");
	assert_int_equal(tap(rig, rig_uid), 3);
	assert_mode(rig, "Unlocked");
}

static void hours_that_ended_while_it_was_off_do_not_even_click_the_relay(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_10, AT_14_20, false);
	assert_mode(rig, "Unlocked");
	unsigned released = rig_count(rig, "door.released");
	rig_stop(rig);
	lq_sim_clock_advance_ms(rig->clock, 10 * MINUTE_MS);
	rig_start(rig);
	rig_settle(rig);
	assert_mode(rig, "Locked");
	assert_int_equal(rig_count(rig, "door.released"), released);
	assert_last(rig, "door.mode_changed", "mode", "Locked");
	assert_last(rig, "door.mode_changed", "cause", "schedule");
}

static void what_is_set_by_hand_holds_until_the_next_edge(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_10, AT_15, false);
	assert_ok(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Locked\"}");
	pass_minutes(rig, 5);
	assert_mode(rig, "Locked");
	rig_restart(rig);
	pass_minutes(rig, 5);
	assert_mode(rig, "Locked");
	pass_minutes(rig, 60);
	assert_ok(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Unlocked\"}");
	pass_minutes(rig, 60);
	assert_mode(rig, "Unlocked");
	pass_minutes(rig, 7 * 1440 - 120); /* next Monday, 14:23 */
	assert_mode(rig, "Unlocked");
	pass_minutes(rig, 60);
	assert_mode(rig, "Locked");
}

static void a_lockdown_outlasts_the_hours(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_20, AT_15, false);
	assert_ok(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"LockedDown\"}");
	pass_minutes(rig, 10);
	assert_mode(rig, "LockedDown");
	assert_ok(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Locked\"}");
	pass_minutes(rig, 10);
	assert_mode(rig, "Locked");
	pass_minutes(rig, 7 * 1440 - 10);
	assert_mode(rig, "Unlocked");
}

/* The board's clock goes wrong in the night of a power cut, and is put right later. */
static void a_clock_that_cannot_be_trusted_unlocks_nothing(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_10, AT_15, true);
	assert_int_equal(tap(rig, rig_uid), 1);
	assert_mode(rig, "Unlocked");
	struct lq_wall wall = lq_daemon_wall(&rig->daemon);
	wall.trust = LQ_TRUST_UNSET;
	lq_sim_clock_set_wall(rig->clock, wall);
	pass_minutes(rig, 1);
	assert_mode(rig, "Locked");
	assert_last(rig, "door.mode_changed", "cause", "clock");
	rig_restart(rig);
	pass_minutes(rig, 1);
	assert_mode(rig, "Locked");
	wall = lq_daemon_wall(&rig->daemon);
	wall.trust = LQ_TRUST_SYNCHRONISED;
	lq_sim_clock_set_wall(rig->clock, wall);
	pass_minutes(rig, 1);
	assert_mode(rig, "Unlocked");
}

static void a_fire_holds_the_door_beyond_its_hours(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_10, AT_14_20, false);
	rig_drive(rig, "front", "fire 1");
	rig_settle(rig);
	pass_minutes(rig, 10);
	assert_true(rig_relay(rig, FRONT));
	rig_drive(rig, "front", "fire 0");
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_ok(rig, "{\"do\":\"door.fire_confirm\",\"door\":\"front\"}");
	assert_mode(rig, "Locked");
}

/* The disk does not answer when the hours begin: the door is unlocked late, and says so. */
static void hours_wait_for_the_disk_like_every_release(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_20, AT_15, false);
	rig_hold_disk(rig);
	rig_advance(rig, 7 * MINUTE_MS);
	assert_false(rig_relay(rig, FRONT));
	rig_advance(rig, 299);
	assert_false(rig_relay(rig, FRONT));
	rig_advance(rig, 1);
	assert_true(rig_relay(rig, FRONT));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_mode(rig, "Unlocked");
	assert_int_equal(rig_count(rig, "journal.late"), 1);
	assert_int_equal(rig_count(rig, "door.mode_changed"), 1);
}

/* While the row of an unlocking waits for the disk, somebody locks the door down. */
static void a_lockdown_overtakes_hours_that_wait(void **state)
{
	struct rig *rig = *state;
	set_hours(rig, AT_14_20, AT_15, false);
	rig_hold_disk(rig);
	rig_advance(rig, 7 * MINUTE_MS);
	json_decref(rig_ask(
		rig, -1, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"LockedDown\"}"));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_mode(rig, "LockedDown");
	assert_int_equal(rig_count(rig, "door.released"), 0);
	rig_restart(rig);
	rig_settle(rig);
	assert_mode(rig, "LockedDown");
}

/* ---- a member's own rights ---- */

static void whom_no_schedule_binds_comes_at_any_time(void **state)
{
	struct rig *rig = *state;
	add_guest(rig);
	assert_ok(rig, "{\"do\":\"schedule.set\",\"name\":\"office\",\"periods\":[[480,490]]}");
	assert_int_equal(tap(rig, guest_uid), 0);
	assert_ok(rig, "{\"do\":\"member.set\",\"member\":2,\"any_time\":true}");
	assert_last(rig, "roster.changed", "action", "member.changed");
	assert_last(rig, "roster.changed", "holder", "m2");
	assert_int_equal(tap(rig, guest_uid), 1);
	rig_tap(rig, FRONT_OUT, guest_uid);
	rig_settle(rig);
	assert_last(rig, "access.denied", "reason", "Unauthorized");
	rig_restart(rig);
	assert_int_equal(tap(rig, guest_uid), 2);
	rig_hold_disk(rig);
	assert_int_equal(lq_seqpacket_send(rig_connect(rig, "control.sock"),
				 "{\"do\":\"member.set\",\"member\":2,\"any_time\":false}",
				 strlen("{\"do\":\"member.set\",\"member\":2,\"any_time\":false}")),
		LQ_OK);
	rig_turn(rig);
	rig_tap(rig, FRONT_IN, guest_uid);
	rig_turn(rig);
	rig_let_disk(rig);
	rig_settle(rig);
	assert_last(rig, "access.denied", "reason", "NotPermittedAtThisTime");
	assert_string_equal(asked(rig, "{\"do\":\"member.set\",\"member\":2}"), "invalid");
	assert_string_equal(
		asked(rig, "{\"do\":\"member.set\",\"member\":2,\"any_time\":1}"), "invalid");
	assert_string_equal(
		asked(rig, "{\"do\":\"member.set\",\"member\":9,\"any_time\":true}"), "not_found");
}

static void who_needs_longer_has_the_extended_times(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	rig_advance(rig, 2000);
	assert_false(rig_relay(rig, FRONT));
	assert_ok(rig, "{\"do\":\"member.set\",\"member\":1,\"extended_time\":true}");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	rig_advance(rig, 14999);
	assert_true(rig_relay(rig, FRONT));
	rig_advance(rig, 1);
	assert_false(rig_relay(rig, FRONT));
	assert_ok(rig, "{\"do\":\"member.add\",\"name\":\"Sam Sample\",\"profile\":\"always\","
		       "\"extended_time\":true}");
	assert_ok(rig, "{\"do\":\"badge.enrol\",\"member\":2,\"uid\":\"04020202020202\"}");
	rig_tap(rig, FRONT_IN, guest_uid);
	rig_settle(rig);
	rig_advance(rig, 2000);
	assert_true(rig_relay(rig, FRONT));
}

/* ---- badges that wear out ---- */

static void enrol_guest_badge(struct rig *rig, const char *limits)
{
	char request[160];
	(void)snprintf(request, sizeof(request),
		"{\"do\":\"badge.enrol\",\"member\":1,\"uid\":\"04020202020202\",%s}", limits);
	assert_ok(rig, request);
}

static void assert_uses_left(struct rig *rig, int uses)
{
	json_t *data = rig_last(rig, "access.granted");
	assert_int_equal(json_integer_value(json_object_get(data, "usesLeft")), uses);
	json_decref(data);
}

static void uses_are_counted_down_over_restarts(void **state)
{
	struct rig *rig = *state;
	enrol_guest_badge(rig, "\"uses\":2");
	assert_int_equal(tap(rig, guest_uid), 1);
	assert_uses_left(rig, 1);
	rig_restart(rig);
	assert_int_equal(tap(rig, guest_uid), 2);
	assert_uses_left(rig, 0);
	assert_int_equal(tap(rig, guest_uid), 2);
	assert_last(rig, "access.denied", "reason", "loquet:NoUsesLeft");
	rig_restart(rig);
	assert_int_equal(tap(rig, guest_uid), 2);
	assert_ok(rig, "{\"do\":\"badge.set\",\"badge\":2,\"uses\":1}");
	assert_last(rig, "roster.changed", "action", "badge.changed");
	assert_int_equal(tap(rig, guest_uid), 3);
	assert_int_equal(tap(rig, guest_uid), 3);
	assert_ok(rig, "{\"do\":\"badge.set\",\"badge\":2,\"uses\":null}");
	assert_int_equal(tap(rig, guest_uid), 4);
	json_t *data = rig_last(rig, "access.granted");
	assert_null(json_object_get(data, "usesLeft"));
	json_decref(data);
}

static void the_last_use_is_spent_before_the_disk_has_answered(void **state)
{
	struct rig *rig = *state;
	enrol_guest_badge(rig, "\"uses\":1");
	rig_hold_disk(rig);
	rig_tap(rig, FRONT_IN, guest_uid);
	rig_tap(rig, FRONT_OUT, guest_uid);
	rig_turn(rig);
	assert_false(rig_relay(rig, FRONT));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_int_equal(rig_count(rig, "access.granted"), 1);
	assert_last(rig, "access.denied", "reason", "loquet:NoUsesLeft");
}

static void what_spends_never_opens_unrecorded(void **state)
{
	struct rig *rig = *state;
	enrol_guest_badge(rig, "\"uses\":5");
	rig_hold_disk(rig);
	rig_tap(rig, FRONT_IN, guest_uid);
	rig_advance(rig, 300);
	assert_false(rig_relay(rig, FRONT));
	/* The disk is known to refuse by now: the next tap spends nothing in vain. */
	while (!lq_writer_status(rig->daemon.writer).stalled) {
		rig_turn(rig);
	}
	rig_tap(rig, FRONT_IN, guest_uid);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_advance(rig, 300);
	assert_true(rig_relay(rig, FRONT));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_last(rig, "access.denied", "reason", "loquet:NotRecorded");
	assert_int_equal(rig_count(rig, "access.granted"), 2);
	assert_int_equal(rig_count(rig, "door.released"), 1);
	assert_last(rig, "access.not_taken", "credential", "c2");
	rig_advance(rig, 3000);
	assert_int_equal(tap(rig, guest_uid), 3);
	assert_uses_left(rig, 3);
}

/* The change is on its way to the disk, and the tap behind it, when the badge is used. */
static void a_change_does_not_give_back_what_waits_to_be_spent(void **state)
{
	struct rig *rig = *state;
	static const char more[] = "{\"do\":\"badge.set\",\"badge\":2,\"uses\":3}";
	enrol_guest_badge(rig, "\"uses\":9,\"valid_for_h\":2");
	rig_hold_disk(rig);
	int fd = rig_connect(rig, "control.sock");
	assert_int_equal(lq_seqpacket_send(fd, more, strlen(more)), LQ_OK);
	rig_turn(rig);
	rig_tap(rig, FRONT_IN, guest_uid);
	rig_tap(rig, FRONT_OUT, guest_uid);
	rig_let_disk(rig);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "access.granted"), 2);
	rig_advance(rig, 3000);
	assert_int_equal(tap(rig, guest_uid), 3);
	assert_uses_left(rig, 0);
	assert_int_equal(tap(rig, guest_uid), 3);
	rig_restart(rig);
	assert_int_equal(tap(rig, guest_uid), 3);
}

static void validity_begins_with_the_first_granted_tap(void **state)
{
	struct rig *rig = *state;
	enrol_guest_badge(rig, "\"valid_for_h\":2");
	pass_minutes(rig, 3 * 60);
	assert_ok(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Blocked\"}");
	assert_int_equal(tap(rig, guest_uid), 0);
	assert_ok(rig, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"Locked\"}");
	pass_minutes(rig, 60);
	assert_int_equal(tap(rig, guest_uid), 1);
	pass_minutes(rig, 60);
	rig_restart(rig);
	assert_int_equal(tap(rig, guest_uid), 2);
	rig_advance(rig, 60 * MINUTE_MS - 3000 - 3000 - 1);
	assert_int_equal(tap(rig, guest_uid), 3);
	assert_int_equal(tap(rig, guest_uid), 3);
	assert_last(rig, "access.denied", "reason", "CredentialExpired");
	rig_restart(rig);
	assert_int_equal(tap(rig, guest_uid), 3);
}

static void a_suspension_until_a_date_ends_by_itself(void **state)
{
	struct rig *rig = *state;
	char request[96];
	(void)snprintf(request, sizeof(request),
		"{\"do\":\"badge.suspend\",\"badge\":1,\"until\":%u}", 1790000000u + 3600u);
	assert_ok(rig, request);
	assert_int_equal(tap(rig, rig_uid), 0);
	assert_last(rig, "access.denied", "credentialState", "suspended");
	rig_restart(rig);
	pass_minutes(rig, 58);
	assert_int_equal(tap(rig, rig_uid), 0);
	pass_minutes(rig, 2);
	assert_int_equal(tap(rig, rig_uid), 1);
	assert_ok(rig, "{\"do\":\"badge.suspend\",\"badge\":1}");
	pass_minutes(rig, 100 * 1440);
	assert_int_equal(tap(rig, rig_uid), 1);
	assert_ok(rig, "{\"do\":\"badge.enable\",\"badge\":1}");
	assert_int_equal(tap(rig, rig_uid), 2);
}

static void limits_that_are_none_are_refused(void **state)
{
	static const char *const wrong[] = {
		"{\"do\":\"badge.set\",\"badge\":1}",
		"{\"do\":\"badge.set\",\"badge\":1,\"uses\":-1}",
		"{\"do\":\"badge.set\",\"badge\":1,\"uses\":65536}",
		"{\"do\":\"badge.set\",\"badge\":1,\"uses\":\"9\"}",
		"{\"do\":\"badge.set\",\"badge\":1,\"valid_for_h\":0}",
		"{\"do\":\"badge.set\",\"uses\":1}",
		"{\"do\":\"badge.suspend\",\"badge\":1,\"until\":\"x\"}",
		"{\"do\":\"badge.enrol\",\"member\":1,\"uid\":\"04020202020202\",\"uses\":1.5}",
	};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_string_equal(asked(rig, wrong[i]), "invalid");
	}
	assert_string_equal(
		asked(rig, "{\"do\":\"badge.set\",\"badge\":9,\"uses\":1}"), "not_found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_special_day_closes_and_opens_from_the_command_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_no_special_day_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			hours_unlock_and_lock_the_door_by_themselves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			hours_that_are_given_in_their_middle_hold_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_first_person_unlocks_and_a_restart_remembers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			hours_that_ended_while_it_was_off_do_not_even_click_the_relay, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_set_by_hand_holds_until_the_next_edge, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lockdown_outlasts_the_hours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_clock_that_cannot_be_trusted_unlocks_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_fire_holds_the_door_beyond_its_hours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			hours_wait_for_the_disk_like_every_release, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_lockdown_overtakes_hours_that_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			whom_no_schedule_binds_comes_at_any_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			who_needs_longer_has_the_extended_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			uses_are_counted_down_over_restarts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_last_use_is_spent_before_the_disk_has_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_spends_never_opens_unrecorded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_change_does_not_give_back_what_waits_to_be_spent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			validity_begins_with_the_first_granted_tap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_suspension_until_a_date_ends_by_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			limits_that_are_none_are_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The door's promises, with a disk and wires that do not do what they should. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRONT, BACK };
enum { FRONT_IN, FRONT_OUT, BACK_IN };

static const uint8_t stranger[7] = {4, 9, 9, 9, 9, 9, 9};

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

static void assert_field(struct rig *rig, const char *type, const char *key, const char *value)
{
	json_t *data = rig_last(rig, type);
	const char *found = json_string_value(json_object_get(data, key));
	assert_non_null(found);
	assert_string_equal(found, value);
	json_decref(data);
}

static bool last_flag(struct rig *rig, const char *type, const char *key)
{
	json_t *data = rig_last(rig, type);
	assert_true(json_is_boolean(json_object_get(data, key)));
	bool value = json_is_true(json_object_get(data, key));
	json_decref(data);
	return value;
}

static bool alarmed(struct rig *rig, const char *words)
{
	json_t *status = rig_ask(rig, -1, "{\"do\":\"status\"}");
	json_t *alarms = json_object_get(status, "alarms");
	bool found = false;
	for (size_t i = 0; i < json_array_size(alarms); i++) {
		found = found ||
			strstr(json_string_value(json_array_get(alarms, i)), words) != NULL;
	}
	json_decref(status);
	return found;
}

/* ---- on disk before the relay moves ---- */

static void a_grant_is_on_disk_before_the_relay_moves(void **state)
{
	struct rig *rig = *state;
	rig_hold_disk(rig);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_advance(rig, 299);
	assert_false(rig_relay(rig, FRONT));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_false(rig_relay(rig, BACK));
	assert_true(last_flag(rig, "door.released", "recorded"));
	assert_int_equal(rig_count(rig, "journal.late"), 0);
}

static void a_disk_that_does_not_answer_opens_the_door_at_the_deadline(void **state)
{
	struct rig *rig = *state;
	rig_hold_disk(rig);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_advance(rig, 300);
	assert_true(rig_relay(rig, FRONT));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "access.granted"), 1);
	assert_int_equal(rig_count(rig, "door.released"), 1);
	assert_int_equal(rig_count(rig, "journal.late"), 1);
	assert_false(last_flag(rig, "door.released", "recorded"));
	/* The row that came late opens nothing once more. */
	rig_advance(rig, 2000);
	assert_false(rig_relay(rig, FRONT));
}

static void a_refusal_that_is_over_before_anybody_looks_is_told(void **state)
{
	struct rig *rig = *state;
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/door.db", rig->config.state_dir);
	rig_settle(rig);
	assert_int_equal(unlink(path), 0);
	rig_tap(rig, FRONT_IN, rig_uid);
	while (lq_writer_status(rig->daemon.writer).pending > 0) {
		(void)usleep(1000);
	}
	assert_false(lq_writer_status(rig->daemon.writer).stalled);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "journal.stalled"), 1);
	assert_int_equal(rig_count(rig, "journal.resumed"), 1);
	json_t *data = rig_last(rig, "journal.stalled");
	assert_non_null(strstr(json_string_value(json_object_get(data, "text")), "taken away"));
	json_decref(data);
}

static void a_command_waits_for_its_row_as_a_tap_does(void **state)
{
	struct rig *rig = *state;
	rig_hold_disk(rig);
	json_decref(rig_ask(rig, -1, "{\"do\":\"door.open\",\"door\":\"back\"}"));
	rig_advance(rig, 299);
	assert_false(rig_relay(rig, BACK));
	rig_advance(rig, 1);
	assert_true(rig_relay(rig, BACK));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "command.accepted"), 1);
}

static void more_taps_than_can_wait_open_all_the_same(void **state)
{
	struct rig *rig = *state;
	rig_hold_disk(rig);
	for (unsigned i = 0; i < LQ_PENDING_MAX; i++) {
		rig_tap(rig, FRONT_IN, rig_uid);
	}
	assert_false(rig_relay(rig, FRONT));
	rig_tap(rig, BACK_IN, rig_uid);
	assert_true(rig_relay(rig, BACK));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_int_equal(rig_count(rig, "access.granted"), LQ_PENDING_MAX + 1);
	assert_int_equal(rig_count(rig, "door.released"), LQ_PENDING_MAX + 1);
	assert_int_equal(rig_count(rig, "journal.late"), 1);
}

static void a_queue_without_room_opens_the_door_and_tells_what_was_lost(void **state)
{
	struct rig *rig = *state;
	struct lq_event event = lq_daemon_event(&rig->daemon, LQ_EVENT_DOOR_CLOSED);
	unsigned submitted = 0;
	unsigned before = rig_count(rig, "door.closed");
	event.door = BACK;
	rig_hold_disk(rig);
	while (lq_writer_status(rig->daemon.writer).lost < 5) {
		lq_daemon_record(&rig->daemon, &event);
		submitted++;
	}
	rig_tap(rig, FRONT_IN, rig_uid);
	assert_true(rig_relay(rig, FRONT));
	rig_let_disk(rig);
	rig_settle(rig);
	uint64_t lost = lq_writer_status(rig->daemon.writer).lost;
	json_t *resumed = rig_last(rig, "journal.resumed");
	assert_int_equal(json_integer_value(json_object_get(resumed, "lost")), lost);
	json_decref(resumed);
	assert_int_equal(rig_count(rig, "door.closed"), before + submitted - 5);
	assert_int_equal(rig_count(rig, "access.granted"), 0);
	assert_true(alarmed(rig, "events were lost"));
}

/* ---- deny by type ---- */

static void no_denial_moves_a_relay(void **state)
{
	struct rig *rig = *state;
	unsigned orders = rig->lines[FRONT].relay_orders;
	const struct lq_mono now = lq_daemon_mono(&rig->daemon);
	const struct lq_reader_msg taps[] = {
		{.cards = 1, .uid_len = 7, .uid = {4, 9, 9, 9, 9, 9, 9}, .poll_us = now.us},
		{.cards = 0,
			.uid_len = 7,
			.uid = {4, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6},
			.poll_us = now.us},
		{.cards = 2,
			.uid_len = 7,
			.uid = {4, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6},
			.poll_us = now.us},
		{.cards = 1,
			.malformed = 1,
			.uid_len = 7,
			.uid = {4, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6},
			.poll_us = now.us},
		{.cards = 1, .uid_len = 0, .poll_us = now.us},
		{.cards = 1, .uid_len = 4, .uid = {8, 1, 2, 3}, .poll_us = now.us},
		{.cards = 1,
			.uid_len = 6,
			.uid = {4, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5},
			.poll_us = now.us},
		{.cards = 1, .uid_len = 7, .uid = {4, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6}},
	};
	for (size_t i = 0; i < sizeof(taps) / sizeof(taps[0]); i++) {
		lq_doorway_tap(&rig->daemon, FRONT_IN, &taps[i], now);
		rig_settle(rig);
		assert_int_equal(rig_count(rig, "access.denied"), i + 1);
	}
	rig_advance(rig, 5000);
	assert_int_equal(rig->lines[FRONT].relay_orders, orders);
	assert_int_equal(rig_count(rig, "access.granted"), 0);
}

static void the_tap_that_enrols_opens_nothing(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig, "control.sock");
	json_decref(rig_ask(rig, fd, "{\"do\":\"badge.enrol\",\"member\":1}"));
	rig_tap(rig, FRONT_IN, stranger);
	rig_settle(rig);
	assert_false(rig_relay(rig, FRONT));
	assert_field(rig, "access.denied", "reason", "loquet:Enrolled");
	rig_tap(rig, FRONT_IN, stranger);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	(void)close(fd);
}

/* ---- the lock comes back ---- */

static void the_lock_relocks_whatever_the_wall_clock_does(void **state)
{
	static const int64_t jumps_s[] = {-34560000, 34560000, -3600, 3600, -1, 0};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof(jumps_s) / sizeof(jumps_s[0]); i++) {
		struct lq_wall wall = rig->daemon.clock.wall(rig->daemon.clock.ctx);
		rig_tap(rig, FRONT_IN, rig_uid);
		rig_settle(rig);
		assert_true(rig_relay(rig, FRONT));
		wall.unix_ms += jumps_s[i] * 1000;
		lq_sim_clock_set_wall(rig->clock, wall);
		rig_advance(rig, 1999);
		assert_true(rig_relay(rig, FRONT));
		rig_advance(rig, 1);
		assert_false(rig_relay(rig, FRONT));
	}
	/* And the rows stand in the order of their times. */
	rig_assert_times_in_order(rig);
}

static void a_relay_that_sticks_is_driven_until_it_obeys(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	rig->lines[FRONT].stuck = true;
	rig_advance(rig, 2000);
	assert_true(rig_relay(rig, FRONT)); /* it did not obey */
	assert_true(alarmed(rig, "does not obey: front"));
	assert_field(rig, "door.fault", "cause", "relay");
	for (int i = 0; i < 20; i++) {
		rig_advance(rig, 500);
	}
	assert_int_equal(rig_count(rig, "door.fault"), 1);
	rig->lines[FRONT].stuck = false;
	rig_advance(rig, 500);
	assert_false(rig_relay(rig, FRONT));
	assert_false(alarmed(rig, "does not obey"));
	assert_int_equal(rig_count(rig, "door.relocked"), 1);
	/* Then it is left alone. */
	unsigned orders = rig->lines[FRONT].relay_orders;
	rig_advance(rig, 5000);
	assert_int_equal(rig->lines[FRONT].relay_orders, orders);
	/* The next time, it is told of again. */
	rig->lines[FRONT].stuck = true;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "door.fault"), 2);
	rig->lines[FRONT].stuck = false;
}

static void the_end_of_the_program_locks(void **state)
{
	struct rig *rig = *state;
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	rig_restart(rig);
	assert_false(rig_relay(rig, FRONT));
	assert_field(rig, "door.relocked", "cause", "shutdown");
	assert_int_equal(rig_count(rig, "controller.stopped"), 1);
}

/* ---- what is observed ---- */

static const char *contact(struct rig *rig)
{
	static char text[16];
	json_t *status = rig_ask(rig, -1, "{\"do\":\"status\"}");
	json_t *door = json_array_get(json_object_get(status, "doors"), FRONT);
	(void)snprintf(
		text, sizeof(text), "%s", json_string_value(json_object_get(door, "contact")));
	json_decref(status);
	return text;
}

static void inputs_that_cannot_be_read_are_a_fault(void **state)
{
	struct rig *rig = *state;
	rig_drive(rig, "front", "contact 1");
	rig_settle(rig);
	assert_string_equal(contact(rig), "open");
	rig->lines[FRONT].inputs_fail = true;
	rig_drive(rig, "front", "contact 0");
	rig_settle(rig);
	assert_string_equal(contact(rig), "fault");
	assert_field(rig, "door.fault", "cause", "inputs");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
}

static void a_fluttering_contact_does_not_hold_the_loop(void **state)
{
	struct rig *rig = *state;
	rig->lines[FRONT].flutter = true;
	rig_drive(rig, "front", "contact 1");
	/* Were it held, this would not return. */
	assert_true(sd_event_run(rig->daemon.loop, 0) > 0);
	rig->lines[FRONT].flutter = false;
	assert_in_range(rig_count(rig, "door.opened"), 1, 16);
}

/* 10 edges in 5 ms are one opening, told when the contact has been quiet for the time. */
static void a_bouncing_contact_opens_once(void **state)
{
	struct rig *rig = *state;
	unsigned closed = rig_count(rig, "door.closed"); /* as it was found at the start */
	rig->config.doors[FRONT].debounce_ms = 20;
	for (int edge = 0; edge <= 10; edge++) {
		rig_drive(rig, "front", edge % 2 == 0 ? "contact 1" : "contact 0");
		rig_advance(rig, edge % 2 == 0 ? 0 : 1);
	}
	rig_advance(rig, 19);
	assert_int_equal(rig_count(rig, "door.opened"), 0);
	rig_advance(rig, 1);
	assert_int_equal(rig_count(rig, "door.opened"), 1);
	rig_advance(rig, 1000);
	assert_int_equal(rig_count(rig, "door.opened"), 1);
	assert_int_equal(closed, 1);
	assert_int_equal(rig_count(rig, "door.closed"), closed);
}

static void a_press_that_is_too_short_asks_for_nothing(void **state)
{
	struct rig *rig = *state;
	rig->config.doors[FRONT].debounce_ms = 20;
	rig_drive(rig, "front", "rex 1");
	rig_turn(rig);
	rig_advance(rig, 19);
	rig_drive(rig, "front", "rex 0");
	rig_advance(rig, 1000);
	assert_int_equal(rig_count(rig, "door.exit_requested"), 0);
	rig_drive(rig, "front", "rex 1");
	rig_turn(rig);
	rig_advance(rig, 20);
	assert_int_equal(rig_count(rig, "door.exit_requested"), 1);
}

/* What an adapter did not tell of is read: the edge back was lost. */
static void a_level_is_read_again_before_it_counts(void **state)
{
	struct rig *rig = *state;
	rig->config.doors[FRONT].debounce_ms = 20;
	rig_drive(rig, "front", "fire 1");
	rig_turn(rig);
	rig->lines[FRONT].deaf = true;
	rig_drive(rig, "front", "fire 0");
	rig_advance(rig, 20);
	assert_int_equal(rig_count(rig, "door.alarm"), 0);
}

static void what_changed_while_it_was_down_is_read_at_the_start(void **state)
{
	struct rig *rig = *state;
	rig->config.doors[FRONT].debounce_ms = 20;
	rig_drive(rig, "front", "tamper 1");
	rig_turn(rig);
	rig_advance(rig, 20);
	assert_int_equal(rig_count(rig, "door.alarm"), 1);
	rig_restart(rig); /* the twin's inputs begin inactive */
	rig_advance(rig, 1000);
	assert_int_equal(rig_count(rig, "door.alarm"), 1);
	assert_false(lq_door_alarmed(&rig->daemon.doors[FRONT].door, LQ_ALARM_TAMPER));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grant_is_on_disk_before_the_relay_moves),
		TEST(a_disk_that_does_not_answer_opens_the_door_at_the_deadline),
		TEST(a_refusal_that_is_over_before_anybody_looks_is_told),
		TEST(a_command_waits_for_its_row_as_a_tap_does),
		TEST(more_taps_than_can_wait_open_all_the_same),
		TEST(a_queue_without_room_opens_the_door_and_tells_what_was_lost),
		TEST(no_denial_moves_a_relay),
		TEST(the_tap_that_enrols_opens_nothing),
		TEST(the_lock_relocks_whatever_the_wall_clock_does),
		TEST(a_relay_that_sticks_is_driven_until_it_obeys),
		TEST(the_end_of_the_program_locks),
		TEST(inputs_that_cannot_be_read_are_a_fault),
		TEST(a_fluttering_contact_does_not_hold_the_loop),
		TEST(a_bouncing_contact_opens_once),
		TEST(a_press_that_is_too_short_asks_for_nothing),
		TEST(a_level_is_read_again_before_it_counts),
		TEST(what_changed_while_it_was_down_is_read_at_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

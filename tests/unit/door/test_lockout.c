/* Too many wrong badges at one reader: from the tap to the journal, the light and the status. */
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <string.h>

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

static void tap_wrong(struct rig *rig, uint16_t reader, uint8_t number)
{
	const uint8_t uid[7] = {4, 0xff, 0, 0, 0, 0, number};
	rig_tap(rig, reader, uid);
}

static void lock_out(struct rig *rig)
{
	for (uint8_t i = 0; i < 5; i++) {
		tap_wrong(rig, FRONT_IN, i);
	}
}

static void assert_denied_for(struct rig *rig, const char *reason)
{
	json_t *data = rig_last(rig, "access.denied");
	assert_string_equal(json_string_value(json_object_get(data, "reason")), reason);
	json_decref(data);
}

static json_int_t left_s(struct rig *rig, size_t reader)
{
	json_t *status = rig_ask(rig, -1, "{\"do\":\"status\"}");
	json_t *readers = json_object_get(status, "readers");
	json_int_t left = json_integer_value(
		json_object_get(json_array_get(readers, reader), "locked_out_s"));
	json_decref(status);
	return left;
}

static void five_wrong_badges_close_the_reader_to_everybody_for_half_a_minute(void **state)
{
	struct rig *rig = *state;
	lock_out(rig);
	json_t *told = rig_last(rig, "reader.locked_out");
	assert_string_equal(json_string_value(json_object_get(told, "reader")), "front-in");
	assert_int_equal(json_integer_value(json_object_get(told, "count")), 30);
	json_decref(told);
	assert_denied_for(rig, "CredentialNotFound");
	assert_int_equal(left_s(rig, FRONT_IN), 30);
	assert_int_equal(left_s(rig, BACK_IN), 0);

	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_denied_for(rig, "loquet:ReaderLockedOut");
	assert_false(rig_relay(rig, FRONT));
	rig_advance(rig, 29999);
	tap_wrong(rig, FRONT_IN, 9);
	assert_denied_for(rig, "loquet:ReaderLockedOut");
	rig_advance(rig, 1);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_int_equal(rig_count(rig, "reader.locked_out"), 1);
}

static void the_other_readers_go_on_and_nobody_is_kept_in(void **state)
{
	struct rig *rig = *state;
	lock_out(rig);
	rig_tap(rig, BACK_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, BACK));
	for (uint8_t i = 0; i < 20; i++) {
		tap_wrong(rig, FRONT_OUT, i);
	}
	rig_tap(rig, FRONT_OUT, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	assert_int_equal(rig_count(rig, "reader.locked_out"), 1);
}

static void a_member_in_between_or_the_same_badge_again_prevents_it(void **state)
{
	struct rig *rig = *state;
	for (uint8_t i = 0; i < 12; i++) {
		tap_wrong(rig, FRONT_IN, (uint8_t)(i % 4));
	}
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	tap_wrong(rig, FRONT_IN, 10);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "reader.locked_out"), 0);
	assert_int_equal(rig_count(rig, "access.granted"), 2);
}

/* Red and a long tone, with the last of the wrong badges and every one behind it. */
static void it_is_seen_and_heard(void **state)
{
	struct rig *rig = *state;
	bool red = false;
	struct lq_lines *lines = &rig->daemon.doors[FRONT].lines;
	lock_out(rig);
	for (int i = 0; i < 10; i++) {
		rig_advance(rig, 100);
		assert_int_equal(lines->get(lines->ctx, LQ_LINE_LED_RED, &red), 0);
		assert_true(red);
	}
	rig_advance(rig, 1000);
	assert_int_equal(lines->get(lines->ctx, LQ_LINE_LED_RED, &red), 0);
	assert_false(red);
	json_t *status = rig_ask(rig, -1, "{\"do\":\"status\"}");
	char *text = json_dumps(json_object_get(status, "alarms"), 0);
	assert_non_null(strstr(text, "a reader refuses everybody for a moment: front-in"));
	free(text);
	json_decref(status);
}

static void it_can_be_set_and_turned_off(void **state)
{
	struct rig *rig = *state;
	rig->config.readers[FRONT_IN].lockout =
		(struct lq_lockout_settings){.after = 0, .lock_s = 30};
	lock_out(rig);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, FRONT));
	rig->config.readers[BACK_IN].lockout =
		(struct lq_lockout_settings){.after = 2, .lock_s = 10};
	tap_wrong(rig, BACK_IN, 1);
	tap_wrong(rig, BACK_IN, 2);
	assert_int_equal(left_s(rig, BACK_IN), 10);
	assert_int_equal(rig_count(rig, "reader.locked_out"), 1);
	rig_advance(rig, 10000);
	tap_wrong(rig, BACK_IN, 1);
	tap_wrong(rig, BACK_IN, 1);
	assert_int_equal(left_s(rig, BACK_IN), 0);
	rig->config.readers[BACK_IN].lockout.of = LQ_LOCKOUT_OF_TRIES;
	rig_advance(rig, 10000);
	tap_wrong(rig, BACK_IN, 1);
	tap_wrong(rig, BACK_IN, 1);
	assert_int_equal(left_s(rig, BACK_IN), 10);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_RIG(five_wrong_badges_close_the_reader_to_everybody_for_half_a_minute),
		WITH_RIG(the_other_readers_go_on_and_nobody_is_kept_in),
		WITH_RIG(a_member_in_between_or_the_same_badge_again_prevents_it),
		WITH_RIG(it_is_seen_and_heard),
		WITH_RIG(it_can_be_set_and_turned_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

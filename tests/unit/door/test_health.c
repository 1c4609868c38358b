/* What the link is told of how things are, and when. */
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int set_up(void **state)
{
	*state = rig_open("clock_trust = unset");
	return 0;
}

static int tear_down(void **state)
{
	rig_close(*state);
	return 0;
}

/* The next figures; others are told of in between. The caller's. */
static json_t *hear(struct rig *rig, int link)
{
	for (;;) {
		json_t *message = rig_receive(rig, link);
		json_t *figures = json_incref(json_object_get(message, "health"));
		json_decref(message);
		if (figures != NULL) {
			return figures;
		}
	}
}

/* No figures are on their way. */
static bool silent(struct rig *rig, int link)
{
	char text[16384];
	bool silent = true;
	rig_turn(rig);
	for (int length = 0; (length = lq_seqpacket_receive(link, text, sizeof(text))) > 0;) {
		silent = silent && memmem(text, (size_t)length, "\"health\"", 8) == NULL;
	}
	return silent;
}

static void assert_reader(json_t *figures, const char *state, json_int_t faults)
{
	json_t *reader = json_array_get(json_object_get(figures, "readers"), 0);
	assert_string_equal(json_string_value(json_object_get(reader, "name")), "front-in");
	assert_string_equal(json_string_value(json_object_get(reader, "door")), "front");
	assert_string_equal(json_string_value(json_object_get(reader, "state")), state);
	assert_int_equal(json_integer_value(json_object_get(reader, "faults")), faults);
}

static int connect_reader(struct rig *rig, const char *library)
{
	struct lq_reader_msg msg = {.type = LQ_MSG_HELLO, .version = LQ_READER_WIRE_VERSION};
	int fd = rig_connect(rig, LQ_READER_SOCKET);
	(void)snprintf(msg.name, sizeof(msg.name), "front-in");
	msg.byte_count = (uint32_t)strlen(library);
	memcpy(msg.bytes, library, msg.byte_count);
	assert_int_equal(lq_seqpacket_send(fd, &msg, sizeof(msg)), LQ_OK);
	rig_turn(rig);
	return fd;
}

static void say(struct rig *rig, int fd, enum lq_reader_msg_type type)
{
	struct lq_reader_msg msg = {.type = type};
	assert_int_equal(lq_seqpacket_send(fd, &msg, sizeof(msg)), LQ_OK);
	rig_turn(rig);
}

static void a_link_hears_at_once_and_every_so_often(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	int link = rig_connect(rig, "link.sock");
	json_t *figures = hear(rig, link);
	assert_int_equal(json_integer_value(json_object_get(figures, "uptime_s")), 0);
	assert_reader(figures, "offline", 0);
	json_decref(figures);
	rig_advance(rig, 59900);
	assert_true(silent(rig, link));
	rig_advance(rig, 200);
	figures = hear(rig, link);
	assert_int_equal(json_integer_value(json_object_get(figures, "uptime_s")), 60);
	json_decref(figures);
	(void)close(link);
}

static void a_change_is_told_within_a_second_and_a_flood_once_in_it(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	int link = rig_connect(rig, "link.sock");
	json_decref(hear(rig, link));
	int reader = connect_reader(rig, "1.8.0\n\"");
	for (int i = 0; i < 5; i++) {
		say(rig, reader, LQ_MSG_FAULT);
	}
	say(rig, reader, LQ_MSG_READY);
	rig_settle(rig);
	rig_advance(rig, 1000);
	json_t *figures = hear(rig, link);
	assert_reader(figures, "online", 5);
	json_t *versions = json_object_get(figures, "versions");
	assert_string_equal(json_string_value(json_object_get(versions, "libnfc")), "1.8.0");
	json_decref(figures);
	rig_advance(rig, 5000);
	assert_true(silent(rig, link));
	(void)close(reader);
	rig_turn(rig);
	figures = hear(rig, link);
	assert_reader(figures, "offline", 5);
	json_decref(figures);
	(void)close(link);
}

static void a_journal_that_is_written_again_is_told(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	int link = rig_connect(rig, "link.sock");
	json_decref(hear(rig, link));
	rig->daemon.reported_stalled = true; /* as if it had refused before */
	rig_advance(rig, 1500);
	rig_tap(rig, 0, rig_uid);
	rig_settle(rig);
	rig_turn(rig);
	json_t *figures = hear(rig, link);
	json_t *journal = json_object_get(figures, "journal");
	assert_string_equal(json_string_value(json_object_get(journal, "state")), "well");
	assert_true(json_integer_value(json_object_get(journal, "head")) > 0);
	json_decref(figures);
	(void)close(link);
}

static void a_clock_that_gains_trust_is_told(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	int link = rig_connect(rig, "link.sock");
	json_t *figures = hear(rig, link);
	json_t *clock = json_object_get(figures, "clock");
	assert_string_equal(json_string_value(json_object_get(clock, "trust")), "rtc");
	json_decref(figures);
	lq_sim_clock_set_wall(rig->clock, (struct lq_wall){.unix_ms = INT64_C(1790000100000),
						  .trust = LQ_TRUST_SYNCHRONISED});
	rig_advance(rig, 1500);
	figures = hear(rig, link);
	clock = json_object_get(figures, "clock");
	assert_string_equal(json_string_value(json_object_get(clock, "trust")), "synchronised");
	json_decref(figures);
	(void)close(link);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_link_hears_at_once_and_every_so_often),
		TEST(a_change_is_told_within_a_second_and_a_flood_once_in_it),
		TEST(a_journal_that_is_written_again_is_told),
		TEST(a_clock_that_gains_trust_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What reaches loquetd over the readers' socket. */
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static void send_msg(struct rig *rig, int fd, const struct lq_reader_msg *msg)
{
	assert_int_equal(lq_seqpacket_send(fd, msg, sizeof(*msg)), LQ_OK);
	rig_turn(rig);
}

static void send_type(struct rig *rig, int fd, enum lq_reader_msg_type type)
{
	struct lq_reader_msg msg = {.type = type};
	send_msg(rig, fd, &msg);
}

static void hello(struct rig *rig, int fd, const char *name)
{
	struct lq_reader_msg msg = {.type = LQ_MSG_HELLO, .version = LQ_READER_WIRE_VERSION};
	memcpy(msg.name, name, strlen(name));
	send_msg(rig, fd, &msg);
}

static int connect_as(struct rig *rig, const char *name)
{
	int fd = rig_connect(rig, LQ_READER_SOCKET);
	hello(rig, fd, name);
	return fd;
}

static void a_reader_says_once_who_it_is(void **state)
{
	struct rig *rig = *state;
	int turncoat = connect_as(rig, "front-in");
	hello(rig, turncoat, "back-in");
	assert_true(rig_hung_up(rig, turncoat));
	assert_null(rig->daemon.readers[0].peer);
	assert_null(rig->daemon.readers[2].peer);
	/* Neither name is taken by a ghost. */
	int front = connect_as(rig, "front-in");
	int back = connect_as(rig, "back-in");
	assert_non_null(rig->daemon.readers[0].peer);
	assert_non_null(rig->daemon.readers[2].peer);
	(void)close(front);
	(void)close(back);
	(void)close(turncoat);
}

static void the_successor_of_a_reader_takes_its_place(void **state)
{
	struct rig *rig = *state;
	int first = connect_as(rig, "front-in");
	int second = connect_as(rig, "front-in");
	assert_true(rig_hung_up(rig, first));
	send_type(rig, second, LQ_MSG_READY);
	assert_int_equal(rig->daemon.readers[0].state, LQ_READER_ONLINE);
	(void)close(second);
	rig_turn(rig);
	assert_int_equal(rig->daemon.readers[0].state, LQ_READER_OFFLINE);
	(void)close(first);
}

static void a_reader_that_falls_silent_is_lost(void **state)
{
	struct rig *rig = *state;
	int fd = connect_as(rig, "front-in");
	send_type(rig, fd, LQ_MSG_READY);
	for (int i = 0; i < 10; i++) {
		rig_advance(rig, 10000);
		send_type(rig, fd, LQ_MSG_STATISTICS);
	}
	assert_int_equal(rig->daemon.readers[0].state, LQ_READER_ONLINE);
	rig_advance(rig, 34999);
	assert_int_equal(rig->daemon.readers[0].state, LQ_READER_ONLINE);
	rig_advance(rig, 1);
	assert_int_equal(rig->daemon.readers[0].state, LQ_READER_OFFLINE);
	assert_true(rig_hung_up(rig, fd));
	json_t *offline = rig_last(rig, "reader.offline");
	assert_string_equal(json_string_value(json_object_get(offline, "cause")), "silent");
	json_decref(offline);
	(void)close(fd);
}

static void strangers_do_not_keep_a_reader_out(void **state)
{
	struct rig *rig = *state;
	int strangers[LQ_READER_PEERS_MAX];
	for (size_t i = 0; i < LQ_READER_PEERS_MAX; i++) {
		strangers[i] = rig_connect(rig, LQ_READER_SOCKET);
	}
	int late = rig_connect(rig, LQ_READER_SOCKET);
	assert_true(rig_hung_up(rig, late));
	rig_advance(rig, 2000);
	int reader = connect_as(rig, "front-in");
	assert_non_null(rig->daemon.readers[0].peer);
	for (size_t i = 0; i < LQ_READER_PEERS_MAX; i++) {
		assert_true(rig_hung_up(rig, strangers[i]));
		(void)close(strangers[i]);
	}
	(void)close(late);
	(void)close(reader);
}

/* What is written to the log from here on goes to `file`; returns the log. */
static int divert_log(FILE *file)
{
	int log = dup(STDERR_FILENO);
	assert_true(log >= 0);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	return log;
}

static unsigned restore_log(FILE *file, int log, bool *ret_left_out)
{
	char line[512];
	unsigned lines = 0;
	assert_true(dup2(log, STDERR_FILENO) >= 0);
	(void)close(log);
	rewind(file);
	*ret_left_out = false;
	while (fgets(line, sizeof(line), file) != NULL) {
		lines++;
		*ret_left_out = *ret_left_out || strstr(line, "60 more of the kind") != NULL;
	}
	return lines;
}

static void a_stranger_does_not_fill_the_log(void **state)
{
	struct rig *rig = *state;
	bool left_out = false;
	FILE *file = tmpfile();
	assert_non_null(file);
	int log = divert_log(file);
	for (int i = 0; i < 80; i++) {
		int fd = rig_connect(rig, LQ_READER_SOCKET);
		assert_int_equal(lq_seqpacket_send(fd, "nonsense", 8), LQ_OK);
		rig_turn(rig);
		(void)close(fd);
	}
	rig_advance(rig, 10000);
	int fd = rig_connect(rig, LQ_READER_SOCKET);
	assert_int_equal(lq_seqpacket_send(fd, "nonsense", 8), LQ_OK);
	rig_turn(rig);
	(void)close(fd);
	assert_int_equal(restore_log(file, log, &left_out), 22);
	assert_true(left_out);
	assert_int_equal(fclose(file), 0);
}

static void who_has_not_said_its_name_is_not_heard(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig, LQ_READER_SOCKET);
	struct lq_reader_msg tap = {.type = LQ_MSG_PRESENT, .cards = 1, .uid_len = 7};
	memcpy(tap.uid, rig_uid, sizeof(rig_uid));
	send_msg(rig, fd, &tap);
	assert_true(rig_hung_up(rig, fd));
	assert_int_equal(rig_count(rig, "access.granted"), 0);
	(void)close(fd);
}

static void a_flapping_reader_does_not_fill_the_journal(void **state)
{
	struct rig *rig = *state;
	int fd = connect_as(rig, "front-in");
	for (int i = 0; i < 100; i++) {
		send_type(rig, fd, LQ_MSG_FAULT);
	}
	assert_int_equal(rig_count(rig, "reader.fault"), 20);
	for (int i = 0; i < 3; i++) {
		rig_advance(rig, 10000);
		send_type(rig, fd, LQ_MSG_FAULT);
	}
	assert_int_equal(rig_count(rig, "reader.fault"), 23);
	/* After a quiet time all of it is told again. */
	for (int i = 0; i < 21; i++) {
		rig_advance(rig, 10000);
		send_type(rig, fd, LQ_MSG_STATISTICS);
	}
	send_type(rig, fd, LQ_MSG_FAULT);
	send_type(rig, fd, LQ_MSG_READY);
	assert_int_equal(rig_count(rig, "reader.online"), 1);
	(void)close(fd);
}

static void expect_reset(struct rig *rig, unsigned count, const char *cause)
{
	assert_int_equal(rig_count(rig, "reader.reset"), count);
	json_t *reset = rig_last(rig, "reader.reset");
	assert_string_equal(json_string_value(json_object_get(reset, "reader")), "front-in");
	assert_string_equal(json_string_value(json_object_get(reset, "cause")), cause);
	assert_int_equal(json_integer_value(json_object_get(reset, "count")), count);
	json_decref(reset);
}

static void a_reader_that_stays_out_of_order_is_reset(void **state)
{
	struct rig *rig = *state;
	int fd = connect_as(rig, "front-in");
	send_type(rig, fd, LQ_MSG_READY);
	send_type(rig, fd, LQ_MSG_FAULT);
	rig_advance(rig, 9999);
	assert_false(rig_reset(rig));
	rig_advance(rig, 1);
	assert_true(rig_reset(rig));
	rig_settle(rig);
	expect_reset(rig, 1, "device");
	rig_advance(rig, 400);
	assert_false(rig_reset(rig));
	send_type(rig, fd, LQ_MSG_READY);
	for (int i = 0; i < 10; i++) {
		rig_advance(rig, 30000);
		send_type(rig, fd, LQ_MSG_STATISTICS);
	}
	assert_int_equal(rig_count(rig, "reader.reset"), 1);
	(void)close(fd);
}

static void a_reader_whose_process_is_not_there_is_left_alone(void **state)
{
	struct rig *rig = *state;
	int fd = connect_as(rig, "front-in");
	send_type(rig, fd, LQ_MSG_FAULT);
	(void)close(fd);
	rig_turn(rig);
	rig_advance(rig, 3600000);
	assert_false(rig_reset(rig));
	/* It comes back, and may first try. */
	fd = connect_as(rig, "front-in");
	rig_advance(rig, 9999);
	assert_false(rig_reset(rig));
	rig_advance(rig, 1);
	assert_true(rig_reset(rig));
	/* It works: the chip is let go of at once. */
	send_type(rig, fd, LQ_MSG_READY);
	assert_false(rig_reset(rig));
	(void)close(fd);
}

static void a_reader_that_fell_silent_is_reset(void **state)
{
	struct rig *rig = *state;
	int fd = connect_as(rig, "front-in");
	send_type(rig, fd, LQ_MSG_READY);
	rig_advance(rig, 35000);
	rig_advance(rig, 10000);
	assert_true(rig_reset(rig));
	rig_settle(rig);
	expect_reset(rig, 1, "silent");
	(void)close(fd);
}

/* Whatever a reader sends, the door's own business comes first. */
static void the_disk_and_the_time_go_before_readers(void **state)
{
	struct rig *rig = *state;
	int fd = connect_as(rig, "front-in");
	rig_tap(rig, 0, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
	for (int i = 0; i < 20; i++) {
		struct lq_reader_msg msg = {.type = LQ_MSG_STATISTICS, .statistics = {.polls = 7}};
		assert_int_equal(lq_seqpacket_send(fd, &msg, sizeof(msg)), LQ_OK);
	}
	lq_sim_clock_advance_ms(rig->clock, 2000);
	assert_true(sd_event_source_set_time(rig->daemon.timer, 0) >= 0);
	assert_true(sd_event_source_set_enabled(rig->daemon.timer, SD_EVENT_ONESHOT) >= 0);
	for (int i = 0; i < 2; i++) {
		assert_true(sd_event_run(rig->daemon.loop, 0) > 0);
	}
	assert_false(rig_relay(rig, 0));
	rig_settle(rig);
	assert_int_equal(rig->daemon.readers[0].statistics.polls, 7);
	(void)close(fd);
}

/* A hostile one may send as fast as it can. */
static void a_reader_that_floods_is_heard_less(void **state)
{
	struct rig *rig = *state;
	int fd = connect_as(rig, "front-in");
	uint64_t sent = 0;
	do {
		struct lq_reader_msg msg = {
			.type = LQ_MSG_STATISTICS, .statistics = {.polls = ++sent}};
		send_msg(rig, fd, &msg);
		assert_true(sent < 1000000);
	} while (rig->daemon.readers[0].statistics.polls == sent);
	(void)close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reader_says_once_who_it_is),
		TEST(the_successor_of_a_reader_takes_its_place),
		TEST(a_reader_that_falls_silent_is_lost),
		TEST(strangers_do_not_keep_a_reader_out),
		TEST(a_stranger_does_not_fill_the_log),
		TEST(who_has_not_said_its_name_is_not_heard),
		TEST(the_disk_and_the_time_go_before_readers),
		TEST(a_reader_that_floods_is_heard_less),
		TEST(a_reader_that_stays_out_of_order_is_reset),
		TEST(a_reader_whose_process_is_not_there_is_left_alone),
		TEST(a_reader_that_fell_silent_is_reset),
		TEST(a_flapping_reader_does_not_fill_the_journal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

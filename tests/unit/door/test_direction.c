/* Which way: of everything that is journalled, whatever a reader, a tap or an exit button caused
 * says at which access point. */
#include "firmware/core/err.h"
#include "firmware/wire/control_wire.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FRONT_IN, FRONT_OUT, BACK_IN };

static const char *const points[] = {"front/entry", "front/exit", "back/entry"};
static const char *const names[] = {"front-in", "front-out", "back-in"};

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

/* ---- the journal, read twice: which way each tap went, then what is said of it ---- */

struct ways {
	json_t *of_taps; /* transaction → access point */
	unsigned told;
	unsigned opened[2]; /* doors seen to open inwards, outwards */
	bool second_look;
};

static const char *text_of(const json_t *data, const char *key)
{
	return json_string_value(json_object_get(data, key));
}

static void expect_way(const json_t *event, const char *way)
{
	const json_t *data = json_object_get(event, "data");
	const char *told = text_of(data, "accessPoint");
	if (told == NULL || strcmp(told, way) != 0) {
		char *text = json_dumps(event, JSON_COMPACT);
		fail_msg("%s was expected: %s", way, text);
	}
}

static void check(struct ways *ways, const json_t *event)
{
	const json_t *data = json_object_get(event, "data");
	const char *type = text_of(event, "type");
	const char *reader = text_of(data, "reader");
	const char *transaction = text_of(data, "transaction");
	const char *tapped = transaction == NULL ? NULL : text_of(ways->of_taps, transaction);
	for (int i = 0; reader != NULL && i < 3; i++) {
		if (strcmp(reader, names[i]) == 0) {
			expect_way(event, points[i]);
			ways->told++;
		}
	}
	if (tapped != NULL) {
		expect_way(event, tapped);
		ways->told++;
	}
	if (strcmp(type, "org.loquet.door.exit_requested.v1") == 0) {
		expect_way(event, "front/exit");
	}
	if (strcmp(type, "org.loquet.door.opened.v1") == 0 &&
		text_of(data, "accessPoint") != NULL) {
		bool exit = strcmp(text_of(data, "accessPoint"), "front/exit") == 0;
		ways->opened[exit ? 1 : 0]++;
	}
}

static int take_row(void *ctx, const struct lq_row *row)
{
	struct ways *ways = ctx;
	json_t *event = json_loadb(row->body, row->body_length, 0, NULL);
	assert_non_null(event);
	const json_t *data = json_object_get(event, "data");
	const char *type = text_of(event, "type");
	if (ways->second_look) {
		check(ways, event);
	} else if (strncmp(type, "org.loquet.access.", strlen("org.loquet.access.")) == 0) {
		(void)json_object_set_new(ways->of_taps, text_of(data, "transaction"),
			json_string(text_of(data, "accessPoint")));
	}
	json_decref(event);
	return 0;
}

static struct ways ways_of(struct rig *rig)
{
	struct ways ways = {.of_taps = json_object()};
	struct lq_store *store = NULL;
	rig_settle(rig);
	assert_int_equal(lq_store_open_readonly(rig->config.state_dir, &store), LQ_OK);
	assert_int_equal(lq_store_read(store, 0, 0, take_row, &ways), LQ_OK);
	ways.second_look = true;
	assert_int_equal(lq_store_read(store, 0, 0, take_row, &ways), LQ_OK);
	lq_store_close(store);
	json_decref(ways.of_taps);
	return ways;
}

/* ---- what happens ---- */

static void drive(struct rig *rig, const char *order)
{
	rig_drive(rig, "front", order);
	rig_settle(rig);
}

static void pass(struct rig *rig, uint16_t reader, bool through)
{
	rig_tap(rig, reader, rig_uid);
	rig_settle(rig);
	if (through) {
		drive(rig, "contact 1");
		drive(rig, "contact 0");
	}
	rig_advance(rig, 3000);
	rig_settle(rig);
}

static void tap_wrong(struct rig *rig, uint16_t reader)
{
	for (uint8_t i = 0; i < 5; i++) {
		const uint8_t wrong[7] = {4, 9, 9, 9, 9, 9, i};
		rig_tap(rig, reader, wrong);
	}
	rig_settle(rig);
}

static void say(struct rig *rig, int fd, struct lq_reader_msg msg)
{
	assert_int_equal(lq_seqpacket_send(fd, &msg, sizeof(msg)), LQ_OK);
	rig_turn(rig);
}

/* A reader comes, works, fails and goes. */
static void come_and_go(struct rig *rig, uint16_t reader)
{
	int fd = rig_connect(rig, LQ_READER_SOCKET);
	struct lq_reader_msg hello = {.type = LQ_MSG_HELLO, .version = LQ_READER_WIRE_VERSION};
	(void)snprintf(hello.name, sizeof(hello.name), "%s", names[reader]);
	say(rig, fd, hello);
	say(rig, fd, (struct lq_reader_msg){.type = LQ_MSG_READY});
	say(rig, fd, (struct lq_reader_msg){.type = LQ_MSG_FAULT});
	rig_advance(rig, 15000); /* long enough for its reset line to be tried, where it has one */
	(void)close(fd);
	rig_settle(rig);
}

static void whatever_has_a_direction_says_it(void **state)
{
	struct rig *rig = *state;
	drive(rig, "contact 0");
	for (uint16_t reader = 0; reader < 3; reader++) {
		pass(rig, reader, false);
		pass(rig, reader, reader != BACK_IN);
		come_and_go(rig, reader);
	}
	rig_hold_disk(rig); /* the row comes late */
	rig_tap(rig, FRONT_OUT, rig_uid);
	rig_advance(rig, 400);
	rig_let_disk(rig);
	rig_settle(rig);
	rig_advance(rig, 3000);
	tap_wrong(rig, BACK_IN);
	tap_wrong(rig, FRONT_OUT);
	drive(rig, "rex 1");
	drive(rig, "contact 1");
	drive(rig, "rex 0");
	drive(rig, "contact 0");
	assert_int_equal(rig_count(rig, "journal.late"), 1);
	assert_int_equal(rig_count(rig, "reader.locked_out"), 1);
	assert_int_equal(rig_count(rig, "reader.online"), 3);
	assert_int_equal(rig_count(rig, "reader.offline"), 3);
	assert_true(rig_count(rig, "reader.fault") >= 3);
	assert_int_equal(rig_count(rig, "reader.reset"), 1);
	struct ways ways = ways_of(rig);
	assert_int_equal(ways.opened[0], 1); /* through front/entry, */
	assert_int_equal(ways.opened[1], 2); /* through front/exit, and by the button */
	assert_in_range(ways.told, 40, 200);
}

/* One comes in while another wants out: the door that opens says neither. */
static void two_directions_at_once_are_none(void **state)
{
	struct rig *rig = *state;
	drive(rig, "contact 0");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	drive(rig, "rex 1");
	drive(rig, "contact 1");
	struct ways ways = ways_of(rig);
	assert_int_equal(ways.opened[0] + ways.opened[1], 0);
	assert_int_equal(rig_count(rig, "door.opened"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			whatever_has_a_direction_says_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_directions_at_once_are_none, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

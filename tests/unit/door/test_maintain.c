/* Maintainers' badges: what they open, and what is told of it. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRONT, BACK };
enum { FRONT_IN, FRONT_OUT, BACK_IN };

static const uint8_t spare[7] = {4, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a};

static void write_file(struct rig *rig, const uint8_t uid[7], const char *name)
{
	struct lq_maintainers maintainers = {.count = 1, .list = {{.salt = {7}}}};
	struct lq_maintainer *maintainer = &maintainers.list[0];
	(void)snprintf(maintainer->name, sizeof(maintainer->name), "%s", name);
	assert_int_equal(lq_maintainer_hash(maintainer->salt, uid, 7, maintainer->hash), LQ_OK);
	assert_int_equal(
		lq_maintainers_save(rig->config.maintainers, &maintainers, getgid()), LQ_OK);
}

static void read_file(struct rig *rig, const char *expected)
{
	json_t *answer = rig_ask(rig, -1, "{\"do\":\"maintainer.read\"}");
	const char *error = json_string_value(json_object_get(answer, "error"));
	assert_string_equal(error == NULL ? "ok" : error, expected);
	json_decref(answer);
}

static int set_up(void **state)
{
	struct rig *rig = rig_open("");
	write_file(rig, spare, "spare");
	read_file(rig, "ok");
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	rig_close(*state);
	return 0;
}

static void assert_data(struct rig *rig, const char *type, const char *key, const char *value)
{
	json_t *data = rig_last(rig, type);
	const char *found = json_string_value(json_object_get(data, key));
	assert_non_null(found);
	assert_string_equal(found, value);
	json_decref(data);
}

static bool status_tells(struct rig *rig, const char *sentence)
{
	json_t *status = rig_ask(rig, -1, "{\"do\":\"status\"}");
	char *text = json_dumps(json_object_get(status, "alarms"), 0);
	bool tells = strstr(text, sentence) != NULL;
	free(text);
	json_decref(status);
	return tells;
}

static void tap(struct rig *rig, uint16_t reader, const uint8_t uid[7])
{
	rig_tap(rig, reader, uid);
	rig_settle(rig);
}

static void it_opens_and_everybody_is_told(void **state)
{
	struct rig *rig = *state;
	assert_false(status_tells(rig, "maintainer"));
	tap(rig, FRONT_IN, spare);
	assert_true(rig_relay(rig, FRONT));
	assert_data(rig, "access.overridden", "reason", "loquet:Maintainer");
	assert_data(rig, "access.overridden", "cause", "CredentialNotFound");
	assert_data(rig, "access.overridden", "actor", "spare");
	assert_true(
		status_tells(rig, "a maintainer's badge was used since the start: spare at front"));
	rig_drive(rig, "front", "contact 1");
	rig_settle(rig);
	json_t *taken = rig_last(rig, "access.taken");
	assert_null(json_object_get(taken, "holder"));
	json_decref(taken);
	assert_int_equal(rig_count(rig, "access.denied"), 0);
	assert_int_equal(rig->daemon.presence.count, 0);
}

static void it_opens_a_reader_that_refuses_everybody_and_counts_for_no_guess(void **state)
{
	struct rig *rig = *state;
	for (uint8_t i = 0; i < 5; i++) {
		const uint8_t wrong[7] = {4, 0xff, 0, 0, 0, 0, i};
		rig_tap(rig, FRONT_IN, wrong);
		rig_tap(rig, FRONT_IN, spare);
	}
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "reader.locked_out"), 1);
	assert_data(rig, "access.overridden", "cause", "loquet:ReaderLockedOut");
	assert_int_equal(rig_count(rig, "access.overridden"), 5);
	tap(rig, FRONT_IN, rig_uid);
	assert_data(rig, "access.denied", "reason", "loquet:ReaderLockedOut");
}

static void it_opens_while_the_journal_cannot_be_written(void **state)
{
	struct rig *rig = *state;
	rig_hold_disk(rig);
	rig_tap(rig, FRONT_IN, spare);
	rig_turn(rig);
	assert_false(rig_relay(rig, FRONT));
	rig_advance(rig, 300);
	assert_true(rig_relay(rig, FRONT));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "access.overridden"), 1);
	assert_int_equal(rig_count(rig, "journal.late"), 1);
}

static void it_opens_without_a_roster_and_without_its_key(void **state)
{
	struct rig *rig = *state;
	rig->daemon.keys.blind = true;
	tap(rig, FRONT_IN, rig_uid);
	assert_false(rig_relay(rig, FRONT));
	assert_data(rig, "access.denied", "reason", "CredentialNotFound");
	tap(rig, FRONT_IN, spare);
	assert_true(rig_relay(rig, FRONT));
	json_t *answer = rig_ask(rig, -1, "{\"do\":\"badge.enrol\",\"member\":1}");
	assert_string_equal(json_string_value(json_object_get(answer, "error")), "io");
	json_decref(answer);
}

/* What the roster, the door or the reader says of the badge itself still counts. */
static void it_does_not_open_everything(void **state)
{
	struct rig *rig = *state;
	write_file(rig, rig_uid, "member-too");
	read_file(rig, "ok");
	tap(rig, FRONT_IN, rig_uid);
	assert_int_equal(rig_count(rig, "access.granted"), 1);
	rig_advance(rig, 2000);
	json_decref(rig_ask(rig, -1, "{\"do\":\"badge.stolen\",\"badge\":1}"));
	tap(rig, FRONT_IN, rig_uid);
	assert_data(rig, "access.denied", "reason", "CredentialNotEnabled");
	for (uint8_t i = 0; i < 5; i++) {
		const uint8_t wrong[7] = {4, 0xff, 0, 0, 0, 0, i};
		rig_tap(rig, FRONT_IN, wrong);
	}
	tap(rig, FRONT_IN, rig_uid);
	assert_data(rig, "access.denied", "reason", "loquet:ReaderLockedOut");
	write_file(rig, spare, "spare");
	read_file(rig, "ok");
	json_decref(rig_ask(
		rig, -1, "{\"do\":\"door.mode\",\"door\":\"front\",\"mode\":\"LockedDown\"}"));
	tap(rig, FRONT_IN, spare);
	assert_data(rig, "access.denied", "reason", "loquet:DoorLockedDown");
	rig->config.readers[BACK_IN].uid_badges = false;
	tap(rig, BACK_IN, spare);
	assert_data(rig, "access.denied", "reason", "loquet:MethodNotAllowed");
	assert_int_equal(rig_count(rig, "access.overridden"), 0);
	assert_false(rig_relay(rig, FRONT));
	assert_false(rig_relay(rig, BACK));
}

static void the_file_is_read_again_when_told_and_what_is_unreadable_takes_no_right(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_count(rig, "maintainers.read"), 1);
	read_file(rig, "ok");
	assert_int_equal(rig_count(rig, "maintainers.read"), 1);
	assert_int_equal(chmod(rig->config.maintainers, 0666), 0);
	read_file(rig, "invalid");
	assert_true(status_tells(rig, "not every maintainer's badge can be read"));
	tap(rig, FRONT_IN, spare);
	assert_int_equal(rig_count(rig, "access.overridden"), 1);
	assert_int_equal(unlink(rig->config.maintainers), 0);
	assert_int_equal(raise(SIGHUP), 0);
	rig_settle(rig);
	assert_int_equal(rig_count(rig, "maintainers.read"), 2);
	assert_false(status_tells(rig, "not every maintainer's badge can be read"));
	tap(rig, FRONT_IN, spare);
	assert_data(rig, "access.denied", "reason", "CredentialNotFound");
	write_file(rig, spare, "spare");
	rig_restart(rig);
	tap(rig, FRONT_IN, spare);
	assert_int_equal(rig_count(rig, "access.overridden"), 2);
}

static void a_badge_is_hashed_for_the_desk_and_opens_nothing_yet(void **state)
{
	static const char request[] = "{\"do\":\"maintainer.tap\",\"salt\":"
				      "\"000102030405060708090a0b0c0d0e0f\"}";
	static const char *const wrong[] = {"{\"do\":\"maintainer.tap\"}",
		"{\"do\":\"maintainer.tap\",\"salt\":\"00\"}",
		"{\"do\":\"maintainer.tap\",\"salt\":\"00010203040506070809 a0b0c0d0e0f\"}"};
	struct rig *rig = *state;
	uint8_t salt[LQ_MAINTAINER_SALT];
	uint8_t hash[LQ_MAINTAINER_HASH];
	char text[2 * LQ_MAINTAINER_HASH + 1];
	int fd = rig_connect(rig, "control.sock");
	for (size_t i = 0; i < sizeof(salt); i++) {
		salt[i] = (uint8_t)i;
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		json_t *answer = rig_ask(rig, fd, wrong[i]);
		assert_string_equal(json_string_value(json_object_get(answer, "error")), "invalid");
		json_decref(answer);
	}
	json_t *waiting = rig_ask(rig, fd, request);
	assert_true(json_is_true(json_object_get(waiting, "waiting")));
	json_decref(waiting);
	json_t *busy = rig_ask(rig, -1, "{\"do\":\"badge.enrol\",\"member\":1}");
	assert_string_equal(json_string_value(json_object_get(busy, "error")), "busy");
	json_decref(busy);
	rig_tap(rig, FRONT_IN, rig_uid);
	json_t *answer = rig_receive(rig, fd);
	assert_int_equal(lq_maintainer_hash(salt, rig_uid, 7, hash), LQ_OK);
	for (size_t i = 0; i < sizeof(hash); i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
	}
	assert_string_equal(json_string_value(json_object_get(answer, "hash")), text);
	json_decref(answer);
	rig_settle(rig);
	assert_data(rig, "access.denied", "reason", "loquet:Enrolled");
	assert_false(rig_relay(rig, FRONT));
	(void)close(fd);
	rig_turn(rig);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_RIG(it_opens_and_everybody_is_told),
		WITH_RIG(it_opens_a_reader_that_refuses_everybody_and_counts_for_no_guess),
		WITH_RIG(it_opens_while_the_journal_cannot_be_written),
		WITH_RIG(it_opens_without_a_roster_and_without_its_key),
		WITH_RIG(it_does_not_open_everything),
		WITH_RIG(the_file_is_read_again_when_told_and_what_is_unreadable_takes_no_right),
		WITH_RIG(a_badge_is_hashed_for_the_desk_and_opens_nothing_yet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Operators, watchers and the link, while the disk does not answer and while they misbehave. */
#include "firmware/core/err.h"
#include "firmware/wire/control_wire.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void send_text(struct rig *rig, int fd, const char *text)
{
	assert_int_equal(lq_seqpacket_send(fd, text, strlen(text)), LQ_OK);
	rig_turn(rig);
}

static void assert_refused(json_t *answer, const char *word)
{
	assert_non_null(answer);
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "error")), word);
	json_decref(answer);
}

static void assert_ok(json_t *answer)
{
	assert_non_null(answer);
	assert_true(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
}

static void assert_denied(struct rig *rig, const char *reason)
{
	rig_settle(rig);
	assert_false(rig_relay(rig, 0));
	json_t *data = rig_last(rig, "access.denied");
	assert_string_equal(json_string_value(json_object_get(data, "reason")), reason);
	json_decref(data);
}

/* ---- a disk that does not answer ---- */

static void an_operator_is_answered_although_the_disk_is_silent(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	rig_hold_disk(rig);
	struct lq_event event = lq_daemon_event(&rig->daemon, LQ_EVENT_DOOR_CLOSED);
	event.door = 0;
	lq_daemon_record(&rig->daemon, &event); /* the change waits behind it */
	send_text(
		rig, fd, "{\"do\":\"member.add\",\"name\":\"Bob Example\",\"profile\":\"always\"}");
	send_text(rig, fd, "{\"do\":\"badge.lost\",\"badge\":77}");
	rig_advance(rig, 4999);
	char none[8];
	assert_int_equal(lq_seqpacket_receive(fd, none, sizeof(none)), 0);
	rig_advance(rig, 1);
	assert_refused(rig_receive(rig, fd), "io");
	assert_refused(rig_receive(rig, fd), "io");
	rig_let_disk(rig);
	rig_settle(rig);
	/* The change was made; its answer is not sent after all: the next one is the next
	 * request's. */
	assert_int_equal(rig_count(rig, "roster.changed"), 3);
	json_t *status = rig_ask(rig, fd, "{\"do\":\"status\"}");
	assert_string_equal(json_string_value(json_object_get(status, "controller")), "board");
	json_decref(status);
	(void)close(fd);
}

static void a_stolen_badge_does_not_wait_for_the_disk(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	rig_hold_disk(rig);
	send_text(rig, fd, "{\"do\":\"badge.lost\",\"badge\":1}");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_advance(rig, 1000);
	assert_false(rig_relay(rig, 0));
	rig_let_disk(rig);
	assert_ok(rig_receive(rig, fd));
	assert_denied(rig, "CredentialNotEnabled");
	/* Who replays the journal comes to the same decision. */
	char *types = rig_types(rig);
	const char *changed = strstr(types, "roster.changed roster.changed roster.changed");
	assert_non_null(changed);
	assert_non_null(strstr(changed, "access.denied"));
	free(types);
	(void)close(fd);
}

/* Asks for a badge.… change of badge 1. */
static void change_badge(struct rig *rig, int fd, const char *request)
{
	char text[64];
	(void)snprintf(text, sizeof(text), "{\"do\":\"%s\",\"badge\":1}", request);
	assert_ok(rig_ask(rig, fd, text));
}

static void a_badge_opens_in_one_state_only(void **state)
{
	static const struct {
		const char *request;
		const char *state;
	} cases[] = {
		{"badge.revoke", "revoked"},
		{"badge.lost", "lost"},
		{"badge.suspend", "suspended"},
		{"badge.stolen", "stolen"},
		{"badge.returned", "returned"},
		{"badge.damaged", "damaged"},
	};
	struct rig *rig = *state;
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		change_badge(rig, fd, cases[i].request);
		rig_tap(rig, FRONT_IN, rig_uid);
		assert_denied(rig, "CredentialNotEnabled");
		json_t *data = rig_last(rig, "access.denied");
		assert_string_equal(json_string_value(json_object_get(data, "credentialState")),
			cases[i].state);
		json_decref(data);
		/* What enables it is told, too. */
		change_badge(rig, fd, "badge.enable");
		data = rig_last(rig, "roster.changed");
		assert_string_equal(
			json_string_value(json_object_get(data, "action")), "badge.enabled");
		json_decref(data);
	}
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
	(void)close(fd);
}

static void a_disabled_member_does_not_wait_for_the_disk(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	rig_hold_disk(rig);
	send_text(rig, fd, "{\"do\":\"member.disable\",\"member\":1}");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_let_disk(rig);
	assert_ok(rig_receive(rig, fd));
	assert_denied(rig, "loquet:HolderDisabled");
	assert_ok(rig_ask(rig, fd, "{\"do\":\"member.enable\",\"member\":1}"));
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
	(void)close(fd);
}

static void what_gives_a_right_waits_for_the_disk(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	assert_ok(rig_ask(rig, fd, "{\"do\":\"member.disable\",\"member\":1}"));
	rig_hold_disk(rig);
	send_text(rig, fd, "{\"do\":\"member.enable\",\"member\":1}");
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_let_disk(rig);
	assert_ok(rig_receive(rig, fd));
	assert_denied(rig, "loquet:HolderDisabled");
	(void)close(fd);
}

/* ---- peers that leave ---- */

static void who_leaves_in_the_middle_leaves_nothing_behind(void **state)
{
	static const char *const requests[] = {
		"{\"do\":\"badge.enrol\",\"member\":1}",
		"{\"do\":\"member.add\",\"name\":\"Bob Example\",\"profile\":\"always\"}",
		"{\"do\":\"schedule.set\",\"name\":\"day\",\"periods\":[[480,1200]]}",
		"{\"do\":\"profile.set\",\"name\":\"day\",\"policies\":[{\"access_point\":\"*\"}]}",
		"{\"do\":\"watch\"}",
		"{\"do\":\"status\"}",
		"{\"do\":\"door.open\",\"door\":\"front\"}",
	};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
		rig_hold_disk(rig);
		send_text(rig, fd, requests[i]);
		(void)close(fd);
		rig_turn(rig);
		rig_let_disk(rig);
		rig_settle(rig);
	}
	assert_int_equal(rig->daemon.enrolment.client, 0);
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		assert_null(rig->daemon.clients[i]);
	}
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
}

static void an_enrolment_outlives_the_patience_of_a_change(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	json_t *waiting = rig_ask(rig, fd, "{\"do\":\"badge.enrol\",\"member\":1}");
	assert_true(json_is_true(json_object_get(waiting, "waiting")));
	json_decref(waiting);
	rig_hold_disk(rig);
	send_text(rig, fd, "{\"do\":\"member.enable\",\"member\":1}");
	rig_advance(rig, 5000);
	assert_refused(rig_receive(rig, fd), "io");
	rig_let_disk(rig);
	rig_settle(rig);
	static const uint8_t fresh[7] = {4, 9, 9, 9, 9, 9, 9};
	rig_tap(rig, FRONT_IN, fresh);
	json_t *answer = rig_receive(rig, fd);
	assert_int_equal(json_integer_value(json_object_get(answer, "badge")), 2);
	json_decref(answer);
	(void)close(fd);
	rig_turn(rig);
}

static void an_enrolment_for_nobody_is_refused_at_once(void **state)
{
	struct rig *rig = *state;
	static const uint8_t fresh[7] = {4, 9, 9, 9, 9, 9, 9};
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	assert_refused(rig_ask(rig, fd, "{\"do\":\"badge.enrol\",\"member\":77}"), "not_found");
	assert_int_equal(rig->daemon.enrolment.client, 0);
	rig_tap(rig, FRONT_IN, fresh);
	assert_denied(rig, "CredentialNotFound");
	json_t *waiting = rig_ask(rig, fd, "{\"do\":\"badge.enrol\",\"member\":1}");
	assert_true(json_is_true(json_object_get(waiting, "waiting")));
	json_decref(waiting);
	(void)close(fd);
	rig_turn(rig);
}

/* Until it is known whether the member is there, a tap is a tap. */
static void an_enrolment_does_not_begin_before_the_disk_answers(void **state)
{
	struct rig *rig = *state;
	static const uint8_t fresh[7] = {4, 9, 9, 9, 9, 9, 9};
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	rig_hold_disk(rig);
	send_text(rig, fd, "{\"do\":\"member.enable\",\"member\":1}");
	send_text(rig, fd, "{\"do\":\"badge.enrol\",\"member\":1}");
	rig_tap(rig, FRONT_IN, fresh);
	rig_advance(rig, 5000);
	assert_refused(rig_receive(rig, fd), "io");
	assert_refused(rig_receive(rig, fd), "io");
	assert_int_equal(rig->daemon.enrolment.client, 0);
	rig_let_disk(rig);
	rig_settle(rig);
	assert_denied(rig, "CredentialNotFound");
	assert_ok(rig_ask(rig, fd, "{\"do\":\"status\"}")); /* and nothing came in between */
	(void)close(fd);
	rig_turn(rig);
}

/* ---- places ---- */

static void silent_clients_make_room_for_one_that_asks(void **state)
{
	struct rig *rig = *state;
	int silent[2 * LQ_CLIENTS_MAX];
	int watcher = rig_connect(rig, LQ_CONTROL_SOCKET);
	assert_ok(rig_ask(rig, watcher, "{\"do\":\"watch\"}"));
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		silent[i] = rig_connect(rig, LQ_CONTROL_SOCKET);
		rig_turn(rig);
	}
	int asking = rig_connect(rig, LQ_CONTROL_SOCKET);
	assert_ok(rig_ask(rig, asking, "{\"do\":\"status\"}"));
	struct lq_event event = lq_daemon_event(&rig->daemon, LQ_EVENT_DOOR_CLOSED);
	event.door = 0;
	lq_daemon_record(&rig->daemon, &event);
	json_decref(rig_receive(rig, watcher));
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		(void)close(silent[i]);
	}
	(void)close(asking);
	(void)close(watcher);
	rig_turn(rig);
}

static void watchers_keep_their_places(void **state)
{
	struct rig *rig = *state;
	int watchers[LQ_CLIENTS_MAX];
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		watchers[i] = rig_connect(rig, LQ_CONTROL_SOCKET);
		assert_ok(rig_ask(rig, watchers[i], "{\"do\":\"watch\"}"));
	}
	int late = rig_connect(rig, LQ_CONTROL_SOCKET);
	assert_true(rig_hung_up(rig, late));
	(void)close(late);
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		(void)close(watchers[i]);
	}
	rig_turn(rig);
}

/* ---- watchers ---- */

static void a_watcher_that_never_reads_takes_nothing_from_the_others(void **state)
{
	struct rig *rig = *state;
	int lazy = rig_connect(rig, LQ_CONTROL_SOCKET);
	int eager = rig_connect(rig, LQ_CONTROL_SOCKET);
	send_text(rig, lazy, "{\"do\":\"watch\"}");
	assert_ok(rig_ask(rig, eager, "{\"do\":\"watch\"}"));
	json_int_t last = 0;
	for (int i = 0; i < 2000; i++) {
		struct lq_event event = lq_daemon_event(&rig->daemon, LQ_EVENT_DOOR_CLOSED);
		event.door = 0;
		lq_daemon_record(&rig->daemon, &event);
		json_t *message = rig_receive(rig, eager);
		json_int_t seq = json_integer_value(json_object_get(message, "seq"));
		assert_true(last == 0 || seq == last + 1 || seq == last + 2); /* a checkpoint */
		last = seq;
		json_decref(message);
	}
	(void)close(lazy);
	(void)close(eager);
	rig_turn(rig);
}

/* ---- the link ---- */

static void a_link_that_floods_does_not_fill_the_journal(void **state)
{
	struct rig *rig = *state;
	unsigned sent = 0;
	for (int round = 0; round < 3; round++) {
		int fd = rig_connect(rig, LQ_LINK_SOCKET);
		for (int i = 0; i < 150; i++) {
			send_text(rig, fd, "{\"skipped\":3,\"text\":\"too large\"}");
			sent++;
		}
		(void)close(fd);
		rig_turn(rig);
	}
	assert_true(sent > 100);
	assert_int_equal(rig_count(rig, "link.skipped"), 100);
	rig_advance(rig, 3000);
	int fd = rig_connect(rig, LQ_LINK_SOCKET);
	send_text(rig, fd, "{\"skipped\":4,\"text\":\"too large\"}");
	assert_int_equal(rig_count(rig, "link.skipped"), 101);
	(void)close(fd);
}

static void the_newest_link_counts(void **state)
{
	struct rig *rig = *state;
	int first = rig_connect(rig, LQ_LINK_SOCKET);
	send_text(rig, first, "{\"link\":\"connected\"}");
	assert_true(rig->daemon.link.connected);
	int second = rig_connect(rig, LQ_LINK_SOCKET);
	assert_true(rig_hung_up(rig, first));
	assert_false(rig->daemon.link.connected);
	send_text(rig, second, "{\"link\":\"connected\",\"text\":7}");
	assert_true(rig->daemon.link.connected);
	(void)close(second);
	rig_turn(rig);
	assert_false(rig->daemon.link.connected);
	(void)close(first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_operator_is_answered_although_the_disk_is_silent),
		TEST(a_stolen_badge_does_not_wait_for_the_disk),
		TEST(a_badge_opens_in_one_state_only),
		TEST(a_disabled_member_does_not_wait_for_the_disk),
		TEST(what_gives_a_right_waits_for_the_disk),
		TEST(who_leaves_in_the_middle_leaves_nothing_behind),
		TEST(an_enrolment_outlives_the_patience_of_a_change),
		TEST(an_enrolment_for_nobody_is_refused_at_once),
		TEST(an_enrolment_does_not_begin_before_the_disk_answers),
		TEST(silent_clients_make_room_for_one_that_asks),
		TEST(watchers_keep_their_places),
		TEST(a_watcher_that_never_reads_takes_nothing_from_the_others),
		TEST(a_link_that_floods_does_not_fill_the_journal),
		TEST(the_newest_link_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

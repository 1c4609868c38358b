/* Signed commands: from the link's socket to the journal, the relay and the lights. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRONT, BACK };
enum { FRONT_IN, FRONT_OUT };

#define NOW_S INT64_C(1790000000)

/* RFC 8037, appendix A.1 */
#define SEED   "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define PUBLIC "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define KEYS                                                                                       \
	"[command office]\nkey = " PUBLIC "\n"                                                     \
	"allow = door.open, door.mode, reader.identify, badge.enrol-next, badge.read, "            \
	"config.reload\n"                                                                          \
	"doors = *\n"

static const uint8_t stranger[7] = {4, 1, 2, 3, 4, 5, 6};

struct desk {
	struct rig *rig;
	int link;
	uint64_t sent;
};

static int set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	assert_non_null(desk);
	desk->rig = rig_open(KEYS);
	desk->link = rig_connect(desk->rig, "link.sock");
	json_decref(rig_receive(desk->rig, desk->link)); /* the head */
	*state = desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;
	(void)close(desk->link);
	rig_close(desk->rig);
	free(desk);
	return 0;
}

static size_t add_part(char *text, size_t length, const void *bytes, size_t count)
{
	if (length > 0) {
		text[length++] = '.';
	}
	lq_base64url_encode(bytes, count, text + length);
	return length + LQ_BASE64URL_LENGTH(count);
}

/* `rest`: `"door":"front","args":{…}` or nothing. */
static void sign(const struct desk *desk, const char *command, const char *rest,
	char ret_text[LQ_ORDER_TOKEN_MAX + 1])
{
	static const char header[] = "{\"alg\":\"EdDSA\",\"kid\":\"office\"}";
	struct lq_keys keys = {.made = false};
	uint8_t signature[64];
	char payload[512];
	size_t count = 0;
	lq_base64url_decode(SEED, strlen(SEED), keys.sign_seed, 32, &count);
	lq_base64url_decode(PUBLIC, strlen(PUBLIC), keys.sign_public, 32, &count);
	int made = snprintf(payload, sizeof(payload),
		"{\"aud\":\"demo/board\",\"cmd\":\"%s\",\"nbf\":%lld,\"exp\":%lld,"
		"\"jti\":\"nonce-%010llu\"%s%s}",
		command, (long long)NOW_S - 10, (long long)NOW_S + 200,
		(unsigned long long)desk->sent, rest[0] == '\0' ? "" : ",", rest);
	assert_in_range(made, 1, sizeof(payload) - 1);
	size_t length = add_part(ret_text, 0, header, sizeof(header) - 1);
	length = add_part(ret_text, length, payload, (size_t)made);
	assert_int_equal(lq_keys_sign(&keys, (const uint8_t *)ret_text, length, signature), LQ_OK);
	(void)add_part(ret_text, length, signature, sizeof(signature));
}

static json_t *next_answer(struct desk *desk)
{
	json_t *answer = NULL;
	while (json_object_get(answer, "answer") == NULL) {
		json_decref(answer);
		answer = rig_receive(desk->rig, desk->link); /* heads in between */
	}
	return answer;
}

static char said_text[256]; /* the words of the last refusal */

/* The reason of a refusal, or "ok"; static until the next call. */
static const char *ask(struct desk *desk, const char *command, const char *rest)
{
	static char word[32];
	char text[LQ_ORDER_TOKEN_MAX + 1];
	char message[LQ_ORDER_TOKEN_MAX + 64];
	desk->sent++;
	sign(desk, command, rest, text);
	int length = snprintf(message, sizeof(message), "{\"id\":%llu,\"order\":\"%s\"}",
		(unsigned long long)desk->sent, text);
	assert_int_equal(lq_seqpacket_send(desk->link, message, (size_t)length), LQ_OK);
	json_t *answer = next_answer(desk);
	json_t *said = json_object_get(answer, "answer");
	(void)snprintf(word, sizeof(word), "%s",
		json_is_true(json_object_get(said, "ok"))
			? "ok"
			: json_string_value(json_object_get(said, "reason")));
	const char *words = json_string_value(json_object_get(said, "text"));
	(void)snprintf(said_text, sizeof(said_text), "%s", words == NULL ? "" : words);
	json_decref(answer);
	rig_settle(desk->rig);
	return word;
}

static void assert_last(struct desk *desk, const char *type, const char *key, const char *value)
{
	json_t *data = rig_last(desk->rig, type);
	const char *found = json_string_value(json_object_get(data, key));
	assert_non_null(found);
	assert_string_equal(found, value);
	json_decref(data);
}

static void assert_same_transaction(struct desk *desk, const char *type)
{
	json_t *accepted = rig_last(desk->rig, "command.accepted");
	assert_last(desk, type, "transaction",
		json_string_value(json_object_get(accepted, "transaction")));
	json_decref(accepted);
}

static void an_extended_opening_lasts_longer(void **state)
{
	struct desk *desk = *state;
	assert_string_equal(ask(desk, "door.open", "\"door\":\"front\""), "ok");
	assert_same_transaction(desk, "door.released");
	rig_advance(desk->rig, 2500);
	assert_false(rig_relay(desk->rig, FRONT));
	assert_string_equal(
		ask(desk, "door.open", "\"door\":\"front\",\"args\":{\"extended\":true}"), "ok");
	assert_same_transaction(desk, "door.released");
	rig_advance(desk->rig, 2500);
	assert_true(rig_relay(desk->rig, FRONT));
	rig_advance(desk->rig, 13000);
	assert_false(rig_relay(desk->rig, FRONT));
	assert_string_equal(
		ask(desk, "door.open", "\"door\":\"front\",\"args\":{\"extended\":false}"), "ok");
	rig_advance(desk->rig, 2500);
	assert_false(rig_relay(desk->rig, FRONT));
}

static void every_mode_can_be_set_and_is_kept(void **state)
{
	static const struct {
		const char *mode;
		bool released;
	} modes[] = {{"Unlocked", true}, {"Blocked", false}, {"LockedOpen", true},
		{"LockedDown", false}, {"Locked", false}};
	struct desk *desk = *state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char rest[64];
		(void)snprintf(rest, sizeof(rest), "\"door\":\"front\",\"args\":{\"mode\":\"%s\"}",
			modes[i].mode);
		assert_string_equal(ask(desk, "door.mode", rest), "ok");
		assert_int_equal(rig_relay(desk->rig, FRONT), modes[i].released);
		assert_last(desk, "command.accepted", "action", "door.mode");
		assert_last(desk, "door.mode_changed", "mode", modes[i].mode);
		assert_last(desk, "door.mode_changed", "cause", "command");
		assert_same_transaction(desk, "door.mode_changed");
		assert_false(rig_relay(desk->rig, BACK));
	}
	assert_int_equal(rig_count(desk->rig, "door.mode_changed"), 5);
	assert_string_equal(
		ask(desk, "door.mode", "\"door\":\"front\",\"args\":{\"mode\":\"Blocked\"}"), "ok");
	assert_string_equal(ask(desk, "door.open", "\"door\":\"front\""), "not_possible");
	assert_non_null(strstr(said_text, "blocked"));
	rig_restart(desk->rig);
	assert_last(desk, "door.mode_changed", "mode", "Blocked");
	assert_int_equal(desk->rig->daemon.doors[FRONT].door.mode, LQ_MODE_BLOCKED);
}

#define LOCK "\"door\":\"front\",\"args\":{\"mode\":\"Locked\",\"unless_refusing\":%s}"

static const char *set_mode(struct desk *desk, enum lq_door_mode mode)
{
	char rest[64];
	(void)snprintf(rest, sizeof(rest), "\"door\":\"front\",\"args\":{\"mode\":\"%s\"}",
		lq_door_mode_text(mode));
	return ask(desk, "door.mode", rest);
}

static void a_door_that_lets_nobody_in_stays_so_where_that_is_asked(void **state)
{
	static const enum lq_refusal wanted[LQ_MODE_COUNT] = {
		[LQ_MODE_LOCKED] = LQ_REFUSAL_COUNT,
		[LQ_MODE_UNLOCKED] = LQ_REFUSAL_COUNT,
		[LQ_MODE_BLOCKED] = LQ_REFUSAL_REFUSING,
		[LQ_MODE_LOCKED_DOWN] = LQ_REFUSAL_REFUSING,
		[LQ_MODE_LOCKED_OPEN] = LQ_REFUSAL_COUNT,
	};
	struct desk *desk = *state;
	const struct lq_door *door = &desk->rig->daemon.doors[FRONT].door;
	char always[sizeof(LOCK) + 8];
	char unless[sizeof(LOCK) + 8];
	(void)snprintf(always, sizeof(always), LOCK, "false");
	(void)snprintf(unless, sizeof(unless), LOCK, "true");
	for (unsigned i = 0; i < LQ_MODE_COUNT; i++) {
		enum lq_door_mode mode = (enum lq_door_mode)i;
		bool refused = wanted[i] == LQ_REFUSAL_REFUSING;
		assert_string_equal(set_mode(desk, mode), "ok");
		assert_string_equal(ask(desk, "door.mode", unless), refused ? "refusing" : "ok");
		assert_int_equal(door->mode, refused ? mode : LQ_MODE_LOCKED);
		assert_string_equal(set_mode(desk, mode), "ok");
		assert_string_equal(ask(desk, "door.mode", always), "ok");
		assert_int_equal(door->mode, LQ_MODE_LOCKED);
	}
	assert_last(desk, "command.refused", "cause", "refusing");
	assert_last(desk, "command.refused", "action", "door.mode");
	assert_int_equal(rig_count(desk->rig, "command.refused"), 2);
}

static void what_is_asked_of_a_door_is_judged_when_it_is_done(void **state)
{
	struct desk *desk = *state;
	char text[LQ_ORDER_TOKEN_MAX + 1];
	char message[LQ_ORDER_TOKEN_MAX + 64];
	char unless[sizeof(LOCK) + 8];
	const char actor[LQ_NAME_SIZE] = "account-0";
	(void)snprintf(unless, sizeof(unless), LOCK, "true");
	sign(desk, "door.mode", unless, text);
	int length = snprintf(message, sizeof(message), "{\"id\":7,\"order\":\"%s\"}", text);
	rig_hold_disk(desk->rig);
	assert_int_equal(lq_seqpacket_send(desk->link, message, (size_t)length), LQ_OK);
	rig_turn(desk->rig);
	lq_doorway_set_mode(&desk->rig->daemon, FRONT, LQ_MODE_LOCKED_DOWN, actor);
	rig_let_disk(desk->rig);
	rig_settle(desk->rig);
	assert_int_equal(desk->rig->daemon.doors[FRONT].door.mode, LQ_MODE_LOCKED_DOWN);
	assert_last(desk, "command.refused", "cause", "refusing");
}

static void what_the_disk_does_not_take_is_not_done(void **state)
{
	struct desk *desk = *state;
	rig_hold_disk(desk->rig);
	char text[LQ_ORDER_TOKEN_MAX + 1];
	char message[LQ_ORDER_TOKEN_MAX + 64];
	sign(desk, "door.mode", "\"door\":\"front\",\"args\":{\"mode\":\"Unlocked\"}", text);
	int length = snprintf(message, sizeof(message), "{\"id\":7,\"order\":\"%s\"}", text);
	assert_int_equal(lq_seqpacket_send(desk->link, message, (size_t)length), LQ_OK);
	rig_turn(desk->rig);
	rig_advance(desk->rig, 6000);
	rig_let_disk(desk->rig);
	rig_settle(desk->rig);
	assert_false(rig_relay(desk->rig, FRONT));
	assert_last(desk, "command.refused", "cause", "not_recorded");
}

static void a_door_shows_which_one_it_is(void **state)
{
	struct desk *desk = *state;
	struct lq_lines *lines = &desk->rig->daemon.doors[FRONT].lines;
	bool active = false;
	assert_string_equal(ask(desk, "reader.identify", "\"door\":\"front\""), "ok");
	assert_int_equal(lines->get(lines->ctx, LQ_LINE_LED_GREEN, &active), LQ_OK);
	assert_true(active);
	assert_int_equal(lines->get(lines->ctx, LQ_LINE_BUZZER, &active), LQ_OK);
	assert_true(active);
	rig_advance(desk->rig, 6100);
	assert_int_equal(lines->get(lines->ctx, LQ_LINE_LED_GREEN, &active), LQ_OK);
	assert_false(active);
	assert_false(rig_relay(desk->rig, FRONT));
}

#define READ  "\"door\":\"front\",\"args\":{\"timeout_s\":20}"
#define ENROL "\"door\":\"front\",\"args\":{\"member\":1,\"timeout_s\":20}"

static void the_next_unknown_badge_is_enrolled(void **state)
{
	struct desk *desk = *state;
	assert_string_equal(ask(desk, "badge.enrol-next", ENROL), "ok");
	assert_string_equal(ask(desk, "badge.enrol-next", ENROL), "not_possible");
	assert_non_null(strstr(said_text, "another enrolment"));
	assert_string_equal(ask(desk, "badge.read", READ), "not_possible");
	assert_non_null(strstr(said_text, "another enrolment"));
	rig_tap(desk->rig, FRONT_IN, rig_uid); /* who is known enters meanwhile */
	rig_settle(desk->rig);
	assert_true(rig_relay(desk->rig, FRONT));
	rig_tap(desk->rig, 2, stranger); /* another door's business */
	assert_last(desk, "access.denied", "reason", "CredentialNotFound");
	rig_tap(desk->rig, FRONT_IN, stranger);
	rig_settle(desk->rig);
	assert_last(desk, "access.denied", "reason", "loquet:Enrolled");
	assert_last(desk, "roster.changed", "action", "badge.enrolled");
	assert_last(desk, "roster.changed", "actor", "office");
	assert_last(desk, "roster.changed", "nonce", "nonce-0000000001");
	assert_last(desk, "roster.changed", "holder", "m1");
	assert_last(desk, "roster.changed", "reader", "front-in");
	rig_tap(desk->rig, FRONT_IN, stranger);
	assert_last(desk, "access.granted", "holder", "m1");
}

static void assert_answered(struct desk *desk, const char *key, const char *value)
{
	json_t *answer = next_answer(desk);
	json_t *said = json_object_get(answer, "answer");
	assert_int_equal(json_integer_value(json_object_get(answer, "id")), desk->sent);
	assert_string_equal(json_string_value(json_object_get(said, key)), value);
	json_decref(answer);
}

static void the_key_of_the_next_unknown_badge_is_told(void **state)
{
	struct desk *desk = *state;
	uint8_t key[16];
	char text[33];
	assert_int_equal(
		lq_uid_key(&desk->rig->daemon.keys, stranger, sizeof(stranger), key), LQ_OK);
	for (size_t i = 0; i < sizeof(key); i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", key[i]);
	}
	assert_string_equal(ask(desk, "badge.read", READ), "ok");
	assert_last(desk, "command.accepted", "action", "badge.read");
	rig_tap(desk->rig, FRONT_IN, rig_uid); /* who is known enters meanwhile */
	rig_settle(desk->rig);
	assert_true(rig_relay(desk->rig, FRONT));
	rig_tap(desk->rig, FRONT_IN, stranger);
	assert_answered(desk, "key", text);
	rig_settle(desk->rig);
	assert_last(desk, "access.denied", "reason", "loquet:Enrolled");
	rig_tap(desk->rig, FRONT_IN, stranger); /* and is not enrolled */
	assert_last(desk, "access.denied", "reason", "CredentialNotFound");
	assert_string_equal(ask(desk, "badge.read", READ), "ok");
	rig_advance(desk->rig, 20100);
	assert_answered(desk, "reason", "timed_out");
	assert_last(desk, "command.refused", "cause", "timed_out");
}

#define READ_AT "\"door\":\"front\",\"args\":{\"reader\":\"%s\"}"

static void a_badge_is_read_at_the_reader_that_was_chosen(void **state)
{
	struct desk *desk = *state;
	char rest[128];
	(void)snprintf(rest, sizeof(rest), READ_AT, "back-in"); /* another door's */
	assert_string_equal(ask(desk, "badge.read", rest), "not_possible");
	assert_non_null(strstr(said_text, "no such reader"));
	(void)snprintf(rest, sizeof(rest), READ_AT, "front-out");
	assert_string_equal(ask(desk, "badge.read", rest), "ok");
	rig_tap(desk->rig, FRONT_IN, stranger);
	assert_last(desk, "access.denied", "reason", "CredentialNotFound");
	rig_tap(desk->rig, FRONT_OUT, stranger);
	rig_settle(desk->rig);
	assert_last(desk, "access.denied", "reason", "loquet:Enrolled");
}

static void an_enrolment_that_comes_to_nothing_says_so(void **state)
{
	struct desk *desk = *state;
	assert_string_equal(ask(desk, "badge.enrol-next", ENROL), "ok");
	rig_advance(desk->rig, 20100);
	assert_last(desk, "command.refused", "cause", "timed_out");
	assert_last(desk, "command.refused", "nonce", "nonce-0000000001");
	rig_tap(desk->rig, FRONT_IN, stranger);
	assert_last(desk, "access.denied", "reason", "CredentialNotFound");
	assert_string_equal(
		ask(desk, "badge.enrol-next", "\"door\":\"front\",\"args\":{\"member\":99}"),
		"not_possible");
	assert_non_null(strstr(said_text, "no member"));
	rig_tap(desk->rig, FRONT_IN, stranger); /* and nothing waits for it */
	rig_settle(desk->rig);
	assert_last(desk, "access.denied", "reason", "CredentialNotFound");
	assert_last(desk, "command.refused", "cause", "not_possible");
	assert_last(desk, "command.refused", "nonce", "nonce-0000000002");
	assert_string_equal(
		ask(desk, "badge.enrol-next", ENROL), "ok"); /* waits still at the end */
}

static void a_reload_takes_over_what_can_change_and_nothing_else(void **state)
{
	struct desk *desk = *state;
	rig_write_config(desk->rig, "clock_trust = synchronised\n" KEYS);
	assert_string_equal(ask(desk, "config.reload", ""), "ok");
	assert_last(desk, "command.accepted", "action", "config.reload");
	assert_string_equal(ask(desk, "door.open", "\"door\":\"front\""), "clock_not_trusted");

	desk->rig->config.clock_trust = LQ_TRUST_RTC;
	rig_write_config(desk->rig, "checkpoint_rows = 7\n");
	assert_string_equal(ask(desk, "config.reload", ""), "not_possible");
	assert_non_null(strstr(said_text, "checkpoint_rows"));
	rig_write_config(desk->rig, "nonsense\n");
	assert_string_equal(ask(desk, "config.reload", ""), "not_possible");
	assert_non_null(strstr(said_text, "nonsense"));
	assert_int_equal(unlink(desk->rig->config_path), 0);
	assert_string_equal(ask(desk, "config.reload", ""), "not_possible");
	assert_non_null(strstr(said_text, "cannot be"));
	assert_string_equal(ask(desk, "door.open", "\"door\":\"front\""), "ok");

	rig_write_config(desk->rig, "");
	assert_string_equal(ask(desk, "config.reload", ""), "ok");
	assert_string_equal(ask(desk, "door.open", "\"door\":\"front\""), "unknown_key");
}

static void say(struct desk *desk, const char *message)
{
	assert_int_equal(lq_seqpacket_send(desk->link, message, strlen(message)), LQ_OK);
	rig_settle(desk->rig);
}

/* How many commands the rows of this cause tell of, and how many rows those are. */
static void count_refused(struct desk *desk, const char *cause, json_int_t *ret_sum, int *ret_rows)
{
	struct sqlite3_stmt *statement = NULL;
	struct sqlite3 *db = NULL;
	char path[128];
	*ret_sum = 0;
	*ret_rows = 0;
	(void)snprintf(path, sizeof(path), "%s/door.db", desk->rig->config.state_dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT text->>'$.data.count' FROM (SELECT CAST(body AS TEXT) AS text "
			"FROM journal) WHERE text->>'$.type' = "
			"'org.loquet.command.refused.v1' AND text->>'$.data.cause' = ?",
			-1, &statement, NULL),
		SQLITE_OK);
	(void)sqlite3_bind_text(statement, 1, cause, -1, SQLITE_STATIC);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		*ret_sum += sqlite3_column_int64(statement, 0);
		*ret_rows += 1;
	}
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
}

static void assert_refused(struct desk *desk, const char *cause, json_int_t sum, int rows)
{
	json_int_t found_sum = 0;
	int found_rows = 0;
	count_refused(desk, cause, &found_sum, &found_rows);
	assert_int_equal(found_sum, sum);
	assert_int_equal(found_rows, rows);
}

static void what_the_link_refuses_is_journalled_too(void **state)
{
	struct desk *desk = *state;
	static const char *const wrong[] = {"{\"refused\":\"replayed\",\"count\":1}",
		"{\"refused\":\"\",\"count\":1}", "{\"refused\":7,\"count\":1}",
		"{\"refused\":\"malformed\"}", "{\"refused\":\"malformed\",\"count\":0}",
		"{\"refused\":\"malformed\",\"count\":-1}",
		"{\"refused\":\"malformed\",\"count\":4294967296}",
		"{\"refused\":\"malformed\",\"count\":\"1\"}"};
	say(desk, "{\"refused\":\"retained\",\"count\":1}");
	say(desk, "{\"refused\":\"malformed\",\"count\":3}");
	assert_last(desk, "command.refused", "cause", "malformed");
	json_t *data = rig_last(desk->rig, "command.refused");
	assert_int_equal(json_integer_value(json_object_get(data, "count")), 3);
	assert_int_equal(json_object_size(data), 2); /* nothing of what was sent */
	json_decref(data);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		say(desk, wrong[i]);
	}
	assert_refused(desk, "malformed", 3, 1);
	assert_refused(desk, "retained", 1, 1);
	assert_refused(desk, "replayed", 0, 0);
}

/* Thirty rows, then one a minute; and what is signed is not kept from its own. */
static void rubbish_does_not_fill_the_journal(void **state)
{
	struct desk *desk = *state;
	for (int i = 0; i < 50; i++) {
		rig_advance(desk->rig, 200);
		say(desk, "{\"refused\":\"malformed\",\"count\":20}");
	}
	say(desk, "{\"refused\":\"too_many\",\"count\":5}");
	assert_refused(desk, "malformed", 600, 30);
	assert_refused(desk, "too_many", 0, 0);
	assert_string_equal(ask(desk, "door.open", "\"door\":\"cellar\""), "wrong_door");
	assert_last(desk, "command.refused", "cause", "wrong_door");
	rig_advance(desk->rig, 60000);
	rig_settle(desk->rig);
	assert_refused(desk, "too_many", 5, 1); /* whose turn it is */
	assert_refused(desk, "malformed", 600, 30);
	rig_advance(desk->rig, 60000);
	rig_settle(desk->rig);
	assert_refused(desk, "too_many", 5, 1);
	assert_refused(desk, "malformed", 1000, 31);
}

/* The same for what is signed by whoever: 200 rows, then one in ten seconds. */
static void whoever_signs_does_not_fill_the_journal_either(void **state)
{
	struct desk *desk = *state;
	for (uint64_t i = 0; i < 230; i++) {
		lq_orders_take(&desk->rig->daemon, 1000 + i, "eyJ", 3);
	}
	rig_settle(desk->rig);
	assert_refused(desk, "malformed", 200, 200);
	rig_advance(desk->rig, 10000);
	rig_settle(desk->rig);
	assert_refused(desk, "malformed", 230, 201);
	(void)close(desk->link); /* the answers with it */
	desk->link = rig_connect(desk->rig, "link.sock");
	json_decref(rig_receive(desk->rig, desk->link));
	assert_string_equal(ask(desk, "door.open", "\"door\":\"front\""), "ok");
}

/* Of a board whose people read French. What programs read stays as it is. */
static void refusals_are_told_in_the_language_of_the_board(void **state)
{
	struct desk *desk = *state;
	rig_write_config(desk->rig, "language = fr\n" KEYS);
	assert_string_equal(ask(desk, "config.reload", ""), "ok");
	assert_string_equal(ask(desk, "door.open", "\"door\":\"cellar\""), "wrong_door");
	assert_string_equal(said_text, "cette porte n’existe pas ici");
	assert_string_equal(set_mode(desk, LQ_MODE_BLOCKED), "ok");
	assert_string_equal(ask(desk, "door.open", "\"door\":\"front\""), "not_possible");
	assert_string_equal(
		said_text, "la porte est condamnée ou en confinement : changer d’abord son mode");
	assert_string_equal(ask(desk, "journal.replay", "\"args\":{\"from\":1}"), "not_permitted");
	assert_string_equal(said_text, "la clé n’a pas le droit de le demander, ou pas là");
	assert_int_equal(unlink(desk->rig->config_path), 0);
	assert_string_equal(ask(desk, "config.reload", ""), "not_possible");
	assert_string_equal(said_text, "ouverture impossible : aucun fichier de ce nom");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_extended_opening_lasts_longer),
		TEST(every_mode_can_be_set_and_is_kept),
		TEST(a_door_that_lets_nobody_in_stays_so_where_that_is_asked),
		TEST(what_is_asked_of_a_door_is_judged_when_it_is_done),
		TEST(what_the_disk_does_not_take_is_not_done),
		TEST(a_door_shows_which_one_it_is),
		TEST(the_next_unknown_badge_is_enrolled),
		TEST(the_key_of_the_next_unknown_badge_is_told),
		TEST(a_badge_is_read_at_the_reader_that_was_chosen),
		TEST(an_enrolment_that_comes_to_nothing_says_so),
		TEST(a_reload_takes_over_what_can_change_and_nothing_else),
		TEST(refusals_are_told_in_the_language_of_the_board),
		TEST(what_the_link_refuses_is_journalled_too),
		TEST(rubbish_does_not_fill_the_journal),
		TEST(whoever_signs_does_not_fill_the_journal_either),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

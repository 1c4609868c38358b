/* Doors as their controllers tell of them, commands to them, and badges that are read there. */
#include "firmware/core/err.h"
#include "hal/linux/linux_entropy.h"
#include "host/office/api_badges.h"
#include "host/office/api_doors.h"
#include "host/office/api_metrics.h"
#include "host/office/api_people.h"
#include "host/office/doors.h"
#include "host/office/enrol.h"
#include "host/office/office.h"
#include "host/office/people.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct lq_office office;
static char folder[] = "/tmp/lq-office-doors-XXXXXX";

static bool take(const char *controller, const char *end, const char *body)
{
	return lq_doors_take(office.doors, controller, end, body, strlen(body));
}

static int begin(void **state)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_keys key = {0};
	int r = stub_begin(state);
	r = r == LQ_OK ? lq_post_new("demo", &key, &entropy, &office.post) : r;
	r = r == LQ_OK ? lq_doors_new(&office.doors) : r;
	if (r != LQ_OK) {
		return r;
	}
	stub.office = &office;
	stub.config.door_count = 1;
	(void)snprintf(stub.config.doors[0].name, LQ_NAME_SIZE, "front");
	(void)snprintf(stub.config.doors[0].zone, LQ_NAME_SIZE, "space");
	(void)snprintf(stub.config.state_dir, sizeof(stub.config.state_dir), "%s", folder);
	lq_post_set_up(office.post, true);
	(void)take("front-board", "doors/front/state",
		"{\"door\":\"front\",\"mode\":\"Locked\",\"contact\":\"closed\",\"seq\":7,"
		"\"alarms\":{\"ajar\":true,\"fire\":false}}");
	return LQ_OK;
}

static int end(void **state)
{
	lq_doors_free(office.doors);
	lq_post_free(office.post);
	return stub_end(state);
}

static const json_t *item(size_t index)
{
	return json_array_get(json_object_get(stub.answer.json, "items"), index);
}

static const char *text_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void test_doors_are_as_they_say(void **state)
{
	(void)state;
	assert_true(take("front-board", "state", "{\"state\":\"online\",\"version\":\"1.0.0\"}"));
	assert_true(take("front-board", "health",
		"{\"rosterVersion\":9,\"rosterAge\":3,\"readers\":[{\"name\":\"in\",\"door\":"
		"\"front\"},{\"name\":\"other\",\"door\":\"back\"}]}"));
	assert_true(take("annex", "doors/back/state",
		"{\"door\":\"back\",\"mode\":\"Unlocked\",\"contact\":\"open\",\"seq\":1}"));
	assert_int_equal(CALL(lq_api_doors_list, NULL, NULL), 200);
	assert_true(json_is_true(json_object_get(stub.answer.json, "broker")));
	assert_string_equal(text_in(item(0), "controller"), "annex");
	assert_true(json_is_false(json_object_get(item(0), "online")));
	assert_true(json_is_null(json_object_get(item(0), "zone")));
	const json_t *front = item(1);
	assert_null(json_object_get(front, "lock")); /* no door says it */
	assert_string_equal(text_in(front, "physical"), "closed");
	assert_string_equal(text_in(front, "zone"), "space");
	assert_true(json_is_true(json_object_get(front, "online")));
	assert_int_equal(json_integer_value(json_object_get(front, "rosterVersion")), 9);
	assert_true(json_is_null(json_object_get(front, "rosterRefused")));
	assert_int_equal(json_array_size(json_object_get(front, "reader")), 1);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(front, "alarms"), 0)), "ajar");
	assert_int_equal(json_array_size(json_object_get(front, "alarms")), 1);
	assert_true(take("annex", "doors/back/state", ""));
	assert_int_equal(lq_doors_count(office.doors), 1);
}

static void test_a_roster_that_is_refused_is_told(void **state)
{
	(void)state;
	assert_true(take("front-board", "health",
		"{\"rosterVersion\":9,\"rosterAge\":3,\"rosterRefused\":{\"why\":\"conflict\","
		"\"count\":2}}"));
	assert_int_equal(CALL(lq_api_doors_list, NULL, NULL), 200);
	const json_t *refused = json_object_get(item(0), "rosterRefused");
	assert_string_equal(text_in(refused, "why"), "conflict");
	assert_int_equal(json_integer_value(json_object_get(refused, "count")), 2);
	assert_int_equal(CALL(lq_api_metrics, NULL, NULL), 200);
	assert_non_null(strstr(
		stub.answer.text, "\nloquet_roster_refused{controller=\"front-board\"} 2\n"));
}

static void test_what_is_held_of_a_journal_is_told(void **state)
{
	(void)state;
	assert_true(take("front-board", "health",
		"{\"clock\":{\"trust\":\"rtc\"},\"journal\":{\"state\":\"slow\"}}"));
	assert_int_equal(CALL(lq_api_doors_list, NULL, NULL), 200);
	assert_string_equal(text_in(item(0), "clock"), "rtc");
	assert_string_equal(text_in(item(0), "journal"), "slow");
	assert_true(json_is_null(json_object_get(item(0), "chainBroken")));
	assert_int_equal(json_integer_value(json_object_get(item(0), "missing")), 0);
	assert_int_equal(
		lq_db_run(stub.db,
			"INSERT INTO controller (name, last, signed, broken) VALUES "
			"('front-board', 30, 10, 21)",
			"") +
			lq_db_run(stub.db,
				"INSERT INTO gap (controller, first, last) VALUES "
				"('front-board', 3, 5), ('front-board', 9, 9), ('annex', 1, 100)",
				""),
		4);
	assert_int_equal(CALL(lq_api_doors_list, NULL, NULL), 200);
	assert_int_equal(json_integer_value(json_object_get(item(0), "chainBroken")), 21);
	assert_int_equal(json_integer_value(json_object_get(item(0), "missing")), 4);
}

static void test_what_is_no_state_changes_nothing(void **state)
{
	(void)state;
	assert_false(take("front-board", "doors/front/state", "{"));
	assert_false(take("front-board", "doors/front/state", "[]"));
	assert_false(take("front-board", "doors/FRONT/state", "{}"));
	assert_false(take("front-board", "doors/front/more/state", "{}"));
	assert_false(take("Front", "state", "{}"));
	assert_false(take("front-board", "events", "{}"));
	assert_int_equal(lq_doors_count(office.doors), 1);
	for (int i = 0; i < 300; i++) {
		char name[24];
		(void)snprintf(name, sizeof(name), "board-%d", i);
		assert_true(take(name, "doors/d/state", "{}"));
	}
	assert_int_equal(lq_doors_count(office.doors), LQ_DOORS_SEEN_MAX);
}

static void test_commands_are_sent_and_audited(void **state)
{
	(void)state;
	assert_int_equal(
		CALL(lq_api_doors_open, "{\"reason\":\"delivery\"}", "front-board", "front"), 202);
	assert_string_equal(stub.audit, "door.open door/front-board/front delivery\n");
	assert_string_equal(lq_post_next(office.post)->topic, "loquet/1/demo/front-board/command");
	assert_string_equal(text_in(stub.answer.json, "state"), "waiting");
	char id[LQ_SENDING_ID_SIZE];
	(void)snprintf(id, sizeof(id), "%s", text_in(stub.answer.json, "id"));
	char body[128];
	int length = snprintf(body, sizeof(body), "{\"ok\":true,\"correlation\":\"%s\"}", id);
	assert_non_null(lq_post_answer(office.post, "front-board", body, (size_t)length, 1));
	assert_int_equal(CALL(lq_api_commands_get, NULL, id), 200);
	assert_string_equal(text_in(stub.answer.json, "state"), "done");
	assert_int_equal(CALL(lq_api_doors_mode, "{\"reason\":\"night\",\"mode\":\"Blocked\"}",
				 "front-board", "front"),
		202);
	assert_string_equal(stub.audit, "door.mode door/front-board/front night\n");
	assert_int_equal(CALL(lq_api_commands_get, NULL, "nothing"), 404);
}

static void refuse(lq_handler *handler, const char *body, const char *word, const char *pointer,
	const char *en, const char *fr)
{
	for (int language = 0; language < 2; language++) {
		stub.language = language == 0 ? LQ_LANGUAGE_EN : LQ_LANGUAGE_FR;
		int status =
			handler == lq_api_badges_add || handler == lq_api_badges_change
				? CALL(handler, body, handler == lq_api_badges_add ? "p1" : "1")
				: CALL(handler, body, "front-board", "front");
		assert_in_range(status, 400, 503);
		assert_string_equal(stub.problem, word);
		assert_string_equal(stub.pointer, pointer);
		assert_string_equal(stub.text, language == 0 ? en : fr);
	}
}

static void test_commands_refused(void **state)
{
	(void)state;
	refuse(lq_api_doors_open, "{}", "needed", "/reason", "reason is needed",
		"reason est nécessaire");
	refuse(lq_api_doors_open, "{\"reason\":\"\"}", "invalid", "/reason",
		"reason: expected a text of 1 to 200 bytes without control signs",
		"reason : attendu un texte de 1 à 200 octets sans signe de commande");
	refuse(lq_api_doors_mode, "{\"reason\":\"x\",\"mode\":\"Accessed\"}", "invalid", "/mode",
		"mode: expected one of Locked, Unlocked, Blocked, LockedDown, LockedOpen",
		"mode : attendu un de Locked, Unlocked, Blocked, LockedDown, LockedOpen");
	refuse(lq_api_doors_mode, "{\"reason\":\"x\"}", "needed", "/mode", "mode is needed",
		"mode est nécessaire");
	lq_post_set_up(office.post, false);
	refuse(lq_api_doors_open, "{\"reason\":\"x\"}", "no_broker", "",
		"the broker is away, so no door hears of it: try again later",
		"le courtier est absent, aucune porte ne l’entendrait : réessayer plus tard");
	assert_int_equal(CALL(lq_api_doors_open, "{\"reason\":\"x\"}", "front-board", "back"), 404);
}

static void add_person(void)
{
	assert_int_equal(CALL(lq_api_people_add, "{\"name\":\"Ada Exemple\"}", NULL), 201);
}

static void write_uid_key(void)
{
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/uid.key", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 32; i++) {
		assert_true(fputs("07", file) >= 0);
	}
	assert_true(fputs("\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void remove_uid_key(void)
{
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/uid.key", folder);
	assert_int_equal(unlink(path), 0);
}

static void test_badge_by_its_number(void **state)
{
	struct lq_keys keys = {0};
	static const uint8_t uid[] = {4, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6};
	uint8_t key[16];
	struct lq_office_badge badge;
	(void)state;
	memset(keys.uid_secret, 7, sizeof(keys.uid_secret));
	assert_int_equal(lq_uid_key(&keys, uid, sizeof(uid), key), LQ_OK);
	add_person();
	write_uid_key();
	assert_int_equal(CALL(lq_api_badges_add,
				 "{\"uid\":\"04:A1:B2:C3:D4:E5:F6\",\"validTo\":\"2030-01-01T00:00:"
				 "00Z\"}",
				 "p1"),
		201);
	assert_string_equal(stub.audit, "badge.enrol person/1 \n");
	assert_null(json_object_get(stub.answer.json, "uid"));
	assert_null(json_object_get(stub.answer.json, "key"));
	assert_int_equal(lq_office_badge_find(stub.db, key, &badge), LQ_OK);
	assert_int_equal(badge.person, 1);
	refuse(lq_api_badges_add, "{\"uid\":\"04a1b2c3d4e5f6\"}", "exists", "/uid",
		"this badge is enrolled already", "ce badge est déjà attribué");
	assert_int_equal(CALL(lq_api_badges_change, "{\"state\":\"lost\",\"uses\":3}", "1"), 200);
	assert_string_equal(text_in(stub.answer.json, "state"), "lost");
	assert_int_equal(CALL(lq_api_badges_list, NULL, "p1"), 200);
	assert_int_equal(json_integer_value(json_object_get(item(0), "uses")), 3);
	refuse(lq_api_badges_change, "{\"state\":\"gone\"}", "invalid", "/state",
		"state: expected one of enabled, revoked, lost, suspended, stolen, returned, "
		"damaged",
		"state : attendu un de enabled, revoked, lost, suspended, stolen, returned, "
		"damaged");
	refuse(lq_api_badges_change, "{\"uses\":65536}", "invalid", "/uses",
		"uses: expected a whole number from 0 to 65535, or null",
		"uses : attendu un nombre entier de 0 à 65535, ou null");
	refuse(lq_api_badges_change, "{\"validFrom\":\"2031-01-01T00:00:00Z\"}", "span", "/validTo",
		"validTo: it would end before it begins",
		"validTo : elle finirait avant de commencer");
	refuse(lq_api_badges_change, "{\"validTo\":\"tomorrow\"}", "invalid", "/validTo",
		"validTo: expected a moment like 2026-12-01T08:00:00Z, or null",
		"validTo : attendu un moment comme 2026-12-01T08:00:00Z, ou null");
	refuse(lq_api_badges_change, "{\"uid\":\"04a1b2c3\"}", "unknown_member", "/uid",
		"there is no such member here", "ce membre n’existe pas ici");
	assert_int_equal(CALL(lq_api_badges_change, "{}", "2"), 404);
	remove_uid_key();
}

static void test_badge_numbers_refused(void **state)
{
	static const char *const uids[] = {"08a1b2c3", "00000000", "04a1b2", "04a1b2c3g4", "x"};
	char body[64];
	(void)state;
	add_person();
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"uid\":\"%s\"}", uids[i]);
		assert_int_equal(CALL(lq_api_badges_add, body, "p1"), 400);
		assert_string_equal(stub.pointer, "/uid");
	}
	refuse(lq_api_badges_add, "{\"uid\":\"04a1b2c3d4e5f6\"}", "no_uid_key", "/uid",
		"uid.key of the space is not in state_dir here: copy it from a door, or present "
		"the badge at one",
		"uid.key de l’espace n’est pas dans state_dir ici : la copier d’une porte, ou y "
		"présenter le badge");
	refuse(lq_api_badges_add, "{}", "needed", "",
		"either uid is needed, or door alone, perhaps with reader",
		"il faut soit uid, soit door seul, éventuellement avec reader");
	refuse(lq_api_badges_add, "{\"door\":\"front\",\"reader\":\"side\"}", "not_found",
		"/reader", "the door tells of no such reader", "la porte n’a pas ce lecteur");
	refuse(lq_api_badges_add, "{\"door\":\"side\"}", "not_found", "/door",
		"no controller tells of such a door, or more than one does: name it "
		"controller/door",
		"aucun contrôleur ne parle de cette porte, ou plusieurs : la nommer "
		"contrôleur/porte");
}

static void test_badge_at_a_door(void **state)
{
	struct lq_office_badge badge;
	(void)state;
	add_person();
	assert_int_equal(CALL(lq_api_badges_add, "{\"door\":\"front\"}", "p1"), 202);
	assert_string_equal(text_in(stub.answer.json, "command"), "badge.read");
	const struct lq_sending *sending =
		lq_post_sending(office.post, text_in(stub.answer.json, "id"));
	char body[160];
	int length = snprintf(body, sizeof(body),
		"{\"ok\":true,\"correlation\":\"%s\",\"key\":\"0102030405060708090a0b0c0d0e0f10\"}",
		sending->id);
	assert_ptr_equal(
		lq_post_answer(office.post, "front-board", body, (size_t)length, 1), sending);
	assert_int_equal(lq_badge_was_read(stub.db, sending, 5), LQ_OK);
	assert_int_equal(lq_office_badge_get(stub.db, 1, &badge), LQ_OK);
	assert_int_equal(badge.person, 1);
	assert_int_equal(badge.key[15], 0x10);
	assert_int_equal(lq_badge_was_read(stub.db, sending, 5), LQ_ERR_EXISTS);
	assert_int_equal(CALL(lq_api_badges_add, "{\"door\":\"front-board/front\"}", "p1"), 202);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_doors_are_as_they_say),
		TEST(test_a_roster_that_is_refused_is_told),
		TEST(test_what_is_held_of_a_journal_is_told),
		TEST(test_what_is_no_state_changes_nothing),
		TEST(test_commands_are_sent_and_audited),
		TEST(test_commands_refused),
		TEST(test_badge_by_its_number),
		TEST(test_badge_numbers_refused),
		TEST(test_badge_at_a_door),
	};
	if (mkdtemp(folder) == NULL) {
		return 1;
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return rmdir(folder) == 0 ? failed : 1;
}

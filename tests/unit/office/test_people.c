#include "firmware/core/err.h"
#include "host/office/api_people.h"
#include "host/office/fold.h"
#include "host/office/people.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const char *key)
{
	return json_string_value(json_object_get(stub.answer.json, key));
}

/* The names of a list, with commas. */
static const char *names(void)
{
	static char out[512];
	size_t length = 0;
	json_t *items = json_object_get(stub.answer.json, "items");
	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *name = json_object_get(json_array_get(items, i), "name");
		length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%s",
			i > 0 ? "," : "", json_string_value(name));
		assert_true(length < sizeof(out));
	}
	return out;
}

static const char *search(const char *words)
{
	stub.query[0] = "search";
	stub.query[1] = words;
	assert_int_equal(CALL(lq_api_people_list, NULL, NULL), 200);
	return names();
}

static void test_folds(void **state)
{
	static const char *const cases[][2] = {
		{"Zoé  O’Brien-Łoś", "zoe o brien los"},
		{"ŒUVRE ß", "oeuvre ss"},
		{"e\xCC\x81tat", "etat"},
		{"ΑΒΓ Ёж", "αβγ ёж"},
		{"100 %_", "100"},
		{"山田", "山田"},
		{"-", ""},
	};
	char out[64];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lq_fold(cases[i][0], out, sizeof(out));
		assert_string_equal(out, cases[i][1]);
	}
	lq_fold("abc déf", out, 6);
	assert_string_equal(out, "abc d");
	lq_fold("abc \xCE\xB1\xCE\xB2", out, 7);
	assert_string_equal(out, "abc \xCE\xB1");
}

static void test_adds_and_changes(void **state)
{
	(void)state;
	assert_int_equal(
		CALL(lq_api_people_add,
			"{\"name\":\"Zoé Exemple\",\"kind\":\"staff\",\"externalId\":\"z-1\"}",
			NULL),
		201);
	assert_string_equal(stub.answer.location, "/api/v1/people/p1");
	assert_string_equal(text_of("person"), "p1");
	assert_string_equal(text_of("profile"), "always");
	assert_string_equal(text_of("created"), "2027-01-15T08:00:00.000Z");
	assert_string_equal(stub.audit, "person.add person/1 \n");
	assert_string_equal(stub.topics, "people\n");
	assert_int_equal(
		CALL(lq_api_people_change, "{\"enabled\":false,\"externalId\":null}", "p1"), 200);
	assert_true(json_is_false(json_object_get(stub.answer.json, "enabled")));
	assert_true(json_is_null(json_object_get(stub.answer.json, "externalId")));
	assert_int_equal(CALL(lq_api_people_get, NULL, "p1"), 200);
	assert_string_equal(text_of("name"), "Zoé Exemple");
	assert_string_equal(text_of("kind"), "staff");
}

static void test_tells_the_doors(void **state)
{
	int64_t parts = 0;
	(void)state;
	assert_int_equal(CALL(lq_api_people_add, "{\"name\":\"A\"}", NULL), 201);
	assert_int_equal(
		lq_db_integer(stub.db, &parts, 0, "SELECT sum(part) FROM roster_due", ""), LQ_OK);
	assert_int_equal(parts, lq_roster_part_of(1));
	assert_int_equal(lq_roster_part_of(256), 1);
	assert_int_equal(lq_roster_part_of(511), 256);
}

static void test_finds(void **state)
{
	static const char *const people[] = {"{\"name\":\"Bruno Exemple\"}",
		"{\"name\":\"Élodie Exemple\",\"externalId\":\"wp-7\"}",
		"{\"name\":\"Ana Modèle\"}"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(CALL(lq_api_people_add, people[i], NULL), 201);
	}
	assert_string_equal(search(NULL), "Ana Modèle,Bruno Exemple,Élodie Exemple");
	assert_string_equal(search("EXEMPLE"), "Bruno Exemple,Élodie Exemple");
	assert_string_equal(search("exem élo"), "Élodie Exemple");
	assert_string_equal(search("wp-7"), "Élodie Exemple");
	assert_string_equal(search("p3"), "Ana Modèle");
	assert_string_equal(search("%"), "");
	stub.query[0] = "limit";
	stub.query[1] = "2";
	assert_int_equal(CALL(lq_api_people_list, NULL, NULL), 200);
	assert_string_equal(text_of("next"), "p1");
	stub.query[2] = "after";
	stub.query[3] = "p1";
	assert_int_equal(CALL(lq_api_people_list, NULL, NULL), 200);
	assert_string_equal(names(), "Élodie Exemple");
	assert_true(json_is_null(json_object_get(stub.answer.json, "next")));
}

struct wrong {
	lq_handler *handler;
	const char *body;
	const char *parameter;
	int status;
	const char *word;
	const char *pointer;
	const char *en;
	const char *fr;
};

static void refuse(const struct wrong *wrong)
{
	for (int language = 0; language < 2; language++) {
		stub.language = language == 0 ? LQ_LANGUAGE_EN : LQ_LANGUAGE_FR;
		assert_int_equal(
			CALL(wrong->handler, wrong->body, wrong->parameter), wrong->status);
		assert_string_equal(stub.problem, wrong->word);
		assert_string_equal(stub.pointer, wrong->pointer);
		assert_string_equal(stub.text, language == 0 ? wrong->en : wrong->fr);
	}
}

static void test_refuses(void **state)
{
	static const struct wrong table[] = {
		{lq_api_people_add, NULL, NULL, 400, "invalid", "", "expected a JSON object",
			"attendu un objet JSON"},
		{lq_api_people_add, "{}", NULL, 400, "needed", "/name", "name is needed",
			"name est nécessaire"},
		{lq_api_people_add, "{\"name\":\"\"}", NULL, 400, "invalid", "/name",
			"name: expected a text of 1 to 128 bytes without control signs",
			"name : attendu un texte de 1 à 128 octets sans signe de commande"},
		{lq_api_people_add, "{\"name\":\"a\\u0007\"}", NULL, 400, "invalid", "/name",
			"name: expected a text of 1 to 128 bytes without control signs",
			"name : attendu un texte de 1 à 128 octets sans signe de commande"},
		{lq_api_people_add, "{\"name\":\"A\",\"kind\":\"king\"}", NULL, 400, "invalid",
			"/kind", "kind: expected one of member, guest, staff",
			"kind : attendu un de member, guest, staff"},
		{lq_api_people_add, "{\"name\":\"A\",\"hidden\":1}", NULL, 400, "invalid",
			"/hidden", "hidden: expected true or false",
			"hidden : attendu true ou false"},
		{lq_api_people_add, "{\"name\":\"A\",\"profile\":\"no one\"}", NULL, 400, "invalid",
			"/profile", "profile: expected a name of 1 to 32 of a-z 0-9 _ -",
			"profile : attendu un nom de 1 à 32 parmi a-z 0-9 _ -"},
		{lq_api_people_add, "{\"name\":\"A\",\"profile\":\"none\"}", NULL, 400,
			"unknown_profile", "/profile", "there is no such profile",
			"ce profil n’existe pas"},
		{lq_api_people_add, "{\"name\":\"A\",\"uid\":\"04\"}", NULL, 400, "unknown_member",
			"/uid", "there is no such member here", "ce membre n’existe pas ici"},
		{lq_api_people_add, "{\"name\":\"A\",\"externalId\":\"x\"}", NULL, 409, "exists",
			"/externalId", "somebody else has this external id",
			"quelqu’un d’autre a cet identifiant externe"},
		{lq_api_people_change, "{\"externalId\":\"x\"}", "p1", 409, "exists", "/externalId",
			"somebody else has this external id",
			"quelqu’un d’autre a cet identifiant externe"},
		{lq_api_people_get, NULL, "p3", 404, "not_found", "",
			"there is nobody of that number", "personne n’a ce numéro"},
		{lq_api_people_get, NULL, "m1", 404, "not_found", "",
			"there is nobody of that number", "personne n’a ce numéro"},
		{lq_api_people_get, NULL, "p01", 404, "not_found", "",
			"there is nobody of that number", "personne n’a ce numéro"},
	};
	int64_t count = 0;
	(void)state;
	assert_int_equal(CALL(lq_api_people_add, "{\"name\":\"A\"}", NULL), 201);
	assert_int_equal(
		CALL(lq_api_people_add, "{\"name\":\"B\",\"externalId\":\"x\"}", NULL), 201);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		refuse(&table[i]);
	}
	assert_int_equal(
		lq_db_integer(stub.db, &count, 0, "SELECT count(*) FROM person", ""), LQ_OK);
	assert_int_equal(count, 2);
}

static void test_refuses_queries(void **state)
{
	static const char *const limits[] = {"0", "501", "x", "", "99999"};
	(void)state;
	stub.query[0] = "limit";
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		stub.query[1] = limits[i];
		assert_int_equal(CALL(lq_api_people_list, NULL, NULL), 400);
		assert_string_equal(stub.pointer, "limit");
	}
	stub.query[0] = "after";
	stub.query[1] = "m1";
	assert_int_equal(CALL(lq_api_people_list, NULL, NULL), 400);
	assert_string_equal(stub.pointer, "after");
}

static void test_badge_changes_hands(void **state)
{
	struct lq_person person = {.name = "A", .profile = "always"};
	struct lq_office_badge badge = {.key = {1}, .uses = LQ_OFFICE_USES_ANY};
	struct lq_office_badge found;
	int64_t parts = 0;
	(void)state;
	assert_int_equal(lq_person_add(stub.db, &person, 1, &person.number), LQ_OK);
	assert_int_equal(lq_office_badge_add(stub.db, &badge, 1, &badge.id), LQ_OK);
	assert_int_equal(lq_office_badge_add(stub.db, &badge, 1, &badge.id), LQ_ERR_EXISTS);
	badge.person = person.number;
	badge.uses = 3;
	assert_int_equal(lq_db_run(stub.db, "DELETE FROM roster_due", ""), 2);
	assert_int_equal(lq_office_badge_save(stub.db, &badge, 2), LQ_OK);
	assert_int_equal(lq_office_badge_find(stub.db, badge.key, &found), LQ_OK);
	assert_int_equal(found.person, person.number);
	assert_int_equal(found.uses, 3);
	assert_int_equal(
		lq_db_integer(stub.db, &parts, 0, "SELECT count(*) FROM roster_due", ""), LQ_OK);
	assert_int_equal(parts, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stub_begin, stub_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folds),
		TEST(test_adds_and_changes),
		TEST(test_tells_the_doors),
		TEST(test_finds),
		TEST(test_refuses),
		TEST(test_refuses_queries),
		TEST(test_badge_changes_hands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Profiles, schedules, special days and hours of doors through the interface. */
#include "firmware/core/err.h"
#include "firmware/store/roster_internal.h"
#include "host/office/api_people.h"
#include "host/office/api_rules.h"
#include "host/office/roster_limits.h"
#include "host/office/roster_read.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_json(const char *text)
{
	char *found = json_dumps(stub.answer.json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(found, text);
	free(found);
}

static void put_all(void)
{
	assert_int_equal(CALL(lq_api_specials_put,
				 "{\"days\":[{\"date\":\"2026-05-15\",\"label\":\"Pont\"},"
				 "{\"date\":\"12-25\"}]}",
				 "holidays"),
		200);
	assert_int_equal(CALL(lq_api_schedules_put,
				 "{\"periods\":[{\"from\":1920,\"to\":2500},{\"from\":480,\"to\":"
				 "1060}],\"specials\":[{\"group\":\"holidays\",\"periods\":[]}]}",
				 "open"),
		200);
	assert_int_equal(CALL(lq_api_profiles_put,
				 "{\"policies\":[{\"accessPoint\":\"front/entry\",\"schedule\":"
				 "\"open\"},{\"accessPoint\":\"*\",\"schedule\":null}]}",
				 "desk"),
		200);
	assert_int_equal(
		CALL(lq_api_hours_put, "{\"schedule\":\"open\",\"firstPerson\":true}", "front"),
		200);
}

static void test_come_back_as_they_were_put(void **state)
{
	(void)state;
	put_all();
	assert_string_equal(stub.audit, "hours.set rule/front \n");
	assert_string_equal(stub.topics, "rules\n");
	assert_int_equal(CALL(lq_api_specials_list, NULL, NULL), 200);
	expect_json(
		"{\"items\":[{\"days\":[{\"date\":\"12-25\",\"label\":\"\"},{\"date\":\"2026-05-"
		"15\",\"label\":\"Pont\"}],\"group\":\"holidays\"}],\"next\":null}");
	assert_int_equal(CALL(lq_api_schedules_get, NULL, "open"), 200);
	expect_json("{\"name\":\"open\",\"periods\":[{\"from\":480,\"to\":1060},{\"from\":1920,"
		    "\"to\":2500}],\"specials\":[{\"group\":\"holidays\",\"periods\":[]}]}");
	assert_int_equal(CALL(lq_api_profiles_list, NULL, NULL), 200);
	expect_json("{\"items\":[{\"name\":\"always\",\"policies\":[{\"accessPoint\":\"*\","
		    "\"schedule\":null}]},{\"name\":\"desk\",\"policies\":[{\"accessPoint\":"
		    "\"front/entry\",\"schedule\":\"open\"},{\"accessPoint\":\"*\",\"schedule\":"
		    "null}]}],\"next\":null}");
	assert_int_equal(CALL(lq_api_hours_list, NULL, NULL), 200);
	expect_json("{\"items\":[{\"door\":\"front\",\"firstPerson\":true,\"schedule\":\"open\"}],"
		    "\"next\":null}");
	assert_int_equal(
		CALL(lq_api_schedules_put,
			"{\"periods\":[],\"specials\":[{\"group\":\"holidays\",\"periods\":"
			"[{\"from\":540,\"to\":720}]}]}",
			"open"),
		200);
	expect_json("{\"name\":\"open\",\"periods\":[],\"specials\":[{\"group\":\"holidays\","
		    "\"periods\":[{\"from\":540,\"to\":720}]}]}");
}

static void test_doors_hear_of_them(void **state)
{
	struct lq_part part = {0};
	int64_t due = 0;
	(void)state;
	put_all();
	assert_int_equal(
		lq_db_integer(stub.db, &due, -1, "SELECT part FROM roster_due", ""), LQ_OK);
	assert_int_equal(due, 0);
	assert_int_equal(lq_roster_read(stub.db, NULL, 0, &part), LQ_OK);
	assert_non_null(strstr(part.text, "schedule-special\topen\tholidays\t0\tclosed\n"));
	assert_non_null(strstr(part.text, "policy\tdesk\t*\t-\n"));
	lq_part_free(&part);
}

/* More than 1023 profiles, the last roster's and the new one's together, and a door refuses both.
 */
static void test_no_more_than_a_door_takes(void **state)
{
	const char body[] = "{\"policies\":[]}";
	(void)state;
	assert_true(2 * LQ_ROSTER_PROFILES_MAX < LQ_RULES_MAX);
	for (int i = 1; i < 510; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "p%d", i);
		assert_true(lq_db_run(stub.db, "INSERT INTO profile (name) VALUES (?1)", "t",
				    name) == 1);
	}
	assert_int_equal(CALL(lq_api_profiles_put, body, "last"), 200);
	assert_int_equal(CALL(lq_api_profiles_put, body, "beyond"), 409);
	assert_string_equal(stub.problem, "full");
	assert_int_equal(CALL(lq_api_profiles_get, NULL, "beyond"), 404);
	assert_int_equal(CALL(lq_api_profiles_put, body, "last"), 200);
	assert_int_equal(CALL(lq_api_profiles_delete, NULL, "last"), 204);
	assert_int_equal(CALL(lq_api_profiles_put, body, "beyond"), 200);
	for (int i = 0; i < 1023; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "s%d", i);
		assert_true(lq_db_run(stub.db, "INSERT INTO schedule (name) VALUES (?1)", "t",
				    name) == 1);
	}
	assert_int_equal(CALL(lq_api_schedules_put, "{\"periods\":[]}", "s1"), 200);
	assert_int_equal(CALL(lq_api_schedules_put, "{\"periods\":[]}", "beyond"), 409);
}

static void test_what_is_used_stays(void **state)
{
	(void)state;
	put_all();
	assert_int_equal(
		CALL(lq_api_people_add, "{\"name\":\"A\",\"profile\":\"desk\"}", NULL), 201);
	assert_int_equal(CALL(lq_api_profiles_delete, NULL, "desk"), 409);
	assert_int_equal(CALL(lq_api_schedules_delete, NULL, "open"), 409);
	assert_int_equal(CALL(lq_api_specials_delete, NULL, "holidays"), 409);
	assert_string_equal(stub.problem, "in_use");
	assert_int_equal(CALL(lq_api_people_change, "{\"profile\":\"always\"}", "p1"), 200);
	assert_int_equal(CALL(lq_api_profiles_delete, NULL, "desk"), 204);
	assert_int_equal(CALL(lq_api_hours_delete, NULL, "front"), 204);
	assert_int_equal(CALL(lq_api_schedules_delete, NULL, "open"), 204);
	assert_int_equal(CALL(lq_api_specials_delete, NULL, "holidays"), 204);
	assert_int_equal(CALL(lq_api_specials_delete, NULL, "holidays"), 404);
	assert_int_equal(CALL(lq_api_profiles_delete, NULL, "always"), 409);
	assert_int_equal(CALL(lq_api_profiles_get, NULL, "desk"), 404);
}

struct wrong {
	lq_handler *handler;
	const char *name;
	const char *body;
	int status;
	const char *word;
	const char *pointer;
	const char *en;
	const char *fr;
};

static const struct wrong table[] = {
	{lq_api_profiles_put, "No", "{\"policies\":[]}", 400, "invalid", "",
		"expected a name of 1 to 32 of a-z 0-9 _ -",
		"attendu un nom de 1 à 32 parmi a-z 0-9 _ -"},
	{lq_api_profiles_put, "event-1", "{\"policies\":[]}", 409, "reserved", "",
		"names that begin with event- are kept for events",
		"les noms en event- sont réservés aux événements"},
	{lq_api_profiles_put, "always", "{\"policies\":[]}", 409, "reserved", "",
		"the profile always stays as it is", "le profil always reste tel quel"},
	{lq_api_profiles_put, "a", "{}", 400, "needed", "/policies", "policies is needed",
		"policies est nécessaire"},
	{lq_api_profiles_put, "a", "{\"policies\":{}}", 400, "invalid", "/policies",
		"policies: expected a list of at most 32",
		"policies : attendu une liste de 32 au plus"},
	{lq_api_profiles_put, "a", "{\"policies\":[{\"accessPoint\":\"front\"}]}", 400, "invalid",
		"/policies/0/accessPoint",
		"accessPoint: expected *, or a door with /entry or /exit behind it",
		"accessPoint : attendu *, ou une porte suivie de /entry ou /exit"},
	{lq_api_profiles_put, "a",
		"{\"policies\":[{\"accessPoint\":\"*\"},{\"accessPoint\":\"*\",\"schedule\":\"x\"}]"
		"}",
		400, "unknown_schedule", "/policies/1/schedule", "there is no such schedule",
		"cet horaire n’existe pas"},
	{lq_api_schedules_put, "a", "{\"specials\":[]}", 400, "needed", "/periods",
		"periods is needed", "periods est nécessaire"},
	{lq_api_schedules_put, "a", "{\"periods\":{}}", 400, "invalid", "/periods",
		"expected a list of at most 28", "attendu une liste de 28 au plus"},
	{lq_api_schedules_put, "a", "{\"periods\":[{\"from\":10080,\"to\":3}]}", 400, "invalid",
		"/periods/0/from", "from: expected a whole number from 0 to 10079, or null",
		"from : attendu un nombre entier de 0 à 10079, ou null"},
	{lq_api_schedules_put, "a", "{\"periods\":[{\"from\":3,\"to\":3}]}", 400, "invalid",
		"/periods/0", "a period needs from and to, which differ",
		"une plage demande from et to, qui diffèrent"},
	{lq_api_schedules_put, "a",
		"{\"periods\":[],\"specials\":[{\"group\":\"none\",\"periods\":[]}]}", 400,
		"unknown_group", "/specials/0/group",
		"there is no such group of special days, or it is here twice",
		"ce groupe de jours particuliers n’existe pas, ou il est là deux fois"},
	{lq_api_specials_put, "a", "{\"days\":[{\"date\":\"2026-02-30\"}]}", 400, "invalid",
		"/days/0/date",
		"date: expected one that there is, like 2026-05-15, or 12-25 of every year",
		"date : attendu une date qui existe, comme 2026-05-15, ou 12-25 de chaque année"},
	{lq_api_hours_put, "front", "{\"firstPerson\":true}", 400, "needed", "/schedule",
		"schedule is needed", "schedule est nécessaire"},
	{lq_api_hours_put, "front", "{\"schedule\":\"x\"}", 400, "unknown_schedule", "/schedule",
		"there is no such schedule", "cet horaire n’existe pas"},
};

static void test_refuses(void **state)
{
	int64_t count = 0;
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(table) / sizeof(table[0]); i++) {
		const struct wrong *wrong = &table[i / 2];
		stub.language = i % 2 == 0 ? LQ_LANGUAGE_EN : LQ_LANGUAGE_FR;
		assert_int_equal(CALL(wrong->handler, wrong->body, wrong->name), wrong->status);
		assert_string_equal(stub.problem, wrong->word);
		assert_string_equal(stub.pointer, wrong->pointer);
		assert_string_equal(stub.text, i % 2 == 0 ? wrong->en : wrong->fr);
	}
	assert_int_equal(lq_db_integer(stub.db, &count, 0,
				 "SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM "
				 "schedule) + (SELECT count(*) FROM special_group)",
				 ""),
		LQ_OK);
	assert_int_equal(count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stub_begin, stub_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_come_back_as_they_were_put),
		TEST(test_doors_hear_of_them),
		TEST(test_what_is_used_stays),
		TEST(test_no_more_than_a_door_takes),
		TEST(test_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

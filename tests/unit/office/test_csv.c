/* People as CSV, out and in. */
#include "firmware/core/err.h"
#include "host/office/api_csv.h"
#include "host/office/api_people.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t count(const char *key)
{
	return json_integer_value(json_object_get(stub.answer.json, key));
}

static void dry_run(const char *value)
{
	stub.query[0] = "dryRun";
	stub.query[1] = value;
}

static int64_t people(void)
{
	int64_t number = 0;
	assert_int_equal(
		lq_db_integer(stub.db, &number, 0, "SELECT count(*) FROM person", ""), LQ_OK);
	return number;
}

#define TWO                                                                                        \
	"external_id;name;kind;hidden\r\n"                                                         \
	"a-1;\"Exemple; Zoé\";staff;oui\r\n"                                                      \
	"a-2;'=Modèle;member;no\r\n"

static void test_what_goes_out_comes_in(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_csv_post, TWO, NULL), 200);
	assert_int_equal(count("added"), 2);
	assert_string_equal(stub.audit, "people.import people 2 added, 0 changed\n");
	assert_int_equal(CALL(lq_api_csv_get, NULL, NULL), 200);
	assert_string_equal(stub.answer.text,
		"person,external_id,name,kind,profile,email,enabled,hidden,board,any_time,"
		"extended_time\r\n"
		"p1,a-1,Exemple; Zoé,staff,always,,yes,yes,no,no,no\r\n"
		"p2,a-2,'=Modèle,member,always,,yes,no,no,no,no\r\n");
	char *text = strdup(stub.answer.text);
	assert_int_equal(CALL(lq_api_csv_post, text, NULL), 200);
	assert_int_equal(count("unchanged"), 2);
	assert_int_equal(count("added") + count("changed"), 0);
	free(text);
}

static void test_dry_run_tells_and_keeps_nothing(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_csv_post, TWO, NULL), 200);
	dry_run("true");
	assert_int_equal(
		CALL(lq_api_csv_post, "person,external_id,name\np2,,Ada\n,b-1,Bob\n", NULL), 200);
	assert_int_equal(count("added"), 1);
	assert_int_equal(count("changed"), 1);
	char *rows = json_dumps(json_object_get(stub.answer.json, "rows"), JSON_COMPACT);
	assert_string_equal(rows,
		"[{\"line\":2,\"person\":\"p2\",\"what\":\"changed\",\"cells\":{\"external_id\":["
		"\"a-2\",\"\"],\"name\":[\"=Modèle\",\"Ada\"]}},{\"line\":3,\"person\":\"p3\","
		"\"what\":\"added\"}]");
	free(rows);
	assert_int_equal(people(), 2);
	assert_string_equal(stub.audit, "");
	dry_run("maybe");
	assert_int_equal(CALL(lq_api_csv_post, TWO, NULL), 400);
}

static void test_refuses(void **state)
{
	static const struct {
		const char *text;
		const char *pointer;
		const char *en;
		const char *fr;
	} table[] = {
		{"external_id,name\na-9,Ada\nb,\n", "line 3, name",
			"line 3, column name: found nothing, expected 1 to 128 bytes of text",
			"ligne 3, colonne name : trouvé rien, attendu 1 à 128 octets de texte"},
		{"external_id,name,kind\na,A,king\n", "line 2, kind",
			"line 2, column kind: found 'king', expected member, guest or staff",
			"ligne 2, colonne kind : trouvé « king », attendu member, guest ou staff"},
		{"external_id,name,enabled\na,A,maybe\n", "line 2, enabled",
			"line 2, column enabled: found 'maybe', expected yes or no",
			"ligne 2, colonne enabled : trouvé « maybe », attendu yes ou no (oui ou "
			"non)"},
		{"external_id,name,profile\na,A,none\n", "line 2, profile",
			"line 2, column profile: found 'none', expected the name of a profile",
			"ligne 2, colonne profile : trouvé « none », attendu le nom d’un profil"},
		{"person,name\np77,A\n", "line 2, person",
			"line 2, column person: found 'p77', expected the number of somebody here, "
			"like p3, or nothing",
			"ligne 2, colonne person : trouvé « p77 », attendu le numéro de quelqu’un "
			"ici, comme p3, ou rien"},
		{"name\nA\n", "line 2, external_id",
			"line 2, column external_id: found nothing, expected it or person, so that "
			"the next file finds the row again",
			"ligne 2, colonne external_id : trouvé rien, attendu lui ou person, pour "
			"que le prochain fichier retrouve la ligne"},
		{"person,external_id\np1,a-2\n", "line 2, external_id",
			"line 2, column external_id: found 'a-2', expected what is nobody else’s",
			"ligne 2, colonne external_id : trouvé « a-2 », attendu ce que nul autre "
			"n’a"},
		{"person,name\np1,A\np1,B\n", "line 3", "line 3: found 'p1', expected nobody twice",
			"ligne 3 : trouvé « p1 », attendu personne deux fois"},
		{"external_id,name\nx,Ada,more\n", "line 2",
			"line 2: found 3 cells, expected as many as in the first row",
			"ligne 2 : trouvé 3 cellules, attendu autant qu’à la première ligne"},
		{"external_id,name\nx,\"Ada\n", "line 3",
			"line 3: found the end of the file inside quotes, expected a closing quote",
			"ligne 3 : trouvé la fin du fichier entre guillemets, attendu un guillemet "
			"fermant"},
		{"external_id;name\nx;Zo\xe9\n", "line 2",
			"line 2: found bytes that are not UTF-8, expected text in UTF-8 (in a "
			"spreadsheet: save as CSV UTF-8)",
			"ligne 2 : trouvé des octets qui ne sont pas de l’UTF-8, attendu du texte "
			"en UTF-8 (dans un tableur : enregistrer en CSV UTF-8)"},
	};
	(void)state;
	assert_int_equal(CALL(lq_api_csv_post, TWO, NULL), 200);
	for (size_t i = 0; i < 2 * sizeof(table) / sizeof(table[0]); i++) {
		stub.language = i % 2 == 0 ? LQ_LANGUAGE_EN : LQ_LANGUAGE_FR;
		assert_int_equal(CALL(lq_api_csv_post, table[i / 2].text, NULL), 400);
		assert_string_equal(stub.problem, "row");
		assert_string_equal(stub.pointer, table[i / 2].pointer);
		assert_string_equal(stub.text, i % 2 == 0 ? table[i / 2].en : table[i / 2].fr);
		assert_int_equal(people(), 2);
	}
	assert_int_equal(CALL(lq_api_csv_post, "uid\n04\n", NULL), 400);
	assert_int_equal(CALL(lq_api_csv_post, "name,name\nA,B\n", NULL), 400);
	assert_int_equal(CALL(lq_api_csv_post, NULL, NULL), 415);
}

/* ---- badges ---- */

/* Of 2200, of 1969 and of half a second: a file has no room for them. */
static void expect_moments_to_stay(void)
{
	int64_t kept = 0;
	assert_int_equal(lq_db_run(stub.db,
				 "UPDATE badge SET valid_from = -1000, valid_to = 7258118400000, "
				 "suspended_until = 1900000000500 WHERE id = 1",
				 ""),
		1);
	assert_int_equal(CALL(lq_api_badge_csv_get, NULL, NULL), 200);
	assert_non_null(
		strstr(stub.answer.text, "\r\nc1,p1,a-1,,enabled,,2106-02-07T06:28:14.000Z,"));
	char *text = strdup(stub.answer.text);
	assert_int_equal(CALL(lq_api_badge_csv_post, text, NULL), 200);
	free(text);
	assert_int_equal(
		lq_db_integer(stub.db, &kept, 0,
			"SELECT count(*) FROM badge WHERE id = 1 AND valid_from = -1000 AND "
			"valid_to = 7258118400000 AND suspended_until = 1900000000500",
			""),
		LQ_OK);
	assert_int_equal(kept, 1);
	assert_int_equal(CALL(lq_api_badge_csv_post,
				 "badge,valid_from,valid_to\n"
				 "c1,2030-01-01T00:00:00Z,2031-01-01T00:00:00Z\n",
				 NULL),
		200);
	assert_int_equal(lq_db_integer(stub.db, &kept, 0,
				 "SELECT valid_to - valid_from FROM badge WHERE id = 1", ""),
		LQ_OK);
	assert_int_equal(kept, 365 * INT64_C(86400000));
}

static void test_badges_come_back_without_their_uid(void **state)
{
	char path[64];
	char folder[] = "/tmp/lq-office-csv-XXXXXX";
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/uid.key", folder);
	(void)snprintf(stub.config.state_dir, sizeof(stub.config.state_dir), "%s", folder);
	assert_int_equal(CALL(lq_api_csv_post, TWO, NULL), 200);
	assert_int_equal(
		CALL(lq_api_badge_csv_post, "external_id,uid\na-1,04a1b2c3d4e5f6\n", NULL), 409);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 64; i++) {
		assert_int_equal(fputc('7', file), '7');
	}
	assert_int_equal(fputc('\n', file), '\n');
	assert_int_equal(fclose(file), 0);
	assert_int_equal(CALL(lq_api_badge_csv_post,
				 "external_id,uid,uses,valid_to\na-1,04a1b2c3d4e5f6,3,\n"
				 "a-2,04:11:22:33:44:55:66,,2030-01-01T00:00:00Z\n",
				 NULL),
		200);
	assert_int_equal(count("added"), 2);
	assert_int_equal(CALL(lq_api_badge_csv_get, NULL, NULL), 200);
	assert_string_equal(stub.answer.text,
		"badge,person,external_id,uid,state,valid_from,valid_to,uses,valid_for_h,"
		"suspended_until\r\n"
		"c1,p1,a-1,,enabled,,,3,,\r\n"
		"c2,p2,a-2,,enabled,,2030-01-01T00:00:00.000Z,,,\r\n");
	char *text = strdup(stub.answer.text);
	assert_int_equal(CALL(lq_api_badge_csv_post, text, NULL), 200);
	assert_int_equal(count("added"), 0);
	assert_int_equal(CALL(lq_api_badge_csv_get, NULL, NULL), 200);
	assert_string_equal(stub.answer.text, text);
	free(text);
	expect_moments_to_stay();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void test_badges_refused(void **state)
{
	static const struct {
		const char *text;
		const char *pointer;
	} table[] = {
		{"badge,state\nc1,gone\n", "line 2, state"},
		{"badge,state\nc1,lost\n", "line 2, badge"},
		{"external_id,state\na-1,lost\n", "line 2, uid"},
		{"external_id,uid\na-1,08a1b2c3\n", "line 2, uid"},
		{"external_id,uid\na-1,04a1\n", "line 2, uid"},
		{"badge,uses\nc1,70000\n", "line 2, uses"},
		{"badge,key\nc1,00\n", "line 1"},
		{"badge,uses\nc1\n", "line 2"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(CALL(lq_api_badge_csv_post, table[i].text, NULL), 400);
		assert_string_equal(stub.problem, "row");
		assert_string_equal(stub.pointer, table[i].pointer);
		assert_null(strstr(stub.text, "08a1"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stub_begin, stub_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_goes_out_comes_in),
		TEST(test_dry_run_tells_and_keeps_nothing),
		TEST(test_refuses),
		TEST(test_badges_come_back_without_their_uid),
		TEST(test_badges_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What has to be gone is gone, from the files too; what has to stay stays. */
#include "firmware/core/err.h"
#include "host/office/api_figures.h"
#include "host/office/api_law.h"
#include "host/office/api_visitors.h"
#include "host/office/api_visits.h"
#include "host/office/books_internal.h"
#include "host/office/db_internal.h"
#include "host/office/law.h"
#include "host/office/people.h"
#include "host/office/refusals.h"
#include "host/office/serve.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OLD "2026-09-01"
#define NEW "2026-12-01"

static int64_t number(const char *sql)
{
	int64_t value = -1;
	assert_int_equal(lq_db_integer(stub.db, &value, -1, sql, ""), LQ_OK);
	return value;
}

static void keep(const char *local)
{
	play_now(local);
	assert_int_equal(lq_books_keep(play_books(), 90, stub.now_ms), LQ_OK);
}

/* A day that is too old, a day that is not. */
static void two_days(void)
{
	play_person(77, "Ada Example", "member", false, false);
	play_enters("front-board", "p77", OLD " 09:00");
	play_leaves("front-board", "p77", OLD " 17:00");
	play_enters("front-board", "m4711", OLD " 09:30");
	(void)play_event("front-board", "access.denied", play_at(OLD " 10:00"),
		"\"door\":\"front\",\"holder\":\"p77\",\"reason\":\"BadgeLost\"");
	(void)play_event("front-board", "door.closed", play_at(OLD " 10:01"), "\"door\":\"front\"");
	play_enters("front-board", "p78", NEW " 09:00");
}

/* As many taps as one step empties. */
static void busy_day(const char *local)
{
	play_together();
	for (int i = 0; i < 500; i++) {
		play_passes("front-board", "p77", PLAY_IN, play_at(local) + INT64_C(1000) * i);
	}
	play_commit();
}

#define LEFT "SELECT count(*) FROM event WHERE personal = 1"

static void much_that_is_old_goes_day_by_day(void **state)
{
	(void)state;
	play_enters("front-board", "p77", "1970-01-02 09:00"); /* by a clock that was not set */
	busy_day("2026-06-01 09:00");
	busy_day("2026-07-01 09:00");
	busy_day("2026-11-30 09:00");
	assert_int_equal(number(LEFT), 3002);
	play_now("2026-12-01 12:00");
	for (int left = 2000; left >= 1000; left -= 1000) {
		assert_int_equal(lq_books_keep(play_books(), 90, stub.now_ms), LQ_OK);
		assert_int_equal(number(LEFT), left);
		assert_int_equal(number("SELECT count(*) FROM passage"), left);
		assert_int_equal(number("SELECT count(*) FROM visit"), left / 1000);
		assert_int_equal(lq_books_keep(play_books(), 90, stub.now_ms), LQ_OK);
		assert_int_equal(number(LEFT), left);
		stub.now_ms += 1000;
	}
	/* What comes too late is not kept either. */
	play_enters("back-board", "p77", "2026-08-01 09:00");
	assert_int_equal(lq_books_keep(play_books(), 90, stub.now_ms), LQ_OK);
	play_enters("back-board", "p77", "2026-08-01 10:00");
	assert_int_equal(number(LEFT), 1000);
	assert_int_equal(number("SELECT count(*) FROM billing"), 4);
}

static void what_is_old_and_of_a_person_is_gone_from_the_files(void **state)
{
	(void)state;
	two_days();
	assert_true(play_stands("\"holder\":\"m4711\""));
	assert_true(play_stands("\"holder\":\"p77\""));
	keep("2026-11-29 12:00"); /* ninety days have not passed */
	assert_true(play_stands("\"holder\":\"p77\""));
	keep("2026-12-01 12:00");
	assert_false(play_stands("m4711"));
	assert_false(play_stands("\"p77\""));
	assert_false(play_stands(OLD "T07:00")); /* no moment of theirs */
	assert_true(play_stands("\"holder\":\"p78\""));
	assert_int_equal(number("SELECT count(*) FROM event"), 10);
	assert_int_equal(number("SELECT count(*) FROM event WHERE hash IS NOT NULL"), 7);
	assert_int_equal(number("SELECT count(*) FROM passage"), 2);
	assert_int_equal(number("SELECT count(*) FROM visit"), 1);
	/* What is billed has neither door nor time; what is counted names nobody. */
	assert_int_equal(number("SELECT half_days FROM billing WHERE realm = '' AND holder = 77 "
				"AND date = '" OLD "'"),
		2);
	stub.query[0] = "from";
	stub.query[1] = OLD;
	stub.query[2] = "to";
	stub.query[3] = OLD;
	assert_int_equal(CALL(lq_api_figures, NULL, NULL), 200);
	const json_t *figure = json_array_get(json_object_get(stub.answer.json, "items"), 0);
	assert_int_equal(json_integer_value(json_object_get(figure, "visits")), 2);
}

static void what_comes_again_after_that_is_known_and_not_kept(void **state)
{
	static const char data[] = "\"door\":\"front\",\"holder\":\"p77\",\"reason\":\"BadgeLost\"";
	(void)state;
	two_days();
	keep("2026-12-01 12:00");
	assert_int_equal(play_row("front-board", 7, "access.denied", play_at(OLD " 10:00"), data),
		LQ_BOOKS_KNOWN);
	assert_int_equal(play_row("front-board", 7, "access.denied", play_at(OLD " 10:01"), data),
		LQ_BOOKS_CONFLICT);
	/* A board that was away for months. */
	play_enters("back-board", "p77", OLD " 11:00");
	assert_int_equal(lq_db_scrub(stub.db), LQ_OK);
	assert_false(play_stands("\"p77\""));
	assert_int_equal(number("SELECT count(*) FROM passage"), 2);
	assert_int_equal(number("SELECT count(*) FROM event WHERE controller = 'back-board'"), 2);
}

static void a_day_is_billed_once_and_a_half_is_one_half(void **state)
{
	(void)state;
	play_enters("front-board", "p1", NEW " 09:00");
	play_leaves("front-board", "p1", NEW " 10:00");
	play_now(NEW " 18:00");
	keep("2026-12-03 03:58");
	assert_int_equal(number("SELECT count(*) FROM billing"), 0);
	keep("2026-12-03 04:00");
	assert_int_equal(number("SELECT half_days FROM billing WHERE holder = 1"), 1);
	/* Late, and the bill stands. */
	play_enters("back-board", "p1", NEW " 15:00");
	keep("2026-12-03 05:00");
	assert_int_equal(number("SELECT half_days FROM billing WHERE holder = 1"), 1);
	assert_int_equal(number("SELECT count(*) FROM billing"), 1);
}

/* Their door was away while others' days went into the bills. A minute goes by before all is told.
 */
static void who_is_told_of_late_is_billed_too(void **state)
{
	(void)state;
	play_enters("front-board", "p1", NEW " 09:00");
	play_leaves("front-board", "p1", NEW " 10:00");
	keep("2026-12-05 04:00");
	assert_int_equal(number("SELECT count(*) FROM billing"), 1);
	play_enters("back-board", "p2", NEW " 09:00");
	keep("2026-12-05 04:02");
	assert_int_equal(number("SELECT count(*) FROM billing"), 1);
	play_leaves("back-board", "p2", NEW " 17:00");
	play_enters("back-board", "p2", "2026-11-30 09:00");
	keep("2026-12-05 04:04");
	assert_int_equal(number("SELECT count(*) FROM billing"), 1);
	keep("2026-12-05 04:06");
	assert_int_equal(
		number("SELECT half_days FROM billing WHERE holder = 2 AND date = '" NEW "'"), 2);
	assert_int_equal(number("SELECT half_days FROM billing WHERE holder = 2 AND date = "
				"'2026-11-30'"),
		1);
	assert_int_equal(number("SELECT half_days FROM billing WHERE holder = 1"), 1);
	assert_int_equal(number("SELECT count(*) FROM billing"), 3);
}

/* By a clock that is days behind. */
static void who_tells_of_old_days_for_ever_holds_up_no_bill(void **state)
{
	char local[40];
	(void)state;
	play_enters("front-board", "p1", NEW " 09:00");
	keep("2026-12-02 12:00");
	for (int i = 0; i <= 60; i++) {
		assert_int_equal(number("SELECT count(*) FROM billing"), 0);
		(void)snprintf(
			local, sizeof(local), "2026-12-05 %02d:%02d", 4 + i / 30, i % 30 * 2);
		play_passes("back-board", "p2", PLAY_IN, play_at("2026-11-01 09:00") + i);
		keep(local);
	}
	assert_int_equal(number("SELECT count(*) FROM billing"), 2);
}

/* Written to for the last time at that moment. */
static void lay_aside(const char *path, const char *local)
{
	FILE *file = fopen(path, "we");
	const struct timespec at = {.tv_sec = (time_t)(play_at(local) / 1000)};
	const struct timespec times[] = {at, at};
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void damaged_books_go_when_all_in_them_is_too_old(void **state)
{
	char folder[] = "/tmp/lq-law-XXXXXX";
	char path[64];
	char wal[64];
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/office.db.damaged", folder);
	(void)snprintf(wal, sizeof(wal), "%s/office.db.damaged-wal", folder);
	(void)snprintf(stub.config.state_dir, sizeof(stub.config.state_dir), "%s", folder);
	lay_aside(path, OLD " 05:00");
	lay_aside(wal, OLD " 05:00");
	keep("2026-11-30 03:00");
	assert_int_equal(access(path, F_OK), 0);
	keep("2026-12-02 12:00");
	assert_int_equal(access(path, F_OK) + access(wal, F_OK), -2);
	assert_int_equal(rmdir(folder), 0);
}

static void somebody_gets_all_that_is_kept_of_them(void **state)
{
	(void)state;
	two_days();
	play_now(NEW " 12:00");
	assert_int_equal(CALL(lq_api_person_export, NULL, "p77"), 200);
	assert_string_equal(stub.audit, "person.export person/77 \n");
	const json_t *tables = json_object_get(stub.answer.json, "tables");
	const json_t *row = json_array_get(json_object_get(tables, "person"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "name")), "Ada Example");
	assert_int_equal(json_array_size(json_object_get(tables, "visit")), 1);
	assert_int_equal(json_array_size(json_object_get(tables, "passage")), 4);
	assert_int_equal(CALL(lq_api_person_export, NULL, "p9"), 404);
	assert_int_equal(CALL(lq_api_person_export, NULL, "Ada"), 404);
}

static bool on_page(const char *text)
{
	return strstr(stub.answer.text, text) != NULL;
}

/* Something of p77 in every table, none of it twice. */
static void fill_every_table(void)
{
	static const char *const rows[] = {
		"INSERT INTO badge (id, person, label, key, state, valid_from, valid_to, uses, "
		"valid_for, suspended_until, changed) VALUES (9, 77, '<b>', x'0102030405060708090a"
		"0b0c0d0e0f10', 2, 1796112000000, 0, 5, 24, 1796112000000, 1796112000000)",
		"INSERT INTO visitor (person, host, from_at, to_at, purpose) VALUES (77, 78, "
		"1796112000000, 1796119200000, 'R&D')",
		"INSERT INTO visit_correction (realm, holder, zone, day_begins, began, check_in, "
		"check_out, half_days, void, author, at, reason) VALUES ('', 77, 'space', 1, 1, "
		"1796112000000, NULL, 2, 0, 'desk', 1796112000000, 'forgot')",
		"INSERT INTO billing (realm, holder, date, half_days) VALUES ('', 77, "
		"'2026-12-01', 2)",
		"INSERT INTO alert (controller, seq, kind, realm, holder, door, at) VALUES "
		"('front-board', 9, 'badge_lost', '', 77, 'front', 1796112000000)",
		"INSERT INTO muster_tick (realm, holder, at, author) VALUES ('', 77, "
		"1796112000000, 'desk')",
		"INSERT INTO webhook_visit (realm, holder, zone, name, day_begins, day_ends, open, "
		"check_in, check_out, correction) VALUES ('', 77, 'space', 1, 1, 2, 0, "
		"1796112000000, 0, 0)",
		"INSERT INTO calendar_event (id, uid, kind, who, title, description, place, "
		"trainer, public, begins, ends, rule, revision, changed) VALUES (1, 'a', "
		"'training', 'registered', 'First aid', '', 'Room 1', '', 0, 29938140, 29938200, "
		"'', 0, 0)",
		"INSERT INTO calendar_event_person (event, person) VALUES (1, 77)",
		"INSERT INTO webhook (id, author, url, secret, types, made) VALUES (1, 'ada', "
		"'https://example.org/', x'00', 1, 1)",
		"INSERT INTO webhook_delivery (webhook, name, type, made, realm, holder, "
		"day_begins, due) VALUES (1, 'front-board/1', 0, 1796112000000, '', 77, 1, 0)",
	};
	play_person(78, "Bob Example", "member", false, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (lq_db_run(stub.db, rows[i], "") != 1) {
			fail_msg("%s: %s", rows[i], lq_db_error(stub.db));
		}
	}
}

/* As if each stood in the file by itself: whatever a table has is named in words. */
static void expect_words_for(json_t *tables)
{
	const char *table = NULL;
	const char *key = NULL;
	json_t *rows = NULL;
	json_t *value = NULL;
	char raw[64];
	json_object_foreach(tables, table, rows)
	{
		(void)snprintf(raw, sizeof(raw), "<h2>%s</h2>", table);
		assert_false(on_page(raw));
		assert_true(json_array_size(rows) > 0);
		json_object_foreach(json_array_get(rows, 0), key, value)
		{
			(void)snprintf(raw, sizeof(raw), "<th>%s</th>", key);
			assert_false(on_page(raw));
		}
	}
}

static void it_is_a_sheet_too(void **state)
{
	(void)state;
	play_person(77, "=Ada, Example", "member", false, false);
	play_enters("front-board", "p77", NEW " 09:00");
	fill_every_table();
	play_now(NEW " 18:00");
	assert_int_equal(CALL(lq_api_person_export, NULL, "p77"), 200);
	size_t values = 0;
	const char *table = NULL;
	json_t *rows = NULL;
	json_t *tables = json_deep_copy(json_object_get(stub.answer.json, "tables"));
	json_object_foreach(tables, table, rows)
	{
		for (size_t i = 0; i < json_array_size(rows); i++) {
			values += json_object_size(json_array_get(rows, i));
		}
	}
	json_decref(tables);
	assert_int_equal(CALL(lq_api_person_csv, NULL, "p77"), 200);
	assert_string_equal(stub.audit, "person.export person/77 \n");
	size_t lines = 0;
	for (const char *at = stub.answer.text; (at = strstr(at, "\r\n")) != NULL; at += 2) {
		lines++;
	}
	assert_int_equal(lines, values + 1);
	assert_true(on_page("table,row,column,value\r\nperson,1,number,77\r\n"));
	assert_true(on_page("person,1,name,\"'=Ada, Example\"\r\n"));
	assert_true(on_page("alert,1,at,2026-12-01T08:00:00.000Z\r\n"));
	assert_true(on_page("billing,1,half_days,2\r\n"));
	assert_int_equal(CALL(lq_api_person_csv, NULL, "p9"), 404);
}

static void they_can_read_it(void **state)
{
	(void)state;
	play_person(77, "Ada <Example>", "member", false, false);
	play_enters("front-board", "p77", NEW " 09:00");
	play_leaves("front-board", "p77", NEW " 17:00");
	fill_every_table();
	(void)snprintf(stub.config.time_zone, sizeof(stub.config.time_zone), "Europe/Paris");
	play_now(NEW " 18:00");
	assert_int_equal(CALL(lq_api_person_export, NULL, "p77"), 200);
	json_t *tables = json_deep_copy(json_object_get(stub.answer.json, "tables"));
	stub.query[0] = "lang";
	stub.query[1] = "fr";
	assert_int_equal(CALL(lq_api_person_page, NULL, "p77"), 200);
	assert_string_equal(stub.audit, "person.export person/77 \n");
	expect_words_for(tables);
	assert_true(on_page("<strong>Ada &lt;Example&gt;</strong> (p77)"));
	assert_true(on_page("<html lang=\"fr\">") && on_page("les-remparts, 01/12/2026 18:00:00"));
	assert_true(on_page("<th>Qualité</th><td>membre</td>"));
	assert_true(on_page("<th>État</th><td>perdu</td>"));
	assert_true(on_page("<th>Inscription</th><td>&lt;b&gt;</td>"));
	assert_true(on_page("<th>Valable jusqu’au</th><td></td>"));
	assert_true(on_page("<td>01/12/2026 09:00:00</td>") && on_page("<td>entrée</td>"));
	assert_true(on_page("<td>01/12/2026 17:00:00</td>") && on_page("<td>sortie</td>"));
	assert_true(on_page("<th>Date</th><td>01/12/2026</td>"));
	assert_true(on_page("<td>03/12/2026 09:00</td>"));
	assert_true(on_page("<th>Invité de</th><td>p78</td>") && on_page("R&amp;D"));
	stub.query[1] = "en";
	assert_int_equal(CALL(lq_api_person_page, NULL, "p77"), 200);
	expect_words_for(tables);
	assert_true(on_page("<th>State</th><td>lost</td>"));
	assert_true(on_page("<td>2026-12-01 09:00:00</td>") && on_page("<td>in</td>"));
	stub.query[1] = "de";
	assert_int_equal(CALL(lq_api_person_page, NULL, "p77"), 400);
	assert_string_equal(stub.audit, "");
	stub.query[0] = NULL;
	assert_int_equal(CALL(lq_api_person_page, NULL, "p9"), 404);
	json_decref(tables);
}

static void somebody_is_forgotten_but_for_the_bill(void **state)
{
	(void)state;
	two_days();
	play_enters("front-board", "p77", NEW " 09:00"); /* not settled yet */
	play_now(NEW " 12:00");
	assert_int_equal(CALL(lq_api_person_erase, NULL, "p77"), 204);
	assert_string_equal(stub.audit, "person.erase person/77 \n");
	assert_int_equal(lq_db_scrub(stub.db), LQ_OK);
	assert_false(play_stands("Ada Example"));
	assert_false(play_stands("\"p77\""));
	assert_true(play_stands("\"p78\""));
	assert_int_equal(number("SELECT count(*) FROM billing WHERE holder = 77"), 2);
	assert_int_equal(number("SELECT erased FROM person WHERE number = 77"), 1);
	assert_int_equal(CALL(lq_api_person_export, NULL, "p77"), 404);
	assert_int_equal(CALL(lq_api_person_erase, NULL, "p77"), 404);
	assert_int_equal(CALL(lq_api_person_erase, NULL, "x"), 404);
}

/* A database that counts what is read of it. */
static struct {
	const struct lq_db_adapter *plain;
	int rows; /* of the query at hand */
	int most_rows;
	int bodies;
} reading;

static int counted_query(struct lq_db *db, struct lq_rows **ret_rows, const char *sql,
	const struct lq_value *values, size_t count)
{
	reading.rows = 0;
	return reading.plain->query(db, ret_rows, sql, values, count);
}

static int counted_next(struct lq_rows *rows)
{
	int r = reading.plain->next(rows);
	reading.rows += r == 1;
	reading.most_rows = reading.rows > reading.most_rows ? reading.rows : reading.most_rows;
	return r;
}

static struct lq_blob counted_blob(struct lq_rows *rows, int column)
{
	reading.bodies++;
	return reading.plain->blob(rows, column);
}

/* Years of doors are kept; whoever erases somebody does not have them read, nor all days at once.
 */
static void little_is_read_to_forget_somebody(void **state)
{
	struct lq_db_adapter counted = *stub.db->adapter;
	(void)state;
	two_days();
	keep(NEW " 12:00");
	for (int i = 0; i < 100; i++) {
		(void)play_event("front-board", "door.closed", play_at(OLD " 10:01") + i,
			"\"door\":\"front\"");
		(void)play_event("front-board", "door.closed", play_at(NEW " 10:01") + i,
			"\"door\":\"front\"");
	}
	for (int i = 1; i < 10; i++) {
		char day[32];
		(void)snprintf(day, sizeof(day), "2026-12-%02d 12:30", i);
		(void)play_event("front-board", "access.denied", play_at(day),
			"\"door\":\"front\",\"holder\":\"p77\",\"reason\":\"BadgeLost\"");
	}
	memset(&reading, 0, sizeof(reading));
	reading.plain = stub.db->adapter;
	counted.query = counted_query;
	counted.next = counted_next;
	counted.blob = counted_blob;
	stub.db->adapter = &counted;
	play_now("2026-12-10 12:00");
	assert_int_equal(CALL(lq_api_person_erase, NULL, "p77"), 204);
	stub.db->adapter = reading.plain;
	assert_int_equal(lq_db_scrub(stub.db), LQ_OK);
	assert_false(play_stands("\"p77\""));
	assert_in_range(reading.bodies, 9, 9 + 2); /* p78's, too */
	assert_in_range(reading.most_rows, 1, 4);
}

/* ---- guests ---- */

static void run(const char *sql)
{
	assert_true(lq_db_run(stub.db, sql, "") >= 0);
}

static int64_t enrol(int64_t person, uint8_t key)
{
	struct lq_office_badge badge = {.person = person, .key = {key}, .uses = LQ_OFFICE_USES_ANY};
	int64_t id = 0;
	assert_int_equal(lq_office_badge_add(stub.db, &badge, 1, &id), LQ_OK);
	return id;
}

/* p2 is here for the old day, as p1's guest; the stub's audit is not the table. */
static void a_guest_of_the_old_day(void)
{
	play_person(1, "Ada Example", "member", false, false);
	play_now(OLD " 08:00");
	assert_int_equal(CALL(lq_api_visitors_add,
				 "{\"name\":\"Vi Sitor\",\"host\":\"p1\",\"from\":\"" OLD
				 "T07:00:00Z\",\"to\":\"" OLD
				 "T16:00:00Z\",\"purpose\":\"about the lease\"}",
				 NULL),
		201);
	run("INSERT INTO audit (at, author, act, object, reason) VALUES "
	    "(1, 'desk', 'visitor.add', 'person/2', 'about the lease'), "
	    "(1, 'desk', 'visitor.add', 'person/22', 'about the roof')");
	run("UPDATE person SET email = 'vi@example.org', external_id = 'crm/4711' WHERE number = "
	    "2");
	play_enters("front-board", "p2", OLD " 09:00");
	play_leaves("front-board", "p2", OLD " 11:00");
}

static void a_guest_is_gone_from_the_files_after_their_time(void **state)
{
	static const char *const tells[] = {
		"Vi Sitor", "vi sitor", "about the lease", "vi@example.org", "crm/4711", "\"p2\""};
	(void)state;
	a_guest_of_the_old_day();
	int64_t badge = enrol(2, 7);
	run("DELETE FROM roster_due");
	keep("2026-11-29 12:00"); /* ninety days have not passed */
	for (size_t i = 0; i < sizeof(tells) / sizeof(tells[0]); i++) {
		assert_true(play_stands(tells[i]));
	}
	assert_int_equal(number("SELECT count(*) FROM roster_due"), 0);
	keep("2026-12-01 12:00");
	for (size_t i = 0; i < sizeof(tells) / sizeof(tells[0]); i++) {
		assert_false(play_stands(tells[i]));
	}
	/* What has to stay: that it was done, what is billed, the plastic, everybody else. */
	assert_true(play_stands("about the roof"));
	assert_true(play_stands("Ada Example"));
	assert_int_equal(number("SELECT count(*) FROM audit WHERE object = 'person/2'"), 1);
	assert_int_equal(number("SELECT half_days FROM billing WHERE holder = 2"), 1);
	assert_int_equal(number("SELECT erased FROM person WHERE number = 2"), 1);
	assert_int_equal(number("SELECT count(*) FROM visitor"), 0);
	assert_int_equal(
		number("SELECT id FROM badge WHERE person IS NULL AND valid_to = 0"), badge);
	assert_int_equal(number("SELECT part FROM roster_due"), lq_roster_part_of(2));
	play_now("2026-12-01 12:00");
	assert_int_equal(CALL(lq_api_person_export, NULL, "p2"), 404);
}

static void a_guest_stays_as_long_as_a_visit_of_theirs(void **state)
{
	(void)state;
	a_guest_of_the_old_day();
	play_enters("front-board", "p2", "2026-10-01 09:00"); /* by a badge that nobody took back */
	keep("2026-12-20 12:00");
	assert_true(play_stands("Vi Sitor"));
	assert_false(play_stands(OLD "T07"));
	keep("2026-12-31 12:00");
	assert_false(play_stands("Vi Sitor"));
	assert_int_equal(number("SELECT count(*) FROM billing WHERE holder = 2"), 2);
}

static void a_guest_who_became_a_member_was_none(void **state)
{
	(void)state;
	a_guest_of_the_old_day();
	run("UPDATE person SET kind = 'member' WHERE number = 2");
	keep("2026-12-01 12:00");
	assert_true(play_stands("Vi Sitor"));
	assert_false(play_stands("about the lease"));
	assert_int_equal(number("SELECT count(*) FROM visitor"), 0);
}

static void a_guest_without_a_time_goes_when_nothing_shows_that_they_come(void **state)
{
	(void)state;
	play_person(3, "Gu Est", "guest", false, false);
	play_person(4, "Ba Dge", "guest", false, false);
	play_person(5, "Re Gistered", "guest", false, false);
	play_person(6, "Wa S", "guest", false, false);
	run("INSERT INTO calendar_event (id, uid, kind, who, title, description, place, trainer, "
	    "public, begins, ends, rule, revision, changed) VALUES "
	    "(1, 'a', 'event', 'registered', '', '', '', '', 0, 0, 60, 'FREQ=DAILY', 0, 0), "
	    "(2, 'b', 'event', 'registered', '', '', '', '', 0, 0, 60, '', 0, 0)");
	run("INSERT INTO calendar_event_person (event, person) VALUES (1, 5), (2, 6)");
	(void)enrol(4, 8);
	keep("2026-12-01 12:00");
	assert_false(play_stands("Gu Est"));
	assert_true(play_stands("Ba Dge"));
	assert_true(play_stands("Re Gistered"));
	assert_false(play_stands("Wa S"));
}

static void hundreds_of_guests_go_at_once(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 200; i++) {
		play_person(i, "Gu Est", "guest", false, false);
	}
	keep("2026-12-01 12:00");
	assert_int_equal(number("SELECT count(*) FROM person WHERE erased = 1"), 200);
	assert_false(play_stands("Gu Est"));
}

/* ---- the audit ---- */

static void why_a_visit_was_corrected_goes_with_the_visit(void **state)
{
	(void)state;
	play_person(77, "Ada Example", "member", false, false);
	run("INSERT INTO audit (at, author, act, object, reason) VALUES "
	    "(1, 'desk', 'visit.correct', 'person/77', 'was unwell'), "
	    "(1, 'desk', 'door.open', 'door/front-board/front', 'a parcel')");
	keep("2026-12-01 12:00");
	assert_false(play_stands("was unwell"));
	assert_true(play_stands("a parcel"));
	assert_int_equal(number("SELECT count(*) FROM audit"), 2);
}

static void fewer_days_hold_at_once(void **state)
{
	(void)state;
	play_enters("front-board", "p77", NEW " 09:00");
	keep("2026-12-04 12:00");
	assert_int_equal(number("SELECT count(*) FROM passage"), 2);
	play_now("2026-12-04 12:00");
	assert_int_equal(lq_books_keep(play_books(), 2, stub.now_ms + 1000), LQ_OK);
	assert_int_equal(number("SELECT count(*) FROM passage"), 0);
	assert_false(play_stands("\"p77\""));
}

static void whoever_is_erased_is_expected_no_more(void **state)
{
	(void)state;
	play_person(77, "Ada Example", "member", false, false);
	run("INSERT INTO calendar_event (id, uid, kind, who, title, description, place, trainer, "
	    "public, begins, ends, rule, revision, changed) VALUES "
	    "(1, 'a', 'event', 'registered', '', '', '', '', 0, 0, 60, '', 0, 0), "
	    "(2, 'b', 'event', 'registered', '', '', '', '', 0, 0, 60, 'FREQ=DAILY', 0, 0), "
	    "(3, 'c', 'event', 'registered', '', '', '', '', 0, 0, 90000000, '', 0, 0)");
	run("INSERT INTO calendar_event_person (event, person) VALUES (1, 77), (2, 77), (3, 77)");
	play_now(NEW " 12:00");
	assert_int_equal(CALL(lq_api_person_erase, NULL, "p77"), 204);
	assert_int_equal(number("SELECT sum(event) FROM calendar_event_person"), 1);
}

/* It tells that they were there. */
static void that_somebody_was_ticked_off_goes_with_their_visits(void **state)
{
	(void)state;
	play_person(77, "Ada Example", "member", false, false);
	run("INSERT INTO audit (at, author, act, object, reason) VALUES "
	    "(1, 'desk', 'muster.tick', 'person/77', ''), "
	    "(1, 'desk', 'muster.freeze', 'muster', ''), "
	    "(1900000000000, 'desk', 'muster.untick', 'person/77', ''), "
	    "(1900000000000, 'desk', 'muster.tick', 'person/78', '')");
	keep("2026-12-01 12:00");
	assert_int_equal(number("SELECT count(*) FROM audit"), 3);
	play_now(NEW " 12:00");
	assert_int_equal(CALL(lq_api_person_erase, NULL, "p77"), 204);
	assert_int_equal(number("SELECT count(*) FROM audit WHERE act LIKE 'muster.%'"), 2);
}

static void reasons_go_with_whoever_is_erased(void **state)
{
	(void)state;
	play_person(77, "Ada Example", "member", false, false);
	run("INSERT INTO audit (at, author, act, object, reason) VALUES "
	    "(1, 'desk', 'visit.correct', 'person/77', 'was unwell')");
	play_now(NEW " 12:00");
	assert_int_equal(CALL(lq_api_person_erase, NULL, "p77"), 204);
	assert_int_equal(lq_db_scrub(stub.db), LQ_OK);
	assert_false(play_stands("was unwell"));
}

static int refuse(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_exchange exchange = {.address = "192.0.2.7"};
	struct lq_request made = *request;
	made.exchange = &exchange;
	made.now_ms = stub.now_ms;
	assert_int_equal(lq_refusal_note(&made, answer, "session.refuse", 3), LQ_OK);
	return answer->keep ? 1 : 0;
}

static void refusals_are_few_and_forgotten(void **state)
{
	(void)state;
	play_now(OLD " 12:00");
	assert_int_equal(CALL(refuse, NULL, NULL), 1);
	assert_string_equal(stub.audit, "session.refuse account/3 192.0.2.7\n");
	char sql[160];
	(void)snprintf(sql, sizeof(sql),
		"INSERT INTO audit (at, author, act, object, reason) VALUES (%lld, '', "
		"'session.refuse', 'account/3', '192.0.2.7')",
		(long long)stub.now_ms);
	for (int i = 0; i < LQ_REFUSALS_HOUR_MAX - 1; i++) {
		run(sql);
	}
	assert_int_equal(CALL(refuse, NULL, NULL), 1);
	assert_string_equal(stub.audit,
		"session.refuse account/3 192.0.2.7, and maybe more within this hour\n");
	run(sql);
	assert_int_equal(CALL(refuse, NULL, NULL), 0);
	assert_string_equal(stub.audit, "");
	play_now(OLD " 13:01");
	assert_int_equal(CALL(refuse, NULL, NULL), 1);
	assert_true(play_stands("192.0.2.7"));
	keep("2026-12-01 12:00");
	assert_false(play_stands("192.0.2.7"));
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, play_begin_in_file, play_end_in_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAYED(much_that_is_old_goes_day_by_day),
		PLAYED(what_is_old_and_of_a_person_is_gone_from_the_files),
		PLAYED(what_comes_again_after_that_is_known_and_not_kept),
		PLAYED(a_day_is_billed_once_and_a_half_is_one_half),
		PLAYED(who_is_told_of_late_is_billed_too),
		PLAYED(who_tells_of_old_days_for_ever_holds_up_no_bill),
		PLAYED(damaged_books_go_when_all_in_them_is_too_old),
		PLAYED(somebody_gets_all_that_is_kept_of_them),
		PLAYED(it_is_a_sheet_too),
		PLAYED(they_can_read_it),
		PLAYED(somebody_is_forgotten_but_for_the_bill),
		PLAYED(a_guest_is_gone_from_the_files_after_their_time),
		PLAYED(a_guest_stays_as_long_as_a_visit_of_theirs),
		PLAYED(a_guest_who_became_a_member_was_none),
		PLAYED(a_guest_without_a_time_goes_when_nothing_shows_that_they_come),
		PLAYED(hundreds_of_guests_go_at_once),
		PLAYED(why_a_visit_was_corrected_goes_with_the_visit),
		PLAYED(fewer_days_hold_at_once),
		PLAYED(whoever_is_erased_is_expected_no_more),
		PLAYED(that_somebody_was_ticked_off_goes_with_their_visits),
		PLAYED(reasons_go_with_whoever_is_erased),
		PLAYED(little_is_read_to_forget_somebody),
		PLAYED(refusals_are_few_and_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

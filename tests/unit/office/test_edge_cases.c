/* The forty awkward situations of a shared space, by number: what the doors tell, line by line, and
 * what must come of it. Those that need contracts between spaces, coupons or prices are for later:
 * they are listed, counted and told of, and are no passes. */
#include "firmware/core/err.h"
#include "host/cli/when.h"
#include "host/office/api_alerts.h"
#include "host/office/api_now.h"
#include "host/office/api_visits.h"
#include "host/office/law.h"
#include "host/office/realm.h"
#include "host/office/settings.h"
#include "host/office/visit_id.h"
#include "host/office/visit_row.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/edge_checks.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES       40
#define PLAYED_HERE 18 /* the others are for later, or another test plays them */

/* A line of `play`, times are local:
 *   in|out WHO DATE TIME [CONTROLLER]   somebody goes through the door
 *   utc-in|utc-out WHO RFC3339          the same, where the clock on the wall is ambiguous
 *   denied|remote WHO DATE TIME         a lost badge that is refused; a door opened from afar
 *   again WHO DATE TIME                 in, and the door notes that they were in already
 *   alerts DATE TIME LINE               "KIND NAME DOOR", with ", " between them, the newest first
 *   kind WHO KIND                       they become somebody of another kind
 *   rules clock|duration|turns          how the space counts
 *   now - DATE TIME                     it is so late
 *   count DATE TIME MEMBERS GUESTS STAFF
 *   visits DATE LINE                    "WHO FROM-TO STATE HALF-DAYS", with ", " between them
 *   correct DATE TIME STATUS            somebody corrects the first visit of 2026-12-01
 *   board DATE TIME NAMES               who is named in public */
struct edge_case {
	int number;
	const char *what;
	const char *play;      /* NULL: see below */
	void (*check)(void);   /* besides; NULL: nothing */
	const char *elsewhere; /* the test that plays it; NULL: none */
};

/* ---- what cannot be said in lines ---- */

/* E5: below three quarters of an hour on the shorter side it is a half-day, at every minute. */
static void check_every_minute_around_the_cut(void)
{
	const int64_t minute_ms = 60000;
	const struct lq_visit_settings settings = lq_visit_settings_usual();
	const struct lq_business_day day = {
		.begins_ms = 0, .half_ms = 570 * minute_ms, .ends_ms = 1440 * minute_ms};
	for (int64_t before = 1; before <= 120; before++) {
		for (int64_t after = 0; after <= 120; after++) {
			const struct lq_visit visit = {.began_ms = (570 - before) * minute_ms,
				.seen_ms = (570 + after) * minute_ms,
				.left = true,
				.passages = 2};
			uint32_t expected = before >= 45 && after >= 45 ? 2 : 1;
			assert_int_equal(lq_visit_half_days(&visit, &day, &settings), expected);
		}
	}
}

/* E29: three times, out of order, with a gap. */
static void check_a_bad_line(void)
{
	static const char data[] =
		"\"door\":\"front\",\"accessPoint\":\"front/%s\","
		"\"transaction\":\"1-%d\",\"credential\":\"c1\",\"holder\":\"p1\"";
	char in[160];
	char out[160];
	int64_t missing = 0;
	(void)snprintf(in, sizeof(in), data, "entry", 1);
	(void)snprintf(out, sizeof(out), data, "exit", 2);
	int64_t at_ms = play_at("2026-12-01 09:00");
	assert_int_equal(play_row("front-board", 1, "door.closed", at_ms, ""), LQ_BOOKS_NEW);
	assert_int_equal(
		play_row("front-board", 4, "access.taken", at_ms + 60000, out), LQ_BOOKS_GAP);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(play_row("front-board", 3, "access.taken", at_ms, in),
			i == 0 ? LQ_BOOKS_NEW : LQ_BOOKS_KNOWN);
	}
	assert_int_equal(
		lq_db_integer(stub.db, &missing, 0, "SELECT sum(last - first + 1) FROM gap", ""),
		LQ_OK);
	assert_int_equal(missing, 1);
	assert_int_equal(play_row("front-board", 2, "door.opened", at_ms, ""), LQ_BOOKS_NEW);
	assert_int_equal(
		lq_db_integer(stub.db, &missing, 0, "SELECT count(*) FROM gap", ""), LQ_OK);
	assert_int_equal(missing, 0);
}

static int64_t half_days_billed(void)
{
	int64_t sum = 0;
	assert_int_equal(lq_db_integer(stub.db, &sum, 0,
				 "SELECT coalesce(sum(half_days), 0) FROM billing", ""),
		LQ_OK);
	return sum;
}

static void enter_into_the_bills(void)
{
	const struct lq_visit_settings settings = lq_visit_settings_usual();
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	assert_int_equal(lq_law_bill(stub.db, &settings, play_at("2026-12-03 05:00")), LQ_OK);
	assert_int_equal(half_days_billed(), 1);
}

/* E28, of what is debited without coupons: cut before the commit, told once more, entered twice. */
static void check_a_debit_that_was_cut(void)
{
	static const char again[] =
		"\"door\":\"front\",\"accessPoint\":\"front/entry\","
		"\"transaction\":\"1-1\",\"credential\":\"c1\",\"holder\":\"p1\"";
	int64_t at_ms = play_at("2026-12-01 09:00");
	assert_int_equal(play_row("front-board", 1, "access.taken", at_ms, again), LQ_BOOKS_NEW);
	enter_into_the_bills();
	lq_db_rollback(stub.db);
	assert_int_equal(half_days_billed(), 0);
	assert_int_equal(play_row("front-board", 1, "access.taken", at_ms, again), LQ_BOOKS_KNOWN);
	for (int i = 0; i < 2; i++) {
		enter_into_the_bills();
		assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	}
	assert_int_equal(half_days_billed(), 1);
}

#define D1 "2026-12-01"
#define D2 "2026-12-02"

static const struct edge_case cases[] = {
	{.number = 1, .what = "morning here, afternoon there, with coupons"},
	{.number = 2, .what = "the same with a day pass"},
	{.number = 3, .what = "the same half-day in two spaces"},
	{.number = 4,
		.what = "out for lunch",
		.play = "in p1 " D1 " 09:00\nout p1 " D1 " 12:30\ncount " D1 " 13:00 0 0 0\n"
			"in p1 " D1 " 13:40\ncount " D1 " 14:00 1 0 0\nout p1 " D1 " 17:00\n"
			"visits " D1 " p1 09:00-17:00 left 2\n"},
	{.number = 5,
		.what = "over the cut by less than the tolerance",
		.play = "in p1 " D1 " 12:50\nout p1 " D1 " 14:10\n"
			"visits " D1 " p1 12:50-14:10 left 1\n",
		.check = check_every_minute_around_the_cut},
	{.number = 6,
		.what = "no reader for the exit",
		.play = "in p1 " D1 " 09:00\nvisits " D1 " p1 09:00-09:00 open 1\n"
			"in p1 " D1 " 14:00\nvisits " D1 " p1 09:00-14:00 open 2\n"},
	{.number = 7,
		.what = "a forgotten exit",
		.play = "in p1 " D1 " 18:00\ncount " D2 " 03:59 1 0 0\ncount " D2 " 04:00 0 0 0\n"
			"visits " D1 " p1 18:00-18:00 cutoff 1\nin p1 2026-12-05 09:00\n"
			"visits 2026-12-05 p1 09:00-09:00 open 1\ncount 2026-12-05 10:00 1 0 0\n"},
	{.number = 8, .what = "the last coupon used in two places that are both offline"},
	{.number = 9, .what = "the same with a wrong clock"},
	{.number = 10,
		.what = "over midnight",
		.play = "in p1 " D1 " 23:50\nout p1 " D2 " 01:10\n"
			"visits " D1 " p1 23:50-01:10 left 1\nvisits " D2 " \n"
			"in p2 " D1 " 23:50\nin p2 " D2 " 05:00\nnow - " D2 " 05:01\n"
			"visits " D1 " p1 23:50-01:10 left 1, p2 23:50-23:50 cutoff 1\n"
			"visits " D2 " p2 05:00-05:00 open 1\n"},
	{.number = 11,
		.what = "the clock is put forward, and back",
		.play = "in p1 2026-03-29 01:30\nout p1 2026-03-29 03:30\n"
			"visits 2026-03-28 p1 01:30-03:30 left 1\n"
			"utc-in p2 2026-10-25T00:30:00Z\nutc-out p2 2026-10-25T01:30:00Z\n"
			"visits 2026-10-24 p2 02:30-02:30 left 1\n"},
	{.number = 12,
		.what = "a lunch at noon after the clock was changed",
		.elsewhere = "unit.office.recurrence"},
	{.number = 13, .what = "a pass expires during a visit", .elsewhere = "unit.core.decide"},
	{.number = 14, .what = "an agreement is suspended during a visit"},
	{.number = 15, .what = "a subscription is bought after the visit"},
	{.number = 16,
		.what = "a visitor becomes a member on the same day",
		.play = "in p4 " D1 " 09:00\ncount " D1 " 10:00 0 1 0\nkind p4 member\n"
			"in p4 " D1 " 14:00\ncount " D1 " 15:00 1 0 0\n"
			"visits " D1 " p4 09:00-14:00 open 2\n"},
	{.number = 17, .what = "two records of one person in two spaces"},
	{.number = 18,
		.what = "a lost badge is found and used",
		.play = "denied p1 " D1 " 09:00\ncount " D1 " 09:01 0 0 0\nvisits " D1 " \n"
			"alerts " D1 " 09:01 badge_lost One Example front\n"
			"board " D1 " 09:01 \n"
			"in p1 " D1 " 09:05\nvisits " D1 " p1 09:05-09:05 open 1\n",
		.check = check_a_replacement_for_a_lost_badge},
	{.number = 19, .what = "a badge is declared lost at a host"},
	{.number = 20,
		.what = "two badges of one person, both presented",
		.play = "in p1 " D1 " 09:00\nin p1 " D1 " 09:01 back-board\ncount " D1
			" 09:02 1 0 0\n"
			"visits " D1 " p1 09:00-09:01 open 1\n"},
	{.number = 21,
		.what = "a badge is lent: in, and in again",
		.play = "in p1 " D1 " 09:00\nalerts " D1 " 09:01 \nagain p1 " D1 " 09:30\n"
			"alerts " D1 " 09:31 in_again One Example front\ncount " D1 " 10:00 1 0 0\n"
			"out p1 " D1 " 11:00\ncount " D1 " 11:01 0 0 0\n"
			"visits " D1 " p1 09:00-11:00 left 1\n"
			"in p1 " D1 " 11:10\nalerts " D1 " 11:11 in_again One Example front\n",
		.check = check_what_a_door_says_of_a_lent_badge},
	{.number = 22,
		.what = "a member leaves before their guest",
		.play = "in p1 " D1 " 09:00\nin p4 " D1 " 09:00\ncount " D1 " 09:30 1 1 0\n"
			"out p1 " D1 " 10:00\ncount " D1 " 10:30 0 1 0\n"
			"visits " D1 " p1 09:00-10:00 left 1, p4 09:00-09:00 open 1\n",
		.check = check_a_host_who_leaves_before_the_guest},
	{.number = 23, .what = "a guest who is a member elsewhere"},
	{.number = 24, .what = "somebody collects a parcel"},
	{.number = 25, .what = "a training day for somebody with coupons"},
	{.number = 26,
		.what = "the capacity is reached",
		.play = "",
		.check = check_a_swap_and_a_race_at_the_limit},
	{.number = 27,
		.what = "a fire alarm with visits and guests",
		.elsewhere = "unit.office.muster"},
	{.number = 28,
		.what = "a power cut during a debit",
		.play = "",
		.check = check_a_debit_that_was_cut},
	{.number = 29,
		.what = "the same event thrice, out of order, with a gap",
		.play = "",
		.check = check_a_bad_line},
	{.number = 30,
		.what = "a correction just before and just after a day has passed",
		.play = "in p1 " D1 " 09:00\nout p1 " D1 " 17:00\n"
			"correct " D2 " 16:59 200\ncorrect " D2 " 17:01 409\n"},
	{.number = 31,
		.what = "over the end of a month",
		.play = "in p1 2026-12-31 23:00\nout p1 2027-01-01 01:00\n"
			"visits 2026-12-31 p1 23:00-01:00 left 1\nvisits 2027-01-01 \n"},
	{.number = 32, .what = "a cap is reached during a visit"},
	{.number = 33, .what = "an employer revokes a pass during a visit"},
	{.number = 34, .what = "a reduced rate ends within a month"},
	{.number = 35,
		.what = "somebody wants to be erased before a visit is settled",
		.elsewhere = "unit.office.law"},
	{.number = 36,
		.what = "somebody hidden arrives",
		.play = "in p5 " D1 " 09:00\nin p1 " D1 " 09:00\ncount " D1 " 09:30 2 0 0\n"
			"board " D1 " 09:30 One Example\n"},
	{.number = 37, .what = "the many forms of a UID", .elsewhere = "unit.core.identifier"},
	{.number = 38,
		.what = "the postman, opened to from afar",
		.play = "remote - " D1 " 09:00\ncount " D1 " 09:01 0 0 0\nvisits " D1 " \n"},
	{.number = 39, .what = "a public holiday", .elsewhere = "unit.core.schedule"},
	{.number = 40, .what = "the clock of another space is ahead"},
};

/* ---- the player ---- */

struct line {
	const struct edge_case *of;
	char word[16];
	char who[32];
	char date[32];
	char time[32];
	char rest[16];
	char local[72];
	const char *text;
};

static void play_passage(const struct line *line, enum play_way way)
{
	const char *controller = line->rest[0] != '\0' ? line->rest : "front-board";
	play_passes(controller, line->who, way, play_at(line->local));
}

static void play_utc(const struct line *line, enum play_way way)
{
	int64_t at_ms = 0;
	assert_int_equal(lq_when_parse_rfc3339(line->date, &at_ms), LQ_OK);
	play_passes("front-board", line->who, way, at_ms);
}

static void play_other(const struct line *line)
{
	int64_t at_ms = play_at(line->local);
	if (strcmp(line->word, "denied") == 0) {
		char data[200];
		(void)snprintf(data, sizeof(data),
			"\"door\":\"front\",\"accessPoint\":\"front/"
			"entry\",\"transaction\":\"9-9\","
			"\"reason\":\"CredentialNotEnabled\",\"credentialState\":\"lost\","
			"\"holder\":\"%s\"",
			line->who);
		(void)play_event("front-board", "access.denied", at_ms, data);
		return;
	}
	(void)play_event("front-board", "command.accepted", at_ms,
		"\"door\":\"front\",\"action\":\"door.open\",\"actor\":\"office\"");
	(void)play_event("front-board", "door.released", at_ms,
		"\"door\":\"front\",\"transaction\":\"9-9\",\"cause\":\"command\"");
}

static void play_again(const struct line *line)
{
	char data[200];
	int64_t at_ms = play_at(line->local);
	(void)snprintf(data, sizeof(data),
		"\"door\":\"front\",\"accessPoint\":\"front/entry\",\"transaction\":\"1-99\","
		"\"credential\":\"c1\",\"holder\":\"%s\"",
		line->who);
	char flagged[240];
	(void)snprintf(flagged, sizeof(flagged), "%s,\"passback\":true", data);
	(void)play_event("front-board", "access.granted", at_ms, flagged);
	(void)play_event("front-board", "access.taken", at_ms, data);
}

static void play_kind(const struct line *line)
{
	struct lq_somebody who;
	assert_int_equal(lq_person_parse(line->who, &who), LQ_OK);
	assert_int_equal(lq_db_run(stub.db, "UPDATE person SET kind = ?2 WHERE number = ?1", "it",
				 who.holder, line->date),
		1);
}

static void expect_count(const struct edge_case *of, const char *text)
{
	char local[2][16];
	char expected[3][8];
	static const char *const keys[] = {"members", "guests", "staff"};
	char when[40];
	assert_int_equal(sscanf(text, "count %15s %15s %7s %7s %7s", local[0], local[1],
				 expected[0], expected[1], expected[2]),
		5);
	(void)snprintf(when, sizeof(when), "%s %s", local[0], local[1]);
	play_now(when);
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	const json_t *zone = json_array_get(json_object_get(stub.answer.json, "zones"), 0);
	for (size_t i = 0; i < 3; i++) {
		json_int_t found = json_integer_value(json_object_get(zone, keys[i]));
		if (found != strtoll(expected[i], NULL, 10)) {
			fail_msg("E%d, %s: %lld %s", of->number, text, found, keys[i]);
		}
	}
}

/* "p1 09:00-17:00 left 2" */
static void describe(const json_t *visit, char *out, size_t size)
{
	char texts[2][LQ_WHEN_SIZE];
	static const char *const keys[] = {"checkIn", "lastSeen"};
	for (size_t i = 0; i < 2; i++) {
		int64_t at_ms = 0;
		assert_int_equal(
			lq_when_parse_rfc3339(
				json_string_value(json_object_get(visit, keys[i])), &at_ms),
			LQ_OK);
		lq_when_format(at_ms, LQ_WHEN_MINUTES, texts[i]);
	}
	(void)snprintf(out, size, "%s %s-%s %s %lld",
		json_string_value(json_object_get(visit, "person")),
		texts[0] + sizeof("2026-12-01"), texts[1] + sizeof("2026-12-01"),
		json_string_value(json_object_get(visit, "state")),
		json_integer_value(json_object_get(visit, "halfDays")));
}

static void list_day(const char *date)
{
	stub.query[0] = "date";
	stub.query[1] = date;
	assert_int_equal(CALL(lq_api_visits_list, NULL, NULL), 200);
}

static void expect_visits(const struct edge_case *of, const char *text)
{
	char date[16];
	char found[512] = "";
	size_t i;
	json_t *visit;
	assert_int_equal(sscanf(text, "visits %15s", date), 1);
	const char *expected = text + strlen("visits 2026-12-01 ");
	list_day(date);
	json_array_foreach(json_object_get(stub.answer.json, "items"), i, visit)
	{
		char one[128];
		describe(visit, one, sizeof(one));
		(void)snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
			i > 0 ? ", " : "", one);
	}
	if (strcmp(found, expected) != 0) {
		fail_msg("E%d, %s\n  expected: %s\n  found:    %s", of->number, date, expected,
			found);
	}
}

static void expect_correction(const char *text)
{
	char local[2][16];
	char status[8];
	char when[40];
	char id[LQ_VISIT_ID_SIZE];
	assert_int_equal(sscanf(text, "correct %15s %15s %7s", local[0], local[1], status), 3);
	(void)snprintf(when, sizeof(when), "%s %s", local[0], local[1]);
	play_now(when);
	list_day(D1);
	const json_t *visit = json_array_get(json_object_get(stub.answer.json, "items"), 0);
	(void)snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(visit, "id")));
	assert_int_equal(CALL(lq_api_visits_change, "{\"halfDays\":2,\"reason\":\"told\"}", id),
		strtol(status, NULL, 10));
}

static void expect_alerts(const struct edge_case *of, const char *text)
{
	char found[256] = "";
	char when[40];
	size_t i;
	json_t *one;
	(void)snprintf(when, sizeof(when), "%.16s", text + strlen("alerts "));
	play_now(when);
	assert_int_equal(CALL(lq_api_alerts, NULL, NULL), 200);
	json_array_foreach(json_object_get(stub.answer.json, "items"), i, one)
	{
		(void)snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s %s %s",
			i > 0 ? ", " : "", json_string_value(json_object_get(one, "kind")),
			json_string_value(json_object_get(one, "name")),
			json_string_value(json_object_get(one, "door")));
	}
	if (strcmp(found, text + strlen("alerts 2026-12-01 09:30 ")) != 0) {
		fail_msg("E%d, %s: %s", of->number, text, found);
	}
}

static void expect_board(const char *text)
{
	char when[32];
	char found[256] = "";
	size_t i;
	json_t *name;
	(void)snprintf(when, sizeof(when), "%.16s", text + strlen("board "));
	play_now(when);
	assert_int_equal(lq_setting_write(stub.db, LQ_SETTING_BOARD, "1"), LQ_OK);
	assert_int_equal(CALL(lq_api_board, NULL, NULL), 200);
	json_array_foreach(json_object_get(stub.answer.json, "names"), i, name)
	{
		(void)snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
			i > 0 ? ", " : "", json_string_value(name));
	}
	assert_string_equal(found, text + strlen("board 2026-12-01 09:30 "));
}

static void use_rules(const char *word)
{
	struct lq_visit_settings settings = lq_visit_settings_usual();
	if (strcmp(word, "duration") == 0) {
		settings.halves = LQ_HALVES_BY_DURATION;
	}
	settings.second_tap_ends = strcmp(word, "turns") == 0;
	play_settings(&settings);
}

static bool play_event_line(const struct line *line)
{
	if (strcmp(line->word, "in") == 0 || strcmp(line->word, "out") == 0) {
		play_passage(line, line->word[0] == 'i' ? PLAY_IN : PLAY_OUT);
	} else if (strncmp(line->word, "utc-", 4) == 0) {
		play_utc(line, line->word[4] == 'i' ? PLAY_IN : PLAY_OUT);
	} else if (strcmp(line->word, "denied") == 0 || strcmp(line->word, "remote") == 0) {
		play_other(line);
	} else if (strcmp(line->word, "again") == 0) {
		play_again(line);
	} else if (strcmp(line->word, "kind") == 0) {
		play_kind(line);
	} else if (strcmp(line->word, "now") == 0) {
		play_now(line->local);
	} else if (strcmp(line->word, "rules") == 0) {
		use_rules(line->who);
	} else {
		return false;
	}
	return true;
}

static void play_line(const struct edge_case *of, const char *text)
{
	struct line line = {.of = of, .text = text};
	(void)sscanf(text, "%15s %31s %31s %31s %15s", line.word, line.who, line.date, line.time,
		line.rest);
	(void)snprintf(line.local, sizeof(line.local), "%s %s", line.date, line.time);
	if (play_event_line(&line)) {
		return;
	}
	if (strcmp(line.word, "count") == 0) {
		expect_count(of, text);
	} else if (strcmp(line.word, "visits") == 0) {
		expect_visits(of, text);
	} else if (strcmp(line.word, "correct") == 0) {
		expect_correction(text);
	} else if (strcmp(line.word, "board") == 0) {
		expect_board(text);
	} else if (strcmp(line.word, "alerts") == 0) {
		expect_alerts(of, text);
	} else {
		fail_msg("E%d: %s", of->number, text);
	}
}

static void play_case(const struct edge_case *edge_case)
{
	char text[1024];
	void *state = NULL;
	assert_int_equal(play_begin(&state), 0);
	play_person(1, "One Example", "member", false, true);
	play_person(2, "Two Example", "member", false, false);
	play_person(3, "Three Example", "staff", false, false);
	play_person(4, "Four Example", "guest", false, false);
	play_person(5, "Five Example", "member", true, true);
	stub.now_ms = play_at("2026-12-01 20:00");
	assert_true((size_t)snprintf(text, sizeof(text), "%s", edge_case->play) < sizeof(text));
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
		if (*line != '\0') {
			play_line(edge_case, line);
		}
	}
	if (edge_case->check != NULL) {
		edge_case->check();
	}
	assert_int_equal(play_end(&state), 0);
}

static void every_case_comes_out_as_it_should(void **state)
{
	int played = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct edge_case *edge_case = &cases[i];
		if (edge_case->play != NULL) {
			play_case(edge_case);
			played++;
		} else if (edge_case->elsewhere != NULL) {
			print_message("E%d, %s: played by %s\n", edge_case->number, edge_case->what,
				edge_case->elsewhere);
		} else {
			print_message("E%d, %s: for later\n", edge_case->number, edge_case->what);
		}
	}
	print_message("%d of %d are played here\n", played, CASES);
	assert_int_equal(played, PLAYED_HERE);
}

static void every_number_is_there_once(void **state)
{
	(void)state;
	assert_int_equal(sizeof(cases) / sizeof(cases[0]), CASES);
	for (int i = 0; i < CASES; i++) {
		assert_int_equal(cases[i].number, i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_there_once),
		cmocka_unit_test(every_case_comes_out_as_it_should),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

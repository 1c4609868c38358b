/* Visits as they are listed, corrected and told of; what was said outlasts what comes late. */
#include "firmware/core/err.h"
#include "host/office/api_access.h"
#include "host/office/api_now.h"
#include "host/office/api_visits.h"
#include "host/office/db_internal.h"
#include "host/office/space_rules.h"
#include "host/office/visit_id.h"
#include "host/office/visits.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <string.h>

#define DAY  "2026-12-01"
#define NEXT "2026-12-02"

/* What a key of the answer, or of the first of its items, is as text of JSON. */
static const char *at(const char *key)
{
	static char text[512];
	const json_t *items = json_object_get(stub.answer.json, "items");
	const json_t *object = items != NULL ? json_array_get(items, 0) : stub.answer.json;
	size_t length = json_dumpb(json_object_get(object, key), text, sizeof(text) - 1,
		JSON_COMPACT | JSON_ENCODE_ANY);
	text[length < sizeof(text) ? length : 0] = '\0';
	return text;
}

static size_t count(void)
{
	return json_array_size(json_object_get(stub.answer.json, "items"));
}

static int list(const char *key, const char *value)
{
	stub.query[0] = key;
	stub.query[1] = value;
	stub.query[2] = NULL;
	return CALL(lq_api_visits_list, NULL, NULL);
}

/* Ada was there from nine to five. */
static const char *a_day(void)
{
	static char id[LQ_VISIT_ID_SIZE];
	play_person(12, "Ada Example", "member", false, false);
	play_enters("front-board", "p12", DAY " 09:00");
	play_leaves("front-board", "p12", DAY " 17:00");
	play_now(DAY " 18:00");
	assert_int_equal(list("date", DAY), 200);
	(void)snprintf(id, sizeof(id), "%s",
		json_string_value(json_object_get(
			json_array_get(json_object_get(stub.answer.json, "items"), 0), "id")));
	return id;
}

/* What the page sends. */
static int set(const char *body)
{
	return CALL(lq_routes_settings[1].handler, body, NULL);
}

static void expect_half_days(const char *wanted)
{
	assert_int_equal(list("date", DAY), 200);
	assert_string_equal(at("halfDays"), wanted);
}

static void half_days_are_as_the_space_has_set(void **state)
{
	(void)state;
	(void)a_day();
	expect_half_days("2");
	assert_string_equal(lq_routes_settings[1].method, "PATCH");
	/* Of nine to five, 44 minutes before the cut are not enough, and 45 are. */
	assert_int_equal(set("{\"halfDayAtMin\": 584}"), 0);
	expect_half_days("1");
	assert_int_equal(set("{\"halfDayAtMin\": 585}"), 0);
	expect_half_days("2");
	assert_int_equal(set("{\"toleranceMin\": 46}"), 0);
	expect_half_days("1");
	assert_int_equal(set("{\"halfDayRule\": \"duration\", \"halfDayS\": 28799}"), 0);
	expect_half_days("2");
	assert_int_equal(set("{\"halfDayS\": 28800}"), 0);
	expect_half_days("1");
	assert_int_equal(set("{\"halfDayAtMin\": 1440}"), 400);
	/* What comes later is divided like what was there. */
	assert_int_equal(set("{\"halfDayRule\": \"clock\", \"halfDayAtMin\": 1080}"), 0);
	const struct lq_space_rules rules = lq_space_rules_load(stub.db);
	play_settings(&rules.visits);
	expect_half_days("1");
	play_enters("front-board", "p12", DAY " 18:30");
	play_leaves("front-board", "p12", DAY " 19:00");
	expect_half_days("2");
}

static void a_bill_stays_when_the_cut_is_moved(void **state)
{
	int64_t half_ms = 0;
	(void)state;
	(void)a_day();
	assert_int_equal(
		lq_db_run(stub.db, "UPDATE ledger SET billed = ?1", "i", play_at(NEXT " 04:00")),
		1);
	assert_int_equal(set("{\"halfDayAtMin\": 600}"), 0);
	assert_int_equal(
		lq_db_integer(stub.db, &half_ms, 0, "SELECT day_half FROM visit", ""), LQ_OK);
	assert_int_equal(half_ms, play_at(DAY " 13:30"));
}

static void visits_are_made_anew_by_other_rules(void **state)
{
	(void)state;
	play_person(12, "Ada Example", "member", false, false);
	play_enters("front-board", "p12", DAY " 09:00");
	play_enters("front-board", "p12", DAY " 12:00");
	play_enters("back-board", "p12", NEXT " 09:00");
	play_now(NEXT " 10:00");
	assert_int_equal(set("{\"secondTapEnds\": true}"), 0);
	assert_int_equal(list("date", DAY), 200);
	assert_string_equal(at("state"), "\"left\"");
	assert_int_equal(set("{\"secondTapEnds\": false}"), 0);
	assert_int_equal(list("date", DAY), 200);
	assert_string_equal(at("state"), "\"cutoff\"");
	play_leaves("front-board", "p12", NEXT " 11:00");
	play_enters("front-board", "p12", NEXT " 13:00");
	play_now(NEXT " 14:00");
	assert_int_equal(set("{\"rejoinMin\": 30}"), 0);
	assert_int_equal(list("date", NEXT), 200);
	assert_int_equal(count(), 2);
	/* What was billed stays as it is. */
	assert_int_equal(
		lq_db_run(stub.db, "UPDATE ledger SET billed = ?1", "i", play_at(NEXT " 04:00")),
		1);
	assert_int_equal(set("{\"secondTapEnds\": true}"), 0);
	assert_int_equal(list("date", DAY), 200);
	assert_string_equal(at("state"), "\"cutoff\"");
}

static void cut_at(uint32_t hour)
{
	const struct lq_visit_settings usual = lq_visit_settings_usual();
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	assert_int_equal(lq_visits_cut(stub.db, &usual, hour), LQ_OK);
	assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	stub.config.day_cut = hour;
}

static void expect_on(const char *date, size_t visits)
{
	assert_int_equal(list("date", date), 200);
	assert_int_equal(count(), visits);
}

static int64_t billed_to(void)
{
	int64_t billed_ms = 0;
	assert_int_equal(
		lq_db_integer(stub.db, &billed_ms, 0, "SELECT billed FROM ledger", ""), LQ_OK);
	return billed_ms;
}

/* The configuration was changed in between. */
static void days_are_cut_at_another_hour(void **state)
{
	(void)state;
	const char *id = a_day();
	assert_int_equal(
		CALL(lq_api_visits_change, "{\"halfDays\":1,\"reason\":\"told\"}", id), 200);
	play_person(13, "Bea Example", "member", false, false);
	play_enters("front-board", "p13", DAY " 05:00");
	play_enters("front-board", "p13", DAY " 09:00");
	expect_on(DAY, 2);
	cut_at(6);
	expect_on("2026-11-30", 1);
	assert_string_equal(at("person"), "\"p13\"");
	expect_on(DAY, 2);
	assert_string_equal(at("halfDays"), "1");
	assert_string_not_equal(at("corrected"), "null");
	cut_at(2);
	expect_on("2026-11-30", 0);
	expect_on(DAY, 2);
	assert_string_equal(at("person"), "\"p13\"");
	assert_string_equal(at("checkIn"), "\"2026-12-01T04:00:00.000Z\"");
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	assert_string_equal(at("halfDays"), "1");
	/* A day that was billed up to four is to be billed whole. */
	assert_int_equal(
		lq_db_run(stub.db, "UPDATE ledger SET billed = ?1", "i", play_at(DAY " 04:00")), 1);
	cut_at(2);
	assert_int_equal(billed_to(), play_at(DAY " 02:00"));
	stub.config.day_cut = 4;
}

static void a_visit_says_all_of_itself(void **state)
{
	(void)state;
	const char *id = a_day();
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	assert_string_equal(stub.audit, "visit.read person/12 \n");
	assert_string_equal(at("person"), "\"p12\"");
	assert_string_equal(at("name"), "\"Ada Example\"");
	assert_string_equal(at("zone"), "\"space\"");
	assert_string_equal(at("date"), "\"" DAY "\"");
	assert_string_equal(at("checkIn"), "\"2026-12-01T08:00:00.000Z\"");
	assert_string_equal(at("checkOut"), "\"2026-12-01T16:00:00.000Z\"");
	assert_string_equal(at("state"), "\"left\"");
	assert_string_equal(at("closedBy"), "\"badge\"");
	assert_string_equal(at("halfDays"), "2");
	assert_string_equal(at("passages"), "2");
	assert_string_equal(at("provisional"), "true");
	assert_string_equal(at("corrected"), "null");
}

static void a_look_at_history_is_noted(void **state)
{
	(void)state;
	(void)a_day();
	assert_string_equal(stub.audit, "visit.read visits/" DAY " \n");
	assert_int_equal(list("person", "p12"), 200);
	assert_string_equal(stub.audit, "visit.read person/12 \n");
	assert_int_equal(count(), 1);
	assert_int_equal(list("person", "front-board/m3"), 200);
	assert_string_equal(stub.audit, "visit.read person/front-board/m3 \n");
	assert_int_equal(count(), 0);
}

static void a_list_is_cut_into_pages(void **state)
{
	char after[LQ_VISIT_ID_SIZE];
	(void)state;
	play_enters("front-board", "p1", DAY " 09:00");
	play_enters("front-board", "p2", DAY " 09:00");
	play_enters("front-board", "m2", DAY " 09:00");
	play_enters("front-board", "p1", NEXT " 09:00");
	play_now(NEXT " 10:00");
	stub.query[0] = "date";
	stub.query[1] = DAY;
	stub.query[2] = "limit";
	stub.query[3] = "2";
	assert_int_equal(CALL(lq_api_visits_list, NULL, NULL), 200);
	assert_int_equal(count(), 2);
	assert_string_equal(at("person"), "\"p1\"");
	(void)snprintf(after, sizeof(after), "%s",
		json_string_value(json_object_get(stub.answer.json, "next")));
	stub.query[4] = "after";
	stub.query[5] = after;
	assert_int_equal(CALL(lq_api_visits_list, NULL, NULL), 200);
	assert_int_equal(count(), 1);
	assert_string_equal(at("person"), "\"front-board/m2\"");
	assert_true(json_is_null(json_object_get(stub.answer.json, "next")));
	stub.query[0] = "person";
	stub.query[1] = "p1";
	stub.query[3] = "1";
	stub.query[4] = NULL;
	assert_int_equal(CALL(lq_api_visits_list, NULL, NULL), 200);
	assert_string_equal(at("date"), "\"" NEXT "\"");
	(void)snprintf(after, sizeof(after), "%s",
		json_string_value(json_object_get(stub.answer.json, "next")));
	stub.query[4] = "after";
	assert_int_equal(CALL(lq_api_visits_list, NULL, NULL), 200);
	assert_string_equal(at("date"), "\"" DAY "\"");
}

static void what_was_said_outlasts_what_comes_late(void **state)
{
	(void)state;
	const char *id = a_day();
	assert_int_equal(
		CALL(lq_api_visits_change,
			"{\"checkOut\":\"2026-12-01T11:00:00Z\",\"reason\":\"left at noon\"}", id),
		200);
	assert_string_equal(stub.audit, "visit.correct person/12 left at noon\n");
	assert_string_equal(stub.topics, "visits\nnow\n");
	assert_string_equal(at("checkOut"), "\"2026-12-01T11:00:00.000Z\"");
	assert_string_equal(at("halfDays"), "1");
	assert_string_equal(at("closedBy"), "\"correction\"");
	assert_string_equal(at("corrected"),
		"{\"by\":\"accueil\",\"at\":\"2026-12-01T17:00:00.000Z\",\"reason\":\"left at "
		"noon\"}");
	/* Another board was away: they came in an hour before, there, and were seen at six. */
	play_enters("back-board", "p12", DAY " 08:00");
	play_enters("back-board", "p12", DAY " 18:00");
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	assert_string_equal(at("checkIn"), "\"2026-12-01T07:00:00.000Z\"");
	assert_string_equal(at("checkOut"), "\"2026-12-01T11:00:00.000Z\"");
	assert_string_equal(at("passages"), "4");
	assert_int_equal(list("date", DAY), 200);
	assert_int_equal(count(), 1);
}

static void the_last_one_said_holds(void **state)
{
	(void)state;
	const char *id = a_day();
	assert_int_equal(CALL(lq_api_visits_change, "{\"void\":true,\"reason\":\"a\"}", id), 200);
	assert_string_equal(at("state"), "\"void\"");
	assert_string_equal(at("halfDays"), "0");
	assert_int_equal(
		CALL(lq_api_visits_change, "{\"void\":false,\"halfDays\":1,\"reason\":\"b\"}", id),
		200);
	assert_string_equal(at("state"), "\"left\"");
	assert_string_equal(at("halfDays"), "1");
	assert_int_equal(
		CALL(lq_api_visits_change, "{\"halfDays\":null,\"reason\":\"c\"}", id), 200);
	assert_string_equal(at("halfDays"), "2");
}

static void a_correction_of_what_has_changed_is_refused(void **state)
{
	char body[256];
	char revision[64];
	(void)state;
	const char *id = a_day();
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	(void)snprintf(revision, sizeof(revision), "%s", at("revision"));
	(void)snprintf(
		body, sizeof(body), "{\"void\":true,\"reason\":\"x\",\"revision\":%s}", revision);
	play_enters("front-board", "p12", DAY " 17:30");
	assert_int_equal(CALL(lq_api_visits_change, body, id), 409);
	assert_string_equal(stub.problem, "visit_changed");
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	assert_string_equal(at("corrected"), "null");
	assert_string_not_equal(at("revision"), revision);
	(void)snprintf(body, sizeof(body), "{\"void\":true,\"reason\":\"x\",\"revision\":%s}",
		at("revision"));
	assert_int_equal(CALL(lq_api_visits_change, body, id), 200);
}

static void after_a_day_it_is_final(void **state)
{
	static const char body[] = "{\"halfDays\":1,\"reason\":\"late\"}";
	static const char told[] = "{\"person\":\"p13\",\"zone\":\"space\",\"reason\":\"late\","
				   "\"checkIn\":\"2026-12-01T09:00:00Z\","
				   "\"checkOut\":\"2026-12-01T16:00:00Z\"}";
	static const char open[] = "{\"person\":\"p14\",\"zone\":\"space\",\"reason\":\"late\","
				   "\"checkIn\":\"2026-12-01T09:00:00Z\"}";
	(void)state;
	const char *id = a_day(); /* to 17:00 */
	play_person(13, "Bea Example", "member", false, false);
	play_person(14, "Cyd Example", "member", false, false);
	play_now(NEXT " 16:59");
	assert_int_equal(CALL(lq_api_visits_change, body, id), 200);
	assert_string_equal(at("provisional"), "true");
	assert_int_equal(CALL(lq_api_visits_add, told, NULL), 201);
	play_now(NEXT " 17:01");
	assert_int_equal(CALL(lq_api_visits_change, body, id), 409);
	assert_string_equal(stub.problem, "visit_final");
	assert_int_equal(CALL(lq_api_visits_add, told, NULL), 409);
	assert_string_equal(stub.problem, "visit_final");
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	assert_string_equal(at("provisional"), "false");
	/* One that nobody badged out of ended with its day. */
	play_now("2026-12-03 03:59");
	assert_int_equal(CALL(lq_api_visits_add, open, NULL), 201);
	play_now("2026-12-03 04:00");
	assert_int_equal(CALL(lq_api_visits_add, open, NULL), 409);
}

/* What was put right by mistake is not final at once. */
static void an_end_that_somebody_said_makes_nothing_final(void **state)
{
	char id[LQ_VISIT_ID_SIZE];
	(void)state;
	play_person(12, "Ada Example", "member", false, false);
	play_enters("front-board", "p12", DAY " 09:00");
	play_now(NEXT " 18:00");
	assert_int_equal(list("date", DAY), 200);
	(void)snprintf(id, sizeof(id), "%s",
		json_string_value(json_object_get(
			json_array_get(json_object_get(stub.answer.json, "items"), 0), "id")));
	assert_int_equal(CALL(lq_api_visits_change,
				 "{\"checkOut\":\"2026-12-01T09:00:00Z\",\"reason\":\"told\"}", id),
		200);
	assert_string_equal(at("provisional"), "true");
	assert_int_equal(CALL(lq_api_visits_change,
				 "{\"checkOut\":\"2026-12-01T11:00:00Z\",\"reason\":\"told\"}", id),
		200);
}

static void a_visit_that_is_told_of_is_one_like_all_others(void **state)
{
	(void)state;
	play_person(12, "Ada Example", "member", false, false);
	play_enters("front-board", "p12", DAY " 14:00");
	play_now(DAY " 18:00");
	assert_int_equal(CALL(lq_api_visits_add,
				 "{\"person\":\"p12\",\"zone\":\"space\",\"reason\":\"no badge\","
				 "\"checkIn\":\"2026-12-01T08:00:00Z\","
				 "\"checkOut\":\"2026-12-01T11:00:00Z\"}",
				 NULL),
		201);
	assert_string_equal(stub.audit, "visit.add person/12 no badge\n");
	assert_string_equal(stub.answer.location, "/api/v1/visits/p12.space.1796112000000");
	assert_string_equal(at("checkIn"), "\"2026-12-01T08:00:00.000Z\"");
	assert_string_equal(at("passages"), "3"); /* it joins the one of the afternoon */
	assert_string_equal(at("state"), "\"open\"");
}

static json_int_t counted(void)
{
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	return json_integer_value(json_object_get(
		json_array_get(json_object_get(stub.answer.json, "zones"), 0), "members"));
}

/* Somebody said that they are out, or never were in: whoever comes after that is in all the same.
 */
static void who_comes_after_a_correction_is_in(void **state)
{
	static const char *const bodies[] = {
		"{\"checkOut\":\"2026-12-01T09:00:00Z\",\"reason\":\"told\"}",
		"{\"void\":true,\"reason\":\"told\"}"};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		char id[LQ_VISIT_ID_SIZE];
		assert_int_equal(i == 0 ? 0 : play_end(state) + play_begin(state), 0);
		play_person(12, "Ada Example", "member", false, false);
		play_enters("front-board", "p12", DAY " 09:00");
		play_now(DAY " 11:00");
		assert_int_equal(counted(), 1);
		assert_int_equal(list("date", DAY), 200);
		(void)snprintf(id, sizeof(id), "%s",
			json_string_value(json_object_get(
				json_array_get(json_object_get(stub.answer.json, "items"), 0),
				"id")));
		assert_int_equal(CALL(lq_api_visits_change, bodies[i], id), 200);
		assert_int_equal(counted(), 0);
		play_enters("front-board", "p12", DAY " 13:40");
		play_now(DAY " 14:00");
		assert_int_equal(counted(), 1);
		assert_int_equal(list("date", DAY), 200);
		assert_int_equal(count(), 2);
		assert_string_equal(at("state"), i == 0 ? "\"left\"" : "\"void\"");
		play_leaves("front-board", "p12", DAY " 17:00");
		assert_int_equal(counted(), 0);
		/* Taken back, it was one visit all the time. */
		play_now(DAY " 18:00");
		assert_int_equal(
			CALL(lq_api_visits_change,
				"{\"checkOut\":null,\"void\":false,\"reason\":\"no\"}", id),
			200);
		assert_int_equal(list("date", DAY), 200);
		assert_int_equal(count(), 1);
		assert_string_equal(at("checkOut"), "\"2026-12-01T16:00:00.000Z\"");
	}
}

static void an_export_says_what_it_is_for(void **state)
{
	(void)state;
	(void)a_day();
	stub.query[0] = "from";
	stub.query[1] = DAY;
	stub.query[2] = "to";
	stub.query[3] = NEXT;
	assert_int_equal(CALL(lq_api_visits_csv, NULL, NULL), 400);
	assert_string_equal(stub.pointer, "purpose");
	stub.query[4] = "purpose";
	stub.query[5] = "bills of December";
	assert_int_equal(CALL(lq_api_visits_csv, NULL, NULL), 200);
	assert_string_equal(stub.answer.text,
		"id,person,name,zone,date,check_in,check_out,state,closed_by,half_days,"
		"provisional,corrected_by,host\r\n"
		"p12.space.1796112000000,p12,Ada Example,space,2026-12-01,"
		"2026-12-01T08:00:00.000Z,2026-12-01T16:00:00.000Z,left,badge,2,yes,,\r\n");
	assert_string_equal(stub.answer.filename, "visits-2026-12-01-2026-12-02.csv");
	assert_string_equal(
		stub.audit, "visit.export visits/2026-12-01/2026-12-02 bills of December\n");
}

static const struct lq_db_adapter *plain;
static int asked;

static int counted_query(struct lq_db *db, struct lq_rows **ret_rows, const char *sql,
	const struct lq_value *values, size_t count)
{
	asked++;
	return plain->query(db, ret_rows, sql, values, count);
}

/* How often a call asks the database. */
static int queries_of(lq_handler *handler)
{
	struct lq_db_adapter counted = *stub.db->adapter;
	plain = stub.db->adapter;
	asked = 0;
	counted.query = counted_query;
	stub.db->adapter = &counted;
	assert_int_equal(CALL(handler, NULL, NULL), 200);
	stub.db->adapter = plain;
	return asked;
}

static void many_visits_ask_no_more_than_one(void **state)
{
	static const char *const query[] = {
		"date", DAY, "from", DAY, "to", DAY, "purpose", "bills"};
	(void)state;
	memcpy(stub.query, query, sizeof(query));
	play_now(DAY " 18:00");
	play_enters("front-board", "p1", DAY " 09:00");
	int list_of_one = queries_of(lq_api_visits_list);
	int file_of_one = queries_of(lq_api_visits_csv);
	for (int i = 2; i < 9; i++) {
		char holder[16];
		(void)snprintf(holder, sizeof(holder), "p%d", i);
		play_enters("front-board", holder, DAY " 09:00");
	}
	assert_int_equal(queries_of(lq_api_visits_list), list_of_one);
	assert_int_equal(count(), 8);
	assert_int_equal(queries_of(lq_api_visits_csv), file_of_one);
}

static void wrong_bodies_are_refused(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *word;
		const char *pointer;
		const char *fr;
	} cases[] = {
		{"[]", 400, NULL, "", NULL},
		{"{}", 400, "needed", "/reason", NULL},
		{"{\"reason\":\"\"}", 400, "invalid", "/reason", NULL},
		{"{\"reason\":\"x\",\"colour\":1}", 400, NULL, "/colour", NULL},
		{"{\"reason\":\"x\",\"halfDays\":3}", 400, "invalid", "/halfDays", NULL},
		{"{\"reason\":\"x\",\"halfDays\":1.5}", 400, "invalid", "/halfDays", NULL},
		{"{\"reason\":\"x\",\"void\":1}", 400, "invalid", "/void", NULL},
		{"{\"reason\":\"x\",\"checkIn\":\"nine\"}", 400, "invalid", "/checkIn", NULL},
		{"{\"reason\":\"x\",\"checkIn\":\"2026-12-02T09:00:00Z\"}", 400, "invalid",
			"/checkIn", "checkIn : attendu un moment déjà venu de cette journée"},
		{"{\"reason\":\"x\",\"checkIn\":\"2026-12-01T17:30:00Z\"}", 400, "invalid",
			"/checkIn", NULL},
		{"{\"reason\":\"x\",\"checkOut\":\"2026-12-01T08:00:00Z\"}", 400, "invalid",
			"/checkOut",
			"checkOut : attendu un moment déjà venu, après checkIn et avant la fin de "
			"cette journée"},
		{"{\"reason\":\"x\",\"checkOut\":\"2026-12-01T18:00:00Z\"}", 400, "invalid",
			"/checkOut", NULL},
		{"{\"reason\":\"x\",\"revision\":\"old\"}", 409, "visit_changed", "/revision",
			"elle a changé depuis sa lecture : la consulter de nouveau"},
	};
	(void)state;
	const char *id = a_day();
	stub.language = LQ_LANGUAGE_FR;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(CALL(lq_api_visits_change, cases[i].body, id), cases[i].status);
		assert_string_equal(stub.pointer, cases[i].pointer);
		assert_string_equal(stub.audit, "");
		if (cases[i].word != NULL) {
			assert_string_equal(stub.problem, cases[i].word);
		}
		if (cases[i].fr != NULL) {
			assert_string_equal(stub.text, cases[i].fr);
		}
	}
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	assert_string_equal(at("corrected"), "null");
}

static void wrong_tellings_are_refused(void **state)
{
	static const struct {
		const char *body;
		const char *word;
		const char *pointer;
	} cases[] = {
		{"{\"zone\":\"space\",\"checkIn\":\"2026-12-01T10:00:00Z\",\"reason\":\"x\"}",
			"needed", "/person"},
		{"{\"person\":\"p13\",\"zone\":\"space\",\"checkIn\":\"2026-12-01T10:00:00Z\","
		 "\"reason\":\"x\"}",
			"unknown_person", "/person"},
		{"{\"person\":\"nobody/"
		 "m1\",\"zone\":\"space\",\"checkIn\":\"2026-12-01T10:00:00Z\","
		 "\"reason\":\"x\"}",
			"unknown_person", "/person"},
		{"{\"person\":\"Ada\",\"zone\":\"space\",\"checkIn\":\"2026-12-01T10:00:00Z\","
		 "\"reason\":\"x\"}",
			"invalid", "/person"},
		{"{\"person\":\"p12\",\"zone\":\"moon\",\"checkIn\":\"2026-12-01T10:00:00Z\","
		 "\"reason\":\"x\"}",
			"unknown_zone", "/zone"},
		{"{\"person\":\"p12\",\"zone\":\"space\",\"checkIn\":\"2026-12-02T10:00:00Z\","
		 "\"reason\":\"x\"}",
			"invalid", "/checkIn"},
	};
	(void)state;
	(void)a_day();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(CALL(lq_api_visits_add, cases[i].body, NULL), 400);
		assert_string_equal(stub.problem, cases[i].word);
		assert_string_equal(stub.pointer, cases[i].pointer);
	}
}

static void what_is_no_name_of_a_visit_is_not_found(void **state)
{
	static const char *const ids[] = {"", "p12", "p12.space", "p12.space.x", "p12.space.0",
		"m12.space.1796112000000", "p0.space.1796112000000", "p12..1796112000000",
		"p12.sp ace.1796112000000", "p12.space.1796112000000000000",
		"p99.space.1796112000000", "p12.space.1700000000000", ".m1.space.1796112000000",
		"p4294967296.space.1796112000000"};
	static const char *const queries[][2] = {{"date", "today"}, {"date", "2026-02-30"},
		{"person", "Ada"}, {"person", ""}, {"after", "x"}, {"limit", "0"}};
	(void)state;
	(void)a_day();
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_int_equal(CALL(lq_api_visits_get, NULL, ids[i]), 404);
		assert_int_equal(CALL(lq_api_visits_change, "{}", ids[i]), 404);
	}
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		assert_int_equal(list(queries[i][0], queries[i][1]), 400);
		assert_string_equal(stub.pointer, queries[i][0]);
	}
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, play_begin, play_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAYED(half_days_are_as_the_space_has_set),
		PLAYED(a_bill_stays_when_the_cut_is_moved),
		PLAYED(visits_are_made_anew_by_other_rules),
		PLAYED(days_are_cut_at_another_hour),
		PLAYED(a_visit_says_all_of_itself),
		PLAYED(a_look_at_history_is_noted),
		PLAYED(a_list_is_cut_into_pages),
		PLAYED(what_was_said_outlasts_what_comes_late),
		PLAYED(the_last_one_said_holds),
		PLAYED(a_correction_of_what_has_changed_is_refused),
		PLAYED(after_a_day_it_is_final),
		PLAYED(an_end_that_somebody_said_makes_nothing_final),
		PLAYED(a_visit_that_is_told_of_is_one_like_all_others),
		PLAYED(who_comes_after_a_correction_is_in),
		PLAYED(an_export_says_what_it_is_for),
		PLAYED(many_visits_ask_no_more_than_one),
		PLAYED(wrong_bodies_are_refused),
		PLAYED(wrong_tellings_are_refused),
		PLAYED(what_is_no_name_of_a_visit_is_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

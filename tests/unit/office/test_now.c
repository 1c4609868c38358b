/* Who is in, for those who work there and for everybody. */
#include "firmware/core/err.h"
#include "host/office/api_board_members.h"
#include "host/office/api_now.h"
#include "host/office/api_zones.h"
#include "host/office/arrivals.h"
#include "host/office/capacity_log.h"
#include "host/office/full.h"
#include "host/office/law.h"
#include "host/office/occupancy.h"
#include "host/office/settings.h"
#include "host/office/visit_row.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is at the path of keys and numbers, as text of JSON. */
static const char *at(const json_t *json, const char *key)
{
	static char text[512];
	size_t length = json_dumpb(
		json_object_get(json, key), text, sizeof(text) - 1, JSON_COMPACT | JSON_ENCODE_ANY);
	text[length < sizeof(text) ? length : 0] = '\0';
	return text;
}

static const json_t *zone(size_t index)
{
	return json_array_get(json_object_get(stub.answer.json, "zones"), index);
}

static void a_house(void)
{
	play_person(1, "Ada Example", "member", false, true);
	play_person(2, "Bo Example", "guest", false, true);
	play_person(3, "Cy Example", "staff", false, false);
	play_person(4, "Di Example", "member", true, true);
	play_enters("front-board", "p1", "2026-12-01 09:00");
	play_enters("back-board", "p2", "2026-12-01 09:10");
	play_enters("front-board", "p3", "2026-12-01 09:20");
	play_enters("back-board", "p4", "2026-12-01 09:30");
	play_enters("back-board", "m9", "2026-12-01 09:40");
}

static void everybody_is_counted_by_what_they_are(void **state)
{
	(void)state;
	a_house();
	play_now("2026-12-01 10:00");
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	assert_string_equal(at(zone(0), "zone"), "\"space\"");
	assert_string_equal(at(zone(0), "count"), "5");
	assert_string_equal(at(zone(0), "members"), "3");
	assert_string_equal(at(zone(0), "guests"), "1");
	assert_string_equal(at(zone(0), "staff"), "1");
	assert_string_equal(at(zone(0), "atLeast"), "true");
	assert_string_equal(at(stub.answer.json, "at"), "\"2026-12-01T09:00:00.000Z\"");
	const json_t *present = json_object_get(zone(0), "present");
	assert_string_equal(at(json_array_get(present, 0), "person"), "\"p1\"");
	assert_string_equal(
		at(json_array_get(present, 0), "since"), "\"2026-12-01T08:00:00.000Z\"");
	assert_string_equal(at(json_array_get(present, 4), "person"), "\"back-board/m9\"");
	assert_string_equal(at(json_array_get(present, 4), "name"), "null");
}

static const char *name_of_the_boards_member(void)
{
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	const json_t *present = json_object_get(zone(0), "present");
	return at(json_array_get(present, 4), "name");
}

static void a_boards_member_is_called_as_the_operator_says(void **state)
{
	int64_t kept = 0;
	(void)state;
	a_house();
	play_now("2026-12-01 10:00");
	assert_int_equal(
		CALL(lq_api_board_members_name, "{\"name\":\"Bo Nine\"}", "back-board", "m9"), 204);
	assert_string_equal(stub.audit, "board_member.name person/back-board/m9 \n");
	assert_string_equal(name_of_the_boards_member(), "\"Bo Nine\"");
	assert_int_equal(
		CALL(lq_api_board_members_name, "{\"name\":\"Bo Ten\"}", "back-board", "m9"), 204);
	assert_string_equal(name_of_the_boards_member(), "\"Bo Ten\"");
	assert_int_equal(
		CALL(lq_api_board_members_name, "{\"name\":null}", "back-board", "m9"), 204);
	assert_string_equal(name_of_the_boards_member(), "null");
	assert_int_equal(
		CALL(lq_api_board_members_name, "{\"name\":\"x\"}", "moon-board", "m9"), 404);
	assert_int_equal(
		CALL(lq_api_board_members_name, "{\"name\":\"x\"}", "back-board", "p9"), 404);
	assert_int_equal(CALL(lq_api_board_members_name, "{}", "back-board", "m9"), 400);
	assert_int_equal(
		CALL(lq_api_board_members_name, "{\"name\":\"x\"}", "back-board", "m9"), 204);
	const struct lq_visit_settings settings = lq_visit_settings_usual();
	assert_true(lq_law_purge(stub.db, &settings, play_at("2027-03-01 04:00")) > 0);
	assert_int_equal(
		lq_db_integer(stub.db, &kept, -1, "SELECT count(*) FROM board_member", ""), LQ_OK);
	assert_int_equal(kept, 0);
}

static void set(enum lq_setting setting, const char *value)
{
	assert_int_equal(lq_setting_write(stub.db, setting, value), LQ_OK);
}

static void expect_at_least(const char *wanted)
{
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	assert_string_equal(at(zone(0), "atLeast"), wanted);
}

static void the_number_is_certain_where_all_badge_out(void **state)
{
	(void)state;
	a_house();
	play_now("2026-12-01 10:00");
	set(LQ_SETTING_EXITS_BADGED, "1");
	expect_at_least("true"); /* nobody ever did */
	set(LQ_SETTING_SECOND_TAP_ENDS, "1");
	expect_at_least("false");
	set(LQ_SETTING_SECOND_TAP_ENDS, "0");
	play_leaves("front-board", "p1", "2026-12-01 09:50");
	expect_at_least("false");
	assert_string_equal(at(zone(0), "count"), "4");
	set(LQ_SETTING_EXITS_BADGED, "0");
	expect_at_least("true");
	play_now("2026-12-02 04:00");
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	assert_string_equal(at(zone(0), "count"), "0");
}

static void the_hidden_are_named_to_nobody_but_those_who_see_history(void **state)
{
	(void)state;
	a_house();
	play_now("2026-12-01 10:00");
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	const json_t *hidden = json_array_get(json_object_get(zone(0), "present"), 3);
	assert_string_equal(at(hidden, "name"), "\"Di Example\"");
	assert_string_equal(at(hidden, "hidden"), "true");
	stub.scopes = 1u << LQ_SCOPE_NOW;
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	hidden = json_array_get(json_object_get(zone(0), "present"), 3);
	assert_string_equal(at(hidden, "name"), "null");
	assert_string_equal(at(hidden, "person"), "null");
	assert_string_equal(at(zone(0), "count"), "5");
}

/* What the pages are told of somebody who was let in. */
static const char *arrival(uint32_t holder)
{
	static struct lq_arrivals arrivals;
	struct lq_feed_event event = {.is_passage = true,
		.of_office = true,
		.holder = holder,
		.type = "org.loquet.access.granted.v1",
		.controller = "front-board",
		.passage = {.direction = LQ_DIRECTION_ENTRY,
			.evidence = LQ_EVIDENCE_GRANTED,
			.at_ms = stub.now_ms}};
	memset(&arrivals, 0, sizeof(arrivals));
	assert_int_equal(
		lq_arrivals_note(&arrivals, stub.db, &event, "studio", stub.now_ms), LQ_OK);
	assert_int_equal(arrivals.count, 1);
	assert_non_null(strstr(arrivals.data[0], "\"zone\":\"studio\""));
	return arrivals.data[0];
}

static void an_arrival_names_the_hidden_in_no_way(void **state)
{
	(void)state;
	a_house();
	play_now("2026-12-01 10:00");
	assert_non_null(strstr(arrival(1), "\"person\":\"p1\""));
	assert_non_null(strstr(arrival(1), "Ada Example"));
	assert_null(strstr(arrival(4), "p4"));
	assert_null(strstr(arrival(4), "Di Example"));
}

static void the_board_names_who_wants_to_be_named(void **state)
{
	(void)state;
	a_house();
	play_now("2026-12-01 10:00");
	stub.scopes = 0;
	assert_int_equal(CALL(lq_api_board, NULL, NULL), 404);
	assert_string_equal(stub.problem, "no_board");
	set(LQ_SETTING_BOARD, "1");
	assert_int_equal(CALL(lq_api_board, NULL, NULL), 200);
	assert_string_equal(at(stub.answer.json, "names"), "[\"Ada Example\",\"Bo Example\"]");
	assert_string_equal(at(stub.answer.json, "zones"),
		"[{\"zone\":\"space\",\"atLeast\":true,\"count\":5}]");
}

static void the_topic_has_counts_alone(void **state)
{
	json_t *message = NULL;
	struct lq_space_rules rules = lq_space_rules_usual();
	(void)state;
	a_house();
	rules.capacity.soft = 4;
	assert_int_equal(
		lq_occupancy_message(stub.db, &rules, play_at("2026-12-01 10:00"), &message),
		LQ_OK);
	assert_string_equal(at(message, "zones"),
		"[{\"zone\":\"space\",\"count\":5,\"members\":3,\"guests\":1,\"staff\":1,"
		"\"state\":\"ok\",\"at_least\":true}]");
	assert_string_equal(at(message, "total"), "5");
	assert_string_equal(at(message, "state"), "\"soft\"");
	json_decref(message);
}

static void staff_counts_where_the_space_says_so(void **state)
{
	struct lq_limits limits = {.soft = 3, .legal = 5};
	(void)state;
	assert_int_equal(lq_capacity_state(&limits, 2, 9), LQ_CAPACITY_OK);
	assert_int_equal(lq_capacity_state(&limits, 3, 0), LQ_CAPACITY_SOFT);
	assert_int_equal(lq_capacity_state(&limits, 5, 0), LQ_CAPACITY_LEGAL);
	limits.staff_counted = true;
	assert_int_equal(lq_capacity_state(&limits, 2, 1), LQ_CAPACITY_SOFT);
	assert_int_equal(lq_capacity_state(&limits, 2, 3), LQ_CAPACITY_LEGAL);
	limits = (struct lq_limits){0};
	assert_int_equal(lq_capacity_state(&limits, 1000, 0), LQ_CAPACITY_OK);
}

static void enters(const char *controller, const char *holder, const char *zone_name, int64_t at_ms)
{
	static int transaction = 0;
	char data[256];
	(void)snprintf(data, sizeof(data),
		"\"door\":\"door\",\"accessPoint\":\"door/entry\",\"zone\":\"%s\","
		"\"transaction\":\"9-%d\",\"credential\":\"c1\",\"holder\":\"%s\"",
		zone_name, ++transaction, holder);
	(void)play_event(controller, "access.granted", at_ms, data);
}

/* Two boards, doors into the same and into another zone: the events say where to. */
static void every_zone_has_limits_of_its_own(void **state)
{
	(void)state;
	play_person(1, "Ada Example", "member", false, true);
	play_person(2, "Bo Example", "guest", false, true);
	play_person(3, "Cy Example", "staff", false, false);
	enters("front-board", "p1", "space", play_at("2026-12-01 09:00"));
	enters("annex-board", "p2", "space", play_at("2026-12-01 09:00"));
	enters("annex-board", "p1", "workshop", play_at("2026-12-01 09:05"));
	enters("annex-board", "p3", "workshop", play_at("2026-12-01 09:05"));
	play_now("2026-12-01 10:00");
	stub.scopes = UINT32_MAX;
	assert_int_equal(CALL(lq_api_zones_change, "{\"soft\":1,\"legal\":2}", "workshop"), 200);
	assert_int_equal(CALL(lq_api_zones_change, "{\"legal\":2}", "space"), 200);
	assert_int_equal(CALL(lq_api_zones_change, "{\"soft\":3}", "workshop"), 400);
	assert_string_equal(stub.pointer, "/soft");
	assert_int_equal(CALL(lq_api_zones_change, "{\"soft\":\"many\"}", "workshop"), 400);
	assert_int_equal(CALL(lq_api_zones_change, "{\"soft\":1}", "attic"), 404);
	assert_int_equal(CALL(lq_api_zones_list, NULL, NULL), 200);
	assert_string_equal(at(stub.answer.json, "items"),
		"[{\"zone\":\"space\",\"soft\":null,\"legal\":2},"
		"{\"zone\":\"workshop\",\"soft\":1,\"legal\":2}]");
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	assert_string_equal(at(zone(0), "zone"), "\"space\"");
	assert_string_equal(
		at(zone(0), "capacity"), "{\"soft\":null,\"legal\":2,\"state\":\"legal\"}");
	assert_string_equal(at(zone(1), "count"), "2");
	assert_string_equal(at(zone(1), "staff"), "1");
	assert_string_equal(at(zone(1), "capacity"), "{\"soft\":1,\"legal\":2,\"state\":\"soft\"}");
	assert_string_equal(at(stub.answer.json, "total"),
		"{\"atLeast\":true,\"count\":3,\"members\":1,\"guests\":1,\"staff\":1,"
		"\"capacity\":{\"soft\":null,\"legal\":null,\"state\":\"ok\"}}");
	assert_int_equal(lq_setting_write(stub.db, LQ_SETTING_STAFF_COUNTED, "1"), LQ_OK);
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	assert_string_equal(
		at(zone(1), "capacity"), "{\"soft\":1,\"legal\":2,\"state\":\"legal\"}");
}

static void look(struct lq_capacity_log *log, const char *local)
{
	json_t *message = NULL;
	const struct lq_space_rules rules = {.capacity = {.legal = 3}};
	int64_t at_ms = play_at(local);
	assert_int_equal(lq_occupancy_message(stub.db, &rules, at_ms, &message), LQ_OK);
	assert_int_equal(lq_capacity_log_note(log, stub.db, message, at_ms), LQ_OK);
	json_decref(message);
}

static void every_crossing_of_a_limit_is_noted_once(void **state)
{
	struct lq_capacity_log log = {0};
	struct lq_rows *rows = NULL;
	char heard[512] = "";
	(void)state;
	assert_true(
		lq_db_run(stub.db, "INSERT INTO zone_limit VALUES ('workshop', 2, 2)", "") == 1);
	enters("annex-board", "p1", "workshop", play_at("2026-12-01 09:00"));
	look(&log, "2026-12-01 09:00");
	enters("annex-board", "p2", "workshop", play_at("2026-12-01 09:05"));
	look(&log, "2026-12-01 09:05");
	look(&log, "2026-12-01 09:06");
	enters("front-board", "p3", "space", play_at("2026-12-01 09:10"));
	look(&log, "2026-12-01 09:10");
	look(&log, "2026-12-02 04:00"); /* the day is over */
	lq_capacity_log_end(&log);
	assert_int_equal(
		lq_db_query(stub.db, &rows,
			"SELECT act || ' ' || object || ' ' || reason FROM audit ORDER BY id", ""),
		LQ_OK);
	while (lq_rows_next(rows) == 1) {
		size_t length = strlen(heard);
		(void)snprintf(
			heard + length, sizeof(heard) - length, "%s\n", lq_rows_text(rows, 0));
	}
	lq_rows_end(rows);
	assert_string_equal(heard, "capacity.legal zone/workshop 2\ncapacity.legal space 3\n"
				   "capacity.ok space 0\ncapacity.ok zone/workshop 0\n");
}

/* What the doors are told at that moment, as JSON; "" for nothing. */
static char full_said[8192];

static const char *full_at(bool deny, int64_t legal, const char *local)
{
	const struct lq_space_rules rules = {.capacity = {.legal = legal}, .deny_entry = deny};
	struct lq_office_full full;
	json_t *message = NULL;
	memset(&full, 0x5a, sizeof(full));
	assert_int_equal(lq_occupancy_message(stub.db, &rules, play_at(local), &message), LQ_OK);
	assert_int_equal(lq_full_read(stub.db, &rules, message, play_at(local), &full), LQ_OK);
	json_decref(message);
	assert_true(lq_full_same(&full, &full));
	json_t *said = lq_full_json(&full);
	char *text = json_dumps(said, JSON_COMPACT);
	(void)snprintf(full_said, sizeof(full_said), "%s", lq_full_anywhere(&full) ? text : "");
	free(text);
	json_decref(said);
	return full_said;
}

static void doors_are_told_where_it_is_full(void **state)
{
	(void)state;
	play_person(7, "Bo Example", "staff", false, false);
	assert_true(
		lq_db_run(stub.db, "INSERT INTO zone_limit VALUES ('workshop', 1, 1)", "") == 1);
	enters("front-board", "p1", "space", play_at("2026-12-01 09:00"));
	enters("front-board", "p2", "space", play_at("2026-12-01 09:01"));
	assert_string_equal(full_at(true, 3, "2026-12-01 10:00"), "");
	assert_string_equal(full_at(false, 2, "2026-12-01 10:00"), "");
	assert_string_equal(full_at(true, 2, "2026-12-01 10:00"),
		"{\"space\":true,\"zones\":[],\"exempt\":[7],\"in\":[1,2]}");
	enters("annex-board", "p3", "workshop", play_at("2026-12-01 09:05"));
	assert_string_equal(full_at(true, 0, "2026-12-01 10:00"),
		"{\"space\":false,\"zones\":[\"workshop\"],\"exempt\":[7],\"in\":[]}");
	assert_string_equal(full_at(true, 0, "2026-12-02 04:00"), ""); /* the day is over */
}

/* Nobody of the staff is kept out because doors were told of too few. */
static void too_many_of_the_staff_are_none(void **state)
{
	(void)state;
	enters("front-board", "p9999", "space", play_at("2026-12-01 09:00"));
	for (int i = 1; i <= (int)LQ_OFFICE_EXEMPT_MAX; i++) {
		play_person(i, "Bo Example", "staff", false, false);
	}
	assert_true(strlen(full_at(true, 1, "2026-12-01 10:00")) > LQ_OFFICE_EXEMPT_MAX);
	play_person(LQ_OFFICE_EXEMPT_MAX + 1, "Bo Example", "staff", false, false);
	assert_string_equal(full_at(true, 1, "2026-12-01 10:00"), "");
}

/* However many visits and events there are: only those of days that go on are looked at. */
static void no_table_is_walked_through(void **state)
{
	struct lq_rows *rows = NULL;
	int searches = 0;
	(void)state;
	assert_int_equal(lq_db_query(stub.db, &rows, "EXPLAIN QUERY PLAN " LQ_VISIT_ROWS_NOW, "ii",
				 INT64_C(0), INT64_C(0)),
		LQ_OK);
	while (lq_rows_next(rows) == 1) {
		const char *detail = lq_rows_text(rows, 3);
		if (strncmp(detail, "SCAN", 4) == 0) {
			fail_msg("%s", detail);
		}
		searches += strstr(detail, "visit_by_day") != NULL ? 1 : 0;
	}
	lq_rows_end(rows);
	assert_int_equal(searches, 1);
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, play_begin, play_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAYED(everybody_is_counted_by_what_they_are),
		PLAYED(a_boards_member_is_called_as_the_operator_says),
		PLAYED(the_number_is_certain_where_all_badge_out),
		PLAYED(the_hidden_are_named_to_nobody_but_those_who_see_history),
		PLAYED(an_arrival_names_the_hidden_in_no_way),
		PLAYED(the_board_names_who_wants_to_be_named),
		PLAYED(the_topic_has_counts_alone),
		cmocka_unit_test(staff_counts_where_the_space_says_so),
		PLAYED(every_zone_has_limits_of_its_own),
		PLAYED(every_crossing_of_a_limit_is_noted_once),
		PLAYED(doors_are_told_where_it_is_full),
		PLAYED(too_many_of_the_staff_are_none),
		PLAYED(no_table_is_walked_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

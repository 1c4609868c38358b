/* Who may still be inside, and how many came: lists and figures over what doors told. */
#include "firmware/core/err.h"
#include "host/cli/when.h"
#include "host/office/api_figures.h"
#include "host/office/api_muster.h"
#include "host/office/settings.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <string.h>

#define DAY "2026-12-01"

/* The persons on the list, in its order, those who were ticked with a plus. */
static const char *listed(void)
{
	static char out[256];
	size_t i;
	json_t *person;
	assert_int_equal(CALL(lq_api_muster, NULL, NULL), 200);
	out[0] = '\0';
	json_array_foreach(json_object_get(stub.answer.json, "people"), i, person)
	{
		bool ticked = json_is_true(json_object_get(person, "ticked"));
		(void)snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s%s",
			i > 0 ? " " : "", ticked ? "+" : "",
			json_string_value(json_object_get(person, "person")));
	}
	return out;
}

/* Three visits and two guests; one of all of them is hidden. */
static void a_house(void)
{
	play_person(1, "Ada <Example>", "member", false, false);
	play_person(2, "Bo Example", "member", true, false);
	play_person(3, "Cy Example", "staff", false, false);
	play_person(4, "Di Example", "guest", false, false);
	play_person(5, "Ed Example", "guest", false, false);
	assert_int_equal(lq_db_run(stub.db,
				 "INSERT INTO visitor (person, host, from_at, to_at, purpose) "
				 "VALUES (4, 1, 0, 1, 'tour')",
				 ""),
		1);
	play_enters("front-board", "p1", DAY " 09:00");
	play_enters("front-board", "p2", DAY " 09:10");
	play_enters("front-board", "p3", DAY " 10:05");
	play_enters("front-board", "p4", DAY " 10:10");
	play_enters("back-board", "p5", DAY " 10:20");
}

static void the_list_freezes_at_the_fire_input(void **state)
{
	(void)state;
	a_house();
	play_now(DAY " 11:00");
	assert_string_equal(listed(), "p1 p2 p3 p4 p5");
	assert_true(json_is_false(json_object_get(stub.answer.json, "frozen")));
	(void)play_event("front-board", "presence.frozen", play_at(DAY " 11:01"),
		"\"door\":\"front\",\"count\":5");
	play_leaves("front-board", "p1", DAY " 11:02");
	play_enters("front-board", "m9", DAY " 11:03");
	play_now(DAY " 11:05");
	assert_string_equal(listed(), "p1 p2 p3 p4 p5");
	assert_true(json_is_true(json_object_get(stub.answer.json, "frozen")));
	const json_t *guest = json_array_get(json_object_get(stub.answer.json, "people"), 3);
	assert_string_equal(json_string_value(json_object_get(guest, "guestsOf")), "p1");
	/* Another board tells late of somebody who had left before. */
	play_leaves("back-board", "p5", DAY " 10:59");
	assert_string_equal(listed(), "p1 p2 p3 p4");
	(void)play_event(
		"front-board", "presence.thawed", play_at(DAY " 11:30"), "\"door\":\"front\"");
	play_now(DAY " 11:31");
	assert_string_equal(listed(), "front-board/m9 p2 p3 p4");
	assert_true(json_is_false(json_object_get(stub.answer.json, "frozen")));
}

static void a_freeze_that_nothing_ended_is_forgotten(void **state)
{
	(void)state;
	(void)play_event("lost-board", "presence.frozen", play_at("2026-11-29 11:01"),
		"\"door\":\"front\",\"count\":0");
	a_house();
	play_now(DAY " 11:00");
	assert_string_equal(listed(), "p1 p2 p3 p4 p5");
	assert_true(json_is_false(json_object_get(stub.answer.json, "frozen")));
	(void)play_event("front-board", "presence.frozen", play_at(DAY " 11:01"),
		"\"door\":\"front\",\"count\":5");
	play_now(DAY " 11:02");
	assert_string_equal(listed(), "p1 p2 p3 p4 p5");
	assert_true(json_is_true(json_object_get(stub.answer.json, "frozen")));
}

static void the_list_freezes_by_hand(void **state)
{
	(void)state;
	a_house();
	play_now(DAY " 11:00");
	assert_int_equal(CALL(lq_api_muster_freeze, "{\"frozen\":true}", NULL), 204);
	assert_string_equal(stub.audit, "muster.freeze muster \n");
	play_leaves("front-board", "p1", DAY " 11:02");
	play_now(DAY " 11:03");
	assert_string_equal(listed(), "p1 p2 p3 p4 p5");
	assert_true(json_is_true(json_object_get(stub.answer.json, "byHand")));
	assert_int_equal(CALL(lq_api_muster_freeze, "{\"frozen\":false}", NULL), 204);
	play_now(DAY " 11:04");
	assert_string_equal(listed(), "p2 p3 p4 p5");
	/* A fire input's freeze is not ended by hand. */
	(void)play_event("front-board", "presence.frozen", play_at(DAY " 11:05"),
		"\"door\":\"front\",\"count\":4");
	play_now(DAY " 11:06");
	assert_int_equal(CALL(lq_api_muster_freeze, "{\"frozen\":false}", NULL), 204);
	(void)listed();
	assert_true(json_is_true(json_object_get(stub.answer.json, "frozen")));
	assert_true(json_is_false(json_object_get(stub.answer.json, "byHand")));
}

static void a_tick_counts_where_the_board_is_ahead(void **state)
{
	(void)state;
	a_house();
	(void)play_event("front-board", "presence.frozen", play_at(DAY " 11:05"),
		"\"door\":\"front\",\"count\":5");
	play_now(DAY " 11:01");
	assert_int_equal(
		CALL(lq_api_muster_tick, "{\"person\":\"p2\",\"ticked\":true}", NULL), 204);
	assert_string_equal(listed(), "p1 +p2 p3 p4 p5");
}

static void screens_name_the_hidden_in_an_evacuation_alone(void **state)
{
	(void)state;
	a_house();
	play_now(DAY " 11:00");
	stub.scopes = 1u << LQ_SCOPE_NOW;
	assert_int_equal(CALL(lq_api_muster, NULL, NULL), 200);
	assert_true(json_is_null(json_object_get(
		json_array_get(json_object_get(stub.answer.json, "people"), 1), "name")));
	stub.scopes = UINT32_MAX;
	stub.program = true;
	assert_int_equal(CALL(lq_api_muster, NULL, NULL), 200);
	const json_t *bo = json_array_get(json_object_get(stub.answer.json, "people"), 1);
	assert_true(json_is_null(json_object_get(bo, "name")));
	assert_true(json_is_null(json_object_get(bo, "person")));
	assert_int_equal(CALL(lq_api_muster_page, NULL, NULL), 200);
	assert_null(strstr(stub.answer.text, "Bo Example"));
	(void)play_event("front-board", "presence.frozen", play_at(DAY " 11:01"),
		"\"door\":\"front\",\"count\":5");
	play_now(DAY " 11:02");
	assert_string_equal(listed(), "p1 p2 p3 p4 p5");
}

static void whoever_is_seen_is_ticked_off(void **state)
{
	(void)state;
	a_house();
	(void)play_event("front-board", "presence.frozen", play_at(DAY " 11:01"),
		"\"door\":\"front\",\"count\":5");
	play_now(DAY " 11:05");
	assert_int_equal(
		CALL(lq_api_muster_tick, "{\"person\":\"p2\",\"ticked\":true}", NULL), 204);
	assert_string_equal(stub.audit, "muster.tick person/2 \n");
	assert_string_equal(listed(), "p1 +p2 p3 p4 p5");
	assert_int_equal(json_integer_value(json_object_get(stub.answer.json, "missing")), 4);
	assert_int_equal(
		CALL(lq_api_muster_tick, "{\"person\":\"p2\",\"ticked\":false}", NULL), 204);
	assert_string_equal(listed(), "p1 p2 p3 p4 p5");
}

static void the_page_can_be_printed(void **state)
{
	(void)state;
	a_house();
	play_now(DAY " 11:00");
	stub.language = LQ_LANGUAGE_FR;
	assert_int_equal(CALL(lq_api_muster_page, NULL, NULL), 200);
	assert_non_null(strstr(stub.answer.text, "<html lang=\"fr\">"));
	assert_non_null(strstr(stub.answer.text, "Ada &lt;Example&gt;"));
	assert_non_null(strstr(stub.answer.text, "Bo Example")); /* hidden, and looked for */
	assert_null(strstr(stub.answer.text, "http"));           /* it needs nothing else */
	assert_non_null(strstr(
		stub.answer.text, "Di Example</td><td>Ada &lt;Example&gt;</td><td>space</td>"));
	assert_non_null(strstr(stub.answer.text, "Ed Example</td><td></td>"));
}

static void the_printed_page_says_at_least_where_nobody_badges_out(void **state)
{
	(void)state;
	a_house();
	play_now(DAY " 11:00");
	assert_int_equal(CALL(lq_api_muster_page, NULL, NULL), 200);
	assert_non_null(strstr(stub.answer.text, "Exits are not badged: at least 5<"));
	assert_null(strstr(stub.answer.text, "As it stood at"));
	assert_int_equal(lq_setting_write(stub.db, LQ_SETTING_EXITS_BADGED, "1"), LQ_OK);
	assert_int_equal(lq_setting_write(stub.db, LQ_SETTING_SECOND_TAP_ENDS, "1"), LQ_OK);
	assert_int_equal(CALL(lq_api_muster_freeze, "{\"frozen\":true}", NULL), 204);
	assert_int_equal(CALL(lq_api_muster_page, NULL, NULL), 200);
	assert_null(strstr(stub.answer.text, "at least"));
	assert_non_null(strstr(stub.answer.text, "As it stood at 2026-12-01 11:00"));
}

/* Milliseconds between the first and the last sign of somebody on the list. */
static int64_t signs_apart(size_t index)
{
	int64_t since_ms = 0;
	int64_t seen_ms = 0;
	assert_int_equal(CALL(lq_api_muster, NULL, NULL), 200);
	const json_t *person = json_array_get(json_object_get(stub.answer.json, "people"), index);
	const char *since = json_string_value(json_object_get(person, "since"));
	const char *seen = json_string_value(json_object_get(person, "seen"));
	assert_int_equal(lq_when_parse_rfc3339(since, &since_ms), LQ_OK);
	assert_int_equal(lq_when_parse_rfc3339(seen, &seen_ms), LQ_OK);
	return seen_ms - since_ms;
}

static void the_last_sign_of_each_is_told(void **state)
{
	(void)state;
	a_house();
	play_enters("front-board", "p2", DAY " 10:30");
	play_now(DAY " 11:00");
	assert_int_equal(signs_apart(1), 80 * 60000);
	assert_int_equal(signs_apart(2), 0);
	(void)play_event("front-board", "presence.frozen", play_at(DAY " 11:01"),
		"\"door\":\"front\",\"count\":5");
	play_enters("front-board", "p3", DAY " 11:02");
	play_now(DAY " 11:05");
	assert_int_equal(signs_apart(2), 0);
	assert_int_equal(CALL(lq_api_muster_page, NULL, NULL), 200);
	assert_non_null(
		strstr(stub.answer.text, "<td>2026-12-01 09:10</td><td>2026-12-01 10:30</td>"));
}

static const char *host_name_of(size_t index)
{
	assert_int_equal(CALL(lq_api_muster, NULL, NULL), 200);
	return json_string_value(json_object_get(
		json_array_get(json_object_get(stub.answer.json, "people"), index), "hostName"));
}

static void a_host_is_named_unless_hidden_from_who_asks(void **state)
{
	(void)state;
	a_house();
	play_now(DAY " 11:00");
	stub.scopes = 1u << LQ_SCOPE_NOW;
	assert_string_equal(host_name_of(3), "Ada <Example>");
	assert_int_equal(
		lq_db_run(stub.db, "UPDATE person SET hidden = 1 WHERE number = 1", ""), 1);
	assert_null(host_name_of(3));
	/* Nor by the number, which the list of members knows by name. */
	assert_true(json_is_null(json_object_get(
		json_array_get(json_object_get(stub.answer.json, "people"), 3), "guestsOf")));
	assert_int_equal(CALL(lq_api_muster_page, NULL, NULL), 200);
	assert_null(strstr(stub.answer.text, "Ada"));
	assert_non_null(strstr(stub.answer.text, "Di Example</td><td>–</td>"));
	stub.scopes = UINT32_MAX;
	assert_string_equal(host_name_of(3), "Ada <Example>");
}

static void drills_are_kept_in_a_register(void **state)
{
	static const char *const wrong[] = {"{}", "{\"began\":\"2026-12-01T09:00:00Z\"}",
		"{\"began\":\"2026-12-01T09:00:00Z\",\"ended\":\"2026-12-01T09:00:00Z\"}",
		"{\"began\":\"2026-12-01T09:00:00Z\",\"ended\":\"2026-12-01T10:00:01Z\"}",
		"{\"began\":null,\"ended\":\"2026-12-01T09:30:00Z\"}"};
	(void)state;
	play_now(DAY " 11:00");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(CALL(lq_api_muster_drill, wrong[i], NULL), 400);
	}
	assert_int_equal(CALL(lq_api_muster_drill,
				 "{\"began\":\"2026-12-01T09:00:00Z\",\"ended\":"
				 "\"2026-12-01T09:06:00Z\",\"remarks\":\"a door was wedged\"}",
				 NULL),
		201);
	assert_string_equal(stub.audit, "drill.add muster a door was wedged\n");
	assert_int_equal(CALL(lq_api_drills, NULL, NULL), 200);
	const json_t *drill = json_array_get(json_object_get(stub.answer.json, "items"), 0);
	assert_string_equal(
		json_string_value(json_object_get(drill, "ended")), "2026-12-01T09:06:00.000Z");
	assert_int_equal(
		CALL(lq_api_muster_tick, "{\"person\":\"Ada\",\"ticked\":true}", NULL), 400);
	assert_string_equal(stub.pointer, "/person");
}

/* ---- figures ---- */

static int figures(const char *from, const char *to, const char *by)
{
	stub.query[0] = "from";
	stub.query[1] = from;
	stub.query[2] = "to";
	stub.query[3] = to;
	stub.query[4] = "by";
	stub.query[5] = by;
	return CALL(lq_api_figures, NULL, NULL);
}

/* "hour most visits members guests staff" of each item, UTC */
static const char *rows(void)
{
	static const char *const keys[] = {"occupancyMax", "visits", "members", "guests", "staff"};
	static char out[1024];
	size_t i;
	json_t *item;
	out[0] = '\0';
	json_array_foreach(json_object_get(stub.answer.json, "items"), i, item)
	{
		const char *at = json_string_value(json_object_get(item, "at"));
		(void)snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%.13s",
			i > 0 ? "; " : "", at);
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			(void)snprintf(out + strlen(out), sizeof(out) - strlen(out), " %lld",
				json_integer_value(json_object_get(item, keys[k])));
		}
	}
	return out;
}

static void figures_count_and_name_nobody(void **state)
{
	(void)state;
	a_house();
	play_leaves("front-board", "p1", DAY " 10:02");
	play_now(DAY " 11:30");
	assert_int_equal(figures(DAY, DAY, "hour"), 200);
	assert_string_equal(rows(),
		"2026-12-01T08 2 2 2 0 0; 2026-12-01T09 4 3 0 2 1; 2026-12-01T10 4 0 0 0 0");
	assert_int_equal(figures(DAY, DAY, "day"), 200);
	assert_string_equal(rows(), "2026-12-01T03 4 5 2 2 1");
	/* What is told late changes them; what is gone does not. */
	play_leaves("front-board", "p2", DAY " 10:04");
	assert_int_equal(figures(DAY, DAY, "day"), 200);
	assert_string_equal(rows(), "2026-12-01T03 3 5 2 2 1");
	assert_true(lq_db_run(stub.db, "DELETE FROM visit", "") > 0);
	assert_int_equal(figures(DAY, DAY, "day"), 200);
	assert_string_equal(rows(), "2026-12-01T03 3 5 2 2 1");
}

static void wrong_spans_are_refused(void **state)
{
	static const char *const wrong[][4] = {{"", DAY, "day", "from"}, {DAY, "x", "day", "to"},
		{DAY, "2026-11-30", "day", "to"}, {"2020-01-01", DAY, "day", "to"},
		{DAY, DAY, "year", "by"}};
	(void)state;
	play_now(DAY " 11:30");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(figures(wrong[i][0], wrong[i][1], wrong[i][2]), 400);
		assert_string_equal(stub.pointer, wrong[i][3]);
	}
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, play_begin, play_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAYED(the_list_freezes_at_the_fire_input),
		PLAYED(a_freeze_that_nothing_ended_is_forgotten),
		PLAYED(the_list_freezes_by_hand),
		PLAYED(a_tick_counts_where_the_board_is_ahead),
		PLAYED(screens_name_the_hidden_in_an_evacuation_alone),
		PLAYED(whoever_is_seen_is_ticked_off),
		PLAYED(the_page_can_be_printed),
		PLAYED(the_printed_page_says_at_least_where_nobody_badges_out),
		PLAYED(the_last_sign_of_each_is_told),
		PLAYED(a_host_is_named_unless_hidden_from_who_asks),
		PLAYED(drills_are_kept_in_a_register),
		PLAYED(figures_count_and_name_nobody),
		PLAYED(wrong_spans_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

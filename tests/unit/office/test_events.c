/* Events over the interface: what is taken, what is refused and how that is said. */
#include "firmware/core/err.h"
#include "host/office/api_events.h"
#include "host/office/api_metrics.h"
#include "host/office/settings.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LUNCH                                                                                      \
	"{\"title\":\"Lunch <b>; all\",\"from\":\"2026-03-05T12:00\",\"to\":\"2026-03-05T14:00\"," \
	"\"rrule\":\"FREQ=WEEKLY;BYDAY=TH\",\"who\":\"members\",\"doors\":[\"front\"],"            \
	"\"except\":[\"2026-03-12\"]}"
#define TRAINING                                                                                   \
	"{\"title\":\"First <i>aid</i>\",\"kind\":\"training\",\"from\":\"2026-03-26T09:00\","     \
	"\"to\":\"2026-03-26T17:00\",\"who\":\"registered\",\"people\":[\"p1\",\"p2\"],"           \
	"\"doors\":[\"front\"],\"place\":\"Room 1\",\"trainer\":\"Grace Example\"}"

static int begin(void **state)
{
	int r = play_begin(state);
	(void)snprintf(stub.config.time_zone, sizeof(stub.config.time_zone), "Europe/Paris");
	play_now("2026-03-20 10:00");
	play_person(1, "Ada Example", "member", false, false);
	play_person(2, "Bo Example", "guest", false, false);
	return r;
}

static const char *text_of(const char *key)
{
	const char *text = json_string_value(json_object_get(stub.answer.json, key));
	return text != NULL ? text : "";
}

static int64_t due_rules(void)
{
	int64_t due = 0;
	assert_int_equal(lq_db_integer(stub.db, &due, 0,
				 "SELECT count(*) FROM roster_due WHERE part = 0", ""),
		LQ_OK);
	return due;
}

static void an_event_is_kept_changed_and_removed(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_events_add, LUNCH, NULL), 201);
	assert_string_equal(stub.answer.location, "/api/v1/events/e1");
	assert_string_equal(text_of("who"), "members");
	assert_string_equal(text_of("kind"), "event");
	const json_t *next = json_object_get(stub.answer.json, "next");
	assert_int_equal(json_array_size(next), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(next, 0), "from")),
		"2026-03-26T11:00:00.000Z");
	assert_string_equal(json_string_value(json_object_get(json_array_get(next, 1), "from")),
		"2026-04-02T10:00:00.000Z");
	assert_int_equal(due_rules(), 1);
	assert_string_equal(stub.audit, "event.add event/1 \n");
	assert_int_equal(CALL(lq_api_events_change, "{\"title\":\"Soup\"}", "e1"), 200);
	assert_string_equal(text_of("title"), "Soup");
	assert_string_equal(text_of("rrule"), "FREQ=WEEKLY;BYDAY=TH");
	assert_int_equal(json_array_size(json_object_get(stub.answer.json, "except")), 1);
	assert_int_equal(CALL(lq_api_events_list, NULL, NULL), 200);
	assert_int_equal(json_array_size(json_object_get(stub.answer.json, "items")), 1);
	assert_int_equal(CALL(lq_api_events_remove, NULL, "e1"), 204);
	assert_int_equal(CALL(lq_api_events_get, NULL, "e1"), 404);
}

static const struct {
	const char *change;
	const char *word;
	const char *pointer;
	const char *en;
	const char *fr;
} wrong[] = {
	{"{\"title\":\"\"}", "invalid", "/title", "title: expected", "title : attendu"},
	{"{\"from\":\"2026-02-30T12:00\"}", "invalid", "/from", "from: expected the space",
		"from : attendu l’heure"},
	{"{\"to\":\"tomorrow\"}", "invalid", "/to", "to: expected the space",
		"to : attendu l’heure"},
	{"{\"to\":\"2026-03-05T12:00\"}", "invalid", "/to", "to: expected later",
		"to : attendu après"},
	{"{\"to\":\"2026-04-06T12:00\"}", "invalid", "/to", "to: expected later",
		"to : attendu après"},
	{"{\"rrule\":\"FREQ=HOURLY\"}", "invalid", "/rrule", "rrule: expected", "rrule : attendu"},
	{"{\"rrule\":\"FREQ=WEEKLY;BYDAY=MO\"}", "invalid", "/rrule", "rrule: expected",
		"rrule : attendu"},
	{"{\"kind\":\"party\"}", "invalid", "/kind", "kind: expected one of",
		"kind : attendu un de"},
	{"{\"kind\":\"public_window\"}", "invalid", "/who", "who: a public window",
		"who : une plage publique"},
	{"{\"who\":5}", "invalid", "/who", "who: expected one of", "who : attendu un de"},
	{"{\"doors\":[\"Front Door\"]}", "invalid", "/doors", "doors: expected", "doors : attendu"},
	{"{\"doors\":\"front\"}", "invalid", "/doors", "doors: expected", "doors : attendu"},
	{"{\"people\":[\"p9\"]}", "invalid", "/people", "people: expected", "people : attendu"},
	{"{\"people\":[12]}", "invalid", "/people", "people: expected", "people : attendu"},
	{"{\"except\":[\"2026-02-30\"]}", "invalid", "/except", "except: expected",
		"except : attendu"},
	{"{\"colour\":\"red\"}", "unknown_member", "/colour", "there is no such member",
		"ce membre n’existe pas"},
	{"[]", "invalid", "", "expected a JSON object", "attendu un objet JSON"},
};

static void expect_refusal(size_t i, enum lq_language language, const char *said)
{
	stub.language = language;
	assert_int_equal(CALL(lq_api_events_change, wrong[i].change, "e1"), 400);
	assert_string_equal(stub.problem, wrong[i].word);
	assert_string_equal(stub.pointer, wrong[i].pointer);
	if (strncmp(stub.text, said, strlen(said)) != 0) {
		fail_msg("%s: %s", wrong[i].change, stub.text);
	}
	stub.language = LQ_LANGUAGE_EN;
}

static void wrong_input_is_refused_in_both_languages(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_events_add, LUNCH, NULL), 201);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		expect_refusal(i, LQ_LANGUAGE_FR, wrong[i].fr);
		expect_refusal(i, LQ_LANGUAGE_EN, wrong[i].en);
	}
	assert_int_equal(CALL(lq_api_events_add, "{\"title\":\"x\"}", NULL), 400);
	assert_string_equal(stub.problem, "needed");
	assert_int_equal(CALL(lq_api_events_get, NULL, "e1x"), 404);
	assert_int_equal(CALL(lq_api_events_get, NULL, "e1"), 200);
	assert_string_equal(text_of("title"), "Lunch <b>; all");
}

static bool feed_has(const char *text)
{
	return strstr(stub.answer.text, text) != NULL;
}

static void a_calendar_reads_it(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_events_add, LUNCH, NULL), 201);
	char uid[96];
	(void)snprintf(uid, sizeof(uid), "UID:%s", text_of("uid"));
	assert_int_equal(CALL(lq_api_events_ics, NULL, "e1"), 200);
	assert_true(feed_has(uid));
	assert_true(feed_has("BEGIN:VTIMEZONE"));
	assert_true(feed_has("TZID:Europe/Paris"));
	assert_true(feed_has("DTSTART;TZID=Europe/Paris:20260305T120000"));
	assert_true(feed_has("DTEND;TZID=Europe/Paris:20260305T140000"));
	assert_true(feed_has("RRULE:FREQ=WEEKLY;BYDAY=TH"));
	assert_true(feed_has("EXDATE;TZID=Europe/Paris:20260312T120000"));
	assert_true(feed_has("SUMMARY:Lunch <b>\\; all"));
	/* Nobody without the address reads what is not public. */
	assert_int_equal(CALL(lq_api_calendar, NULL, NULL), 200);
	assert_false(feed_has("VEVENT"));
	stub.query[0] = "token";
	stub.query[1] = "wrong";
	assert_int_equal(CALL(lq_api_calendar, NULL, NULL), 404);
	assert_int_equal(CALL(lq_api_feeds_add, "{\"name\":\"Ada's phone\"}", NULL), 201);
	char token[64];
	(void)snprintf(token, sizeof(token), "%s", strstr(text_of("address"), "token=") + 6);
	stub.query[1] = token;
	assert_int_equal(CALL(lq_api_calendar, NULL, NULL), 200);
	assert_true(feed_has(uid));
	assert_int_equal(CALL(lq_api_feeds_list, NULL, NULL), 200);
	assert_int_equal(json_array_size(json_object_get(stub.answer.json, "items")), 1);
	assert_int_equal(CALL(lq_api_feeds_remove, NULL, "f1"), 204);
	assert_int_equal(CALL(lq_api_feeds_remove, NULL, "f1"), 404);
	assert_int_equal(CALL(lq_api_calendar, NULL, NULL), 404);
	stub.query[0] = NULL;
	assert_int_equal(CALL(lq_api_events_change, "{\"public\":true}", "e1"), 200);
	assert_int_equal(CALL(lq_api_calendar, NULL, NULL), 200);
	assert_true(feed_has(uid));
	assert_true(feed_has("SEQUENCE:1"));
}

static json_int_t count_of(const char *key)
{
	return json_integer_value(json_object_get(stub.answer.json, key));
}

static void who_came_is_counted(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_events_add, TRAINING, NULL), 201);
	play_enters("front-board", "p1", "2026-03-26 08:50");
	play_enters("front-board", "p1", "2026-03-26 09:10");
	play_enters("front-board", "p1", "2026-03-26 14:00");
	play_enters("front-board", "m7", "2026-03-26 10:00");
	play_enters("front-board", "p2", "2026-03-26 17:00");
	/* Let in, and did not open the door. */
	static const char turned[] = "\"door\":\"front\",\"accessPoint\":\"front/entry\","
				     "\"transaction\":\"7-7\",\"holder\":\"p2\"";
	(void)play_event("front-board", "access.granted", play_at("2026-03-26 09:05"), turned);
	(void)play_event("front-board", "access.not_taken", play_at("2026-03-26 09:06"), turned);
	assert_int_equal(CALL(lq_api_events_attendance, NULL, "e1"), 200);
	assert_int_equal(count_of("registered"), 2);
	assert_int_equal(count_of("registeredCame"), 1);
	assert_int_equal(count_of("badged"), 2);
	stub.query[0] = "date";
	stub.query[1] = "2026-03-27";
	assert_int_equal(CALL(lq_api_events_attendance, NULL, "e1"), 404);
	stub.query[1] = "27/03/2026";
	assert_int_equal(CALL(lq_api_events_attendance, NULL, "e1"), 400);
	stub.query[0] = NULL;
}

static size_t times(const char *text)
{
	size_t count = 0;
	for (const char *at = strstr(stub.answer.text, text); at != NULL;
		at = strstr(at + 1, text)) {
		count++;
	}
	return count;
}

static void a_sheet_is_signed_by_half_days(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_events_add, TRAINING, NULL), 201);
	play_enters("front-board", "p1", "2026-03-26 09:10");
	assert_int_equal(CALL(lq_api_events_sheet, NULL, "e1"), 200);
	assert_int_equal(times("<section>"), 2);
	assert_int_equal(times("Ada Example"), 2);
	assert_int_equal(times("Grace Example"), 2);
	assert_int_equal(times("class=\"sign\""), 6);
	assert_int_equal(times("First &lt;i&gt;aid&lt;/i&gt;"), 1);
	assert_int_equal(times("09:10"), 0);
	stub.language = LQ_LANGUAGE_FR;
	stub.query[0] = "annex";
	stub.query[1] = "true";
	assert_int_equal(CALL(lq_api_events_sheet, NULL, "e1"), 200);
	assert_int_equal(times("Feuille d’émargement"), 2);
	assert_int_equal(times("Ada Example"), 3);
	assert_int_equal(times("Élément complémentaire"), 1);
	assert_int_equal(times("09:10"), 2);
	assert_string_equal(stub.audit, "event.annex event/1 \n");
	stub.scopes &= ~(1u << LQ_SCOPE_HISTORY);
	assert_int_equal(CALL(lq_api_events_sheet, NULL, "e1"), 403);
	stub.query[0] = NULL;
}

static void an_event_can_be_changed_when_who_was_registered_is_erased(void **state)
{
	(void)state;
	assert_int_equal(CALL(lq_api_events_add, TRAINING, NULL), 201);
	assert_int_equal(
		lq_db_run(stub.db, "UPDATE person SET erased = 1 WHERE number = 2", ""), 1);
	assert_int_equal(
		CALL(lq_api_events_change, "{\"people\":[\"p1\",\"p2\"],\"place\":\"x\"}", "e1"),
		200);
	assert_int_equal(CALL(lq_api_events_change, "{\"people\":[\"p1\",\"p99\"]}", "e1"), 400);
	assert_int_equal(CALL(lq_api_events_change, "{\"people\":[\"p1\"]}", "e1"), 200);
	assert_int_equal(CALL(lq_api_events_change, "{\"people\":[\"p2\"]}", "e1"), 400);
}

/* Whose it is, for how long, and parted where the space parts its days; in the language of the page
 * that asks for it, whatever the browser prefers. */
static void a_sheet_says_whose_it_is_and_for_how_long(void **state)
{
	(void)state;
	assert_int_equal(lq_setting_write(stub.db, LQ_SETTING_TITLE, "Atelier & Co"), LQ_OK);
	assert_int_equal(lq_setting_write(stub.db, LQ_SETTING_HALF_DAY_AT, "750"), LQ_OK);
	assert_int_equal(CALL(lq_api_events_add, TRAINING, NULL), 201);
	assert_int_equal(CALL(lq_api_events_sheet, NULL, "e1"), 200);
	assert_int_equal(times("Atelier &amp; Co"), 1);
	assert_int_equal(times("</strong>, 8 h 00"), 1);
	assert_int_equal(times("2026-03-26, morning (09:00–12:30)"), 1);
	assert_int_equal(times("2026-03-26, afternoon (12:30–17:00)"), 1);
	stub.query[0] = "lang";
	stub.query[1] = "fr";
	assert_int_equal(CALL(lq_api_events_sheet, NULL, "e1"), 200);
	assert_int_equal(times("<html lang=\"fr\">"), 1);
	assert_int_equal(times("26/03/2026, matin (09:00–12:30)"), 1);
	stub.query[1] = "de";
	assert_int_equal(CALL(lq_api_events_sheet, NULL, "e1"), 400);
	stub.query[0] = NULL;
}

/* Each line is a comment or a sample of a metric whose type was told before. */
static void check_format(char *text)
{
	char typed[64] = "";
	size_t samples = 0;
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest)) {
		char name[64];
		char kind[16];
		char value[32];
		int used = 0;
		if (sscanf(line, "# TYPE %63[a-z_] %15s", name, kind) == 2) {
			(void)snprintf(typed, sizeof(typed), "%s", name);
			/* A counter is called one: others look for "_total". */
			size_t length = strlen(name);
			bool total = length > 6 && strcmp(name + length - 6, "_total") == 0;
			assert_string_equal(kind, total ? "counter" : "gauge");
			continue;
		}
		if (strncmp(line, "# HELP ", 7) == 0) {
			continue;
		}
		if (sscanf(line, "%63[a-z_]{%*[^}]} %31[0-9]%n", name, value, &used) != 2 ||
			line[used] != '\0') {
			fail_msg("%s", line);
		}
		assert_string_equal(name, typed);
		samples++;
	}
	assert_in_range(samples, 7, 64);
}

static void a_monitor_reads_counts(void **state)
{
	(void)state;
	play_enters("front-board", "p1", "2026-03-20 09:10");
	(void)play_row(
		"back-board", 5, "door.closed", play_at("2026-03-20 09:00"), "\"door\":\"back\"");
	(void)play_row(
		"back-board", 9, "door.closed", play_at("2026-03-20 09:01"), "\"door\":\"back\"");
	assert_int_equal(CALL(lq_api_metrics, NULL, NULL), 200);
	assert_int_equal(times("loquet_controller_last_event{controller=\"back-board\"} 9\n"), 1);
	assert_int_equal(
		times("loquet_controller_missing_events{controller=\"back-board\"} 3\n"), 1);
	assert_int_equal(
		times("loquet_controller_missing_events{controller=\"front-board\"} 0\n"), 1);
	assert_int_equal(
		times("loquet_controller_chain_broken{controller=\"front-board\"} 0\n"), 1);
	assert_int_equal(times("loquet_occupancy{zone=\"space\",kind=\"members\"} 1\n"), 1);
	assert_int_equal(times("Ada"), 0);
	check_format(stub.answer.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_event_is_kept_changed_and_removed, begin, play_end),
		cmocka_unit_test_setup_teardown(
			wrong_input_is_refused_in_both_languages, begin, play_end),
		cmocka_unit_test_setup_teardown(a_calendar_reads_it, begin, play_end),
		cmocka_unit_test_setup_teardown(who_came_is_counted, begin, play_end),
		cmocka_unit_test_setup_teardown(a_monitor_reads_counts, begin, play_end),
		cmocka_unit_test_setup_teardown(a_sheet_is_signed_by_half_days, begin, play_end),
		cmocka_unit_test_setup_teardown(
			an_event_can_be_changed_when_who_was_registered_is_erased, begin, play_end),
		cmocka_unit_test_setup_teardown(
			a_sheet_says_whose_it_is_and_for_how_long, begin, play_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

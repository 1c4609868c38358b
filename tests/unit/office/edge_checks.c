#include "tests/unit/office/edge_checks.h"

#include "firmware/core/decide.h"
#include "firmware/core/err.h"
#include "firmware/core/office_roster.h"
#include "firmware/core/presence.h"
#include "host/office/api_alerts.h"
#include "host/office/api_now.h"
#include "host/office/api_visits.h"
#include "host/office/law.h"
#include "host/office/occupancy.h"
#include "host/office/people.h"
#include "host/office/roster_read.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <string.h>

#define DAY "2026-12-01"

static int64_t number(const char *sql)
{
	int64_t value = -1;
	assert_int_equal(lq_db_integer(stub.db, &value, -1, sql, ""), LQ_OK);
	return value;
}

/* ---- E18 ---- */

static int64_t add_badge(uint8_t first, enum lq_credential_state state)
{
	const struct lq_office_badge badge = {
		.person = 1, .key = {first}, .state = (int)state, .uses = LQ_OFFICE_USES_ANY};
	int64_t id = 0;
	assert_int_equal(lq_office_badge_add(stub.db, &badge, stub.now_ms, &id), LQ_OK);
	return id;
}

/* What a door decides by the roster that the office gives it. */
static enum lq_reason at_a_door(int64_t badge)
{
	const struct lq_profile profile = {.policy_count = 1,
		.policies = {
			{.access_point = LQ_ANY_ACCESS_POINT, .schedule = LQ_SCHEDULE_ALWAYS}}};
	const struct lq_rules rules = {
		.profiles = &profile, .profile_count = 1, .uid_badges = true};
	const struct lq_sighting sighting = {.cards = 1, .uid_len = 4, .uid = {4, 1, 1, 1}};
	struct lq_part part = {0};
	struct lq_office_line line;
	enum lq_reason reason = LQ_REASON_NOT_DECIDED;
	assert_int_equal(lq_roster_read(stub.db, NULL, lq_roster_part_of(1), &part), LQ_OK);
	struct lq_office_text text =
		lq_office_text_begin(lq_office_part_of(1), part.text, part.length);
	while (lq_office_text_next(&text, &line) == 1) {
		if (line.kind == LQ_OFFICE_BADGE && line.badge.id == badge) {
			line.badge.profile = 0;
			reason = lq_decide(&sighting, lq_access_point(0, LQ_DIRECTION_ENTRY),
				&line.badge, &rules, (struct lq_wall){.unix_ms = stub.now_ms})
					 .reason;
		}
	}
	lq_part_free(&part);
	return reason;
}

static json_t *first_alert(void)
{
	assert_int_equal(CALL(lq_api_alerts, NULL, NULL), 200);
	return json_array_get(json_object_get(stub.answer.json, "items"), 0);
}

static void deny_hidden(void)
{
	(void)play_event("front-board", "access.denied", stub.now_ms,
		"\"door\":\"front\",\"accessPoint\":\"front/entry\",\"transaction\":\"9-7\","
		"\"reason\":\"CredentialNotEnabled\",\"credentialState\":\"stolen\",\"holder\":"
		"\"p5\"");
}

void check_a_replacement_for_a_lost_badge(void)
{
	int64_t lost = add_badge(1, LQ_CREDENTIAL_LOST);
	int64_t fresh = add_badge(2, LQ_CREDENTIAL_ENABLED);
	assert_int_equal(at_a_door(lost), LQ_REASON_CREDENTIAL_NOT_ENABLED);
	assert_int_equal(at_a_door(fresh), LQ_REASON_GRANTED);
	deny_hidden();
	const json_t *alert = first_alert();
	assert_string_equal(json_string_value(json_object_get(alert, "kind")), "badge_stolen");
	assert_string_equal(json_string_value(json_object_get(alert, "name")), "Five Example");
	stub.scopes = 1u << LQ_SCOPE_NOW; /* a screen that others see */
	alert = first_alert();
	assert_true(json_is_null(json_object_get(alert, "name")));
	assert_true(json_is_null(json_object_get(alert, "person")));
	char seq[24];
	(void)snprintf(seq, sizeof(seq), "%lld", json_integer_value(json_object_get(alert, "seq")));
	assert_int_equal(CALL(lq_api_alert_seen, NULL, "front-board", seq), 204);
	assert_non_null(strstr(stub.audit, "alert.seen alert/front-board/"));
	assert_string_equal(stub.topics, "alarms\n");
	assert_int_equal(CALL(lq_api_alert_seen, NULL, "front-board", seq), 404);
	assert_string_equal(
		json_string_value(json_object_get(first_alert(), "kind")), "badge_lost");
	stub.now_ms += INT64_C(25) * 3600 * 1000;
	assert_null(first_alert());
}

/* ---- E21 ---- */

void check_what_a_door_says_of_a_lent_badge(void)
{
	static struct lq_presence presence;
	const struct lq_day day = {.cut_hour = 4, .trust = LQ_TRUST_UNSET};
	const struct lq_wall now = {.unix_ms = stub.now_ms};
	const struct lq_passback_settings soft = {.rule = LQ_PASSBACK_SOFT};
	const struct lq_passback_settings hard = {.rule = LQ_PASSBACK_HARD};
	presence.count = 0;
	assert_int_equal(lq_passback_judge(lq_presence_find(&presence, 0, 1), &hard, &day, now),
		LQ_PASSBACK_CLEAR);
	assert_true(lq_presence_enter(&presence, 0, 1, now.unix_ms));
	const struct lq_present *present = lq_presence_find(&presence, 0, 1);
	assert_int_equal(lq_passback_judge(present, &soft, &day, now), LQ_PASSBACK_FLAG);
	assert_int_equal(lq_passback_judge(present, &hard, &day, now), LQ_PASSBACK_DENY);
	lq_presence_forgive_all(&presence); /* a fire */
	assert_int_equal(lq_passback_judge(present, &hard, &day, now), LQ_PASSBACK_CLEAR);
	lq_presence_leave(&presence, 0, 1); /* which nothing can refuse */
	assert_null(lq_presence_find(&presence, 0, 1));
}

/* ---- E22: the member came and went, the guest is in ---- */

static const json_t *find_present(const char *person)
{
	size_t i = 0;
	json_t *one = NULL;
	assert_int_equal(CALL(lq_api_now, NULL, NULL), 200);
	const json_t *zone = json_array_get(json_object_get(stub.answer.json, "zones"), 0);
	json_array_foreach(json_object_get(zone, "present"), i, one)
	{
		const char *found = json_string_value(json_object_get(one, "person"));
		if (found != NULL && strcmp(found, person) == 0) {
			return one;
		}
	}
	fail_msg("%s is not in", person);
	return NULL;
}

static void expect_host(bool left)
{
	const json_t *guest = find_present("p4");
	assert_string_equal(json_string_value(json_object_get(guest, "host")), "p1");
	assert_string_equal(json_string_value(json_object_get(guest, "hostName")), "One Example");
	assert_int_equal(json_is_true(json_object_get(guest, "hostLeft")), left);
}

static void expect_bills(void)
{
	const struct lq_visit_settings settings = lq_visit_settings_usual();
	assert_int_equal(lq_law_bill(stub.db, &settings, play_at("2026-12-03 05:00")), LQ_OK);
	assert_int_equal(number("SELECT count(*) FROM billing"), 2);
	assert_int_equal(number("SELECT payer FROM billing WHERE holder = 4"), 1);
	assert_int_equal(number("SELECT coalesce(payer, 0) FROM billing WHERE holder = 1"), 0);
	assert_int_equal(number("SELECT sum(half_days) FROM billing WHERE "
				"coalesce(payer, holder) = 1"),
		2);
}

void check_a_host_who_leaves_before_the_guest(void)
{
	assert_int_equal(lq_db_run(stub.db,
				 "INSERT INTO visitor (person, host, from_at, to_at, purpose) "
				 "VALUES (4, 1, ?1, ?2, 'a meeting')",
				 "ii", play_at(DAY " 08:00"), play_at(DAY " 18:00")),
		1);
	play_now(DAY " 10:30");
	expect_host(true);
	play_enters("back-board", "p1", DAY " 11:00");
	play_now(DAY " 11:30");
	expect_host(false);
	play_leaves("front-board", "p1", DAY " 12:00");
	play_now(DAY " 12:30");
	expect_host(true);
	stub.query[0] = "from";
	stub.query[1] = stub.query[3] = DAY;
	stub.query[2] = "to";
	stub.query[4] = "purpose";
	stub.query[5] = "bills";
	assert_int_equal(CALL(lq_api_visits_csv, NULL, NULL), 200);
	assert_non_null(strstr(stub.answer.text, ",yes,,p1\r\n"));
	expect_bills();
}

/* ---- E26 ---- */

static json_t *occupancy(const char *local, const struct lq_space_rules *rules)
{
	json_t *message = NULL;
	assert_int_equal(lq_occupancy_message(stub.db, rules, play_at(local), &message), LQ_OK);
	return message;
}

static void expect_state(const char *local, const struct lq_space_rules *rules, const char *state)
{
	json_t *message = occupancy(local, rules);
	assert_string_equal(json_string_value(json_object_get(message, "state")), state);
	json_decref(message);
}

/* One place is left, and two come through two doors in the same millisecond: nobody is refused, the
 * count is right and says so, whichever board is heard first. */
static void race(const char *date, bool front_first, const struct lq_space_rules *rules)
{
	char local[2][24];
	(void)snprintf(local[0], sizeof(local[0]), "%s 09:00", date);
	(void)snprintf(local[1], sizeof(local[1]), "%s 09:30", date);
	play_enters("front-board", "p1", local[0]);
	play_enters("front-board", "p3", local[0]); /* works there */
	expect_state(local[0], rules, "ok");
	play_enters(
		front_first ? "front-board" : "back-board", front_first ? "p2" : "p5", local[1]);
	expect_state(local[1], rules, "legal");
	play_enters(
		front_first ? "back-board" : "front-board", front_first ? "p5" : "p2", local[1]);
	json_t *message = occupancy(local[1], rules);
	const json_t *zone = json_array_get(json_object_get(message, "zones"), 0);
	assert_int_equal(json_integer_value(json_object_get(zone, "members")), 3);
	assert_int_equal(json_integer_value(json_object_get(zone, "staff")), 1);
	assert_string_equal(json_string_value(json_object_get(message, "state")), "legal");
	json_decref(message);
}

/* At the limit one goes and another comes, through two doors at the same moment. */
static void swap(const struct lq_space_rules *rules)
{
	play_enters("front-board", "p1", DAY " 09:00");
	play_enters("back-board", "p2", DAY " 09:00");
	play_enters("back-board", "p3", DAY " 09:01"); /* works there */
	expect_state(DAY " 09:02", rules, "legal");
	play_leaves("front-board", "p1", DAY " 10:00");
	expect_state(DAY " 10:01", rules, "ok");
	play_enters("back-board", "p4", DAY " 10:00");
	expect_state(DAY " 10:01", rules, "legal");
}

void check_a_swap_and_a_race_at_the_limit(void)
{
	const struct lq_space_rules rules = {.capacity = {.legal = 2}};
	swap(&rules);
	race("2026-12-02", true, &rules);
	race("2026-12-03", false, &rules);
}

/* A door.db whose contents nobody of ours wrote: it opens, and grants nothing that it should not.
 */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/store/bench.h"

#include <stdio.h>
#include <string.h>

static const uint8_t uid[7] = {4, 1, 2, 3, 4, 5, 6};

/* What the door decides on the badge, as the file has it now. */
static enum lq_reason decide(struct bench *bench)
{
	struct lq_roster *roster = NULL;
	struct lq_rule_tables *tables = NULL;
	uint8_t key[16];
	struct lq_sighting sighting = {.cards = 1, .uid_len = 7};
	memcpy(sighting.uid, uid, sizeof(uid));
	assert_int_equal(lq_uid_key(&bench->keys, uid, 7, key), LQ_OK);
	assert_int_equal(lq_roster_load(bench->store, &roster), LQ_OK);
	assert_int_equal(lq_rule_tables_load(bench->store, &tables), LQ_OK);
	const struct lq_rules rules = {.profiles = tables->profiles,
		.schedules = tables->schedules,
		.profile_count = tables->profile_count,
		.schedule_count = tables->schedule_count,
		.clock_trust_min = LQ_TRUST_RTC,
		.uid_badges = true};
	enum lq_reason reason =
		lq_decide(&sighting, 0, lq_roster_find(roster, key), &rules, bench_morning).reason;
	lq_roster_free(roster);
	lq_rule_tables_free(tables);
	return reason;
}

/* Changes that no check of the tables stops. */
static void force(struct bench *bench, const char *sql)
{
	char text[512];
	(void)snprintf(text, sizeof(text),
		"PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; %s", sql);
	bench_tamper(bench, text);
}

static void a_badge_with_impossible_values_opens_nothing(void **state)
{
	static const char *const changes[] = {
		"UPDATE credential SET state = 256",
		"UPDATE credential SET state = 4294967296",
		"UPDATE credential SET state = -4294967296",
		"UPDATE credential SET state = 7",
		"UPDATE credential SET valid_from = 4294967296",
		"UPDATE credential SET valid_from = -4294967296",
		"UPDATE credential SET valid_from = -1",
		"UPDATE credential SET valid_to = -1",
		"UPDATE credential SET valid_to = 8589934591",
		"UPDATE credential SET valid_to = 0",
		"UPDATE credential SET key = x'00'",
		"UPDATE member SET enabled = 4294967297",
		"UPDATE member SET enabled = 2",
		"UPDATE member SET enabled = -1",
		"UPDATE member SET profile = 65537",
		"UPDATE member SET profile = 4294967297",
		"UPDATE member SET profile = -65535",
		"UPDATE member SET profile = 0",
		"UPDATE member SET profile = 5",
		"UPDATE member SET id = 4294967297; UPDATE credential SET member = 4294967297",
		"UPDATE credential SET id = 4294967296",
		"UPDATE credential SET member = 77",
		"DELETE FROM policy",
		"UPDATE policy SET profile = 65537",
		"UPDATE policy SET access_point = CAST(x'2a0061' AS TEXT)",
		"UPDATE policy SET access_point = '**'",
		"UPDATE policy SET access_point = ''",
		"UPDATE policy SET schedule = 65535",
		"UPDATE policy SET schedule = -1",
		"UPDATE policy SET schedule = 4294967295",
		"UPDATE policy SET schedule = 9",
	};
	struct bench *bench = *state;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	assert_int_equal(decide(bench), LQ_REASON_GRANTED);
	bench_tamper(bench, "CREATE TABLE kept_member AS SELECT * FROM member;"
			    "CREATE TABLE kept_credential AS SELECT * FROM credential;"
			    "CREATE TABLE kept_policy AS SELECT * FROM policy");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		force(bench, changes[i]);
		if (decide(bench) == LQ_REASON_GRANTED) {
			fail_msg("%s: granted", changes[i]);
		}
		force(bench, "DELETE FROM credential; DELETE FROM member; DELETE FROM policy;"
			     "INSERT INTO member SELECT * FROM kept_member;"
			     "INSERT INTO credential SELECT * FROM kept_credential;"
			     "INSERT INTO policy SELECT * FROM kept_policy");
		assert_int_equal(decide(bench), LQ_REASON_GRANTED);
	}
}

/* bench_morning is a Wednesday; the schedule allows the first minute of Monday. */
static void a_schedule_with_impossible_times_allows_nothing_more(void **state)
{
	static const char *const changes[] = {
		"UPDATE schedule_period SET to_minute = 10081",
		"UPDATE schedule_period SET to_minute = 65535",
		"UPDATE schedule_period SET to_minute = -1",
		"UPDATE schedule_period SET from_minute = -1, to_minute = 10080",
		"UPDATE schedule_period SET from_minute = 65536, to_minute = 10080",
		"UPDATE schedule_period SET from_minute = 10080, to_minute = 10080",
		"INSERT INTO schedule_period VALUES (65537, 0, 10080)",
		"INSERT INTO schedule_period VALUES (-1, 0, 10080)",
	};
	const struct lq_schedule early = {.count = 1, .periods = {{0, 1}}};
	const struct lq_policy_text policy = {.access_point = "*", .schedule = "early"};
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	assert_int_equal(lq_schedule_set(bench->store, "early", &early, NULL, &event), LQ_OK);
	assert_int_equal(lq_profile_set(bench->store, "early", &policy, 1, &event), LQ_OK);
	bench_tamper(bench, "UPDATE member SET profile = 2");
	assert_int_equal(decide(bench), LQ_REASON_NOT_PERMITTED_AT_THIS_TIME);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		force(bench, changes[i]);
		if (decide(bench) == LQ_REASON_GRANTED) {
			fail_msg("%s: granted", changes[i]);
		}
		force(bench, "DELETE FROM schedule_period; "
			     "INSERT INTO schedule_period VALUES (1, 0, 1)");
	}
	force(bench, "UPDATE schedule_period SET to_minute = 10080");
	assert_int_equal(decide(bench), LQ_REASON_GRANTED);
}

/* Rows of one table that nobody made keep the door from nothing else. */
static void rows_out_of_range_do_not_stop_the_door(void **state)
{
	static const char *const changes[] = {
		"INSERT INTO profile VALUES (5000, 'far')",
		"INSERT INTO profile VALUES (-7, 'below')",
		"INSERT INTO schedule VALUES (9223372036854775807, 'far')",
		"INSERT INTO policy SELECT 1, '*', NULL FROM policy, policy, policy, policy",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
		"INSERT INTO policy SELECT 1, '*', NULL FROM n",
		"INSERT INTO schedule VALUES (1, 'x'); "
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
		"INSERT INTO schedule_period SELECT 1, i, i + 1 FROM n",
		"INSERT INTO special_group VALUES (5000, 'far'); "
		"INSERT INTO special_day VALUES (5000, 0, 1, 1, ''), (1, 70000, 13, 32, '')",
		"INSERT INTO schedule_special VALUES (1, 5000, 0, 0, 1440), (900, 1, 0, 0, 9), "
		"(1, 1, 0, 5000, -1)",
		"INSERT INTO door_hours VALUES ('front', 9000, 7), ('nowhere', 1, 0)",
		"INSERT INTO member (id, name, profile, enabled) VALUES (9, CAST(x'ff00ff' AS "
		"TEXT), 1, 1)",
		"INSERT INTO member (id, name, profile, enabled) VALUES (0, zeroblob(9) || 'x', 1, "
		"1)",
	};
	struct bench *bench = *state;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct lq_store_report report;
		force(bench, changes[i]);
		bench_reopen(bench, &report);
		if (decide(bench) != LQ_REASON_GRANTED) {
			fail_msg("%s", changes[i]);
		}
	}
}

static void a_number_beyond_32_bits_enrols_nobody_else(void **state)
{
	static const uint8_t other[7] = {4, 9, 9, 9, 9, 9, 9};
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	struct lq_credential wanted = {.holder = 1, .valid_to_s = LQ_VALID_FOREVER};
	struct lq_credential stored = {.id = 7};
	uint32_t id = 7;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	bench_tamper(bench, "UPDATE sqlite_sequence SET seq = 4294967296");
	assert_int_equal(lq_uid_key(&bench->keys, other, 7, wanted.key), LQ_OK);
	assert_int_equal(lq_badge_enrol(bench->store, &wanted, &event, &stored), LQ_ERR_FULL);
	assert_int_equal(
		lq_member_add(bench->store, "Bob Example", "always", &event, &id), LQ_ERR_FULL);
	assert_int_equal(id, 7);
	assert_int_equal(stored.id, 7);
}

static void a_profile_too_many_is_refused_as_full(void **state)
{
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	const struct lq_schedule schedule = {.count = 0};
	bench_tamper(bench, "INSERT INTO profile VALUES (1023, 'last');"
			    "INSERT INTO schedule VALUES (1023, 'last')");
	assert_int_equal(lq_profile_set(bench->store, "more", NULL, 0, &event), LQ_ERR_FULL);
	assert_int_equal(
		lq_schedule_set(bench->store, "more", &schedule, NULL, &event), LQ_ERR_FULL);
	assert_int_equal(lq_profile_set(bench->store, "last", NULL, 0, &event), LQ_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_badge_with_impossible_values_opens_nothing),
		TEST(a_schedule_with_impossible_times_allows_nothing_more),
		TEST(rows_out_of_range_do_not_stop_the_door),
		TEST(a_number_beyond_32_bits_enrols_nobody_else),
		TEST(a_profile_too_many_is_refused_as_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

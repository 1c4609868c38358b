/* The journal and the roster on a real file system: chain, damage, migration, keys. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/store/bench.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_fresh_journal_numbers_its_rows_from_one_and_verifies(void **state)
{
	struct bench *bench = *state;
	struct lq_verdict verdict;
	bench_append(bench, 5);
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_int_equal(verdict.first_seq, 1);
	assert_int_equal(verdict.last_seq, 5);
	assert_int_equal(verdict.checkpoints, 0);
}

static void checkpoints_come_by_themselves_and_sign_what_is_before_them(void **state)
{
	struct bench *bench = *state;
	struct lq_verdict verdict;
	lq_store_set_checkpoint_rows(bench->store, 3);
	bench_append(bench, 7);
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_int_equal(verdict.last_seq, 9);
	assert_int_equal(verdict.checkpoints, 2);
	assert_int_equal(verdict.signed_seq, 7);
}

static void every_kind_of_tampering_is_found(void **state)
{
	static const char *const changes[] = {
		("UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), 'board', 'other') AS "
		 "BLOB) WHERE seq = 4"),
		"UPDATE journal SET body_hash = randomblob(32) WHERE seq = 4",
		"UPDATE journal SET hash = randomblob(32) WHERE seq = 4",
		"DELETE FROM journal WHERE seq = 4",
		"DELETE FROM journal WHERE seq < 4",
	};
	struct bench *bench = *state;
	struct lq_verdict verdict;
	lq_store_set_checkpoint_rows(bench->store, 3);
	bench_append(bench, 6);
	bench_tamper(bench, "CREATE TABLE kept AS SELECT * FROM journal");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
		bench_tamper(bench, changes[i]);
		assert_int_equal(bench_verify(bench, &verdict), LQ_ERR_CORRUPT);
		assert_in_range(verdict.bad_seq, 4, 5);
		assert_string_not_equal(verdict.problem, "");
		bench_tamper(bench, "DELETE FROM journal; INSERT INTO journal SELECT * FROM kept");
	}
}

static void a_rewritten_chain_fails_at_its_signature(void **state)
{
	struct bench *bench = *state;
	struct lq_verdict verdict;
	struct lq_keys forger = bench->keys;
	struct lq_store_report report;
	lq_store_set_checkpoint_rows(bench->store, 3);
	bench_append(bench, 4);
	/* The same rows, chained correctly, signed by somebody else. */
	lq_store_close(bench->store);
	bench_tamper(bench, "DELETE FROM journal");
	memset(forger.sign_seed, 7, sizeof(forger.sign_seed));
	forger.made = true;
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &forger, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	lq_store_set_checkpoint_rows(bench->store, 3);
	bench_append(bench, 4);
	assert_int_equal(bench_verify(bench, &verdict), LQ_ERR_CORRUPT);
	assert_int_equal(verdict.bad_seq, 4);
}

static void purged_bodies_leave_the_chain_whole(void **state)
{
	struct bench *bench = *state;
	struct lq_verdict verdict;
	bench_append(bench, 6);
	bench_tamper(bench, "UPDATE journal SET body = x'' WHERE seq IN (2, 3)");
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_int_equal(verdict.rows, 6);
}

static void numbers_and_time_go_on_after_reopening(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	struct lq_head head;
	bench_append(bench, 3);
	bench_reopen(bench, &report);
	assert_int_equal(lq_store_head(bench->store, &head), LQ_OK);
	assert_int_equal(head.seq, 3);
	assert_true(head.unix_ms == bench_morning.unix_ms);
}

static off_t log_size(const struct bench *bench)
{
	char path[96];
	struct stat found;
	(void)snprintf(path, sizeof(path), "%s/door.db-wal", bench->folder);
	assert_int_equal(stat(path, &found), 0);
	return found.st_size;
}

static void an_append_leaves_the_log_to_be_tidied(void **state)
{
	struct bench *bench = *state;
	unsigned rounds = 0;
	for (; !lq_store_tidy_due(bench->store); rounds++) {
		assert_true(rounds < 10000);
		bench_append(bench, 1);
	}
	assert_true(rounds > 100);
	off_t long_log = log_size(bench);
	bench_append(bench, 1);
	assert_true(log_size(bench) > long_log); /* nothing was copied yet */
	long_log = log_size(bench);
	lq_store_tidy(bench->store);
	assert_false(lq_store_tidy_due(bench->store));
	bench_append(bench, 1); /* at the front of the log again */
	assert_int_equal(log_size(bench), long_log);
	assert_false(lq_store_tidy_due(bench->store));
	struct lq_verdict verdict;
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
}

static void append_batches(struct bench *bench, size_t batches, size_t size)
{
	struct lq_event *events = calloc(size, sizeof(*events));
	assert_non_null(events);
	for (size_t i = 0; i < size; i++) {
		events[i] = lq_event_make(LQ_EVENT_DOOR_CLOSED, bench_morning);
		events[i].door = 0;
	}
	for (size_t i = 0; i < batches; i++) {
		assert_int_equal(lq_store_append(bench->store, events, size, NULL), LQ_OK);
	}
	free(events);
}

static void a_log_that_nobody_tidies_does_not_grow_for_ever(void **state)
{
	struct bench *bench = *state;
	append_batches(bench, 100, 1000);
	off_t size = log_size(bench);
	append_batches(bench, 100, 1000);
	assert_in_range(log_size(bench), 1, size + size / 8);
}

static void a_damaged_file_is_set_aside_whole_and_its_numbers_are_not_used_again(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	struct lq_head head;
	struct stat before;
	struct stat after;
	char path[96];
	bench_append(bench, 3);
	lq_store_close(bench->store);
	bench->store = NULL;
	bench_damage(bench, 0, 64); /* the header: not a database any more */
	(void)snprintf(path, sizeof(path), "%s/door.db", bench->folder);
	assert_int_equal(stat(path, &before), 0);
	bench_reopen(bench, &report);
	assert_string_not_equal(report.set_aside, "");
	assert_int_equal(stat(report.set_aside, &after), 0);
	assert_true(before.st_ino == after.st_ino && before.st_size == after.st_size);
	assert_int_equal(lq_store_head(bench->store, &head), LQ_OK);
	assert_true(head.seq > 1700000000u);
	struct lq_verdict verdict;
	bench_append(bench, 2);
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
}

static void damage_in_the_journal_keeps_the_roster(void **state)
{
	static const uint8_t uid[7] = {4, 1, 2, 3, 4, 5, 6};
	struct bench *bench = *state;
	struct lq_store_report report;
	struct lq_roster *roster = NULL;
	struct lq_credential stored =
		bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	bench_append(bench, 200);
	bench_tamper(bench, "UPDATE journal SET body_hash = randomblob(32) WHERE seq = 190");
	bench_reopen(bench, &report);
	assert_string_not_equal(report.set_aside, "");
	assert_int_equal(report.salvaged, 1);
	assert_int_equal(lq_roster_load(bench->store, &roster), LQ_OK);
	assert_non_null(lq_roster_find(roster, stored.key));
	lq_roster_free(roster);
}

static void an_emptied_file_does_not_start_again_at_one(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	struct lq_head head;
	bench_append(bench, 3);
	lq_store_close(bench->store);
	bench->store = NULL;
	char path[96];
	(void)snprintf(path, sizeof(path), "%s/door.db", bench->folder);
	assert_int_equal(truncate(path, 0), 0);
	bench_reopen(bench, &report);
	assert_int_equal(lq_store_head(bench->store, &head), LQ_OK);
	assert_true(head.seq > 1700000000u);
}

static void a_newer_schema_is_refused_and_left_alone(void **state)
{
	struct bench *bench = *state;
	struct lq_store *store = NULL;
	struct lq_store_report report;
	lq_store_close(bench->store);
	bench->store = NULL;
	bench_tamper(bench, "PRAGMA user_version = 99");
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &store, &report),
		LQ_ERR_UNSUPPORTED);
	assert_null(store);
	assert_string_equal(report.set_aside, "");
	assert_non_null(strstr(report.problem, "newer version"));
	bench_tamper(bench, "PRAGMA user_version = 10");
}

/* What a file of each version may hold that none before it could, and whether it is still there. */
static const struct {
	const char *written;
	const char *kept;
} of_version[] = {
	{"INSERT INTO journal (seq, body, body_hash, hash) SELECT seq, body, body_hash, hash FROM "
	 "was.journal",
		"SELECT count(*) = 5 FROM journal"},
	{"INSERT INTO member (id, name, profile, enabled) VALUES (41, 'Zo\xc3\xab Example', 1, 0);"
	 "INSERT INTO credential (id, member, key, state, valid_to) "
	 "VALUES (51, 41, x'000102030405060708090a0b0c0d0e0f', 2, 4000000000);"
	 "INSERT INTO schedule (id, name) VALUES (7, 'days');"
	 "INSERT INTO schedule_period VALUES (7, 480, 1200)",
		"SELECT m.name = 'Zo\xc3\xab Example' AND m.enabled = 0 AND c.state = 2 "
		"AND c.valid_to = 4000000000 AND p.from_minute = 480 "
		"FROM member m JOIN credential c ON c.member = m.id "
		"JOIN schedule s ON s.name = 'days' JOIN schedule_period p ON p.schedule = s.id "
		"WHERE m.id = 41 AND c.key = x'000102030405060708090a0b0c0d0e0f'"},
	{"INSERT INTO door_mode (door, mode) VALUES ('front', 2)",
		"SELECT mode = 2 AND held = 1 FROM door_mode WHERE door = 'front'"},
	{"INSERT INTO order_nonce VALUES ('office', 'once', 4000000000)",
		"SELECT expires = 4000000000 FROM order_nonce WHERE nonce = 'once'"},
	{"UPDATE member SET external_id = 'x-1' WHERE id = 41",
		"SELECT external_id = 'x-1' FROM member WHERE id = 41"},
	{"UPDATE credential SET uses_left = 3 WHERE id = 51",
		"SELECT uses_left = 3 FROM credential WHERE id = 51"},
	{"INSERT INTO presence (zone, member, since) VALUES ('space', 41, 5)",
		"SELECT since = 5 FROM presence WHERE member = 41"},
	{"INSERT INTO office_roster VALUES (1, 0, 12, 13)",
		"SELECT version = 12 FROM office_roster"},
	{"INSERT INTO retention VALUES (1, 1, 5)", "SELECT seq = 1 FROM retention"},
	{"UPDATE credential SET external_id = 'card 4711' WHERE id = 51",
		"SELECT external_id = 'card 4711' FROM credential WHERE id = 51"},
};

static void make_file_of_version(struct bench *bench, size_t version)
{
	extern const char *const lq_migrations[];
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -f %s/door.db*", bench->folder);
	assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder
	for (size_t i = 0; i < version; i++) {
		char sql[2048];
		bench_tamper(bench, lq_migrations[i]);
		(void)snprintf(sql, sizeof(sql), "ATTACH '%s/was.db' AS was; %s", bench->folder,
			of_version[i].written);
		bench_tamper(bench, sql);
	}
	(void)snprintf(command, sizeof(command), "PRAGMA user_version = %zu", version);
	bench_tamper(bench, command);
}

/* The migrations are the files in schemas/sql; a file of version N is made by the first N of them,
 * and has a journal that was really written. */
static void every_earlier_schema_version_migrates_forward(void **state)
{
	extern const size_t lq_migration_count;
	struct bench *bench = *state;
	char made[96], kept[96];
	assert_int_equal(lq_migration_count, sizeof(of_version) / sizeof(of_version[0]));
	lq_store_set_checkpoint_rows(bench->store, 4);
	bench_append(bench, 4); /* and a checkpoint */
	lq_store_close(bench->store);
	(void)snprintf(made, sizeof(made), "%s/door.db", bench->folder);
	(void)snprintf(kept, sizeof(kept), "%s/was.db", bench->folder);
	assert_int_equal(rename(made, kept), 0);
	for (size_t version = 0; version <= lq_migration_count; version++) {
		struct lq_store_report report;
		struct lq_verdict verdict;
		bench->store = NULL;
		make_file_of_version(bench, version);
		bench->keys.made = true;
		assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys,
					 bench_morning, &bench->store, &report),
			LQ_OK);
		assert_int_equal(report.schema_from, version);
		assert_string_equal(report.set_aside, "");
		for (size_t i = 0; i < version; i++) {
			assert_true(bench_holds(bench, of_version[i].kept));
		}
		(void)bench_add_member(bench, "Ada Example");
		bench_append(bench, 1);
		assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
		assert_int_equal(verdict.rows, version == 0 ? 2 : 7);
		assert_int_equal(verdict.checkpoints, version == 0 ? 0 : 1);
		lq_store_close(bench->store);
	}
	bench->store = NULL;
}

static void a_member_and_a_badge_come_and_go(void **state)
{
	static const uint8_t uid[7] = {4, 1, 2, 3, 4, 5, 6};
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	struct lq_member member;
	struct lq_credential changed;
	uint32_t holder = bench_add_member(bench, "Ada Example");
	struct lq_credential stored = bench_enrol(bench, holder, uid);
	assert_int_equal(lq_member_get(bench->store, holder, &member), LQ_OK);
	assert_string_equal(member.name, "Ada Example");
	assert_int_equal(member.badges, 1);
	assert_int_equal(
		lq_badge_set_state(bench->store, stored.id, LQ_CREDENTIAL_LOST, &event, &changed),
		LQ_OK);
	assert_int_equal(changed.state, LQ_CREDENTIAL_LOST);
	assert_int_equal(
		lq_badge_set_state(bench->store, 999, LQ_CREDENTIAL_LOST, &event, &changed),
		LQ_ERR_NOT_FOUND);
	struct lq_credential again = {.holder = holder, .valid_to_s = LQ_VALID_FOREVER};
	memcpy(again.key, stored.key, sizeof(again.key));
	assert_int_equal(lq_badge_enrol(bench->store, &again, &event, &changed), LQ_ERR_EXISTS);
	struct lq_verdict verdict;
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_int_equal(verdict.rows, 3); /* a refused change leaves no row */
}

static void wrong_members_are_refused(void **state)
{
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	char long_name[LQ_MEMBER_NAME_SIZE + 1];
	uint32_t id = 7;
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	const char *const names[] = {
		"", long_name, "bad \xff byte", "cut \xc3", "over\xc0\x80long", "line\nbreak"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(lq_member_add(bench->store, names[i], "always", &event, &id),
			LQ_ERR_INVALID);
	}
	assert_int_equal(lq_member_add(bench->store, "Ada Example", "no-such", &event, &id),
		LQ_ERR_NOT_FOUND);
	assert_int_equal(id, 7);
}

static void profiles_and_schedules_reach_the_decision(void **state)
{
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	const struct lq_schedule office = {.count = 1, .periods = {{480, 1200}}};
	const struct lq_policy_text policy = {.access_point = "front/entry", .schedule = "office"};
	const struct lq_policy_text nowhere = {.access_point = "cellar/entry"};
	struct lq_rule_tables *tables = NULL;
	assert_int_equal(
		lq_profile_set(bench->store, "days", &policy, 1, &event), LQ_ERR_NOT_FOUND);
	assert_int_equal(lq_schedule_set(bench->store, "office", &office, NULL, &event), LQ_OK);
	assert_int_equal(lq_profile_set(bench->store, "days", &policy, 1, &event), LQ_OK);
	assert_int_equal(lq_profile_set(bench->store, "days", &policy, 1, &event), LQ_OK);
	assert_int_equal(
		lq_profile_set(bench->store, "odd", &nowhere, 1, &event), LQ_ERR_NOT_FOUND);
	assert_int_equal(
		lq_profile_set(bench->store, "always", &policy, 1, &event), LQ_ERR_INVALID);
	assert_int_equal(lq_rule_tables_load(bench->store, &tables), LQ_OK);
	assert_int_equal(tables->profile_count, 3);
	assert_int_equal(tables->profiles[2].policy_count, 1);
	assert_int_equal(tables->profiles[2].policies[0].access_point, 0);
	assert_int_equal(tables->schedules[1].periods[0].to, 1200);
	lq_rule_tables_free(tables);
}

static void a_roster_of_many_finds_each_and_no_other(void **state)
{
	struct lq_roster *roster = NULL;
	struct bench *bench = *state;
	assert_int_equal(lq_roster_new(&roster), LQ_OK);
	for (uint32_t i = 1; i <= 20000; i++) {
		struct lq_credential credential = {.id = i, .holder = i};
		assert_int_equal(
			lq_uid_key(&bench->keys, (const uint8_t *)&i, sizeof(i), credential.key),
			LQ_OK);
		assert_int_equal(lq_roster_put(roster, &credential), LQ_OK);
	}
	assert_int_equal(lq_roster_count(roster), 20000);
	for (uint32_t i = 1; i <= 40000; i++) {
		uint8_t key[16];
		assert_int_equal(
			lq_uid_key(&bench->keys, (const uint8_t *)&i, sizeof(i), key), LQ_OK);
		const struct lq_credential *found = lq_roster_find(roster, key);
		assert_int_equal(found == NULL ? 0 : found->id, i <= 20000 ? i : 0);
	}
	lq_roster_free(roster);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fresh_journal_numbers_its_rows_from_one_and_verifies),
		TEST(checkpoints_come_by_themselves_and_sign_what_is_before_them),
		TEST(every_kind_of_tampering_is_found),
		TEST(a_rewritten_chain_fails_at_its_signature),
		TEST(purged_bodies_leave_the_chain_whole),
		TEST(numbers_and_time_go_on_after_reopening),
		TEST(an_append_leaves_the_log_to_be_tidied),
		TEST(a_log_that_nobody_tidies_does_not_grow_for_ever),
		TEST(a_damaged_file_is_set_aside_whole_and_its_numbers_are_not_used_again),
		TEST(damage_in_the_journal_keeps_the_roster),
		TEST(an_emptied_file_does_not_start_again_at_one),
		TEST(a_newer_schema_is_refused_and_left_alone),
		TEST(every_earlier_schema_version_migrates_forward),
		TEST(a_member_and_a_badge_come_and_go),
		TEST(wrong_members_are_refused),
		TEST(profiles_and_schedules_reach_the_decision),
		TEST(a_roster_of_many_finds_each_and_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A door.db that is damaged, and everything that can go wrong while it is replaced. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/store/bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t uid[7] = {4, 1, 2, 3, 4, 5, 6};

static void path_of(const struct bench *bench, const char *name, char ret_path[128])
{
	(void)snprintf(ret_path, 128, "%s/%s", bench->folder, name);
}

static bool exists(const struct bench *bench, const char *name)
{
	char path[128];
	path_of(bench, name, path);
	return access(path, F_OK) == 0;
}

static void move(const struct bench *bench, const char *from, const char *to)
{
	char old[128];
	char new[128];
	path_of(bench, from, old);
	path_of(bench, to, new);
	assert_int_equal(rename(old, new), 0);
}

static void copy(const struct bench *bench, const char *from, const char *to)
{
	char command[320];
	(void)snprintf(
		command, sizeof(command), "cp %s/%s %s/%s", bench->folder, from, bench->folder, to);
	assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder
}

/* As a program that was killed leaves the files: the rows are in door.db-wal alone. */
static void kill_store(struct bench *bench)
{
	static const char *const names[] = {"door.db", "door.db-wal", "door.db-shm"};
	static const char *const kept[] = {"kept", "kept-wal", "kept-shm"};
	for (size_t i = 0; i < 3; i++) {
		copy(bench, names[i], kept[i]);
	}
	lq_store_close(bench->store);
	bench->store = NULL;
	for (size_t i = 0; i < 3; i++) {
		move(bench, kept[i], names[i]);
	}
}

static void set_back(const struct bench *bench, const char *name, time_t seconds)
{
	char path[128];
	const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
	path_of(bench, name, path);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static unsigned count_set_aside(const struct bench *bench)
{
	unsigned count = 0;
	DIR *folder = opendir(bench->folder);
	assert_non_null(folder);
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		const char *end = strrchr(entry->d_name, '-');
		count += strncmp(entry->d_name, "door.db.damaged-", 16) == 0 &&
			 strcmp(end, "-wal") != 0 && strcmp(end, "-shm") != 0;
	}
	(void)closedir(folder);
	return count;
}

static bool knows_the_badge(struct bench *bench)
{
	struct lq_roster *roster = NULL;
	uint8_t key[16];
	assert_int_equal(lq_uid_key(&bench->keys, uid, 7, key), LQ_OK);
	assert_int_equal(lq_roster_load(bench->store, &roster), LQ_OK);
	bool known = lq_roster_find(roster, key) != NULL;
	lq_roster_free(roster);
	return known;
}

static struct lq_head head_of(struct bench *bench)
{
	struct lq_head head;
	assert_int_equal(lq_store_head(bench->store, &head), LQ_OK);
	return head;
}

/* A journal with a member, a badge and rows, whose last rows do not hold. */
static void damaged_bench(struct bench *bench)
{
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	bench_append(bench, 20);
	bench_tamper(bench, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 21");
}

static void assert_recovered(struct bench *bench)
{
	struct lq_verdict verdict;
	assert_true(knows_the_badge(bench));
	assert_true(head_of(bench).seq > 1700000000u);
	bench_append(bench, 2);
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_false(exists(bench, "door.db.new"));
}

static void what_was_only_in_the_log_is_carried_over(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	char aside[264];
	damaged_bench(bench);
	kill_store(bench);
	bench_reopen(bench, &report);
	assert_int_equal(report.salvaged, 1);
	assert_non_null(strstr(report.problem, "chain"));
	assert_recovered(bench);
	(void)snprintf(aside, sizeof(aside), "%s-wal", report.set_aside);
	assert_int_equal(access(aside, F_OK), 0);
}

/* Every state between two steps of a recovery, as a power cut leaves it. */
static void a_recovery_that_was_cut_short_is_finished(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	damaged_bench(bench);
	kill_store(bench);

	/* The new file is half made, or whole; the old one stands. */
	static const char *const half[] = {"", "SQLite format 3", "no database"};
	for (size_t i = 0; i < 3; i++) {
		char path[128];
		path_of(bench, "door.db.new", path);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_true(fputs(half[i], file) >= 0);
		assert_int_equal(fclose(file), 0);
		copy(bench, "door.db", "first");
		copy(bench, "door.db-wal", "first-wal");
		bench_reopen(bench, &report);
		assert_recovered(bench);
		lq_store_close(bench->store);
		bench->store = NULL;
		copy(bench, "door.db", "made");
		move(bench, "first", "door.db");
		move(bench, "first-wal", "door.db-wal");
	}

	/* The old one is renamed, its log is not yet. */
	copy(bench, "made", "door.db.new");
	copy(bench, "door.db-wal", "log");
	move(bench, "door.db", "door.db.damaged-1");
	bench_reopen(bench, &report);
	assert_string_equal(report.set_aside, "");
	assert_recovered(bench);
	lq_store_close(bench->store);
	bench->store = NULL;

	/* All are renamed. */
	move(bench, "door.db", "door.db.new");
	bench_reopen(bench, &report);
	assert_recovered(bench);
}

static void numbers_are_not_used_twice_when_the_clock_is_wrong(void **state)
{
	const struct lq_wall boot = {.unix_ms = 12000, .trust = LQ_TRUST_UNSET};
	struct bench *bench = *state;
	struct lq_store_report report;
	damaged_bench(bench);
	lq_store_close(bench->store);
	bench->store = NULL;
	bench_damage(bench, 0, 64);
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, boot,
				 &bench->store, &report),
		LQ_OK);
	uint64_t first = head_of(bench).seq;
	assert_true(first > 1700000000u);
	/* Once more, on a board that never knows the time. */
	bench_append(bench, 3);
	lq_store_close(bench->store);
	bench->store = NULL;
	bench_damage(bench, 0, 64);
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, boot,
				 &bench->store, &report),
		LQ_OK);
	assert_true(head_of(bench).seq >= first);
	assert_int_equal(count_set_aside(bench), 2);
}

static void a_file_of_the_same_name_stops_no_recovery(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < 5; i++) {
		struct lq_store_report report;
		lq_store_close(bench->store);
		bench->store = NULL;
		bench_damage(bench, 0, 64);
		set_back(bench, "door.db", 1000);
		set_back(bench, "", 1000);
		bench->keys.made = false;
		assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys,
					 bench_morning, &bench->store, &report),
			LQ_OK);
	}
	assert_int_equal(count_set_aside(bench), 5);
}

/* The keys are new, the journal is not: the daemon has run since they were made. */
static void replacing_never_starts_at_one(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	lq_store_close(bench->store);
	bench->store = NULL;
	bench->keys.made = true;
	assert_int_equal(lq_store_replace(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	assert_string_not_equal(report.set_aside, "");
	assert_recovered(bench);
	lq_store_close(bench->store);
	bench->store = NULL;
	char path[128];
	path_of(bench, "door.db", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lq_store_replace(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	assert_true(head_of(bench).seq > 1700000000u);
}

/* An older file lacks a column, a newer one has one more. */
static void what_both_files_have_of_a_table_is_carried_over(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	for (unsigned turn = 0; turn < 2; turn++) {
		lq_store_close(bench->store);
		bench->store = NULL;
		bench_tamper(bench, turn == 0 ? "UPDATE member SET external_id = 'E-1';"
						"ALTER TABLE credential ADD COLUMN extra INTEGER"
					      : "CREATE TABLE must (x CHECK (x = 'E-1'));"
						"INSERT INTO must SELECT external_id FROM member;"
						"DROP TABLE must; DROP INDEX member_external_id;"
						"ALTER TABLE member DROP COLUMN external_id");
		assert_int_equal(lq_store_replace(bench->folder, &bench->site, &bench->keys,
					 bench_morning, &bench->store, &report),
			LQ_OK);
		assert_recovered(bench);
	}
}

static void numbers_of_members_and_badges_are_not_given_again(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	for (int i = 0; i < 9; i++) {
		(void)bench_add_member(bench, "Ada Example");
	}
	(void)bench_enrol(bench, 1, uid);
	bench_tamper(bench, "DELETE FROM member WHERE id > 3; "
			    "UPDATE sqlite_sequence SET seq = 40 WHERE name = 'credential'");
	lq_store_close(bench->store);
	bench->store = NULL;
	assert_int_equal(lq_store_replace(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	static const uint8_t other[7] = {4, 9, 9, 9, 9, 9, 9};
	assert_int_equal(bench_add_member(bench, "Bob Example"), 10);
	assert_int_equal(bench_enrol(bench, 1, other).id, 41);
}

/* The controller has run before: its keys are not new. */
static void a_file_that_is_lost_is_reported(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	char path[128];
	path_of(bench, "door.db", path);
	bench_append(bench, 3);
	bench_reopen(bench, &report);
	assert_false(report.lost);
	for (int i = 0; i < 2; i++) {
		lq_store_close(bench->store);
		bench->store = NULL;
		assert_int_equal(i == 0 ? unlink(path) : truncate(path, 0), 0);
		bench_reopen(bench, &report);
		assert_true(report.lost);
		bench_reopen(bench, &report);
		assert_false(report.lost);
	}
	lq_store_close(bench->store);
	bench->store = NULL;
	assert_int_equal(unlink(path), 0);
	bench->keys.made = true;
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	assert_false(report.lost);
}

/* Even where it has a table of one of our names, and whatever it says of its version. */
static void another_programs_file_is_set_aside_as_it_is(void **state)
{
	static const char *const theirs[] = {
		"CREATE TABLE photo (id INTEGER)",
		"CREATE TABLE photo (id INTEGER); PRAGMA user_version = 1",
		"CREATE TABLE photo (id INTEGER); CREATE TABLE credential (id INTEGER)",
	};
	struct bench *bench = *state;
	for (unsigned i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++) {
		struct lq_store_report report;
		char command[360];
		lq_store_close(bench->store);
		bench->store = NULL;
		(void)snprintf(command, sizeof(command), "rm -f %s/door.db*", bench->folder);
		assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder
		bench_tamper(bench, theirs[i]);
		copy(bench, "door.db", "theirs");
		bench_reopen(bench, &report);
		assert_int_equal(report.foreign, i < 2);
		assert_int_equal(report.salvaged, 0);
		assert_non_null(strstr(report.problem, "loquetd did not make"));
		(void)snprintf(command, sizeof(command), "cmp %s %s/theirs", report.set_aside,
			bench->folder);
		assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder
	}
}

/* One page after the other is destroyed: whatever is lost, the store opens and holds. */
static void damage_anywhere_ends_in_a_store_that_holds(void **state)
{
	struct bench *bench = *state;
	struct stat size;
	char path[128];
	for (uint8_t i = 0; i < 200; i++) {
		const uint8_t many[7] = {4, i, 2, 3, 4, 5, 6};
		(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), many);
	}
	lq_store_close(bench->store);
	bench->store = NULL;
	path_of(bench, "door.db", path);
	assert_int_equal(stat(path, &size), 0);
	copy(bench, "door.db", "whole");
	unsigned kept = 0;
	for (off_t page = 0; page < size.st_size / 4096; page++) {
		struct lq_store_report report;
		struct lq_roster *roster = NULL;
		struct lq_rule_tables *tables = NULL;
		copy(bench, "whole", "door.db");
		bench_damage(bench, page * 4096, page == 0 ? 64 : 4096);
		bench_reopen(bench, &report);
		assert_int_equal(lq_roster_load(bench->store, &roster), LQ_OK);
		assert_int_equal(lq_rule_tables_load(bench->store, &tables), LQ_OK);
		kept += lq_roster_count(roster) > 100 ? 1 : 0;
		lq_roster_free(roster);
		lq_rule_tables_free(tables);
		if (report.set_aside[0] != '\0') {
			struct lq_verdict verdict;
			assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
		}
		lq_store_close(bench->store);
		bench->store = NULL;
		char command[128];
		(void)snprintf(command, sizeof(command), "rm -f %s/door.db*", bench->folder);
		assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder
	}
	assert_true(kept > size.st_size / 4096 / 2);
	copy(bench, "whole", "door.db");
	struct lq_store_report report;
	bench_reopen(bench, &report);
}

/* A database, but not ours. */
static void a_foreign_database_is_set_aside(void **state)
{
	static const char *const changes[] = {
		"DROP TABLE journal",
		"DROP TABLE policy; CREATE TABLE policy (x)",
		"PRAGMA user_version = 0",
		"UPDATE journal SET seq = 9223372036854775807",
		"UPDATE journal SET seq = -3",
		"UPDATE journal SET body = zeroblob(2000000)",
		("DROP TABLE journal; CREATE VIEW journal AS SELECT 1 AS seq, 'x' AS body, 1 AS "
		 "body_hash, 2 AS hash"),
	};
	struct bench *bench = *state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct lq_store_report report;
		bench_append(bench, 1);
		bench_tamper(bench, "PRAGMA foreign_keys = OFF; DELETE FROM journal WHERE seq < "
				    "(SELECT max(seq) FROM journal)");
		bench_tamper(bench, changes[i]);
		bench_reopen(bench, &report);
		if (report.set_aside[0] == '\0' || report.problem[0] == '\0') {
			fail_msg("%s: taken for ours", changes[i]);
		}
		struct lq_verdict verdict;
		bench_append(bench, 1);
		assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
		assert_true(head_of(bench).seq < UINT64_C(1) << 40);
	}
}

/* The store notices with its next row, and all that it held stands in its place again. */
static void assert_put_back(struct bench *bench, uint64_t last)
{
	struct lq_event event = lq_event_make(LQ_EVENT_CONTROLLER_STARTED, bench_morning);
	struct lq_store_report report;
	struct lq_verdict verdict;
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_ERR_CLOSED);
	assert_non_null(strstr(lq_store_error(bench->store), "while in use"));
	bench_reopen(bench, &report);
	assert_string_equal(report.set_aside, "");
	assert_int_equal(head_of(bench).seq, last);
	assert_true(knows_the_badge(bench));
	bench_append(bench, 1);
	assert_int_equal(head_of(bench).seq, last + 1);
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_int_equal(verdict.first_seq, 1);
	assert_false(exists(bench, "door.db.new"));
	assert_false(exists(bench, "door.db.copy"));
}

static void what_is_taken_away_while_in_use_is_written_again(void **state)
{
	static const char *const names[] = {"door.db", "door.db-wal", "door.db-shm"};
	struct bench *bench = *state;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	for (unsigned which = 1; which < 8; which++) {
		bench_append(bench, 20);
		uint64_t last = head_of(bench).seq;
		for (unsigned i = 0; i < 3; i++) {
			char path[128];
			path_of(bench, names[i], path);
			if ((which >> i & 1) != 0) {
				assert_int_equal(unlink(path), 0);
			}
		}
		assert_put_back(bench, last);
	}
}

static void what_is_put_in_its_place_while_in_use_is_set_aside(void **state)
{
	struct bench *bench = *state;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	copy(bench, "door.db", "backup");
	bench_append(bench, 20);
	uint64_t last = head_of(bench).seq;
	move(bench, "backup", "door.db");
	assert_put_back(bench, last);
	assert_int_equal(count_set_aside(bench), 1);
}

/* The journal waits in the store until there is a place for it. */
static void without_a_place_nothing_is_lost(void **state)
{
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_CONTROLLER_STARTED, bench_morning);
	char gone[80];
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	uint64_t last = head_of(bench).seq;
	(void)snprintf(gone, sizeof(gone), "%s.gone", bench->folder);
	assert_int_equal(rename(bench->folder, gone), 0);
	for (int i = 0; i < 3; i++) {
		int r = lq_store_append(bench->store, &event, 1, NULL);
		assert_true(r < 0 && r != LQ_ERR_CLOSED);
	}
	assert_int_equal(rename(gone, bench->folder), 0);
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
	assert_int_equal(head_of(bench).seq, last + 1);
}

/* What goes on where nothing can be written. */
static void a_frozen_store_has_the_roster_and_the_head(void **state)
{
	struct bench *bench = *state;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	struct lq_head before = head_of(bench);
	lq_store_close(bench->store);
	bench->store = NULL;
	assert_int_equal(lq_store_open_frozen(bench->folder, &bench->site, &bench->store), LQ_OK);
	assert_true(knows_the_badge(bench));
	struct lq_head head = head_of(bench);
	assert_int_equal(head.seq, before.seq);
	assert_true(head.unix_ms == before.unix_ms);
	lq_store_close(bench->store);
	bench->store = NULL;
	bench_damage(bench, 0, 64);
	assert_int_equal(lq_store_open_frozen(bench->folder, &bench->site, &bench->store), LQ_OK);
	assert_false(knows_the_badge(bench));
	assert_int_equal(count_set_aside(bench), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_only_in_the_log_is_carried_over),
		TEST(a_recovery_that_was_cut_short_is_finished),
		TEST(numbers_are_not_used_twice_when_the_clock_is_wrong),
		TEST(a_file_of_the_same_name_stops_no_recovery),
		TEST(replacing_never_starts_at_one),
		TEST(what_both_files_have_of_a_table_is_carried_over),
		TEST(numbers_of_members_and_badges_are_not_given_again),
		TEST(a_file_that_is_lost_is_reported),
		TEST(another_programs_file_is_set_aside_as_it_is),
		TEST(damage_anywhere_ends_in_a_store_that_holds),
		TEST(a_foreign_database_is_set_aside),
		TEST(what_is_taken_away_while_in_use_is_written_again),
		TEST(what_is_put_in_its_place_while_in_use_is_set_aside),
		TEST(without_a_place_nothing_is_lost),
		TEST(a_frozen_store_has_the_roster_and_the_head),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

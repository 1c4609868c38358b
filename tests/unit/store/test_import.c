/* Rows from outside: all of them or none, also when the program dies in between. */
#include "firmware/core/err.h"
#include "firmware/store/import.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/store/bench.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS 24u

static const struct lq_import_pace small_steps = {.rows = 5};

/* ---- rows ---- */

static struct lq_roster_row member_row(uint32_t line, const char *external_id, const char *name)
{
	struct lq_roster_row row = {
		.line = line, .valid_to_s = LQ_VALID_FOREVER, .uses_left = LQ_USES_ANY};
	row.given = LQ_GIVEN(LQ_MEMBER_EXTERNAL_ID) | LQ_GIVEN(LQ_MEMBER_NAME) |
		    LQ_GIVEN(LQ_MEMBER_PROFILE);
	(void)snprintf(row.external_id, sizeof(row.external_id), "%s", external_id);
	(void)snprintf(row.name, sizeof(row.name), "%s", name);
	(void)snprintf(row.profile, sizeof(row.profile), "always");
	return row;
}

static struct lq_roster_row badge_row(uint32_t line, const uint8_t uid[7], uint32_t holder)
{
	struct lq_roster_row row = {
		.line = line, .valid_to_s = LQ_VALID_FOREVER, .uses_left = LQ_USES_ANY};
	row.given = LQ_GIVEN(LQ_BADGE_UID) | LQ_GIVEN(LQ_BADGE_MEMBER);
	row.uid.length = 7;
	memcpy(row.uid.bytes, uid, 7);
	row.holder = holder;
	return row;
}

static int seal(const struct lq_roster_row *rows, uint32_t count)
{
	int fd = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, rows, count * sizeof(*rows)), count * sizeof(*rows));
	assert_int_equal(
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
		0);
	return fd;
}

static struct lq_import *begin(
	struct lq_import_wish wish, const struct lq_roster_row *rows, uint32_t count)
{
	struct lq_import *import = NULL;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_IMPORTED, bench_morning);
	(void)snprintf(event.actor, sizeof(event.actor), "account-1");
	wish.rows_fd = seal(rows, count);
	assert_int_equal(lq_import_new(&wish, &event, &import), LQ_OK);
	return import;
}

/* How it ended; abandoned where it failed. */
static int finish(struct bench *bench, struct lq_import *import)
{
	int r = 1;
	while (r == 1) {
		r = lq_import_step(import, bench->store, &small_steps);
	}
	if (r != LQ_OK) {
		lq_import_abandon(import, bench->store);
	}
	return r;
}

static struct lq_import_counts must_import(struct bench *bench, struct lq_import_wish wish,
	const struct lq_roster_row *rows, uint32_t count)
{
	struct lq_import *import = begin(wish, rows, count);
	assert_int_equal(finish(bench, import), LQ_OK);
	struct lq_import_counts counts = lq_import_counts(import);
	lq_import_free(import);
	return counts;
}

static const struct lq_import_wish members = {.kind = LQ_ROSTER_MEMBERS, .outcome_fd = -1};
static const struct lq_import_wish badges = {.kind = LQ_ROSTER_BADGES, .outcome_fd = -1};

/* ---- what is there ---- */

struct text {
	FILE *out;
	enum lq_roster_kind kind;
};

static int put_row(void *ctx, const struct lq_roster_row *row)
{
	struct text *text = ctx;
	if (text->kind == LQ_ROSTER_MEMBERS) {
		(void)fprintf(text->out, "m%u %s %s %s %d/", row->id, row->external_id, row->name,
			row->profile, row->enabled);
	} else {
		(void)fprintf(text->out, "c%u m%u %s %u/", row->id, row->holder, row->external_id,
			row->state);
	}
	return 0;
}

/* The whole table, to be freed. */
static char *roster_text(struct bench *bench, enum lq_roster_kind kind)
{
	char *text = NULL;
	size_t size = 0;
	struct text writing = {.out = open_memstream(&text, &size), .kind = kind};
	assert_int_equal(lq_roster_row_list(bench->store, kind, put_row, &writing), LQ_OK);
	assert_int_equal(fclose(writing.out), 0);
	return text;
}

static void assert_roster(struct bench *bench, enum lq_roster_kind kind, const char *expected)
{
	char *text = roster_text(bench, kind);
	assert_string_equal(text, expected);
	free(text);
}

static uint64_t head_of(struct bench *bench)
{
	struct lq_head head;
	assert_int_equal(lq_store_head(bench->store, &head), LQ_OK);
	return head.seq;
}

static int take_body(void *ctx, const struct lq_row *row)
{
	json_t **body = ctx;
	json_decref(*body);
	*body = json_loadb(row->body, row->body_length, 0, NULL);
	return 0;
}

/* The last event's data. */
static json_t *last_data(struct bench *bench)
{
	json_t *body = NULL;
	assert_int_equal(lq_store_read(bench->store, head_of(bench), 0, take_body, &body), LQ_OK);
	json_t *data = json_incref(json_object_get(body, "data"));
	json_decref(body);
	return data;
}

/* ---- the tests ---- */

static void rows_are_added_changed_and_left(void **state)
{
	struct bench *bench = *state;
	const struct lq_roster_row first[] = {member_row(2, "E-1", "Ada Example"),
		member_row(3, "E-2", "Bob Example"), member_row(4, "E-3", "Cy Example")};
	const struct lq_roster_row second[] = {member_row(2, "E-3", "Cy Example"),
		member_row(3, "E-1", "Ada Changed"), member_row(4, "E-4", "Di Example")};
	uint64_t before = head_of(bench);
	struct lq_import_counts counts = must_import(bench, members, first, 3);
	assert_int_equal(counts.added, 3);
	assert_int_equal(head_of(bench), before + 1);
	struct lq_import_wish wish = members;
	wish.disable_missing = true;
	counts = must_import(bench, wish, second, 3);
	assert_int_equal(counts.added, 1);
	assert_int_equal(counts.changed, 1);
	assert_int_equal(counts.unchanged, 1);
	assert_int_equal(counts.disabled, 1);
	assert_roster(bench, LQ_ROSTER_MEMBERS,
		"m1 E-1 Ada Changed always 1/m2 E-2 Bob Example always 0/"
		"m3 E-3 Cy Example always 1/m4 E-4 Di Example always 1/");
	json_t *data = last_data(bench);
	char *text = json_dumps(data, JSON_COMPACT);
	assert_string_equal(text, "{\"action\":\"members.imported\",\"actor\":\"account-1\","
				  "\"added\":1,\"changed\":1,\"disabled\":1}");
	free(text);
	json_decref(data);
	/* a second time, and nothing is to be done or told */
	before = head_of(bench);
	counts = must_import(bench, wish, second, 3);
	assert_int_equal(counts.unchanged, 3);
	assert_int_equal(counts.missing, 1);
	assert_int_equal(head_of(bench), before);
	/* numbers go on, also behind an import */
	assert_int_equal(bench_add_member(bench, "Eve Example"), 5);
}

static void a_dry_run_writes_what_would_happen_and_nothing_else(void **state)
{
	struct bench *bench = *state;
	uint32_t ada = bench_add_member(bench, "Ada Example");
	struct lq_import_outcome outcome;
	struct lq_roster_row old;
	struct lq_roster_row rows[] = {
		member_row(2, "E-1", "Ada Changed"), member_row(5, "E-2", "Bob Example")};
	rows[0].id = ada;
	rows[0].given |= LQ_GIVEN(LQ_MEMBER_ID);
	int fd = memfd_create("outcome", MFD_CLOEXEC);
	struct lq_import_wish wish = {
		.kind = LQ_ROSTER_MEMBERS, .dry_run = true, .outcome_fd = dup(fd)};
	uint64_t before = head_of(bench);
	struct lq_import_counts counts = must_import(bench, wish, rows, 2);
	assert_int_equal(counts.added, 1);
	assert_int_equal(counts.changed, 1);
	assert_int_equal(head_of(bench), before);
	assert_roster(bench, LQ_ROSTER_MEMBERS, "m1  Ada Example always 1/");
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(read(fd, &outcome, sizeof(outcome)), sizeof(outcome));
	assert_int_equal(outcome.kind, LQ_IMPORT_CHANGED);
	assert_int_equal(outcome.line, 2);
	assert_int_equal(read(fd, &old, sizeof(old)), sizeof(old));
	assert_string_equal(old.name, "Ada Example");
	assert_int_equal(read(fd, &outcome, sizeof(outcome)), sizeof(outcome));
	assert_int_equal(outcome.kind, LQ_IMPORT_ADDED);
	assert_int_equal(outcome.line, 5);
	assert_int_equal(read(fd, &outcome, sizeof(outcome)), 0);
	assert_int_equal(close(fd), 0);
}

static void badges_are_found_by_their_uid_and_decide_at_once(void **state)
{
	static const uint8_t uids[3][7] = {
		{4, 1, 2, 3, 4, 5, 6}, {4, 9, 2, 3, 4, 5, 6}, {4, 5, 2, 3, 4, 5, 6}};
	struct bench *bench = *state;
	uint32_t ada = bench_add_member(bench, "Ada Example");
	uint32_t bob = bench_add_member(bench, "Bob Example");
	(void)bench_enrol(bench, ada, uids[0]);
	const struct lq_roster_row rows[] = {
		badge_row(2, uids[0], bob), badge_row(3, uids[1], ada), badge_row(4, uids[2], ada)};
	struct lq_import *import = begin(badges, rows, 3);
	assert_int_equal(finish(bench, import), LQ_OK);
	assert_int_equal(lq_import_counts(import).added, 2);
	assert_int_equal(lq_import_counts(import).changed, 1);
	struct lq_roster *roster = lq_import_take_roster(import);
	assert_non_null(roster);
	assert_null(lq_import_take_roster(import));
	assert_int_equal(lq_roster_count(roster), 3);
	for (size_t i = 0; i < 3; i++) {
		uint8_t key[16];
		assert_int_equal(lq_uid_key(&bench->keys, uids[i], 7, key), LQ_OK);
		const struct lq_credential *found = lq_roster_find(roster, key);
		assert_non_null(found);
		assert_int_equal(found->holder, i == 0 ? bob : ada);
		assert_true(found->holder_enabled && found->state == LQ_CREDENTIAL_ENABLED);
	}
	lq_roster_free(roster);
	lq_import_free(import);
	struct lq_import_wish wish = badges;
	wish.disable_missing = true;
	assert_int_equal(must_import(bench, wish, rows, 1).disabled, 2);
	char *text = roster_text(bench, LQ_ROSTER_BADGES);
	assert_non_null(strstr(text, "c1 m2  0/"));
	assert_non_null(strstr(text, "c2 m1  1/"));
	assert_non_null(strstr(text, "c3 m1  1/"));
	free(text);
}

static void a_row_that_does_not_fit_changes_nothing(void **state)
{
	static const uint8_t uid[7] = {4, 1, 2, 3, 4, 5, 6};
	struct bench *bench = *state;
	const struct lq_roster_row first[] = {
		member_row(2, "E-1", "Ada Example"), member_row(3, "E-2", "Bob Example")};
	(void)must_import(bench, members, first, 2);
	(void)bench_enrol(bench, 1, uid);
	struct lq_roster_row bad[12];
	const struct {
		struct lq_import_wish wish;
		enum lq_import_problem problem;
		size_t column;
	} cases[12] = {
		{members, LQ_IMPORT_UNKNOWN, LQ_MEMBER_PROFILE},
		{members, LQ_IMPORT_UNKNOWN, LQ_MEMBER_ID},
		{members, LQ_IMPORT_TAKEN, LQ_MEMBER_EXTERNAL_ID},
		{members, LQ_IMPORT_NEEDED, LQ_MEMBER_NAME},
		{members, LQ_IMPORT_NO_KEY, LQ_MEMBER_EXTERNAL_ID},
		{members, LQ_IMPORT_MALFORMED, 0},
		{badges, LQ_IMPORT_UNKNOWN, LQ_BADGE_MEMBER},
		{badges, LQ_IMPORT_UNKNOWN, LQ_BADGE_EXTERNAL_ID},
		{badges, LQ_IMPORT_TAKEN, LQ_BADGE_UID},
		{badges, LQ_IMPORT_SPAN, LQ_BADGE_TO},
		{badges, LQ_IMPORT_SUSPENSION, LQ_BADGE_SUSPENDED_UNTIL},
		{members, LQ_IMPORT_MALFORMED, 0},
	};
	for (size_t i = 0; i < 6; i++) {
		bad[i] = member_row(9, "E-9", "Cy Example");
		bad[i + 4] = i >= 2 ? badge_row(9, uid, 1) : bad[i + 4];
	}
	(void)snprintf(bad[0].profile, sizeof(bad[0].profile), "days");
	bad[1].id = 77;
	bad[2] = member_row(9, "E-2", "Ada Example");
	bad[2].id = 1;
	bad[3].given &= ~LQ_GIVEN(LQ_MEMBER_NAME);
	bad[4] = member_row(9, "", "Cy Example");
	bad[5] = member_row(9, "E-9", "two\nlines");
	bad[6].holder = 77;
	(void)snprintf(bad[7].external_id, sizeof(bad[7].external_id), "E-9");
	bad[8].uid.bytes[3] = 9;
	bad[8].id = 1;
	bad[9].valid_to_s = 0;
	bad[9].given |= LQ_GIVEN(LQ_BADGE_TO);
	bad[10] = badge_row(9, uid, 1);
	bad[10].suspended_until_s = 1798758000;
	bad[10].given |= LQ_GIVEN(LQ_BADGE_SUSPENDED_UNTIL);
	bad[11] = member_row(9, "E-9", "  \xc2\xa0");
	char *was = roster_text(bench, LQ_ROSTER_MEMBERS);
	char *had = roster_text(bench, LQ_ROSTER_BADGES);
	uint64_t before = head_of(bench);
	for (size_t i = 0; i < 12; i++) {
		const struct lq_roster_row rows[] = {member_row(8, "E-8", "Di Example"), bad[i]};
		bool whole = cases[i].wish.kind == LQ_ROSTER_MEMBERS;
		struct lq_import *import =
			begin(cases[i].wish, whole ? rows : &bad[i], whole ? 2 : 1);
		int r = finish(bench, import);
		struct lq_import_refusal refusal = lq_import_refusal(import);
		if (r != LQ_ERR_INVALID || refusal.problem != cases[i].problem ||
			refusal.column != cases[i].column || refusal.line != 9) {
			fail_msg("case %zu: %d, %s in column %zu of line %u", i, r,
				lq_import_problem_text(refusal.problem), refusal.column,
				refusal.line);
		}
		lq_import_free(import);
	}
	assert_int_equal(head_of(bench), before);
	assert_roster(bench, LQ_ROSTER_MEMBERS, was);
	assert_roster(bench, LQ_ROSTER_BADGES, had);
	free(was);
	free(had);
}

/* Two rows about one member, found in two ways. */
static void the_same_member_twice_is_refused(void **state)
{
	struct bench *bench = *state;
	struct lq_roster_row rows[] = {
		member_row(2, "E-1", "Ada Example"), member_row(3, "", "Ada Example")};
	(void)must_import(bench, members, rows, 1);
	rows[1].id = 1;
	struct lq_import *import = begin(members, rows, 2);
	assert_int_equal(finish(bench, import), LQ_ERR_INVALID);
	assert_int_equal(lq_import_refusal(import).problem, LQ_IMPORT_TWICE);
	assert_int_equal(lq_import_refusal(import).line, 3);
	assert_int_equal(lq_import_refusal(import).id, 1);
	lq_import_free(import);
}

static void what_is_no_sealed_memory_file_is_not_read(void **state)
{
	struct bench *bench = *state;
	struct lq_import *import = NULL;
	const struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_IMPORTED, bench_morning);
	const struct lq_roster_row row = member_row(2, "E-1", "Ada Example");
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	int loose = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(loose, &row, sizeof(row)), sizeof(row));
	int odd = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(odd, &row, sizeof(row) - 1), sizeof(row) - 1);
	assert_int_equal(fcntl(odd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), 0);
	int big = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(big, (LQ_ROSTER_ROWS_MAX + 1) * (off_t)sizeof(row)), 0);
	assert_int_equal(fcntl(big, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), 0);
	const struct {
		struct lq_import_wish wish;
		int error;
	} cases[] = {
		{{.rows_fd = ends[0], .outcome_fd = -1}, LQ_ERR_INVALID},
		{{.rows_fd = loose, .outcome_fd = -1}, LQ_ERR_INVALID},
		{{.rows_fd = odd, .outcome_fd = -1}, LQ_ERR_INVALID},
		{{.rows_fd = big, .outcome_fd = -1}, LQ_ERR_FULL},
		{{.rows_fd = seal(&row, 1), .outcome_fd = ends[1]}, LQ_ERR_INVALID},
	};
	(void)bench;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lq_import_new(&cases[i].wish, &event, &import), cases[i].error);
		assert_int_equal(fcntl(cases[i].wish.rows_fd, F_GETFD), -1); /* taken over */
	}
}

/* Columns and indices of migrations that are yet to come. */
static void columns_that_it_does_not_know_are_kept(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	(void)bench_add_member(bench, "Ada Example");
	(void)bench_add_member(bench, "Bob Example");
	lq_store_close(bench->store);
	bench->store = NULL;
	bench_tamper(bench, "ALTER TABLE member ADD COLUMN extra INTEGER NOT NULL DEFAULT 7;"
			    "CREATE INDEX member_extra ON member (extra);"
			    "UPDATE member SET extra = 9 WHERE id = 2");
	bench_reopen(bench, &report);
	for (unsigned turn = 0; turn < 3; turn++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "Cy of %u", turn);
		const struct lq_roster_row row = member_row(2, "E-3", name);
		(void)must_import(bench, members, &row, 1);
	}
	lq_store_close(bench->store);
	bench->store = NULL;
	/* which fails where the index or a value is another */
	bench_tamper(bench,
		"CREATE TABLE must (sum CHECK (sum = 7 + 9 + 7));"
		"INSERT INTO must SELECT sum(extra) FROM member INDEXED BY member_extra_2;"
		"DROP TABLE must");
	bench_reopen(bench, &report);
}

/* ---- a program that dies at any step ---- */

static uint32_t many_rows(struct lq_roster_row rows[ROWS])
{
	for (uint32_t i = 0; i < ROWS; i++) {
		char external_id[16];
		char name[32];
		(void)snprintf(external_id, sizeof(external_id), "E-%u", i);
		(void)snprintf(name, sizeof(name), "Example %u", i);
		rows[i] = member_row(i + 2, external_id, name);
	}
	return ROWS;
}

/* Makes so many steps and dies; 1 when the import ended before. */
static void import_and_die(struct bench *bench, unsigned steps)
{
	struct lq_store_report report;
	struct lq_roster_row rows[ROWS];
	uint32_t count = many_rows(rows);
	if (lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning, &bench->store,
		    &report) != LQ_OK) {
		_exit(2);
	}
	struct lq_import *import = begin(members, rows, count);
	int r = 1;
	for (unsigned i = 0; i < steps && r == 1; i++) {
		r = lq_import_step(import, bench->store, &small_steps);
	}
	if (r != 1) {
		_exit(r == LQ_OK ? 1 : 2);
	}
	(void)kill(getpid(), SIGKILL);
}

static bool die_after(struct bench *bench, unsigned steps)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		import_and_die(bench, steps);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 1);
	return WIFSIGNALED(status);
}

static int count_imports(void *ctx, const struct lq_row *row)
{
	unsigned *count = ctx;
	*count += memmem(row->body, row->body_length, "roster.imported", 15) != NULL ? 1 : 0;
	return 0;
}

static void a_kill_leaves_the_old_roster_or_the_new_one(void **state)
{
	struct bench *bench = *state;
	unsigned old = 0;
	unsigned fresh = 0;
	bool killed = true;
	for (unsigned steps = 1; killed; steps++) {
		struct lq_store_report report;
		unsigned imports = 0;
		lq_store_close(bench->store);
		bench->store = NULL;
		char command[96];
		(void)snprintf(command, sizeof(command), "rm -f %s/door.db*", bench->folder);
		assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder
		bench->keys.made = true;
		assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys,
					 bench_morning, &bench->store, &report),
			LQ_OK);
		(void)bench_add_member(bench, "Ada Example");
		lq_store_close(bench->store);
		bench->store = NULL;
		killed = die_after(bench, steps);
		bench_reopen(bench, &report);
		assert_string_equal(report.set_aside, "");
		assert_int_equal(lq_store_read(bench->store, 0, 0, count_imports, &imports), LQ_OK);
		char *text = roster_text(bench, LQ_ROSTER_MEMBERS);
		size_t rows = 0;
		for (const char *c = text; *c != '\0'; c++) {
			rows += *c == '/' ? 1 : 0;
		}
		free(text);
		assert_int_equal(rows, imports == 0 ? 1 : ROWS + 1);
		assert_true(imports <= 1);
		old += imports == 0 ? 1 : 0;
		fresh += imports;
	}
	assert_true(old > 10);
	assert_true(fresh >= 2); /* before the old table was dropped, and behind the end */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_added_changed_and_left),
		TEST(a_dry_run_writes_what_would_happen_and_nothing_else),
		TEST(badges_are_found_by_their_uid_and_decide_at_once),
		TEST(a_row_that_does_not_fit_changes_nothing),
		TEST(the_same_member_twice_is_refused),
		TEST(what_is_no_sealed_memory_file_is_not_read),
		TEST(columns_that_it_does_not_know_are_kept),
		TEST(a_kill_leaves_the_old_roster_or_the_new_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

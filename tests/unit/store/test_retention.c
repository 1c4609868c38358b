/* What is too old and tells of a person is gone, whenever the program died meanwhile; all else
 * stands as it was. */
#include "firmware/core/err.h"
#include "firmware/store/retention.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"
#include "tests/unit/store/bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS_MAX  400
#define DAY_MS    INT64_C(86400000)
#define MONTHS_MS (90 * DAY_MS)
#define ROUNDS    4
#define DIED      7

/* ---- the oracle: what the rows said, and which of them are old ---- */

struct noted {
	uint64_t seq;
	bool personal;
	bool trusted;
	char time[LQ_RFC3339_SIZE];
	char mark[24]; /* of the person, in no other row; empty: none */
	char body[LQ_EVENT_BODY_MAX];
	size_t length;
};

struct notes {
	size_t count;
	struct noted rows[ROWS_MAX];
};

static bool names_a_person(const char *type)
{
	static const char *const nouns[] = {
		"access", "command", "roster", "presence", "maintainers"};
	char begin[64];
	for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++) {
		(void)snprintf(begin, sizeof(begin), "org.loquet.%s.", nouns[i]);
		if (strncmp(type, begin, strlen(begin)) == 0) {
			return true;
		}
	}
	return false;
}

static int note_row(void *ctx, const struct lq_row *row)
{
	struct notes *notes = ctx;
	struct noted *noted = &notes->rows[notes->count++];
	json_t *body = json_loadb(row->body, row->body_length, 0, NULL);
	assert_non_null(body);
	const char *holder =
		json_string_value(json_object_get(json_object_get(body, "data"), "holder"));
	*noted = (struct noted){.seq = row->seq, .length = row->body_length};
	noted->personal = names_a_person(json_string_value(json_object_get(body, "type")));
	noted->trusted =
		strcmp(json_string_value(json_object_get(body, "loquetclock")), "unset") != 0;
	(void)snprintf(noted->time, sizeof(noted->time), "%s",
		json_string_value(json_object_get(body, "time")));
	(void)snprintf(noted->mark, sizeof(noted->mark), "%s", holder == NULL ? "" : holder);
	memcpy(noted->body, row->body, row->body_length);
	json_decref(body);
	return 0;
}

static void note(struct bench *bench, struct notes *notes)
{
	notes->count = 0;
	assert_int_equal(lq_store_read(bench->store, 0, ROWS_MAX, note_row, notes), LQ_OK);
}

/* A row that was written with a trusted clock is older than the text of a time, and is this one or
 * stands behind it. */
static bool is_old(const struct notes *notes, size_t at, const char *before)
{
	for (size_t i = at; i < notes->count; i++) {
		if (notes->rows[i].trusted && strcmp(notes->rows[i].time, before) < 0) {
			return true;
		}
	}
	return false;
}

struct comparison {
	const struct notes *notes;
	char before[LQ_RFC3339_SIZE];
	bool complete;
	size_t at;
	size_t emptied;
};

static int compare_row(void *ctx, const struct lq_row *row)
{
	struct comparison *c = ctx;
	const struct noted *noted = &c->notes->rows[c->at];
	bool gone = noted->personal && is_old(c->notes, c->at, c->before);
	assert_int_equal(row->seq, noted->seq);
	if (row->body_length != 0) {
		assert_false(gone && c->complete);
		assert_int_equal(row->body_length, noted->length);
		assert_memory_equal(row->body, noted->body, noted->length);
	} else {
		assert_true(gone);
		c->emptied++;
	}
	c->at++;
	return 0;
}

/* Returns how many are empty. */
static size_t compare(
	struct bench *bench, const struct notes *notes, int64_t before_ms, bool complete)
{
	struct comparison c = {.notes = notes, .complete = complete};
	struct lq_verdict verdict;
	lq_wall_rfc3339(before_ms, c.before);
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_int_equal(lq_store_read(bench->store, 0, notes->count, compare_row, &c), LQ_OK);
	assert_int_equal(c.at, notes->count);
	return c.emptied;
}

/* ---- the files, as whoever steals the card reads them ---- */

static void search_file(const char *path, const struct notes *notes, const struct comparison *of)
{
	struct stat found = {.st_size = 0};
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &found) == 0);
	char *bytes = malloc((size_t)found.st_size + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, (size_t)found.st_size), found.st_size);
	for (size_t i = 0; i < notes->count; i++) {
		const struct noted *row = &notes->rows[i];
		if (!row->personal || !is_old(notes, i, of->before)) {
			continue;
		}
		if (row->mark[0] != '\0' && memmem(bytes, (size_t)found.st_size, row->mark,
						    strlen(row->mark)) != NULL) {
			fail_msg("%s still has %s", path, row->mark);
		}
		if (memmem(bytes, (size_t)found.st_size, row->time, strlen(row->time)) != NULL) {
			fail_msg("%s still has %s", path, row->time);
		}
	}
	free(bytes);
	(void)close(fd);
}

static void search_files(struct bench *bench, const struct notes *notes, int64_t before_ms)
{
	struct comparison of = {.notes = notes};
	DIR *folder = opendir(bench->folder);
	unsigned searched = 0;
	lq_wall_rfc3339(before_ms, of.before);
	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		char path[400];
		(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, entry->d_name);
		if (entry->d_name[0] != '.') {
			search_file(path, notes, &of);
			searched++;
		}
	}
	(void)closedir(folder);
	assert_in_range(searched, 3, 20);
}

/* ---- journals ---- */

/* Every row has a time, and every holder a number, of its own. */
static struct lq_event random_event(
	struct lq_random *random, struct lq_wall at, uint32_t holder, bool often)
{
	enum lq_event_type type = (enum lq_event_type)lq_random_below(random, LQ_EVENT_COUNT);
	if (type == LQ_EVENT_JOURNAL_CHECKPOINT || often) {
		type = LQ_EVENT_ACCESS_GRANTED;
	}
	struct lq_event event = lq_event_make(type, at);
	event.door = 0;
	event.holder = holder;
	event.credential = 1 + lq_random_below(random, 9);
	event.transaction = (struct lq_transaction){.run = 1, .number = holder};
	(void)snprintf(event.actor, sizeof(event.actor), "account-%u", holder);
	return event;
}

static struct lq_wall fill(struct bench *bench, struct lq_random *random, size_t count,
	struct lq_wall at, int64_t pause_max_ms)
{
	bool often = lq_random_below(random, 3) == 0;
	for (size_t i = 0; i < count; i++) {
		at.unix_ms += lq_random_between(random, 1, pause_max_ms);
		if (lq_random_below(random, 6) == 0) {
			at.trust = (enum lq_trust)lq_random_below(random, 3);
		}
		uint32_t holder = 1000000000u + lq_random_below(random, 1000000000u);
		struct lq_event event = random_event(random, at, holder, often);
		at.unix_ms += 1; /* a checkpoint is of the same time as the row before it */
		lq_store_set_checkpoint_rows(bench->store, 1000000);
		assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
		if (lq_random_below(random, 20) == 0) {
			struct lq_event seal = lq_event_make(LQ_EVENT_JOURNAL_CHECKPOINT, at);
			assert_int_equal(lq_store_append(bench->store, &seal, 1, NULL), LQ_OK);
		}
	}
	return at;
}

static int purge(struct lq_store *store, int64_t before_ms, uint32_t rows)
{
	int r = 1;
	for (unsigned steps = 0; r == 1; steps++) {
		r = lq_store_purge_step(store, before_ms, rows);
		if (steps > 100000) {
			return LQ_ERR_TIMEOUT;
		}
	}
	return r;
}

/* ---- the program that dies ---- */

static unsigned writes_left;

static void count_write(void)
{
	if (writes_left-- == 0) {
		_exit(DIED);
	}
}

static ssize_t dying_pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	count_write();
	return pwrite(fd, bytes, size, at);
}

static int dying_truncate(int fd, off_t size)
{
	count_write();
	return ftruncate(fd, size);
}

/* True when it died, at the write of that number. */
static bool purge_and_die(struct bench *bench, int64_t before_ms, uint32_t rows, unsigned at)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct lq_store_report report;
		sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
		if (lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning,
			    &bench->store, &report) != LQ_OK) {
			_exit(1);
		}
		writes_left = at;
		(void)vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)dying_pwrite);
		(void)vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)dying_pwrite);
		(void)vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)dying_truncate);
		_exit(purge(bench->store, before_ms, rows) == LQ_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	return WEXITSTATUS(status) == DIED;
}

static void open_again(struct bench *bench)
{
	struct lq_store_report report;
	bench_reopen(bench, &report);
	assert_string_equal(report.set_aside, "");
}

static void close_it(struct bench *bench)
{
	lq_store_close(bench->store);
	bench->store = NULL;
}

/* ---- tests ---- */

/* Returns how often it died. Sometimes nobody else opens the files in between. */
static unsigned die_again_and_again(
	struct bench *bench, struct lq_random *random, const struct notes *notes, int64_t before_ms)
{
	uint32_t rows = 1 + lq_random_below(random, 40);
	unsigned deaths = 0;
	for (unsigned at = 0; purge_and_die(bench, before_ms, rows, at);
		at += lq_random_below(random, 3)) {
		deaths++;
		at += deaths > 200 ? 1 : 0;
		if (lq_random_below(random, 2) == 0) {
			open_again(bench);
			(void)compare(bench, notes, before_ms, false);
			close_it(bench);
		}
	}
	return deaths;
}

static void whenever_it_dies_it_comes_to_the_same_end(void **state)
{
	struct bench *bench = *state;
	struct lq_random random = lq_random_begin(__func__);
	struct notes *notes = calloc(1, sizeof(*notes));
	assert_non_null(notes);
	struct lq_wall end = fill(bench, &random, 150, bench_morning, 2 * DAY_MS);
	note(bench, notes);
	close_it(bench);
	unsigned deaths = 0;
	size_t most = 0;
	int64_t before_ms = bench_morning.unix_ms;
	for (int round = 0; round < ROUNDS; round++) {
		before_ms += lq_random_between(&random, 1, 2 * (end.unix_ms - before_ms) / ROUNDS);
		before_ms = round == ROUNDS - 1 ? end.unix_ms + 1 : before_ms;
		deaths += die_again_and_again(bench, &random, notes, before_ms);
		open_again(bench);
		size_t emptied = compare(bench, notes, before_ms, true);
		search_files(bench, notes, before_ms);
		assert_true(emptied >= most);
		most = emptied;
		close_it(bench);
	}
	assert_in_range(most, 20, notes->count);
	assert_in_range(deaths, 10, 100000);
	free(notes);
	open_again(bench);
}

/* What is appended meanwhile stands; and no page that once had a row has it still. */
static void purges_and_new_rows_in_any_order(void **state)
{
	struct bench *bench = *state;
	struct lq_random random = lq_random_begin(__func__);
	struct notes *notes = calloc(1, sizeof(*notes));
	struct notes *more = calloc(1, sizeof(*more));
	assert_non_null(notes);
	assert_non_null(more);
	struct lq_wall at = bench_morning;
	for (int round = 0; round < LQ_RUNS(12); round++) {
		size_t known = notes->count;
		at = fill(bench, &random, 1 + lq_random_below(&random, 25), at, 9 * DAY_MS);
		more->count = 0;
		uint64_t from = known == 0 ? 0 : notes->rows[known - 1].seq + 1;
		assert_int_equal(
			lq_store_read(bench->store, from, ROWS_MAX - known, note_row, more), LQ_OK);
		memcpy(notes->rows + known, more->rows, more->count * sizeof(notes->rows[0]));
		notes->count += more->count;
		if (lq_random_below(&random, 3) == 0) {
			open_again(bench);
		}
		int64_t before_ms = at.unix_ms - MONTHS_MS;
		assert_int_equal(
			purge(bench->store, before_ms, 1 + lq_random_below(&random, 64)), LQ_OK);
		(void)compare(bench, notes, before_ms, true);
		search_files(bench, notes, before_ms);
	}
	free(more);
	free(notes);
}

static void append_at(struct bench *bench, enum lq_event_type type, int64_t unix_ms)
{
	struct lq_event event =
		lq_event_make(type, (struct lq_wall){.unix_ms = unix_ms, .trust = LQ_TRUST_RTC});
	event.door = 0;
	event.holder = 4242;
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
}

/* No row that is left says how late it was. */
static void time_does_not_run_backwards_over_an_emptied_journal(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	struct lq_head head;
	int64_t last_ms = bench_morning.unix_ms;
	for (unsigned i = 0; i < 100; i++) {
		append_at(bench, LQ_EVENT_ACCESS_DENIED, last_ms++);
	}
	assert_int_equal(purge(bench->store, last_ms + 5, 7), LQ_OK);
	bench_reopen(bench, &report);
	assert_int_equal(lq_store_head(bench->store, &head), LQ_OK);
	assert_true(head.unix_ms >= last_ms);
	assert_true(head.unix_ms <= last_ms + 5);
	assert_int_equal(head.seq, 100);
}

static void a_second_purge_begins_where_the_first_one_ended(void **state)
{
	struct bench *bench = *state;
	for (unsigned i = 0; i < 300; i++) {
		append_at(bench, LQ_EVENT_ACCESS_DENIED, bench_morning.unix_ms + i);
	}
	assert_int_equal(purge(bench->store, bench_morning.unix_ms + 200, 10), LQ_OK);
	struct lq_store_report report;
	bench_reopen(bench, &report);
	/* One step looks at ten rows: it would not come to the 200th from the front. */
	assert_int_equal(lq_store_purge_step(bench->store, bench_morning.unix_ms + 205, 10), 1);
	assert_int_equal(lq_store_purge_step(bench->store, bench_morning.unix_ms + 205, 10), LQ_OK);
}

static void a_reader_of_the_log_is_not_waited_for(void **state)
{
	struct bench *bench = *state;
	char path[96];
	sqlite3 *reader = NULL;
	append_at(bench, LQ_EVENT_ACCESS_DENIED, bench_morning.unix_ms);
	(void)snprintf(path, sizeof(path), "%s/door.db", bench->folder);
	assert_int_equal(sqlite3_open(path, &reader), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM journal", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(purge(bench->store, bench_morning.unix_ms + 1, 10), LQ_ERR_BUSY);
	assert_int_equal(sqlite3_exec(reader, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(purge(bench->store, bench_morning.unix_ms + 1, 10), LQ_OK);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	(void)snprintf(path, sizeof(path), "%s/door.db-wal", bench->folder);
	struct stat found;
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_size, 0);
}

static int64_t count_of(struct bench *bench, const char *sql)
{
	char path[96];
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	(void)snprintf(path, sizeof(path), "%s/door.db", bench->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t count = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return count;
}

/* Nobody may have come since, who would have ended it. */
static void whoever_came_too_long_ago_is_in_no_table(void **state)
{
	struct bench *bench = *state;
	bench_tamper(bench, "INSERT INTO presence (zone, member, since) VALUES ('a', 1, 5000), "
			    "('a', 2, 6000)");
	bench_tamper(bench, "INSERT INTO presence_frozen (zone, member, since) VALUES "
			    "('a', 1, 5000), ('a', 2, 6000)");
	bench_tamper(bench, "INSERT INTO order_nonce (signer, nonce, expires) VALUES "
			    "('desk', 'a', 5), ('desk', 'b', 6)");
	assert_int_equal(purge(bench->store, 6000, 10), LQ_OK);
	assert_int_equal(count_of(bench, "SELECT sum(member) FROM presence"), 2);
	assert_int_equal(count_of(bench, "SELECT sum(member) FROM presence_frozen"), 2);
	assert_int_equal(count_of(bench, "SELECT sum(expires) FROM order_nonce"), 6);
}

/* A journal that begins behind another one's numbers is not counted through from 1. */
static void a_journal_that_began_anew(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	close_it(bench);
	bench_damage(bench, 0, 64);
	bench_reopen(bench, &report);
	assert_string_not_equal(report.set_aside, "");
	int64_t late_ms = bench_morning.unix_ms + 1;
	for (unsigned i = 0; i < 20; i++) {
		append_at(bench, LQ_EVENT_ACCESS_DENIED, late_ms);
	}
	unsigned steps = 0;
	int r = 1;
	for (; r == 1; steps++) {
		r = lq_store_purge_step(bench->store, late_ms + 1, 10);
	}
	assert_int_equal(r, LQ_OK);
	assert_in_range(steps, 2, 10);
	assert_int_equal(
		count_of(bench, "SELECT count(*) FROM journal WHERE length(body) = 0"), 20);
	assert_int_equal(count_of(bench, "SELECT count(*) FROM journal WHERE length(body) > 0"), 1);
}

static unsigned set_aside_files(struct bench *bench)
{
	DIR *folder = opendir(bench->folder);
	unsigned count = 0;
	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		count += strstr(entry->d_name, ".damaged-") != NULL ? 1 : 0;
	}
	(void)closedir(folder);
	return count;
}

static void put_file(struct bench *bench, const char *name, int64_t unix_ms)
{
	char path[128];
	const struct timespec times[2] = {{.tv_sec = unix_ms / 1000}, {.tv_sec = unix_ms / 1000}};
	(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0 && futimens(fd, times) == 0);
	(void)close(fd);
}

/* What was set aside goes once the row is too old that the journal in its place began with. */
static void a_damaged_file_is_not_kept_for_longer(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	struct lq_head head;
	append_at(bench, LQ_EVENT_ACCESS_DENIED, bench_morning.unix_ms);
	close_it(bench);
	bench_damage(bench, 0, 64);
	bench_reopen(bench, &report);
	assert_int_equal(lq_store_head(bench->store, &head), LQ_OK);
	int64_t began_ms = head.unix_ms;
	int64_t long_ago_ms = began_ms - DAY_MS;
	assert_in_range(set_aside_files(bench), 1, 3);
	char *name = strrchr(report.set_aside, '/') + 1;
	put_file(bench, name, long_ago_ms);
	put_file(bench, "door.db.damaged-12", long_ago_ms);
	put_file(bench, "door.db.damaged-13-wal", long_ago_ms);
	put_file(bench, "door.db.damaged-14", began_ms + DAY_MS); /* somebody looked into it */
	put_file(bench, "door.db.damaged-99999999999", long_ago_ms);
	put_file(bench, "door.db.damaged-15.copy", long_ago_ms); /* not one of ours */
	unsigned before = set_aside_files(bench);
	assert_int_equal(purge(bench->store, began_ms, 10), LQ_OK);
	assert_int_equal(set_aside_files(bench), before);
	assert_int_equal(purge(bench->store, began_ms + 1, 10), LQ_OK);
	assert_int_equal(set_aside_files(bench), 3);
	assert_int_equal(access(report.set_aside, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whenever_it_dies_it_comes_to_the_same_end),
		TEST(purges_and_new_rows_in_any_order),
		TEST(time_does_not_run_backwards_over_an_emptied_journal),
		TEST(a_second_purge_begins_where_the_first_one_ended),
		TEST(a_reader_of_the_log_is_not_waited_for),
		TEST(whoever_came_too_long_ago_is_in_no_table),
		TEST(a_journal_that_began_anew),
		TEST(a_damaged_file_is_not_kept_for_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the office expects of any database, and that a copy of one is the same in the other.
 *     database_contract sqlite | postgres CONNECTION */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/copy.h"
#include "host/office/db.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *connection; /* NULL: SQLite */
static char folder[] = "/tmp/lq-database-XXXXXX";
static struct lq_db *db;

static const char *const migrations[] = {
	"-- A table's numbers go on by themselves; 'INTEGER' in a text stays.\n"
	"CREATE TABLE thing (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, bytes BLOB, "
	"size INTEGER NOT NULL DEFAULT 7) STRICT;\n"
	"CREATE TABLE word (word TEXT PRIMARY KEY, said TEXT NOT NULL DEFAULT 'INTEGER ?1') "
	"STRICT, WITHOUT ROWID;",
	"ALTER TABLE word ADD COLUMN times INTEGER NOT NULL DEFAULT 0",
};

static int open_file(const char *name, struct lq_db **ret_db)
{
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return lq_db_open_sqlite(path, LQ_DB_KEEP, ret_db);
}

static int open_another(struct lq_db **ret_db)
{
	return connection != NULL ? lq_db_open_postgres(connection, LQ_DB_KEEP, ret_db)
				  : open_file("contract.db", ret_db);
}

static int open_one(void)
{
	return open_another(&db);
}

static void drop(const char *table)
{
	char sql[64];
	(void)snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s", table);
	assert_true(lq_db_run(db, sql, "") >= 0);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(open_one(), LQ_OK);
	assert_int_equal(lq_db_migrate(db, migrations, 2), LQ_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lq_db_rollback(db);
	if (connection != NULL) {
		drop("thing");
		drop("word");
		drop("schema_version");
	}
	lq_db_close(db);
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/contract.db", folder);
	(void)unlink(path);
	return 0;
}

static int64_t add(const char *name, const struct lq_blob *bytes)
{
	int64_t number = 0;
	int r = lq_db_integer(db, &number, 0,
		"INSERT INTO thing (name, bytes) VALUES (?1, ?2) RETURNING number", "tb", name,
		bytes);
	return r == LQ_OK ? number : r;
}

static int64_t count(void)
{
	int64_t value = -1;
	assert_int_equal(lq_db_integer(db, &value, -1, "SELECT count(*) FROM thing", ""), LQ_OK);
	return value;
}

static const struct lq_blob nothing = {0};
static const struct lq_blob empty = {.bytes = ""};

static void every_type_comes_back(void **state)
{
	(void)state;
	const uint8_t bytes[] = {0, 1, '\\', '\'', 0xff, 0};
	const struct lq_blob blob = {.bytes = bytes, .length = sizeof(bytes)};
	struct lq_rows *rows = NULL;
	assert_int_equal(add("d'été ? ?1", &blob), 1);
	assert_int_equal(add("second", &nothing), 2);
	assert_int_equal(add("third", &empty), 3);
	assert_int_equal(lq_db_query(db, &rows,
				 "SELECT number, name, bytes, size, '?1', ?2 FROM thing "
				 "WHERE number >= ?1 ORDER BY number",
				 "ii", (int64_t)1, INT64_MIN),
		LQ_OK);
	assert_int_equal(lq_rows_next(rows), 1);
	assert_int_equal(lq_rows_columns(rows), 6);
	assert_string_equal(lq_rows_name(rows, 1), "name");
	assert_int_equal(lq_rows_integer(rows, 0), 1);
	assert_string_equal(lq_rows_text(rows, 1), "d'été ? ?1");
	struct lq_blob read = lq_rows_blob(rows, 2);
	assert_int_equal(read.length, sizeof(bytes));
	assert_memory_equal(read.bytes, bytes, sizeof(bytes));
	assert_int_equal(lq_rows_value(rows, 2).type, 'b');
	assert_int_equal(lq_rows_value(rows, 3).type, 'i');
	assert_int_equal(lq_rows_value(rows, 3).integer, 7);
	assert_string_equal(lq_rows_text(rows, 4), "?1");
	assert_true(lq_rows_integer(rows, 5) == INT64_MIN);
	assert_int_equal(lq_rows_next(rows), 1);
	assert_true(lq_rows_is_null(rows, 2));
	assert_null(lq_rows_blob(rows, 2).bytes);
	assert_null(lq_rows_value(rows, 2).text);
	assert_int_equal(lq_rows_next(rows), 1);
	assert_false(lq_rows_is_null(rows, 2));
	assert_non_null(lq_rows_blob(rows, 2).bytes);
	assert_int_equal(lq_rows_blob(rows, 2).length, 0);
	assert_int_equal(lq_rows_next(rows), 0);
	lq_rows_end(rows);
}

static void what_is_there_already_is_told(void **state)
{
	(void)state;
	assert_int_equal(add("one", &nothing), 1);
	assert_int_equal(add("one", &nothing), LQ_ERR_EXISTS);
	assert_true(strlen(lq_db_error(db)) > 0);
	assert_int_equal(
		lq_db_run(db, "INSERT INTO thing (name) VALUES (?1) ON CONFLICT DO NOTHING", "t",
			"one"),
		0);
	assert_int_equal(
		lq_db_run(db,
			"INSERT INTO word (word, times) VALUES (?1, ?2) ON CONFLICT (word) "
			"DO UPDATE SET times = word.times + excluded.times",
			"ti", "a", (int64_t)2),
		1);
	assert_int_equal(count(), 1);
}

static void nothing_is_half_done(void **state)
{
	(void)state;
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_true(add("one", &nothing) > 0);
	assert_int_equal(add("one", &nothing), LQ_ERR_EXISTS);
	lq_db_rollback(db);
	assert_int_equal(count(), 0);
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_true(add("two", &nothing) > 0);
	assert_int_equal(lq_db_commit(db), LQ_OK);
	lq_db_rollback(db);
	assert_int_equal(count(), 1);
}

/* A database may go on behind a statement that failed, or take back all of them: it says which. */
static void what_was_not_kept_is_told(void **state)
{
	(void)state;
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_true(add("one", &nothing) > 0);
	assert_int_equal(add("one", &nothing), LQ_ERR_EXISTS);
	int r = lq_db_commit(db);
	assert_true(r == LQ_OK || strlen(lq_db_error(db)) > 0);
	lq_db_rollback(db);
	assert_int_equal(count(), r == LQ_OK ? 1 : 0);
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_true(add("two", &nothing) > 0);
	assert_int_equal(lq_db_commit(db), LQ_OK);
}

static void queries_run_beside_each_other(void **state)
{
	(void)state;
	struct lq_rows *rows = NULL;
	int64_t seen = 0;
	assert_true(add("one", &nothing) > 0 && add("two", &nothing) > 0);
	assert_int_equal(
		lq_db_query(db, &rows, "SELECT name FROM thing ORDER BY number", ""), LQ_OK);
	while (lq_rows_next(rows) == 1) {
		assert_int_equal(lq_db_run(db, "UPDATE thing SET size = size + 1 WHERE name = ?1",
					 "t", lq_rows_text(rows, 0)),
			1);
		seen++;
	}
	lq_rows_end(rows);
	assert_int_equal(seen, 2);
	assert_int_equal(lq_db_integer(db, &seen, 0, "SELECT sum(size) FROM thing", ""), LQ_OK);
	assert_int_equal(seen, 16);
}

struct late {
	int settled;
	int dropped;
	int result;
};

static int settle(void *ctx)
{
	struct late *late = ctx;
	late->settled++;
	return late->result == LQ_OK && add("late", &nothing) > 0 ? LQ_OK : LQ_ERR_IO;
}

static void drop_late(void *ctx)
{
	((struct late *)ctx)->dropped++;
}

static void put_off(struct late *late)
{
	const struct lq_db_late work = {.settle = settle, .drop = drop_late, .ctx = late};
	assert_int_equal(lq_db_begin(db), LQ_OK);
	lq_db_put_off(db, &work);
}

static void what_is_put_off_is_done_before_anybody_looks(void **state)
{
	(void)state;
	struct late late = {0};
	put_off(&late);
	assert_int_equal(late.settled, 0);
	assert_int_equal(count(), 1);
	assert_int_equal(count(), 1);
	assert_int_equal(late.settled, 1);
	lq_db_rollback(db);
	assert_int_equal(late.dropped, 0);
	assert_int_equal(count(), 0);
	put_off(&late);
	assert_int_equal(lq_db_commit(db), LQ_OK);
	assert_int_equal(late.settled, 2);
	assert_int_equal(count(), 1);
}

static void what_is_put_off_goes_with_the_transaction(void **state)
{
	(void)state;
	struct late late = {0};
	put_off(&late);
	lq_db_rollback(db);
	assert_int_equal(late.dropped, 1);
	put_off(&late);
	lq_db_take_back(db);
	assert_int_equal(lq_db_commit(db), LQ_OK);
	assert_int_equal(late.settled, 0);
	assert_int_equal(count(), 0);
}

static void nothing_is_committed_without_what_was_put_off(void **state)
{
	(void)state;
	struct late late = {.result = LQ_ERR_IO};
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_true(add("one", &nothing) > 0);
	put_off(&late);
	assert_int_equal(lq_db_commit(db), LQ_ERR_IO);
	assert_true(add("two", &nothing) < 0);
	lq_db_rollback(db);
	assert_int_equal(late.dropped, 1);
	assert_int_equal(count(), 0);
}

/* ---- a table that is behind ---- */

struct behind {
	int caught_up;
	int lost;
	int result;
};

static int catch_up(void *ctx)
{
	struct behind *behind = ctx;
	behind->caught_up++;
	return behind->result == LQ_OK && add("behind", &nothing) > 0 ? LQ_OK : LQ_ERR_IO;
}

static void lose(void *ctx)
{
	((struct behind *)ctx)->lost++;
}

static const char *const behind_tables[] = {"thing", NULL};

static struct lq_db_behind fall_behind(struct behind *behind)
{
	return (struct lq_db_behind){
		.tables = behind_tables, .catch_up = catch_up, .lose = lose, .ctx = behind};
}

static int64_t words(void)
{
	int64_t found = -1;
	assert_int_equal(
		lq_db_integer(db, &found, -1, "SELECT count(*) AS things FROM word", ""), LQ_OK);
	return found;
}

static void a_table_catches_up_before_anybody_looks_at_it(void **state)
{
	(void)state;
	struct behind behind = {0};
	const struct lq_db_behind hooks = fall_behind(&behind);
	lq_db_may_fall_behind(db, &hooks);
	assert_int_equal(count(), 0);
	lq_db_fall_behind(db);
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_int_equal(lq_db_commit(db), LQ_OK);
	assert_int_equal(words(), 0);
	assert_int_equal(behind.caught_up, 0);
	assert_int_equal(count(), 1);
	assert_int_equal(count(), 1);
	assert_int_equal(behind.caught_up, 1);
	lq_db_rollback(db); /* it was committed: nothing is lost */
	assert_int_equal(behind.lost, 0);
	assert_int_equal(count(), 1);
}

static void what_was_caught_up_with_goes_with_the_transaction(void **state)
{
	(void)state;
	struct behind behind = {0};
	const struct lq_db_behind hooks = fall_behind(&behind);
	lq_db_may_fall_behind(db, &hooks);
	lq_db_fall_behind(db);
	assert_int_equal(lq_db_begin(db), LQ_OK);
	assert_int_equal(count(), 1);
	lq_db_rollback(db);
	assert_int_equal(behind.lost, 1);
	assert_int_equal(count(), 1);
	assert_int_equal(behind.caught_up, 2);
}

static void a_table_that_cannot_catch_up_is_not_looked_at(void **state)
{
	(void)state;
	struct behind behind = {.result = LQ_ERR_IO};
	const struct lq_db_behind hooks = fall_behind(&behind);
	int64_t found = -1;
	lq_db_may_fall_behind(db, &hooks);
	lq_db_fall_behind(db);
	assert_int_equal(
		lq_db_integer(db, &found, -1, "SELECT count(*) FROM thing", ""), LQ_ERR_IO);
	assert_int_equal(found, -1);
	assert_int_equal(words(), 0);
	behind.result = LQ_OK;
	assert_int_equal(count(), 1);
}

static void wrong_sql_is_an_error(void **state)
{
	(void)state;
	assert_true(lq_db_run(db, "SELEKT 1", "") < 0);
	assert_int_equal(count(), 0);
}

static void a_newer_schema_is_refused(void **state)
{
	(void)state;
	assert_int_equal(lq_db_migrate(db, migrations, 2), LQ_OK);
	assert_int_equal(lq_db_migrate(db, migrations, 1), LQ_ERR_UNSUPPORTED);
}

static void who_holds_it_keeps_others_out(void **state)
{
	struct lq_db *other = NULL;
	struct lq_db *third = NULL;
	(void)state;
	assert_int_equal(open_another(&other), LQ_OK);
	assert_int_equal(open_another(&third), LQ_OK);
	assert_int_equal(lq_db_hold(db, LQ_DB_SHARED), LQ_OK);
	assert_int_equal(lq_db_hold(other, LQ_DB_SHARED), LQ_OK);
	assert_int_equal(lq_db_hold(third, LQ_DB_ALONE), LQ_ERR_BUSY);
	assert_string_equal(lq_db_error(third), "it is in use");
	lq_db_close(third);
	lq_db_close(other);
	/* One of two went; the server notices it in its own time. */
	assert_int_equal(open_another(&other), LQ_OK);
	assert_int_equal(lq_db_hold(other, LQ_DB_ALONE), LQ_ERR_BUSY);
	lq_db_close(db);
	assert_int_equal(open_one(), LQ_OK);
	int r = LQ_ERR_BUSY;
	for (int i = 0; i < 600 && r == LQ_ERR_BUSY; i++) {
		(void)usleep(100000);
		r = lq_db_hold(db, LQ_DB_ALONE);
	}
	assert_int_equal(r, LQ_OK);
	assert_int_equal(lq_db_hold(other, LQ_DB_SHARED), LQ_ERR_BUSY);
	assert_string_equal(lq_db_error(other), "it is being moved");
	lq_db_close(other);
}

/* ---- the office's own schema, there and back ---- */

static void note(void *ctx, const char *table, int64_t done, int64_t all)
{
	int64_t *told = ctx;
	assert_non_null(table);
	assert_true(done >= *told && done <= all);
	*told = done;
}

static void fill(struct lq_db *office)
{
	const uint8_t hash[32] = {1, 2, 0, 4};
	const struct lq_blob blob = {.bytes = hash, .length = sizeof(hash)};
	assert_int_equal(lq_db_begin(office), LQ_OK);
	assert_int_equal(
		lq_db_run(office, "INSERT INTO controller (name, last, hash) VALUES (?1, ?2, ?3)",
			"tib", "front-board", (int64_t)2500, &blob),
		1);
	for (int64_t seq = 1; seq <= 2500; seq++) {
		assert_int_equal(
			lq_db_run(office,
				"INSERT INTO event (controller, seq, type, body) "
				"VALUES (?1, ?2, ?3, ?4)",
				"titb", "front-board", seq, "org.loquet.door.opened.v1", &blob),
			1);
	}
	assert_int_equal(lq_db_commit(office), LQ_OK);
}

static void expect_filled(struct lq_db *office)
{
	int64_t value = 0;
	assert_int_equal(lq_db_integer(office, &value, 0,
				 "SELECT count(*) FROM event WHERE body IN "
				 "(SELECT hash FROM controller)",
				 ""),
		LQ_OK);
	assert_int_equal(value, 2500);
}

static struct lq_db *open_office(const char *name)
{
	struct lq_db *office = NULL;
	int r = name == NULL && connection != NULL
			? lq_db_open_postgres(connection, LQ_DB_KEEP, &office)
			: open_file(name != NULL ? name : "second.db", &office);
	assert_int_equal(r, LQ_OK);
	r = lq_db_migrate(office, lq_office_migrations, lq_office_migration_count);
	if (r != LQ_OK) {
		fail_msg("%s", lq_db_error(office));
	}
	return office;
}

static void copy(struct lq_db *from, struct lq_db *to)
{
	int64_t rows = 0;
	struct lq_db *culprit = NULL;
	if (lq_copy(from, to, LQ_COPY_INTO_UNUSED, note, &rows, &culprit) != LQ_OK) {
		fail_msg("%s", lq_db_error(culprit));
	}
	assert_true(rows >= 2501);
}

static void a_copy_is_the_same_there_and_back(void **state)
{
	(void)state;
	int64_t rows = 0;
	struct lq_db *culprit = NULL;
	struct lq_db *first = open_office("first.db");
	struct lq_db *there = open_office(NULL);
	struct lq_db *back = open_office("back.db");
	fill(first);
	copy(first, there);
	expect_filled(there);
	assert_int_equal(
		lq_copy(first, there, LQ_COPY_INTO_UNUSED, note, &rows, &culprit), LQ_ERR_EXISTS);
	assert_ptr_equal(culprit, there);
	assert_non_null(strstr(lq_db_error(there), "controller"));
	assert_int_equal(lq_db_run(there, "DELETE FROM event WHERE seq > 7", ""), 2493);
	assert_int_equal(lq_copy(first, there, LQ_COPY_REPLACE, NULL, NULL, &culprit), LQ_OK);
	expect_filled(there);
	copy(there, back);
	expect_filled(back);
	lq_db_close(first);
	lq_db_close(there);
	lq_db_close(back);
}

static int remove_folder(void **state)
{
	char command[64];
	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command); // NOLINT(cert-env33-c): a folder that mkdtemp() named
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

int main(int argc, char **argv)
{
	if (argc < 2 || (strcmp(argv[1], "postgres") == 0 && argc < 3)) {
		return 2;
	}
	connection = strcmp(argv[1], "postgres") == 0 ? argv[2] : NULL;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_type_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_there_already_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_half_done, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_not_kept_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(queries_run_beside_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_put_off_is_done_before_anybody_looks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_put_off_goes_with_the_transaction, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			nothing_is_committed_without_what_was_put_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_table_catches_up_before_anybody_looks_at_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_caught_up_with_goes_with_the_transaction, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_table_that_cannot_catch_up_is_not_looked_at, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_sql_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_newer_schema_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_holds_it_keeps_others_out, set_up, tear_down),
		cmocka_unit_test(a_copy_is_the_same_there_and_back),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* Reads what can still be read of a damaged door.db. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX 32
#define SQL_SIZE    1024u
#define ROWS_MAX    1000000u /* of one table: a damaged tree may lead in circles */

/* Parents before children, as the foreign keys want. */
static const char *const tables[] = {
	"schedule", "schedule_period", "special_group", "special_day", "schedule_special",
	"profile", "policy", "member", "door_mode", "door_hours", "credential", "presence",
	"presence_frozen", "presence_freeze", "door_hold",
	"office_roster", /* and not its parts: what was lost of them is to be fetched anew */
};

/* What both files have of a table. */
struct columns {
	unsigned count;
	char names[SQL_SIZE];  /* "id, name" */
	char places[SQL_SIZE]; /* "?, ?" */
};

/* What SQLite answers when it meets damage; anything else may pass. */
static bool is_damage(struct lq_store *old, int code)
{
	return (code & 0xff) == SQLITE_ERROR || lq_store_fail(old, code) == LQ_ERR_CORRUPT;
}

/* A row that does not fit the new file is left out; any other failure of the new file counts. */
static int put_row(struct lq_store *store, sqlite3_stmt *in, sqlite3_stmt *out)
{
	int columns = sqlite3_column_count(in);
	for (int i = 0; i < columns; i++) {
		(void)sqlite3_bind_value(out, i + 1, sqlite3_column_value(in, i));
	}
	int code = sqlite3_step(out);
	(void)sqlite3_reset(out);
	if (code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT) {
		return LQ_OK;
	}
	return lq_store_fail(store, code);
}

/* Copies rows until the end, or until one cannot be read: LQ_ERR_CORRUPT. */
static int copy_rows(
	struct lq_store *store, struct lq_store *old, const char *read, const char *insert)
{
	sqlite3_stmt *in = NULL;
	sqlite3_stmt *out = NULL;
	int code = sqlite3_prepare_v2(old->db, read, -1, &in, NULL);
	int r = code == SQLITE_OK ? lq_store_prepare(store, insert, &out) : LQ_OK;
	for (unsigned i = 0; code == SQLITE_OK && r == LQ_OK && i < ROWS_MAX; i++) {
		code = sqlite3_step(in);
		if (code == SQLITE_ROW) {
			r = put_row(store, in, out);
			code = SQLITE_OK;
		}
	}
	if (r == LQ_OK && code != SQLITE_DONE && code != SQLITE_OK) {
		r = is_damage(old, code) ? LQ_ERR_CORRUPT : lq_store_fail(old, code);
	}
	(void)sqlite3_finalize(in);
	(void)sqlite3_finalize(out);
	return r;
}

static void add_column(struct columns *columns, const char *name)
{
	size_t names = strlen(columns->names);
	size_t places = strlen(columns->places);
	const char *between = columns->count == 0 ? "" : ", ";
	LQ_ASSERT(columns->count < COLUMNS_MAX);
	(void)snprintf(
		columns->names + names, sizeof(columns->names) - names, "%s%s", between, name);
	(void)snprintf(columns->places + places, sizeof(columns->places) - places, "%s?", between);
	columns->count++;
}

/* An older file lacks the columns that later migrations added. */
static int has_column(struct lq_store *old, const char *table, const char *column, bool *ret_has)
{
	char sql[SQL_SIZE];
	sqlite3_stmt *statement = NULL;
	(void)snprintf(sql, sizeof(sql), "SELECT t.%s FROM %s t", column, table);
	int code = sqlite3_prepare_v2(old->db, sql, -1, &statement, NULL);
	(void)sqlite3_finalize(statement);
	*ret_has = code == SQLITE_OK;
	if (code == SQLITE_OK || is_damage(old, code)) {
		return LQ_OK;
	}
	return lq_store_fail(old, code);
}

static int find_columns(struct lq_store *store, struct lq_store *old, const char *table,
	struct columns *ret_columns)
{
	struct columns columns = {.count = 0};
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(store, "SELECT name FROM pragma_table_info(?1)", &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
	}
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		bool has = false;
		const char *name = (const char *)sqlite3_column_text(statement, 0);
		r = has_column(old, table, name, &has);
		if (has) {
			add_column(&columns, name);
		}
	}
	(void)sqlite3_finalize(statement);
	*ret_columns = columns;
	return r != LQ_OK ? r : step;
}

static int copy_table(struct lq_store *store, struct lq_store *old, const char *table)
{
	char insert[3 * SQL_SIZE];
	char read[2 * SQL_SIZE];
	struct columns columns;
	int r = find_columns(store, old, table, &columns);
	if (r != LQ_OK || columns.count == 0) {
		return r;
	}
	(void)snprintf(insert, sizeof(insert), "INSERT OR IGNORE INTO %s (%s) VALUES (%s)", table,
		columns.names, columns.places);
	(void)snprintf(
		read, sizeof(read), "SELECT %s FROM %s ORDER BY rowid", columns.names, table);
	r = copy_rows(store, old, read, insert);
	if (r == LQ_ERR_CORRUPT) {
		(void)snprintf(read, sizeof(read), "SELECT %s FROM %s ORDER BY rowid DESC",
			columns.names, table);
		r = copy_rows(store, old, read, insert);
	}
	return r == LQ_ERR_CORRUPT ? LQ_OK : r;
}

static int64_t number(struct lq_store *store, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t value = 0;
	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW) {
		value = sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return value > 0 ? value : 0;
}

/* Numbers of members and badges that are gone are not given again: subscribers know them. */
static int keep_numbers(struct lq_store *store, struct lq_store *old, const char *table)
{
	char sql[256];
	(void)snprintf(
		sql, sizeof(sql), "SELECT seq FROM sqlite_sequence WHERE name = '%s'", table);
	int64_t last = number(old, sql);
	if (last == 0 || last >= UINT32_MAX) {
		return LQ_OK;
	}
	(void)snprintf(sql, sizeof(sql),
		"DELETE FROM sqlite_sequence WHERE name = '%s' AND seq < %lld;"
		"INSERT INTO sqlite_sequence (name, seq) SELECT '%s', %lld WHERE NOT EXISTS "
		"(SELECT 1 FROM sqlite_sequence WHERE name = '%s')",
		table, (long long)last, table, (long long)last, table);
	return lq_store_execute(store, sql);
}

static int copy_roster(struct lq_store *store, struct lq_store *old)
{
	/* The built-in rows go, or they would stand in the way of the old ones. */
	int r = lq_store_execute(store, "DELETE FROM policy");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && r == LQ_OK; i++) {
		r = copy_table(store, old, tables[i]);
	}
	if (r == LQ_OK) {
		r = keep_numbers(store, old, "member");
	}
	if (r == LQ_OK) {
		r = keep_numbers(store, old, "credential");
	}
	if (r == LQ_OK && number(store, "SELECT kept FROM office_roster") == 0 &&
		number(store, "SELECT count(*) FROM policy WHERE profile = 1") == 0) {
		r = lq_store_execute(
			store, "INSERT INTO policy (profile, access_point) VALUES (1, '*')");
	}
	return r;
}

int lq_salvage(struct lq_store *store, const char *path, struct lq_salvaged *ret_salvaged)
{
	struct lq_salvaged salvaged = {0};
	struct lq_store *old = NULL;
	int r = lq_store_open_reader(path, &old);
	if (r == LQ_ERR_CORRUPT || r == LQ_ERR_NOT_FOUND) {
		*ret_salvaged = salvaged;
		return LQ_OK;
	}
	if (r != LQ_OK) {
		(void)lq_store_object(store, "the damaged file cannot be read now");
		return r;
	}
	r = copy_roster(store, old);
	if (lq_journal_find_head(old, &salvaged.head) != LQ_OK) {
		salvaged.head = (struct lq_head){
			.seq = (uint64_t)number(
				old, "SELECT max(seq) FROM journal WHERE seq < (1 << 53)")};
	}
	lq_store_close(old);
	if (r == LQ_OK) {
		salvaged.badges = (unsigned)number(store, "SELECT count(*) FROM credential");
		*ret_salvaged = salvaged;
	}
	return r;
}

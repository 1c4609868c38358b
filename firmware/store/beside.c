#include "firmware/store/beside.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <stdio.h>
#include <string.h>

#define SQL_SIZE   1024u
#define TRIES_MAX  100u
#define OPERATIONS 2000 /* of SQLite's machine, between two looks whether it is wanted */

/* The new rows refer to members that stand under another name until the tables are traded, so the
 * references are not SQLite's to check; every one of them was found before. */
int lq_beside_restore(struct lq_store *store, int r)
{
	int restored = lq_store_execute(
		store, "PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF");
	return r < 0 || restored == LQ_OK ? r : restored;
}

int lq_beside_begin(struct lq_store *store)
{
	int r = lq_store_execute(
		store, "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON");
	if (r == LQ_OK) {
		r = lq_store_begin(store);
	}
	return r == LQ_OK ? r : lq_beside_restore(store, r);
}

/* Commits unless `r` is an error. */
int lq_beside_end(struct lq_store *store, int r)
{
	int ended = lq_store_end(store, r < 0 ? r : LQ_OK);
	return lq_beside_restore(store, ended < 0 ? ended : r);
}

/* To overwrite what is given up with zeros would take as long as an import; the next one does, and
 * until then it says what the roster says or said. */
int lq_import_sweep(struct lq_store *store)
{
	int r = lq_store_execute(store,
		"PRAGMA foreign_keys = OFF; PRAGMA secure_delete = OFF;"
		"DROP TABLE IF EXISTS credential_next; DROP TABLE IF EXISTS credential_old;"
		"DROP TABLE IF EXISTS member_next; DROP TABLE IF EXISTS member_old");
	int restored = lq_store_execute(store, "PRAGMA secure_delete = ON");
	return lq_beside_restore(store, r == LQ_OK ? restored : r);
}

int lq_beside_execute(struct lq_store *store, const char *format, const char *table)
{
	char sql[SQL_SIZE];
	char *end_of = sql;
	for (const char *c = format; *c != '\0'; c++) {
		size_t room = sizeof(sql) - (size_t)(end_of - sql);
		int length = snprintf(end_of, room, "%.*s", *c == '@' ? (int)strlen(table) : 1,
			*c == '@' ? table : c);
		LQ_ASSERT(length >= 0 && (size_t)length < room);
		end_of += length;
	}
	return lq_store_execute(store, sql);
}

/* Runs the SQL that a query makes of a table's name and a number. 1: there was some. */
static int execute_made(
	struct lq_store *store, const char *query, const char *table, uint32_t number)
{
	char made[SQL_SIZE] = "";
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, query, &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(statement, 2, number);
		r = lq_store_step(store, statement);
	}
	if (r == 1) {
		(void)snprintf(
			made, sizeof(made), "%s", (const char *)sqlite3_column_text(statement, 0));
	}
	(void)sqlite3_finalize(statement);
	if (r != 1) {
		return r;
	}
	r = lq_store_execute(store, made);
	return r == LQ_OK ? 1 : r;
}

int lq_beside_make(struct lq_store *store, const char *table, bool indexed_later)
{
	int r = lq_beside_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	/* As the table in use, whatever columns later migrations gave it. */
	r = execute_made(store,
		"SELECT 'CREATE TABLE ' || ?1 || '_next ' || "
		"iif(?2, replace(substr(sql, instr(sql, '(')), ' UNIQUE', ''), "
		"substr(sql, instr(sql, '('))) "
		"FROM sqlite_schema WHERE type = 'table' AND name = ?1 LIMIT 1",
		table, indexed_later ? 1 : 0);
	r = r == 1 ? LQ_OK : r == LQ_OK ? LQ_ERR_CORRUPT : r;
	if (r == LQ_OK) {
		r = lq_beside_execute(store,
			"INSERT INTO sqlite_sequence (name, seq) SELECT '@_next', seq FROM "
			"sqlite_sequence WHERE name = '@'",
			table);
	}
	return lq_beside_end(store, r);
}

static int is_wanted(void *ctx)
{
	const struct lq_import_pace *pace = *(const struct lq_import_pace *const *)ctx;
	return pace->wanted(pace->ctx) ? 1 : 0;
}

int lq_beside_index(struct lq_store *store, const char *table, struct lq_beside_index *index,
	const struct lq_import_pace *pace)
{
	const struct lq_import_pace *waiting = pace;
	int r = lq_beside_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	bool patient = index->tries++ < TRIES_MAX && pace->wanted != NULL;
	sqlite3_progress_handler(
		store->db, OPERATIONS, patient ? is_wanted : NULL, patient ? &waiting : NULL);
	r = execute_made(store,
		"SELECT iif(sql LIKE 'CREATE UNIQUE %', 'CREATE UNIQUE INDEX ', 'CREATE INDEX ') "
		"|| iif(name LIKE '%\\_2' ESCAPE '\\', substr(name, 1, length(name) - 2), "
		"name || '_2') || ' ON ' || ?1 || '_next ' || substr(sql, instr(sql, '(')) "
		"FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL "
		"ORDER BY name LIMIT 1 OFFSET ?2",
		table, index->next);
	if (r == LQ_OK && index->extra != NULL) {
		r = lq_store_execute(store, index->extra);
		r = r == LQ_OK ? 1 : r;
		index->extra = r == 1 ? NULL : index->extra;
	}
	sqlite3_progress_handler(store->db, 0, NULL, NULL);
	bool interrupted = r < 0 && sqlite3_errcode(store->db) == SQLITE_INTERRUPT;
	r = lq_beside_end(store, r);
	index->next += r == 1 ? 1 : 0;
	return interrupted ? 1 : r;
}

/* The phases of an import. Each function does a short piece of its phase. */
#include "firmware/store/import.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/import_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_SIZE  1024u
#define LOG_PAGES 250 /* of the write-ahead log, before they are copied into the file */

enum phase { MATCH, LOOK, MAKE, COPY, APPLY, COUNT, LOAD, TRADE, DROP, END };

struct lq_import {
	struct lq_import_wish wish;
	struct lq_event event;
	uint64_t seq; /* of the event; 0: not journalled */
	struct lq_import_rows rows;
	enum phase phase;
	uint32_t next; /* the row that is due */
	int64_t after; /* the number behind which the next piece begins */
	struct lq_import_counts counts;
	struct lq_import_refusal refusal;
	struct lq_roster *roster;
};

static const struct lq_roster_table *table_of(const struct lq_import *import)
{
	return &lq_roster_tables[import->wish.kind];
}

/* ---- its life ---- */

int lq_import_new(const struct lq_import_wish *wish, const struct lq_event *event,
	struct lq_import **ret_import)
{
	struct lq_import *import = calloc(1, sizeof(*import));
	struct lq_import_rows rows;
	int r = lq_import_rows_open(wish, &rows);
	if (r == LQ_OK && import == NULL) {
		lq_import_rows_close(&rows);
		r = LQ_ERR_NO_MEMORY;
	}
	if (r != LQ_OK) {
		free(import);
		return r;
	}
	import->wish = *wish;
	import->event = *event;
	import->rows = rows;
	import->after = INT64_MIN;
	*ret_import = import;
	return LQ_OK;
}

void lq_import_free(struct lq_import *import)
{
	if (import == NULL) {
		return;
	}
	lq_import_rows_close(&import->rows);
	lq_roster_free(import->roster);
	free(import);
}

enum lq_roster_kind lq_import_kind(const struct lq_import *import)
{
	return import->wish.kind;
}

struct lq_import_counts lq_import_counts(const struct lq_import *import)
{
	return import->counts;
}

struct lq_import_refusal lq_import_refusal(const struct lq_import *import)
{
	return import->refusal;
}

bool lq_import_event(const struct lq_import *import, struct lq_event *ret_event, uint64_t *ret_seq)
{
	if (import->seq != 0) {
		*ret_event = import->event;
		*ret_seq = import->seq;
	}
	return import->seq != 0;
}

struct lq_roster *lq_import_take_roster(struct lq_import *import)
{
	struct lq_roster *roster = import->roster;
	import->roster = NULL;
	return roster;
}

const char *lq_import_problem_text(enum lq_import_problem problem)
{
	static const char *const texts[LQ_IMPORT_PROBLEM_COUNT] = {
		[LQ_IMPORT_SOUND] = "sound",
		[LQ_IMPORT_MALFORMED] = "malformed",
		[LQ_IMPORT_NO_KEY] = "no_key",
		[LQ_IMPORT_UNKNOWN] = "unknown",
		[LQ_IMPORT_NEEDED] = "needed",
		[LQ_IMPORT_TWICE] = "twice",
		[LQ_IMPORT_TAKEN] = "taken",
		[LQ_IMPORT_SPAN] = "span",
	};
	LQ_ASSERT(problem < LQ_IMPORT_PROBLEM_COUNT);
	return texts[problem];
}

/* ---- looking ---- */

static bool differs(const struct lq_roster_table *table, const struct lq_roster_row *one,
	const struct lq_roster_row *other)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct lq_roster_column *column = &table->columns[i];
		if (column->column != NULL && !lq_roster_cell_same(column, one, other)) {
			return true;
		}
	}
	return false;
}

static int keep_outcome(struct lq_import *import, enum lq_import_outcome_kind kind, uint32_t target,
	uint32_t line, const struct lq_roster_row *old)
{
	import->rows.targets[import->next] = target;
	import->rows.kinds[import->next] = (uint8_t)kind;
	import->counts.added += kind == LQ_IMPORT_ADDED ? 1 : 0;
	import->counts.changed += kind == LQ_IMPORT_CHANGED ? 1 : 0;
	import->counts.unchanged += kind == LQ_IMPORT_UNCHANGED ? 1 : 0;
	return lq_import_rows_tell(&import->rows, kind, line, target == 0 ? NULL : old);
}

static int match_one(struct lq_import *import, struct lq_import_match *match)
{
	uint32_t target = 0;
	struct lq_roster_row row;
	struct lq_roster_row old;
	struct lq_roster_row wanted;
	int r = lq_import_rows_get(&import->rows, import->next, &row);
	if (r == LQ_OK) {
		r = lq_import_match_row(match, &row, &target, &old);
	}
	if (r == LQ_OK && target != 0 && !lq_import_rows_see(&import->rows, target)) {
		import->refusal.problem = LQ_IMPORT_TWICE;
		import->refusal.id = target;
		return LQ_ERR_INVALID;
	}
	if (r == LQ_OK) {
		r = lq_import_match_merge(match, &row, &old, &wanted);
	}
	if (r != LQ_OK) {
		return r;
	}
	enum lq_import_outcome_kind kind = target == 0 ? LQ_IMPORT_ADDED
					   : differs(table_of(import), &old, &wanted)
						   ? LQ_IMPORT_CHANGED
						   : LQ_IMPORT_UNCHANGED;
	return keep_outcome(import, kind, target, row.line, &old);
}

/* Every row against the roster as it is: nothing is written before all of them are sound. */
static int match_rows(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	struct lq_import_match match = {
		.store = store, .kind = import->wish.kind, .refusal = &import->refusal};
	int r = lq_import_match_begin(&match);
	for (uint32_t i = 0; i < rows && import->next < import->rows.count && r == LQ_OK; i++) {
		r = match_one(import, &match);
		import->next++;
	}
	lq_import_match_end(&match);
	return r != LQ_OK ? r : import->next < import->rows.count;
}

static bool is_usable(const struct lq_import *import, const struct lq_roster_row *row)
{
	return import->wish.kind == LQ_ROSTER_MEMBERS ? row->enabled
						      : row->state == LQ_CREDENTIAL_ENABLED;
}

static int look_at(struct lq_import *import, const struct lq_roster_row *row)
{
	if (row->id == 0 || lq_import_rows_seen(&import->rows, row->id)) {
		return LQ_OK;
	}
	bool disable = import->wish.disable_missing && is_usable(import, row);
	import->counts.disabled += disable ? 1 : 0;
	import->counts.missing += disable ? 0 : 1;
	return lq_import_rows_tell(
		&import->rows, disable ? LQ_IMPORT_DISABLED : LQ_IMPORT_MISSING, 0, row);
}

/* What the roster has and no row names. */
static int look_for_missing(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	char sql[LQ_ROW_SQL_SIZE];
	uint32_t count = 0;
	sqlite3_stmt *statement = NULL;
	lq_roster_row_select(import->wish.kind, table_of(import)->name,
		"WHERE id > ?1 ORDER BY id LIMIT ?2", sql);
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_int64(statement, 1, import->after);
		(void)sqlite3_bind_int64(statement, 2, rows);
	}
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		struct lq_roster_row row = lq_roster_row_take(import->wish.kind, statement);
		import->after = sqlite3_column_int64(statement, 0);
		count++;
		r = look_at(import, &row);
	}
	(void)sqlite3_finalize(statement);
	r = r != LQ_OK ? r : step;
	return r != LQ_OK ? r : count == rows;
}

/* ---- the new table, beside the one in use ---- */

/* The new rows refer to members that stand under another name until the tables are traded, so the
 * references are not SQLite's to check; every one of them was found before. */
static int restore(struct lq_store *store, int r)
{
	int restored = lq_store_execute(
		store, "PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF");
	return r < 0 || restored == LQ_OK ? r : restored;
}

static int begin(struct lq_store *store)
{
	int r = lq_store_execute(store, "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON");
	if (r == LQ_OK) {
		r = lq_store_begin(store);
	}
	return r == LQ_OK ? r : restore(store, r);
}

/* Commits unless `r` is an error. */
static int end(struct lq_store *store, int r)
{
	int ended = lq_store_end(store, r < 0 ? r : LQ_OK);
	return restore(store, ended < 0 ? ended : r);
}

int lq_import_sweep(struct lq_store *store)
{
	int r = lq_store_execute(store,
		"PRAGMA foreign_keys = OFF;"
		"DROP TABLE IF EXISTS credential_next; DROP TABLE IF EXISTS credential_old;"
		"DROP TABLE IF EXISTS member_next; DROP TABLE IF EXISTS member_old");
	return restore(store, r);
}

static int execute_for(struct lq_store *store, const char *format, const char *table)
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

/* Runs the SQL that a query makes. */
static int execute_made(struct lq_store *store, const char *query, const char *table)
{
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(store, query, &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
	}
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		const char *made = (const char *)sqlite3_column_text(statement, 0);
		r = made == NULL ? LQ_ERR_CORRUPT : lq_store_execute(store, made);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

/* As the table in use, whatever columns and indices later migrations gave it. Two indices cannot
 * have one name, and none can be renamed: they take turns. */
static int make_table(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	(void)rows;
	const char *table = table_of(import)->name;
	int r = lq_import_sweep(store);
	if (r == LQ_OK) {
		r = lq_store_execute(store, "PRAGMA cache_size = -8192");
	}
	if (r == LQ_OK) {
		r = begin(store);
	}
	if (r != LQ_OK) {
		return r;
	}
	r = execute_made(store,
		"SELECT 'CREATE TABLE ' || ?1 || '_next ' || substr(sql, instr(sql, '(')) "
		"FROM sqlite_schema WHERE type = 'table' AND name = ?1",
		table);
	if (r == LQ_OK) {
		r = execute_made(store,
			"SELECT iif(sql LIKE 'CREATE UNIQUE %', 'CREATE UNIQUE INDEX ', "
			"'CREATE INDEX ') || iif(name LIKE '%\\_2' ESCAPE '\\', "
			"substr(name, 1, length(name) - 2), name || '_2') || ' ON ' || ?1 || "
			"'_next ' || substr(sql, instr(sql, '(')) FROM sqlite_schema "
			"WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
			table);
	}
	if (r == LQ_OK) {
		r = execute_for(store,
			"INSERT INTO sqlite_sequence (name, seq) SELECT '@_next', seq FROM "
			"sqlite_sequence WHERE name = '@'",
			table);
	}
	return end(store, r);
}

static int bound_statement(struct lq_store *store, const char *sql, int64_t first, int64_t second,
	sqlite3_stmt **ret_statement)
{
	int r = lq_store_prepare(store, sql, ret_statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_int64(*ret_statement, 1, first);
		(void)sqlite3_bind_int64(*ret_statement, 2, second);
	}
	return r;
}

/* Takes the right away from those copied rows, behind the number `after`, that no row names. */
static int disable_missing(struct lq_import *import, struct lq_store *store, int64_t after)
{
	bool members = import->wish.kind == LQ_ROSTER_MEMBERS;
	sqlite3_stmt *found = NULL;
	sqlite3_stmt *change = NULL;
	int r = bound_statement(store,
		members ? "SELECT id FROM member_next WHERE id > ?1 AND enabled = ?2"
			: "SELECT id FROM credential_next WHERE id > ?1 AND state = ?2",
		after, members ? 1 : LQ_CREDENTIAL_ENABLED, &found);
	if (r == LQ_OK) {
		r = bound_statement(store,
			members ? "UPDATE member_next SET enabled = ?2 WHERE id = ?1"
				: "UPDATE credential_next SET state = ?2 WHERE id = ?1",
			0, members ? 0 : LQ_CREDENTIAL_REVOKED, &change);
	}
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, found)) == 1) {
		int64_t id = sqlite3_column_int64(found, 0);
		if (id > 0 && id <= UINT32_MAX &&
			!lq_import_rows_seen(&import->rows, (uint32_t)id)) {
			(void)sqlite3_bind_int64(change, 1, id);
			r = lq_store_step(store, change);
			(void)sqlite3_reset(change);
		}
	}
	(void)sqlite3_finalize(found);
	(void)sqlite3_finalize(change);
	return r != LQ_OK ? r : step;
}

/* 1: there may be more. */
static int copy_some(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	char sql[SQL_SIZE];
	const char *table = table_of(import)->name;
	sqlite3_stmt *statement = NULL;
	(void)snprintf(sql, sizeof(sql),
		"INSERT INTO %s_next SELECT * FROM %s WHERE id > ?1 ORDER BY id LIMIT ?2", table,
		table);
	int r = bound_statement(store, sql, import->after, rows, &statement);
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	if (r != LQ_OK) {
		return r;
	}
	bool more = sqlite3_changes(store->db) == (int)rows;
	if (import->wish.disable_missing) {
		r = disable_missing(import, store, import->after);
	}
	import->after = sqlite3_last_insert_rowid(store->db);
	return r != LQ_OK ? r : more;
}

static int copy_rows(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	int r = begin(store);
	return r == LQ_OK ? end(store, copy_some(import, store, rows)) : r;
}

/* ---- the rows into it ---- */

static void bind_cell(sqlite3_stmt *statement, int at, const struct lq_roster_column *column,
	const struct lq_roster_row *row)
{
	const char *cell = (const char *)row + column->offset;
	uint32_t number = 0;
	switch (column->type) {
	case LQ_CELL_TEXT:
	case LQ_CELL_LABEL:
	case LQ_CELL_WORD:
		(void)sqlite3_bind_text(
			statement, at, *cell == '\0' ? NULL : cell, -1, SQLITE_TRANSIENT);
		return;
	case LQ_CELL_BOOL:
	case LQ_CELL_STATE:
		(void)sqlite3_bind_int(statement, at, *cell);
		return;
	case LQ_CELL_ID:
	case LQ_CELL_FROM:
	case LQ_CELL_TO:
		memcpy(&number, cell, sizeof(number));
		(void)sqlite3_bind_int64(statement, at, number);
		return;
	case LQ_CELL_UID:
		return;
	}
}

struct writing {
	struct lq_import_match match;
	sqlite3_stmt *insert;
	sqlite3_stmt *update;
};

/* Column i is parameter i + 1, the badge's keyed hash the one behind them. */
static int prepare_writing(struct lq_import *import, struct lq_store *store,
	struct writing *writing)
{
	const struct lq_roster_table *table = table_of(import);
	bool badges = import->wish.kind == LQ_ROSTER_BADGES;
	char names[SQL_SIZE / 4] = "";
	char places[SQL_SIZE / 4] = "";
	char sets[SQL_SIZE / 2] = "";
	char sql[2 * SQL_SIZE];
	for (size_t i = 0; i < table->count; i++) {
		const struct lq_roster_column *column = &table->columns[i];
		const char *between = names[0] == '\0' ? "" : ", ";
		char place[64];
		if (column->column == NULL) {
			continue;
		}
		(void)snprintf(place, sizeof(place),
			column->type == LQ_CELL_WORD ? "(SELECT id FROM profile WHERE name = ?%zu)"
						     : "?%zu",
			i + 1);
		size_t at = strlen(names);
		(void)snprintf(names + at, sizeof(names) - at, "%s%s", between, column->column);
		at = strlen(places);
		(void)snprintf(places + at, sizeof(places) - at, "%s%s", between, place);
		at = strlen(sets);
		(void)snprintf(sets + at, sizeof(sets) - at, "%s%s = %s", between, column->column,
			place);
	}
	LQ_ASSERT(strlen(sets) + 1 < sizeof(sets) && strlen(places) + 1 < sizeof(places));
	(void)snprintf(sql, sizeof(sql), "UPDATE %s_next SET %s WHERE id = ?1", table->name, sets);
	int r = lq_store_prepare(store, sql, &writing->update);
	if (r == LQ_OK) {
		(void)snprintf(sql, sizeof(sql), "INSERT INTO %s_next (%s%s) VALUES (%s%s)",
			table->name, names, badges ? ", key" : "", places,
			badges ? ", ?20" : "");
		r = lq_store_prepare(store, sql, &writing->insert);
	}
	return r;
}

static int write_row(struct lq_import *import, struct writing *writing, bool added,
	const struct lq_roster_row *row)
{
	const struct lq_roster_table *table = table_of(import);
	struct lq_store *store = writing->match.store;
	sqlite3_stmt *statement = added ? writing->insert : writing->update;
	uint8_t key[16];
	int r = LQ_OK;
	for (size_t i = 0; i < table->count; i++) {
		if (table->columns[i].column != NULL || (i == 0 && !added)) {
			bind_cell(statement, (int)i + 1, &table->columns[i], row);
		}
	}
	if (added && import->wish.kind == LQ_ROSTER_BADGES) {
		r = lq_uid_key(&store->keys, row->uid.bytes, row->uid.length, key);
		(void)sqlite3_bind_blob(statement, 20, key, sizeof(key), SQLITE_TRANSIENT);
	}
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_reset(statement);
	if (r == LQ_ERR_EXISTS) {
		import->refusal.problem = LQ_IMPORT_TWICE;
		import->refusal.line = row->line;
		return LQ_ERR_INVALID;
	}
	if (r == LQ_OK && added && sqlite3_last_insert_rowid(store->db) > UINT32_MAX) {
		return LQ_ERR_FULL;
	}
	return r;
}

static int apply_one(struct lq_import *import, struct writing *writing)
{
	uint32_t target = 0;
	struct lq_roster_row row;
	struct lq_roster_row old;
	struct lq_roster_row wanted;
	enum lq_import_outcome_kind kind =
		(enum lq_import_outcome_kind)import->rows.kinds[import->next];
	if (kind == LQ_IMPORT_UNCHANGED) {
		return LQ_OK;
	}
	int r = lq_import_rows_get(&import->rows, import->next, &row);
	if (r == LQ_OK) {
		r = lq_import_match_row(&writing->match, &row, &target, &old);
	}
	if (r == LQ_OK) {
		r = lq_import_match_merge(&writing->match, &row, &old, &wanted);
	}
	if (r != LQ_OK) {
		return r;
	}
	LQ_ASSERT(target == import->rows.targets[import->next]);
	wanted.line = row.line;
	wanted.uid = row.uid;
	return write_row(import, writing, kind == LQ_IMPORT_ADDED, &wanted);
}

static int apply_some(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	struct writing writing = {.match = {.store = store,
					  .kind = import->wish.kind,
					  .refusal = &import->refusal}};
	int r = lq_import_match_begin(&writing.match);
	if (r == LQ_OK) {
		r = prepare_writing(import, store, &writing);
	}
	for (uint32_t i = 0; i < rows && import->next < import->rows.count && r == LQ_OK; i++) {
		r = apply_one(import, &writing);
		import->next++;
	}
	lq_import_match_end(&writing.match);
	(void)sqlite3_finalize(writing.insert);
	(void)sqlite3_finalize(writing.update);
	return r != LQ_OK ? r : import->next < import->rows.count;
}

static int apply_rows(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	int r = begin(store);
	return r == LQ_OK ? end(store, apply_some(import, store, rows)) : r;
}

/* ---- in memory, and into its place ---- */

static struct lq_roster_source source_of(const struct lq_import *import)
{
	bool members = import->wish.kind == LQ_ROSTER_MEMBERS;
	return (struct lq_roster_source){.members = members ? "member_next" : "member",
		.credentials = members ? "credential" : "credential_next"};
}

static int count_credentials(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	char sql[SQL_SIZE];
	sqlite3_stmt *statement = NULL;
	(void)rows;
	(void)snprintf(
		sql, sizeof(sql), "SELECT count(*) FROM %s", source_of(import).credentials);
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	size_t count = r == 1 ? (size_t)sqlite3_column_int64(statement, 0) : 0;
	(void)sqlite3_finalize(statement);
	r = r < 0 ? r : lq_roster_new(&import->roster);
	return r == LQ_OK ? lq_roster_reserve(import->roster, count) : r;
}

static int load_roster(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	struct lq_roster_source source = source_of(import);
	return lq_roster_load_some(store, &source, &import->after, rows, import->roster);
}

/* The one moment at which the roster changes. The event may not be older than what was journalled
 * meanwhile. */
static int trade_tables(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	const char *table = table_of(import)->name;
	struct lq_head before = store->head;
	struct lq_event *event = &import->event;
	(void)rows;
	event->action = import->wish.kind == LQ_ROSTER_MEMBERS ? "members.imported"
							       : "badges.imported";
	event->added = import->counts.added;
	event->changed = import->counts.changed;
	event->disabled = import->counts.disabled;
	event->at.unix_ms =
		event->at.unix_ms < before.unix_ms ? before.unix_ms : event->at.unix_ms;
	int r = begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = execute_for(
		store, "ALTER TABLE @ RENAME TO @_old; ALTER TABLE @_next RENAME TO @", table);
	r = lq_store_end_with(store, r, event);
	import->seq = r == LQ_OK ? before.seq + 1 : 0;
	int restored = restore(store, LQ_OK);
	return r == LQ_OK && restored != LQ_OK ? LQ_ERR_CLOSED : r;
}

static int drop_old(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	(void)import;
	(void)rows;
	(void)lq_import_sweep(store); /* or the next opening does it */
	(void)lq_store_execute(store, "PRAGMA cache_size = -512");
	(void)sqlite3_db_release_memory(store->db);
	return LQ_OK;
}

/* ---- one phase after the other ---- */

static bool has_anything_to_do(const struct lq_import *import)
{
	return !import->wish.dry_run &&
	       import->counts.added + import->counts.changed + import->counts.disabled > 0;
}

int lq_import_step(struct lq_import *import, struct lq_store *store, uint32_t rows)
{
	static int (*const phases[])(struct lq_import *, struct lq_store *, uint32_t) = {
		[MATCH] = match_rows,
		[LOOK] = look_for_missing,
		[MAKE] = make_table,
		[COPY] = copy_rows,
		[APPLY] = apply_rows,
		[COUNT] = count_credentials,
		[LOAD] = load_roster,
		[TRADE] = trade_tables,
		[DROP] = drop_old,
	};
	LQ_ASSERT(import->phase < END && rows > 0);
	if (store->log_pages >= LOG_PAGES) {
		lq_store_tidy(store);
		return 1;
	}
	int r = phases[import->phase](import, store, rows);
	if (r != LQ_OK) {
		return r;
	}
	import->phase = import->phase == LOOK && !has_anything_to_do(import)
				? END
				: (enum phase)(import->phase + 1);
	import->next = 0;
	import->after = INT64_MIN;
	return import->phase != END;
}

void lq_import_abandon(struct lq_import *import, struct lq_store *store)
{
	if (import->phase > LOOK) {
		(void)drop_old(import, store, 0);
	}
}

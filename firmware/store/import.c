/* The phases of an import. Each function does a short piece of its phase. */
#include "firmware/store/import.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/beside.h"
#include "firmware/store/import_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_SIZE      1024u
#define KEY_PARAMETER 30 /* behind every column's */
#define KEY_TEXT      "30"
#define LOG_PAGES     250 /* of the write-ahead log, before they are copied into the file */

enum phase {
	WIDEN,
	MATCH,
	SPREAD,
	SORT,
	LOOK,
	MAKE,
	COPY,
	APPLY,
	INDEX,
	COUNT,
	LOAD,
	TRADE,
	DROP,
	END
};

struct lq_import {
	struct lq_import_wish wish;
	struct lq_event event;
	uint64_t seq; /* of the event; 0: not journalled */
	struct lq_import_rows rows;
	enum phase phase;
	uint32_t next; /* what is due */
	struct lq_beside_index index;
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
	struct lq_import_rows rows;
	int r = lq_import_rows_open(wish, &rows);
	if (r != LQ_OK) {
		return r;
	}
	struct lq_import *import = calloc(1, sizeof(*import));
	if (import == NULL) {
		lq_import_rows_close(&rows);
		return LQ_ERR_NO_MEMORY;
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
		[LQ_IMPORT_SUSPENSION] = "suspension",
	};
	LQ_ASSERT(problem < LQ_IMPORT_PROBLEM_COUNT);
	return texts[problem];
}

/* ---- looking ---- */

/* Keys are looked up in no order: most of the roster should stay at hand for as long. What SQLite
 * puts aside stays in memory, too: it is less than that. */
static int widen_cache(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)import;
	(void)pace;
	return lq_store_execute(store, "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY");
}

static void narrow_cache(struct lq_store *store)
{
	(void)lq_store_execute(store, "PRAGMA cache_size = -512");
	(void)sqlite3_db_release_memory(store->db);
}

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
	const struct lq_roster_row *old)
{
	struct lq_import_rows *rows = &import->rows;
	rows->targets[import->next] = target;
	import->counts.added += kind == LQ_IMPORT_ADDED ? 1 : 0;
	import->counts.changed += kind == LQ_IMPORT_CHANGED ? 1 : 0;
	import->counts.unchanged += kind == LQ_IMPORT_UNCHANGED ? 1 : 0;
	if (kind != LQ_IMPORT_UNCHANGED) {
		rows->order[rows->order_count++] = import->next;
	}
	return lq_import_rows_tell(
		rows, kind, rows->rows[import->next].line, target == 0 ? NULL : old);
}

/* A row that is to be written must be sound. */
static int find_target(
	struct lq_import *import, struct lq_import_match *match, uint32_t *ret_target)
{
	const struct lq_roster_row *row = &import->rows.rows[import->next];
	uint8_t no_key[16] = {0};
	uint8_t *key = import->rows.keys == NULL ? no_key : import->rows.keys[import->next];
	import->refusal.line = row->line;
	if (!lq_roster_row_sound(import->wish.kind, row)) {
		import->refusal.problem = LQ_IMPORT_MALFORMED;
		return LQ_ERR_INVALID;
	}
	int r = LQ_OK;
	if (import->wish.kind == LQ_ROSTER_BADGES && row->uid.length > 0) {
		r = lq_uid_key(&match->store->keys, row->uid.bytes, row->uid.length, key);
	}
	if (r == LQ_OK) {
		r = lq_import_match_row(match, row, key, ret_target);
	}
	if (r == LQ_OK && *ret_target != 0 && !lq_import_rows_see(&import->rows, *ret_target)) {
		import->refusal.problem = LQ_IMPORT_TWICE;
		import->refusal.id = *ret_target;
		return LQ_ERR_INVALID;
	}
	return r;
}

static int match_one(struct lq_import *import, struct lq_import_match *match)
{
	uint32_t target = 0;
	struct lq_roster_row old;
	struct lq_roster_row wanted;
	int r = find_target(import, match, &target);
	if (r == LQ_OK) {
		r = lq_import_match_old(match, target, &old);
	}
	if (r == LQ_OK) {
		r = lq_import_match_merge(match, &import->rows.rows[import->next], &old, &wanted);
	}
	if (r != LQ_OK) {
		return r;
	}
	enum lq_import_outcome_kind kind = target == 0 ? LQ_IMPORT_ADDED
					   : differs(table_of(import), &old, &wanted)
						   ? LQ_IMPORT_CHANGED
						   : LQ_IMPORT_UNCHANGED;
	return keep_outcome(import, kind, target, &old);
}

/* Every row against the roster as it is: nothing is written before all of them are sound. */
static int match_rows(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	struct lq_import_match match = {
		.store = store, .kind = import->wish.kind, .refusal = &import->refusal};
	/* One view of the file, and not a lock for each look. */
	int r = lq_store_execute(store, "BEGIN");
	if (r != LQ_OK) {
		return r;
	}
	r = lq_import_match_begin(&match);
	for (uint32_t i = 0; i < pace->rows && import->next < import->rows.count && r == LQ_OK;
		i++) {
		r = match_one(import, &match);
		import->next++;
	}
	lq_import_match_end(&match);
	r = lq_store_end(store, r);
	return r != LQ_OK ? r : import->next < import->rows.count;
}

static int spread_rows(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)store;
	(void)pace;
	return import->wish.kind == LQ_ROSTER_BADGES ? lq_import_rows_spread(&import->rows) : LQ_OK;
}

static int sort_rows(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)store;
	uint32_t begin_at = import->next;
	while (import->wish.kind == LQ_ROSTER_BADGES && import->next < import->rows.order_count) {
		if (import->next - begin_at >= pace->rows) {
			return 1;
		}
		lq_import_rows_sort(&import->rows, &import->next);
	}
	return LQ_OK;
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
static int look_for_missing(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	char sql[LQ_ROW_SQL_SIZE];
	uint32_t count = 0;
	sqlite3_stmt *statement = NULL;
	lq_roster_row_select(import->wish.kind, table_of(import)->name,
		"WHERE id > ?1 ORDER BY id LIMIT ?2", sql);
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_int64(statement, 1, import->after);
		(void)sqlite3_bind_int64(statement, 2, pace->rows);
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
	if (r == LQ_OK && count < pace->rows) {
		return lq_import_rows_flush(&import->rows);
	}
	return r != LQ_OK ? r : 1;
}

/* ---- the new table, beside the one in use ---- */

static int make_table(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)pace;
	int r = lq_import_sweep(store);
	return r == LQ_OK ? lq_beside_make(store, table_of(import)->name, false) : r;
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
static int copy_some(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	char sql[SQL_SIZE];
	const char *table = table_of(import)->name;
	sqlite3_stmt *statement = NULL;
	(void)snprintf(sql, sizeof(sql),
		"INSERT INTO %s_next SELECT * FROM %s WHERE id > ?1 ORDER BY id LIMIT ?2", table,
		table);
	int r = bound_statement(store, sql, import->after, pace->rows, &statement);
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	if (r != LQ_OK) {
		return r;
	}
	bool more = sqlite3_changes(store->db) == (int)pace->rows;
	if (import->wish.disable_missing) {
		r = disable_missing(import, store, import->after);
	}
	import->after = sqlite3_last_insert_rowid(store->db);
	return r != LQ_OK ? r : more;
}

static int copy_rows(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	int r = lq_beside_begin(store);
	return r == LQ_OK ? lq_beside_end(store, copy_some(import, store, pace)) : r;
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
			statement, at, *cell == '\0' ? NULL : cell, -1, SQLITE_STATIC);
		return;
	case LQ_CELL_BOOL:
	case LQ_CELL_STATE:
		(void)sqlite3_bind_int(statement, at, *cell);
		return;
	case LQ_CELL_ID:
	case LQ_CELL_FROM:
	case LQ_CELL_TO:
	case LQ_CELL_HOURS:
		memcpy(&number, cell, sizeof(number));
		(void)sqlite3_bind_int64(statement, at, number);
		return;
	case LQ_CELL_USES:
		memcpy(&number, cell, sizeof(number));
		if (number == LQ_USES_ANY) {
			(void)sqlite3_bind_null(statement, at);
		} else {
			(void)sqlite3_bind_int64(statement, at, number);
		}
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
static int prepare_writing(
	struct lq_import *import, struct lq_store *store, struct writing *writing)
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
		(void)snprintf(
			sets + at, sizeof(sets) - at, "%s%s = %s", between, column->column, place);
	}
	LQ_ASSERT(strlen(sets) + 1 < sizeof(sets) && strlen(places) + 1 < sizeof(places));
	(void)snprintf(sql, sizeof(sql), "UPDATE %s_next SET %s WHERE id = ?1", table->name, sets);
	int r = lq_store_prepare(store, sql, &writing->update);
	if (r == LQ_OK) {
		(void)snprintf(sql, sizeof(sql), "INSERT INTO %s_next (%s%s) VALUES (%s%s)",
			table->name, names, badges ? ", key" : "", places,
			badges ? ", ?" KEY_TEXT : "");
		r = lq_store_prepare(store, sql, &writing->insert);
	}
	return r;
}

static int write_row(struct lq_import *import, struct writing *writing, uint32_t index,
	const struct lq_roster_row *row)
{
	const struct lq_roster_table *table = table_of(import);
	struct lq_store *store = writing->match.store;
	bool added = import->rows.targets[index] == 0;
	sqlite3_stmt *statement = added ? writing->insert : writing->update;
	for (size_t i = 0; i < table->count; i++) {
		if (table->columns[i].column != NULL || (i == 0 && !added)) {
			bind_cell(statement, (int)i + 1, &table->columns[i], row);
		}
	}
	if (added && import->rows.keys != NULL) {
		(void)sqlite3_bind_blob(statement, KEY_PARAMETER, import->rows.keys[index],
			sizeof(import->rows.keys[index]), SQLITE_STATIC);
	}
	int r = lq_store_step(store, statement);
	(void)sqlite3_reset(statement);
	if (r == LQ_ERR_EXISTS) {
		import->refusal.problem = LQ_IMPORT_TWICE;
		return LQ_ERR_INVALID;
	}
	if (r == LQ_OK && added && sqlite3_last_insert_rowid(store->db) > UINT32_MAX) {
		return LQ_ERR_FULL;
	}
	return r;
}

static int apply_one(struct lq_import *import, struct writing *writing)
{
	uint32_t index = import->rows.order[import->next];
	uint32_t target = import->rows.targets[index];
	const struct lq_roster_row *row = &import->rows.rows[index];
	struct lq_roster_row old;
	struct lq_roster_row wanted;
	int r = lq_import_match_old(&writing->match, target, &old);
	if (r == LQ_OK) {
		r = lq_import_match_merge(&writing->match, row, &old, &wanted);
	}
	if (r != LQ_OK) {
		return r;
	}
	import->refusal.line = row->line;
	return write_row(import, writing, index, &wanted);
}

static int apply_some(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	struct writing writing = {
		.match = {.store = store, .kind = import->wish.kind, .refusal = &import->refusal}};
	int r = lq_import_match_begin(&writing.match);
	if (r == LQ_OK) {
		r = prepare_writing(import, store, &writing);
	}
	for (uint32_t i = 0;
		i < pace->rows && import->next < import->rows.order_count && r == LQ_OK; i++) {
		r = apply_one(import, &writing);
		import->next++;
	}
	lq_import_match_end(&writing.match);
	(void)sqlite3_finalize(writing.insert);
	(void)sqlite3_finalize(writing.update);
	return r != LQ_OK ? r : import->next < import->rows.order_count;
}

static int apply_rows(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	int r = lq_beside_begin(store);
	return r == LQ_OK ? lq_beside_end(store, apply_some(import, store, pace)) : r;
}

/* 1: there may be more. */
static int make_index(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	return lq_beside_index(store, table_of(import)->name, &import->index, pace);
}

/* ---- in memory, and into its place ---- */

static struct lq_roster_source source_of(const struct lq_import *import)
{
	bool members = import->wish.kind == LQ_ROSTER_MEMBERS;
	return (struct lq_roster_source){.members = members ? "member_next" : "member",
		.credentials = members ? "credential" : "credential_next"};
}

static int count_credentials(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	char sql[SQL_SIZE];
	sqlite3_stmt *statement = NULL;
	(void)pace;
	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", source_of(import).credentials);
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	size_t count = r == 1 ? (size_t)sqlite3_column_int64(statement, 0) : 0;
	(void)sqlite3_finalize(statement);
	r = r < 0 ? r : lq_roster_new(&import->roster);
	return r == LQ_OK ? lq_roster_reserve(import->roster, count) : r;
}

static int load_roster(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	struct lq_roster_source source = source_of(import);
	return lq_roster_load_some(store, &source, &import->after, pace->rows, import->roster);
}

/* The one moment at which the roster changes. The event may not be older than what was journalled
 * meanwhile. */
static int trade_tables(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	const char *table = table_of(import)->name;
	struct lq_head before = store->head;
	struct lq_event *event = &import->event;
	(void)pace;
	event->action =
		import->wish.kind == LQ_ROSTER_MEMBERS ? "members.imported" : "badges.imported";
	event->added = import->counts.added;
	event->changed = import->counts.changed;
	event->disabled = import->counts.disabled;
	event->at.unix_ms = event->at.unix_ms < before.unix_ms ? before.unix_ms : event->at.unix_ms;
	int r = lq_beside_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_beside_execute(
		store, "ALTER TABLE @ RENAME TO @_old; ALTER TABLE @_next RENAME TO @", table);
	r = lq_store_end_with(store, r, event);
	import->seq = r == LQ_OK ? before.seq + 1 : 0;
	int restored = lq_beside_restore(store, LQ_OK);
	return r == LQ_OK && restored != LQ_OK ? LQ_ERR_CLOSED : r;
}

static int drop_old(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)import;
	(void)pace;
	(void)lq_import_sweep(store); /* or the next opening does it */
	narrow_cache(store);
	return LQ_OK;
}

/* ---- one phase after the other ---- */

static bool has_anything_to_do(const struct lq_import *import)
{
	return !import->wish.dry_run &&
	       import->counts.added + import->counts.changed + import->counts.disabled > 0;
}

int lq_import_step(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace)
{
	static int (*const phases[])(
		struct lq_import *, struct lq_store *, const struct lq_import_pace *) = {
		[WIDEN] = widen_cache,
		[MATCH] = match_rows,
		[SPREAD] = spread_rows,
		[SORT] = sort_rows,
		[LOOK] = look_for_missing,
		[MAKE] = make_table,
		[COPY] = copy_rows,
		[APPLY] = apply_rows,
		[INDEX] = make_index,
		[COUNT] = count_credentials,
		[LOAD] = load_roster,
		[TRADE] = trade_tables,
		[DROP] = drop_old,
	};
	LQ_ASSERT(import->phase < END && pace->rows > 0);
	if (store->log_pages >= LOG_PAGES) {
		lq_store_tidy(store);
		return 1;
	}
	int r = phases[import->phase](import, store, pace);
	if (r != LQ_OK) {
		return r;
	}
	import->next = 0;
	import->after = INT64_MIN;
	if (import->phase == LOOK && !has_anything_to_do(import)) {
		narrow_cache(store);
		return LQ_OK;
	}
	import->phase = (enum phase)(import->phase + 1);
	return import->phase != END;
}

void lq_import_abandon(struct lq_import *import, struct lq_store *store)
{
	if (import->phase > LOOK) {
		(void)lq_import_sweep(store);
	}
	narrow_cache(store);
}

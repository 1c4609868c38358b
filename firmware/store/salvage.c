/* Reads what can still be read of a damaged door.db. */
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <stdio.h>

#define COLUMNS_MAX 8
#define ROWS_MAX    1000000u /* of one table: a damaged tree may lead in circles */

struct table {
	const char *name;
	const char *read_up;
	const char *read_down;
	const char *insert;
};

#define TABLE(name_, columns, places)                                                              \
	{                                                                                          \
		.name = (name_), .read_up = "SELECT " columns " FROM " name_ " ORDER BY rowid",    \
		.read_down = "SELECT " columns " FROM " name_ " ORDER BY rowid DESC",              \
		.insert = "INSERT OR IGNORE INTO " name_ " (" columns ") VALUES (" places ")",     \
	}

/* Parents before children, as the foreign keys want. */
static const struct table tables[] = {
	TABLE("schedule", "id, name", "?, ?"),
	TABLE("schedule_period", "schedule, from_minute, to_minute", "?, ?, ?"),
	TABLE("profile", "id, name", "?, ?"),
	TABLE("policy", "profile, access_point, schedule", "?, ?, ?"),
	TABLE("member", "id, name, profile, enabled", "?, ?, ?, ?"),
	TABLE("door_mode", "door, mode", "?, ?"),
	TABLE("credential", "id, member, key, state, valid_from, valid_to", "?, ?, ?, ?, ?, ?"),
	TABLE("presence", "zone, member, since, forgiven", "?, ?, ?, ?"),
	TABLE("presence_frozen", "zone, member, since", "?, ?, ?"),
	TABLE("presence_freeze", "id, at", "?, ?"),
	TABLE("door_hold", "door, fire, released, propped_until", "?, ?, ?, ?"),
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
	for (int i = 0; i < columns && i < COLUMNS_MAX; i++) {
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

static int copy_table(struct lq_store *store, struct lq_store *old, const struct table *table)
{
	int r = copy_rows(store, old, table->read_up, table->insert);
	if (r == LQ_ERR_CORRUPT) {
		r = copy_rows(store, old, table->read_down, table->insert);
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
		r = copy_table(store, old, &tables[i]);
	}
	if (r == LQ_OK) {
		r = keep_numbers(store, old, "member");
	}
	if (r == LQ_OK) {
		r = keep_numbers(store, old, "credential");
	}
	if (r == LQ_OK && number(store, "SELECT count(*) FROM policy WHERE profile = 1") == 0) {
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

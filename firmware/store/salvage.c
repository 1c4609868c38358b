/* Reads what can still be read of a damaged door.db. */
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <stdio.h>

#define COLUMNS_MAX 8

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
	TABLE("credential", "id, member, key, state, valid_from, valid_to", "?, ?, ?, ?, ?, ?"),
};

/* Copies rows until one cannot be read; a row that does not fit the new file is left out. */
static bool copy_rows(struct lq_store *store, sqlite3 *old, const char *read, const char *insert)
{
	sqlite3_stmt *in = NULL;
	sqlite3_stmt *out = NULL;
	int code = SQLITE_ERROR;
	if (sqlite3_prepare_v2(old, read, -1, &in, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(store->db, insert, -1, &out, NULL) == SQLITE_OK) {
		while ((code = sqlite3_step(in)) == SQLITE_ROW) {
			int columns = sqlite3_column_count(in);
			for (int i = 0; i < columns && i < COLUMNS_MAX; i++) {
				(void)sqlite3_bind_value(out, i + 1, sqlite3_column_value(in, i));
			}
			(void)sqlite3_step(out);
			(void)sqlite3_reset(out);
		}
	}
	(void)sqlite3_finalize(in);
	(void)sqlite3_finalize(out);
	return code == SQLITE_DONE;
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t value = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW) {
		value = sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return value > 0 ? value : 0;
}

unsigned lq_salvage(struct lq_store *store, const char *path, uint64_t *ret_last_seq)
{
	sqlite3 *old = NULL;
	*ret_last_seq = 0;
	if (sqlite3_open_v2(path, &old, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
		lq_store_begin(store) == LQ_OK) {
		/* The built-in rows go, or they would stand in the way of the old ones. */
		int r = lq_store_execute(store, "DELETE FROM policy");
		for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
			if (!copy_rows(store, old, tables[i].read_up, tables[i].insert)) {
				(void)copy_rows(store, old, tables[i].read_down, tables[i].insert);
			}
		}
		if (number(store->db, "SELECT count(*) FROM policy WHERE profile = 1") == 0) {
			r = lq_store_execute(store,
				"INSERT INTO policy (profile, access_point) VALUES (1, '*')");
		}
		(void)lq_store_end(store, r);
		*ret_last_seq = (uint64_t)number(old, "SELECT max(seq) FROM journal");
	}
	(void)sqlite3_close(old);
	return (unsigned)number(store->db, "SELECT count(*) FROM credential");
}

#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <stdio.h>

int lq_store_fail(struct lq_store *store, int sqlite_code)
{
	(void)snprintf(store->error, sizeof(store->error), "%s",
		store->db != NULL ? sqlite3_errmsg(store->db) : sqlite3_errstr(sqlite_code));
	switch (sqlite_code & 0xff) {
	case SQLITE_FULL:
		return LQ_ERR_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_TOOBIG:
		return LQ_ERR_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return LQ_ERR_BUSY;
	case SQLITE_NOMEM:
		return LQ_ERR_NO_MEMORY;
	case SQLITE_CONSTRAINT:
		return LQ_ERR_EXISTS;
	default:
		break;
	}
	/* A sector that cannot be read is damage, too. */
	bool unreadable = sqlite_code == SQLITE_IOERR_READ ||
			  sqlite_code == SQLITE_IOERR_SHORT_READ ||
			  sqlite_code == SQLITE_IOERR_CORRUPTFS;
	return unreadable ? LQ_ERR_CORRUPT : LQ_ERR_IO;
}

int lq_store_object(struct lq_store *store, const char *problem)
{
	(void)snprintf(store->error, sizeof(store->error), "%.250s", problem);
	return LQ_ERR_CORRUPT;
}

int lq_store_execute(struct lq_store *store, const char *sql)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? LQ_OK : lq_store_fail(store, code);
}

int lq_store_prepare(struct lq_store *store, const char *sql, sqlite3_stmt **ret_statement)
{
	int code = sqlite3_prepare_v2(store->db, sql, -1, ret_statement, NULL);
	return code == SQLITE_OK ? LQ_OK : lq_store_fail(store, code);
}

int lq_store_step(struct lq_store *store, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		return 1;
	}
	return code == SQLITE_DONE ? 0 : lq_store_fail(store, code);
}

static int run(struct lq_store *store, enum lq_statement which)
{
	sqlite3_stmt *statement = store->statements[which];
	int r = lq_store_step(store, statement);
	(void)sqlite3_reset(statement);
	return r;
}

int lq_store_begin(struct lq_store *store)
{
	int r = lq_store_keep_place(store);
	return r == LQ_OK ? run(store, LQ_SQL_BEGIN) : r;
}

int lq_store_end(struct lq_store *store, int r)
{
	if (r == LQ_OK) {
		r = run(store, LQ_SQL_COMMIT);
	}
	if (r != LQ_OK && sqlite3_get_autocommit(store->db) == 0) {
		char why[sizeof(store->error)];
		(void)snprintf(why, sizeof(why), "%s", store->error);
		(void)run(store, LQ_SQL_ROLLBACK);
		(void)snprintf(store->error, sizeof(store->error), "%s", why);
	}
	return r;
}

#include "host/office/shape.h"

#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/db_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SQL_SIZE 128u

/* Does something with the fresh database's table; LQ_OK or the error that ends it. */
typedef int visitor(struct lq_db *db, struct lq_db *fresh, const char *table);

static int open_fresh(struct lq_db **ret_fresh)
{
	int r = lq_db_open_sqlite(":memory:", LQ_DB_MAKE, ret_fresh);
	return r == LQ_OK
		       ? lq_db_migrate(*ret_fresh, lq_office_migrations, lq_office_migration_count)
		       : r;
}

static int each_table(struct lq_db *db, struct lq_db *fresh, visitor *visit)
{
	struct lq_rows *rows = NULL;
	int visited = LQ_OK;
	int r = lq_db_query(fresh, &rows, fresh->adapter->tables, "");
	if (r != LQ_OK) {
		return r;
	}
	while (visited == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		visited = visit(db, fresh, lq_rows_text(rows, 0));
	}
	lq_rows_end(rows);
	return visited != LQ_OK ? visited : r;
}

static int compare(struct lq_db *db, visitor *visit)
{
	struct lq_db *fresh = NULL;
	int r = open_fresh(&fresh);
	r = r == LQ_OK ? each_table(db, fresh, visit) : r;
	lq_db_close(fresh);
	return r;
}

static int count_rows(struct lq_db *db, const char *table, int64_t *ret_count)
{
	char sql[SQL_SIZE];
	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	return lq_db_integer(db, ret_count, 0, sql, "");
}

static int expect_no_more(struct lq_db *db, struct lq_db *fresh, const char *table)
{
	int64_t count = 0;
	int64_t usual = 0;
	int r = count_rows(db, table, &count);
	r = r == LQ_OK ? count_rows(fresh, table, &usual) : r;
	if (r == LQ_OK && count > usual) {
		(void)snprintf(db->error, sizeof(db->error),
			"it is not empty: the table %s has %" PRId64 " row%s", table, count,
			count == 1 ? "" : "s");
		r = LQ_ERR_EXISTS;
	}
	return r;
}

int lq_shape_expect_unused(struct lq_db *db)
{
	return compare(db, expect_no_more);
}

static int expect_table(struct lq_db *db, struct lq_db *fresh, const char *table)
{
	struct lq_rows *rows = NULL;
	bool found = false;
	(void)fresh;
	int r = lq_db_query(db, &rows, db->adapter->tables, "");
	if (r != LQ_OK) {
		return r;
	}
	while (!found && (r = lq_rows_next(rows)) == 1) {
		found = strcmp(lq_rows_text(rows, 0), table) == 0;
	}
	lq_rows_end(rows);
	if (r >= 0 && !found) {
		(void)snprintf(db->error, sizeof(db->error),
			"these are no office's books: there is no table %s", table);
		return LQ_ERR_UNSUPPORTED;
	}
	return r < 0 ? r : LQ_OK;
}

int lq_shape_expect_office(struct lq_db *db)
{
	return compare(db, expect_table);
}

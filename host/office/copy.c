#include "host/office/copy.h"

#include "firmware/core/err.h"
#include "host/office/db_internal.h"
#include "host/office/people.h"
#include "host/office/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES_MAX     128u
#define TABLE_SIZE     64u
#define STATEMENT_SIZE 2048u
#define TELL_EVERY     1000

struct copy {
	struct lq_db *from;
	struct lq_db *to;
	struct lq_db *culprit;
	lq_copy_progress *progress;
	void *ctx;
	bool filling; /* a table of `to` */
	int64_t done; /* rows */
	int64_t all;
	char tables[TABLES_MAX][TABLE_SIZE];
	size_t count;
};

static void tell(struct copy *copy, const char *table)
{
	if (copy->progress != NULL) {
		copy->progress(copy->ctx, table, copy->done, copy->all);
	}
}

static int list_tables(struct copy *copy)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(copy->from, &rows, copy->from->adapter->tables, "");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		const char *name = lq_rows_text(rows, 0);
		if (copy->count == TABLES_MAX || strlen(name) >= TABLE_SIZE) {
			r = LQ_ERR_FULL;
			break;
		}
		(void)snprintf(copy->tables[copy->count++], TABLE_SIZE, "%s", name);
	}
	lq_rows_end(rows);
	return r;
}

/* "a, b": the names that the row has. */
static int list_columns(struct lq_rows *row, char ret_columns[STATEMENT_SIZE])
{
	int count = lq_rows_columns(row);
	size_t used = 0;
	for (int i = 0; i < count && used < STATEMENT_SIZE; i++) {
		used += (size_t)snprintf(ret_columns + used, STATEMENT_SIZE - used, "%s%s",
			i > 0 ? ", " : "", lq_rows_name(row, i));
	}
	return count <= (int)LQ_DB_ARGUMENTS_MAX && used < STATEMENT_SIZE ? LQ_OK : LQ_ERR_FULL;
}

static int begin_filling(struct copy *copy, size_t table, struct lq_rows *row)
{
	char columns[STATEMENT_SIZE] = "";
	int r = list_columns(row, columns);
	r = r == LQ_OK ? copy->to->adapter->fill_begin(copy->to, copy->tables[table], columns,
				 (size_t)lq_rows_columns(row))
		       : r;
	copy->filling = r == LQ_OK;
	return r;
}

static int add_row(struct copy *copy, size_t table, struct lq_rows *row)
{
	struct lq_value values[LQ_DB_ARGUMENTS_MAX];
	int r = copy->filling ? LQ_OK : begin_filling(copy, table, row);
	int columns = r == LQ_OK ? lq_rows_columns(row) : 0;
	for (int i = 0; i < columns; i++) {
		values[i] = lq_rows_value(row, i);
	}
	return r == LQ_OK ? copy->to->adapter->fill_row(copy->to, values, (size_t)columns) : r;
}

static int end_filling(struct copy *copy, int r)
{
	if (!copy->filling) {
		return r;
	}
	copy->filling = false;
	int ended = copy->to->adapter->fill_end(copy->to, r == LQ_OK);
	if (r == LQ_OK && ended != LQ_OK) {
		copy->culprit = copy->to;
		r = ended;
	}
	return r;
}

/* One run of the query: how many rows it gave, or an error. */
static int64_t copy_rows(struct copy *copy, size_t table, const char *select)
{
	struct lq_rows *rows = NULL;
	int64_t count = 0;
	int r = lq_db_query(copy->from, &rows, select, "");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		r = add_row(copy, table, rows);
		if (r != LQ_OK) {
			copy->culprit = copy->to;
			break;
		}
		count++;
		if (++copy->done % TELL_EVERY == 0) {
			tell(copy, copy->tables[table]);
		}
	}
	lq_rows_end(rows);
	return r == LQ_OK ? count : r;
}

static int copy_table(struct copy *copy, size_t table)
{
	const struct lq_db_adapter *adapter = copy->from->adapter;
	char select[STATEMENT_SIZE];
	int64_t count = 0;
	(void)snprintf(select, sizeof(select), "%s%s", adapter->rows_of_table, copy->tables[table]);
	int r = adapter->open_table(copy->from, copy->tables[table]);
	if (r != LQ_OK) {
		return r;
	}
	do {
		count = copy_rows(copy, table, select);
	} while (count > 0 && count == adapter->rows_at_once);
	r = end_filling(copy, count < 0 ? (int)count : LQ_OK);
	/* A row that stood there and breaks a rule here. */
	return r == LQ_ERR_EXISTS ? LQ_ERR_CORRUPT : r;
}

static int count_rows(struct copy *copy)
{
	int r = LQ_OK;
	for (size_t i = 0; i < copy->count && r == LQ_OK && copy->progress != NULL; i++) {
		char sql[STATEMENT_SIZE];
		int64_t count = 0;
		(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", copy->tables[i]);
		r = lq_db_integer(copy->from, &count, 0, sql, "");
		copy->all += count;
	}
	return r;
}

/* What migrations put there makes room for what the other one has in its place. */
static int empty_tables(struct copy *copy)
{
	for (size_t i = copy->count; i > 0; i--) {
		char sql[STATEMENT_SIZE];
		(void)snprintf(sql, sizeof(sql), "DELETE FROM %s", copy->tables[i - 1]);
		int64_t r = lq_db_run(copy->to, sql, "");
		if (r < 0) {
			return (int)r;
		}
	}
	return LQ_OK;
}

static int prepare(struct copy *copy, enum lq_copy_how how)
{
	int r = lq_db_begin(copy->to);
	r = r == LQ_OK ? copy->to->adapter->keep_others_out(copy->to) : r;
	if (r == LQ_OK && how == LQ_COPY_INTO_UNUSED) {
		r = lq_shape_expect_unused(copy->to);
	}
	if (r != LQ_OK) {
		copy->culprit = copy->to;
		return r;
	}
	r = list_tables(copy);
	r = r == LQ_OK ? count_rows(copy) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = empty_tables(copy);
	copy->culprit = r == LQ_OK ? copy->from : copy->to;
	return r;
}

static int copy_all(struct copy *copy, enum lq_copy_how how)
{
	int r = prepare(copy, how);
	for (size_t i = 0; i < copy->count && r == LQ_OK; i++) {
		r = copy_table(copy, i);
		if (r == LQ_OK) {
			r = copy->to->adapter->renumber(copy->to, copy->tables[i]);
			copy->culprit = r == LQ_OK ? copy->from : copy->to;
			tell(copy, copy->tables[i]);
		}
	}
	if (r == LQ_OK) {
		r = how == LQ_COPY_REPLACE ? lq_roster_due_all(copy->to) : r;
		r = r == LQ_OK ? lq_db_commit(copy->to) : r;
		copy->culprit = r == LQ_OK ? copy->from : copy->to;
	}
	return r;
}

int lq_copy(struct lq_db *from, struct lq_db *to, enum lq_copy_how how, lq_copy_progress *progress,
	void *ctx, struct lq_db **ret_culprit)
{
	struct copy *copy = calloc(1, sizeof(*copy));
	if (copy == NULL) {
		*ret_culprit = NULL;
		return LQ_ERR_NO_MEMORY;
	}
	copy->from = from;
	copy->to = to;
	copy->culprit = from;
	copy->progress = progress;
	copy->ctx = ctx;
	/* One moment of the source, whoever writes there meanwhile. */
	int r = lq_db_begin(from);
	r = r == LQ_OK ? copy_all(copy, how) : r;
	lq_db_rollback(from);
	if (r != LQ_OK) {
		lq_db_rollback(to);
		*ret_culprit = copy->culprit;
	}
	free(copy);
	return r;
}

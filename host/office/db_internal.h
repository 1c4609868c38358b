/* What the databases share. */
#ifndef LQ_OFFICE_DB_INTERNAL_H
#define LQ_OFFICE_DB_INTERNAL_H

#include "host/office/db.h"

/* Each adapter embeds this first. */
struct lq_db {
	const struct lq_db_adapter *adapter;
	enum lq_db_use use;
	bool in_transaction;
	struct lq_db_late late;            /* settle is NULL: nothing was put off */
	bool owner_acts;                   /* whose work that is: nobody looks */
	const struct lq_db_behind *behind; /* NULL: no table is ever */
	bool is_behind;
	char error[256];
};

struct lq_rows {
	struct lq_db *db;
	bool busy;
};

struct lq_db_adapter {
	const char *begin_to_write;
	const char *begin_to_read; /* everything at one moment */
	const char *scrub;         /* takes what was deleted out of the files */
	void (*close)(struct lq_db *db);
	/* Several statements without arguments or rows. */
	int (*execute)(struct lq_db *db, const char *sql);
	int (*query)(struct lq_db *db, struct lq_rows **ret_rows, const char *sql,
		const struct lq_value *values, size_t count);
	int (*next)(struct lq_rows *rows);
	int64_t (*changes)(struct lq_rows *rows);
	int64_t (*integer)(struct lq_rows *rows, int column);
	const char *(*text)(struct lq_rows *rows, int column);
	struct lq_blob (*blob)(struct lq_rows *rows, int column);
	bool (*is_null)(struct lq_rows *rows, int column);
	int (*columns)(struct lq_rows *rows);
	const char *(*name)(struct lq_rows *rows, int column);
	char (*type)(struct lq_rows *rows, int column); /* i, t or b; not of NULL */
	void (*end)(struct lq_rows *rows);
	int (*hold)(struct lq_db *db, enum lq_db_hold how);
	int (*version)(struct lq_db *db, size_t *ret_version);
	/* Inside the migration's transaction. */
	int (*set_version)(struct lq_db *db, size_t version);
	int (*migrate)(struct lq_db *db, const char *sql);
	const char *tables; /* a query for the names of the tables, in the order of their making */
	/* Whole tables: the query that is to be run until it yields nothing, having been opened. A
	 * database that has all rows at once yields them at the first time. */
	int (*open_table)(struct lq_db *db, const char *table);
	const char *rows_of_table; /* the table follows */
	int64_t rows_at_once;      /* 0: all of them */
	/* Rows into a table, as many as there are: it is told the columns ("a, b") once. Between
	 * beginning and end nothing else is done with the database. What is not `whole` is taken
	 * back by the transaction. */
	int (*fill_begin)(struct lq_db *db, const char *table, const char *columns, size_t count);
	int (*fill_row)(struct lq_db *db, const struct lq_value *values, size_t count);
	int (*fill_end)(struct lq_db *db, bool whole);
	/* Behind rows that brought their numbers along: the next ones are greater, also than those
	 * that were given here before. */
	int (*renumber)(struct lq_db *db, const char *table);
	/* Until the open transaction ends, nobody else writes. LQ_ERR_BUSY: somebody goes on. */
	int (*keep_others_out)(struct lq_db *db);
};

/* Statements by their text. */
#define LQ_STATEMENTS_MAX 512u

size_t lq_statement_place(const char *sql); /* where to begin to look */

#endif

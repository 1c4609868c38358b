/* What the databases share. */
#ifndef LQ_OFFICE_DB_INTERNAL_H
#define LQ_OFFICE_DB_INTERNAL_H

#include "host/office/db.h"

/* Each adapter embeds this first. */
struct lq_db {
	const struct lq_db_adapter *adapter;
	enum lq_db_use use;
	bool in_transaction;
	char error[256];
};

struct lq_rows {
	struct lq_db *db;
	bool busy;
};

struct lq_db_adapter {
	const char *begin_to_write;
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
	int (*version)(struct lq_db *db, size_t *ret_version);
	/* Inside the migration's transaction. */
	int (*set_version)(struct lq_db *db, size_t version);
	int (*migrate)(struct lq_db *db, const char *sql);
	const char *tables; /* a query for the names of the tables, in the order of their making */
	/* Behind rows that brought their numbers along: the next ones are greater. */
	int (*renumber)(struct lq_db *db, const char *table);
};

#endif

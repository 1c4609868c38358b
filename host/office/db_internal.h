/* What the databases share. */
#ifndef LQ_OFFICE_DB_INTERNAL_H
#define LQ_OFFICE_DB_INTERNAL_H

#include "host/office/db.h"

#include <stdarg.h>

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
	void (*close)(struct lq_db *db);
	/* Several statements without arguments or rows. */
	int (*execute)(struct lq_db *db, const char *sql);
	int (*query)(struct lq_db *db, struct lq_rows **ret_rows, const char *sql,
		const char *types, va_list arguments);
	int (*next)(struct lq_rows *rows);
	int64_t (*changes)(struct lq_rows *rows);
	int64_t (*integer)(struct lq_rows *rows, int column);
	const char *(*text)(struct lq_rows *rows, int column);
	struct lq_blob (*blob)(struct lq_rows *rows, int column);
	bool (*is_null)(struct lq_rows *rows, int column);
	void (*end)(struct lq_rows *rows);
	int (*version)(struct lq_db *db, size_t *ret_version);
	/* Inside the migration's transaction. */
	int (*set_version)(struct lq_db *db, size_t version);
	int (*migrate)(struct lq_db *db, const char *sql);
};

#endif

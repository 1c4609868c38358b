/* What the parts of the books share. */
#ifndef LQ_OFFICE_BOOKS_INTERNAL_H
#define LQ_OFFICE_BOOKS_INTERNAL_H

#include "host/office/books.h"

#include <sqlite3.h>

struct lq_books {
	sqlite3 *db;
	const struct lq_config *config; /* borrowed */
	char error[256];
};

struct lq_blob {
	const void *bytes; /* borrowed until the statement is finalized; NULL: NULL */
	size_t length;
};

extern const char *const lq_office_migrations[];
extern const size_t lq_office_migration_count;

int lq_books_fail(struct lq_books *books, int sqlite_code);

/* Prepares and binds: for each letter of `types` an argument, t text (const char *), i int64_t,
 * b const struct lq_blob *. The caller finalizes. */
int lq_books_prepare(struct lq_books *books, sqlite3_stmt **ret_statement, const char *sql,
	const char *types, ...);

/* 1: a row, 0: no more. */
int lq_books_step(struct lq_books *books, sqlite3_stmt *statement);

/* Runs a statement without rows to its end and finalizes it. */
int lq_books_finish(struct lq_books *books, sqlite3_stmt *statement);

/* Follows the chain of hashes to this event. Changes `finding` for the worse only. */
int lq_books_chain(struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_blob *body, enum lq_books_finding *finding);

/* Makes anew the visits that a passage may change. */
int lq_books_visits(struct lq_books *books, const struct lq_feed_event *event);

#endif

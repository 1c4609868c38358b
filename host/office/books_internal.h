/* What the parts of the books share. */
#ifndef LQ_OFFICE_BOOKS_INTERNAL_H
#define LQ_OFFICE_BOOKS_INTERNAL_H

#include "host/office/books.h"
#include "host/office/realm.h"

struct lq_books {
	struct lq_db *db;
	const struct lq_config *config; /* borrowed */
	struct lq_visit_settings settings;
	int64_t purged_ms; /* of persons, nothing older is kept */
	int64_t minute_ms; /* when lq_books_keep() last did what it does each minute, */
	int64_t hour_ms;   /* … and each hour */
};

extern const char *const lq_office_migrations[];
extern const size_t lq_office_migration_count;

/* Opens the office's database that a `[office] database` names, office.db for "". As
 * lq_db_open_sqlite() and lq_db_open_postgres(). */
int lq_books_database(const struct lq_config *config, const char *database, enum lq_db_use use,
	struct lq_db **ret_db);

/* Follows the chain of hashes to this event. Changes `finding` for the worse only. */
int lq_books_chain(struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_blob *body, enum lq_books_finding *finding);

/* Rows that did not come. Filling what is no gap changes nothing. */
int lq_gap_open(struct lq_db *db, const char *controller, uint64_t first, uint64_t last);
int lq_gap_fill(struct lq_db *db, const char *controller, uint64_t seq);

/* Notes where an evacuation begins or ends. */
int lq_books_muster(struct lq_books *books, const struct lq_feed_event *event);

/* Makes anew the visits that a passage may change. */
int lq_books_visits(struct lq_books *books, const struct lq_feed_event *event);

#endif

/* What the parts of the books share. */
#ifndef LQ_OFFICE_BOOKS_INTERNAL_H
#define LQ_OFFICE_BOOKS_INTERNAL_H

#include "host/office/books.h"

/* The realm of the numbers that the office itself gave. No controller has this name. */
#define LQ_REALM_OFFICE ""

struct lq_books {
	struct lq_db *db;
	const struct lq_config *config; /* borrowed */
};

extern const char *const lq_office_migrations[];
extern const size_t lq_office_migration_count;

/* Follows the chain of hashes to this event. Changes `finding` for the worse only. */
int lq_books_chain(struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_blob *body, enum lq_books_finding *finding);

/* Makes anew the visits that a passage may change. */
int lq_books_visits(struct lq_books *books, const struct lq_feed_event *event);

#endif

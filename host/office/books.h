/* office.db: every event once, and the visits that follow from them. One thread a handle. Functions
 * return LQ_OK or an error, which lq_books_error() explains. */
#ifndef LQ_OFFICE_BOOKS_H
#define LQ_OFFICE_BOOKS_H

#include "firmware/config/config.h"
#include "host/office/db.h"
#include "host/office/feed.h"

#include <stdbool.h>
#include <stddef.h>

struct lq_books;

/* Opens <state_dir>/office.db; to keep it, makes it and brings it up to date. `config` is borrowed
 * and must outlive the books. LQ_ERR_NOT_FOUND: to read, and there is none. LQ_ERR_UNSUPPORTED: a
 * newer version made it. On failure `ret_books` holds the error and is to be closed too; NULL when
 * memory ran out. */
int lq_books_open(const struct lq_config *config, enum lq_db_use use, struct lq_books **ret_books);

/* Accepts NULL. What was not committed is gone. */
void lq_books_close(struct lq_books *books);

const char *lq_books_error(const struct lq_books *books);

/* By which rules visits are made from now on; before that, by the usual ones. */
void lq_books_use(struct lq_books *books, const struct lq_visit_settings *settings);

/* Where everything else of the office is kept, too. Belongs to the books. */
struct lq_db *lq_books_db(struct lq_books *books);

/* Begins a transaction unless one is open. */
int lq_books_begin(struct lq_books *books);

/* Commits, when one is open: on disk when it returns LQ_OK. */
int lq_books_commit(struct lq_books *books);

/* What is done now and then: once a minute figures and bills are made, once an hour what is older
 * than `retention_days` is emptied, and what was deleted is taken out of the files; where that is
 * much, day by day, the next ones a second later. No transaction
 * is open before or after. */
int lq_books_keep(struct lq_books *books, int64_t retention_days, int64_t now_ms);

enum lq_books_finding {
	LQ_BOOKS_NEW,
	LQ_BOOKS_KNOWN,    /* the same event again */
	LQ_BOOKS_CONFLICT, /* another event of the same number: the first one stays */
	LQ_BOOKS_GAP,      /* new, and rows between it and the last one are missing */
	LQ_BOOKS_BROKEN,   /* new, and what the controller signed is not what came */
};

/* Takes an event up, inside a transaction. The first signed checkpoint of a controller tells its
 * key, which is trusted from then on; for the controller of the configuration it is
 * <state_dir>/controller.pub, where that can be read. */
int lq_books_take(struct lq_books *books, const struct lq_feed_event *event, const char *body,
	size_t length, enum lq_books_finding *ret_finding);

/* The zone behind the door of a passage. Borrowed from the event or the configuration. */
const char *lq_books_zone(const struct lq_books *books, const struct lq_feed_event *event);

/* Tells webhooks of an event that was taken up as new, in its transaction. What that gathered stays
 * gathered. */
int lq_books_tell(struct lq_books *books, const struct lq_feed_event *event, int64_t now_ms);

#endif

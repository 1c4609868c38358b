/* What webhooks are to be told, in the office's database: each delivery is put there in the
 * transaction of what caused it, and stays until an answer says that it arrived, or it is given up.
 * One thread a handle; inside a transaction. Functions return LQ_OK or an error of the database.
 *
 * A webhook is told one thing at a time, in order. Where it does not answer, the one that failed is
 * tried again by itself (back_off.h); the others wait until the webhook's own next try. So while
 * nothing arrives the order stays, and a single one that is refused holds up no other for long. */
#ifndef LQ_OFFICE_WEBHOOK_QUEUE_H
#define LQ_OFFICE_WEBHOOK_QUEUE_H

#include "host/office/db.h"
#include "host/office/feed.h"
#include "host/office/realm.h"
#include "host/office/webhook_sign.h"
#include "host/office/webhook_type.h"
#include "host/office/webhook_url.h"

#define LQ_WEBHOOKS_MAX         32u
#define LQ_WEBHOOK_NAME_SIZE    (LQ_NAME_SIZE + 24u)
#define LQ_WEBHOOK_ERROR_SIZE   128u
#define LQ_WEBHOOK_WAITING_MAX  10000 /* of each; older ones are given up */
#define LQ_WEBHOOK_REMEMBER_MAX 200   /* deliveries of each that are over */
#define LQ_WEBHOOK_REMEMBER_MS  (INT64_C(30) * 24 * 3600 * 1000)

enum lq_delivery_state {
	LQ_DELIVERY_WAITING,
	LQ_DELIVERY_DELIVERED,
	LQ_DELIVERY_GIVEN_UP,
};

/* In SQL as a literal: the indexes of what waits are found by it. */
#define LQ_DELIVERY_WAITS   "state = 0"
#define LQ_DELIVERY_IS_OVER "state <> 0"

/* What those that are told want, together; 0: there are none. */
int lq_webhook_wanted(struct lq_db *db, int64_t *ret_types);

/* A controller's event, for those that want it. It stands in the table of events. */
int lq_webhook_tell_event(struct lq_db *db, const struct lq_feed_event *event, int64_t now_ms);

/* The office's own words. */
struct lq_webhook_news {
	enum lq_webhook_type type;
	const char *space;
	int64_t at_ms;                   /* when it happened */
	const struct lq_somebody *about; /* NULL: nobody */
	int64_t day_ms;                  /* of theirs, with `about` */
	json_t *data;                    /* released by lq_webhook_tell() */
};

int lq_webhook_tell(struct lq_db *db, const struct lq_webhook_news *news, int64_t now_ms);

/* A test for one webhook, before everything else that waits for it and in spite of its failures. It
 * is tried once. */
int lq_webhook_tell_test(
	struct lq_db *db, const char *space, int64_t webhook, int64_t now_ms, int64_t *ret_id);

/* ---- sending ---- */

struct lq_webhook_parcel {
	int64_t webhook;
	int64_t delivery;
	char url[LQ_WEBHOOK_URL_SIZE];
	char name[LQ_WEBHOOK_NAME_SIZE];
	char signature[LQ_WEBHOOK_SIGNATURE_SIZE];
	int64_t timestamp_s;
	size_t length;
	char *body; /* malloc'ed, NUL behind it */
};

/* Which webhooks have something that is due, at most LQ_WEBHOOKS_MAX of them; returns how many, or
 * an error. */
int lq_webhook_due(struct lq_db *db, int64_t now_ms, int64_t ret_deliveries[LQ_WEBHOOKS_MAX],
	int64_t ret_webhooks[LQ_WEBHOOKS_MAX]);

/* Signs it as it is to go out now. LQ_ERR_NOT_FOUND: it is not to be told any more, and is over. */
int lq_webhook_pack(
	struct lq_db *db, int64_t delivery, int64_t now_ms, struct lq_webhook_parcel *ret_parcel);

struct lq_webhook_outcome {
	int64_t webhook;
	int64_t delivery;
	char url[LQ_WEBHOOK_URL_SIZE]; /* that was tried: it may have changed since */
	int status;                    /* of HTTP; 0: there was no answer */
	int64_t asked_ms; /* of quiet: Retry-After of a 429 or 503; 0: nothing was said of it */
	char error[LQ_WEBHOOK_ERROR_SIZE];
};

enum lq_webhook_turn {
	LQ_WEBHOOK_GOES_ON,
	LQ_WEBHOOK_RECOVERS, /* it had been failing */
	LQ_WEBHOOK_FAILS,    /* the first time, or something was given up */
	LQ_WEBHOOK_IS_GONE,  /* it answered 410 and is told nothing any more */
};

/* What became of a try: 2xx is done, 410 ends the webhook, anything else is tried again. */
int lq_webhook_settle(struct lq_db *db, const struct lq_webhook_outcome *outcome, int64_t now_ms,
	uint32_t random, enum lq_webhook_turn *ret_turn);

/* ---- keeping ---- */

/* What waits for it is due at once. */
int lq_webhook_release(struct lq_db *db, int64_t webhook);

/* Ends a webhook: nothing waits for it any more. */
int lq_webhook_end(struct lq_db *db, int64_t webhook, bool gone, int64_t now_ms);

/* Once a minute: gives up what a failing webhook does not take, forgets what is long over. */
int lq_webhook_sweep(struct lq_db *db, int64_t now_ms);

/* What tells of persons and is older, for lq_law_purge(). */
int lq_webhook_purge(struct lq_db *db, int64_t before_ms);

/* What tells of a person of the office, for lq_law_erase(). */
int lq_webhook_forget(struct lq_db *db, int64_t person);

#endif

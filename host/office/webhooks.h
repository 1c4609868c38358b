/* The table of webhooks. One thread a handle; inside a transaction. Functions return LQ_OK or an
 * error of the database. */
#ifndef LQ_OFFICE_WEBHOOKS_H
#define LQ_OFFICE_WEBHOOKS_H

#include "host/office/webhook_queue.h"

struct lq_webhook {
	int64_t id;
	char url[LQ_WEBHOOK_URL_SIZE];
	int64_t types;
	char author[80];
	int64_t made_ms;
	int64_t ended_ms; /* 0: it is told */
	bool gone;        /* it was ended by an answer 410 */
	int64_t failing_ms;
	int64_t arrived_ms; /* 0: nothing did */
	int64_t waiting;
};

/* LQ_ERR_NOT_FOUND. */
int lq_webhook_get(struct lq_db *db, int64_t id, struct lq_webhook *ret_webhook);

/* In the order of their making: the first behind `after`. LQ_ERR_NOT_FOUND: there is none. */
int lq_webhook_next(struct lq_db *db, int64_t after, struct lq_webhook *ret_webhook);

int lq_webhook_count(struct lq_db *db, int64_t *ret_count);

/* Adds it under a new id; id, ended and so on are not read. LQ_ERR_EXISTS: there is one with this
 * address. */
int lq_webhook_add(struct lq_db *db, const struct lq_webhook *webhook,
	const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE], int64_t *ret_id);

/* Its address and types, and that it is to be told from now on: what was said of it before does not
 * count any more. LQ_ERR_EXISTS. */
int lq_webhook_change(struct lq_db *db, const struct lq_webhook *webhook);

/* Until `old_until_ms` both sign. */
int lq_webhook_renew(struct lq_db *db, int64_t id, const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE],
	int64_t old_until_ms);

/* With everything that waits for it. LQ_ERR_NOT_FOUND. */
int lq_webhook_remove(struct lq_db *db, int64_t id);

#endif

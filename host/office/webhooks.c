#include "host/office/webhooks.h"

#include "firmware/core/err.h"

#include <stdio.h>

#define COLUMNS                                                                                    \
	"SELECT w.id, w.url, w.types, w.author, w.made, w.ended, w.gone, w.failing, w.arrived, "   \
	"(SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d." LQ_DELIVERY_WAITS \
	") "                                                                                       \
	"FROM webhook w "

/* Ends the rows. */
static int read_one(struct lq_rows *rows, struct lq_webhook *ret_webhook)
{
	int r = lq_rows_next(rows);
	if (r == 1) {
		struct lq_webhook webhook = {.id = lq_rows_integer(rows, 0),
			.types = lq_rows_integer(rows, 2),
			.made_ms = lq_rows_integer(rows, 4),
			.ended_ms = lq_rows_integer(rows, 5),
			.gone = lq_rows_integer(rows, 6) != 0,
			.failing_ms = lq_rows_integer(rows, 7),
			.arrived_ms = lq_rows_integer(rows, 8),
			.waiting = lq_rows_integer(rows, 9)};
		(void)snprintf(webhook.url, sizeof(webhook.url), "%s", lq_rows_text(rows, 1));
		(void)snprintf(webhook.author, sizeof(webhook.author), "%s", lq_rows_text(rows, 3));
		*ret_webhook = webhook;
	}
	lq_rows_end(rows);
	return r == 1 ? LQ_OK : r == 0 ? LQ_ERR_NOT_FOUND : r;
}

int lq_webhook_get(struct lq_db *db, int64_t id, struct lq_webhook *ret_webhook)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, COLUMNS "WHERE w.id = ?1", "i", id);
	return r == LQ_OK ? read_one(rows, ret_webhook) : r;
}

int lq_webhook_next(struct lq_db *db, int64_t after, struct lq_webhook *ret_webhook)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, COLUMNS "WHERE w.id > ?1 ORDER BY w.id LIMIT 1", "i", after);
	return r == LQ_OK ? read_one(rows, ret_webhook) : r;
}

int lq_webhook_count(struct lq_db *db, int64_t *ret_count)
{
	return lq_db_integer(db, ret_count, 0, "SELECT count(*) FROM webhook", "");
}

int lq_webhook_add(struct lq_db *db, const struct lq_webhook *webhook,
	const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE], int64_t *ret_id)
{
	const struct lq_blob blob = {.bytes = secret, .length = LQ_WEBHOOK_SECRET_SIZE};
	return lq_db_insert(db, ret_id,
		"INSERT INTO webhook (url, types, secret, author, made) "
		"VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING RETURNING id",
		"tibti", webhook->url, webhook->types, &blob, webhook->author, webhook->made_ms);
}

int lq_webhook_change(struct lq_db *db, const struct lq_webhook *webhook)
{
	int64_t taken = 0;
	int r = lq_db_integer(db, &taken, 0, "SELECT 1 FROM webhook WHERE url = ?1 AND id <> ?2",
		"ti", webhook->url, webhook->id);
	if (r != LQ_OK || taken != 0) {
		return r != LQ_OK ? r : LQ_ERR_EXISTS;
	}
	int64_t changed = lq_db_run(db,
		"UPDATE webhook SET url = ?2, types = ?3, ended = NULL, gone = 0, failures = 0, "
		"failing = NULL, next = 0 WHERE id = ?1",
		"iti", webhook->id, webhook->url, webhook->types);
	return changed < 0 ? (int)changed : lq_webhook_release(db, webhook->id);
}

int lq_webhook_renew(struct lq_db *db, int64_t id, const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE],
	int64_t old_until_ms)
{
	const struct lq_blob blob = {.bytes = secret, .length = LQ_WEBHOOK_SECRET_SIZE};
	int64_t r = lq_db_run(db,
		"UPDATE webhook SET old_secret = secret, old_until = ?2, secret = ?3 WHERE id = ?1",
		"iib", id, old_until_ms, &blob);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_webhook_remove(struct lq_db *db, int64_t id)
{
	int64_t r = lq_db_run(db, "DELETE FROM webhook_delivery WHERE webhook = ?1", "i", id);
	r = r < 0 ? r : lq_db_run(db, "DELETE FROM webhook WHERE id = ?1", "i", id);
	return r < 0 ? (int)r : r == 0 ? LQ_ERR_NOT_FOUND : LQ_OK;
}

/* The nonces of signed commands, kept with the rows that tell of them. */
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <string.h>

static int insert(struct lq_store *store, const struct lq_nonce *nonce)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"INSERT INTO order_nonce (signer, nonce, expires) VALUES (?1, ?2, ?3)", &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_text(statement, 1, nonce->signer, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(statement, 2, nonce->nonce, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 3, nonce->expires_s);
	r = lq_store_step(store, statement);
	(void)sqlite3_finalize(statement);
	return r;
}

static int forget_expired(struct lq_store *store, struct lq_wall now)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "DELETE FROM order_nonce WHERE expires * 1000 <= ?1", &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, now.unix_ms);
	r = lq_store_step(store, statement);
	(void)sqlite3_finalize(statement);
	return r;
}

int lq_store_spend_nonce(
	struct lq_store *store, const struct lq_nonce *nonce, const struct lq_event *event)
{
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = forget_expired(store, event->at);
	if (r == LQ_OK) {
		r = insert(store, nonce);
	}
	return lq_store_end_with(store, r, event);
}

static bool take_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);
	if (text == NULL || length >= size) {
		return false;
	}
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

int lq_store_load_nonces(struct lq_store *store, struct lq_nonces *ret_nonces)
{
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(store,
		"SELECT signer, nonce, expires FROM order_nonce ORDER BY expires DESC", &statement);
	if (r != LQ_OK) {
		return r;
	}
	ret_nonces->count = 0;
	while (ret_nonces->count < LQ_ORDER_NONCES_MAX &&
		(step = lq_store_step(store, statement)) == 1) {
		struct lq_nonce *item = &ret_nonces->items[ret_nonces->count];
		if (take_text(statement, 0, item->signer, sizeof(item->signer)) &&
			take_text(statement, 1, item->nonce, sizeof(item->nonce))) {
			item->expires_s = sqlite3_column_int64(statement, 2);
			ret_nonces->count++;
		}
	}
	(void)sqlite3_finalize(statement);
	return step < 0 ? step : LQ_OK;
}

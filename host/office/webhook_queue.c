#include "host/office/webhook_queue.h"

#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "host/office/back_off.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(LQ_DELIVERY_WAITING == 0, "as LQ_DELIVERY_WAITS has it");

/* ?1: enum lq_delivery_state, ?2: when. Their words go with them. */
#define END_DELIVERIES                                                                             \
	"UPDATE webhook_delivery SET state = ?1, due = ?2, body = NULL, realm = NULL, "            \
	"holder = NULL"

static int done(int64_t r)
{
	return r < 0 ? (int)r : LQ_OK;
}

int lq_webhook_wanted(struct lq_db *db, int64_t *ret_types)
{
	struct lq_rows *rows = NULL;
	int64_t types = 0;
	int r = lq_db_query(db, &rows, "SELECT types FROM webhook WHERE ended IS NULL", "");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		types |= lq_rows_integer(rows, 0);
	}
	lq_rows_end(rows);
	if (r == LQ_OK) {
		*ret_types = types;
	}
	return r;
}

/* ---- into the queue ---- */

int lq_webhook_tell_event(struct lq_db *db, const struct lq_feed_event *event, int64_t now_ms)
{
	char name[LQ_WEBHOOK_NAME_SIZE];
	enum lq_webhook_type type = lq_webhook_type_of_event(event->type);
	if (type == LQ_WEBHOOK_TYPES) {
		return LQ_OK;
	}
	(void)snprintf(name, sizeof(name), "%s/%" PRIu64, event->controller, event->seq);
	return done(lq_db_run(db,
		"INSERT INTO webhook_delivery (webhook, name, type, made, due, controller, seq) "
		"SELECT id, ?1, ?2, ?3, ?3, ?4, ?5 FROM webhook "
		"WHERE ended IS NULL AND (types & ?6) <> 0",
		"tiitii", name, (int64_t)type, now_ms, event->controller, (int64_t)event->seq,
		INT64_C(1) << type));
}

/* Numbers come again when a backup is restored; this does not. */
static int make_name(char ret_name[LQ_WEBHOOK_NAME_SIZE])
{
	uint8_t bytes[16];
	if (RAND_bytes(bytes, (int)sizeof(bytes)) != 1) {
		return LQ_ERR_IO;
	}
	char text[LQ_BASE64URL_LENGTH(sizeof(bytes)) + 1];
	lq_base64url_encode(bytes, sizeof(bytes), text);
	(void)snprintf(ret_name, LQ_WEBHOOK_NAME_SIZE, "msg_%s", text);
	return LQ_OK;
}

static char *body_of(const struct lq_webhook_news *news, const char *name)
{
	char source[16 + LQ_NAME_SIZE];
	char type[64];
	char time[LQ_RFC3339_SIZE];
	(void)snprintf(source, sizeof(source), "urn:loquet:%s", news->space);
	(void)snprintf(type, sizeof(type), "org.loquet.%s.v1", lq_webhook_word(news->type));
	lq_wall_rfc3339(news->at_ms, time);
	json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "specversion", "1.0", "id",
		name, "source", source, "type", type, "time", time, "datacontenttype",
		"application/json", "data", news->data);
	char *text = json_dumps(event, JSON_COMPACT);
	json_decref(event);
	return text;
}

static int insert(struct lq_db *db, const struct lq_webhook_news *news, int64_t now_ms)
{
	char name[LQ_WEBHOOK_NAME_SIZE];
	int r = make_name(name);
	char *text = r == LQ_OK ? body_of(news, name) : NULL;
	if (text == NULL) {
		return r == LQ_OK ? LQ_ERR_NO_MEMORY : r;
	}
	const struct lq_blob body = {.bytes = text, .length = strlen(text)};
	int64_t added = lq_db_run(db,
		"INSERT INTO webhook_delivery (webhook, name, type, made, due, body, realm, "
		"holder, "
		"day_begins) SELECT id, ?1, ?2, ?3, ?3, ?4, ?5, NULLIF(?6, 0), ?7 FROM webhook "
		"WHERE ended IS NULL AND (types & ?8) <> 0",
		"tiibtiii", name, (int64_t)news->type, now_ms, &body,
		news->about != NULL ? news->about->realm : NULL,
		news->about != NULL ? news->about->holder : INT64_C(0), news->day_ms,
		INT64_C(1) << news->type);
	free(text);
	return done(added);
}

int lq_webhook_tell(struct lq_db *db, const struct lq_webhook_news *news, int64_t now_ms)
{
	int r = insert(db, news, now_ms);
	json_decref(news->data);
	return r;
}

static int insert_test(struct lq_db *db, int64_t webhook, const char *name, const char *text,
	int64_t now_ms, int64_t *ret_id)
{
	const struct lq_blob body = {.bytes = text, .length = strlen(text)};
	return lq_db_insert(db, ret_id,
		"INSERT INTO webhook_delivery (webhook, name, type, made, due, body, urgent) "
		"VALUES (?1, ?2, ?3, ?4, ?4, ?5, 1) RETURNING id",
		"itiib", webhook, name, (int64_t)LQ_WEBHOOK_TEST, now_ms, &body);
}

int lq_webhook_tell_test(
	struct lq_db *db, const char *space, int64_t webhook, int64_t now_ms, int64_t *ret_id)
{
	const struct lq_webhook_news news = {
		.type = LQ_WEBHOOK_TEST, .space = space, .at_ms = now_ms, .data = json_object()};
	char name[LQ_WEBHOOK_NAME_SIZE];
	int r = make_name(name);
	char *text = r == LQ_OK ? body_of(&news, name) : NULL;
	json_decref(news.data);
	if (text != NULL) {
		r = insert_test(db, webhook, name, text, now_ms, ret_id);
	} else if (r == LQ_OK) {
		r = LQ_ERR_NO_MEMORY;
	}
	free(text);
	return r;
}

/* ---- out of it ---- */

/* What is due further ahead than anything can be was set by a clock that was put back since. */
int lq_webhook_due(struct lq_db *db, int64_t now_ms, int64_t ret_deliveries[LQ_WEBHOOKS_MAX],
	int64_t ret_webhooks[LQ_WEBHOOKS_MAX])
{
	struct lq_rows *rows = NULL;
	int count = 0;
	int r = lq_db_query(db, &rows,
		"SELECT id, coalesce((SELECT min(u.id) FROM webhook_delivery u "
		"WHERE u.webhook = w.id AND u." LQ_DELIVERY_WAITS " AND u.urgent = 1), "
		"CASE WHEN w.next <= ?1 OR w.next > ?2 THEN (SELECT d.id FROM webhook_delivery d "
		"WHERE d.webhook = w.id AND d." LQ_DELIVERY_WAITS
		" AND (d.due <= ?1 OR d.due > ?2) "
		"ORDER BY d.id LIMIT 1) END, 0) FROM webhook w WHERE w.ended IS NULL ORDER BY id",
		"ii", now_ms, now_ms + LQ_BACK_OFF_MOST_MS);
	if (r != LQ_OK) {
		return r;
	}
	while (count < (int)LQ_WEBHOOKS_MAX && (r = lq_rows_next(rows)) == 1) {
		if (lq_rows_integer(rows, 1) != 0) {
			ret_webhooks[count] = lq_rows_integer(rows, 0);
			ret_deliveries[count++] = lq_rows_integer(rows, 1);
		}
	}
	lq_rows_end(rows);
	return r < 0 ? r : count;
}

static int finish(struct lq_db *db, int64_t delivery, enum lq_delivery_state state,
	const struct lq_webhook_outcome *outcome, int64_t now_ms)
{
	return done(lq_db_run(db,
		END_DELIVERIES ", status = NULLIF(?4, 0), error = ?5, tries = tries + 1 "
			       "WHERE id = ?3 AND " LQ_DELIVERY_WAITS,
		"iiiit", (int64_t)state, now_ms, delivery, (int64_t)outcome->status,
		outcome->error));
}

static int drop(struct lq_db *db, int64_t delivery)
{
	int r = done(lq_db_run(db, "DELETE FROM webhook_delivery WHERE id = ?1", "i", delivery));
	return r == LQ_OK ? LQ_ERR_NOT_FOUND : r;
}

static bool copy_body(const struct lq_blob *body, struct lq_webhook_parcel *parcel)
{
	parcel->body = malloc(body->length + 1);
	if (parcel->body == NULL) {
		return false;
	}
	memcpy(parcel->body, body->bytes, body->length);
	parcel->body[body->length] = '\0';
	parcel->length = body->length;
	return true;
}

static int sign(struct lq_rows *rows, const struct lq_blob *body, struct lq_webhook_parcel *parcel)
{
	struct lq_blob secret = lq_rows_blob(rows, 3);
	struct lq_blob old = lq_rows_blob(rows, 4);
	bool both = old.length == LQ_WEBHOOK_SECRET_SIZE &&
		    lq_rows_integer(rows, 5) > parcel->timestamp_s * 1000;
	const struct lq_webhook_message message = {.id = parcel->name,
		.timestamp_s = parcel->timestamp_s,
		.body = body->bytes,
		.length = body->length};
	return secret.length == LQ_WEBHOOK_SECRET_SIZE
		       ? lq_webhook_sign(
				 &message, secret.bytes, both ? old.bytes : NULL, parcel->signature)
		       : LQ_ERR_CORRUPT;
}

static int pack(struct lq_rows *rows, struct lq_webhook_parcel *parcel)
{
	struct lq_blob body = lq_rows_blob(rows, 6);
	if (body.length == 0) {
		return LQ_ERR_NOT_FOUND; /* it was emptied since */
	}
	parcel->webhook = lq_rows_integer(rows, 0);
	(void)snprintf(parcel->url, sizeof(parcel->url), "%s", lq_rows_text(rows, 1));
	(void)snprintf(parcel->name, sizeof(parcel->name), "%s", lq_rows_text(rows, 2));
	int r = sign(rows, &body, parcel);
	if (r != LQ_OK) {
		return r;
	}
	return copy_body(&body, parcel) ? LQ_OK : LQ_ERR_NO_MEMORY;
}

int lq_webhook_pack(
	struct lq_db *db, int64_t delivery, int64_t now_ms, struct lq_webhook_parcel *ret_parcel)
{
	struct lq_rows *rows = NULL;
	struct lq_webhook_parcel parcel = {.delivery = delivery, .timestamp_s = now_ms / 1000};
	int r = lq_db_query(db, &rows,
		"SELECT w.id, w.url, d.name, w.secret, w.old_secret, w.old_until, "
		"coalesce(d.body, e.body) FROM webhook_delivery d "
		"JOIN webhook w ON w.id = d.webhook "
		"LEFT JOIN event e ON e.controller = d.controller AND e.seq = d.seq "
		"WHERE d.id = ?1 AND d." LQ_DELIVERY_WAITS,
		"i", delivery);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	r = r == 1 ? pack(rows, &parcel) : r == 0 ? LQ_ERR_NOT_FOUND : r;
	lq_rows_end(rows);
	if (r == LQ_ERR_NOT_FOUND) {
		return drop(db, delivery);
	}
	if (r == LQ_OK) {
		*ret_parcel = parcel;
	}
	return r;
}

/* ---- what became of it ---- */

struct failing {
	int64_t first_ms;
	int64_t tries;
	int64_t failures; /* of the webhook, in a row */
	int64_t failing_ms;
	bool urgent;
};

static int find_failing(struct lq_db *db, int64_t delivery, struct failing *ret_failing)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT d.first, d.tries, d.urgent, w.failures, w.failing FROM webhook_delivery d "
		"JOIN webhook w ON w.id = d.webhook WHERE d.id = ?1 AND d." LQ_DELIVERY_WAITS,
		"i", delivery);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		*ret_failing = (struct failing){.first_ms = lq_rows_integer(rows, 0),
			.tries = lq_rows_integer(rows, 1),
			.urgent = lq_rows_integer(rows, 2) != 0,
			.failures = lq_rows_integer(rows, 3),
			.failing_ms = lq_rows_integer(rows, 4)};
	}
	lq_rows_end(rows);
	return r == 1 ? LQ_OK : r == 0 ? LQ_ERR_NOT_FOUND : r;
}

static int try_later(struct lq_db *db, const struct lq_webhook_outcome *outcome, int64_t now_ms,
	const struct failing *f, int64_t due_ms)
{
	return done(lq_db_run(db,
		"UPDATE webhook_delivery SET tries = ?2, first = ?3, due = ?4, "
		"status = NULLIF(?5, 0), error = ?6 WHERE id = ?1 AND " LQ_DELIVERY_WAITS,
		"iiiiit", outcome->delivery, f->tries + 1, f->tries == 0 ? now_ms : f->first_ms,
		due_ms, (int64_t)outcome->status, outcome->error));
}

static int leave_alone(struct lq_db *db, int64_t webhook, const struct failing *f, int64_t now_ms,
	int64_t until_ms)
{
	return done(lq_db_run(db,
		"UPDATE webhook SET failures = ?2, failing = coalesce(failing, ?3), next = ?4 "
		"WHERE id = ?1",
		"iiii", webhook, f->failures + 1, now_ms, until_ms));
}

/* After so many failures before this one. */
static int64_t wait_of(const struct lq_webhook_outcome *outcome, int64_t failures, uint32_t random)
{
	return lq_back_off_asked(
		lq_back_off_wait((uint32_t)failures + 1, random), outcome->asked_ms);
}

static int settle_failed(struct lq_db *db, const struct lq_webhook_outcome *outcome, int64_t now_ms,
	uint32_t random, enum lq_webhook_turn *turn)
{
	struct failing f = {0};
	int64_t due_ms = INT64_MAX;
	int r = find_failing(db, outcome->delivery, &f);
	if (r != LQ_OK) {
		return r == LQ_ERR_NOT_FOUND ? LQ_OK : r;
	}
	if (f.urgent) {
		return finish(db, outcome->delivery, LQ_DELIVERY_GIVEN_UP, outcome, now_ms);
	}
	bool again = lq_back_off_next(f.tries == 0 ? now_ms : f.first_ms, now_ms,
		(uint32_t)f.tries + 1, wait_of(outcome, f.tries, random), &due_ms);
	r = again ? try_later(db, outcome, now_ms, &f, due_ms)
		  : finish(db, outcome->delivery, LQ_DELIVERY_GIVEN_UP, outcome, now_ms);
	if (!again || f.failures == 0) {
		*turn = LQ_WEBHOOK_FAILS;
	}
	/* Not past the moment at which this one is tried again. */
	int64_t until_ms = now_ms + wait_of(outcome, f.failures, random);
	until_ms = until_ms < due_ms ? until_ms : due_ms;
	return r == LQ_OK ? leave_alone(db, outcome->webhook, &f, now_ms, until_ms) : r;
}

int lq_webhook_release(struct lq_db *db, int64_t webhook)
{
	return done(lq_db_run(db,
		"UPDATE webhook_delivery SET due = 0 WHERE webhook = ?1 AND " LQ_DELIVERY_WAITS,
		"i", webhook));
}

static int settle_delivered(struct lq_db *db, const struct lq_webhook_outcome *outcome,
	int64_t now_ms, enum lq_webhook_turn *turn)
{
	struct failing f = {0};
	int r = find_failing(db, outcome->delivery, &f);
	if (r != LQ_OK) {
		return r == LQ_ERR_NOT_FOUND ? LQ_OK : r;
	}
	r = f.urgent ? lq_webhook_release(db, outcome->webhook) : LQ_OK;
	r = r == LQ_OK ? finish(db, outcome->delivery, LQ_DELIVERY_DELIVERED, outcome, now_ms) : r;
	*turn = f.failures > 0 ? LQ_WEBHOOK_RECOVERS : LQ_WEBHOOK_GOES_ON;
	return r == LQ_OK ? done(lq_db_run(db,
				    "UPDATE webhook SET failures = 0, failing = NULL, next = 0, "
				    "arrived = ?2 WHERE id = ?1",
				    "ii", outcome->webhook, now_ms))
			  : r;
}

int lq_webhook_settle(struct lq_db *db, const struct lq_webhook_outcome *outcome, int64_t now_ms,
	uint32_t random, enum lq_webhook_turn *ret_turn)
{
	enum lq_webhook_turn turn = LQ_WEBHOOK_GOES_ON;
	int64_t same = 0;
	int r = lq_db_integer(db, &same, 0, "SELECT 1 FROM webhook WHERE id = ?1 AND url = ?2",
		"it", outcome->webhook, outcome->url);
	if (r != LQ_OK || same == 0) {
		return r; /* what was said elsewhere says nothing of this address: tried again */
	}
	if (outcome->status >= 200 && outcome->status < 300) {
		r = settle_delivered(db, outcome, now_ms, &turn);
	} else if (outcome->status == 410) {
		turn = LQ_WEBHOOK_IS_GONE;
		r = finish(db, outcome->delivery, LQ_DELIVERY_GIVEN_UP, outcome, now_ms);
		r = r == LQ_OK ? lq_webhook_end(db, outcome->webhook, true, now_ms) : r;
	} else {
		r = settle_failed(db, outcome, now_ms, random, &turn);
	}
	if (r == LQ_OK) {
		*ret_turn = turn;
	}
	return r;
}

/* ---- keeping ---- */

int lq_webhook_end(struct lq_db *db, int64_t webhook, bool gone, int64_t now_ms)
{
	int r = done(lq_db_run(db,
		"DELETE FROM webhook_delivery WHERE webhook = ?1 AND " LQ_DELIVERY_WAITS, "i",
		webhook));
	return r == LQ_OK ? done(lq_db_run(db,
				    "UPDATE webhook SET ended = ?2, gone = ?3, failures = 0, "
				    "failing = NULL, next = 0 WHERE id = ?1",
				    "iii", webhook, now_ms, (int64_t)gone))
			  : r;
}

static int64_t give_up_old(struct lq_db *db, int64_t now_ms)
{
	return lq_db_run(db,
		END_DELIVERIES " WHERE " LQ_DELIVERY_WAITS
			       " AND made <= ?3 AND webhook IN (SELECT id FROM webhook "
			       "WHERE failing <= ?3 AND failures >= ?4)",
		"iiii", (int64_t)LQ_DELIVERY_GIVEN_UP, now_ms, now_ms - LQ_BACK_OFF_TOTAL_MS,
		(int64_t)LQ_BACK_OFF_TRIES_MIN);
}

/* The newest that is one too many; 0: none is. */
static int find_too_many(struct lq_db *db, int64_t webhook, bool waiting, int64_t *ret_id)
{
	if (waiting) {
		return lq_db_integer(db, ret_id, 0,
			"SELECT id FROM webhook_delivery WHERE webhook = ?1 AND " LQ_DELIVERY_WAITS
			" ORDER BY id DESC LIMIT 1 OFFSET ?2",
			"ii", webhook, (int64_t)LQ_WEBHOOK_WAITING_MAX);
	}
	return lq_db_integer(db, ret_id, 0,
		"SELECT id FROM webhook_delivery WHERE webhook = ?1 AND " LQ_DELIVERY_IS_OVER
		" ORDER BY id DESC LIMIT 1 OFFSET ?2",
		"ii", webhook, (int64_t)LQ_WEBHOOK_REMEMBER_MAX);
}

static int keep_within_limits(struct lq_db *db, int64_t webhook, int64_t now_ms)
{
	int64_t id = 0;
	int r = find_too_many(db, webhook, true, &id);
	if (r == LQ_OK && id != 0) {
		r = done(lq_db_run(db,
			END_DELIVERIES " WHERE webhook = ?3 AND id <= ?4 AND " LQ_DELIVERY_WAITS,
			"iiii", (int64_t)LQ_DELIVERY_GIVEN_UP, now_ms, webhook, id));
	}
	r = r == LQ_OK ? find_too_many(db, webhook, false, &id) : r;
	if (r == LQ_OK && id != 0) {
		r = done(lq_db_run(db,
			"DELETE FROM webhook_delivery WHERE webhook = ?1 AND id <= ?2 "
			"AND " LQ_DELIVERY_IS_OVER,
			"ii", webhook, id));
	}
	return r;
}

static int keep_all_within_limits(struct lq_db *db, int64_t now_ms)
{
	int64_t webhook = 0;
	int r = LQ_OK;
	do {
		int64_t after = webhook;
		r = lq_db_integer(
			db, &webhook, 0, "SELECT min(id) FROM webhook WHERE id > ?1", "i", after);
		r = r == LQ_OK && webhook != 0 ? keep_within_limits(db, webhook, now_ms) : r;
	} while (r == LQ_OK && webhook != 0);
	return r;
}

int lq_webhook_sweep(struct lq_db *db, int64_t now_ms)
{
	int64_t r = give_up_old(db, now_ms);
	r = r < 0 ? r : keep_all_within_limits(db, now_ms);
	r = r < 0 ? r
		  : lq_db_run(db,
			    "DELETE FROM webhook_delivery WHERE " LQ_DELIVERY_IS_OVER
			    " AND due < ?1",
			    "i", now_ms - LQ_WEBHOOK_REMEMBER_MS);
	r = r < 0 ? r
		  : lq_db_run(db,
			    "UPDATE webhook SET old_secret = NULL, old_until = 0 "
			    "WHERE old_until <> 0 AND old_until <= ?1",
			    "i", now_ms);
	return done(r);
}

int lq_webhook_purge(struct lq_db *db, int64_t before_ms)
{
	int64_t r = lq_db_run(db,
		"DELETE FROM webhook_delivery WHERE day_begins < ?1 AND holder IS NOT NULL", "i",
		before_ms);
	r = r < 0 ? r
		  : lq_db_run(
			    db, "DELETE FROM webhook_visit WHERE day_begins < ?1", "i", before_ms);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM webhook_visit_due WHERE day_begins < ?1", "i",
			    before_ms);
	return done(r);
}

int lq_webhook_forget(struct lq_db *db, int64_t person)
{
	int64_t r = lq_db_run(
		db, "DELETE FROM webhook_delivery WHERE holder = ?1 AND realm = ''", "i", person);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM webhook_visit WHERE holder = ?1 AND realm = ''", "i",
			    person);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM webhook_visit_due WHERE holder = ?1 AND realm = ''",
			    "i", person);
	return done(r);
}

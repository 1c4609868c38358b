/* The append-only, hash-chained journal. */
#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "firmware/store/store_internal.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define TAIL_ROWS 64                 /* how many rows an opening looks at again */
#define SEQ_MAX   (INT64_C(1) << 53) /* what a JSON number holds exactly */

static int insert_row(struct lq_store *store, uint64_t seq, const char *body, size_t length,
	const uint8_t body_hash[LQ_HASH_SIZE], const uint8_t hash[LQ_HASH_SIZE])
{
	sqlite3_stmt *statement = store->statements[LQ_SQL_APPEND];
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)seq);
	(void)sqlite3_bind_blob(statement, 2, body, (int)length, SQLITE_STATIC);
	(void)sqlite3_bind_blob(statement, 3, body_hash, LQ_HASH_SIZE, SQLITE_STATIC);
	(void)sqlite3_bind_blob(statement, 4, hash, LQ_HASH_SIZE, SQLITE_STATIC);
	int r = lq_store_step(store, statement);
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	return r;
}

static int seal(const struct lq_store *store, const struct lq_head *head, struct lq_event *event)
{
	uint8_t message[LQ_CHECKPOINT_MESSAGE_MAX];
	event->seq = head->seq;
	memcpy(event->head_hash, head->hash, LQ_HASH_SIZE);
	memcpy(event->public_key, store->keys.sign_public, sizeof(event->public_key));
	size_t length = lq_checkpoint_message(&store->site, head->seq, head->hash, message);
	return lq_keys_sign(&store->keys, message, length, event->signature);
}

static int append_row(struct lq_store *store, const struct lq_event *event, struct lq_head *head)
{
	char body[LQ_EVENT_BODY_MAX];
	uint8_t body_hash[LQ_HASH_SIZE];
	struct lq_head next = {.seq = head->seq + 1, .unix_ms = event->at.unix_ms};
	size_t length = 0;
	int r = lq_event_body(event, &store->site, next.seq, body, sizeof(body), &length);
	if (r != LQ_OK) {
		return r;
	}
	lq_hash(body, length, body_hash);
	lq_hash_chain(head->hash, body_hash, next.hash);
	r = insert_row(store, next.seq, body, length, body_hash, next.hash);
	if (r == LQ_OK) {
		*head = next;
	}
	return r;
}

static int keep(struct lq_store *store, const struct lq_event *event)
{
	if (event->keep_released) {
		int r = lq_door_released_keep(store, event);
		if (r != LQ_OK) {
			return r;
		}
	}
	switch (event->keep) {
	case LQ_KEEP_NOTHING:
		return LQ_OK;
	case LQ_KEEP_ENTERED:
	case LQ_KEEP_LEFT:
	case LQ_KEEP_FORGIVEN:
	case LQ_KEEP_FROZEN:
	case LQ_KEEP_THAWED:
		return lq_presence_keep(store, event);
	case LQ_KEEP_FIRE:
	case LQ_KEEP_FIRE_OVER:
	case LQ_KEEP_PROPPED:
		return lq_door_hold_keep(store, event);
	}
	return LQ_ERR_INVALID;
}

int lq_journal_append(struct lq_store *store, const struct lq_event *event, struct lq_head *head)
{
	if (event->type == LQ_EVENT_JOURNAL_CHECKPOINT) {
		struct lq_event sealed = *event;
		int r = seal(store, head, &sealed);
		if (r == LQ_OK) {
			r = append_row(store, &sealed, head);
		}
		if (r == LQ_OK) {
			store->rows_since_checkpoint = 0;
		}
		return r;
	}
	int r = append_row(store, event, head);
	if (r == LQ_OK && event->type == LQ_EVENT_DOOR_MODE_CHANGED) {
		r = lq_door_mode_keep(store, event);
	}
	if (r == LQ_OK) {
		r = keep(store, event);
	}
	if (r == LQ_OK && event->type == LQ_EVENT_ACCESS_GRANTED && event->spends) {
		r = lq_credential_keep(store, event);
	}
	if (r == LQ_OK && ++store->rows_since_checkpoint >= store->checkpoint_rows) {
		struct lq_event checkpoint = lq_event_make(LQ_EVENT_JOURNAL_CHECKPOINT, event->at);
		r = lq_journal_append(store, &checkpoint, head);
	}
	return r;
}

int lq_store_end_with(struct lq_store *store, int r, const struct lq_event *event)
{
	struct lq_head head = store->head;
	uint32_t since = store->rows_since_checkpoint;
	if (r == LQ_OK) {
		r = lq_journal_append(store, event, &head);
	}
	r = lq_store_end(store, r);
	if (r == LQ_OK) {
		store->head = head;
	} else {
		store->rows_since_checkpoint = since;
	}
	return r;
}

int lq_store_append(
	struct lq_store *store, const struct lq_event *events, size_t count, uint64_t *ret_seqs)
{
	struct lq_head head = store->head;
	uint32_t since = store->rows_since_checkpoint;
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		uint64_t seq = head.seq + 1;
		r = lq_journal_append(store, &events[i], &head);
		if (r == LQ_OK && ret_seqs != NULL) {
			ret_seqs[i] = seq;
		}
	}
	r = lq_store_end(store, r);
	if (r == LQ_OK) {
		store->head = head;
	} else {
		store->rows_since_checkpoint = since;
	}
	return r;
}

/* Borrowed views of a row's columns; LQ_ERR_CORRUPT when they cannot be a row. */
static int take_row(struct lq_store *store, sqlite3_stmt *statement, struct lq_row *ret_row)
{
	sqlite3_int64 seq = sqlite3_column_int64(statement, 0);
	if (seq <= 0 || sqlite3_column_bytes(statement, 2) != (int)LQ_HASH_SIZE ||
		sqlite3_column_bytes(statement, 3) != (int)LQ_HASH_SIZE) {
		return lq_store_object(store, "a row is no row of a journal");
	}
	struct lq_row row = {.seq = (uint64_t)seq, .body = sqlite3_column_blob(statement, 1)};
	row.body_length = (size_t)sqlite3_column_bytes(statement, 1);
	memcpy(row.body_hash, sqlite3_column_blob(statement, 2), LQ_HASH_SIZE);
	memcpy(row.hash, sqlite3_column_blob(statement, 3), LQ_HASH_SIZE);
	*ret_row = row;
	return LQ_OK;
}

int lq_store_read(struct lq_store *store, uint64_t from, size_t limit,
	int (*each)(void *ctx, const struct lq_row *row), void *ctx)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"SELECT seq, body, body_hash, hash FROM journal WHERE seq >= ?1 ORDER BY seq LIMIT "
		"?2",
		&statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, from > INT64_MAX ? INT64_MAX : (sqlite3_int64)from);
	(void)sqlite3_bind_int64(statement, 2, limit == 0 ? -1 : (sqlite3_int64)limit);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		struct lq_row row = {0};
		r = take_row(store, statement, &row);
		if (r == LQ_OK) {
			r = each(ctx, &row);
		}
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

/* ---- verification ---- */

struct verification {
	const struct lq_site *site;
	const uint8_t *public_key;
	struct lq_verdict verdict;
	uint8_t previous[LQ_HASH_SIZE];
	int64_t unix_ms;
};

static int object_at(struct verification *v, const struct lq_row *row, const char *problem)
{
	v->verdict.bad_seq = row->seq;
	(void)snprintf(v->verdict.problem, sizeof(v->verdict.problem), "%s", problem);
	return LQ_ERR_CORRUPT;
}

static int parse_hex(const char *text, uint8_t *out, size_t count)
{
	if (text == NULL || strlen(text) != 2 * count) {
		return LQ_ERR_INVALID;
	}
	for (size_t i = 0; i < count; i++) {
		unsigned byte = 0;
		if (strspn(text + 2 * i, "0123456789abcdef") < 2 ||
			sscanf(text + 2 * i, "%2x", &byte) != 1) { // NOLINT(cert-err34-c): checked
			return LQ_ERR_INVALID;
		}
		out[i] = (uint8_t)byte;
	}
	return LQ_OK;
}

static int check_signature(struct verification *v, const struct lq_row *row, json_t *data)
{
	uint8_t signature[64];
	uint8_t message[LQ_CHECKPOINT_MESSAGE_MAX];
	json_t *head_seq = json_object_get(data, "headSeq");
	if (parse_hex(json_string_value(json_object_get(data, "signature")), signature, 64) !=
			LQ_OK ||
		(uint64_t)json_integer_value(head_seq) + 1 != row->seq) {
		return object_at(v, row, "the checkpoint does not speak of the row before it");
	}
	size_t length = lq_checkpoint_message(v->site, row->seq - 1, v->previous, message);
	if (lq_keys_verify(v->public_key, message, length, signature) != LQ_OK) {
		return object_at(v, row, "the checkpoint's signature does not hold for this chain");
	}
	v->verdict.checkpoints++;
	v->verdict.signed_seq = row->seq - 1;
	return LQ_OK;
}

static bool type_is(json_t *body, enum lq_event_type type)
{
	char wanted[64];
	const char *found = json_string_value(json_object_get(body, "type"));
	(void)snprintf(wanted, sizeof(wanted), "org.loquet.%s.v1", lq_event_name(type));
	return found != NULL && strcmp(found, wanted) == 0;
}

/* Only the first row (which explains where it starts) and checkpoints are looked into. */
static int check_content(struct verification *v, const struct lq_row *row, bool first)
{
	static const char checkpoint[] = "journal.checkpoint";
	bool may_be_checkpoint =
		memmem(row->body, row->body_length, checkpoint, sizeof(checkpoint) - 1) != NULL;
	if (!first && !may_be_checkpoint) {
		return LQ_OK;
	}
	json_t *body = json_loadb(row->body, row->body_length, 0, NULL);
	int r = LQ_OK;
	if (body == NULL) {
		r = object_at(v, row, "the body is not JSON");
	} else if (first && row->seq != 1 && !type_is(body, LQ_EVENT_JOURNAL_RESTARTED)) {
		r = object_at(v, row, "the rows before it are missing");
	} else if (type_is(body, LQ_EVENT_JOURNAL_CHECKPOINT)) {
		r = check_signature(v, row, json_object_get(body, "data"));
	}
	json_decref(body);
	return r;
}

static int check_row(void *ctx, const struct lq_row *row)
{
	struct verification *v = ctx;
	uint8_t hash[LQ_HASH_SIZE];
	bool first = v->verdict.rows == 0;
	if (!first && row->seq != v->verdict.last_seq + 1) {
		return object_at(v, row, "rows are missing before it");
	}
	if (row->body_length != 0) {
		lq_hash(row->body, row->body_length, hash);
		if (memcmp(hash, row->body_hash, LQ_HASH_SIZE) != 0) {
			return object_at(v, row, "the body was changed");
		}
	}
	lq_hash_chain(v->previous, row->body_hash, hash);
	if (memcmp(hash, row->hash, LQ_HASH_SIZE) != 0) {
		return object_at(v, row, "the chain is broken");
	}
	if (row->body_length != 0) {
		int r = check_content(v, row, first);
		if (r != LQ_OK) {
			return r;
		}
	}
	memcpy(v->previous, row->hash, LQ_HASH_SIZE);
	v->verdict.first_seq = first ? row->seq : v->verdict.first_seq;
	v->verdict.last_seq = row->seq;
	v->verdict.rows++;
	return LQ_OK;
}

int lq_store_verify(struct lq_store *store, const struct lq_site *site,
	const uint8_t public_key[32], struct lq_verdict *ret_verdict)
{
	struct verification v = {.site = site, .public_key = public_key};
	int r = lq_store_read(store, 0, 0, check_row, &v);
	if (r == LQ_OK || r == LQ_ERR_CORRUPT) {
		if (r == LQ_ERR_CORRUPT && v.verdict.problem[0] == '\0') {
			(void)snprintf(v.verdict.problem, sizeof(v.verdict.problem), "%.100s",
				lq_store_error(store));
		}
		*ret_verdict = v.verdict;
	}
	return r;
}

/* ---- the end of the chain ---- */

int64_t lq_journal_body_time(const struct lq_row *row)
{
	static const char key[] = "\"time\":\"";
	const char *at = row->body_length == 0 /* purged */
				 ? NULL
				 : memmem(row->body, row->body_length, key, sizeof(key) - 1);
	int n[7];
	if (at == NULL || row->body_length - (size_t)(at - row->body) < 40) {
		return 0;
	}
	char text[LQ_RFC3339_SIZE];
	memcpy(text, at + sizeof(key) - 1, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	// NOLINTNEXTLINE(cert-err34-c): seven fields of fixed width, counted
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5],
		    &n[6]) != 7) {
		return 0;
	}
	return lq_unix_ms_from_civil(n[0], n[1], n[2]) +
	       (((int64_t)n[3] * 60 + n[4]) * 60 + n[5]) * 1000 + n[6];
}

static int check_tail_row(void *ctx, const struct lq_row *row)
{
	struct verification *v = ctx;
	uint8_t hash[LQ_HASH_SIZE];
	if (row->body_length != 0) {
		lq_hash(row->body, row->body_length, hash);
		if (memcmp(hash, row->body_hash, LQ_HASH_SIZE) != 0) {
			return object_at(v, row, "the body of one of the last rows was changed");
		}
	}
	if (v->verdict.rows > 0) {
		lq_hash_chain(v->previous, row->body_hash, hash);
		if (row->seq != v->verdict.last_seq + 1 ||
			memcmp(hash, row->hash, LQ_HASH_SIZE) != 0) {
			return object_at(v, row, "the chain of the last rows is broken");
		}
	}
	memcpy(v->previous, row->hash, LQ_HASH_SIZE);
	v->verdict.last_seq = row->seq;
	v->verdict.rows++;
	int64_t at = lq_journal_body_time(row);
	v->unix_ms = at > v->unix_ms ? at : v->unix_ms;
	return LQ_OK;
}

/* What the last rows said of the time may be gone; 0: nothing was purged. A file of an older
 * version has no such table. */
static int64_t purged_before(struct lq_store *store)
{
	sqlite3_stmt *statement = NULL;
	int64_t before_ms = 0;
	if (sqlite3_prepare_v2(store->db, "SELECT before FROM retention", -1, &statement, NULL) ==
			SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW) {
		before_ms = sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return before_ms > 0 ? before_ms : 0;
}

int lq_journal_find_head(struct lq_store *store, struct lq_head *ret_head)
{
	sqlite3_stmt *statement = NULL;
	struct verification tail = {0};
	int r = lq_store_prepare(store, "SELECT ifnull(max(seq), 0) FROM journal", &statement);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_store_step(store, statement);
	sqlite3_int64 last = r == 1 ? sqlite3_column_int64(statement, 0) : 0;
	(void)sqlite3_finalize(statement);
	if (r < 0) {
		return r;
	}
	if (last < 0 || last > SEQ_MAX) {
		return lq_store_object(store, "a row's number is out of range");
	}
	sqlite3_int64 from = last > TAIL_ROWS ? last - TAIL_ROWS + 1 : 0;
	r = lq_store_read(store, (uint64_t)from, 0, check_tail_row, &tail);
	if (tail.verdict.bad_seq != 0) {
		return lq_store_object(store, tail.verdict.problem);
	}
	if (r != LQ_OK) {
		return r;
	}
	int64_t floor_ms = purged_before(store);
	ret_head->seq = tail.verdict.last_seq;
	ret_head->unix_ms = tail.unix_ms > floor_ms ? tail.unix_ms : floor_ms;
	memcpy(ret_head->hash, tail.previous, LQ_HASH_SIZE);
	return LQ_OK;
}

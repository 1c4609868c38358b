/* A body is not taken away but made empty: the chain of hashes goes on to hold. What was in its
 * place is overwritten (secure_delete), in the file as in the log, which is cut to nothing at the
 * end. How far it came is kept in the file, so that no start reads all of the journal again. */
#include "firmware/store/retention.h"

#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <string.h>

#define MS_PER_S      1000
#define LOG_PAGES_DUE 250 /* copied in short steps, too */

/* ---- what is too old ---- */

struct look {
	struct lq_retention *state;
	int64_t before_ms;
	uint32_t rows;
	bool over; /* a row that is not old was met */
};

static bool is_trusted(const struct lq_row *row)
{
	static const char unset[] = "\"loquetclock\":\"unset\"";
	return memmem(row->body, row->body_length, unset, sizeof(unset) - 1) == NULL;
}

/* The journal's time does not run backwards: what stands before a row is not younger. A clock that
 * was not set may have said too early, and such a row is old once a later one is. */
static int look_at(void *ctx, const struct lq_row *row)
{
	struct look *look = ctx;
	int64_t at_ms = lq_journal_body_time(row);
	look->rows++;
	if (at_ms >= look->before_ms) {
		look->over = true;
		return 1;
	}
	look->state->looked = row->seq;
	if (at_ms != 0 && is_trusted(row)) {
		look->state->cut = row->seq;
	}
	return 0;
}

/* 1: there may be more. */
static int look_on(struct lq_store *store, int64_t before_ms, uint32_t rows)
{
	struct look look = {.state = &store->retention, .before_ms = before_ms};
	int r = lq_store_read(store, store->retention.looked + 1, rows, look_at, &look);
	if (r < 0) {
		return r;
	}
	return !look.over && look.rows == rows ? 1 : LQ_OK;
}

/* ---- emptying ---- */

/* SQL: personal(body). */
static void is_personal(sqlite3_context *context, int count, sqlite3_value **values)
{
	static const char key[] = "\"type\":\"";
	(void)count;
	const char *body = sqlite3_value_blob(values[0]);
	size_t length = (size_t)sqlite3_value_bytes(values[0]);
	const char *type = length == 0 ? NULL : memmem(body, length, key, sizeof(key) - 1);
	bool personal = length > 0;
	if (type != NULL) {
		type += sizeof(key) - 1;
		const char *end = memchr(type, '"', length - (size_t)(type - body));
		personal = end == NULL || lq_event_type_is_personal(type, (size_t)(end - type));
	}
	sqlite3_result_int(context, personal ? 1 : 0);
}

/* Up to three numbers. */
static int run(struct lq_store *store, const char *sql, const int64_t numbers[3])
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		int count = sqlite3_bind_parameter_count(statement);
		for (int i = 0; i < count && i < 3; i++) {
			(void)sqlite3_bind_int64(statement, i + 1, numbers[i]);
		}
		r = lq_store_step(store, statement);
		store->retention.unclean =
			store->retention.unclean || sqlite3_changes(store->db) > 0;
	}
	(void)sqlite3_finalize(statement);
	return r;
}

static int empty_until(struct lq_store *store, uint64_t until, int64_t before_ms)
{
	const int64_t span[3] = {(int64_t)store->retention.reached, (int64_t)until, 0};
	const int64_t kept[3] = {(int64_t)until, before_ms, 0};
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = run(store,
		"UPDATE journal SET body = x'' WHERE seq > ?1 AND seq <= ?2 AND personal(body)",
		span);
	if (r == LQ_OK) {
		r = run(store,
			"INSERT INTO retention (id, seq, before) VALUES (1, ?1, ?2) "
			"ON CONFLICT (id) DO UPDATE SET seq = ?1, before = max(before, ?2)",
			kept);
	}
	r = lq_store_end(store, r);
	if (r == LQ_OK) {
		store->retention.reached = until;
	}
	return r;
}

/* What else says when somebody came, if nobody has come since. */
static int empty_tables(struct lq_store *store, int64_t before_ms)
{
	static const char *const statements[] = {
		"DELETE FROM presence WHERE since < ?1",
		"DELETE FROM presence_frozen WHERE since < ?1",
		"DELETE FROM order_nonce WHERE expires < ?2",
	};
	const int64_t times[3] = {before_ms, before_ms / MS_PER_S, 0};
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]) && r == LQ_OK; i++) {
		r = run(store, statements[i], times);
	}
	return lq_store_end(store, r);
}

/* ---- steps ---- */

/* The first row is younger than what was set aside when the journal began with it. */
static int forget_aside(struct lq_store *store, int64_t before_ms)
{
	const struct lq_retention *state = &store->retention;
	return state->first != 0 && state->reached >= state->first
		       ? lq_store_forget_aside(store, state->first, before_ms)
		       : LQ_OK;
}

static int add_function(struct lq_store *store)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	int code = sqlite3_create_function(
		store->db, "personal", 1, flags, NULL, is_personal, NULL, NULL);
	return code == SQLITE_OK ? LQ_OK : lq_store_fail(store, code);
}

static uint64_t positive(sqlite3_int64 number)
{
	return number > 0 ? (uint64_t)number : 0;
}

/* The log may still have what a program emptied that died before it had cut it. */
static int start(struct lq_store *store)
{
	sqlite3_stmt *statement = NULL;
	if (store->retention.known) {
		return LQ_OK;
	}
	int r = add_function(store);
	if (r == LQ_OK) {
		r = lq_store_prepare(store,
			"SELECT ifnull(min(seq), 0), ifnull((SELECT seq FROM retention), 0) FROM "
			"journal",
			&statement);
	}
	if (r == LQ_OK && (r = lq_store_step(store, statement)) == 1) {
		struct lq_retention state = {.known = true, .unclean = true};
		uint64_t reached = positive(sqlite3_column_int64(statement, 1));
		state.first = positive(sqlite3_column_int64(statement, 0));
		state.reached = state.first > reached + 1 ? state.first - 1 : reached;
		state.looked = state.reached;
		state.cut = state.reached;
		store->retention = state;
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	return r;
}

static int finish(struct lq_store *store, int64_t before_ms)
{
	int r = empty_tables(store, before_ms);
	if (r == LQ_OK && store->retention.unclean) {
		r = lq_store_cut_log(store);
		store->retention.unclean = r != LQ_OK;
	}
	return r == LQ_OK ? forget_aside(store, before_ms) : r;
}

int lq_store_purge_step(struct lq_store *store, int64_t before_ms, uint32_t rows)
{
	int r = start(store);
	if (r == LQ_OK && store->log_pages >= LOG_PAGES_DUE) {
		lq_store_tidy(store);
		return 1;
	}
	const struct lq_retention *state = &store->retention;
	if (r == LQ_OK && state->reached == state->cut) {
		r = look_on(store, before_ms, rows);
	}
	if (r < 0) {
		return r;
	}
	if (state->reached < state->cut) {
		uint64_t until =
			state->cut - state->reached > rows ? state->reached + rows : state->cut;
		int emptied = empty_until(store, until, before_ms);
		return emptied == LQ_OK ? 1 : emptied;
	}
	return r == 1 ? 1 : finish(store, before_ms);
}

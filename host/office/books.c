#include "host/office/books.h"

#include "firmware/core/err.h"
#include "host/office/alerts.h"
#include "host/office/books_internal.h"
#include "host/office/webhook_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 128u

int lq_books_database(const struct lq_config *config, const char *database, enum lq_db_use use,
	struct lq_db **ret_db)
{
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%s/office.db", config->state_dir);
	return database[0] != '\0' ? lq_db_open_postgres(database, use, ret_db)
				   : lq_db_open_sqlite(path, use, ret_db);
}

const char *lq_books_error(const struct lq_books *books)
{
	return books->db != NULL ? lq_db_error(books->db) : lq_err_text(LQ_ERR_NO_MEMORY);
}

struct lq_db *lq_books_db(struct lq_books *books)
{
	return books->db;
}

int lq_books_begin(struct lq_books *books)
{
	return lq_db_begin(books->db);
}

int lq_books_commit(struct lq_books *books)
{
	int r = lq_passages_commit(books);
	r = r == LQ_OK ? lq_db_commit(books->db) : r;
	books->passages.touched = books->passages.touched && r != LQ_OK;
	return r;
}

int lq_books_open(const struct lq_config *config, enum lq_db_use use, struct lq_books **ret_books)
{
	struct lq_books *books = calloc(1, sizeof(*books));
	*ret_books = books;
	if (books == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	books->config = config;
	books->settings = lq_visit_settings_usual();
	books->late = true;
	int r = lq_books_database(config, config->office.database, use, &books->db);
	if (r == LQ_OK && use == LQ_DB_KEEP) {
		r = lq_db_hold(books->db, LQ_DB_SHARED);
	}
	if (r == LQ_OK) {
		r = lq_db_migrate(books->db, lq_office_migrations, lq_office_migration_count);
	}
	r = r == LQ_OK ? lq_db_integer(
				 books->db, &books->purged_ms, 0, "SELECT purged FROM ledger", "")
		       : r;
	return r == LQ_OK && use == LQ_DB_KEEP ? lq_passages_begin(books) : r;
}

void lq_books_use(struct lq_books *books, const struct lq_visit_settings *settings)
{
	books->settings = *settings;
}

void lq_books_close(struct lq_books *books)
{
	if (books != NULL) {
		lq_passages_end(books);
		lq_db_close(books->db);
		free(books);
	}
}

/* ---- what a transaction gathers ---- */

static void drop(void *ctx)
{
	struct lq_gathered *gathered = &((struct lq_books *)ctx)->gathered;
	gathered->chain_count = 0;
	gathered->wanted_is_known = false;
}

static int settle(void *ctx)
{
	struct lq_books *books = ctx;
	int r = lq_books_save_chains(books);
	if (r == LQ_OK) {
		drop(books);
	}
	return r;
}

static void put_off(struct lq_books *books)
{
	const struct lq_db_late late = {.settle = settle, .drop = drop, .ctx = books};
	lq_db_put_off(books->db, &late);
}

/* ---- taking up ---- */

/* An event that is being taken up. */
struct taking {
	const struct lq_feed_event *event;
	struct lq_blob body;
	uint8_t hash[LQ_HASH_SIZE]; /* of the body */
	bool personal;
	bool late;   /* rows behind it came before: controller.settled does not tell of it */
	bool purged; /* it came too late to be kept: it leaves its number and hash */
};

static int compare(
	struct lq_books *books, const struct taking *taking, enum lq_books_finding *ret_finding)
{
	int64_t known = 0;
	const struct lq_blob hash = {.bytes = taking->hash, .length = sizeof(taking->hash)};
	int r = lq_db_integer(books->db, &known, 0,
		"SELECT 1 FROM event WHERE controller = ?1 AND seq = ?2 AND "
		"(body = ?3 OR hash = ?4)",
		"tibb", taking->event->controller, (int64_t)taking->event->seq, &taking->body,
		&hash);
	if (r == LQ_OK) {
		*ret_finding = known == 1 ? LQ_BOOKS_KNOWN : LQ_BOOKS_CONFLICT;
	}
	return r;
}

static int64_t add_event(struct lq_books *books, const struct taking *taking)
{
	const struct lq_feed_event *event = taking->event;
	const struct lq_blob nothing = {.bytes = "", .length = 0};
	const struct lq_blob hash = {
		.bytes = taking->purged ? taking->hash : NULL, .length = sizeof(taking->hash)};
	return lq_db_run(books->db,
		"INSERT INTO event (controller, seq, type, body, at, hash, personal) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (controller, seq) DO NOTHING",
		"titbibi", event->controller, (int64_t)event->seq, event->type,
		taking->purged ? &nothing : &taking->body, event->at_ms, &hash,
		(int64_t)(taking->personal && !taking->purged));
}

static int follow(struct lq_books *books, struct taking *taking, enum lq_books_finding *finding)
{
	const struct lq_feed_event *event = taking->event;
	int r = lq_books_chain(books, event, taking->hash, finding, &taking->late);
	if (r == LQ_OK && event->is_passage && !taking->purged) {
		r = lq_passages_add(books, event);
	}
	if (r == LQ_OK && event->alert != LQ_FEED_NO_ALERT && !taking->purged) {
		r = lq_alert_add(books->db, event);
	}
	if (r == LQ_OK && event->skipped != 0) {
		r = lq_gap_fill(books->db, event->controller, event->skipped);
	}
	if (r == LQ_OK && (event->freezes || event->thaws)) {
		r = lq_books_muster(books, event);
	}
	return r;
}

static int take(struct lq_books *books, struct taking *taking, enum lq_books_finding *ret_finding)
{
	enum lq_books_finding finding = LQ_BOOKS_NEW;
	int64_t added = add_event(books, taking);
	if (added < 0) {
		return (int)added;
	}
	if (added == 0) {
		return compare(books, taking, ret_finding);
	}
	int r = follow(books, taking, &finding);
	if (r == LQ_OK) {
		*ret_finding = finding;
	}
	return r;
}

int lq_books_take(struct lq_books *books, const struct lq_feed_event *event, const char *body,
	size_t length, enum lq_books_finding *ret_finding)
{
	struct taking taking = {.event = event,
		.body = {.bytes = body, .length = length},
		.personal = lq_event_type_is_personal(event->type, strlen(event->type))};
	taking.purged = taking.personal && event->at_ms < books->purged_ms;
	lq_hash(body, length, taking.hash);
	lq_db_take_back(books->db);
	int r = take(books, &taking, ret_finding);
	put_off(books);
	books->passages.taken++;
	return r == LQ_OK && taking.late ? lq_db_catch_up(books->db) : r;
}

/* ---- telling ---- */

/* What webhooks want; asked once a transaction. */
static int wanted_of(struct lq_books *books, int64_t *ret_types)
{
	struct lq_gathered *gathered = &books->gathered;
	int r = gathered->wanted_is_known ? LQ_OK : lq_webhook_wanted(books->db, &gathered->wanted);
	gathered->wanted_is_known = r == LQ_OK;
	if (r == LQ_OK) {
		*ret_types = gathered->wanted;
	}
	return r;
}

static int tell(
	struct lq_books *books, const struct lq_feed_event *event, int64_t type, int64_t now_ms)
{
	int64_t wanted = 0;
	int r = wanted_of(books, &wanted);
	return r == LQ_OK && (wanted & type) != 0 ? lq_webhook_tell_event(books->db, event, now_ms)
						  : r;
}

int lq_books_tell(struct lq_books *books, const struct lq_feed_event *event, int64_t now_ms)
{
	enum lq_webhook_type type = lq_webhook_type_of_event(event->type);
	if (type == LQ_WEBHOOK_TYPES) {
		return LQ_OK;
	}
	lq_db_take_back(books->db);
	int r = tell(books, event, INT64_C(1) << type, now_ms);
	put_off(books);
	return r;
}

#include "host/office/books.h"

#include "firmware/core/err.h"
#include "firmware/store/hash.h"
#include "host/office/books_internal.h"

#include <stdio.h>
#include <stdlib.h>

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
	return lq_db_commit(books->db);
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
	int r = lq_books_database(config, config->office.database, use, &books->db);
	if (r == LQ_OK && use == LQ_DB_KEEP) {
		r = lq_db_hold(books->db, LQ_DB_SHARED);
	}
	if (r == LQ_OK) {
		r = lq_db_migrate(books->db, lq_office_migrations, lq_office_migration_count);
	}
	return r == LQ_OK ? lq_db_integer(books->db, &books->purged_ms, 0,
				    "SELECT purged FROM ledger", "")
			  : r;
}

void lq_books_use(struct lq_books *books, const struct lq_visit_settings *settings)
{
	books->settings = *settings;
}

void lq_books_close(struct lq_books *books)
{
	if (books != NULL) {
		lq_db_close(books->db);
		free(books);
	}
}

/* ---- taking up ---- */

static int compare(struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_blob *body, enum lq_books_finding *ret_finding)
{
	int64_t known = 0;
	uint8_t hash[LQ_HASH_SIZE];
	const struct lq_blob hash_blob = {.bytes = hash, .length = sizeof(hash)};
	lq_hash(body->bytes, body->length, hash);
	int r = lq_db_integer(books->db, &known, 0,
		"SELECT 1 FROM event WHERE controller = ?1 AND seq = ?2 AND "
		"(body = ?3 OR hash = ?4)",
		"tibb", event->controller, (int64_t)event->seq, body, &hash_blob);
	if (r == LQ_OK) {
		*ret_finding = known == 1 ? LQ_BOOKS_KNOWN : LQ_BOOKS_CONFLICT;
	}
	return r;
}

/* What came too late to be kept leaves its number and hash. */
static int64_t add_event(struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_blob *body, bool purged)
{
	uint8_t hash[LQ_HASH_SIZE];
	const struct lq_blob nothing = {.bytes = "", .length = 0};
	const struct lq_blob hash_blob = {.bytes = purged ? hash : NULL, .length = sizeof(hash)};
	if (purged) {
		lq_hash(body->bytes, body->length, hash);
	}
	return lq_db_run(books->db,
		"INSERT INTO event (controller, seq, type, body, at, hash) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (controller, seq) DO NOTHING",
		"titbib", event->controller, (int64_t)event->seq, event->type,
		purged ? &nothing : body, event->at_ms, &hash_blob);
}

int lq_books_take(struct lq_books *books, const struct lq_feed_event *event, const char *body,
	size_t length, enum lq_books_finding *ret_finding)
{
	const struct lq_blob blob = {.bytes = body, .length = length};
	bool purged = event->at_ms < books->purged_ms && lq_feed_is_personal(event->type);
	int64_t added = add_event(books, event, &blob, purged);
	if (added < 0) {
		return (int)added;
	}
	if (added == 0) {
		return compare(books, event, &blob, ret_finding);
	}
	enum lq_books_finding finding = LQ_BOOKS_NEW;
	int r = lq_books_chain(books, event, &blob, &finding);
	if (r == LQ_OK && event->is_passage && !purged) {
		r = lq_books_visits(books, event);
	}
	if (r == LQ_OK && event->skipped != 0) {
		r = lq_gap_fill(books->db, event->controller, event->skipped);
	}
	if (r == LQ_OK && (event->freezes || event->thaws)) {
		r = lq_books_muster(books, event);
	}
	if (r == LQ_OK) {
		*ret_finding = finding;
	}
	return r;
}

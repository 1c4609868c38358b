#include "host/office/books.h"

#include "firmware/core/err.h"
#include "host/office/books_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS   5000
#define PATH_SIZE 128u

int lq_books_fail(struct lq_books *books, int sqlite_code)
{
	(void)snprintf(books->error, sizeof(books->error), "%s",
		books->db != NULL ? sqlite3_errmsg(books->db) : sqlite3_errstr(sqlite_code));
	switch (sqlite_code & 0xff) {
	case SQLITE_FULL:
		return LQ_ERR_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return LQ_ERR_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return LQ_ERR_BUSY;
	case SQLITE_NOMEM:
		return LQ_ERR_NO_MEMORY;
	case SQLITE_CANTOPEN:
		return LQ_ERR_NOT_FOUND;
	default:
		return LQ_ERR_IO;
	}
}

const char *lq_books_error(const struct lq_books *books)
{
	return books->error;
}

static int bind(sqlite3_stmt *statement, int at, char type, va_list *arguments)
{
	if (type == 't') {
		return sqlite3_bind_text(
			statement, at, va_arg(*arguments, const char *), -1, SQLITE_STATIC);
	}
	if (type == 'i') {
		return sqlite3_bind_int64(statement, at, va_arg(*arguments, int64_t));
	}
	const struct lq_blob *blob = va_arg(*arguments, const struct lq_blob *);
	return sqlite3_bind_blob64(statement, at, blob->bytes, blob->length, SQLITE_STATIC);
}

int lq_books_prepare(struct lq_books *books, sqlite3_stmt **ret_statement, const char *sql,
	const char *types, ...)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(books->db, sql, -1, &statement, NULL);
	va_list arguments;
	va_start(arguments, types);
	for (int i = 0; types[i] != '\0' && code == SQLITE_OK; i++) {
		code = bind(statement, i + 1, types[i], &arguments);
	}
	va_end(arguments);
	if (code != SQLITE_OK) {
		int r = lq_books_fail(books, code);
		(void)sqlite3_finalize(statement);
		return r;
	}
	*ret_statement = statement;
	return LQ_OK;
}

int lq_books_step(struct lq_books *books, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		return 1;
	}
	return code == SQLITE_DONE ? 0 : lq_books_fail(books, code);
}

int lq_books_finish(struct lq_books *books, sqlite3_stmt *statement)
{
	int r = lq_books_step(books, statement);
	(void)sqlite3_finalize(statement);
	return r < 0 ? r : LQ_OK;
}

static int execute(struct lq_books *books, const char *sql)
{
	int code = sqlite3_exec(books->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? LQ_OK : lq_books_fail(books, code);
}

int lq_books_begin(struct lq_books *books)
{
	return sqlite3_get_autocommit(books->db) != 0 ? execute(books, "BEGIN IMMEDIATE") : LQ_OK;
}

int lq_books_commit(struct lq_books *books)
{
	return sqlite3_get_autocommit(books->db) == 0 ? execute(books, "COMMIT") : LQ_OK;
}

static int user_version(struct lq_books *books, size_t *ret_version)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_books_prepare(books, &statement, "PRAGMA user_version", "");
	if (r != LQ_OK) {
		return r;
	}
	r = lq_books_step(books, statement);
	if (r == 1) {
		*ret_version = (size_t)sqlite3_column_int64(statement, 0);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	return r;
}

/* Each migration is a transaction, together with the version that it leads to. */
static int migrate(struct lq_books *books, size_t version)
{
	int r = LQ_OK;
	for (; version < lq_office_migration_count && r == LQ_OK; version++) {
		char set_version[48];
		(void)snprintf(
			set_version, sizeof(set_version), "PRAGMA user_version = %zu", version + 1);
		r = execute(books, "BEGIN IMMEDIATE");
		r = r == LQ_OK ? execute(books, lq_office_migrations[version]) : r;
		r = r == LQ_OK ? execute(books, set_version) : r;
		r = r == LQ_OK ? execute(books, "COMMIT") : r;
	}
	return r;
}

static int prepare_file(struct lq_books *books, enum lq_books_use use)
{
	size_t version = 0;
	(void)sqlite3_busy_timeout(books->db, BUSY_MS);
	int r = execute(books, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
	if (r == LQ_OK && use == LQ_BOOKS_KEEP) {
		r = execute(books, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
	}
	r = r == LQ_OK ? user_version(books, &version) : r;
	if (r != LQ_OK) {
		return r;
	}
	bool ours = use == LQ_BOOKS_KEEP ? version <= lq_office_migration_count
					 : version == lq_office_migration_count;
	if (!ours) {
		(void)snprintf(books->error, sizeof(books->error),
			"its schema is %zu, this program's is %zu", version,
			lq_office_migration_count);
		return LQ_ERR_UNSUPPORTED;
	}
	return use == LQ_BOOKS_KEEP ? migrate(books, version) : LQ_OK;
}

int lq_books_open(
	const struct lq_config *config, enum lq_books_use use, struct lq_books **ret_books)
{
	char path[PATH_SIZE];
	struct lq_books *books = calloc(1, sizeof(*books));
	*ret_books = books;
	if (books == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	books->config = config;
	(void)snprintf(path, sizeof(path), "%s/office.db", config->state_dir);
	int flags = use == LQ_BOOKS_KEEP ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
					 : SQLITE_OPEN_READONLY;
	int code = sqlite3_open_v2(path, &books->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	return code == SQLITE_OK ? prepare_file(books, use) : lq_books_fail(books, code);
}

void lq_books_close(struct lq_books *books)
{
	if (books != NULL) {
		(void)sqlite3_close(books->db);
		free(books);
	}
}

/* ---- taking up ---- */

static int compare(struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_blob *body, enum lq_books_finding *ret_finding)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_books_prepare(books, &statement,
		"SELECT 1 FROM event WHERE controller = ?1 AND seq = ?2 AND body = ?3", "tib",
		event->controller, (int64_t)event->seq, body);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_books_step(books, statement);
	(void)sqlite3_finalize(statement);
	if (r >= 0) {
		*ret_finding = r == 1 ? LQ_BOOKS_KNOWN : LQ_BOOKS_CONFLICT;
	}
	return r < 0 ? r : LQ_OK;
}

int lq_books_take(struct lq_books *books, const struct lq_feed_event *event, const char *body,
	size_t length, enum lq_books_finding *ret_finding)
{
	const struct lq_blob blob = {.bytes = body, .length = length};
	sqlite3_stmt *statement = NULL;
	int r = lq_books_prepare(books, &statement,
		"INSERT INTO event (controller, seq, type, body) VALUES (?1, ?2, ?3, ?4) "
		"ON CONFLICT DO NOTHING",
		"titb", event->controller, (int64_t)event->seq, event->type, &blob);
	if (r == LQ_OK) {
		r = lq_books_finish(books, statement);
	}
	if (r != LQ_OK) {
		return r;
	}
	if (sqlite3_changes(books->db) == 0) {
		return compare(books, event, &blob, ret_finding);
	}
	enum lq_books_finding finding = LQ_BOOKS_NEW;
	r = lq_books_chain(books, event, &blob, &finding);
	if (r == LQ_OK && event->is_passage) {
		r = lq_books_visits(books, event);
	}
	if (r == LQ_OK) {
		*ret_finding = finding;
	}
	return r;
}

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/db_internal.h"
#include "host/office/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS   5000
#define PATH_SIZE 4096u

struct sqlite_rows {
	struct lq_rows rows;
	char *sql; /* NULL: free */
	sqlite3_stmt *statement;
};

struct sqlite_db {
	struct lq_db db;
	sqlite3 *handle;
	int hold_fd; /* -1: none */
	char *fill;  /* the INSERT of the table that is being filled */
	struct sqlite_rows statements[LQ_STATEMENTS_MAX];
	struct sqlite_rows *by_address[LQ_STATEMENTS_MAX]; /* where a text was found last */
};

static struct sqlite_db *own(struct lq_db *db)
{
	return (struct sqlite_db *)db;
}

static sqlite3_stmt *statement_of(struct lq_rows *rows)
{
	return ((struct sqlite_rows *)rows)->statement;
}

static int fail(struct lq_db *db, int code)
{
	(void)snprintf(db->error, sizeof(db->error), "%s",
		own(db)->handle != NULL ? sqlite3_errmsg(own(db)->handle) : sqlite3_errstr(code));
	switch (code & 0xff) {
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
	case SQLITE_CONSTRAINT:
		return LQ_ERR_EXISTS;
	default:
		return LQ_ERR_IO;
	}
}

static void close_db(struct lq_db *db)
{
	for (size_t i = 0; i < LQ_STATEMENTS_MAX; i++) {
		(void)sqlite3_finalize(own(db)->statements[i].statement);
		free(own(db)->statements[i].sql);
	}
	(void)sqlite3_close(own(db)->handle);
	free(own(db)->fill);
	if (own(db)->hold_fd >= 0) {
		(void)close(own(db)->hold_fd);
	}
	free(db);
}

static int execute(struct lq_db *db, const char *sql)
{
	int code = sqlite3_exec(own(db)->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? LQ_OK : fail(db, code);
}

static struct sqlite_rows *find_place(struct sqlite_db *db, const char *sql)
{
	size_t at = lq_statement_place(sql);
	for (size_t i = 0; i < LQ_STATEMENTS_MAX; i++, at = (at + 1) % LQ_STATEMENTS_MAX) {
		const char *known = db->statements[at].sql;
		if (known == NULL || strcmp(known, sql) == 0) {
			return &db->statements[at];
		}
	}
	return NULL;
}

/* The same literal stands at the same address, and to hash it takes longer than to compare it. */
static struct sqlite_rows *place_of(struct sqlite_db *db, const char *sql)
{
	struct sqlite_rows **known = &db->by_address[((uintptr_t)sql >> 4) % LQ_STATEMENTS_MAX];
	if (*known == NULL || (*known)->sql == NULL || strcmp((*known)->sql, sql) != 0) {
		*known = find_place(db, sql);
	}
	return *known;
}

static int bind(sqlite3_stmt *statement, int at, const struct lq_value *value)
{
	if (value->type == 't') {
		return sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
	}
	if (value->type == 'i') {
		return sqlite3_bind_int64(statement, at, value->integer);
	}
	return sqlite3_bind_blob64(
		statement, at, value->blob.bytes, value->blob.length, SQLITE_STATIC);
}

static void end(struct lq_rows *rows)
{
	(void)sqlite3_reset(statement_of(rows));
	(void)sqlite3_clear_bindings(statement_of(rows));
	rows->busy = false;
}

static int query(struct lq_db *db, struct lq_rows **ret_rows, const char *sql,
	const struct lq_value *values, size_t count)
{
	struct sqlite_rows *place = place_of(own(db), sql);
	if (place == NULL) {
		(void)snprintf(db->error, sizeof(db->error), "too many statements");
		return LQ_ERR_FULL;
	}
	LQ_ASSERT(!place->rows.busy);
	int code = SQLITE_OK;
	if (place->sql == NULL) {
		code = sqlite3_prepare_v3(own(db)->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
			&place->statement, NULL);
		if (code != SQLITE_OK) {
			return fail(db, code);
		}
		place->sql = strdup(sql);
		place->rows.db = db;
	}
	for (int i = 0; i < (int)count && code == SQLITE_OK; i++) {
		code = bind(place->statement, i + 1, &values[i]);
	}
	if (code != SQLITE_OK) {
		int r = fail(db, code);
		end(&place->rows);
		return r;
	}
	place->rows.busy = true;
	*ret_rows = &place->rows;
	return LQ_OK;
}

static int next(struct lq_rows *rows)
{
	int code = sqlite3_step(statement_of(rows));
	if (code == SQLITE_ROW) {
		return 1;
	}
	return code == SQLITE_DONE ? 0 : fail(rows->db, code);
}

static int64_t changes(struct lq_rows *rows)
{
	return sqlite3_changes64(own(rows->db)->handle);
}

static int64_t integer(struct lq_rows *rows, int column)
{
	return sqlite3_column_int64(statement_of(rows), column);
}

static const char *text(struct lq_rows *rows, int column)
{
	return (const char *)sqlite3_column_text(statement_of(rows), column);
}

static bool is_null(struct lq_rows *rows, int column)
{
	return sqlite3_column_type(statement_of(rows), column) == SQLITE_NULL;
}

/* SQLite has no address for what is empty, and that is another thing than NULL. */
static struct lq_blob blob(struct lq_rows *rows, int column)
{
	const void *bytes = sqlite3_column_blob(statement_of(rows), column);
	return (struct lq_blob){.bytes = bytes == NULL && !is_null(rows, column) ? "" : bytes,
		.length = (size_t)sqlite3_column_bytes(statement_of(rows), column)};
}

static int columns(struct lq_rows *rows)
{
	return sqlite3_column_count(statement_of(rows));
}

static const char *name(struct lq_rows *rows, int column)
{
	return sqlite3_column_name(statement_of(rows), column);
}

static char type(struct lq_rows *rows, int column)
{
	int kind = sqlite3_column_type(statement_of(rows), column);
	if (kind == SQLITE_INTEGER) {
		return 'i';
	}
	return kind == SQLITE_BLOB ? 'b' : 't';
}

/* SQLite goes on behind the greatest number by itself. */
static int renumber(struct lq_db *db, const char *table)
{
	(void)db;
	(void)table;
	return LQ_OK;
}

/* INSERT INTO t (a, b) VALUES (?1, ?2) */
static int fill_begin(struct lq_db *db, const char *table, const char *columns, size_t count)
{
	size_t length = 0;
	free(own(db)->fill);
	own(db)->fill = NULL;
	FILE *out = open_memstream(&own(db)->fill, &length);
	if (out == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	(void)fprintf(out, "INSERT INTO %s (%s) VALUES (", table, columns);
	for (size_t i = 1; i <= count; i++) {
		(void)fprintf(out, "%s?%zu", i > 1 ? ", " : "", i);
	}
	(void)fputs(")", out);
	return fclose(out) == 0 ? LQ_OK : LQ_ERR_NO_MEMORY;
}

static int fill_row(struct lq_db *db, const struct lq_value *values, size_t count)
{
	int64_t r = lq_db_run_values(db, own(db)->fill, values, count);
	return r < 0 ? (int)r : LQ_OK;
}

static int fill_end(struct lq_db *db, bool whole)
{
	(void)db;
	(void)whole;
	return LQ_OK;
}

static int open_table(struct lq_db *db, const char *table)
{
	(void)db;
	(void)table;
	return LQ_OK;
}

/* Its transaction keeps others from writing. */
static int keep_others_out(struct lq_db *db)
{
	(void)db;
	return LQ_OK;
}

/* Whoever made it, root at the command line among them: those who keep the books lock it, too. */
static void give_to_owner(struct lq_db *db, int fd)
{
	struct stat books;
	if (geteuid() == 0 && stat(sqlite3_db_filename(own(db)->handle, "main"), &books) == 0) {
		(void)!fchown(fd, books.st_uid, books.st_gid);
	}
}

/* A file of its own: on the database's, closing any descriptor would end SQLite's own locks. */
static int hold(struct lq_db *db, enum lq_db_hold how)
{
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%s.lock", sqlite3_db_filename(own(db)->handle, "main"));
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0 && flock(fd, (how == LQ_DB_ALONE ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) {
		give_to_owner(db, fd);
		own(db)->hold_fd = fd;
		return LQ_OK;
	}
	int error = errno;
	(void)snprintf(db->error, sizeof(db->error), "%.190s cannot be locked: %.40s", path,
		strerror(error)); // NOLINT(concurrency-mt-unsafe): one thread
	if (fd >= 0) {
		(void)close(fd);
	}
	return error == EWOULDBLOCK ? LQ_ERR_BUSY : LQ_ERR_IO;
}

static int version(struct lq_db *db, size_t *ret_version)
{
	int64_t value = 0;
	int r = lq_db_integer(db, &value, 0, "PRAGMA user_version", "");
	if (r == LQ_OK) {
		*ret_version = (size_t)value;
	}
	return r;
}

static int set_version(struct lq_db *db, size_t to)
{
	char sql[48];
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu", to);
	return execute(db, sql);
}

static const struct lq_db_adapter sqlite_adapter = {
	.begin_to_write = "BEGIN IMMEDIATE",
	.begin_to_read = "BEGIN",
	.scrub = "PRAGMA wal_checkpoint(TRUNCATE)",
	.close = close_db,
	.execute = execute,
	.query = query,
	.next = next,
	.changes = changes,
	.integer = integer,
	.text = text,
	.blob = blob,
	.is_null = is_null,
	.columns = columns,
	.name = name,
	.type = type,
	.end = end,
	.hold = hold,
	.version = version,
	.set_version = set_version,
	.migrate = execute,
	.tables = "SELECT name FROM sqlite_master WHERE type = 'table' "
		  "AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid",
	.open_table = open_table,
	.rows_of_table = "SELECT * FROM ",
	.fill_begin = fill_begin,
	.fill_row = fill_row,
	.fill_end = fill_end,
	.renumber = renumber,
	.keep_others_out = keep_others_out,
};

/* What is purged is overwritten, too. The log grows to 16 MiB before it is written back: pages that
 * many rows share are written back once for all of them. */
static int prepare_file(struct lq_db *db)
{
	(void)sqlite3_busy_timeout(own(db)->handle, BUSY_MS);
	int r = execute(db, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
			    "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON");
	if (r != LQ_OK || db->use == LQ_DB_READ) {
		return r;
	}
	return execute(db, db->use == LQ_DB_KEEP
				   ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA "
				     "wal_autocheckpoint = 4000"
				   : "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
}

/* What root begins to keep belongs to whoever goes on; what SQLite puts beside it follows it. */
static void begin_file(const char *path)
{
	int fd = geteuid() == 0 && *path == '/'
			 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
			 : -1;
	if (fd >= 0) {
		(void)close(fd);
		lq_give_to_owner(path);
	}
}

int lq_db_open_sqlite(const char *path, enum lq_db_use use, struct lq_db **ret_db)
{
	struct sqlite_db *db = calloc(1, sizeof(*db));
	*ret_db = db != NULL ? &db->db : NULL;
	if (db == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	db->db.adapter = &sqlite_adapter;
	db->db.use = use;
	db->hold_fd = -1;
	int flags = use == LQ_DB_READ ? SQLITE_OPEN_READONLY
				      : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	if (use == LQ_DB_KEEP) {
		begin_file(path);
	}
	int code = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	return code == SQLITE_OK ? prepare_file(&db->db) : fail(&db->db, code);
}

int lq_db_save_sqlite(struct lq_db *db, const char *path)
{
	if (access(path, F_OK) == 0) {
		(void)snprintf(db->error, sizeof(db->error), "there is such a file already");
		return LQ_ERR_EXISTS;
	}
	char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);
	if (sql == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = execute(db, sql);
	sqlite3_free(sql);
	return r;
}

/* Within its last page: SQLite reads zeroes there, and finds nothing wrong with them. */
static int is_cut_short(struct lq_db *db, bool *ret_cut)
{
	struct stat file;
	int64_t page = 0;
	int r = lq_db_integer(db, &page, 0, "PRAGMA page_size", "");
	if (r == LQ_OK) {
		*ret_cut = stat(sqlite3_db_filename(own(db)->handle, "main"), &file) == 0 &&
			   S_ISREG(file.st_mode) && page > 0 && file.st_size % page != 0;
	}
	return r;
}

/* Every page and index. SQLite 3.40 looks for NULL in the wrong
 * column of a table WITHOUT ROWID: what it says of that does not count. */
int lq_db_check_sqlite(struct lq_db *db)
{
	static const char null[] = "NULL value in ";
	struct lq_rows *rows = NULL;
	bool cut = false;
	int r = is_cut_short(db, &cut);
	bool whole = !cut;
	r = r == LQ_OK ? lq_db_query(db, &rows, "PRAGMA integrity_check", "") : r;
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1 && whole) {
		const char *said = lq_rows_text(rows, 0);
		whole = said != NULL &&
			(strcmp(said, "ok") == 0 || strncmp(said, null, sizeof(null) - 1) == 0);
	}
	lq_rows_end(rows);
	if (r >= 0 && !whole) {
		(void)snprintf(db->error, sizeof(db->error), "it is damaged");
		return LQ_ERR_CORRUPT;
	}
	return r < 0 ? r : LQ_OK;
}

static int move_aside(const char *path, const char *suffix)
{
	char from[PATH_SIZE];
	char to[PATH_SIZE];
	if (snprintf(from, sizeof(from), "%s%s", path, suffix) >= (int)sizeof(from) ||
		snprintf(to, sizeof(to), "%s.damaged%s", path, suffix) >= (int)sizeof(to)) {
		return LQ_ERR_INVALID;
	}
	return rename(from, to) == 0 || errno == ENOENT ? LQ_OK : LQ_ERR_IO;
}

/* Its log goes first: SQLite would take it for that of whatever stands under the name next. */
int lq_db_set_aside_sqlite(const char *path)
{
	char lock[PATH_SIZE];
	if (snprintf(lock, sizeof(lock), "%s.lock", path) >= (int)sizeof(lock)) {
		return LQ_ERR_INVALID;
	}
	int fd = open(lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	lq_give_to_owner(lock);
	int r = flock(fd, LOCK_EX | LOCK_NB) == 0 ? LQ_OK : LQ_ERR_BUSY;
	r = r == LQ_OK ? move_aside(path, "-wal") : r;
	r = r == LQ_OK ? move_aside(path, "-shm") : r;
	r = r == LQ_OK ? move_aside(path, "") : r;
	(void)close(fd);
	return r;
}

int lq_db_number_on_sqlite(struct lq_db *db, struct lq_db *present)
{
	struct lq_rows *rows = NULL;
	int64_t raised = 0;
	int r = lq_db_query(present, &rows, "SELECT name, seq FROM sqlite_sequence", "");
	if (r != LQ_OK) {
		return r;
	}
	while (raised >= 0 && (r = lq_rows_next(rows)) == 1) {
		const char *table = lq_rows_text(rows, 0);
		int64_t given = lq_rows_integer(rows, 1);
		raised = lq_db_run(db,
			"INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE NOT EXISTS "
			"(SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
			"t", table);
		raised = raised < 0 ? raised
				    : lq_db_run(db,
					      "UPDATE sqlite_sequence SET seq = ?2 "
					      "WHERE name = ?1 AND seq < ?2",
					      "ti", table, given);
	}
	lq_rows_end(rows);
	return raised < 0 ? (int)raised : r;
}

int lq_db_restore_sqlite(struct lq_db *from, struct lq_db *to)
{
	sqlite3_backup *backup =
		sqlite3_backup_init(own(to)->handle, "main", own(from)->handle, "main");
	if (backup == NULL) {
		return fail(to, sqlite3_errcode(own(to)->handle));
	}
	(void)sqlite3_backup_step(backup, -1);
	int code = sqlite3_backup_finish(backup);
	return code == SQLITE_OK ? LQ_OK : fail(to, code);
}

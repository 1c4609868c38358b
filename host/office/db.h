/* The office's database: one face of SQLite and PostgreSQL. SQL is written in what both understand,
 * with ?1, ?2 … for the arguments; an INSERT that makes a number ends with RETURNING. One thread a
 * handle. Functions return LQ_OK (or a count) or an error, which lq_db_error() explains. */
#ifndef LQ_OFFICE_DB_H
#define LQ_OFFICE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_db;
struct lq_rows; /* of a query; belongs to its database */

enum lq_db_use {
	LQ_DB_READ,
	LQ_DB_KEEP,
	LQ_DB_MAKE, /* as to keep, but of a file that is worth nothing before it is closed: fast */
};

struct lq_blob {
	const void *bytes; /* borrowed; NULL: NULL */
	size_t length;
};

/* One argument. Text and blob are borrowed until lq_rows_end(). */
struct lq_value {
	char type; /* as in `types` of lq_db_query() */
	int64_t integer;
	const char *text;
	struct lq_blob blob;
};

#define LQ_DB_ARGUMENTS_MAX 32u

/* Opens the file; to keep it, makes it. On failure `ret_db` holds the error and is to be closed
 * too; NULL when memory ran out. LQ_ERR_NOT_FOUND: to read, and there is none. */
int lq_db_open_sqlite(const char *path, enum lq_db_use use, struct lq_db **ret_db);

/* `database` is a connection string of libpq, e.g. "host=/run/postgresql dbname=loquet". Otherwise
 * as lq_db_open_sqlite(). */
int lq_db_open_postgres(const char *database, enum lq_db_use use, struct lq_db **ret_db);

/* Brings the schema up to date, a transaction a migration; to read, only looks whether it is.
 * LQ_ERR_UNSUPPORTED: a newer version made it, or, to read, an older one. */
int lq_db_migrate(struct lq_db *db, const char *const *migrations, size_t count);

/* Until it is closed, nobody else may hold it alone, or, alone, at all. LQ_ERR_BUSY: somebody holds
 * it, in this process or another. What does not ask is not kept out. */
enum lq_db_hold { LQ_DB_SHARED, LQ_DB_ALONE };
int lq_db_hold(struct lq_db *db, enum lq_db_hold how);

/* Of which version its schema is; 0: of none. */
int lq_db_version(struct lq_db *db, size_t *ret_version);

/* LQ_ERR_CORRUPT: an SQLite database is damaged, by all that SQLite can find. */
int lq_db_check_sqlite(struct lq_db *db);

/* Writes the whole of an SQLite database, as of one moment, into a new file, while others go on
 * writing to it. LQ_ERR_EXISTS: there is such a file; it stays as it is. No transaction may be
 * open. */
int lq_db_save_sqlite(struct lq_db *db, const char *path);

/* Puts everything that is in `from` in the place of what is in `to`, both SQLite: all of it or
 * nothing. Others that have `to` open go on with what is in it then. */
int lq_db_restore_sqlite(struct lq_db *from, struct lq_db *to);

/* A damaged SQLite database makes room: PATH is PATH.damaged then. LQ_ERR_BUSY: somebody holds it.
 */
int lq_db_set_aside_sqlite(const char *path);

/* The numbers that `db` gives next are above those that `present` gave, both SQLite: they may stand
 * somewhere else. */
int lq_db_number_on_sqlite(struct lq_db *db, struct lq_db *present);

/* Accepts NULL. What was not committed is gone. */
void lq_db_close(struct lq_db *db);

/* Of the last failure; stands until the next call. */
const char *lq_db_error(const struct lq_db *db);

/* Begins a transaction unless one is open. */
int lq_db_begin(struct lq_db *db);

/* Commits, when one is open: on disk when it returns LQ_OK. */
int lq_db_commit(struct lq_db *db);

/* What was deleted, and is committed, is gone from the files, too. No transaction is open. */
int lq_db_scrub(struct lq_db *db);

/* Takes back what the open transaction did; none is open then. */
void lq_db_rollback(struct lq_db *db);

/* Work that somebody put off until it is asked for: until the next statement that is not their own,
 * or the commit. */
struct lq_db_late {
	int (*settle)(void *ctx); /* does it, inside the transaction */
	void (*drop)(void *ctx);  /* forgets it: the transaction is taken back */
	void *ctx;
};

/* Inside a transaction. One owner a handle. */
void lq_db_put_off(struct lq_db *db, const struct lq_db_late *late);

/* Whoever put it off has it back: their own statements may follow, until it is put off again. */
void lq_db_take_back(struct lq_db *db);

/* Tables that may stay behind what they are made of, also when a transaction ends: they catch up
 * before the first statement that names one of them. */
struct lq_db_behind {
	const char *const *tables;  /* ends with NULL */
	int (*catch_up)(void *ctx); /* inside a transaction, of its own where none is open */
	void (*lose)(void *ctx);    /* a transaction is taken back, and what it caught up with */
	void *ctx;
};

/* For as long as the handle is open; borrowed. One owner a handle. */
void lq_db_may_fall_behind(struct lq_db *db, const struct lq_db_behind *behind);

/* The tables are behind from now on. */
void lq_db_fall_behind(struct lq_db *db);

/* Does at once what the next look would do. */
int lq_db_catch_up(struct lq_db *db);

/* For each letter of `types` an argument: t text (const char *, NULL is NULL), i int64_t,
 * b const struct lq_blob *. Texts and blobs are borrowed until lq_rows_end(). `sql` is
 * prepared once and known again by its text. The same one cannot run twice at the same time. */
int lq_db_query(
	struct lq_db *db, struct lq_rows **ret_rows, const char *sql, const char *types, ...);

/* A statement without rows, run to its end: how many rows it changed, or an error. */
int64_t lq_db_run(struct lq_db *db, const char *sql, const char *types, ...);

/* The same with as many arguments as the caller has, LQ_DB_ARGUMENTS_MAX at the most. */
int64_t lq_db_run_values(
	struct lq_db *db, const char *sql, const struct lq_value *values, size_t count);

/* The first column of the first row, or `otherwise` where there is none or it is NULL. */
int lq_db_integer(struct lq_db *db, int64_t *ret_value, int64_t otherwise, const char *sql,
	const char *types, ...);

/* An INSERT of one row that ends with RETURNING its number. LQ_ERR_EXISTS: ON CONFLICT DO NOTHING
 * did nothing. */
int lq_db_insert(struct lq_db *db, int64_t *ret_number, const char *sql, const char *types, ...);

/* 1: a row, 0: no more. What the columns return stands until the next call on these rows. */
int lq_rows_next(struct lq_rows *rows);

int64_t lq_rows_integer(struct lq_rows *rows, int column);  /* 0 for NULL */
const char *lq_rows_text(struct lq_rows *rows, int column); /* NULL for NULL */
struct lq_blob lq_rows_blob(struct lq_rows *rows, int column);
bool lq_rows_is_null(struct lq_rows *rows, int column);

/* Of a row at hand. */
int lq_rows_columns(struct lq_rows *rows);
const char *lq_rows_name(struct lq_rows *rows, int column);

/* The value with the type that the database gives it; NULL is a text of NULL. */
struct lq_value lq_rows_value(struct lq_rows *rows, int column);

/* Accepts NULL. */
void lq_rows_end(struct lq_rows *rows);

#endif

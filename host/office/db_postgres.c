/* PostgreSQL through libpq. The SQL of the office is turned into its dialect where that differs:
 * ?1 is $1, and in migrations BLOB is BYTEA, INTEGER is BIGINT. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/db_internal.h"
#include "host/office/postgres_sql.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NUMBER_SIZE   24u
#define LOCK_TRIES    300
#define LOCK_PAUSE_NS 100000000L

#define OID_BOOL  16u
#define OID_BYTEA 17u
#define OID_INT8  20u
#define OID_INT2  21u
#define OID_INT4  23u

struct postgres_rows {
	struct lq_rows rows;
	char *sql; /* NULL: free */
	PGresult *result;
	int at;
	unsigned char **bytes; /* of the row at hand, decoded, one a column; NULL: none asked for */
};

struct postgres_db {
	struct lq_db db;
	PGconn *connection;
	FILE *row; /* into row_text: a row of a table that is being filled; NULL: none yet */
	char *row_text;
	size_t row_length;
	struct postgres_rows statements[LQ_STATEMENTS_MAX];
};

static struct postgres_db *own(struct lq_db *db)
{
	return (struct postgres_db *)db;
}

static struct postgres_rows *rows_of(struct lq_rows *rows)
{
	return (struct postgres_rows *)rows;
}

/* Classes of SQLSTATE: PostgreSQL's manual, appendix A. */
static int error_of(const char *state)
{
	if (state == NULL || strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0) {
		return LQ_ERR_CLOSED;
	}
	if (strncmp(state, "23", 2) == 0) {
		return LQ_ERR_EXISTS;
	}
	if (strncmp(state, "40", 2) == 0 || strncmp(state, "55P03", 5) == 0) {
		return LQ_ERR_BUSY;
	}
	if (strcmp(state, "53100") == 0) {
		return LQ_ERR_FULL;
	}
	return strncmp(state, "XX", 2) == 0 ? LQ_ERR_CORRUPT : LQ_ERR_IO;
}

static int fail(struct lq_db *db, const PGresult *result)
{
	const char *message = result != NULL ? PQresultErrorMessage(result) : "";
	if (*message == '\0') {
		message = PQerrorMessage(own(db)->connection);
	}
	(void)snprintf(db->error, sizeof(db->error), "%s", message);
	db->error[strcspn(db->error, "\n")] = '\0';
	return error_of(result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL);
}

static void forget_bytes(struct postgres_rows *rows)
{
	for (int i = 0; rows->bytes != NULL && i < PQnfields(rows->result); i++) {
		PQfreemem(rows->bytes[i]);
	}
	free(rows->bytes);
	rows->bytes = NULL;
}

static void end(struct lq_rows *rows)
{
	forget_bytes(rows_of(rows));
	PQclear(rows_of(rows)->result);
	rows_of(rows)->result = NULL;
	rows->busy = false;
}

static void close_db(struct lq_db *db)
{
	for (size_t i = 0; i < LQ_STATEMENTS_MAX; i++) {
		if (own(db)->statements[i].result != NULL) {
			end(&own(db)->statements[i].rows);
		}
		free(own(db)->statements[i].sql);
	}
	if (own(db)->row != NULL) {
		(void)fclose(own(db)->row);
	}
	free(own(db)->row_text);
	PQfinish(own(db)->connection);
	free(db);
}

static bool is_done(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* A transaction in which a statement failed is taken back by its COMMIT, which does not fail. */
static bool was_taken_back(const char *sql, PGresult *result)
{
	return strcmp(sql, "COMMIT") == 0 && strcmp(PQcmdStatus(result), "COMMIT") != 0;
}

static int execute(struct lq_db *db, const char *sql)
{
	PGresult *result = PQexec(own(db)->connection, sql);
	int r = is_done(result) ? LQ_OK : fail(db, result);
	if (r == LQ_OK && was_taken_back(sql, result)) {
		(void)snprintf(db->error, sizeof(db->error),
			"the transaction was taken back, for a statement in it had failed");
		r = LQ_ERR_IO;
	}
	PQclear(result);
	return r;
}

static struct postgres_rows *place_of(struct postgres_db *db, const char *sql, size_t *ret_at)
{
	size_t at = lq_statement_place(sql);
	for (size_t i = 0; i < LQ_STATEMENTS_MAX; i++, at = (at + 1) % LQ_STATEMENTS_MAX) {
		const char *known = db->statements[at].sql;
		if (known == NULL || strcmp(known, sql) == 0) {
			*ret_at = at;
			return &db->statements[at];
		}
	}
	return NULL;
}

/* The server finds out for itself what a text is: it may be a NULL for anything. */
static Oid oid_of(char type)
{
	if (type == 'i') {
		return OID_INT8;
	}
	return type == 'b' ? OID_BYTEA : InvalidOid;
}

static int prepare(struct lq_db *db, const char *name, const char *sql,
	const struct lq_value *values, size_t count)
{
	Oid types[LQ_DB_ARGUMENTS_MAX];
	char *text = lq_postgres_query(sql);
	if (text == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	for (size_t i = 0; i < count; i++) {
		types[i] = oid_of(values[i].type);
	}
	PGresult *result = PQprepare(own(db)->connection, name, text, (int)count, types);
	int r = is_done(result) ? LQ_OK : fail(db, result);
	PQclear(result);
	free(text);
	return r;
}

static PGresult *run(
	struct lq_db *db, const char *name, const struct lq_value *values, size_t count)
{
	const char *texts[LQ_DB_ARGUMENTS_MAX];
	int lengths[LQ_DB_ARGUMENTS_MAX];
	int formats[LQ_DB_ARGUMENTS_MAX];
	char numbers[LQ_DB_ARGUMENTS_MAX][NUMBER_SIZE];
	for (size_t i = 0; i < count; i++) {
		formats[i] = values[i].type == 'b';
		lengths[i] = (int)values[i].blob.length;
		texts[i] = values[i].type == 'b' ? values[i].blob.bytes : values[i].text;
		if (values[i].type == 'i') {
			(void)snprintf(
				numbers[i], NUMBER_SIZE, "%lld", (long long)values[i].integer);
			texts[i] = numbers[i];
		}
	}
	return PQexecPrepared(own(db)->connection, name, (int)count, texts, lengths, formats, 0);
}

static int query(struct lq_db *db, struct lq_rows **ret_rows, const char *sql,
	const struct lq_value *values, size_t count)
{
	char name[NUMBER_SIZE];
	size_t at = 0;
	struct postgres_rows *place = place_of(own(db), sql, &at);
	if (place == NULL) {
		(void)snprintf(db->error, sizeof(db->error), "too many statements");
		return LQ_ERR_FULL;
	}
	LQ_ASSERT(!place->rows.busy);
	(void)snprintf(name, sizeof(name), "lq%zu", at);
	if (place->sql == NULL) {
		int r = prepare(db, name, sql, values, count);
		if (r != LQ_OK) {
			return r;
		}
		place->sql = strdup(sql);
		place->rows.db = db;
	}
	PGresult *result = run(db, name, values, count);
	if (!is_done(result)) {
		int r = fail(db, result);
		PQclear(result);
		return r;
	}
	place->result = result;
	place->at = -1;
	place->rows.busy = true;
	*ret_rows = &place->rows;
	return LQ_OK;
}

static int next(struct lq_rows *rows)
{
	forget_bytes(rows_of(rows));
	rows_of(rows)->at++;
	return rows_of(rows)->at < PQntuples(rows_of(rows)->result) ? 1 : 0;
}

static int64_t changes(struct lq_rows *rows)
{
	return strtoll(PQcmdTuples(rows_of(rows)->result), NULL, 10);
}

static bool is_null(struct lq_rows *rows, int column)
{
	return PQgetisnull(rows_of(rows)->result, rows_of(rows)->at, column) != 0;
}

static const char *text(struct lq_rows *rows, int column)
{
	return is_null(rows, column) ? NULL
				     : PQgetvalue(rows_of(rows)->result, rows_of(rows)->at, column);
}

static int64_t integer(struct lq_rows *rows, int column)
{
	const char *value = text(rows, column);
	if (value == NULL) {
		return 0;
	}
	if (PQftype(rows_of(rows)->result, column) == OID_BOOL) {
		return *value == 't';
	}
	return strtoll(value, NULL, 10);
}

/* The decoded bytes stand until the next row. */
static struct lq_blob blob(struct lq_rows *rows, int column)
{
	struct postgres_rows *own_rows = rows_of(rows);
	struct lq_blob value = {0};
	const char *encoded = text(rows, column);
	if (encoded == NULL) {
		return value;
	}
	if (PQftype(own_rows->result, column) != OID_BYTEA) {
		return (struct lq_blob){.bytes = encoded, .length = strlen(encoded)};
	}
	if (own_rows->bytes == NULL) {
		own_rows->bytes = calloc((size_t)PQnfields(own_rows->result), sizeof(void *));
	}
	if (own_rows->bytes == NULL) {
		return value;
	}
	PQfreemem(own_rows->bytes[column]);
	own_rows->bytes[column] = PQunescapeBytea((const unsigned char *)encoded, &value.length);
	value.bytes = own_rows->bytes[column];
	return value;
}

static int columns(struct lq_rows *rows)
{
	return PQnfields(rows_of(rows)->result);
}

static const char *name_of(struct lq_rows *rows, int column)
{
	return PQfname(rows_of(rows)->result, column);
}

static char type(struct lq_rows *rows, int column)
{
	switch (PQftype(rows_of(rows)->result, column)) {
	case OID_INT8:
	case OID_INT4:
	case OID_INT2:
	case OID_BOOL:
		return 'i';
	case OID_BYTEA:
		return 'b';
	default:
		return 't';
	}
}

/* ---- filling a table, by COPY: a row does not wait for the last one ---- */

static int fill_begin(struct lq_db *db, const char *table, const char *columns, size_t count)
{
	char *sql = NULL;
	(void)count;
	if (asprintf(&sql, "COPY %s (%s) FROM STDIN", table, columns) < 0) {
		return LQ_ERR_NO_MEMORY;
	}
	PGresult *result = PQexec(own(db)->connection, sql);
	int r = PQresultStatus(result) == PGRES_COPY_IN ? LQ_OK : fail(db, result);
	PQclear(result);
	free(sql);
	return r;
}

static int fill_row(struct lq_db *db, const struct lq_value *values, size_t count)
{
	struct postgres_db *self = own(db);
	if (self->row == NULL) {
		self->row = open_memstream(&self->row_text, &self->row_length);
	}
	if (self->row == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	rewind(self->row);
	lq_postgres_put_row(self->row, values, count);
	if (fflush(self->row) != 0) {
		return LQ_ERR_NO_MEMORY;
	}
	return PQputCopyData(self->connection, self->row_text, (int)self->row_length) == 1
		       ? LQ_OK
		       : fail(db, NULL);
}

static int fill_end(struct lq_db *db, bool whole)
{
	PGresult *result = NULL;
	int r = PQputCopyEnd(own(db)->connection, whole ? NULL : "given up") == 1 ? LQ_OK
										  : fail(db, NULL);
	while ((result = PQgetResult(own(db)->connection)) != NULL) {
		r = r == LQ_OK && !is_done(result) ? fail(db, result) : r;
		PQclear(result);
	}
	return r;
}

static int open_table(struct lq_db *db, const char *table)
{
	char sql[256];
	(void)snprintf(sql, sizeof(sql), "DECLARE lq_%s NO SCROLL CURSOR FOR SELECT * FROM %s",
		table, table);
	return execute(db, sql);
}

/* An advisory lock of the session, of a number that names us and the schema. */
static int hold(struct lq_db *db, enum lq_db_hold how)
{
	int64_t held = 0;
	int r = how == LQ_DB_ALONE
			? lq_db_integer(db, &held, 0,
				  "SELECT pg_try_advisory_lock((1280266573::bigint << 32) | "
				  "current_schema()::regnamespace::oid::bigint)",
				  "")
			: lq_db_integer(db, &held, 0,
				  "SELECT pg_try_advisory_lock_shared((1280266573::bigint << 32) | "
				  "current_schema()::regnamespace::oid::bigint)",
				  "");
	if (r != LQ_OK) {
		return r;
	}
	return held != 0 ? LQ_OK : LQ_ERR_BUSY;
}

static int version(struct lq_db *db, size_t *ret_version)
{
	int64_t exists = 0;
	int64_t value = 0;
	int r = lq_db_integer(db, &exists, 0,
		"SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() "
		"AND tablename = 'schema_version'",
		"");
	if (r == LQ_OK && exists != 0) {
		r = lq_db_integer(db, &value, 0, "SELECT version FROM schema_version", "");
	}
	if (r == LQ_OK) {
		*ret_version = (size_t)value;
	}
	return r;
}

static int set_version(struct lq_db *db, size_t to)
{
	int r = execute(db, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
	int64_t done = r == LQ_OK ? lq_db_run(db, "DELETE FROM schema_version", "") : r;
	if (done >= 0) {
		done = lq_db_run(
			db, "INSERT INTO schema_version (version) VALUES (?1)", "i", (int64_t)to);
	}
	return done < 0 ? (int)done : LQ_OK;
}

static int migrate(struct lq_db *db, const char *sql)
{
	char *translated = lq_postgres_schema(sql);
	int r = translated != NULL ? execute(db, translated) : LQ_ERR_NO_MEMORY;
	free(translated);
	return r;
}

static int renumber(struct lq_db *db, const char *table)
{
	char sql[512];
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT column_name FROM information_schema.columns WHERE table_name = ?1 "
		"AND table_schema = current_schema() AND is_identity = 'YES'",
		"t", table);
	if (r != LQ_OK) {
		return r;
	}
	while (r == LQ_OK && lq_rows_next(rows) == 1) {
		const char *column = lq_rows_text(rows, 0);
		(void)snprintf(sql, sizeof(sql),
			"SELECT setval(pg_get_serial_sequence('%s', '%s'), greatest("
			"nextval(pg_get_serial_sequence('%s', '%s')), "
			"(SELECT coalesce(max(%s), 0) + 1 FROM %s)), false)",
			table, column, table, column, column, table);
		r = execute(db, sql);
	}
	lq_rows_end(rows);
	return r;
}

/* Whoever reads goes on reading. To wait for one table while others wait for us could be for ever.
 */
static int keep_others_out(struct lq_db *db)
{
	static const char lock[] =
		"DO $$ DECLARE name text; BEGIN FOR name IN SELECT relname FROM "
		"pg_catalog.pg_class WHERE relkind = 'r' AND "
		"relnamespace = current_schema()::regnamespace LOOP "
		"EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE NOWAIT', name); END LOOP; END $$";
	int r = LQ_ERR_BUSY;
	for (int i = 0; i < LOCK_TRIES && r == LQ_ERR_BUSY; i++) {
		const struct timespec pause = {.tv_nsec = i > 0 ? LOCK_PAUSE_NS : 0};
		(void)nanosleep(&pause, NULL);
		r = execute(db, "SAVEPOINT lq_lock");
		r = r == LQ_OK ? execute(db, lock) : r;
		if (r == LQ_ERR_BUSY && execute(db, "ROLLBACK TO lq_lock") != LQ_OK) {
			r = LQ_ERR_IO;
		}
	}
	return r;
}

static const struct lq_db_adapter postgres_adapter = {
	.begin_to_write = "BEGIN",
	.begin_to_read = "BEGIN ISOLATION LEVEL REPEATABLE READ",
	.scrub = "VACUUM",
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
	.name = name_of,
	.type = type,
	.end = end,
	.hold = hold,
	.version = version,
	.set_version = set_version,
	.migrate = migrate,
	.tables = "SELECT relname FROM pg_catalog.pg_class WHERE relkind = 'r' AND "
		  "relnamespace = current_schema()::regnamespace AND relname <> 'schema_version' "
		  "ORDER BY oid",
	.open_table = open_table,
	.rows_of_table = "FETCH FORWARD 1000 FROM lq_",
	.rows_at_once = 1000,
	.fill_begin = fill_begin,
	.fill_row = fill_row,
	.fill_end = fill_end,
	.renumber = renumber,
	.keep_others_out = keep_others_out,
};

static void be_silent(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

int lq_db_open_postgres(const char *database, enum lq_db_use use, struct lq_db **ret_db)
{
	struct postgres_db *db = calloc(1, sizeof(*db));
	*ret_db = db != NULL ? &db->db : NULL;
	if (db == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	db->db.adapter = &postgres_adapter;
	db->db.use = use;
	db->connection = PQconnectdb(database);
	if (PQstatus(db->connection) != CONNECTION_OK) {
		(void)fail(&db->db, NULL);
		return LQ_ERR_NOT_FOUND;
	}
	(void)PQsetNoticeProcessor(db->connection, be_silent, NULL);
	return execute(&db->db,
		"SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; "
		"SET bytea_output = 'hex'");
}

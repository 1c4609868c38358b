#include "host/office/db.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/db_internal.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
size_t lq_statement_place(const char *sql)
{
	uint32_t hash = 2166136261u;
	for (; *sql != '\0'; sql++) {
		hash = (hash ^ (uint8_t)*sql) * 16777619u;
	}
	return hash % LQ_STATEMENTS_MAX;
}

void lq_db_close(struct lq_db *db)
{
	if (db != NULL) {
		db->adapter->close(db);
	}
}

const char *lq_db_error(const struct lq_db *db)
{
	return db->error;
}

int lq_db_hold(struct lq_db *db, enum lq_db_hold how)
{
	int r = db->adapter->hold(db, how);
	if (r == LQ_ERR_BUSY) {
		(void)snprintf(db->error, sizeof(db->error), "%s",
			how == LQ_DB_ALONE ? "it is in use" : "it is being moved");
	}
	return r;
}

void lq_db_put_off(struct lq_db *db, const struct lq_db_late *late)
{
	LQ_ASSERT(db->in_transaction);
	db->late = *late;
	db->owner_acts = false;
}

void lq_db_take_back(struct lq_db *db)
{
	db->late = (struct lq_db_late){0};
	db->owner_acts = true;
}

/* What fails stays put off, so that nothing is committed without it. */
static int settle(struct lq_db *db)
{
	struct lq_db_late late = db->late;
	if (late.settle == NULL) {
		return LQ_OK;
	}
	db->late = (struct lq_db_late){0};
	int r = late.settle(late.ctx);
	if (r != LQ_OK) {
		db->late = late;
	}
	return r;
}

int lq_db_begin(struct lq_db *db)
{
	if (db->in_transaction) {
		return LQ_OK;
	}
	const struct lq_db_adapter *adapter = db->adapter;
	int r = adapter->execute(
		db, db->use == LQ_DB_READ ? adapter->begin_to_read : adapter->begin_to_write);
	db->in_transaction = r == LQ_OK;
	return r;
}

int lq_db_commit(struct lq_db *db)
{
	if (!db->in_transaction) {
		return LQ_OK;
	}
	int r = settle(db);
	if (r == LQ_OK) {
		r = db->adapter->execute(db, "COMMIT");
		db->in_transaction = r != LQ_OK;
		db->owner_acts = false;
	}
	return r;
}

int lq_db_scrub(struct lq_db *db)
{
	return db->adapter->execute(db, db->adapter->scrub);
}

void lq_db_rollback(struct lq_db *db)
{
	char error[sizeof(db->error)];
	(void)snprintf(error, sizeof(error), "%s", db->error);
	if (db->late.drop != NULL) {
		db->late.drop(db->late.ctx);
	}
	db->late = (struct lq_db_late){0};
	db->owner_acts = false;
	if (db->in_transaction) {
		(void)db->adapter->execute(db, "ROLLBACK");
		db->in_transaction = false;
		if (db->behind != NULL) {
			db->behind->lose(db->behind->ctx);
			db->is_behind = true;
		}
	}
	(void)snprintf(db->error, sizeof(db->error), "%s", error);
}

/* ---- tables that are behind ---- */

void lq_db_may_fall_behind(struct lq_db *db, const struct lq_db_behind *behind)
{
	db->behind = behind;
}

void lq_db_fall_behind(struct lq_db *db)
{
	LQ_ASSERT(db->behind != NULL);
	db->is_behind = true;
}

static int catch_up_alone(struct lq_db *db)
{
	int r = lq_db_begin(db);
	r = r == LQ_OK ? db->behind->catch_up(db->behind->ctx) : r;
	r = r == LQ_OK ? lq_db_commit(db) : r;
	if (r != LQ_OK) {
		lq_db_rollback(db);
	}
	return r;
}

int lq_db_catch_up(struct lq_db *db)
{
	if (!db->is_behind) {
		return LQ_OK;
	}
	db->is_behind = false;
	int r = db->in_transaction ? db->behind->catch_up(db->behind->ctx) : catch_up_alone(db);
	db->is_behind = r != LQ_OK;
	return r;
}

static bool is_of_a_word(char c)
{
	return isalnum((unsigned char)c) != 0 || c == '_';
}

static bool names(const char *sql, const char *table)
{
	size_t length = strlen(table);
	for (const char *at = strstr(sql, table); at != NULL; at = strstr(at + 1, table)) {
		if ((at == sql || !is_of_a_word(at[-1])) && !is_of_a_word(at[length])) {
			return true;
		}
	}
	return false;
}

static bool looks_behind(const struct lq_db *db, const char *sql)
{
	bool looks = false;
	for (size_t i = 0; db->is_behind && !looks && db->behind->tables[i] != NULL; i++) {
		looks = names(sql, db->behind->tables[i]);
	}
	return looks;
}

/* Before a statement: what it may look at is done first. */
static int prepare_look(struct lq_db *db, const char *sql)
{
	if (db->owner_acts) {
		return LQ_OK;
	}
	int r = settle(db);
	return r == LQ_OK && looks_behind(db, sql) ? lq_db_catch_up(db) : r;
}

/* ---- statements ---- */

static size_t gather(
	const char *types, va_list *arguments, struct lq_value values[LQ_DB_ARGUMENTS_MAX])
{
	size_t count = strlen(types);
	LQ_ASSERT(count <= LQ_DB_ARGUMENTS_MAX);
	for (size_t i = 0; i < count; i++) {
		values[i] = (struct lq_value){.type = types[i]};
		if (types[i] == 't') {
			values[i].text = va_arg(*arguments, const char *);
		} else if (types[i] == 'i') {
			values[i].integer = va_arg(*arguments, int64_t);
		} else {
			values[i].blob = *va_arg(*arguments, const struct lq_blob *);
		}
	}
	return count;
}

int lq_db_query(
	struct lq_db *db, struct lq_rows **ret_rows, const char *sql, const char *types, ...)
{
	struct lq_value values[LQ_DB_ARGUMENTS_MAX];
	va_list arguments;
	va_start(arguments, types);
	size_t count = gather(types, &arguments, values);
	va_end(arguments);
	int r = prepare_look(db, sql);
	return r == LQ_OK ? db->adapter->query(db, ret_rows, sql, values, count) : r;
}

int64_t lq_db_run_values(
	struct lq_db *db, const char *sql, const struct lq_value *values, size_t count)
{
	struct lq_rows *rows = NULL;
	int64_t r = prepare_look(db, sql);
	r = r == LQ_OK ? db->adapter->query(db, &rows, sql, values, count) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r >= 0) {
		r = db->adapter->changes(rows);
	}
	lq_rows_end(rows);
	return r;
}

int64_t lq_db_run(struct lq_db *db, const char *sql, const char *types, ...)
{
	struct lq_value values[LQ_DB_ARGUMENTS_MAX];
	va_list arguments;
	va_start(arguments, types);
	size_t count = gather(types, &arguments, values);
	va_end(arguments);
	return lq_db_run_values(db, sql, values, count);
}

int lq_db_integer(struct lq_db *db, int64_t *ret_value, int64_t otherwise, const char *sql,
	const char *types, ...)
{
	struct lq_value values[LQ_DB_ARGUMENTS_MAX];
	struct lq_rows *rows = NULL;
	va_list arguments;
	va_start(arguments, types);
	size_t count = gather(types, &arguments, values);
	va_end(arguments);
	int r = prepare_look(db, sql);
	r = r == LQ_OK ? db->adapter->query(db, &rows, sql, values, count) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r >= 0) {
		bool some = r == 1 && !lq_rows_is_null(rows, 0);
		*ret_value = some ? lq_rows_integer(rows, 0) : otherwise;
		r = LQ_OK;
	}
	lq_rows_end(rows);
	return r;
}

int lq_db_insert(struct lq_db *db, int64_t *ret_number, const char *sql, const char *types, ...)
{
	struct lq_value values[LQ_DB_ARGUMENTS_MAX];
	struct lq_rows *rows = NULL;
	va_list arguments;
	va_start(arguments, types);
	size_t count = gather(types, &arguments, values);
	va_end(arguments);
	int r = prepare_look(db, sql);
	r = r == LQ_OK ? db->adapter->query(db, &rows, sql, values, count) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		*ret_number = lq_rows_integer(rows, 0);
	}
	lq_rows_end(rows);
	return r == 1 ? LQ_OK : r == 0 ? LQ_ERR_EXISTS : r;
}

int lq_rows_next(struct lq_rows *rows)
{
	return rows->db->adapter->next(rows);
}

int64_t lq_rows_integer(struct lq_rows *rows, int column)
{
	return rows->db->adapter->integer(rows, column);
}

const char *lq_rows_text(struct lq_rows *rows, int column)
{
	return rows->db->adapter->text(rows, column);
}

struct lq_blob lq_rows_blob(struct lq_rows *rows, int column)
{
	return rows->db->adapter->blob(rows, column);
}

bool lq_rows_is_null(struct lq_rows *rows, int column)
{
	return rows->db->adapter->is_null(rows, column);
}

int lq_rows_columns(struct lq_rows *rows)
{
	return rows->db->adapter->columns(rows);
}

const char *lq_rows_name(struct lq_rows *rows, int column)
{
	return rows->db->adapter->name(rows, column);
}

struct lq_value lq_rows_value(struct lq_rows *rows, int column)
{
	const struct lq_db_adapter *adapter = rows->db->adapter;
	struct lq_value value = {.type = 't'};
	if (adapter->is_null(rows, column)) {
		return value;
	}
	value.type = adapter->type(rows, column);
	if (value.type == 'i') {
		value.integer = adapter->integer(rows, column);
	} else if (value.type == 'b') {
		value.blob = adapter->blob(rows, column);
	} else {
		value.text = adapter->text(rows, column);
	}
	return value;
}

void lq_rows_end(struct lq_rows *rows)
{
	if (rows != NULL) {
		rows->db->adapter->end(rows);
	}
}

static int migrate_to(struct lq_db *db, const char *sql, size_t version)
{
	int r = lq_db_begin(db);
	r = r == LQ_OK ? db->adapter->migrate(db, sql) : r;
	r = r == LQ_OK ? db->adapter->set_version(db, version) : r;
	r = r == LQ_OK ? lq_db_commit(db) : r;
	if (r != LQ_OK) {
		lq_db_rollback(db);
	}
	return r;
}

int lq_db_version(struct lq_db *db, size_t *ret_version)
{
	return db->adapter->version(db, ret_version);
}

int lq_db_migrate(struct lq_db *db, const char *const *migrations, size_t count)
{
	size_t version = 0;
	int r = db->adapter->version(db, &version);
	if (r != LQ_OK) {
		return r;
	}
	if (version > count || (db->use == LQ_DB_READ && version < count)) {
		(void)snprintf(db->error, sizeof(db->error),
			"its schema is %zu, this program's is %zu", version, count);
		return LQ_ERR_UNSUPPORTED;
	}
	for (; version < count && r == LQ_OK; version++) {
		r = migrate_to(db, migrations[version], version + 1);
	}
	return r;
}

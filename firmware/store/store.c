#include "firmware/store/store.h"

#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE          224u
#define BUSY_MS            2000
#define VALUE_SIZE_MAX     1048576 /* bytes; ours are far smaller */
#define CHECKPOINT_DEFAULT 1000u
#define LOG_PAGES_DUE      1000
#define LOG_PAGES_MAX      2000

static const char *const statement_sql[LQ_STATEMENT_COUNT] = {
	[LQ_SQL_BEGIN] = "BEGIN IMMEDIATE",
	[LQ_SQL_COMMIT] = "COMMIT",
	[LQ_SQL_ROLLBACK] = "ROLLBACK",
	[LQ_SQL_APPEND] =
		"INSERT INTO journal (seq, body, body_hash, hash) VALUES (?1, ?2, ?3, ?4)",
};

const char *lq_store_error(const struct lq_store *store)
{
	return store->error;
}

int lq_store_head(struct lq_store *store, struct lq_head *ret_head)
{
	if (store->writable) {
		*ret_head = store->head;
		return LQ_OK;
	}
	return lq_journal_find_head(store, ret_head);
}

void lq_store_set_checkpoint_rows(struct lq_store *store, uint32_t rows)
{
	store->checkpoint_rows = rows;
}

void lq_store_close(struct lq_store *store)
{
	if (store == NULL) {
		return;
	}
	for (int i = 0; i < LQ_STATEMENT_COUNT; i++) {
		(void)sqlite3_finalize(store->statements[i]);
	}
	(void)sqlite3_close(store->db);
	lq_keys_wipe(&store->keys);
	free(store);
}

static int user_version(struct lq_store *store, uint32_t *ret_version)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, "PRAGMA user_version", &statement);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_store_step(store, statement);
	if (r == 1) {
		*ret_version = (uint32_t)sqlite3_column_int64(statement, 0);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	return r;
}

/* Each migration and the version it leads to are one transaction: a power cut leaves either. */
static int migrate(struct lq_store *store, uint32_t *ret_from)
{
	uint32_t version = 0;
	int r = user_version(store, &version);
	if (r != LQ_OK) {
		return r;
	}
	if (version > lq_migration_count) {
		(void)snprintf(store->error, sizeof(store->error),
			"it was written by a newer version (schema %u, this program knows %zu): "
			"install that version again or restore a backup",
			version, lq_migration_count);
		return LQ_ERR_UNSUPPORTED;
	}
	*ret_from = version;
	for (; version < lq_migration_count && r == LQ_OK; version++) {
		char set_version[48];
		(void)snprintf(
			set_version, sizeof(set_version), "PRAGMA user_version = %u", version + 1);
		r = lq_store_execute(store, "BEGIN IMMEDIATE");
		if (r == LQ_OK) {
			r = lq_store_execute(store, lq_migrations[version]);
		}
		if (r == LQ_OK) {
			r = lq_store_execute(store, set_version);
		}
		if (r == LQ_OK) {
			r = lq_store_execute(store, "COMMIT");
		}
	}
	return r;
}

static int open_database(struct lq_store *store, const char *path, int flags)
{
	int code = sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		return lq_store_fail(store, code);
	}
	(void)sqlite3_extended_result_codes(store->db, 1);
	(void)sqlite3_busy_timeout(store->db, BUSY_MS);
	(void)sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, VALUE_SIZE_MAX);
	/* The journal is read once and in order: a large cache would only hold memory. The rest is
	 * what SQLite advises for a file that may be damaged or not ours. */
	return lq_store_execute(store, "PRAGMA cache_size = -512; PRAGMA cell_size_check = ON;"
				       "PRAGMA trusted_schema = OFF");
}

bool lq_store_tidy_due(const struct lq_store *store)
{
	return store->log_pages >= LOG_PAGES_DUE;
}

void lq_store_tidy(struct lq_store *store)
{
	/* What readers still need stays; the next append says how long the log is then. */
	(void)sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	store->log_pages = 0;
}

int lq_store_cut_log(struct lq_store *store)
{
	(void)sqlite3_busy_timeout(store->db, 0);
	int code =
		sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(store->db, BUSY_MS);
	if (code != SQLITE_OK) {
		return lq_store_fail(store, code);
	}
	store->log_pages = 0;
	return LQ_OK;
}

static int note_log(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct lq_store *store = ctx;
	(void)db;
	(void)name;
	store->log_pages = pages;
	if (pages >= LOG_PAGES_MAX) {
		lq_store_tidy(store);
	}
	return SQLITE_OK;
}

/* Before anything is written: nothing of ours goes into another program's file. Every file of ours
 * that has tables has a version. */
static int check_owner(struct lq_store *store, bool *ret_foreign)
{
	uint32_t version = 0;
	sqlite3_stmt *statement = NULL;
	int r = user_version(store, &version);
	if (r == LQ_OK) {
		r = lq_store_prepare(store,
			"SELECT count(*) = 0, "
			"total(name IN ('journal', 'credential', 'policy')) = 0 "
			"FROM sqlite_schema",
			&statement);
	}
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	if (r == 1) {
		bool empty = sqlite3_column_int(statement, 0) != 0;
		*ret_foreign = !empty && sqlite3_column_int(statement, 1) != 0;
		r = !*ret_foreign && (empty || version > 0)
			    ? LQ_OK
			    : lq_store_object(store, "it has tables that loquetd did not make");
	}
	(void)sqlite3_finalize(statement);
	return r;
}

static int check_table(struct lq_store *store, const char *check)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, check, &statement);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_store_step(store, statement);
	const char *found = r == 1 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
	if (found != NULL && strcmp(found, "ok") == 0) {
		r = LQ_OK;
	} else if (r >= 0) {
		r = lq_store_object(store, found == NULL ? "it cannot be checked" : found);
	}
	(void)sqlite3_finalize(statement);
	return r;
}

/* The roster's trees are walked whole (they are small) and have our columns; the journal's end is
 * recomputed. */
static int check_content(struct lq_store *store)
{
	static const struct {
		const char *walk;
		const char *columns;
	} tables[] = {
		{"PRAGMA quick_check('member')",
			"SELECT id, name, profile, enabled, any_time, extended_time FROM member"},
		{"PRAGMA quick_check('credential')",
			"SELECT id, member, key, state, valid_from, valid_to, uses_left, "
			"valid_for, suspended_until, origin, external_id FROM credential"},
		{"PRAGMA quick_check('profile')", "SELECT id, name FROM profile"},
		{"PRAGMA quick_check('policy')",
			"SELECT profile, access_point, schedule FROM policy"},
		{"PRAGMA quick_check('schedule')", "SELECT id, name FROM schedule"},
		{"PRAGMA quick_check('schedule_period')",
			"SELECT schedule, from_minute, to_minute FROM schedule_period"},
		{"PRAGMA quick_check('door_hours')",
			"SELECT door, schedule, first_person FROM door_hours"},
		{"PRAGMA quick_check('special_group')", "SELECT id, name FROM special_group"},
		{"PRAGMA quick_check('special_day')",
			"SELECT special, year, month, day, label FROM special_day"},
		{"PRAGMA quick_check('schedule_special')",
			"SELECT schedule, special, place, from_minute, to_minute "
			"FROM schedule_special"},
		{"PRAGMA quick_check('presence')",
			"SELECT zone, member, since, forgiven FROM presence"},
		{"PRAGMA quick_check('presence_frozen')",
			"SELECT zone, member, since FROM presence_frozen"},
		{"PRAGMA quick_check('presence_freeze')", "SELECT id, at FROM presence_freeze"},
		{"PRAGMA quick_check('door_hold')",
			"SELECT door, fire, released, propped_until FROM door_hold"},
		{"PRAGMA quick_check('door_mode')", "SELECT door, mode FROM door_mode"},
		{"PRAGMA quick_check('office_roster')",
			"SELECT id, kept, version, iat FROM office_roster"},
		{"PRAGMA quick_check('office_part')", "SELECT part, hash FROM office_part"},
		{"PRAGMA quick_check('retention')", "SELECT id, seq, before FROM retention"},
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		sqlite3_stmt *statement = NULL;
		int r = check_table(store, tables[i].walk);
		if (r == LQ_OK) {
			r = lq_store_prepare(store, tables[i].columns, &statement);
		}
		(void)sqlite3_finalize(statement);
		if (r != LQ_OK) {
			return r;
		}
	}
	return lq_journal_find_head(store, &store->head);
}

static int prepare_statements(struct lq_store *store)
{
	for (int i = 0; i < LQ_STATEMENT_COUNT; i++) {
		int r = lq_store_prepare(store, statement_sql[i], &store->statements[i]);
		if (r != LQ_OK) {
			return r;
		}
	}
	return LQ_OK;
}

static int configure(struct lq_store *store, const char *journal_mode)
{
	char pragmas[128];
	(void)snprintf(pragmas, sizeof(pragmas),
		"PRAGMA journal_mode = %s; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
		journal_mode);
	return lq_store_execute(store, pragmas);
}

/* A database that lacks our tables, or has others of their names, was not written by us. */
static int judge(const struct lq_store *store, int r)
{
	return r == LQ_ERR_IO && sqlite3_errcode(store->db) == SQLITE_ERROR ? LQ_ERR_CORRUPT : r;
}

int lq_store_open_file(const char *path, const char *journal_mode, const struct lq_site *site,
	const struct lq_keys *keys, struct lq_store **ret_store, struct lq_store_report *report)
{
	struct lq_store *store = calloc(1, sizeof(*store));
	if (store == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	store->writable = true;
	store->logged = strcmp(journal_mode, "WAL") == 0;
	store->site = *site;
	store->keys = *keys;
	store->checkpoint_rows = CHECKPOINT_DEFAULT;
	int r = open_database(store, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	if (r == LQ_OK) {
		r = check_owner(store, &report->foreign);
	}
	if (r == LQ_OK) {
		r = configure(store, journal_mode);
	}
	if (r == LQ_OK) {
		(void)sqlite3_wal_hook(store->db, note_log, store);
		r = migrate(store, &report->schema_from);
	}
	if (r == LQ_OK) {
		r = check_content(store);
	}
	if (r == LQ_OK) {
		r = lq_import_sweep(store);
	}
	if (r == LQ_OK) {
		r = prepare_statements(store);
	}
	if (r == LQ_OK) {
		*ret_store = store;
		store = NULL;
	} else {
		r = judge(store, r);
		(void)snprintf(report->problem, sizeof(report->problem), "%.160s", store->error);
	}
	lq_store_close(store);
	return r;
}

static int open_reader(const char *name, int flags, struct lq_store **ret_store)
{
	uint32_t version = 0;
	struct lq_store *store = calloc(1, sizeof(*store));
	if (store == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = open_database(store, name, flags | SQLITE_OPEN_READONLY);
	if (r == LQ_OK) {
		r = user_version(store, &version);
	}
	if (r == LQ_OK) {
		*ret_store = store;
		store = NULL;
	}
	lq_store_close(store);
	return r;
}

/* A database in WAL mode that nobody has open can only be read by who may write to its folder (and
 * finds room there), unless SQLite is told that it does not change. That is so while there is no
 * write-ahead log. */
static int open_reader_at_rest(const char *path, struct lq_store **ret_store)
{
	struct stat found;
	char log[PATH_SIZE + sizeof("-wal")];
	char name[3 * PATH_SIZE + 32] = "file:";
	size_t length = strlen(name);
	(void)snprintf(log, sizeof(log), "%s-wal", path);
	if (stat(log, &found) == 0 ? found.st_size > 0 : errno != ENOENT) {
		return LQ_ERR_IO;
	}
	for (const char *c = path; *c != '\0'; c++) {
		bool plain = strchr("%?#", *c) == NULL;
		length += (size_t)snprintf(
			name + length, sizeof(name) - length, plain ? "%c" : "%%%02X", *c);
	}
	(void)snprintf(name + length, sizeof(name) - length, "?immutable=1");
	return open_reader(name, SQLITE_OPEN_URI, ret_store);
}

int lq_store_open_reader(const char *path, struct lq_store **ret_store)
{
	if (access(path, F_OK) != 0) {
		return errno == ENOENT ? LQ_ERR_NOT_FOUND : LQ_ERR_IO;
	}
	int r = open_reader(path, 0, ret_store);
	return r == LQ_ERR_IO ? open_reader_at_rest(path, ret_store) : r;
}

int lq_store_open_readonly(const char *folder, struct lq_store **ret_store)
{
	char path[PATH_SIZE];
	uint32_t version = 0;
	struct lq_store *store = NULL;
	int length = snprintf(path, sizeof(path), "%s/%s", folder, LQ_STORE_FILE);
	if (length < 0 || (size_t)length >= sizeof(path)) {
		return LQ_ERR_INVALID;
	}
	int r = lq_store_open_reader(path, &store);
	if (r != LQ_OK) {
		return r;
	}
	r = user_version(store, &version);
	if (r == LQ_OK && version != lq_migration_count) {
		r = LQ_ERR_UNSUPPORTED; /* a reader cannot migrate */
	}
	if (r != LQ_OK) {
		lq_store_close(store);
		return r;
	}
	*ret_store = store;
	return LQ_OK;
}

const char *lq_store_sqlite_version(void)
{
	return sqlite3_libversion();
}

#include "firmware/store/office.h"

#include "firmware/core/err.h"
#include "firmware/store/office_internal.h"

#include <string.h>

bool lq_office_part_empty(const struct lq_office_manifest *manifest, uint16_t part)
{
	static const uint8_t none[LQ_HASH_SIZE];
	return memcmp(manifest->hashes[part], none, LQ_HASH_SIZE) == 0;
}

bool lq_office_part_same(
	const struct lq_office_manifest *one, const struct lq_office_manifest *other, uint16_t part)
{
	return memcmp(one->hashes[part], other->hashes[part], LQ_HASH_SIZE) == 0;
}

uint16_t lq_office_difference(
	const struct lq_office_manifest *one, const struct lq_office_manifest *other)
{
	uint16_t count = 0;
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		if (!lq_office_part_same(one, other, i)) {
			count++;
		}
	}
	return count;
}

/* ---- reading ---- */

static int load_version(struct lq_store *store, struct lq_office_kept *kept)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, "SELECT kept, version, iat FROM office_roster", &statement);
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	if (r == 1) {
		int64_t version = sqlite3_column_int64(statement, 1);
		kept->kept = sqlite3_column_int(statement, 0) == 1;
		kept->manifest.version = version > 0 ? (uint64_t)version : 0;
		kept->manifest.iat_s = sqlite3_column_int64(statement, 2);
	}
	(void)sqlite3_finalize(statement);
	return r < 0 ? r : LQ_OK;
}

static int load_parts(struct lq_store *store, struct lq_office_manifest *manifest)
{
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(store, "SELECT part, hash FROM office_part", &statement);
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		int64_t part = sqlite3_column_int64(statement, 0);
		if (part >= 0 && part < LQ_OFFICE_PARTS &&
			sqlite3_column_bytes(statement, 1) == LQ_HASH_SIZE) {
			memcpy(manifest->hashes[part], sqlite3_column_blob(statement, 1),
				LQ_HASH_SIZE);
		}
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

int lq_office_load(struct lq_store *store, struct lq_office_kept *ret_kept)
{
	struct lq_office_kept kept = {.kept = false};
	int r = load_version(store, &kept);
	if (r == LQ_OK) {
		r = load_parts(store, &kept.manifest);
	}
	if (r == LQ_OK) {
		*ret_kept = kept;
	}
	return r;
}

/* ---- writing ---- */

static int run_with(struct lq_store *store, const char *sql, uint64_t version, int64_t iat_s)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)version);
	(void)sqlite3_bind_int64(statement, 2, iat_s);
	r = lq_store_step(store, statement);
	(void)sqlite3_finalize(statement);
	return r;
}

static int in_transaction(struct lq_store *store, const char *sql, uint64_t version, int64_t iat_s)
{
	int r = lq_store_begin(store);
	return r == LQ_OK ? lq_store_end(store, run_with(store, sql, version, iat_s)) : r;
}

int lq_office_renew(struct lq_store *store, uint64_t version, int64_t iat_s)
{
	return in_transaction(store,
		"UPDATE office_roster SET iat = ?2 WHERE version = ?1 AND iat < ?2", version,
		iat_s);
}

int lq_office_release(struct lq_store *store)
{
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	return lq_store_end(
		store, lq_store_execute(store,
			       "DELETE FROM office_part; UPDATE office_roster SET kept = 0"));
}

static int put_part(sqlite3_stmt *statement, struct lq_store *store,
	const struct lq_office_manifest *manifest, uint16_t part)
{
	if (lq_office_part_empty(manifest, part)) {
		return LQ_OK;
	}
	(void)sqlite3_bind_int(statement, 1, part);
	(void)sqlite3_bind_blob(statement, 2, manifest->hashes[part], LQ_HASH_SIZE, SQLITE_STATIC);
	int r = lq_store_step(store, statement);
	(void)sqlite3_reset(statement);
	return r;
}

int lq_office_put(struct lq_store *store, const struct lq_office_manifest *manifest)
{
	sqlite3_stmt *statement = NULL;
	int r = run_with(store,
		"INSERT OR REPLACE INTO office_roster (id, kept, version, iat) "
		"VALUES (1, 1, ?1, ?2)",
		manifest->version, manifest->iat_s);
	if (r == LQ_OK) {
		r = lq_store_execute(store, "DELETE FROM office_part");
	}
	if (r == LQ_OK) {
		r = lq_store_prepare(
			store, "INSERT INTO office_part (part, hash) VALUES (?1, ?2)", &statement);
	}
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS && r == LQ_OK; i++) {
		r = put_part(statement, store, manifest, i);
	}
	(void)sqlite3_finalize(statement);
	return r;
}

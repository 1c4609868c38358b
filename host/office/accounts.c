#include "host/office/accounts.h"

#include "firmware/core/err.h"

#include <stdio.h>
#include <string.h>

const char *const lq_account_roles[] = {"operator", "manager", "auditor", NULL};
const char *const lq_account_languages[] = {[LQ_LANGUAGE_EN] = "en", [LQ_LANGUAGE_FR] = "fr", NULL};

#define COLUMNS "id, name, role, language, salt, hash, cost, block, parallel"

static void copy_blob(struct lq_rows *rows, int column, uint8_t *out, size_t size)
{
	struct lq_blob blob = lq_rows_blob(rows, column);
	memset(out, 0, size);
	if (blob.bytes != NULL && blob.length == size) {
		memcpy(out, blob.bytes, size);
	}
}

static int take_account(struct lq_rows *rows, struct lq_account *account)
{
	int r = lq_rows_next(rows);
	if (r == 1) {
		memset(account, 0, sizeof(*account));
		account->id = lq_rows_integer(rows, 0);
		(void)snprintf(account->name, sizeof(account->name), "%s", lq_rows_text(rows, 1));
		(void)snprintf(account->role, sizeof(account->role), "%s", lq_rows_text(rows, 2));
		(void)snprintf(
			account->language, sizeof(account->language), "%s", lq_rows_text(rows, 3));
		copy_blob(rows, 4, account->password.salt, sizeof(account->password.salt));
		copy_blob(rows, 5, account->password.hash, sizeof(account->password.hash));
		account->password.cost = (uint32_t)lq_rows_integer(rows, 6);
		account->password.block = (uint32_t)lq_rows_integer(rows, 7);
		account->password.parallel = (uint32_t)lq_rows_integer(rows, 8);
	}
	lq_rows_end(rows);
	return r == 0 ? LQ_ERR_NOT_FOUND : r == 1 ? LQ_OK : r;
}

int lq_account_by_name(struct lq_db *db, const char *name, struct lq_account *ret_account)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(
		db, &rows, "SELECT " COLUMNS " FROM account WHERE name = ?1", "t", name);
	return r == LQ_OK ? take_account(rows, ret_account) : r;
}

int lq_account_by_id(struct lq_db *db, int64_t id, struct lq_account *ret_account)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, "SELECT " COLUMNS " FROM account WHERE id = ?1", "i", id);
	return r == LQ_OK ? take_account(rows, ret_account) : r;
}

int lq_account_add(
	struct lq_db *db, const struct lq_account *account, int64_t now_ms, int64_t *ret_id)
{
	const struct lq_password *password = &account->password;
	const struct lq_blob salt = {password->salt, sizeof(password->salt)};
	const struct lq_blob hash = {password->hash, sizeof(password->hash)};
	return lq_db_insert(db, ret_id,
		"INSERT INTO account (name, role, language, salt, hash, cost, block, parallel, "
		"made) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
		"ON CONFLICT DO NOTHING RETURNING id",
		"tttbbiiii", account->name, account->role, account->language, &salt, &hash,
		(int64_t)password->cost, (int64_t)password->block, (int64_t)password->parallel,
		now_ms);
}

int lq_account_set_password(struct lq_db *db, int64_t id, const struct lq_password *password)
{
	const struct lq_blob salt = {password->salt, sizeof(password->salt)};
	const struct lq_blob hash = {password->hash, sizeof(password->hash)};
	int64_t done = lq_db_run(db,
		"UPDATE account SET salt = ?2, hash = ?3, cost = ?4, block = ?5, parallel = ?6 "
		"WHERE id = ?1",
		"ibbiii", id, &salt, &hash, (int64_t)password->cost, (int64_t)password->block,
		(int64_t)password->parallel);
	done = done >= 0 ? lq_db_run(db, "DELETE FROM login WHERE account = ?1", "i", id) : done;
	return done < 0 ? (int)done : LQ_OK;
}

int lq_account_count(struct lq_db *db, int64_t *ret_count)
{
	return lq_db_integer(db, ret_count, 0, "SELECT count(*) FROM account", "");
}

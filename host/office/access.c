#include "host/office/access.h"

#include "firmware/core/base64url.h"
#include "firmware/core/err.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#define TOUCH_MS  60000
#define DAY_MS    (INT64_C(24) * 3600 * 1000)
#define BIT(name) (UINT32_C(1) << LQ_SCOPE_##name)

uint32_t lq_role_scopes(const char *role)
{
	static const struct {
		const char *role;
		uint32_t scopes;
	} roles[] = {
		{"operator", BIT(NOW) | BIT(DOORS) | BIT(PEOPLE)},
		{"manager", BIT(NOW) | BIT(DOORS) | BIT(PEOPLE) | BIT(HISTORY) | BIT(FIGURES) |
				    BIT(SETTINGS)},
		{"auditor", BIT(FIGURES) | BIT(AUDIT)},
	};
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(roles[i].role, role) == 0) {
			return roles[i].scopes;
		}
	}
	return 0;
}

const char *lq_scope_word(enum lq_scope scope)
{
	switch (scope) {
	case LQ_SCOPE_NOW:
		return "now";
	case LQ_SCOPE_DOORS:
		return "doors";
	case LQ_SCOPE_PEOPLE:
		return "people";
	case LQ_SCOPE_HISTORY:
		return "history";
	case LQ_SCOPE_FIGURES:
		return "figures";
	case LQ_SCOPE_AUDIT:
		return "audit";
	case LQ_SCOPE_SETTINGS:
		return "settings";
	case LQ_SCOPE_NOBODY:
	case LQ_SCOPES:
		break;
	}
	return NULL;
}

enum lq_scope lq_scope_of_word(const char *word)
{
	for (int i = LQ_SCOPE_NOBODY + 1; i < LQ_SCOPES; i++) {
		if (strcmp(lq_scope_word((enum lq_scope)i), word) == 0) {
			return (enum lq_scope)i;
		}
	}
	return LQ_SCOPES;
}

json_t *lq_scopes_json(uint32_t scopes)
{
	json_t *list = json_array();
	for (int i = LQ_SCOPE_NOBODY + 1; i < LQ_SCOPES; i++) {
		if ((scopes & (UINT32_C(1) << i)) != 0) {
			(void)json_array_append_new(
				list, json_string(lq_scope_word((enum lq_scope)i)));
		}
	}
	return list;
}

/* ---- secrets ---- */

int lq_access_secret(char ret_secret[LQ_SECRET_TEXT_SIZE])
{
	uint8_t bytes[32];
	if (RAND_bytes(bytes, (int)sizeof(bytes)) != 1) {
		return LQ_ERR_IO;
	}
	lq_base64url_encode(bytes, sizeof(bytes), ret_secret);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return LQ_OK;
}

void lq_access_hash(const char *secret, uint8_t ret_hash[LQ_SECRET_HASH_SIZE])
{
	(void)SHA256((const unsigned char *)secret, strlen(secret), ret_hash);
}

void lq_access_csrf(const char *secret, char ret_csrf[LQ_SECRET_TEXT_SIZE])
{
	char text[LQ_SECRET_TEXT_SIZE + 8];
	uint8_t hash[LQ_SECRET_HASH_SIZE];
	(void)snprintf(text, sizeof(text), "csrf:%s", secret);
	lq_access_hash(text, hash);
	lq_base64url_encode(hash, sizeof(hash), ret_csrf);
}

static bool take_secret(const char *text, size_t length, char ret_secret[LQ_SECRET_TEXT_SIZE])
{
	uint8_t bytes[32];
	size_t count = 0;
	if (length != LQ_SECRET_TEXT_SIZE - 1 ||
		lq_base64url_decode(text, length, bytes, sizeof(bytes), &count) != LQ_OK) {
		return false;
	}
	memcpy(ret_secret, text, length);
	ret_secret[length] = '\0';
	return true;
}

bool lq_access_cookie(const struct lq_exchange *exchange, char ret_secret[LQ_SECRET_TEXT_SIZE])
{
	static const char name[] = LQ_COOKIE_NAME "=";
	const char *at = exchange->cookie;
	while (at != NULL && *at != '\0') {
		at += strspn(at, "; ");
		size_t length = strcspn(at, ";");
		if (strncmp(at, name, sizeof(name) - 1) == 0) {
			return take_secret(
				at + sizeof(name) - 1, length - (sizeof(name) - 1), ret_secret);
		}
		at += length;
	}
	return false;
}

bool lq_access_csrf_holds(const struct lq_exchange *exchange)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	char csrf[LQ_SECRET_TEXT_SIZE];
	if (exchange->csrf == NULL || !lq_access_cookie(exchange, secret)) {
		return false;
	}
	lq_access_csrf(secret, csrf);
	return strlen(exchange->csrf) == sizeof(csrf) - 1 &&
	       CRYPTO_memcmp(exchange->csrf, csrf, sizeof(csrf) - 1) == 0;
}

static bool bearer(const struct lq_exchange *exchange, char ret_secret[LQ_SECRET_TEXT_SIZE])
{
	static const char scheme[] = "Bearer " LQ_TOKEN_PREFIX;
	const char *text = exchange->authorization;
	return text != NULL && strncasecmp(text, scheme, sizeof(scheme) - 1) == 0 &&
	       take_secret(
		       text + sizeof(scheme) - 1, strlen(text) - (sizeof(scheme) - 1), ret_secret);
}

/* ---- who that is ---- */

static int find_login(struct lq_db *db, const struct lq_blob *hash, int64_t now_ms,
	struct lq_identity *identity, int64_t *used_ms)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT account.id, account.name, account.role, login.used FROM login "
		"JOIN account ON account.id = login.account "
		"WHERE login.hash = ?1 AND login.used > ?2 AND login.made > ?3",
		"bii", hash, now_ms - LQ_SESSION_IDLE_MS, now_ms - LQ_SESSION_AGE_MS);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		identity->caller.account = lq_rows_integer(rows, 0);
		(void)snprintf(identity->name, sizeof(identity->name), "%s", lq_rows_text(rows, 1));
		identity->caller.scopes |= lq_role_scopes(lq_rows_text(rows, 2));
		identity->by_cookie = true;
		*used_ms = lq_rows_integer(rows, 3);
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

/* `noted`: the request was, when it came. */
static int identify_login(struct lq_db *db, const char *secret, int64_t now_ms, bool noted,
	struct lq_identity *identity)
{
	uint8_t bytes[LQ_SECRET_HASH_SIZE];
	const struct lq_blob hash = {bytes, sizeof(bytes)};
	int64_t used_ms = now_ms;
	lq_access_hash(secret, bytes);
	int r = find_login(db, &hash, now_ms, identity, &used_ms);
	if (r == LQ_OK && !noted && identity->by_cookie && now_ms - used_ms > TOUCH_MS) {
		int64_t touched = lq_db_run(
			db, "UPDATE login SET used = ?2 WHERE hash = ?1", "bi", &hash, now_ms);
		r = touched < 0 ? (int)touched : LQ_OK;
	}
	return r;
}

static int identify_token(struct lq_db *db, const char *secret, int64_t now_ms, bool noted,
	struct lq_identity *identity)
{
	uint8_t bytes[LQ_SECRET_HASH_SIZE];
	const struct lq_blob hash = {bytes, sizeof(bytes)};
	struct lq_rows *rows = NULL;
	int64_t today = now_ms - now_ms % DAY_MS;
	bool stale = false;
	lq_access_hash(secret, bytes);
	int r = lq_db_query(
		db, &rows, "SELECT name, scopes, used FROM token WHERE hash = ?1", "b", &hash);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		(void)snprintf(
			identity->name, sizeof(identity->name), "token:%s", lq_rows_text(rows, 0));
		identity->caller.scopes |= (uint32_t)lq_rows_integer(rows, 1);
		stale = lq_rows_integer(rows, 2) < today;
	}
	lq_rows_end(rows);
	if (r == 1 && !noted && stale) {
		int64_t touched = lq_db_run(
			db, "UPDATE token SET used = ?2 WHERE hash = ?1", "bi", &hash, today);
		r = touched < 0 ? (int)touched : LQ_OK;
	}
	return r < 0 ? r : LQ_OK;
}

static int identify(struct lq_db *db, const struct lq_exchange *exchange, int64_t now_ms,
	bool noted, struct lq_identity *ret_identity)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	int r = LQ_OK;
	memset(ret_identity, 0, sizeof(*ret_identity));
	ret_identity->caller.name = ret_identity->name;
	ret_identity->caller.scopes = BIT(NOBODY);
	if (bearer(exchange, secret)) {
		r = identify_token(db, secret, now_ms, noted, ret_identity);
	} else if (exchange->authorization == NULL && lq_access_cookie(exchange, secret)) {
		r = identify_login(db, secret, now_ms, noted, ret_identity);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	return r;
}

int lq_access_identify(struct lq_db *db, const struct lq_exchange *exchange, int64_t now_ms,
	struct lq_identity *ret_identity)
{
	return identify(db, exchange, now_ms, false, ret_identity);
}

int lq_access_look_again(struct lq_db *db, const struct lq_exchange *exchange, int64_t now_ms,
	struct lq_identity *ret_identity)
{
	return identify(db, exchange, now_ms, true, ret_identity);
}

/* Any cookie, authorization and X-Loquet-CSRF, a line each: whoever they do not prove is nobody,
 * and what they prove is what stands in them. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/access.h"
#include "host/office/books_internal.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define NOW_MS  INT64_C(1800000000000)
#define SESSION "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
#define TOKEN   "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE"

static struct lq_db *db;

static void keep(const char *sql, const char *secret)
{
	uint8_t bytes[LQ_SECRET_HASH_SIZE];
	const struct lq_blob hash = {bytes, sizeof(bytes)};
	lq_access_hash(secret, bytes);
	LQ_ASSERT(lq_db_run(db, sql, "bi", &hash, NOW_MS - 1000) == 1);
}

static void begin(void)
{
	if (db != NULL) {
		return;
	}
	LQ_ASSERT(lq_db_open_sqlite(":memory:", LQ_DB_KEEP, &db) == LQ_OK);
	LQ_ASSERT(lq_db_migrate(db, lq_office_migrations, lq_office_migration_count) == LQ_OK);
	LQ_ASSERT(
		lq_db_run(db,
			"INSERT INTO account (id, name, role, language, salt, hash, cost, block, "
			"parallel, made) VALUES (1, 'desk', 'operator', 'en', x'', x'', 15, 8, 1, "
			"1)",
			"") == 1);
	keep("INSERT INTO login (hash, account, made, used) VALUES (?1, 1, ?2, ?2)", SESSION);
	keep("INSERT INTO token (name, hash, scopes, made, used) VALUES ('billing', ?1, 2, ?2, ?2)",
		TOKEN);
}

static bool holds(const char *text, const char *secret)
{
	return text != NULL && strstr(text, secret) != NULL;
}

static bool is_the_desk(const struct lq_identity *identity, const struct lq_exchange *exchange)
{
	return holds(exchange->cookie, "loquet=" SESSION) && exchange->authorization == NULL &&
	       strcmp(identity->name, "desk") == 0 && identity->caller.account == 1;
}

static bool is_the_program(const struct lq_identity *identity, const struct lq_exchange *exchange)
{
	return holds(exchange->authorization, TOKEN) &&
	       strcmp(identity->name, "token:billing") == 0 && identity->caller.account == 0;
}

static bool is_nobody(const struct lq_identity *identity)
{
	return identity->name[0] == '\0' && identity->caller.account == 0 &&
	       identity->caller.scopes == 1u << LQ_SCOPE_NOBODY;
}

/* Who it is has shown the secret whole; a bearer counts before any cookie. */
static void check_identity(const struct lq_exchange *exchange)
{
	struct lq_identity identity;
	LQ_ASSERT(lq_access_identify(db, exchange, NOW_MS, &identity) == LQ_OK);
	LQ_ASSERT(identity.by_cookie ? is_the_desk(&identity, exchange)
				     : is_nobody(&identity) || is_the_program(&identity, exchange));
}

static void check_cookie(const struct lq_exchange *exchange)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	char csrf[LQ_SECRET_TEXT_SIZE];
	bool found = lq_access_cookie(exchange, secret);
	if (found) {
		LQ_ASSERT(strlen(secret) == LQ_SECRET_TEXT_SIZE - 1);
		LQ_ASSERT(holds(exchange->cookie, secret));
		lq_access_csrf(secret, csrf);
	}
	bool same = found && exchange->csrf != NULL && strcmp(exchange->csrf, csrf) == 0;
	LQ_ASSERT(lq_access_csrf_holds(exchange) == same);
}

/* Cuts a line off; NULL: there is none, or it is empty. */
static const char *line_of(char **rest)
{
	char *line = strsep(rest, "\n");
	return line != NULL && *line != '\0' ? line : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = strndup((const char *)bytes, length);
	char *rest = text;
	LQ_ASSERT(text != NULL);
	begin();
	const char *cookie = line_of(&rest);
	const char *authorization = line_of(&rest);
	const struct lq_exchange exchange = {
		.cookie = cookie, .authorization = authorization, .csrf = line_of(&rest)};
	check_cookie(&exchange);
	check_identity(&exchange);
	free(text);
	return 0;
}

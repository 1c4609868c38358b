#include "firmware/core/err.h"
#include "host/office/accounts.h"
#include "host/office/api_access.h"
#include "host/office/body.h"
#include "host/office/derivation.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

struct wish {
	char name[LQ_NAME_SIZE];
	int role;
	int language;
	char password[LQ_PASSWORD_MAX + 1];
};

static const struct lq_field fields[] = {
	{.key = "name",
		.type = LQ_FIELD_NAME,
		.offset = offsetof(struct wish, name),
		.size = LQ_NAME_SIZE},
	{.key = "role",
		.type = LQ_FIELD_WORD,
		.offset = offsetof(struct wish, role),
		.words = lq_account_roles},
	{.key = "password",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct wish, password),
		.size = LQ_PASSWORD_MAX + 1},
	{.key = "language",
		.type = LQ_FIELD_WORD,
		.offset = offsetof(struct wish, language),
		.words = lq_account_languages},
};

enum { NAME = 1, ROLE = 2, PASSWORD = 4, LANGUAGE = 8 };

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static json_t *account_json(int64_t id, const char *name, const char *role, const char *language)
{
	return json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "name", name, "role", role,
		"language", language);
}

static int list_accounts(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_rows *rows = NULL;
	json_t *items = json_array();
	int r = lq_db_query(request->db, &rows,
		"SELECT id, name, role, language FROM account ORDER BY name", "");
	while (r >= 0 && rows != NULL && (r = lq_rows_next(rows)) == 1) {
		(void)json_array_append_new(
			items, account_json(lq_rows_integer(rows, 0), lq_rows_text(rows, 1),
				       lq_rows_text(rows, 2), lq_rows_text(rows, 3)));
	}
	lq_rows_end(rows);
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return r < 0 ? lq_problem_db(request, answer, r) : 0;
}

static int refuse_password(
	const struct lq_request *request, struct lq_answer *answer, const struct wish *wish)
{
	return strlen(wish->password) >= LQ_PASSWORD_MIN
		       ? 0
		       : lq_problem(request, answer, 400, "invalid", "/password",
				 "a password has 10 to 128 bytes",
				 "un mot de passe a de 10 à 128 octets");
}

static int note(const struct lq_request *request, const char *act, int64_t id)
{
	char object[40];
	(void)snprintf(object, sizeof(object), "account/%lld", (long long)id);
	lq_announce(request, "settings");
	return lq_audit(request, act, object, "");
}

static int add_account(
	const struct lq_request *request, struct lq_answer *answer, const struct wish *wish)
{
	struct lq_account account = {0};
	(void)snprintf(account.name, sizeof(account.name), "%s", wish->name);
	(void)snprintf(account.role, sizeof(account.role), "%s", lq_account_roles[wish->role]);
	(void)snprintf(account.language, sizeof(account.language), "%s",
		lq_account_languages[wish->language]);
	int r = lq_derivation_make(request, wish->password, &account.password);
	if (r == LQ_ERR_BUSY) {
		return lq_derivation_later(request, answer);
	}
	r = r == LQ_OK ? lq_account_add(request->db, &account, request->now_ms, &account.id) : r;
	if (r == LQ_ERR_EXISTS) {
		return lq_problem(request, answer, 409, "exists", "/name",
			"there is an account of this name", "ce nom de compte est déjà pris");
	}
	r = r == LQ_OK ? note(request, "account.add", account.id) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	(void)snprintf(answer->location, sizeof(answer->location), "/api/v1/accounts/%lld",
		(long long)account.id);
	answer->json = account_json(account.id, account.name, account.role, account.language);
	return 201;
}

/* A token may do no more than who makes it, and an account may do everything: tokens make none. */
static int refuse_token(const struct lq_request *request, struct lq_answer *answer)
{
	return request->caller.account != 0
		       ? 0
		       : lq_problem(request, answer, 403, "account_needed", NULL,
				 "only who is logged in may change accounts",
				 "seule une personne connectée peut changer les comptes");
}

static int post_account(const struct lq_request *request, struct lq_answer *answer)
{
	struct wish wish = {.language = (int)request->language};
	uint32_t given = 0;
	int status = refuse_token(request, answer);
	status =
		status == 0 ? lq_body_read(request, answer, fields, FIELDS, &wish, &given) : status;
	status = status == 0 ? lq_body_need(request, answer, fields, FIELDS, NAME | ROLE | PASSWORD,
				       given)
			     : status;
	status = status == 0 ? refuse_password(request, answer, &wish) : status;
	status = status == 0 ? add_account(request, answer, &wish) : status;
	OPENSSL_cleanse(&wish, sizeof(wish));
	return status;
}

/* The account that the path names. */
static int find_account(
	const struct lq_request *request, struct lq_answer *answer, struct lq_account *ret_account)
{
	int status = refuse_token(request, answer);
	if (status != 0) {
		return status;
	}
	int64_t id = lq_parse_number(request->parameters[0]);
	int r = id > 0 ? lq_account_by_id(request->db, id, ret_account) : LQ_ERR_NOT_FOUND;
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"there is no such account", "ce compte n’existe pas");
	}
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

/* Somebody has to be left who can let others in. */
static int keep_a_manager(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_account *account)
{
	int64_t others = 0;
	if (strcmp(account->role, "manager") != 0) {
		return 0;
	}
	int r = lq_db_integer(request->db, &others, 0,
		"SELECT count(*) FROM account WHERE role = 'manager' AND id <> ?1", "i",
		account->id);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	return others > 0 ? 0
			  : lq_problem(request, answer, 409, "last_manager", NULL,
				    "this is the last manager: name another one first",
				    "c’est le dernier gérant : nommez-en d’abord un autre");
}

static int change_password(
	const struct lq_request *request, const struct lq_account *account, const char *text)
{
	struct lq_password password = {.cost = 0};
	int r = lq_derivation_make(request, text, &password);
	return r == LQ_OK ? lq_account_set_password(request->db, account->id, &password) : r;
}

static int change_account(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_account *account, const struct wish *wish, uint32_t given)
{
	int64_t done = lq_db_run(request->db,
		"UPDATE account SET name = ?2, role = ?3, language = ?4 WHERE id = ?1", "ittt",
		account->id, (given & NAME) != 0 ? wish->name : account->name,
		(given & ROLE) != 0 ? lq_account_roles[wish->role] : account->role,
		(given & LANGUAGE) != 0 ? lq_account_languages[wish->language] : account->language);
	int r = done < 0 ? (int)done : LQ_OK;
	if (r == LQ_ERR_EXISTS) {
		return lq_problem(request, answer, 409, "exists", "/name",
			"there is an account of this name", "ce nom de compte est déjà pris");
	}
	if (r == LQ_OK && (given & PASSWORD) != 0) {
		r = change_password(request, account, wish->password);
	}
	if (r == LQ_ERR_BUSY) {
		return lq_derivation_later(request, answer);
	}
	r = r == LQ_OK ? note(request, "account.change", account->id) : r;
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

static int patch_account(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_account account = {0};
	struct wish wish = {0};
	uint32_t given = 0;
	int status = find_account(request, answer, &account);
	status =
		status == 0 ? lq_body_read(request, answer, fields, FIELDS, &wish, &given) : status;
	if (status == 0 && (given & PASSWORD) != 0) {
		status = refuse_password(request, answer, &wish);
	}
	if (status == 0 && (given & ROLE) != 0 &&
		strcmp(lq_account_roles[wish.role], "manager") != 0) {
		status = keep_a_manager(request, answer, &account);
	}
	status = status == 0 ? change_account(request, answer, &account, &wish, given) : status;
	OPENSSL_cleanse(&wish, sizeof(wish));
	if (status != 0) {
		return status;
	}
	status = find_account(request, answer, &account);
	if (status == 0) {
		answer->json =
			account_json(account.id, account.name, account.role, account.language);
	}
	return status;
}

static int delete_account(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_account account = {0};
	int status = find_account(request, answer, &account);
	status = status == 0 ? keep_a_manager(request, answer, &account) : status;
	if (status != 0) {
		return status;
	}
	int64_t done = lq_db_run(request->db, "DELETE FROM account WHERE id = ?1", "i", account.id);
	int r = done < 0 ? (int)done : note(request, "account.remove", account.id);
	return r == LQ_OK ? 204 : lq_problem_db(request, answer, r);
}

const struct lq_route lq_routes_accounts[] = {
	{"GET", "/accounts", LQ_SCOPE_SETTINGS, list_accounts},
	{"POST", "/accounts", LQ_SCOPE_SETTINGS, post_account},
	{"PATCH", "/accounts/{id}", LQ_SCOPE_SETTINGS, patch_account},
	{"DELETE", "/accounts/{id}", LQ_SCOPE_SETTINGS, delete_account},
};

const size_t lq_routes_accounts_count = sizeof(lq_routes_accounts) / sizeof(lq_routes_accounts[0]);

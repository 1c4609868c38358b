#include "firmware/core/err.h"
#include "host/office/access.h"
#include "host/office/api_access.h"
#include "host/office/body.h"

#include <openssl/crypto.h>
#include <stdio.h>

struct wish {
	char name[LQ_NAME_SIZE];
	const json_t *scopes;
};

static const struct lq_field fields[] = {
	{.key = "name",
		.type = LQ_FIELD_NAME,
		.offset = offsetof(struct wish, name),
		.size = LQ_NAME_SIZE},
	{.key = "scopes", .type = LQ_FIELD_JSON, .offset = offsetof(struct wish, scopes)},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static int list_tokens(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_rows *rows = NULL;
	json_t *items = json_array();
	int r = lq_db_query(request->db, &rows,
		"SELECT id, name, scopes, made, used FROM token ORDER BY name", "");
	while (r >= 0 && rows != NULL && (r = lq_rows_next(rows)) == 1) {
		(void)json_array_append_new(items,
			json_pack("{s:I, s:s, s:o, s:o, s:o}", "id",
				(json_int_t)lq_rows_integer(rows, 0), "name", lq_rows_text(rows, 1),
				"scopes", lq_scopes_json((uint32_t)lq_rows_integer(rows, 2)),
				"made", lq_json_time(lq_rows_integer(rows, 3)), "lastUsed",
				lq_json_time(lq_rows_integer(rows, 4))));
	}
	lq_rows_end(rows);
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return r < 0 ? lq_problem_db(request, answer, r) : 0;
}

/* 0: not a list of one or more of our words. */
static uint32_t read_scopes(const json_t *list)
{
	uint32_t scopes = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));
		enum lq_scope scope = word != NULL ? lq_scope_of_word(word) : LQ_SCOPES;
		if (scope == LQ_SCOPES) {
			return 0;
		}
		scopes |= UINT32_C(1) << scope;
	}
	return scopes;
}

static int note(const struct lq_request *request, const char *act, int64_t id)
{
	char object[40];
	(void)snprintf(object, sizeof(object), "token/%lld", (long long)id);
	lq_announce(request, "settings");
	return lq_audit(request, act, object, "");
}

static int insert(const struct lq_request *request, const struct wish *wish, const char *secret,
	uint32_t scopes, int64_t *ret_id)
{
	uint8_t bytes[LQ_SECRET_HASH_SIZE];
	const struct lq_blob hash = {bytes, sizeof(bytes)};
	lq_access_hash(secret, bytes);
	return lq_db_insert(request->db, ret_id,
		"INSERT INTO token (name, hash, scopes, made) VALUES (?1, ?2, ?3, ?4) "
		"ON CONFLICT DO NOTHING RETURNING id",
		"tbii", wish->name, &hash, (int64_t)scopes, request->now_ms);
}

static int make_token(const struct lq_request *request, struct lq_answer *answer,
	const struct wish *wish, uint32_t scopes)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	char text[LQ_SECRET_TEXT_SIZE + sizeof(LQ_TOKEN_PREFIX)];
	int64_t id = 0;
	int r = lq_access_secret(secret);
	r = r == LQ_OK ? insert(request, wish, secret, scopes, &id) : r;
	if (r == LQ_ERR_EXISTS) {
		return lq_problem(request, answer, 409, "exists", "/name",
			"there is a token of this name", "ce nom de jeton est déjà pris");
	}
	r = r == LQ_OK ? note(request, "token.make", id) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	(void)snprintf(text, sizeof(text), "%s%s", LQ_TOKEN_PREFIX, secret);
	answer->json = json_pack("{s:I, s:s, s:o, s:s}", "id", (json_int_t)id, "name", wish->name,
		"scopes", lq_scopes_json(scopes), "secret", text);
	(void)snprintf(
		answer->location, sizeof(answer->location), "/api/v1/tokens/%lld", (long long)id);
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
	return 201;
}

/* A token may do no more than who makes it, but for the audit, which no other program can be given
 * otherwise: managers answer for it. */
static int post_token(const struct lq_request *request, struct lq_answer *answer)
{
	struct wish wish = {0};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, fields, FIELDS, &wish, &given);
	status = status == 0 ? lq_body_need(request, answer, fields, FIELDS, 3, given) : status;
	if (status != 0) {
		return status;
	}
	uint32_t scopes = read_scopes(json_object_get(request->body, "scopes"));
	if (scopes == 0) {
		return lq_problem(request, answer, 400, "invalid", "/scopes",
			"scopes: expected one or more of now, doors, people, history, figures, "
			"audit, settings",
			"scopes : attendu un ou plusieurs de now, doors, people, history, figures, "
			"audit, settings");
	}
	if ((scopes & ~(request->caller.scopes | UINT32_C(1) << LQ_SCOPE_AUDIT)) != 0) {
		return lq_problem(request, answer, 403, "scope", "/scopes",
			"a token may do no more than you",
			"un jeton ne peut rien de plus que vous");
	}
	return make_token(request, answer, &wish, scopes);
}

static int delete_token(const struct lq_request *request, struct lq_answer *answer)
{
	int64_t id = lq_parse_number(request->parameters[0]);
	int64_t done =
		id > 0 ? lq_db_run(request->db, "DELETE FROM token WHERE id = ?1", "i", id) : 0;
	if (done == 0) {
		return lq_problem(request, answer, 404, "not_found", NULL, "there is no such token",
			"ce jeton n’existe pas");
	}
	int r = done < 0 ? (int)done : note(request, "token.remove", id);
	return r == LQ_OK ? 204 : lq_problem_db(request, answer, r);
}

const struct lq_route lq_routes_tokens[] = {
	{"GET", "/tokens", LQ_SCOPE_SETTINGS, list_tokens},
	{"POST", "/tokens", LQ_SCOPE_SETTINGS, post_token},
	{"DELETE", "/tokens/{id}", LQ_SCOPE_SETTINGS, delete_token},
};

const size_t lq_routes_tokens_count = sizeof(lq_routes_tokens) / sizeof(lq_routes_tokens[0]);

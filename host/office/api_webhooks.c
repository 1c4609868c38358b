#include "host/office/api_webhooks.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/webhook_error.h"
#include "host/office/webhook_visits.h"
#include "host/office/webhooks.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OLD_SECRET_MS (INT64_C(24) * 3600 * 1000)
#define URL_TEXT_SIZE 2052u /* what is too long is read, too, so that it can be told */

const struct lq_route lq_routes_webhooks[] = {
	{"GET", "/webhooks", LQ_SCOPE_SETTINGS, lq_api_webhooks_list},
	{"POST", "/webhooks", LQ_SCOPE_SETTINGS, lq_api_webhooks_add},
	{"GET", "/webhooks/{webhook}", LQ_SCOPE_SETTINGS, lq_api_webhooks_get},
	{"PATCH", "/webhooks/{webhook}", LQ_SCOPE_SETTINGS, lq_api_webhooks_change},
	{"DELETE", "/webhooks/{webhook}", LQ_SCOPE_SETTINGS, lq_api_webhooks_remove},
	{"GET", "/webhooks/{webhook}/deliveries", LQ_SCOPE_SETTINGS, lq_api_webhooks_deliveries},
	{"POST", "/webhooks/{webhook}/secret", LQ_SCOPE_SETTINGS, lq_api_webhooks_renew},
	{"POST", "/webhooks/{webhook}/test", LQ_SCOPE_SETTINGS, lq_api_webhooks_test},
};

const size_t lq_routes_webhooks_count = sizeof(lq_routes_webhooks) / sizeof(lq_routes_webhooks[0]);

/* ---- what is shown ---- */

static const char *state_of(const struct lq_webhook *webhook)
{
	if (webhook->ended_ms != 0) {
		return webhook->gone ? "gone" : "paused";
	}
	return webhook->failing_ms != 0 ? "failing" : "active";
}

static json_t *webhook_json(const struct lq_webhook *webhook)
{
	return json_pack("{s:I, s:s, s:o, s:b, s:s, s:o, s:o, s:o, s:I, s:s, s:o}", "id",
		(json_int_t)webhook->id, "url", webhook->url, "types",
		lq_webhook_types_json(webhook->types), "active", (int)(webhook->ended_ms == 0),
		"state", state_of(webhook), "failingSince", lq_json_time(webhook->failing_ms),
		"ended", lq_json_time(webhook->ended_ms), "lastDelivered",
		lq_json_time(webhook->arrived_ms), "waiting", (json_int_t)webhook->waiting, "by",
		webhook->author, "made", lq_json_time(webhook->made_ms));
}

int lq_api_webhooks_list(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_webhook webhook = {0};
	json_t *items = json_array();
	int r = LQ_OK;
	while ((r = lq_webhook_next(request->db, webhook.id, &webhook)) == LQ_OK) {
		(void)json_array_append_new(items, webhook_json(&webhook));
	}
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return r == LQ_ERR_NOT_FOUND ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

/* ---- one of them ---- */

/* 0, or the status of why there is none. */
static int find(
	const struct lq_request *request, struct lq_answer *answer, struct lq_webhook *ret_webhook)
{
	const char *text = request->parameters[0];
	size_t digits = strspn(text, "0123456789");
	int64_t id =
		digits > 0 && digits < 19 && text[digits] == '\0' ? strtoll(text, NULL, 10) : 0;
	int r = lq_webhook_get(request->db, id, ret_webhook);
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"there is no such webhook", "ce webhook n’existe pas");
	}
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

int lq_api_webhooks_get(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_webhook webhook;
	int status = find(request, answer, &webhook);
	if (status != 0) {
		return status;
	}
	answer->json = webhook_json(&webhook);
	return answer->status = 200;
}

/* An address may hold a secret: the audit has where it leads, no more. */
static int note(const struct lq_request *request, const char *act, const struct lq_webhook *webhook)
{
	char object[40];
	char host[LQ_WEBHOOK_HOST_SIZE];
	(void)snprintf(object, sizeof(object), "webhook/%lld", (long long)webhook->id);
	lq_webhook_url_host(webhook->url, host);
	lq_announce(request, "settings");
	return lq_audit(request, act, object, host);
}

/* ---- what may be set ---- */

struct wish {
	char url[URL_TEXT_SIZE];
	const json_t *types;
	bool active;
};

enum { URL, TYPES, ACTIVE };

#define WISH(member) .offset = offsetof(struct wish, member)

static const struct lq_field fields[] = {
	[URL] = {.key = "url", .type = LQ_FIELD_TEXT, WISH(url), .size = URL_TEXT_SIZE},
	[TYPES] = {.key = "types", .type = LQ_FIELD_JSON, WISH(types)},
	[ACTIVE] = {.key = "active", .type = LQ_FIELD_BOOL, WISH(active)},
};

#define FIELDS        (sizeof(fields) / sizeof(fields[0]))
#define ADD_FIELDS    (sizeof(fields) / sizeof(fields[0]) - 1)
#define HAS(given, f) (((given)&UINT32_C(1) << (f)) != 0)

static int bad_url(
	const struct lq_request *request, struct lq_answer *answer, const char *en, const char *fr)
{
	return lq_problem(request, answer, 400, "invalid", "/url", en, fr);
}

static int check_url(const struct lq_request *request, struct lq_answer *answer, const char *url)
{
	switch (lq_webhook_url_check(url)) {
	case LQ_WEBHOOK_URL_OK:
		return 0;
	case LQ_WEBHOOK_URL_LENGTH:
		return bad_url(
			request, answer, "url: at most 512 bytes", "url : 512 octets au plus");
	case LQ_WEBHOOK_URL_CHARACTERS:
		return bad_url(request, answer,
			"url: only visible ASCII characters; write others as %C3%A9",
			"url : seulement des caractères ASCII visibles ; écrire les autres comme "
			"%C3%A9");
	case LQ_WEBHOOK_URL_FORM:
		return bad_url(request, answer,
			"url: expected an address like https://example.org/path",
			"url : attendue une adresse comme https://example.org/chemin");
	case LQ_WEBHOOK_URL_SCHEME:
		return bad_url(request, answer, "url: expected https:// or http://",
			"url : attendu https:// ou http://");
	case LQ_WEBHOOK_URL_LOGIN:
		return bad_url(request, answer, "url: no name or password before the host",
			"url : ni nom ni mot de passe devant l’hôte");
	case LQ_WEBHOOK_URL_FRAGMENT:
		return bad_url(request, answer, "url: no # and what follows it",
			"url : pas de # ni de suite");
	case LQ_WEBHOOK_URL_PORT:
		return bad_url(request, answer, "url: expected a port from 1 to 65535",
			"url : attendu un port de 1 à 65535");
	}
	return 0;
}

static int bad_types(const struct lq_request *request, struct lq_answer *answer)
{
	char en[512] = "types: expected one or more of ";
	char fr[512] = "types : attendu un ou plusieurs de ";
	for (int i = 0; i < LQ_WEBHOOK_TYPES; i++) {
		const char *word = lq_webhook_word((enum lq_webhook_type)i);
		size_t length = strlen(en);
		(void)snprintf(en + length, sizeof(en) - length, "%s%s", i > 0 ? ", " : "", word);
		length = strlen(fr);
		(void)snprintf(fr + length, sizeof(fr) - length, "%s%s", i > 0 ? ", " : "", word);
	}
	return lq_problem(request, answer, 400, "invalid", "/types", en, fr);
}

static int read_types(const struct lq_request *request, struct lq_answer *answer,
	const json_t *list, int64_t *ret_types)
{
	int64_t types = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));
		enum lq_webhook_type type =
			word != NULL ? lq_webhook_type_of_word(word) : LQ_WEBHOOK_TYPES;
		if (type == LQ_WEBHOOK_TYPES) {
			return bad_types(request, answer);
		}
		types |= INT64_C(1) << type;
	}
	if (types == 0) {
		return bad_types(request, answer);
	}
	*ret_types = types;
	return 0;
}

/* Whoever sends what is told of persons elsewhere must be allowed to see it. */
static int check_scopes(const struct lq_request *request, struct lq_answer *answer, int64_t types)
{
	if ((lq_webhook_scopes(types) & ~request->caller.scopes) == 0) {
		return 0;
	}
	return lq_problem(request, answer, 403, "scope", "/types",
		"types: what tells of persons, only for those who may see it: scope history",
		"types : ce qui parle de personnes, seulement pour qui peut le voir : portée "
		"history");
}

static int exists(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_problem(request, answer, 409, "exists", "/url",
		"there is a webhook with this address", "cette adresse a déjà un webhook");
}

/* ---- making, changing, ending ---- */

/* What all of them want may have changed. */
static int rewatch(const struct lq_request *request, int64_t before)
{
	int64_t after = 0;
	int r = lq_webhook_wanted(request->db, &after);
	return r == LQ_OK ? lq_webhook_visits_watch(request, before, after) : r;
}

static int answer_secret(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_webhook *webhook, uint8_t secret[LQ_WEBHOOK_SECRET_SIZE])
{
	char text[LQ_WEBHOOK_SECRET_TEXT];
	struct lq_webhook now;
	int r = lq_webhook_get(request->db, webhook->id, &now);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_webhook_secret_text(secret, text);
	answer->json = webhook_json(&now);
	(void)json_object_set_new(answer->json, "secret", json_string(text));
	OPENSSL_cleanse(text, sizeof(text));
	return 0;
}

static int add(
	const struct lq_request *request, struct lq_answer *answer, struct lq_webhook *webhook)
{
	uint8_t secret[LQ_WEBHOOK_SECRET_SIZE];
	int64_t before = 0;
	int r = lq_webhook_wanted(request->db, &before);
	r = r == LQ_OK ? lq_webhook_secret_make(secret) : r;
	r = r == LQ_OK ? lq_webhook_add(request->db, webhook, secret, &webhook->id) : r;
	if (r == LQ_ERR_EXISTS) {
		return exists(request, answer);
	}
	r = r == LQ_OK ? rewatch(request, before) : r;
	r = r == LQ_OK ? note(request, "webhook.add", webhook) : r;
	int status = r == LQ_OK ? answer_secret(request, answer, webhook, secret)
				: lq_problem_db(request, answer, r);
	OPENSSL_cleanse(secret, sizeof(secret));
	if (status != 0) {
		return status;
	}
	(void)snprintf(answer->location, sizeof(answer->location), "/api/v1/webhooks/%lld",
		(long long)webhook->id);
	return answer->status = 201;
}

int lq_api_webhooks_add(const struct lq_request *request, struct lq_answer *answer)
{
	struct wish wish = {0};
	struct lq_webhook webhook = {.made_ms = request->now_ms};
	uint32_t given = 0;
	int64_t count = 0;
	int status = lq_body_read(request, answer, fields, ADD_FIELDS, &wish, &given);
	status = status == 0 ? lq_body_need(request, answer, fields, ADD_FIELDS, 3, given) : status;
	status = status == 0 ? check_url(request, answer, wish.url) : status;
	status = status == 0 ? read_types(request, answer, wish.types, &webhook.types) : status;
	status = status == 0 ? check_scopes(request, answer, webhook.types) : status;
	if (status != 0) {
		return status;
	}
	int r = lq_webhook_count(request->db, &count);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	if (count >= (int64_t)LQ_WEBHOOKS_MAX) {
		return lq_problem(request, answer, 409, "too_many", NULL,
			"there are 32 webhooks already: remove one first",
			"il y a déjà 32 webhooks : en supprimer un d’abord");
	}
	(void)snprintf(webhook.url, sizeof(webhook.url), "%.512s", wish.url);
	(void)snprintf(webhook.author, sizeof(webhook.author), "%s", request->caller.name);
	return add(request, answer, &webhook);
}

static int change(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_webhook *webhook, bool active)
{
	int64_t before = 0;
	struct lq_webhook now;
	int r = lq_webhook_wanted(request->db, &before);
	if (r == LQ_OK) {
		r = lq_webhook_change(request->db, webhook);
	}
	if (r == LQ_ERR_EXISTS) {
		return exists(request, answer);
	}
	if (r == LQ_OK && !active) {
		r = lq_webhook_end(request->db, webhook->id, false, request->now_ms);
	}
	r = r == LQ_OK ? rewatch(request, before) : r;
	r = r == LQ_OK ? note(request, "webhook.change", webhook) : r;
	r = r == LQ_OK ? lq_webhook_get(request->db, webhook->id, &now) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	answer->json = webhook_json(&now);
	return answer->status = 200;
}

/* A change begins with a clean sheet: an ended one goes on, unless `active` is false. */
int lq_api_webhooks_change(const struct lq_request *request, struct lq_answer *answer)
{
	struct wish wish = {.active = true};
	struct lq_webhook webhook;
	uint32_t given = 0;
	int status = find(request, answer, &webhook);
	status =
		status == 0 ? lq_body_read(request, answer, fields, FIELDS, &wish, &given) : status;
	if (status != 0) {
		return status;
	}
	if (!HAS(given, ACTIVE)) {
		wish.active = webhook.ended_ms == 0;
	}
	status = check_scopes(request, answer, webhook.types);
	if (status == 0 && HAS(given, URL)) {
		status = check_url(request, answer, wish.url);
	}
	if (status == 0 && HAS(given, TYPES)) {
		status = read_types(request, answer, wish.types, &webhook.types);
		status = status == 0 ? check_scopes(request, answer, webhook.types) : status;
	}
	if (status != 0) {
		return status;
	}
	if (HAS(given, URL)) {
		(void)snprintf(webhook.url, sizeof(webhook.url), "%.512s", wish.url);
	}
	return change(request, answer, &webhook, wish.active);
}

int lq_api_webhooks_remove(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_webhook webhook;
	int64_t before = 0;
	int status = find(request, answer, &webhook);
	if (status != 0) {
		return status;
	}
	int r = lq_webhook_wanted(request->db, &before);
	r = r == LQ_OK ? lq_webhook_remove(request->db, webhook.id) : r;
	r = r == LQ_OK ? rewatch(request, before) : r;
	r = r == LQ_OK ? note(request, "webhook.remove", &webhook) : r;
	return r == LQ_OK ? (answer->status = 204) : lq_problem_db(request, answer, r);
}

int lq_api_webhooks_renew(const struct lq_request *request, struct lq_answer *answer)
{
	uint8_t secret[LQ_WEBHOOK_SECRET_SIZE];
	struct lq_webhook webhook;
	int status = find(request, answer, &webhook);
	status = status == 0 ? check_scopes(request, answer, webhook.types) : status;
	if (status != 0) {
		return status;
	}
	int r = lq_webhook_secret_make(secret);
	if (r == LQ_OK) {
		r = lq_webhook_renew(
			request->db, webhook.id, secret, request->now_ms + OLD_SECRET_MS);
	}
	r = r == LQ_OK ? note(request, "webhook.secret", &webhook) : r;
	status = r == LQ_OK ? answer_secret(request, answer, &webhook, secret)
			    : lq_problem_db(request, answer, r);
	OPENSSL_cleanse(secret, sizeof(secret));
	return status == 0 ? (answer->status = 200) : status;
}

/* ---- deliveries ---- */

static json_t *or_null(int64_t number)
{
	return number != 0 ? json_integer(number) : json_null();
}

#define DELIVERIES                                                                                 \
	"SELECT name, type, made, state, tries, due, status, error FROM webhook_delivery "

static json_t *delivery_json(struct lq_rows *rows, enum lq_language language)
{
	static const char *const words[] = {[LQ_DELIVERY_WAITING] = "waiting",
		[LQ_DELIVERY_DELIVERED] = "delivered",
		[LQ_DELIVERY_GIVEN_UP] = "given_up"};
	int64_t state = lq_rows_integer(rows, 3);
	bool waiting = state == LQ_DELIVERY_WAITING;
	int64_t moment_ms = lq_rows_integer(rows, 5);
	return json_pack("{s:s, s:s, s:o, s:s, s:I, s:o, s:o, s:o, s:o}", "id",
		lq_rows_text(rows, 0), "type",
		lq_webhook_word((enum lq_webhook_type)lq_rows_integer(rows, 1)), "at",
		lq_json_time(lq_rows_integer(rows, 2)), "state",
		words[state <= LQ_DELIVERY_GIVEN_UP ? state : LQ_DELIVERY_GIVEN_UP], "attempts",
		(json_int_t)lq_rows_integer(rows, 4), "due", lq_json_time(waiting ? moment_ms : 0),
		"ended", lq_json_time(waiting ? 0 : moment_ms), "status",
		or_null(lq_rows_integer(rows, 6)), "error",
		lq_json_label(lq_webhook_error_in(lq_rows_text(rows, 7), language)));
}

int lq_api_webhooks_deliveries(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_webhook webhook;
	struct lq_rows *rows = NULL;
	int status = find(request, answer, &webhook);
	int64_t limit = status == 0 ? lq_query_limit(request, answer) : 0;
	if (status != 0 || limit < 0) {
		return status != 0 ? status : answer->status;
	}
	int r = lq_db_query(request->db, &rows,
		DELIVERIES "WHERE webhook = ?1 ORDER BY id DESC LIMIT ?2", "ii", webhook.id, limit);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	json_t *items = json_array();
	while ((r = lq_rows_next(rows)) == 1) {
		(void)json_array_append_new(items, delivery_json(rows, request->language));
	}
	lq_rows_end(rows);
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

static int answer_delivery(const struct lq_request *request, struct lq_answer *answer, int64_t id)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(request->db, &rows, DELIVERIES "WHERE id = ?1", "i", id);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		answer->json = delivery_json(rows, request->language);
	}
	lq_rows_end(rows);
	return r == 1 ? (answer->status = 202) : lq_problem_db(request, answer, r);
}

int lq_api_webhooks_test(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_webhook webhook;
	int64_t id = 0;
	int status = find(request, answer, &webhook);
	if (status != 0) {
		return status;
	}
	if (webhook.ended_ms != 0) {
		return lq_problem(request, answer, 409, "webhook_ended", NULL,
			"it is told nothing any more: set it active first",
			"il n’est plus prévenu : l’activer d’abord");
	}
	int r = lq_webhook_tell_test(
		request->db, request->config->space, webhook.id, request->now_ms, &id);
	r = r == LQ_OK ? note(request, "webhook.test", &webhook) : r;
	return r == LQ_OK ? answer_delivery(request, answer, id)
			  : lq_problem_db(request, answer, r);
}

#include "host/office/serve.h"

#include "firmware/core/err.h"
#include "host/cli/cli.h"
#include "host/office/accept_language.h"
#include "host/office/access.h"
#include "host/office/clock.h"
#include "host/office/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A request on its way through the server. */
struct serving {
	struct lq_office *office;
	const struct lq_exchange *exchange;
	struct lq_request request;
	struct lq_identity identity;
	struct lq_target target;
	const struct lq_route *route;
	json_t *body;
	struct lq_reply *reply;
};

static void begin(struct serving *s, struct lq_office *office, const struct lq_exchange *exchange,
	struct lq_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	memset(s, 0, sizeof(*s));
	s->office = office;
	s->exchange = exchange;
	s->reply = reply;
	s->request.db = office->db;
	s->request.config = office->config;
	s->request.now_ms = lq_office_now_ms();
	s->request.language =
		lq_accept_language(exchange->accept_language, office->config->language);
	s->request.query = &s->target.query;
	s->request.office = office;
	s->request.exchange = exchange;
}

static int problem(struct serving *s, int status, const char *word, const char *en, const char *fr)
{
	return lq_problem(&s->request, &s->reply->answer, status, word, NULL, en, fr);
}

static bool is_json(const struct lq_exchange *exchange)
{
	static const char json[] = "application/json";
	const char *type = exchange->content_type;
	return type != NULL && strncasecmp(type, json, sizeof(json) - 1) == 0 &&
	       strchr("; ", type[sizeof(json) - 1]) != NULL;
}

static bool is_reading(const struct lq_exchange *exchange)
{
	return strcmp(exchange->method, "GET") == 0 || strcmp(exchange->method, "HEAD") == 0;
}

/* ---- whom it is for ---- */

static int find_target(struct serving *s)
{
	int r = lq_target_read(s->exchange->target, s->exchange->target_length, &s->target);
	if (r == LQ_ERR_FULL) {
		return problem(s, 414, "address_too_long", "the address is too long",
			"l’adresse est trop longue");
	}
	return r == LQ_OK ? 0
			  : problem(s, 400, "address", "the address is malformed",
				    "l’adresse est mal formée");
}

static int find_route(struct serving *s)
{
	struct lq_route_found found;
	int r = lq_route_find(
		lq_route_lists, lq_route_list_count, s->exchange->method, &s->target, &found);
	if (r == LQ_OK) {
		s->route = found.route;
		memcpy(s->request.parameters, found.parameters, sizeof(found.parameters));
		return 0;
	}
	if (r == LQ_ERR_NOT_FOUND) {
		return problem(s, 404, "not_found", "there is nothing at this address",
			"il n’y a rien à cette adresse");
	}
	(void)snprintf(s->reply->methods, sizeof(s->reply->methods), "%s", found.methods);
	return problem(s, 405, "method", "this address does not take this method",
		"cette adresse n’accepte pas cette méthode");
}

/* Whether they may. */
static int admit(struct serving *s)
{
	int r = lq_access_identify(s->office->db, s->exchange, s->request.now_ms, &s->identity);
	if (r != LQ_OK) {
		return lq_problem_db(&s->request, &s->reply->answer, r);
	}
	s->request.caller = s->identity.caller;
	if ((s->request.caller.scopes & (UINT32_C(1) << s->route->scope)) == 0) {
		return s->identity.name[0] == '\0'
			       ? problem(s, 401, "session", "log in first",
					 "ouvrez d’abord une session")
			       : problem(s, 403, "scope", "your role does not allow this",
					 "votre rôle ne le permet pas");
	}
	if (s->identity.by_cookie && !is_reading(s->exchange) &&
		!lq_access_csrf_holds(s->exchange)) {
		return problem(s, 403, "csrf", "the page is stale: load it again",
			"la page est périmée : rechargez-la");
	}
	return 0;
}

/* ---- the body ---- */

static int read_body(struct serving *s)
{
	json_error_t error;
	if (s->exchange->body == NULL) {
		return 0;
	}
	if (!is_json(s->exchange)) {
		s->request.text = s->exchange->body;
		s->request.text_length = s->exchange->body_length;
		return 0;
	}
	s->body = json_loadb(
		s->exchange->body, s->exchange->body_length, JSON_REJECT_DUPLICATES, &error);
	s->request.body = s->body;
	return s->body != NULL ? 0
			       : problem(s, 400, "json", "the body is not one JSON object or list",
					 "le corps n’est pas un objet ou une liste JSON");
}

/* ---- the answer ---- */

static void write_json(struct lq_answer *answer)
{
	free(answer->text);
	answer->text = json_dumps(answer->json, JSON_COMPACT);
	answer->text_length = answer->text != NULL ? strlen(answer->text) : 0;
	answer->type = answer->type != NULL ? answer->type : "application/json";
	json_decref(answer->json);
	answer->json = NULL;
}

static void conclude(struct serving *s, int status)
{
	struct lq_answer *answer = &s->reply->answer;
	if (answer->json != NULL) {
		write_json(answer);
	}
	if (status == 0) {
		status = answer->text != NULL || answer->stream ? 200 : 204;
	}
	s->reply->status = status;
	json_decref(s->body);
}

/* No door hears of what was not noted. */
static void take_back(struct serving *s, size_t waiting)
{
	lq_db_rollback(s->office->db);
	if (s->office->post != NULL) {
		lq_post_take_back(s->office->post, waiting);
	}
}

/* Nothing that a refused call did stays, but the note of it. `waiting`: messages before it. */
static int settle(struct serving *s, int status, size_t waiting)
{
	if (status >= 400 && !s->reply->answer.keep) {
		take_back(s, waiting);
		return status;
	}
	int r = lq_db_commit(s->office->db);
	if (r != LQ_OK) {
		take_back(s, waiting);
		return lq_problem_db(&s->request, &s->reply->answer, r);
	}
	return status;
}

static int call(struct serving *s)
{
	struct lq_answer *answer = &s->reply->answer;
	struct lq_shared *shared = &s->office->shared;
	lq_handler *handler = s->route->handler;
	if (lq_shared_take(shared, &s->office->stream, handler, &s->request, answer)) {
		return 200;
	}
	int r = handler(&s->request, answer);
	if (r < 0) {
		return lq_problem_db(&s->request, answer, r);
	}
	int status = r >= 100 ? r : answer->status;
	if (status == 200 && lq_shared_by_all(handler)) {
		write_json(answer);
		lq_shared_keep(shared, &s->office->stream, handler, &s->request, answer);
	}
	return status;
}

static int run(struct serving *s)
{
	int r = lq_db_begin(s->office->db);
	if (r != LQ_OK) {
		return lq_problem_db(&s->request, &s->reply->answer, r);
	}
	size_t waiting = s->office->post != NULL ? lq_post_waiting(s->office->post) : 0;
	int status = admit(s);
	status = status == 0 ? read_body(s) : status;
	status = status == 0 ? call(s) : status;
	return settle(s, status, waiting);
}

/* ---- files ---- */

static bool names(const char *list, const char *word)
{
	return list != NULL && strstr(list, word) != NULL;
}

/* True when the target is a file of the page. */
static bool serve_file(struct serving *s)
{
	char path[LQ_TARGET_SIZE_MAX] = "";
	size_t length = 0;
	for (size_t i = 0; i < s->target.part_count; i++) {
		length += (size_t)snprintf(path + length, sizeof(path) - length, "%s%s",
			i > 0 ? "/" : "", s->target.parts[i]);
	}
	s->reply->file = is_reading(s->exchange) ? lq_web_file_find(path) : NULL;
	if (s->reply->file == NULL) {
		return false;
	}
	s->reply->packed = names(s->exchange->accept_encoding, "gzip");
	s->reply->status = names(s->exchange->if_none_match, s->reply->file->tag) ? 304 : 200;
	return true;
}

/* Whoever is told that somebody is erased finds nothing in the files any more. */
static void scrub(struct lq_office *office)
{
	int r = office->forgets ? lq_db_scrub(office->db) : LQ_OK;
	if (r != LQ_OK) {
		(void)fprintf(stderr,
			"loquet-office: what was erased is not gone from the files yet: %s\n",
			lq_db_error(office->db));
	}
}

void lq_serve(
	struct lq_office *office, const struct lq_exchange *exchange, struct lq_reply *ret_reply)
{
	struct serving s;
	begin(&s, office, exchange, ret_reply);
	int status = find_target(&s);
	if (status == 0 && serve_file(&s)) {
		return;
	}
	status = status == 0 ? find_route(&s) : status;
	status = status == 0 ? run(&s) : status;
	conclude(&s, status);
	if (s.reply->status < 400) {
		lq_serve_announce(office);
		scrub(office);
	}
	office->forgets = false;
	if (!is_reading(exchange)) {
		lq_shared_forget(&office->shared);
	}
	office->announced_count = 0;
}

void lq_serve_announce(struct lq_office *office)
{
	for (size_t i = 0; i < office->announced_count; i++) {
		lq_stream_changed(&office->stream, office->announced[i]);
	}
	office->announced_count = 0;
}

bool lq_serve_still(struct lq_office *office, const struct lq_exchange *exchange)
{
	struct lq_identity identity;
	int r = lq_access_look_again(office->db, exchange, lq_office_now_ms(), &identity);
	return r == LQ_OK && (identity.caller.scopes & (UINT32_C(1) << LQ_SCOPE_NOW)) != 0;
}

static size_t most_bytes(const struct serving *s)
{
	static const char csv[] = "text/csv";
	const char *type = s->exchange->content_type != NULL ? s->exchange->content_type : "";
	if (s->route->scope == LQ_SCOPE_NOBODY) {
		return LQ_BODY_NOBODY_MAX;
	}
	return strncasecmp(type, csv, sizeof(csv) - 1) == 0 ? LQ_BODY_CSV_MAX : LQ_BODY_MAX;
}

static int too_long(struct serving *s)
{
	return problem(s, 413, "too_long", "the body is too long", "le corps est trop long");
}

bool lq_serve_admit(struct lq_office *office, const struct lq_exchange *exchange, uint64_t length,
	size_t *ret_most, struct lq_reply *ret_reply)
{
	struct serving s;
	begin(&s, office, exchange, ret_reply);
	int status = find_target(&s);
	status = status == 0 ? find_route(&s) : status;
	status = status == 0 ? admit(&s) : status;
	if (status == 0 && length > most_bytes(&s)) {
		status = too_long(&s);
	}
	if (status == 0) {
		*ret_most = most_bytes(&s);
		return true;
	}
	conclude(&s, status);
	return false;
}

void lq_serve_too_long(
	struct lq_office *office, const struct lq_exchange *exchange, struct lq_reply *ret_reply)
{
	struct serving s;
	begin(&s, office, exchange, ret_reply);
	conclude(&s, too_long(&s));
}

void lq_reply_free(struct lq_reply *reply)
{
	json_decref(reply->answer.json);
	free(reply->answer.text);
	memset(reply, 0, sizeof(*reply));
}

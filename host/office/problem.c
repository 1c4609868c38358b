/* What went wrong, as RFC 9457 has it. */
#include "firmware/core/err.h"
#include "host/cli/cli.h"
#include "host/office/api.h"
#include "host/office/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *title_of(int status, enum lq_language language)
{
	static const struct {
		int status;
		const char *text[2]; /* by enum lq_language */
	} titles[] = {
		{400, {"Bad request", "Requête incorrecte"}},
		{401, {"Not logged in", "Pas de session"}},
		{403, {"Not allowed", "Interdit"}},
		{404, {"Not found", "Introuvable"}},
		{405, {"Method not allowed", "Méthode non permise"}},
		{409, {"Conflict", "Conflit"}},
		{410, {"Gone", "Supprimé"}},
		{413, {"Too long", "Trop long"}},
		{414, {"Address too long", "Adresse trop longue"}},
		{415, {"Wrong type", "Type incorrect"}},
		{422, {"Wrong value", "Valeur incorrecte"}},
		{429, {"Too many attempts", "Trop de tentatives"}},
		{503, {"Not available", "Indisponible"}},
	};
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		if (titles[i].status == status) {
			return titles[i].text[language];
		}
	}
	return language == LQ_LANGUAGE_FR ? "Échec" : "Failed";
}

/* The path of the request, without what may be secret in its query. */
static void set_instance(json_t *problem, const struct lq_exchange *exchange)
{
	if (exchange != NULL) {
		size_t length = strcspn(exchange->target, "?");
		(void)json_object_set_new(
			problem, "instance", json_stringn(exchange->target, length));
	}
}

/* What was to be answered until then: a session or a file is not to go out with a refusal. Why and
 * for how long it is one stays. */
static void take_back(struct lq_answer *answer)
{
	json_decref(answer->json);
	free(answer->text);
	*answer = (struct lq_answer){.retry_after_s = answer->retry_after_s, .keep = answer->keep};
}

// NOLINTNEXTLINE(readability-function-size): every word is another one
int lq_problem(const struct lq_request *request, struct lq_answer *answer, int status,
	const char *word, const char *pointer, const char *en, const char *fr)
{
	char type[96];
	(void)snprintf(type, sizeof(type), "urn:loquet:problem:%s", word);
	json_t *problem = json_pack("{s:s, s:s, s:i, s:s}", "type", type, "title",
		title_of(status, request->language), "status", status, "detail",
		request->language == LQ_LANGUAGE_FR ? fr : en);
	if (pointer != NULL) {
		(void)json_object_set_new(problem, "pointer", json_string(pointer));
	}
	set_instance(problem, request->exchange);
	take_back(answer);
	answer->json = problem;
	answer->type = "application/problem+json";
	answer->status = status;
	return status;
}

int lq_problem_db(const struct lq_request *request, struct lq_answer *answer, int error)
{
	const char *why = lq_db_error(request->db);
	lq_say(stderr, "loquet-office: %s: %s", lq_err_text(error), why);
	return lq_problem(request, answer, 503, "database", NULL,
		"the office's database does not answer; nothing was changed",
		"la base du bureau ne répond pas ; rien n’a été changé");
}

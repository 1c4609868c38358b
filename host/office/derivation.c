#include "host/office/derivation.h"

#include "firmware/core/err.h"
#include "host/office/serve.h"

#include <stdio.h>
#include <string.h>

#define RETRY_S 2u

static struct lq_derivation *derivation_of(const struct lq_request *request)
{
	return request->exchange != NULL ? request->exchange->derivation : NULL;
}

static int ask(struct lq_derivation *derivation, const struct lq_request *request, const char *text,
	const struct lq_password *password)
{
	derivation->before = derivation->now;
	derivation->now = (struct lq_question){.password = *password};
	(void)snprintf(derivation->now.text, sizeof(derivation->now.text), "%s", text);
	derivation->wanted = true;
	lq_throttle_key_of(request->exchange->address, derivation->asker);
	return LQ_ERR_BUSY;
}

static bool answers(
	const struct lq_question *question, const struct lq_password *password, const char *text)
{
	const struct lq_password *found = &question->password;
	return question->done && strcmp(question->text, text) == 0 &&
	       memcmp(found->salt, password->salt, sizeof(found->salt)) == 0 &&
	       found->cost == password->cost && found->block == password->block &&
	       found->parallel == password->parallel;
}

/* NULL: it has not been asked yet. */
static const struct lq_question *answered(const struct lq_derivation *derivation,
	const struct lq_password *password, const char *text)
{
	return answers(&derivation->now, password, text)      ? &derivation->now
	       : answers(&derivation->before, password, text) ? &derivation->before
							      : NULL;
}

int lq_derivation_make(
	const struct lq_request *request, const char *text, struct lq_password *ret_password)
{
	struct lq_derivation *derivation = derivation_of(request);
	struct lq_password password = {.cost = 0};
	if (derivation != NULL && derivation->now.done && strcmp(derivation->now.text, text) == 0) {
		*ret_password = derivation->now.password;
		return derivation->now.result;
	}
	int r = lq_password_begin(&password);
	if (r == LQ_OK && derivation != NULL) {
		return ask(derivation, request, text, &password);
	}
	r = r == LQ_OK ? lq_password_derive(&password, text) : r;
	if (r == LQ_OK) {
		*ret_password = password;
	}
	return r;
}

int lq_derivation_holds(const struct lq_request *request, const struct lq_password *password,
	const char *text, bool *ret_holds)
{
	struct lq_derivation *derivation = derivation_of(request);
	struct lq_password asked = password != NULL ? *password : lq_password_nobody();
	const struct lq_question *answer =
		derivation != NULL ? answered(derivation, &asked, text) : NULL;
	int r = LQ_OK;
	if (derivation == NULL) {
		r = lq_password_derive(&asked, text);
	} else if (answer != NULL) {
		asked = answer->password;
		r = answer->result;
	} else {
		r = ask(derivation, request, text, &asked);
	}
	if (r == LQ_ERR_CORRUPT) {
		*ret_holds = false;
		return LQ_OK;
	}
	if (r == LQ_OK) {
		*ret_holds = password != NULL && lq_password_same(password, &asked);
	}
	return r;
}

int lq_derivation_later(const struct lq_request *request, struct lq_answer *answer)
{
	answer->retry_after_s = RETRY_S;
	return lq_problem(request, answer, 503, "busy", NULL,
		"too many passwords are being checked: try again in a moment",
		"trop de mots de passe sont en vérification : réessayez dans un instant");
}

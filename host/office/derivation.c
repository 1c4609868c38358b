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
	struct lq_derived *before = &derivation->before;
	before->done = derivation->done;
	before->result = derivation->result;
	before->password = derivation->password;
	memcpy(before->text, derivation->text, sizeof(before->text));
	derivation->wanted = true;
	derivation->done = false;
	derivation->password = *password;
	lq_throttle_key_of(request->exchange->address, derivation->asker);
	(void)snprintf(derivation->text, sizeof(derivation->text), "%s", text);
	return LQ_ERR_BUSY;
}

static bool is_asked(const struct lq_password *found, const struct lq_password *password)
{
	return memcmp(found->salt, password->salt, sizeof(found->salt)) == 0 &&
	       found->cost == password->cost && found->block == password->block &&
	       found->parallel == password->parallel;
}

static bool answers(const struct lq_derivation *derivation, const struct lq_password *password,
	const char *text)
{
	return derivation->done && strcmp(derivation->text, text) == 0 &&
	       is_asked(&derivation->password, password);
}

static bool answered_before(
	const struct lq_derived *before, const struct lq_password *password, const char *text)
{
	return before->done && strcmp(before->text, text) == 0 &&
	       is_asked(&before->password, password);
}

int lq_derivation_make(
	const struct lq_request *request, const char *text, struct lq_password *ret_password)
{
	struct lq_derivation *derivation = derivation_of(request);
	struct lq_password password = {.cost = 0};
	if (derivation != NULL && derivation->done && strcmp(derivation->text, text) == 0) {
		*ret_password = derivation->password;
		return derivation->result;
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
	int r = LQ_OK;
	if (derivation == NULL) {
		r = lq_password_derive(&asked, text);
	} else if (answers(derivation, &asked, text)) {
		asked = derivation->password;
		r = derivation->result;
	} else if (answered_before(&derivation->before, &asked, text)) {
		asked = derivation->before.password;
		r = derivation->before.result;
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

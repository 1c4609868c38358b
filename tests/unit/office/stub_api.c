#include "tests/unit/office/stub_api.h"

#include "firmware/core/err.h"
#include "host/office/books_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_MS INT64_C(1800000000000)

struct stub stub;

static void add(char *out, size_t size, const char *text)
{
	size_t length = strlen(out);
	(void)snprintf(out + length, size - length, "%s", text);
}

const char *lq_query_value(const struct lq_query *query, const char *key)
{
	(void)query;
	for (size_t i = 0; i + 1 < 8 && stub.query[i] != NULL; i += 2) {
		if (strcmp(stub.query[i], key) == 0) {
			return stub.query[i + 1];
		}
	}
	return NULL;
}

// NOLINTNEXTLINE(readability-function-size): api.h declares it
int lq_problem(const struct lq_request *request, struct lq_answer *answer, int status,
	const char *word, const char *pointer, const char *en, const char *fr)
{
	(void)snprintf(stub.problem, sizeof(stub.problem), "%s", word);
	(void)snprintf(stub.pointer, sizeof(stub.pointer), "%s", pointer != NULL ? pointer : "");
	(void)snprintf(
		stub.text, sizeof(stub.text), "%s", request->language == LQ_LANGUAGE_FR ? fr : en);
	return answer->status = status;
}

int lq_problem_db(const struct lq_request *request, struct lq_answer *answer, int error)
{
	(void)fprintf(stderr, "%s: %s\n", lq_err_text(error), lq_db_error(request->db));
	return lq_problem(request, answer, 503, "database", NULL, "", "");
}

int lq_audit(
	const struct lq_request *request, const char *act, const char *object, const char *reason)
{
	char line[256];
	(void)request;
	(void)snprintf(line, sizeof(line), "%s %s %s\n", act, object, reason);
	add(stub.audit, sizeof(stub.audit), line);
	return LQ_OK;
}

int lq_audit_look(const struct lq_request *request, const char *act, const char *object)
{
	return lq_audit(request, act, object, "");
}

void lq_announce(const struct lq_request *request, const char *topic)
{
	(void)request;
	add(stub.topics, sizeof(stub.topics), topic);
	add(stub.topics, sizeof(stub.topics), "\n");
}

static void forget_answer(void)
{
	json_decref(stub.answer.json);
	free(stub.answer.text);
	memset(&stub.answer, 0, sizeof(stub.answer));
	stub.problem[0] = stub.pointer[0] = stub.text[0] = '\0';
	stub.audit[0] = stub.topics[0] = '\0';
}

int stub_call(lq_handler *handler, const char *const *parameters, const char *body)
{
	json_t *json = body != NULL ? json_loads(body, JSON_DECODE_ANY, NULL) : NULL;
	struct lq_request request = {
		.db = stub.db,
		.config = &stub.config,
		.now_ms = stub.now_ms,
		.caller = {.account = stub.program ? 0 : 1,
			.name = "accueil",
			.scopes = stub.scopes},
		.language = stub.language,
		.body = json,
		.text = json == NULL ? body : NULL,
		.text_length = json == NULL && body != NULL ? strlen(body) : 0,
		.office = stub.office,
	};
	forget_answer();
	for (size_t i = 0; i < LQ_API_PARAMETERS_MAX; i++) {
		request.parameters[i] = parameters[i];
	}
	if (lq_db_begin(stub.db) != LQ_OK) {
		abort();
	}
	int status = handler(&request, &stub.answer);
	if (status >= 400) {
		lq_db_rollback(stub.db);
	} else if (lq_db_commit(stub.db) != LQ_OK) {
		abort();
	}
	json_decref(json);
	return status;
}

int stub_begin(void **state)
{
	(void)state;
	memset(&stub, 0, sizeof(stub));
	stub.now_ms = NOW_MS;
	stub.scopes = UINT32_MAX;
	(void)snprintf(stub.config.space, sizeof(stub.config.space), "les-remparts");
	(void)snprintf(stub.config.controller, sizeof(stub.config.controller), "front-board");
	int r = lq_db_open_sqlite(":memory:", LQ_DB_KEEP, &stub.db);
	return r == LQ_OK ? lq_db_migrate(stub.db, lq_office_migrations, lq_office_migration_count)
			  : r;
}

int stub_end(void **state)
{
	(void)state;
	forget_answer();
	lq_db_close(stub.db);
	return 0;
}

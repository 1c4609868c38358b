/* What a call of the office's interface is given in a test, in place of the server: an empty
 * database in memory, and what it said besides its answer. */
#ifndef LQ_TESTS_STUB_API_H
#define LQ_TESTS_STUB_API_H

#include "host/office/api.h"

struct stub {
	struct lq_db *db;
	struct lq_config config;
	struct lq_answer answer;
	const char *query[8]; /* keys and values */
	char problem[64];     /* the last problem's word, */
	char pointer[128];
	char text[256];   /* … and what it says, in the caller's language */
	char audit[512];  /* "act object reason\n" each */
	char topics[128]; /* "people\n" each */
	enum lq_language language;
	int64_t now_ms;
	uint32_t scopes; /* of the caller, */
	bool program;    /* … who logged in with a token */
	void *office;
};

extern struct stub stub;

/* cmocka's setup and teardown. */
int stub_begin(void **state);
int stub_end(void **state);

/* Calls a handler: `parameters` up to three, `body` JSON, text or NULL. Takes the transaction back
 * as the server does. The answer stands until the next call. */
int stub_call(lq_handler *handler, const char *const *parameters, const char *body);

#define CALL(handler, body, ...)                                                                   \
	stub_call(handler, (const char *const[LQ_API_PARAMETERS_MAX + 1]){__VA_ARGS__}, body)

#endif

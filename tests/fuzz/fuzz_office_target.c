/* Any request target: it is refused, or means at most one call, whose parameters are clean text. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/router.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static int answer(const struct lq_request *request, struct lq_answer *reply)
{
	(void)request;
	(void)reply;
	return 0;
}

static const struct lq_route rows[] = {
	{"GET", "/things/{id}", LQ_SCOPE_NOW, answer},
	{"GET", "/things/{id}.ics", LQ_SCOPE_NOW, answer},
	{"GET", "/{a}/{b}/{c}", LQ_SCOPE_NOW, answer},
	{"POST", "/things", LQ_SCOPE_NOW, answer},
};
static const size_t count = sizeof(rows) / sizeof(rows[0]);
static const struct lq_route_list list = {"/api", rows, &count};

static void check_text(const char *text)
{
	for (; *text != '\0'; text++) {
		LQ_ASSERT((unsigned char)*text >= 0x20 && *text != 0x7f);
	}
}

static void check_query(const struct lq_query *query)
{
	for (size_t i = 0; i < query->count; i++) {
		check_text(query->pairs[i].value);
		LQ_ASSERT(lq_query_value(query, query->pairs[i].key) == query->pairs[i].value);
	}
}

static void check_parameter(const char *parameter)
{
	LQ_ASSERT(*parameter != '\0');
	check_text(parameter);
}

static void check_route(const struct lq_route_found *found)
{
	for (size_t i = 0; i < LQ_API_PARAMETERS_MAX; i++) {
		if (found->parameters[i] != NULL) {
			check_parameter(found->parameters[i]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct lq_target target;
	struct lq_route_found found;
	int r = lq_target_read((const char *)bytes, length, &target);
	if (r != LQ_OK) {
		LQ_ASSERT(r == LQ_ERR_INVALID || r == LQ_ERR_FULL);
		return 0;
	}
	check_query(&target.query);
	if (lq_route_find(&list, 1, "GET", &target, &found) == LQ_OK) {
		check_route(&found);
	}
	return 0;
}

#include "firmware/core/err.h"
#include "host/office/api_access.h"
#include "host/office/body.h"

#include <stdio.h>
#include <stdlib.h>

struct window {
	int64_t since_ms;
	int64_t after; /* the id of the last item that was read; newest first */
	int64_t limit;
	char object[40]; /* "": any */
};

static const struct lq_field since_field = {
	.key = "since", .type = LQ_FIELD_TIME, .offset = 0, .size = sizeof(int64_t)};

static int bad(const struct lq_request *request, struct lq_answer *answer, const char *key)
{
	return lq_problem(request, answer, 400, "invalid", key,
		"since is a moment as in 2026-12-01T08:00:00Z, person is p and a number, after "
		"comes from next",
		"since est un instant comme 2026-12-01T08:00:00Z, person est p et un nombre, after "
		"vient de next");
}

static int read_since(
	const struct lq_request *request, struct lq_answer *answer, struct window *window)
{
	const char *since = lq_query_value(request->query, "since");
	uint32_t given = 0;
	if (since == NULL) {
		return 0;
	}
	json_t *object = json_pack("{s:s}", "since", since);
	int status = lq_object_read(request, answer,
		&(struct lq_object){object, "", &since_field, 1}, &window->since_ms, &given);
	json_decref(object);
	return status == 0 ? 0 : bad(request, answer, "since");
}

static int read_window(
	const struct lq_request *request, struct lq_answer *answer, struct window *window)
{
	const char *person = lq_query_value(request->query, "person");
	const char *after = lq_query_value(request->query, "after");
	char *end = NULL;
	window->limit = lq_query_limit(request, answer);
	window->after = after != NULL ? strtoll(after, &end, 10) : INT64_MAX;
	if (window->limit < 0) {
		return 400;
	}
	if (after != NULL && (*after == '\0' || *end != '\0')) {
		return bad(request, answer, "after");
	}
	if (person != NULL) {
		int64_t number = lq_parse_id(person, 'p');
		if (number < 0) {
			return bad(request, answer, "person");
		}
		(void)snprintf(
			window->object, sizeof(window->object), "person/%lld", (long long)number);
	}
	return read_since(request, answer, window);
}

static int get_audit(const struct lq_request *request, struct lq_answer *answer)
{
	struct window window = {0};
	struct lq_rows *rows = NULL;
	int64_t last = 0;
	int status = read_window(request, answer, &window);
	if (status != 0) {
		return status;
	}
	json_t *items = json_array();
	int r = lq_db_query(request->db, &rows,
		"SELECT id, at, author, act, object, reason FROM audit "
		"WHERE at >= ?1 AND id < ?2 AND (?3 = '' OR object = ?3) "
		"ORDER BY id DESC LIMIT ?4",
		"iiti", window.since_ms, window.after, window.object, window.limit);
	while (r >= 0 && rows != NULL && (r = lq_rows_next(rows)) == 1) {
		last = lq_rows_integer(rows, 0);
		(void)json_array_append_new(items,
			json_pack("{s:I, s:o, s:s, s:s, s:s, s:s}", "id", (json_int_t)last, "at",
				lq_json_time(lq_rows_integer(rows, 1)), "by", lq_rows_text(rows, 2),
				"act", lq_rows_text(rows, 3), "object", lq_rows_text(rows, 4),
				"reason", lq_rows_text(rows, 5)));
	}
	lq_rows_end(rows);
	bool full = (int64_t)json_array_size(items) == window.limit;
	char next[24];
	(void)snprintf(next, sizeof(next), "%lld", (long long)last);
	answer->json = json_pack("{s:o, s:s?}", "items", items, "next", full ? next : NULL);
	return r < 0 ? lq_problem_db(request, answer, r) : 0;
}

const struct lq_route lq_routes_audit[] = {
	{"GET", "/audit", LQ_SCOPE_AUDIT, get_audit},
};

const size_t lq_routes_audit_count = sizeof(lq_routes_audit) / sizeof(lq_routes_audit[0]);

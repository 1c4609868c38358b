/* What a request's target means: its path and query taken apart, and the row of the interface that
 * answers. Pure; any thread. */
#ifndef LQ_OFFICE_ROUTER_H
#define LQ_OFFICE_ROUTER_H

#include "host/office/api.h"

#define LQ_TARGET_SIZE_MAX  2048u
#define LQ_TARGET_PARTS_MAX 8u
#define LQ_QUERY_PAIRS_MAX  16u

struct lq_query {
	size_t count;
	struct {
		const char *key;
		const char *value;
	} pairs[LQ_QUERY_PAIRS_MAX];
};

/* Parts and pairs point into `text`: a target is not copied. */
struct lq_target {
	size_t part_count; /* 0: the root */
	char *parts[LQ_TARGET_PARTS_MAX];
	struct lq_query query;
	char text[LQ_TARGET_SIZE_MAX];
};

/* Takes "/a/b?c=d" apart and decodes it (RFC 3986; + is a blank in the query). LQ_ERR_FULL: longer
 * than the stated limits. LQ_ERR_INVALID: a relative path, an empty part, a % without two digits,
 * control characters, what is not UTF-8, a key without a name or given twice. */
int lq_target_read(const char *text, size_t length, struct lq_target *ret_target);

struct lq_route_list {
	const char *prefix; /* stands before the path of each row */
	const struct lq_route *rows;
	const size_t *count;
};

#define LQ_METHODS_SIZE 64u

struct lq_route_found {
	const struct lq_route *route;
	const char *parameters[LQ_API_PARAMETERS_MAX];
	char methods[LQ_METHODS_SIZE]; /* of the path */
};

/* The row for a method ("HEAD" is "GET") and a target. A part of a row's path is literal, or
 * {name}, or {name} with a suffix; the row with the most literal characters wins. The parameters
 * point into the target, whose parts lose such a suffix. LQ_ERR_NOT_FOUND: no row has this path.
 * LQ_ERR_UNSUPPORTED: only for other methods, which `methods` then lists as "GET, POST". */
int lq_route_find(const struct lq_route_list *lists, size_t count, const char *method,
	struct lq_target *target, struct lq_route_found *ret_found);

#endif

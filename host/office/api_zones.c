#include "host/office/api_zones.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/office.h"
#include "host/office/zones.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PERSONS_MAX 100000

const struct lq_route lq_routes_zones[] = {
	{"GET", "/zones", LQ_SCOPE_SETTINGS, lq_api_zones_list},
	{"PATCH", "/zones/{zone}", LQ_SCOPE_SETTINGS, lq_api_zones_change},
};

const size_t lq_routes_zones_count = sizeof(lq_routes_zones) / sizeof(lq_routes_zones[0]);

struct limits {
	int64_t soft;
	int64_t legal;
};

static const struct lq_field fields[] = {
	{.key = "soft",
		.type = LQ_FIELD_NUMBER,
		.offset = offsetof(struct limits, soft),
		.max = PERSONS_MAX},
	{.key = "legal",
		.type = LQ_FIELD_NUMBER,
		.offset = offsetof(struct limits, legal),
		.max = PERSONS_MAX},
};

static int read_limits(struct lq_db *db, const char *zone, struct limits *ret_limits)
{
	int r = lq_db_integer(
		db, &ret_limits->soft, 0, "SELECT soft FROM zone_limit WHERE zone = ?1", "t", zone);
	return r == LQ_OK ? lq_db_integer(db, &ret_limits->legal, 0,
				    "SELECT legal FROM zone_limit WHERE zone = ?1", "t", zone)
			  : r;
}

static int keep_limits(
	const struct lq_request *request, const char *zone, const struct limits *limits)
{
	char object[8 + LQ_NAME_SIZE];
	char text[64];
	int64_t r = lq_db_run(request->db,
		"INSERT INTO zone_limit (zone, soft, legal) VALUES (?1, ?2, ?3) ON CONFLICT (zone) "
		"DO UPDATE SET soft = excluded.soft, legal = excluded.legal",
		"tii", zone, limits->soft, limits->legal);
	(void)snprintf(object, sizeof(object), "zone/%s", zone);
	(void)snprintf(text, sizeof(text), "%" PRId64 ", %" PRId64, limits->soft, limits->legal);
	return r < 0 ? (int)r : lq_audit(request, "zone.limits", object, text);
}

static json_t *limit_json(int64_t limit)
{
	return limit > 0 ? json_integer(limit) : json_null();
}

static json_t *zone_json(const char *zone, const struct limits *limits)
{
	return json_pack("{s:s, s:o, s:o}", "zone", zone, "soft", limit_json(limits->soft), "legal",
		limit_json(limits->legal));
}

static int list_names(const struct lq_request *request, json_t **ret_names)
{
	const struct lq_office *office = request->office;
	return lq_zones_list(
		request->db, request->config, office != NULL ? office->doors : NULL, ret_names);
}

int lq_api_zones_list(const struct lq_request *request, struct lq_answer *answer)
{
	json_t *names = NULL;
	int r = list_names(request, &names);
	json_t *items = json_array();
	for (size_t i = 0; r == LQ_OK && i < json_array_size(names); i++) {
		struct limits limits = {0};
		const char *zone = json_string_value(json_array_get(names, i));
		r = read_limits(request->db, zone, &limits);
		(void)json_array_append_new(items, zone_json(zone, &limits));
	}
	json_decref(names);
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

static int is_zone(const struct lq_request *request, const char *zone, bool *ret_known)
{
	json_t *names = NULL;
	bool known = false;
	int r = list_names(request, &names);
	for (size_t i = 0; r == LQ_OK && i < json_array_size(names); i++) {
		known |= strcmp(json_string_value(json_array_get(names, i)), zone) == 0;
	}
	json_decref(names);
	*ret_known = known;
	return r;
}

/* What is not given stays. */
static int take_limits(const struct lq_request *request, struct lq_answer *answer, const char *zone,
	struct limits *limits)
{
	uint32_t given = 0;
	bool known = false;
	int r = is_zone(request, zone, &known);
	r = r == LQ_OK ? read_limits(request->db, zone, limits) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	if (!known) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"no door leads to such a zone", "aucune porte ne mène à cette zone");
	}
	int status = lq_body_read(request, answer, fields, 2, limits, &given);
	if (status == 0 && limits->legal > 0 && limits->soft > limits->legal) {
		return lq_problem(request, answer, 400, "invalid", "/soft",
			"soft: expected no more than legal", "soft : attendu au plus legal");
	}
	return status;
}

int lq_api_zones_change(const struct lq_request *request, struct lq_answer *answer)
{
	struct limits limits = {0};
	const char *zone = request->parameters[0];
	int status = take_limits(request, answer, zone, &limits);
	if (status != 0) {
		return status;
	}
	int r = keep_limits(request, zone, &limits);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_announce(request, "settings");
	lq_announce(request, "now");
	answer->json = zone_json(zone, &limits);
	return answer->status = 200;
}

#include "host/office/api_now.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/occupancy.h"
#include "host/office/settings.h"

const struct lq_route lq_routes_now[] = {
	{"GET", "/api/v1/now", LQ_SCOPE_NOW, lq_api_now},
	{"GET", "/board.json", LQ_SCOPE_NOBODY, lq_api_board},
};

const size_t lq_routes_now_count = sizeof(lq_routes_now) / sizeof(lq_routes_now[0]);

int lq_api_now(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	bool history = (request->caller.scopes & 1u << LQ_SCOPE_HISTORY) != 0;
	int r = lq_occupancy(request->db, &rules, history ? LQ_NAMES_EVERYBODY : LQ_NAMES_SHOWN,
		request->now_ms, &answer->json);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	(void)json_object_set_new(answer->json, "at", lq_json_time(request->now_ms));
	return answer->status = 200;
}

/* The zones keep what everybody may see; who wants to be named comes in one list. */
static json_t *take_names(json_t *zones)
{
	json_t *names = json_array();
	size_t i = 0;
	json_t *zone = NULL;
	json_array_foreach(zones, i, zone)
	{
		(void)json_array_extend(names, json_object_get(zone, "present"));
		(void)json_object_del(zone, "present");
		(void)json_object_del(zone, "capacity");
		(void)json_object_del(zone, "members");
		(void)json_object_del(zone, "guests");
		(void)json_object_del(zone, "staff");
	}
	return names;
}

int lq_api_board(const struct lq_request *request, struct lq_answer *answer)
{
	if (lq_setting_integer(request->db, LQ_SETTING_BOARD) == 0) {
		return lq_problem(request, answer, 404, "no_board", NULL,
			"this space has no public board", "cet espace n’a pas de tableau public");
	}
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	int r = lq_occupancy(request->db, &rules, LQ_NAMES_BOARD, request->now_ms, &answer->json);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	char title[LQ_SETTING_SIZE];
	lq_setting_text(request->db, LQ_SETTING_TITLE, title);
	json_t *names = take_names(json_object_get(answer->json, "zones"));
	(void)json_object_set_new(answer->json, "title",
		json_string(*title != '\0' ? title : request->config->space));
	(void)json_object_del(answer->json, "total");
	(void)json_object_set_new(answer->json, "names", names);
	return answer->status = 200;
}

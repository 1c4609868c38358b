#include "host/office/api_metrics.h"

#include "firmware/core/err.h"
#include "host/office/doors.h"
#include "host/office/occupancy.h"
#include "host/office/office.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	(void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A query of a controller's name and a number each. Names are of [a-z0-9_-]. */
static int put_rows(FILE *out, const char *name, struct lq_rows *rows)
{
	int r;
	while ((r = lq_rows_next(rows)) == 1) {
		(void)fprintf(out, "%s{controller=\"%s\"} %" PRId64 "\n", name,
			lq_rows_text(rows, 0), lq_rows_integer(rows, 1));
	}
	lq_rows_end(rows);
	return r;
}

static int put_controllers(struct lq_db *db, FILE *out)
{
	struct lq_rows *rows = NULL;
	head(out, "loquet_controller_last_event", "gauge", "The greatest number of its events.");
	int r = lq_db_query(db, &rows, "SELECT name, last FROM controller ORDER BY name", "");
	r = r == LQ_OK ? put_rows(out, "loquet_controller_last_event", rows) : r;
	if (r != LQ_OK) {
		return r;
	}
	head(out, "loquet_controller_signed_event", "gauge",
		"Its events up to this one are covered by a signature.");
	r = lq_db_query(db, &rows, "SELECT name, signed FROM controller ORDER BY name", "");
	r = r == LQ_OK ? put_rows(out, "loquet_controller_signed_event", rows) : r;
	if (r != LQ_OK) {
		return r;
	}
	head(out, "loquet_controller_chain_broken", "gauge",
		"1: what came is not what was signed.");
	r = lq_db_query(db, &rows,
		"SELECT name, CASE WHEN broken IS NULL THEN 0 ELSE 1 END FROM controller "
		"ORDER BY name",
		"");
	r = r == LQ_OK ? put_rows(out, "loquet_controller_chain_broken", rows) : r;
	if (r != LQ_OK) {
		return r;
	}
	head(out, "loquet_controller_missing_events", "gauge", "Events that did not come.");
	r = lq_db_query(db, &rows,
		"SELECT c.name, sum(CASE WHEN g.first IS NULL THEN 0 ELSE g.last - g.first + 1 "
		"END) "
		"FROM controller c LEFT JOIN gap g ON g.controller = c.name "
		"GROUP BY c.name ORDER BY c.name",
		"");
	return r == LQ_OK ? put_rows(out, "loquet_controller_missing_events", rows) : r;
}

static void put_zone(FILE *out, const json_t *zone)
{
	static const char *const kinds[] = {"members", "guests", "staff"};
	const char *name = json_string_value(json_object_get(zone, "zone"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && name != NULL; i++) {
		(void)fprintf(out,
			"loquet_occupancy{zone=\"%s\",kind=\"%s\"} %" JSON_INTEGER_FORMAT "\n",
			name, kinds[i], json_integer_value(json_object_get(zone, kinds[i])));
	}
}

static int put_zones(const struct lq_request *request, FILE *out)
{
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	json_t *occupancy = NULL;
	int r = lq_occupancy(request->db, &rules, LQ_NAMES_NONE, request->now_ms, &occupancy);
	if (r != LQ_OK) {
		return r;
	}
	head(out, "loquet_occupancy", "gauge",
		"Persons in a zone; at least so many where exits are not badged.");
	const json_t *zones = json_object_get(occupancy, "zones");
	for (size_t i = 0; i < json_array_size(zones); i++) {
		put_zone(out, json_array_get(zones, i));
	}
	json_decref(occupancy);
	return LQ_OK;
}

static void put_refusals(const struct lq_doors *doors, FILE *out)
{
	const char *last = "";
	head(out, "loquet_roster_refused", "gauge",
		"How often a controller refused a roster since it took one.");
	for (size_t i = 0; i < lq_doors_count(doors); i++) {
		const char *controller = lq_doors_at(doors, i)->controller;
		const json_t *health = lq_doors_health(doors, controller);
		const json_t *refused = json_object_get(health, "rosterRefused");
		if (strcmp(controller, last) != 0 && health != NULL) {
			(void)fprintf(out,
				"loquet_roster_refused{controller=\"%s\"} %" JSON_INTEGER_FORMAT
				"\n",
				controller, json_integer_value(json_object_get(refused, "count")));
		}
		last = controller;
	}
}

static void put_doors(const struct lq_doors *doors, FILE *out)
{
	const char *last = "";
	head(out, "loquet_roster_age_seconds", "gauge",
		"How old a controller's copy of the roster is.");
	for (size_t i = 0; i < lq_doors_count(doors); i++) {
		const char *controller = lq_doors_at(doors, i)->controller;
		const json_t *age =
			json_object_get(lq_doors_health(doors, controller), "rosterAge");
		if (strcmp(controller, last) != 0 && json_is_number(age)) {
			(void)fprintf(out, "loquet_roster_age_seconds{controller=\"%s\"} %.0f\n",
				controller, json_number_value(age));
		}
		last = controller;
	}
	put_refusals(doors, out);
	head(out, "loquet_controller_online", "gauge", "1: the controller is connected.");
	last = "";
	for (size_t i = 0; i < lq_doors_count(doors); i++) {
		const char *controller = lq_doors_at(doors, i)->controller;
		if (strcmp(controller, last) != 0) {
			(void)fprintf(out, "loquet_controller_online{controller=\"%s\"} %d\n",
				controller, lq_doors_online(doors, controller) ? 1 : 0);
		}
		last = controller;
	}
}

int lq_api_metrics(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_office *office = request->office;
	FILE *out = open_memstream(&answer->text, &answer->text_length);
	if (out == NULL) {
		return lq_problem_db(request, answer, LQ_ERR_NO_MEMORY);
	}
	int r = put_controllers(request->db, out);
	r = r == LQ_OK ? put_zones(request, out) : r;
	if (r == LQ_OK && office != NULL && office->doors != NULL) {
		put_doors(office->doors, out);
		head(out, "loquet_events_left_out", "gauge",
			"Events of the next days that doors have no room for.");
		(void)fprintf(out, "loquet_events_left_out %zu\n", office->events_left_out);
	}
	if (fclose(out) != 0 && r == LQ_OK) {
		r = LQ_ERR_NO_MEMORY;
	}
	answer->type = "text/plain; version=0.0.4; charset=utf-8";
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

const struct lq_route lq_routes_metrics[] = {
	{"GET", "/metrics", LQ_SCOPE_FIGURES, lq_api_metrics},
};

const size_t lq_routes_metrics_count = sizeof(lq_routes_metrics) / sizeof(lq_routes_metrics[0]);

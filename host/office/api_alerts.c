#include "host/office/api_alerts.h"

#include "firmware/core/err.h"
#include "host/office/alerts.h"
#include "host/office/body.h"
#include "host/office/realm.h"

#include <inttypes.h>
#include <stdio.h>

#define SHOWN_MAX 100 /* the newest */

const struct lq_route lq_routes_alerts[] = {
	{"GET", "/alerts", LQ_SCOPE_NOW, lq_api_alerts},
	{"DELETE", "/alerts/{controller}/{seq}", LQ_SCOPE_DOORS, lq_api_alert_seen},
};

const size_t lq_routes_alerts_count = sizeof(lq_routes_alerts) / sizeof(lq_routes_alerts[0]);

/* The hidden are told of without name and number, unless the past may be seen. */
static json_t *alert_json(const struct lq_request *request, struct lq_rows *rows)
{
	char person[LQ_PERSON_TEXT_SIZE];
	bool hidden = lq_rows_integer(rows, 8) != 0;
	bool named = !hidden || (request->caller.scopes & 1u << LQ_SCOPE_HISTORY) != 0;
	lq_person_text(lq_rows_text(rows, 3), lq_rows_integer(rows, 4), person);
	return json_pack("{s:s, s:I, s:s, s:s?, s:s?, s:b, s:s, s:o}", "controller",
		lq_rows_text(rows, 0), "seq", (json_int_t)lq_rows_integer(rows, 1), "kind",
		lq_rows_text(rows, 2), "person", named ? person : NULL, "name",
		named ? lq_rows_text(rows, 7) : NULL, "hidden", (int)hidden, "door",
		lq_rows_text(rows, 5), "at", lq_json_time(lq_rows_integer(rows, 6)));
}

int lq_api_alerts(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_rows *rows = NULL;
	json_t *items = json_array();
	int r = lq_db_query(request->db, &rows,
		"SELECT a.controller, a.seq, a.kind, a.realm, a.holder, a.door, a.at, "
		"coalesce(p.name, b.name), "
		"coalesce(p.hidden, 0) FROM alert a "
		"LEFT JOIN person p ON a.realm = '' AND p.number = a.holder "
		"LEFT JOIN board_member b ON b.realm = a.realm AND b.holder = a.holder WHERE a.at "
		"> ?1 "
		"ORDER BY a.at DESC, a.controller, a.seq DESC LIMIT ?2",
		"ii", request->now_ms - LQ_ALERT_MS, (int64_t)SHOWN_MAX);
	if (r == LQ_OK) {
		while ((r = lq_rows_next(rows)) == 1) {
			(void)json_array_append_new(items, alert_json(request, rows));
		}
		lq_rows_end(rows);
	}
	if (r != LQ_OK) {
		json_decref(items);
		return lq_problem_db(request, answer, r);
	}
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return answer->status = 200;
}

int lq_api_alert_seen(const struct lq_request *request, struct lq_answer *answer)
{
	char object[LQ_NAME_SIZE + 32];
	const char *controller = request->parameters[0];
	int64_t seq = lq_parse_number(request->parameters[1]);
	int64_t r = lq_db_run(request->db, "DELETE FROM alert WHERE controller = ?1 AND seq = ?2",
		"ti", controller, seq);
	if (r == 0) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"there is no such alert: somebody has seen it, or it is too old",
			"cette alerte n’existe pas : quelqu’un l’a vue, ou elle est trop ancienne");
	}
	(void)snprintf(object, sizeof(object), "alert/%.*s/%" PRId64, (int)LQ_NAME_SIZE - 1,
		controller, seq);
	r = r < 0 ? r : lq_audit(request, "alert.seen", object, "");
	if (r < 0) {
		return lq_problem_db(request, answer, (int)r);
	}
	lq_announce(request, "alarms");
	return answer->status = 204;
}

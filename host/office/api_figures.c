#include "host/office/api_figures.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/span.h"

#include <string.h>

#define DAYS_MAX    400
#define REFRESH_MAX 4 /* days made anew for one look; the others follow by themselves */

const struct lq_route lq_routes_figures[] = {
	{"GET", "/api/v1/figures", LQ_SCOPE_FIGURES, lq_api_figures},
};

const size_t lq_routes_figures_count = sizeof(lq_routes_figures) / sizeof(lq_routes_figures[0]);

static int query(const struct lq_request *request, bool by_day, int64_t from_ms, int64_t to_ms,
	struct lq_rows **ret_rows)
{
	/* Hours that are still to come hold who will be taken for in then. */
	if (by_day) {
		return lq_db_query(request->db, ret_rows,
			"SELECT day_begins, max(most), sum(visits), sum(members), sum(guests), "
			"sum(staff) FROM figure WHERE at >= ?1 AND at < ?2 AND at <= ?3 "
			"GROUP BY day_begins ORDER BY day_begins",
			"iii", from_ms, to_ms, request->now_ms);
	}
	return lq_db_query(request->db, ret_rows,
		"SELECT at, most, visits, members, guests, staff FROM figure "
		"WHERE at >= ?1 AND at < ?2 AND at <= ?3 ORDER BY at",
		"iii", from_ms, to_ms, request->now_ms);
}

static json_t *figure_json(struct lq_rows *rows, uint32_t cut)
{
	char date[LQ_BUSINESS_DATE_SIZE];
	int64_t at_ms = lq_rows_integer(rows, 0);
	struct lq_business_day day = lq_business_day_at(at_ms, cut);
	lq_business_date(&day, date);
	return json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:I}", "at", lq_json_time(at_ms), "date",
		date, "occupancyMax", (json_int_t)lq_rows_integer(rows, 1), "visits",
		(json_int_t)lq_rows_integer(rows, 2), "members",
		(json_int_t)lq_rows_integer(rows, 3), "guests",
		(json_int_t)lq_rows_integer(rows, 4), "staff",
		(json_int_t)lq_rows_integer(rows, 5));
}

int lq_api_figures(const struct lq_request *request, struct lq_answer *answer)
{
	const char *by = lq_query_value(request->query, "by");
	struct lq_business_day first = {0};
	struct lq_business_day last = {0};
	struct lq_rows *rows = NULL;
	int status = lq_span_read(request, answer, DAYS_MAX, &first, &last);
	if (status != 0) {
		return status;
	}
	bool by_day = by == NULL || strcmp(by, "day") == 0;
	if (!by_day && strcmp(by, "hour") != 0) {
		return lq_problem(request, answer, 400, "invalid", "by",
			"by: expected “hour” or “day”", "by : attendu « hour » ou « day »");
	}
	int r = lq_figures_refresh(request->db, REFRESH_MAX);
	r = r == LQ_OK ? query(request, by_day, first.begins_ms, last.ends_ms, &rows) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	json_t *items = json_array();
	while ((r = lq_rows_next(rows)) == 1) {
		(void)json_array_append_new(items, figure_json(rows, request->config->day_cut));
	}
	lq_rows_end(rows);
	answer->json = json_pack("{s:n, s:o}", "next", "items", items);
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

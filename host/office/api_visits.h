/* Calls about visits. Looking at a person's history is noted in the audit, like every change. */
#ifndef LQ_OFFICE_API_VISITS_H
#define LQ_OFFICE_API_VISITS_H

#include "host/office/api.h"
#include "host/office/visit_row.h"

extern const struct lq_route lq_routes_visits[];
extern const size_t lq_routes_visits_count;

/* A visit as these calls show it. New reference. */
json_t *lq_api_visit_json(const struct lq_request *request,
	const struct lq_visit_settings *settings, const struct lq_visit_row *row);

/* GET visits?date=&person=&after=&limit= */
int lq_api_visits_list(const struct lq_request *request, struct lq_answer *answer);
/* GET visits/{visit} */
int lq_api_visits_get(const struct lq_request *request, struct lq_answer *answer);
/* POST visits */
int lq_api_visits_add(const struct lq_request *request, struct lq_answer *answer);
/* PATCH visits/{visit} */
int lq_api_visits_change(const struct lq_request *request, struct lq_answer *answer);
/* GET visits.csv?from=&to=&purpose= */
int lq_api_visits_csv(const struct lq_request *request, struct lq_answer *answer);

#endif

/* Calls about visitors: guests of somebody, for a time, with a badge of the pool. */
#ifndef LQ_OFFICE_API_VISITORS_H
#define LQ_OFFICE_API_VISITORS_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_visitors[];
extern const size_t lq_routes_visitors_count;

/* GET visitors: those whose time is not over, by its beginning */
int lq_api_visitors_list(const struct lq_request *request, struct lq_answer *answer);
/* POST visitors {name, host, from, to, purpose, profile} */
int lq_api_visitors_add(const struct lq_request *request, struct lq_answer *answer);
/* PATCH visitors/{person} {host, from, to, purpose} */
int lq_api_visitors_change(const struct lq_request *request, struct lq_answer *answer);
/* DELETE visitors/{person}: their time is over, their badges are of the pool again */
int lq_api_visitors_end(const struct lq_request *request, struct lq_answer *answer);
/* POST visitors/{person}/badge {badge}: one of the pool, for their time */
int lq_api_visitors_badge(const struct lq_request *request, struct lq_answer *answer);

#endif

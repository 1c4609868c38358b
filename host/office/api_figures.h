/* Calls about how many came; nobody in particular. */
#ifndef LQ_OFFICE_API_FIGURES_H
#define LQ_OFFICE_API_FIGURES_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_figures[];
extern const size_t lq_routes_figures_count;

/* GET figures?from=&to=&by=hour|day */
int lq_api_figures(const struct lq_request *request, struct lq_answer *answer);

#endif

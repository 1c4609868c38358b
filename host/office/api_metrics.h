/* What a monitor reads (Prometheus, text format 0.0.4): counts, no persons. */
#ifndef LQ_OFFICE_API_METRICS_H
#define LQ_OFFICE_API_METRICS_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_metrics[];
extern const size_t lq_routes_metrics_count;

/* GET /metrics */
int lq_api_metrics(const struct lq_request *request, struct lq_answer *answer);

#endif

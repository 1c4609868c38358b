/* Calls about zones and how many persons they may hold. */
#ifndef LQ_OFFICE_API_ZONES_H
#define LQ_OFFICE_API_ZONES_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_zones[];
extern const size_t lq_routes_zones_count;

int lq_api_zones_list(const struct lq_request *request, struct lq_answer *answer);
int lq_api_zones_change(const struct lq_request *request, struct lq_answer *answer);

#endif

/* Every call of the office's interface. */
#ifndef LQ_OFFICE_ROUTES_H
#define LQ_OFFICE_ROUTES_H

#include "host/office/router.h"

extern const struct lq_route_list lq_route_lists[];
extern const size_t lq_route_list_count;

#endif

/* Logging in and out. */
#ifndef LQ_OFFICE_API_SESSION_H
#define LQ_OFFICE_API_SESSION_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_session[];
extern const size_t lq_routes_session_count;

#endif

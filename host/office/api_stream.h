/* What open pages are told. */
#ifndef LQ_OFFICE_API_STREAM_H
#define LQ_OFFICE_API_STREAM_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_stream[];
extern const size_t lq_routes_stream_count;

#endif

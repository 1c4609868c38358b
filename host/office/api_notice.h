/* The notices to be printed, for anybody. */
#ifndef LQ_OFFICE_API_NOTICE_H
#define LQ_OFFICE_API_NOTICE_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_notice[];
extern const size_t lq_routes_notice_count;

#endif

/* What an operator is to look at. */
#ifndef LQ_OFFICE_API_ALERTS_H
#define LQ_OFFICE_API_ALERTS_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_alerts[];
extern const size_t lq_routes_alerts_count;

lq_handler lq_api_alerts;
lq_handler lq_api_alert_seen;

#endif

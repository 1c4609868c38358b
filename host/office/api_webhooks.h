/* Calls about webhooks. */
#ifndef LQ_OFFICE_API_WEBHOOKS_H
#define LQ_OFFICE_API_WEBHOOKS_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_webhooks[];
extern const size_t lq_routes_webhooks_count;

/* GET webhooks */
int lq_api_webhooks_list(const struct lq_request *request, struct lq_answer *answer);
/* POST webhooks */
int lq_api_webhooks_add(const struct lq_request *request, struct lq_answer *answer);
/* GET webhooks/{webhook} */
int lq_api_webhooks_get(const struct lq_request *request, struct lq_answer *answer);
/* PATCH webhooks/{webhook} */
int lq_api_webhooks_change(const struct lq_request *request, struct lq_answer *answer);
/* DELETE webhooks/{webhook} */
int lq_api_webhooks_remove(const struct lq_request *request, struct lq_answer *answer);
/* GET webhooks/{webhook}/deliveries?limit= */
int lq_api_webhooks_deliveries(const struct lq_request *request, struct lq_answer *answer);
/* POST webhooks/{webhook}/secret */
int lq_api_webhooks_renew(const struct lq_request *request, struct lq_answer *answer);
/* POST webhooks/{webhook}/test */
int lq_api_webhooks_test(const struct lq_request *request, struct lq_answer *answer);

#endif

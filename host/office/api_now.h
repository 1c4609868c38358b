/* Calls about who is in. */
#ifndef LQ_OFFICE_API_NOW_H
#define LQ_OFFICE_API_NOW_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_now[];
extern const size_t lq_routes_now_count;

/* GET now */
int lq_api_now(const struct lq_request *request, struct lq_answer *answer);
/* GET /board.json */
int lq_api_board(const struct lq_request *request, struct lq_answer *answer);

#endif

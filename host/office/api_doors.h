/* Calls about the doors: how they are, and signed commands to them. */
#ifndef LQ_OFFICE_API_DOORS_H
#define LQ_OFFICE_API_DOORS_H

#include "host/office/api.h"
#include "host/office/post.h"

extern const struct lq_route lq_routes_doors[];
extern const size_t lq_routes_doors_count;

/* GET doors */
int lq_api_doors_list(const struct lq_request *request, struct lq_answer *answer);
/* POST doors/{controller}/{door}/open {reason} */
int lq_api_doors_open(const struct lq_request *request, struct lq_answer *answer);
/* POST doors/{controller}/{door}/mode {mode, reason} */
int lq_api_doors_mode(const struct lq_request *request, struct lq_answer *answer);
/* GET commands/{id}: what came of one */
int lq_api_commands_get(const struct lq_request *request, struct lq_answer *answer);

/* Sends a command and answers 202 with its id, or with the problem. */
int lq_api_send(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_sending_wish *wish);

#endif

/* Calls about an evacuation: who may still be inside. An aid, not a proof. */
#ifndef LQ_OFFICE_API_MUSTER_H
#define LQ_OFFICE_API_MUSTER_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_muster[];
extern const size_t lq_routes_muster_count;

/* GET muster */
int lq_api_muster(const struct lq_request *request, struct lq_answer *answer);
/* GET /muster.html: the same, to be printed and ticked by hand */
int lq_api_muster_page(const struct lq_request *request, struct lq_answer *answer);
/* POST muster/ticks {person, ticked} */
int lq_api_muster_freeze(const struct lq_request *request, struct lq_answer *answer);
int lq_api_muster_tick(const struct lq_request *request, struct lq_answer *answer);
/* POST muster/drill {began, ended, remarks} */
int lq_api_muster_drill(const struct lq_request *request, struct lq_answer *answer);
/* GET drills */
int lq_api_drills(const struct lq_request *request, struct lq_answer *answer);

#endif

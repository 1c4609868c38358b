/* Calls about badges. What they take is a UID, typed or scanned, or a door at which the badge is
 * presented; what is kept is its keyed hash. */
#ifndef LQ_OFFICE_API_BADGES_H
#define LQ_OFFICE_API_BADGES_H

#include "firmware/core/site.h"
#include "host/office/api.h"

extern const struct lq_route lq_routes_badges[];
extern const size_t lq_routes_badges_count;

/* GET people/{person}/badges */
int lq_api_badges_list(const struct lq_request *request, struct lq_answer *answer);
/* POST people/{person}/badges {uid …} or {door …} */
int lq_api_badges_add(const struct lq_request *request, struct lq_answer *answer);
/* PATCH badges/{badge} */
int lq_api_badges_change(const struct lq_request *request, struct lq_answer *answer);

struct lq_badge_place {
	char door[2u * LQ_NAME_SIZE]; /* "front" or "front-board/front" */
	char reader[LQ_NAME_SIZE];    /* one of the door's; empty: any */
};

/* Asks for a badge at a door for somebody; 202, or the status of the problem. */
int lq_api_badges_at_door(const struct lq_request *request, struct lq_answer *answer,
	int64_t person, const struct lq_badge_place *place);

#endif

/* Calls about the people of the space. */
#ifndef LQ_OFFICE_API_PEOPLE_H
#define LQ_OFFICE_API_PEOPLE_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_people[];
extern const size_t lq_routes_people_count;

/* GET people?search=&after=&limit= */
int lq_api_people_list(const struct lq_request *request, struct lq_answer *answer);
/* POST people */
int lq_api_people_add(const struct lq_request *request, struct lq_answer *answer);
/* GET people/{person} */
int lq_api_people_get(const struct lq_request *request, struct lq_answer *answer);
/* PATCH people/{person} */
int lq_api_people_change(const struct lq_request *request, struct lq_answer *answer);

/* What the path's first parameter names. 0, or the status of the problem in `answer`. */
struct lq_person;
int lq_api_person(
	const struct lq_request *request, struct lq_answer *answer, struct lq_person *ret_person);

#endif

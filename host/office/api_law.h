/* Calls for somebody who asks what is kept of them, or to be forgotten. */
#ifndef LQ_OFFICE_API_LAW_H
#define LQ_OFFICE_API_LAW_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_law[];
extern const size_t lq_routes_law_count;

/* GET people/{person}/export */
int lq_api_person_export(const struct lq_request *request, struct lq_answer *answer);
/* GET people/{person}/export.csv: the same as a sheet. */
int lq_api_person_csv(const struct lq_request *request, struct lq_answer *answer);
/* GET people/{person}/export.html?lang= */
int lq_api_person_page(const struct lq_request *request, struct lq_answer *answer);
/* DELETE people/{person} */
int lq_api_person_erase(const struct lq_request *request, struct lq_answer *answer);

#endif

/* Calls about the rules: profiles, schedules, special days, opening hours of doors. */
#ifndef LQ_OFFICE_API_RULES_H
#define LQ_OFFICE_API_RULES_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_rules[];
extern const size_t lq_routes_rules_count;

/* GET profiles, GET/PUT/DELETE profiles/{name} {policies:[{accessPoint, schedule|null}]} */
int lq_api_profiles_list(const struct lq_request *request, struct lq_answer *answer);
int lq_api_profiles_get(const struct lq_request *request, struct lq_answer *answer);
int lq_api_profiles_put(const struct lq_request *request, struct lq_answer *answer);
int lq_api_profiles_delete(const struct lq_request *request, struct lq_answer *answer);

/* GET schedules, GET/PUT/DELETE schedules/{name} {periods:[{from,to}], specials:[{group,
 * periods}]}: minutes since Monday 00:00, or of the special day, where no period is closed. */
int lq_api_schedules_list(const struct lq_request *request, struct lq_answer *answer);
int lq_api_schedules_get(const struct lq_request *request, struct lq_answer *answer);
int lq_api_schedules_put(const struct lq_request *request, struct lq_answer *answer);
int lq_api_schedules_delete(const struct lq_request *request, struct lq_answer *answer);

/* GET special-days, GET/PUT/DELETE special-days/{group} {days:[{date, label}]} */
int lq_api_specials_list(const struct lq_request *request, struct lq_answer *answer);
int lq_api_specials_get(const struct lq_request *request, struct lq_answer *answer);
int lq_api_specials_put(const struct lq_request *request, struct lq_answer *answer);
int lq_api_specials_delete(const struct lq_request *request, struct lq_answer *answer);

/* GET door-hours, PUT/DELETE door-hours/{door} {schedule, firstPerson} */
int lq_api_hours_list(const struct lq_request *request, struct lq_answer *answer);
int lq_api_hours_put(const struct lq_request *request, struct lq_answer *answer);
int lq_api_hours_delete(const struct lq_request *request, struct lq_answer *answer);

#endif

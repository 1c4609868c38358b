/* Calls about what happens in the space. */
#ifndef LQ_OFFICE_API_EVENTS_H
#define LQ_OFFICE_API_EVENTS_H

#include "host/office/api.h"
#include "host/office/events.h"

extern const struct lq_route lq_routes_events[];
extern const size_t lq_routes_events_count;

/* GET events?past=true&after=&limit= */
int lq_api_events_list(const struct lq_request *request, struct lq_answer *answer);
/* POST events */
int lq_api_events_add(const struct lq_request *request, struct lq_answer *answer);
/* GET, PATCH, DELETE events/{event} */
int lq_api_events_get(const struct lq_request *request, struct lq_answer *answer);
int lq_api_events_change(const struct lq_request *request, struct lq_answer *answer);
int lq_api_events_remove(const struct lq_request *request, struct lq_answer *answer);
/* GET events/{event}/attendance?date= : counts only */
int lq_api_events_attendance(const struct lq_request *request, struct lq_answer *answer);
/* GET events/{event}/sheet?date=&annex=true */
int lq_api_events_sheet(const struct lq_request *request, struct lq_answer *answer);
/* GET events/{event}.ics */
int lq_api_events_ics(const struct lq_request *request, struct lq_answer *answer);
/* GET calendar.ics?token= : without a token, what is public */
int lq_api_calendar(const struct lq_request *request, struct lq_answer *answer);
/* GET, POST calendar-feeds {name}: the address is shown once; DELETE calendar-feeds/{feed} */
int lq_api_feeds_list(const struct lq_request *request, struct lq_answer *answer);
int lq_api_feeds_add(const struct lq_request *request, struct lq_answer *answer);
int lq_api_feeds_remove(const struct lq_request *request, struct lq_answer *answer);

/* Reads the event that the path names; malloc'ed. 0, or a problem. */
int lq_api_event(const struct lq_request *request, struct lq_answer *answer,
	struct lq_calendar_event **ret_event);

/* The occurrence of the day that ?date= names, or else the first. 0, or a problem. */
int lq_api_occurrence(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_calendar_event *event, struct lq_occurrence *ret_occurrence);

#endif

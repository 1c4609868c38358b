/* The days that a call asks about: ?from=2026-12-01&to=2026-12-31, both of them included. */
#ifndef LQ_OFFICE_SPAN_H
#define LQ_OFFICE_SPAN_H

#include "host/office/api.h"
#include "host/office/business_day.h"

/* 0, or the status of what is wrong with them: `to` is at most `days_max` later. */
int lq_span_read(const struct lq_request *request, struct lq_answer *answer, int days_max,
	struct lq_business_day *ret_first, struct lq_business_day *ret_last);

/* 400: the value of a key of the query is no date. */
int lq_span_no_date(const struct lq_request *request, struct lq_answer *answer, const char *key);

#endif

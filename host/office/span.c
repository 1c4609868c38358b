#include "host/office/span.h"

#include "firmware/core/err.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)

int lq_span_no_date(const struct lq_request *request, struct lq_answer *answer, const char *key)
{
	return lq_problem(request, answer, 400, "invalid", key, "expected a date like 2026-12-01",
		"attendu une date comme 2026-12-01");
}

int lq_span_read(const struct lq_request *request, struct lq_answer *answer, int days_max,
	struct lq_business_day *ret_first, struct lq_business_day *ret_last)
{
	static const char *const keys[] = {"from", "to"};
	struct lq_business_day days[2] = {{0}, {0}};
	char en[96];
	char fr[96];
	for (size_t i = 0; i < 2; i++) {
		const char *date = lq_query_value(request->query, keys[i]);
		if (date == NULL ||
			lq_business_day_parse(date, request->config->day_cut, &days[i]) != LQ_OK) {
			return lq_span_no_date(request, answer, keys[i]);
		}
	}
	int64_t span_ms = days[1].begins_ms - days[0].begins_ms;
	if (span_ms < 0 || span_ms > days_max * DAY_MS) {
		(void)snprintf(en, sizeof(en), "to: expected a day from “from” to %d days later",
			days_max);
		(void)snprintf(fr, sizeof(fr),
			"to : attendu un jour entre « from » et %d jours plus tard", days_max);
		return lq_problem(request, answer, 400, "invalid", "to", en, fr);
	}
	*ret_first = days[0];
	*ret_last = days[1];
	return 0;
}

/* What becomes of visits, for webhooks. Visits are made anew with every event, and a row of them
 * says nothing of what it was before: so what was told of each is kept, and the difference is told.
 * Whoever gets it can go by the visit's id alone: the newest that came of one holds. Inside a
 * transaction. Functions return LQ_OK or an error of the database. */
#ifndef LQ_OFFICE_WEBHOOK_VISITS_H
#define LQ_OFFICE_WEBHOOK_VISITS_H

#include "host/office/api.h"
#include "host/office/visits.h"

/* The visits of this day were made anew. What came of it is told in the next turn. */
int lq_webhook_visits_due(
	struct lq_db *db, const struct lq_visit_owner *owner, const struct lq_business_day *day);

/* Whether the next one has anything to do. */
int lq_webhook_visits_pending(struct lq_db *db, int64_t now_ms, bool *ret_pending);

/* Tells what is due, and which visits the end of their day has ended; returns how many days it
 * looked at, a limited number, or an error. */
int lq_webhook_visits_turn(struct lq_db *db, const struct lq_config *config,
	const struct lq_visit_settings *settings, int64_t now_ms);

/* When what webhooks want changes from `before` to `after`: visits that are there already count as
 * told, or, when nobody wants to be told any more, nothing is kept of them. */
int lq_webhook_visits_watch(const struct lq_request *request, int64_t before, int64_t after);

#endif

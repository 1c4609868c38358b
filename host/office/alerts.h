/* What an operator is to look at: rows of events that ask for it, until somebody has. Functions
 * want a transaction, which the caller commits. */
#ifndef LQ_OFFICE_ALERTS_H
#define LQ_OFFICE_ALERTS_H

#include "host/office/db.h"
#include "host/office/feed.h"

/* Older ones are not shown any more. */
#define LQ_ALERT_MS (INT64_C(24) * 3600 * 1000)

/* Of an event that tells of one. */
int lq_alert_add(struct lq_db *db, const struct lq_feed_event *event);

#endif

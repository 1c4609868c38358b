/* How many came and how many were in, by the hour; nobody in particular. Made anew from the visits
 * of a day, a day at a time, and kept when those are gone. Inside a transaction. */
#ifndef LQ_OFFICE_FIGURES_H
#define LQ_OFFICE_FIGURES_H

#include "firmware/core/visit.h"
#include "host/office/db.h"

/* Visits of the day have changed. */
int lq_figures_due(struct lq_db *db, const struct lq_business_day *day);

/* Makes the figures of up to `limit` days that are due, the latest first. LQ_ERR_NO_MEMORY. */
int lq_figures_refresh(struct lq_db *db, int64_t limit);

#endif

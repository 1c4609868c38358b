/* The table of visits, made of passages and corrections. One thread a handle; inside a transaction.
 * Functions return LQ_OK or an error of the database. */
#ifndef LQ_OFFICE_VISITS_H
#define LQ_OFFICE_VISITS_H

#include "firmware/core/visit.h"
#include "host/office/db.h"

struct lq_visit_owner {
	const char *realm; /* whose number it is: a controller's, or LQ_REALM_OFFICE */
	int64_t holder;
	const char *zone;
};

/* Makes the visits of one day anew, and binds what was said of them. */
int lq_visits_derive(struct lq_db *db, const struct lq_visit_settings *settings,
	const struct lq_visit_owner *owner, const struct lq_business_day *day);

/* Where the rule for half-days was changed: divides the days anew that are not billed yet. */
int lq_visits_divide(struct lq_db *db, const struct lq_visit_settings *settings);

/* A passage that somebody tells of, no door. Derives nothing. */
int lq_visits_tell(struct lq_db *db, const struct lq_visit_owner *owner,
	enum lq_direction direction, int64_t at_ms);

#endif

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

/* The events of one tap are never further apart: a release time is ten minutes at the most. */
#define LQ_VISITS_TAP_MS (INT64_C(3600) * 1000)

/* Makes the visits of one day anew; the day's figures are somebody else's. `corrected`: something
 * may have been said of them, and is bound to them. `told`: webhooks want to hear of it. */
int lq_visits_make(struct lq_db *db, const struct lq_visit_settings *settings,
	const struct lq_visit_owner *owner, const struct lq_business_day *day, bool corrected,
	bool told);

/* When the last day begins that anybody corrected anything of; INT64_MIN: there is none. */
int lq_visits_corrected(struct lq_db *db, int64_t *ret_day_ms);

/* The same of whatever day and for whoever hears of it, and the figures are to be made anew. */
int lq_visits_derive(struct lq_db *db, const struct lq_visit_settings *settings,
	const struct lq_visit_owner *owner, const struct lq_business_day *day);

/* Where the rule for half-days was changed: divides the days anew that are not billed yet. */
int lq_visits_divide(struct lq_db *db, const struct lq_visit_settings *settings);

/* Where a rule by which passages make visits was changed: makes those of the days anew that are not
 * billed yet. */
int lq_visits_remake(struct lq_db *db, const struct lq_visit_settings *settings);

/* Where days were cut at another hour, or in another time zone, than when the visits were made:
 * makes those of the days anew that are not billed yet, and what was said of them goes along. */
int lq_visits_cut(struct lq_db *db, const struct lq_visit_settings *settings, uint32_t cut_hour);

/* A zone that somebody was seen in, and whether exits from it are badged: once they are, for good.
 */
int lq_visits_keep_zone(struct lq_db *db, const char *zone, bool exits);

/* A passage that somebody tells of, no door. Derives nothing. */
int lq_visits_tell(struct lq_db *db, const struct lq_visit_owner *owner,
	enum lq_direction direction, int64_t at_ms);

#endif

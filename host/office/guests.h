/* Guests stay no longer in the books than what they did here. */
#ifndef LQ_OFFICE_GUESTS_H
#define LQ_OFFICE_GUESTS_H

#include "host/office/db.h"

#include <stdint.h>

/* Forgets the guests whose time was over before `before_ms` and of whom no visit is kept any more;
 * their badges are of the pool again. Of a guest without a time of their own, the last change
 * counts, unless a badge or an event to come shows that they are still expected. Of a visitor who
 * became a member, that they were one is forgotten. To be followed like lq_law_purge(), and behind
 * it. LQ_OK or an error of the database. */
int lq_guests_forget(struct lq_db *db, int64_t before_ms, int64_t now_ms);

#endif

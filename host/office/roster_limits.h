/* What a door takes of the rules. More profiles make it refuse the whole roster, revocations too;
 * of more dates, groups or schedules it leaves some out, and does not say which. */
#ifndef LQ_OFFICE_ROSTER_LIMITS_H
#define LQ_OFFICE_ROSTER_LIMITS_H

#include "firmware/core/schedule.h"
#include "host/office/roster_parts.h"

/* A door has 1023 numbers, and while it changes, those of its last roster have theirs still. */
#define LQ_ROSTER_PROFILES_MAX  511u
#define LQ_ROSTER_SCHEDULES_MAX 1023u
#define LQ_ROSTER_GROUPS_MAX    1023u
#define LQ_ROSTER_DAYS_MAX      LQ_CALENDAR_DAYS_MAX

/* `rules` is part 0, its lines in their order. */
bool lq_roster_fits(const struct lq_part *rules);

#endif

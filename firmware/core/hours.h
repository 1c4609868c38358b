/* Opening hours: a door stands Unlocked during the periods of a schedule, from their beginning on
 * or from the first member's coming. A pure step; any thread.
 *
 * What somebody set by hand holds until the next period begins or the present one ends; Blocked,
 * LockedDown and LockedOpen hold until somebody sets another mode, and then that one does so. A
 * clock that cannot be trusted unlocks nothing, and locks what the hours had unlocked. */
#ifndef LQ_CORE_HOURS_H
#define LQ_CORE_HOURS_H

#include "firmware/core/door_mode.h"
#include "firmware/core/schedule.h"

#include <stdbool.h>
#include <stdint.h>

/* What is remembered of them, over restarts too (but for `seen`). Zero is a door that knew none. */
struct lq_hours {
	int64_t period;  /* the first local minute of the present period; 0: outside of any; -1: the
			  * mode was set by hand when the clock could not say which */
	bool first_came; /* a member has come in it */
	bool held;       /* the mode was set by hand since it began, or since the last one ended */
	int64_t seen;    /* the local minute of the last step; 0: none yet */
};

struct lq_hours_rule {
	const struct lq_schedule *schedule; /* NULL: the door has no hours */
	const struct lq_calendar *calendar;
	bool first_person; /* unlocks when the first member of a period has come */
};

enum lq_hours_wish {
	LQ_HOURS_AS_IT_IS,
	LQ_HOURS_UNLOCK,
	LQ_HOURS_LOCK,
	LQ_HOURS_TELL, /* the mode stays, and what stands with it on disk does not: tell it again */
};

/* What the hours want of a door in `mode`. Asked again, they want it still; but they
 * ask only once to be told again. `trusted`: the clock
 * may be believed. `came`: a member was just let in. */
enum lq_hours_wish lq_hours_step(struct lq_hours *hours, const struct lq_hours_rule *rule,
	enum lq_door_mode mode, struct lq_wall now, bool trusted, bool came);

/* Somebody sets the mode by hand. */
void lq_hours_hold(struct lq_hours *hours, bool trusted);

#endif

/* Whether the doors get what is published. The broker holds the roster for them, and may have lost
 * a part of it behind the office's back: a door that needs it then waits for ever. One thread. */
#ifndef LQ_OFFICE_ROSTER_WATCH_H
#define LQ_OFFICE_ROSTER_WATCH_H

#include "host/office/doors.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_ROSTER_LOOK_MS  INT64_C(60000)
#define LQ_ROSTER_AGAIN_MS INT64_C(300000)  /* the second time; then twice as long, … */
#define LQ_ROSTER_MOST_MS  INT64_C(3600000) /* … up to this */

/* Begins as zeroes. */
struct lq_roster_watch {
	int64_t look_ms; /* on the monotonic clock */
	int64_t behind;  /* the version that one lacked then; 0: none did */
	int64_t wait_ms;
	int64_t again_ms; /* not before */
};

/* True where everything is to be published again: a controller that can be heard, and takes the
 * office's roster, has lacked this version, 1 or more, for a minute. */
bool lq_roster_watch(struct lq_roster_watch *watch, const struct lq_doors *doors, int64_t version,
	int64_t mono_ms);

#endif

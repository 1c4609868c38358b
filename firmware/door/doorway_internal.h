/* What the files behind a doorway call of each other. */
#ifndef LQ_DOOR_DOORWAY_INTERNAL_H
#define LQ_DOOR_DOORWAY_INTERNAL_H

#include "firmware/door/daemon.h"

#include <stdbool.h>

static inline struct lq_mono lq_doorway_earlier(struct lq_mono a, struct lq_mono b)
{
	return a.us < b.us ? a : b;
}

/* ---- doorway.c ---- */

/* `pending` is what waited for the disk, NULL when nothing did. `recorded`: what released the lock
 * is on disk. */
void lq_doorway_step(struct lq_door_unit *unit, const struct lq_door_input *input,
	struct lq_pending *pending, bool recorded);
/* Lights and sound, from now on. */
void lq_doorway_show(struct lq_door_unit *unit, enum lq_feedback_kind kind, struct lq_mono now);
/* Journals a door.fault; `cause` is static. */
void lq_doorway_report_fault(struct lq_door_unit *unit, const char *cause, int error);

/* ---- taps.c ---- */

/* What becomes of a tap that was held. Sets the timer anew. */
void lq_doorway_decide(struct lq_daemon *daemon, const struct lq_tap *tap);

/* ---- held.c ---- */

enum lq_hold {
	LQ_HOLD_NOT,     /* the tap is decided now */
	LQ_HOLD_TAKEN,   /* it waits */
	LQ_HOLD_NO_ROOM, /* it should, and cannot */
};

/* Of a tap that would be granted by the roster. */
enum lq_hold lq_held_take(struct lq_daemon *daemon, const struct lq_tap *tap, uint32_t holder);

/* ---- releases.c ---- */

/* What is to be released at the event's door, by nobody at a reader. */
struct lq_pending lq_doorway_pending_of(const struct lq_event *event);
/* NULL: as many wait as can. */
struct lq_pending *lq_doorway_free_pending(struct lq_daemon *daemon);
/* Queues the event and releases the door when it is on disk, or when the deadline passes first. A
 * queue without room counts as a deadline passed: the door comes first, unless the entry spends
 * something. Only on the timer, which is set anew afterwards. */
void lq_doorway_queue_release(
	struct lq_daemon *daemon, const struct lq_event *event, const struct lq_pending *wanted);
/* Likewise, from anywhere. */
void lq_doorway_release_once_recorded(
	struct lq_daemon *daemon, const struct lq_event *event, const struct lq_pending *wanted);
/* At once: its row is on disk already. */
void lq_doorway_release_recorded(struct lq_daemon *daemon, struct lq_pending *pending);
/* Releases, or gives up, what has waited too long. */
void lq_doorway_end_late(struct lq_daemon *daemon, struct lq_mono now);
/* When the next one will have. */
struct lq_mono lq_doorway_next_late(const struct lq_daemon *daemon);

/* ---- opening.c ---- */

/* Somebody sets the mode: the hours leave it alone until they next change. */
void lq_doorway_hold_hours(struct lq_door_unit *unit);
/* The row says that the door is unlocked; what has changed meanwhile is told by rows behind it. */
bool lq_doorway_hours_went_on(struct lq_door_unit *unit);
/* Looks at the hours once a minute, and returns when the next one begins. */
struct lq_mono lq_doorway_tick_hours(struct lq_door_unit *unit, struct lq_mono now);
/* What was wanted of the door before the restart is on disk; its hours may have ended since. */
void lq_doorway_restore_mode(struct lq_door_unit *unit, const struct lq_door_kept *kept);

/* ---- inputs.c ---- */

/* Tells the step how the lines stand, and watches them. */
int lq_doorway_start_inputs(struct lq_door_unit *unit);
/* Reads the levels that may count by now, and returns when the next may. */
struct lq_mono lq_doorway_tick_inputs(struct lq_door_unit *unit, struct lq_mono now);

#endif

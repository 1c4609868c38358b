/* What is wanted of a door until somebody says otherwise: ONVIF's door modes (Door Control
 * service). Accessed is not among them: it is Locked with a passage on its way. Pure; any thread.
 */
#ifndef LQ_CORE_DOOR_MODE_H
#define LQ_CORE_DOOR_MODE_H

#include <stdbool.h>

/* Stored in door.db by these numbers. */
enum lq_door_mode {
	LQ_MODE_LOCKED,
	LQ_MODE_UNLOCKED,
	LQ_MODE_BLOCKED,     /* locked, and no tap or command releases it */
	LQ_MODE_LOCKED_DOWN, /* the same, for an emergency */
	LQ_MODE_LOCKED_OPEN, /* stands released, for an emergency */
	LQ_MODE_COUNT
};

/* "Locked", "Unlocked", "Blocked", "LockedDown", "LockedOpen". Static. */
const char *lq_door_mode_text(enum lq_door_mode mode);

/* By that word, exactly; false when there is none. */
bool lq_door_mode_parse(const char *text, enum lq_door_mode *ret_mode);

static inline bool lq_door_mode_releases(enum lq_door_mode mode)
{
	return mode == LQ_MODE_UNLOCKED || mode == LQ_MODE_LOCKED_OPEN;
}

static inline bool lq_door_mode_refuses(enum lq_door_mode mode)
{
	return mode == LQ_MODE_BLOCKED || mode == LQ_MODE_LOCKED_DOWN;
}

#endif

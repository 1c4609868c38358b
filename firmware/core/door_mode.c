#include "firmware/core/door_mode.h"

#include "firmware/core/assert.h"

#include <string.h>

const char *lq_door_mode_text(enum lq_door_mode mode)
{
	switch (mode) {
	case LQ_MODE_LOCKED:
		return "Locked";
	case LQ_MODE_UNLOCKED:
		return "Unlocked";
	case LQ_MODE_BLOCKED:
		return "Blocked";
	case LQ_MODE_LOCKED_DOWN:
		return "LockedDown";
	case LQ_MODE_LOCKED_OPEN:
		return "LockedOpen";
	case LQ_MODE_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return "";
}

bool lq_door_mode_parse(const char *text, enum lq_door_mode *ret_mode)
{
	for (int mode = 0; mode < LQ_MODE_COUNT; mode++) {
		if (strcmp(text, lq_door_mode_text((enum lq_door_mode)mode)) == 0) {
			*ret_mode = (enum lq_door_mode)mode;
			return true;
		}
	}
	return false;
}

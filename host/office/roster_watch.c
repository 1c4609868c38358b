#include "host/office/roster_watch.h"

static bool lacks(const struct lq_doors *doors, const char *controller, int64_t version)
{
	const json_t *has = json_object_get(lq_doors_health(doors, controller), "rosterVersion");
	return lq_doors_online(doors, controller) && json_is_integer(has) &&
	       json_integer_value(has) < version;
}

static bool any_lacks(const struct lq_doors *doors, int64_t version)
{
	for (size_t i = 0; i < lq_doors_count(doors); i++) {
		if (lacks(doors, lq_doors_at(doors, i)->controller, version)) {
			return true;
		}
	}
	return false;
}

bool lq_roster_watch(struct lq_roster_watch *watch, const struct lq_doors *doors, int64_t version,
	int64_t mono_ms)
{
	if (version <= 0 || (watch->look_ms != 0 && mono_ms < watch->look_ms)) {
		return false;
	}
	bool behind = any_lacks(doors, version);
	bool still = behind && watch->behind == version;
	watch->look_ms = mono_ms + LQ_ROSTER_LOOK_MS;
	watch->behind = behind ? version : 0;
	if (!behind) {
		watch->wait_ms = watch->again_ms = 0;
	}
	if (!still || mono_ms < watch->again_ms) {
		return false;
	}
	watch->wait_ms = watch->wait_ms == 0 ? LQ_ROSTER_AGAIN_MS : 2 * watch->wait_ms;
	watch->wait_ms = watch->wait_ms < LQ_ROSTER_MOST_MS ? watch->wait_ms : LQ_ROSTER_MOST_MS;
	watch->again_ms = mono_ms + watch->wait_ms;
	return true;
}

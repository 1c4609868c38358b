/* The opening hours of a door: what they want of its mode, now and after a restart. */
#include "firmware/door/doorway_internal.h"

static enum lq_hours_wish ask_hours(struct lq_door_unit *unit, enum lq_door_mode mode, bool came)
{
	struct lq_daemon *daemon = unit->daemon;
	const struct lq_rule_tables *rules = daemon->rules;
	const struct lq_calendar calendar = {.days = rules->days, .count = rules->day_count};
	const struct lq_door_hours *set = &rules->hours[unit->door.index];
	const struct lq_hours_rule rule = {
		.schedule = set->schedule == 0 ? NULL : &rules->schedules[set->schedule],
		.calendar = &calendar,
		.first_person = set->first_person};
	struct lq_wall now = lq_daemon_wall(daemon);
	return lq_hours_step(
		&unit->hours, &rule, mode, now, now.trust >= daemon->config->clock_trust, came);
}

static bool clock_trusted(struct lq_daemon *daemon)
{
	return lq_daemon_wall(daemon).trust >= daemon->config->clock_trust;
}

void lq_doorway_hold_hours(struct lq_door_unit *unit)
{
	lq_hours_hold(&unit->hours, clock_trusted(unit->daemon));
}

static void set_by_hours(struct lq_door_unit *unit, enum lq_door_mode mode, const char *cause)
{
	const struct lq_door_input input = {.type = LQ_DOOR_SET_MODE,
		.mode = mode,
		.cause = cause,
		.passage = {.transaction = lq_doorway_transaction(unit->daemon)}};
	lq_doorway_step(unit, &input, NULL, false);
}

static void lock_by_hours(struct lq_door_unit *unit)
{
	set_by_hours(unit, LQ_MODE_LOCKED, clock_trusted(unit->daemon) ? "schedule" : "clock");
}

bool lq_doorway_hours_went_on(struct lq_door_unit *unit)
{
	if (ask_hours(unit, unit->door.mode, false) == LQ_HOURS_UNLOCK) {
		return true;
	}
	if (unit->door.mode == LQ_MODE_LOCKED && !unit->hours.held) {
		lock_by_hours(unit);
	}
	return false;
}

/* Unlocks once that is on disk, like everything that releases. */
static void unlock_by_hours(struct lq_door_unit *unit, bool came)
{
	struct lq_daemon *daemon = unit->daemon;
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		if (daemon->pending[i].token != 0 && daemon->pending[i].by_hours &&
			daemon->pending[i].door == unit->door.index) {
			return;
		}
	}
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_DOOR_MODE_CHANGED);
	event.door = unit->door.index;
	event.transaction = lq_doorway_transaction(daemon);
	event.mode = LQ_MODE_UNLOCKED;
	event.cause = came ? "first_person" : "schedule";
	if (came) {
		event.access_point = lq_access_point(event.door, LQ_DIRECTION_ENTRY);
	}
	event.hours = unit->hours;
	struct lq_pending wanted = lq_doorway_pending_of(&event);
	wanted.sets_mode = true;
	wanted.by_hours = true;
	wanted.mode = LQ_MODE_UNLOCKED;
	lq_doorway_queue_release(daemon, &event, &wanted);
}

static void follow_hours(struct lq_door_unit *unit)
{
	bool came = unit->came;
	unit->hours_anew = false;
	unit->came = false;
	switch (ask_hours(unit, unit->door.mode, came)) {
	case LQ_HOURS_UNLOCK:
		unlock_by_hours(unit, came);
		return;
	case LQ_HOURS_LOCK:
		lock_by_hours(unit);
		return;
	case LQ_HOURS_TELL:
		set_by_hours(unit, unit->door.mode, "schedule");
		return;
	case LQ_HOURS_AS_IT_IS:
		return;
	}
}

struct lq_mono lq_doorway_tick_hours(struct lq_door_unit *unit, struct lq_mono now)
{
	struct lq_daemon *daemon = unit->daemon;
	bool has_hours = daemon->rules->hours[unit->door.index].schedule != 0;
	if (!unit->hours_anew && !unit->came &&
		!(has_hours && lq_mono_due(unit->hours_look, now))) {
		return has_hours ? unit->hours_look : LQ_FAR_AWAY;
	}
	follow_hours(unit);
	int64_t into_minute_ms = lq_daemon_wall(daemon).unix_ms % 60000;
	unit->hours_look = lq_mono_after_ms(now, (uint32_t)(60000 - into_minute_ms));
	return has_hours ? unit->hours_look : LQ_FAR_AWAY;
}

void lq_doorway_rules_changed(struct lq_daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		daemon->doors[i].hours_anew = true;
	}
	lq_daemon_rearm(daemon);
}

void lq_doorway_restore_mode(struct lq_door_unit *unit, const struct lq_door_kept *kept)
{
	enum lq_door_mode mode = kept->mode;
	unit->hours = kept->hours;
	unit->hours_anew = true;
	enum lq_hours_wish wish = ask_hours(unit, mode, false);
	if (wish == LQ_HOURS_LOCK || (wish == LQ_HOURS_TELL && mode == LQ_MODE_LOCKED)) {
		lock_by_hours(unit);
		return;
	}
	if (mode == LQ_MODE_LOCKED) {
		return;
	}
	const struct lq_door_input input = {.type = LQ_DOOR_SET_MODE,
		.mode = mode,
		.cause = "restart",
		.passage = {.transaction = lq_doorway_transaction(unit->daemon)}};
	lq_doorway_step(unit, &input, NULL, true);
}

/* One door's step and its effects: relay, events, lights and sound; what the desk wants of it; its
 * time; where it is opened and closed. */
#include "firmware/core/err.h"
#include "firmware/door/doorway_internal.h"
#include "firmware/wire/control_wire.h"

#include <stdio.h>
#include <string.h>

#define RELAY_RETRY_MS 500u

/* ---- lights and sound ---- */

/* Whatever has come to its end gives way to what stands. */
static void show_feedback(struct lq_door_unit *unit, struct lq_mono now)
{
	uint32_t elapsed_ms = lq_mono_elapsed_us(unit->feedback_since, now) / 1000;
	struct lq_feedback levels = lq_feedback_at(unit->feedback, elapsed_ms);
	if (levels.change_ms == UINT32_MAX && unit->standing != LQ_FEEDBACK_IDLE) {
		unit->feedback = unit->standing;
		unit->feedback_since = now;
		levels = lq_feedback_at(unit->feedback, 0);
	}
	(void)unit->lines.set(unit->lines.ctx, LQ_LINE_LED_GREEN, levels.green);
	(void)unit->lines.set(unit->lines.ctx, LQ_LINE_LED_RED, levels.red);
	(void)unit->lines.set(unit->lines.ctx, LQ_LINE_BUZZER, levels.buzzer);
	unit->feedback_change = levels.change_ms == UINT32_MAX
					? LQ_FAR_AWAY
					: lq_mono_after_ms(unit->feedback_since, levels.change_ms);
}

void lq_doorway_show(struct lq_door_unit *unit, enum lq_feedback_kind kind, struct lq_mono now)
{
	unit->feedback = kind;
	unit->feedback_since = now;
	show_feedback(unit, now);
}

static enum lq_feedback_kind standing_feedback(const struct lq_door *door)
{
	if (lq_door_alarmed(door, LQ_ALARM_HELD_OPEN) ||
		lq_door_alarmed(door, LQ_ALARM_FORCED_OPEN)) {
		return LQ_FEEDBACK_ALARM;
	}
	return lq_door_alarmed(door, LQ_ALARM_PRE_ALARM) ? LQ_FEEDBACK_WARNING : LQ_FEEDBACK_IDLE;
}

/* An alarm that ends is silent at once; one that begins lets an answer to a tap end first. */
static void renew_standing(struct lq_door_unit *unit, struct lq_mono now)
{
	enum lq_feedback_kind before = unit->standing;
	unit->standing = standing_feedback(&unit->door);
	if (before == unit->standing) {
		return;
	}
	if (before != LQ_FEEDBACK_IDLE && unit->feedback == before) {
		lq_doorway_show(unit, unit->standing, now);
	} else {
		show_feedback(unit, now);
	}
}

/* ---- the door's step and its effects ---- */

void lq_doorway_report_fault(struct lq_door_unit *unit, const char *cause, int error)
{
	struct lq_event event = lq_daemon_event(unit->daemon, LQ_EVENT_DOOR_FAULT);
	event.door = unit->door.index;
	event.cause = cause;
	lq_event_set_text(&event, lq_err_text(error));
	lq_daemon_record(unit->daemon, &event);
}

/* Drives the relay to what is commanded. One that does not obey is told of once, and driven again
 * until it does: it may be the lock's way back. Returns what there is to report. */
static int drive_relay(struct lq_door_unit *unit)
{
	struct lq_daemon *daemon = unit->daemon;
	const char *name = daemon->site.doors[unit->door.index];
	bool obeyed = unit->relay_retry.us == LQ_FAR_AWAY.us;
	int r = unit->lines.set(unit->lines.ctx, LQ_LINE_RELAY, unit->door.released);
	unit->relay_retry =
		r == LQ_OK ? LQ_FAR_AWAY : lq_mono_after_ms(lq_daemon_mono(daemon), RELAY_RETRY_MS);
	if (r != LQ_OK && obeyed) {
		lq_log("door %s: the relay line does not obey (%s): check chip and wiring", name,
			lq_err_text(r));
	} else if (r == LQ_OK && !obeyed) {
		lq_log("door %s: the relay line obeys again", name);
	}
	return obeyed ? r : LQ_OK;
}

/* What survives a restart is kept with the event that tells of it. */
static void mark_hold(const struct lq_door_unit *unit, struct lq_event *event, bool held_before,
	struct lq_mono now)
{
	const struct lq_door *door = &unit->door;
	bool begins = event->type == LQ_EVENT_DOOR_ALARM && door->fire_hold && !held_before;
	event->keep_released = door->fire_hold && door->released &&
			       (begins || event->type == LQ_EVENT_DOOR_RELEASED);
	if (begins) {
		event->keep = LQ_KEEP_FIRE;
	} else if (event->type == LQ_EVENT_DOOR_PROPPED) {
		event->keep = LQ_KEEP_PROPPED;
		event->keep_ms =
			event->at.unix_ms + (int64_t)((door->propped_until.us - now.us) / 1000);
	} else if (event->type == LQ_EVENT_DOOR_PROP_ENDED) {
		event->keep = LQ_KEEP_PROPPED;
	}
}

void lq_doorway_step(struct lq_door_unit *unit, const struct lq_door_input *input,
	struct lq_pending *pending, bool recorded)
{
	struct lq_daemon *daemon = unit->daemon;
	struct lq_door_effects effects;
	int fault = LQ_OK;
	bool held = unit->door.fire_hold;
	struct lq_mono before = lq_daemon_mono(daemon);
	struct lq_wall wall = lq_daemon_wall(daemon);
	lq_door_step(&unit->door, &unit->settings, input, before, wall, &effects);
	if (effects.set_relay) {
		fault = drive_relay(unit);
	}
	if (pending != NULL) {
		pending->stages_us[LQ_STAGE_RELAY] =
			lq_mono_elapsed_us(before, lq_daemon_mono(daemon));
	}
	for (uint8_t i = 0; i < effects.event_count; i++) {
		struct lq_event *event = &effects.events[i];
		event->hours = unit->hours;
		if (event->type == LQ_EVENT_DOOR_RELEASED) {
			event->recorded = recorded;
			if (pending != NULL) {
				memcpy(event->stages_us, pending->stages_us,
					sizeof(event->stages_us));
			}
		}
		mark_hold(unit, event, held, before);
		lq_attendance_note(daemon, event, pending != NULL ? &pending->passage : NULL);
		lq_daemon_record(daemon, event);
	}
	if (fault != LQ_OK) {
		lq_doorway_report_fault(unit, "relay", fault);
	}
	if (unit->door.fire_hold != held) {
		(held ? lq_attendance_thaw : lq_attendance_freeze)(daemon, unit->door.index);
	}
	renew_standing(unit, before);
}

struct lq_transaction lq_doorway_transaction(struct lq_daemon *daemon)
{
	return (struct lq_transaction){.run = daemon->run, .number = ++daemon->transactions};
}

/* ---- the operator's desk ---- */

static struct lq_event accepted(
	struct lq_daemon *daemon, uint16_t door, const char *action, const char *actor)
{
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_COMMAND_ACCEPTED);
	event.door = door;
	event.transaction = lq_doorway_transaction(daemon);
	event.action = action;
	memcpy(event.actor, actor, sizeof(event.actor));
	return event;
}

int lq_doorway_command(struct lq_daemon *daemon, uint16_t door, bool extended, const char *actor)
{
	if (lq_door_mode_refuses(daemon->doors[door].door.mode)) {
		return LQ_ERR_BUSY;
	}
	struct lq_event event = accepted(daemon, door, "door.open", actor);
	struct lq_pending wanted = lq_doorway_pending_of(&event);
	wanted.passage.extended = extended;
	lq_doorway_release_once_recorded(daemon, &event, &wanted);
	return LQ_OK;
}

static void lock_by_mode(struct lq_daemon *daemon, uint16_t door, enum lq_door_mode mode,
	struct lq_transaction transaction)
{
	const struct lq_door_input input = {.type = LQ_DOOR_SET_MODE,
		.mode = mode,
		.cause = "command",
		.passage = {.transaction = transaction}};
	lq_doorway_hold_hours(&daemon->doors[door]);
	lq_doorway_step(&daemon->doors[door], &input, NULL, false);
	lq_daemon_rearm(daemon);
}

void lq_doorway_set_mode(
	struct lq_daemon *daemon, uint16_t door, enum lq_door_mode mode, const char *actor)
{
	struct lq_event event = accepted(daemon, door, "door.mode", actor);
	if (lq_door_mode_releases(mode)) {
		struct lq_pending wanted = lq_doorway_pending_of(&event);
		wanted.sets_mode = true;
		wanted.mode = mode;
		lq_doorway_release_once_recorded(daemon, &event, &wanted);
		return;
	}
	lq_daemon_record(daemon, &event);
	lock_by_mode(daemon, door, mode, event.transaction);
}

void lq_doorway_prop(struct lq_daemon *daemon, uint16_t door, uint32_t minutes, const char *actor)
{
	struct lq_event event = accepted(daemon, door, "door.prop", actor);
	const struct lq_door_input input = {.type = LQ_DOOR_PROP, .prop_ms = minutes * 60000u};
	lq_daemon_record(daemon, &event);
	lq_doorway_step(&daemon->doors[door], &input, NULL, false);
	lq_daemon_rearm(daemon);
}

int lq_doorway_confirm_fire(struct lq_daemon *daemon, uint16_t door, const char *actor)
{
	struct lq_door_unit *unit = &daemon->doors[door];
	if (unit->door.fire || !unit->door.fire_hold) {
		return unit->door.fire ? LQ_ERR_BUSY : LQ_ERR_NOT_FOUND;
	}
	const struct lq_door_input input = {.type = LQ_DOOR_FIRE_CONFIRM};
	struct lq_event event = accepted(daemon, door, "door.fire_confirm", actor);
	event.keep = LQ_KEEP_FIRE_OVER;
	lq_daemon_record(daemon, &event);
	lq_doorway_step(unit, &input, NULL, false);
	lq_daemon_rearm(daemon);
	return LQ_OK;
}

void lq_doorway_release(
	struct lq_daemon *daemon, uint16_t door, bool extended, struct lq_transaction transaction)
{
	struct lq_pending pending = {
		.door = door,
		.passage = {.transaction = transaction, .extended = extended},
	};
	lq_doorway_release_recorded(daemon, &pending);
}

void lq_doorway_apply_mode(struct lq_daemon *daemon, uint16_t door, enum lq_door_mode mode,
	struct lq_transaction transaction)
{
	if (lq_door_mode_releases(mode)) {
		struct lq_pending pending = {
			.door = door,
			.passage = {.transaction = transaction},
			.sets_mode = true,
			.mode = mode,
		};
		lq_doorway_release_recorded(daemon, &pending);
		return;
	}
	lock_by_mode(daemon, door, mode, transaction);
}

void lq_doorway_identify(struct lq_daemon *daemon, uint16_t door)
{
	lq_doorway_show(&daemon->doors[door], LQ_FEEDBACK_IDENTIFY, lq_daemon_mono(daemon));
	lq_daemon_rearm(daemon);
}

/* ---- time ---- */

static struct lq_mono tick_door(struct lq_door_unit *unit, struct lq_mono now)
{
	const struct lq_door_input tick = {.type = LQ_DOOR_TICK};
	struct lq_mono deadline = LQ_FAR_AWAY;
	struct lq_mono inputs = lq_doorway_tick_inputs(unit, now);
	lq_doorway_step(unit, &tick, NULL, false);
	if (lq_mono_due(unit->feedback_change, now)) {
		show_feedback(unit, now);
	}
	if (lq_mono_due(unit->relay_retry, now)) {
		(void)drive_relay(unit);
	}
	if (!lq_door_deadline(&unit->door, &unit->settings, &deadline)) {
		deadline = LQ_FAR_AWAY;
	}
	return lq_doorway_earlier(lq_doorway_earlier(deadline, inputs),
		lq_doorway_earlier(unit->relay_retry, unit->feedback_change));
}

struct lq_mono lq_doorway_tick(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	struct lq_mono next = LQ_FAR_AWAY;
	lq_doorway_end_late(daemon, now);
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		next = lq_doorway_earlier(next, lq_doorway_tick_hours(&daemon->doors[i], now));
		next = lq_doorway_earlier(next, tick_door(&daemon->doors[i], now));
	}
	return lq_doorway_earlier(next, lq_doorway_next_late(daemon));
}

/* ---- from start to end ---- */

/* Time that no clock saw does not lengthen the leave to stand open. */
static void resume(struct lq_door_unit *unit, const struct lq_door_hold *hold)
{
	struct lq_daemon *daemon = unit->daemon;
	int64_t left_ms = hold->propped_until_ms - lq_daemon_wall(daemon).unix_ms;
	int64_t most_ms = LQ_PROP_MINUTES_MAX * INT64_C(60000);
	if (hold->propped_until_ms == 0) {
		left_ms = 0;
	} else if (left_ms < 1 || left_ms > most_ms) {
		left_ms = 1; /* over, which is still to be told */
	}
	lq_door_resume(&unit->door, hold->fire, (uint32_t)left_ms, lq_daemon_mono(daemon));
	if (hold->fire && hold->released) {
		const struct lq_door_input input = {.type = LQ_DOOR_FIRE_RESUME,
			.passage = {.transaction = lq_doorway_transaction(daemon)}};
		lq_doorway_step(unit, &input, NULL, true);
	}
}

static int open_door(struct lq_daemon *daemon, uint16_t index)
{
	struct lq_door_unit *unit = &daemon->doors[index];
	const struct lq_config_door *config = &daemon->config->doors[index];
	char user[sizeof("door ") + LQ_NAME_SIZE];
	(void)snprintf(user, sizeof(user), "door %s", config->name);
	int r = lq_doorway_open_lines(config->lines, &config->wiring, user, &unit->lines);
	if (r != LQ_OK) {
		return r;
	}
	unit->daemon = daemon;
	unit->door = lq_door_make(index);
	unit->settings = config->settings;
	unit->feedback_change = LQ_FAR_AWAY;
	unit->relay_retry = LQ_FAR_AWAY;
	resume(unit, &daemon->holds[index]);
	lq_doorway_restore_mode(unit, &daemon->kept[index]);
	return lq_doorway_start_inputs(unit);
}

int lq_doorway_open(struct lq_daemon *daemon)
{
	int r = LQ_OK;
	for (uint16_t i = 0; i < daemon->site.door_count && r == LQ_OK; i++) {
		r = open_door(daemon, i);
	}
	if (r == LQ_OK) {
		lq_attendance_settle(daemon);
	}
	return r;
}

void lq_doorway_close(struct lq_daemon *daemon)
{
	const struct lq_door_input shutdown = {.type = LQ_DOOR_SHUTDOWN};
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		struct lq_door_unit *unit = &daemon->doors[i];
		if (unit->lines.close == NULL) {
			continue;
		}
		if (daemon->writer != NULL) {
			lq_doorway_step(unit, &shutdown, NULL, false);
		}
		unit->lines.close(unit->lines.ctx);
		unit->lines.close = NULL;
	}
}

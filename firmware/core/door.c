#include "firmware/core/door.h"

#include "firmware/core/assert.h"

#include <string.h>

/* One step on its way. */
struct step {
	struct lq_door *door;
	const struct lq_door_settings *settings;
	struct lq_mono now;
	struct lq_wall wall;
	struct lq_door_effects *effects;
};

struct lq_door lq_door_make(uint16_t index)
{
	return (struct lq_door){.index = index, .access_point = LQ_NONE, .doubt = LQ_ALARM_COUNT};
}

void lq_door_resume(struct lq_door *door, bool fire_hold, uint32_t prop_ms, struct lq_mono now)
{
	door->fire_hold = fire_hold;
	door->propped = prop_ms != 0;
	door->propped_until = lq_mono_after_ms(now, prop_ms);
}

const char *lq_door_alarm_text(enum lq_door_alarm alarm)
{
	switch (alarm) {
	case LQ_ALARM_FORCED_OPEN:
		return "forced_open";
	case LQ_ALARM_PRE_ALARM:
		return "pre_alarm";
	case LQ_ALARM_HELD_OPEN:
		return "held_open";
	case LQ_ALARM_REX_STUCK:
		return "rex_stuck";
	case LQ_ALARM_TAMPER:
		return "tamper";
	case LQ_ALARM_FIRE:
		return "fire";
	case LQ_ALARM_AJAR:
		return "ajar";
	case LQ_ALARM_MISMATCH:
		return "mismatch";
	case LQ_ALARM_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return "";
}

/* ---- events ---- */

static struct lq_event *add_event(struct step *step, enum lq_event_type type)
{
	struct lq_door_effects *effects = step->effects;
	LQ_ASSERT(effects->event_count < LQ_DOOR_EVENTS_MAX);
	struct lq_event *event = &effects->events[effects->event_count++];
	*event = lq_event_make(type, step->wall);
	event->door = step->door->index;
	return event;
}

static void add_passage(
	struct step *step, enum lq_event_type type, const struct lq_passage *passage)
{
	if (passage->access_point == LQ_NONE) {
		return;
	}
	struct lq_event *event = add_event(step, type);
	event->access_point = passage->access_point;
	event->transaction = passage->transaction;
	event->credential = passage->credential;
	event->holder = passage->holder;
	event->of_office = passage->of_office;
}

static void settle_waiting(struct step *step, enum lq_event_type type)
{
	for (uint8_t i = 0; i < step->door->waiting_count; i++) {
		add_passage(step, type, &step->door->waiting[i]);
	}
	step->door->waiting_count = 0;
}

static uint16_t way_out(const struct lq_door *door)
{
	return lq_access_point(door->index, LQ_DIRECTION_EXIT);
}

static void set_alarm(struct step *step, enum lq_door_alarm alarm, bool on)
{
	if (lq_door_alarmed(step->door, alarm) == on) {
		return;
	}
	step->door->alarms ^= (uint16_t)(1u << (unsigned)alarm);
	struct lq_event *event =
		add_event(step, on ? LQ_EVENT_DOOR_ALARM : LQ_EVENT_DOOR_ALARM_ENDED);
	event->cause = lq_door_alarm_text(alarm);
	event->access_point = alarm == LQ_ALARM_REX_STUCK ? way_out(step->door) : LQ_NONE;
}

/* ---- the lock ---- */

static bool wants_release(const struct lq_door *door)
{
	return lq_door_mode_releases(door->mode) || door->accessed ||
	       (door->fire_hold && door->released);
}

static void drive_release(struct step *step, struct lq_transaction transaction,
	uint16_t access_point, const char *cause)
{
	step->effects->set_relay = true;
	step->effects->relay_released = true;
	step->door->released = true;
	step->door->transaction = transaction;
	step->door->access_point = access_point;
	struct lq_event *event = add_event(step, LQ_EVENT_DOOR_RELEASED);
	event->access_point = access_point;
	event->transaction = transaction;
	event->cause = cause;
}

static void drive_lock(struct step *step, const char *cause)
{
	step->effects->set_relay = true;
	step->effects->relay_released = false;
	if (!step->door->released) {
		return;
	}
	step->door->released = false;
	struct lq_event *event = add_event(step, LQ_EVENT_DOOR_RELOCKED);
	event->access_point = step->door->access_point;
	event->transaction = step->door->transaction;
	event->cause = cause;
}

static void lock_unless_wanted(struct step *step, const char *cause)
{
	if (step->door->released && !wants_release(step->door)) {
		drive_lock(step, cause);
	}
}

static uint32_t longer(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t open_limit_ms(const struct lq_door *door, const struct lq_door_settings *settings)
{
	if (settings->open_ms == 0 || !door->extended) {
		return settings->open_ms;
	}
	return longer(settings->open_ms, settings->extended_open_ms);
}

static void take_extended(struct step *step)
{
	step->door->extended = true;
	step->door->held_at =
		lq_mono_after_ms(step->now, open_limit_ms(step->door, step->settings));
	set_alarm(step, LQ_ALARM_PRE_ALARM, false);
}

static void await_passage(struct step *step, const struct lq_passage *passage)
{
	struct lq_door *door = step->door;
	if (!step->settings->has_contact) {
		return;
	}
	if (door->contact == LQ_OBSERVED_OPEN) {
		add_passage(step, LQ_EVENT_ACCESS_TAKEN, passage);
		return;
	}
	if (door->waiting_count == LQ_WAITING_MAX) {
		add_passage(step, LQ_EVENT_ACCESS_NOT_TAKEN, &door->waiting[0]);
		memmove(&door->waiting[0], &door->waiting[1],
			sizeof(door->waiting) - sizeof(door->waiting[0]));
		door->waiting_count--;
	}
	door->waiting[door->waiting_count++] = *passage;
}

static void release(struct step *step, const struct lq_passage *passage)
{
	struct lq_door *door = step->door;
	const struct lq_door_settings *settings = step->settings;
	if (lq_door_mode_refuses(door->mode)) {
		add_passage(step, LQ_EVENT_ACCESS_NOT_TAKEN, passage);
		return;
	}
	uint32_t ms = passage->extended
			      ? longer(settings->release_ms, settings->extended_release_ms)
			      : settings->release_ms;
	struct lq_mono until = lq_mono_after_ms(step->now, ms);
	/* Who comes behind somebody who needs longer does not shorten it. */
	bool shorter = door->accessed && door->extended && door->relock_at.us > until.us;
	door->relock_at = shorter ? door->relock_at : until;
	door->relock_cause = "release_time";
	door->accessed = true;
	drive_release(step, passage->transaction, passage->access_point,
		passage->access_point == LQ_NONE ? "command" : "access");
	if (passage->extended) {
		take_extended(step);
	}
	await_passage(step, passage);
}

static void end_access(struct step *step, const char *cause)
{
	step->door->accessed = false;
	step->door->extended = step->door->extended && step->door->contact == LQ_OBSERVED_OPEN;
	settle_waiting(step, LQ_EVENT_ACCESS_NOT_TAKEN);
	lock_unless_wanted(step, cause);
}

static void relock_early(struct step *step, enum lq_relock_on when, const char *cause)
{
	struct lq_door *door = step->door;
	if (!door->accessed || step->settings->relock_on != when) {
		return;
	}
	struct lq_mono at = lq_mono_after_ms(step->now, step->settings->relock_delay_ms);
	if (at.us < door->relock_at.us) {
		door->relock_at = at;
		door->relock_cause = cause;
	}
}

/* ---- commands ---- */

static void set_mode(struct step *step, const struct lq_door_input *input)
{
	struct lq_door *door = step->door;
	door->mode = input->mode;
	if (!input->told) {
		struct lq_event *event = add_event(step, LQ_EVENT_DOOR_MODE_CHANGED);
		event->transaction = input->passage.transaction;
		event->mode = input->mode;
		event->cause = input->cause;
	}
	if (lq_door_mode_refuses(door->mode) && door->accessed) {
		end_access(step, "mode");
	} else if (lq_door_mode_releases(door->mode) && !door->released) {
		drive_release(step, input->passage.transaction, LQ_NONE, "mode");
	} else {
		lock_unless_wanted(step, "mode");
	}
}

static void end_prop(struct step *step, const char *cause)
{
	if (step->door->propped) {
		step->door->propped = false;
		add_event(step, LQ_EVENT_DOOR_PROP_ENDED)->cause = cause;
	}
}

static void prop(struct step *step, uint32_t prop_ms)
{
	if (prop_ms == 0) {
		end_prop(step, "command");
		return;
	}
	step->door->propped = true;
	step->door->propped_until = lq_mono_after_ms(step->now, prop_ms);
	add_event(step, LQ_EVENT_DOOR_PROPPED)->count = prop_ms / 60000u;
}

static void confirm_fire(struct step *step)
{
	if (!step->door->fire) {
		step->door->fire_hold = false;
		lock_unless_wanted(step, "fire_confirmed");
	}
}

/* ---- what was observed ---- */

static bool exit_announced(const struct step *step)
{
	return step->door->rex || !lq_mono_due(step->door->exit_until, step->now);
}

/* Which way somebody is expected through; LQ_NONE: either, or nobody in particular. */
static uint16_t expected_way(const struct step *step)
{
	const struct lq_door *door = step->door;
	uint16_t way = exit_announced(step) ? way_out(door) : LQ_NONE;
	for (uint8_t i = 0; i < door->waiting_count; i++) {
		uint16_t other = door->waiting[i].access_point;
		if (other == LQ_NONE || (way != LQ_NONE && way != other)) {
			return LQ_NONE;
		}
		way = other;
	}
	return way;
}

static void observe_contact(struct step *step, bool open)
{
	struct lq_door *door = step->door;
	enum lq_observed before = door->contact;
	door->contact = open ? LQ_OBSERVED_OPEN : LQ_OBSERVED_CLOSED;
	if (before == door->contact) {
		return;
	}
	if (!open) {
		add_event(step, LQ_EVENT_DOOR_CLOSED);
		if (before == LQ_OBSERVED_OPEN) { /* it was seen to close, not only found closed */
			door->extended = door->extended && door->accessed;
			relock_early(step, LQ_RELOCK_ON_CLOSE, "closed");
		}
		return;
	}
	bool expected = door->released || exit_announced(step) || door->fire_hold;
	struct lq_event *event = add_event(step, LQ_EVENT_DOOR_OPENED);
	event->expected = expected;
	event->access_point = expected_way(step);
	settle_waiting(step, LQ_EVENT_ACCESS_TAKEN);
	relock_early(step, LQ_RELOCK_ON_OPEN, "opened");
	/* One that was never seen closed was not seen to be forced. */
	set_alarm(step, LQ_ALARM_FORCED_OPEN, before == LQ_OBSERVED_CLOSED && !expected);
}

static void observe_rex(struct step *step, bool active)
{
	struct lq_door *door = step->door;
	if (active && !door->rex) {
		door->exit_until = lq_mono_after_ms(step->now, step->settings->release_ms);
		door->rex_stuck_at = lq_mono_after_ms(step->now, step->settings->rex_stuck_ms);
		add_event(step, LQ_EVENT_DOOR_EXIT_REQUESTED)->access_point = way_out(door);
	}
	door->rex = active;
	if (!active) {
		set_alarm(step, LQ_ALARM_REX_STUCK, false);
	}
}

static void observe_fire(struct step *step, bool active)
{
	step->door->fire = active;
	step->door->fire_hold = step->door->fire_hold || active;
	set_alarm(step, LQ_ALARM_FIRE, active);
}

static void lose_inputs(struct step *step)
{
	step->door->contact = LQ_OBSERVED_FAULT;
	step->door->lock = step->door->lock == LQ_LOCK_UNKNOWN ? LQ_LOCK_UNKNOWN : LQ_LOCK_FAULT;
	observe_rex(step, false);
}

/* ---- what follows from the state ---- */

static void watch_opening(struct step *step)
{
	struct lq_door *door = step->door;
	bool open = door->contact == LQ_OBSERVED_OPEN;
	bool meant = lq_door_mode_releases(door->mode) || door->fire_hold;
	bool watched = open && !meant && !door->propped && step->settings->open_ms != 0;
	if (watched && !door->watched) {
		door->held_at = lq_mono_after_ms(step->now, open_limit_ms(door, step->settings));
	}
	door->watched = watched;
	if (!watched) {
		set_alarm(step, LQ_ALARM_PRE_ALARM, false);
		set_alarm(step, LQ_ALARM_HELD_OPEN, false);
	}
	if (!open || meant) {
		set_alarm(step, LQ_ALARM_FORCED_OPEN, false);
	}
}

static enum lq_door_alarm doubt_of(const struct step *step)
{
	const struct lq_door *door = step->door;
	if (door->released && door->lock == LQ_LOCK_LOCKED) {
		return LQ_ALARM_MISMATCH;
	}
	if (door->released || door->lock != LQ_LOCK_UNLOCKED) {
		return LQ_ALARM_COUNT;
	}
	if (!step->settings->has_contact) {
		return LQ_ALARM_MISMATCH;
	}
	return door->contact == LQ_OBSERVED_CLOSED ? LQ_ALARM_AJAR : LQ_ALARM_COUNT;
}

static void watch_bolt(struct step *step)
{
	enum lq_door_alarm doubt = doubt_of(step);
	if (doubt == step->door->doubt) {
		return;
	}
	set_alarm(step, LQ_ALARM_AJAR, false);
	set_alarm(step, LQ_ALARM_MISMATCH, false);
	step->door->doubt = doubt;
	step->door->doubt_at = lq_mono_after_ms(step->now, step->settings->bolt_ms);
}

/* When the pre-alarm begins; only meaningful while watched. */
static struct lq_mono pre_alarm_at(
	const struct lq_door *door, const struct lq_door_settings *settings)
{
	uint64_t before_us = settings->pre_alarm_ms * UINT64_C(1000);
	return (struct lq_mono){
		.us = door->held_at.us > before_us ? door->held_at.us - before_us : 0};
}

static bool pre_alarm_fits(const struct lq_door *door, const struct lq_door_settings *settings)
{
	return settings->pre_alarm_ms != 0 &&
	       settings->pre_alarm_ms < open_limit_ms(door, settings);
}

static void pass_time(struct step *step)
{
	struct lq_door *door = step->door;
	if (door->accessed && lq_mono_due(door->relock_at, step->now)) {
		end_access(step, door->relock_cause);
	}
	if (door->propped && lq_mono_due(door->propped_until, step->now)) {
		end_prop(step, "time");
	}
	if (door->watched && lq_mono_due(door->held_at, step->now)) {
		set_alarm(step, LQ_ALARM_PRE_ALARM, false);
		set_alarm(step, LQ_ALARM_HELD_OPEN, true);
	} else if (door->watched && pre_alarm_fits(door, step->settings) &&
		   lq_mono_due(pre_alarm_at(door, step->settings), step->now)) {
		set_alarm(step, LQ_ALARM_PRE_ALARM, true);
	}
	if (door->rex && step->settings->rex_stuck_ms != 0 &&
		lq_mono_due(door->rex_stuck_at, step->now)) {
		set_alarm(step, LQ_ALARM_REX_STUCK, true);
	}
	if (door->doubt != LQ_ALARM_COUNT && lq_mono_due(door->doubt_at, step->now)) {
		set_alarm(step, door->doubt, true);
	}
}

static void take_input(struct step *step, const struct lq_door_input *input)
{
	switch (input->type) {
	case LQ_DOOR_RELEASE:
		release(step, &input->passage);
		return;
	case LQ_DOOR_SET_MODE:
		set_mode(step, input);
		return;
	case LQ_DOOR_PROP:
		prop(step, input->prop_ms);
		return;
	case LQ_DOOR_FIRE_CONFIRM:
		confirm_fire(step);
		return;
	case LQ_DOOR_CONTACT:
		observe_contact(step, input->active);
		return;
	case LQ_DOOR_REX:
		observe_rex(step, input->active);
		return;
	case LQ_DOOR_FIRE:
		observe_fire(step, input->active);
		return;
	case LQ_DOOR_TAMPER:
		set_alarm(step, LQ_ALARM_TAMPER, input->active);
		return;
	case LQ_DOOR_BOLT:
		step->door->lock = input->active ? LQ_LOCK_LOCKED : LQ_LOCK_UNLOCKED;
		return;
	case LQ_DOOR_INPUTS_LOST:
		lose_inputs(step);
		return;
	case LQ_DOOR_TICK:
		pass_time(step);
		return;
	case LQ_DOOR_SHUTDOWN:
		step->door->accessed = false;
		settle_waiting(step, LQ_EVENT_ACCESS_NOT_TAKEN);
		drive_lock(step, "shutdown");
		return;
	case LQ_DOOR_FIRE_RESUME:
		drive_release(step, input->passage.transaction, LQ_NONE, "fire");
		return;
	}
	LQ_ASSERT(false);
}

void lq_door_step(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *ret_effects)
{
	struct step step = {door, settings, now, wall, ret_effects};
	ret_effects->set_relay = false;
	ret_effects->event_count = 0;
	take_input(&step, input);
	watch_opening(&step);
	watch_bolt(&step);
	ret_effects->relay_released = door->released;
}

/* ---- what the shell asks ---- */

static void sooner(struct lq_mono at, bool pending, struct lq_mono *deadline, bool *any)
{
	if (pending && (!*any || at.us < deadline->us)) {
		*deadline = at;
		*any = true;
	}
}

bool lq_door_deadline(const struct lq_door *door, const struct lq_door_settings *settings,
	struct lq_mono *ret_deadline)
{
	struct lq_mono deadline = {0};
	bool any = false;
	bool held = lq_door_alarmed(door, LQ_ALARM_HELD_OPEN);
	bool warned = held || lq_door_alarmed(door, LQ_ALARM_PRE_ALARM);
	sooner(door->relock_at, door->accessed, &deadline, &any);
	sooner(door->propped_until, door->propped, &deadline, &any);
	sooner(door->held_at, door->watched && !held, &deadline, &any);
	sooner(pre_alarm_at(door, settings),
		door->watched && !warned && pre_alarm_fits(door, settings), &deadline, &any);
	sooner(door->rex_stuck_at,
		door->rex && settings->rex_stuck_ms != 0 &&
			!lq_door_alarmed(door, LQ_ALARM_REX_STUCK),
		&deadline, &any);
	sooner(door->doubt_at, door->doubt != LQ_ALARM_COUNT && !lq_door_alarmed(door, door->doubt),
		&deadline, &any);
	if (any) {
		*ret_deadline = deadline;
	}
	return any;
}

enum lq_reason lq_door_objection(const struct lq_door *door)
{
	switch (door->mode) {
	case LQ_MODE_BLOCKED:
		return LQ_REASON_DOOR_BLOCKED;
	case LQ_MODE_LOCKED_DOWN:
		return LQ_REASON_DOOR_LOCKED_DOWN;
	case LQ_MODE_LOCKED:
	case LQ_MODE_UNLOCKED:
	case LQ_MODE_LOCKED_OPEN:
	case LQ_MODE_COUNT:
		break;
	}
	return LQ_REASON_NOT_DECIDED;
}

const char *lq_door_shown_mode(const struct lq_door *door)
{
	return door->mode == LQ_MODE_LOCKED && door->accessed ? "Accessed"
							      : lq_door_mode_text(door->mode);
}

#include "firmware/core/door.h"

#include "firmware/core/assert.h"

#include <string.h>

struct lq_door lq_door_make(uint16_t index)
{
	return (struct lq_door){.index = index};
}

static struct lq_event *add_event(const struct lq_door *door, enum lq_event_type type,
	struct lq_wall wall, struct lq_door_effects *effects)
{
	LQ_ASSERT(effects->event_count < LQ_DOOR_EVENTS_MAX);
	struct lq_event *event = &effects->events[effects->event_count++];
	*event = lq_event_make(type, wall);
	event->door = door->index;
	return event;
}

static void add_passage(const struct lq_door *door, enum lq_event_type type,
	const struct lq_passage *passage, struct lq_wall wall, struct lq_door_effects *effects)
{
	if (passage->access_point == LQ_NONE) {
		return;
	}
	struct lq_event *event = add_event(door, type, wall, effects);
	event->access_point = passage->access_point;
	event->transaction = passage->transaction;
	event->credential = passage->credential;
	event->holder = passage->holder;
}

static void settle_waiting(struct lq_door *door, enum lq_event_type type, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	for (uint8_t i = 0; i < door->waiting_count; i++) {
		add_passage(door, type, &door->waiting[i], wall, effects);
	}
	door->waiting_count = 0;
}

static void release(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_passage *passage, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	effects->set_relay = true;
	effects->relay_released = true;
	door->released = true;
	door->relock_at = lq_mono_after_ms(now, settings->release_ms);
	door->transaction = passage->transaction;
	struct lq_event *event = add_event(door, LQ_EVENT_DOOR_RELEASED, wall, effects);
	event->transaction = passage->transaction;
	event->cause = passage->access_point == LQ_NONE ? "command" : "access";

	if (!settings->has_contact) {
		return;
	}
	if (door->contact == LQ_OBSERVED_OPEN) {
		add_passage(door, LQ_EVENT_ACCESS_TAKEN, passage, wall, effects);
		return;
	}
	if (door->waiting_count == LQ_WAITING_MAX) {
		add_passage(door, LQ_EVENT_ACCESS_NOT_TAKEN, &door->waiting[0], wall, effects);
		memmove(&door->waiting[0], &door->waiting[1],
			sizeof(door->waiting) - sizeof(door->waiting[0]));
		door->waiting_count--;
	}
	door->waiting[door->waiting_count++] = *passage;
}

static void relock(struct lq_door *door, const char *cause, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	effects->set_relay = true;
	effects->relay_released = false;
	if (!door->released) {
		return;
	}
	door->released = false;
	settle_waiting(door, LQ_EVENT_ACCESS_NOT_TAKEN, wall, effects);
	struct lq_event *event = add_event(door, LQ_EVENT_DOOR_RELOCKED, wall, effects);
	event->transaction = door->transaction;
	event->cause = cause;
}

static void observe(struct lq_door *door, bool open, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	enum lq_observed before = door->contact;
	door->contact = open ? LQ_OBSERVED_OPEN : LQ_OBSERVED_CLOSED;
	if (before == door->contact || (before == LQ_OBSERVED_UNKNOWN && !open)) {
		return;
	}
	if (!open) {
		add_event(door, LQ_EVENT_DOOR_CLOSED, wall, effects);
		return;
	}
	struct lq_event *event = add_event(door, LQ_EVENT_DOOR_OPENED, wall, effects);
	event->expected = door->released || !lq_mono_due(door->exit_until, now);
	settle_waiting(door, LQ_EVENT_ACCESS_TAKEN, wall, effects);
}

void lq_door_step(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *ret_effects)
{
	ret_effects->set_relay = false;
	ret_effects->relay_released = door->released;
	ret_effects->event_count = 0;
	switch (input->type) {
	case LQ_DOOR_RELEASE:
		release(door, settings, &input->passage, now, wall, ret_effects);
		return;
	case LQ_DOOR_CONTACT:
		observe(door, input->open, now, wall, ret_effects);
		return;
	case LQ_DOOR_REX:
		door->exit_until = lq_mono_after_ms(now, settings->release_ms);
		add_event(door, LQ_EVENT_DOOR_EXIT_REQUESTED, wall, ret_effects);
		return;
	case LQ_DOOR_TICK:
		if (door->released && lq_mono_due(door->relock_at, now)) {
			relock(door, "release_time", wall, ret_effects);
		}
		return;
	case LQ_DOOR_SHUTDOWN:
		relock(door, "shutdown", wall, ret_effects);
		return;
	}
	LQ_ASSERT(false);
}

bool lq_door_deadline(const struct lq_door *door, struct lq_mono *ret_deadline)
{
	if (!door->released) {
		return false;
	}
	*ret_deadline = door->relock_at;
	return true;
}

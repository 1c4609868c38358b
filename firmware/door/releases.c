/* Releases that wait for the disk: until their row is there, or the disk took too long. */
#include "firmware/core/err.h"
#include "firmware/door/doorway_internal.h"

#include <string.h>

static void release(struct lq_daemon *daemon, struct lq_pending *pending, bool recorded)
{
	struct lq_door_unit *unit = &daemon->doors[pending->door];
	struct lq_mono now = lq_daemon_mono(daemon);
	struct lq_door_input input = {
		.type = pending->sets_mode ? LQ_DOOR_SET_MODE : LQ_DOOR_RELEASE,
		.passage = pending->passage,
		.mode = pending->mode,
		.cause = "command",
		.told = pending->by_hours,
	};
	if (pending->by_hours && !lq_doorway_hours_went_on(unit)) {
		pending->token = 0;
		return;
	}
	if (pending->sets_mode && !pending->by_hours) {
		lq_doorway_hold_hours(unit);
	}
	pending->stages_us[LQ_STAGE_RECORD] = lq_mono_elapsed_us(pending->asked, now);
	lq_doorway_step(unit, &input, pending, recorded);
	if (!pending->by_hours) {
		lq_doorway_show(unit,
			lq_door_mode_refuses(unit->door.mode) ? LQ_FEEDBACK_REFUSED
							      : LQ_FEEDBACK_GRANTED,
			now);
	}
	if (pending->passage.access_point != LQ_NONE) {
		lq_stages_add(&daemon->stages, pending->stages_us);
	}
	if (!recorded) {
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_JOURNAL_LATE);
		event.door = pending->door;
		event.access_point = pending->passage.access_point;
		event.transaction = pending->passage.transaction;
		event.waited_ms = pending->stages_us[LQ_STAGE_RECORD] / 1000;
		lq_daemon_record(daemon, &event);
		lq_log("door %s opened before its record was on disk (waited %u ms): check the "
		       "disk",
			daemon->site.doors[pending->door], event.waited_ms);
	}
	pending->token = 0;
	if (pending->passage.access_point == lq_access_point(pending->door, LQ_DIRECTION_ENTRY)) {
		unit->came = true;
	}
}

void lq_doorway_release_recorded(struct lq_daemon *daemon, struct lq_pending *pending)
{
	pending->asked = lq_daemon_mono(daemon);
	pending->passage.access_point = LQ_NONE;
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		pending->stages_us[i] = LQ_STAGE_NONE;
	}
	release(daemon, pending, true);
	lq_daemon_rearm(daemon);
}

struct lq_pending lq_doorway_pending_of(const struct lq_event *event)
{
	struct lq_pending wanted = {
		.door = event->door,
		.passage = {.transaction = event->transaction, .access_point = LQ_NONE},
	};
	memcpy(wanted.stages_us, event->stages_us, sizeof(wanted.stages_us));
	return wanted;
}

struct lq_pending *lq_doorway_free_pending(struct lq_daemon *daemon)
{
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		if (daemon->pending[i].token == 0) {
			return &daemon->pending[i];
		}
	}
	return NULL;
}

/* Nothing that spends opens unrecorded: who waited is told, and the row says that nobody passed. */
static void give_up(struct lq_daemon *daemon, struct lq_pending *pending)
{
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_ACCESS_NOT_TAKEN);
	event.door = pending->door;
	event.access_point = pending->passage.access_point;
	event.transaction = pending->passage.transaction;
	event.credential = pending->passage.credential;
	event.holder = pending->passage.holder;
	event.of_office = pending->passage.of_office;
	pending->given_up = true;
	pending->deadline = LQ_FAR_AWAY;
	lq_doorway_show(&daemon->doors[pending->door], LQ_FEEDBACK_REFUSED, lq_daemon_mono(daemon));
	lq_daemon_record(daemon, &event);
}

void lq_doorway_queue_release(
	struct lq_daemon *daemon, const struct lq_event *event, const struct lq_pending *wanted)
{
	struct lq_pending unqueued;
	struct lq_pending *pending = lq_doorway_free_pending(daemon);
	bool slot = pending != NULL;
	pending = slot ? pending : &unqueued;
	*pending = *wanted;
	pending->token = ++daemon->tokens;
	pending->asked = lq_daemon_mono(daemon);
	pending->deadline = lq_mono_after_ms(pending->asked, daemon->config->record_deadline_ms);
	struct lq_job job = {.kind = LQ_JOB_EVENT, .event = *event, .token = pending->token};
	bool queued = lq_writer_submit(daemon->writer, &job) == LQ_OK;
	if (!queued && pending->spends) {
		give_up(daemon, pending);
		pending->token = 0;
	} else if (!queued || !slot) {
		release(daemon, pending, false);
	}
}

void lq_doorway_release_once_recorded(
	struct lq_daemon *daemon, const struct lq_event *event, const struct lq_pending *wanted)
{
	lq_doorway_queue_release(daemon, event, wanted);
	lq_daemon_rearm(daemon);
}

static void end_pending(struct lq_daemon *daemon, struct lq_pending *pending)
{
	if (pending->given_up) {
		pending->token = 0;
	} else {
		release(daemon, pending, true);
	}
}

void lq_doorway_recorded(struct lq_daemon *daemon, uint64_t token)
{
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		if (daemon->pending[i].token == token) {
			end_pending(daemon, &daemon->pending[i]);
			lq_daemon_rearm(daemon);
			return;
		}
	}
}

/* ---- what is spent and not on disk yet ---- */

void lq_doorway_spend_again(struct lq_daemon *daemon, struct lq_credential *credential)
{
	const struct lq_pending *first = NULL;
	size_t count = 0;
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		const struct lq_pending *pending = &daemon->pending[i];
		if (pending->token != 0 && pending->spends &&
			pending->passage.credential == credential->id) {
			count++;
			first = first == NULL || pending->token < first->token ? pending : first;
		}
	}
	for (size_t i = 0; i < count; i++) {
		lq_credential_spend(credential, first->at);
	}
}

void lq_doorway_spend_all_again(struct lq_daemon *daemon)
{
	uint32_t done[LQ_PENDING_MAX];
	size_t count = 0;
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		const struct lq_pending *pending = &daemon->pending[i];
		uint32_t id = pending->passage.credential;
		const struct lq_credential *found = pending->token != 0 && pending->spends
							    ? lq_roster_find_id(daemon->roster, id)
							    : NULL;
		bool again = false;
		for (size_t j = 0; j < count; j++) {
			again = again || done[j] == id;
		}
		if (found != NULL && !again) {
			struct lq_credential credential = *found;
			lq_doorway_spend_again(daemon, &credential);
			(void)lq_roster_put(daemon->roster, &credential); /* in its own place */
			done[count++] = id;
		}
	}
}

/* ---- time ---- */

void lq_doorway_end_late(struct lq_daemon *daemon, struct lq_mono now)
{
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		struct lq_pending *pending = &daemon->pending[i];
		if (pending->token == 0 || !lq_mono_due(pending->deadline, now)) {
			continue;
		}
		if (pending->spends) {
			give_up(daemon, pending);
		} else {
			release(daemon, pending, false);
		}
	}
}

struct lq_mono lq_doorway_next_late(const struct lq_daemon *daemon)
{
	struct lq_mono next = LQ_FAR_AWAY;
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		if (daemon->pending[i].token != 0) {
			next = lq_doorway_earlier(next, daemon->pending[i].deadline);
		}
	}
	return next;
}

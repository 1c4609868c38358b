/* From a tap to the relay: decision, record, release; and the lines. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "firmware/wire/control_wire.h"
#include "hal/gpiod/gpiod_lines.h"
#include "hal/sim/lines/sim_lines.h"

#include <stdio.h>
#include <string.h>

#define RELAY_RETRY_MS  500u
#define CHANGES_AT_ONCE 16

static struct lq_mono earlier(struct lq_mono a, struct lq_mono b)
{
	return a.us < b.us ? a : b;
}

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

static void begin_feedback(
	struct lq_door_unit *unit, enum lq_feedback_kind kind, struct lq_mono now)
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
		begin_feedback(unit, unit->standing, now);
	} else {
		show_feedback(unit, now);
	}
}

/* ---- the door's step and its effects ---- */

static void report_fault(struct lq_door_unit *unit, const char *cause, int error)
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

/* `pending` is what waited for the disk, NULL when nothing did. `recorded`: what released the lock
 * is on disk. */
static void step_door(struct lq_door_unit *unit, const struct lq_door_input *input,
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
		report_fault(unit, "relay", fault);
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

/* ---- opening hours ---- */

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

static void hold_hours(struct lq_door_unit *unit)
{
	lq_hours_hold(&unit->hours, clock_trusted(unit->daemon));
}

static void set_by_hours(struct lq_door_unit *unit, enum lq_door_mode mode, const char *cause)
{
	const struct lq_door_input input = {.type = LQ_DOOR_SET_MODE,
		.mode = mode,
		.cause = cause,
		.passage = {.transaction = lq_doorway_transaction(unit->daemon)}};
	step_door(unit, &input, NULL, false);
}

static void lock_by_hours(struct lq_door_unit *unit)
{
	set_by_hours(unit, LQ_MODE_LOCKED, clock_trusted(unit->daemon) ? "schedule" : "clock");
}

/* The row says that the door is unlocked; what has changed meanwhile is told by rows behind it. */
static bool hours_went_on(struct lq_door_unit *unit)
{
	if (ask_hours(unit, unit->door.mode, false) == LQ_HOURS_UNLOCK) {
		return true;
	}
	if (unit->door.mode == LQ_MODE_LOCKED && !unit->hours.held) {
		lock_by_hours(unit);
	}
	return false;
}

/* ---- releases that wait for the disk ---- */

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
	if (pending->by_hours && !hours_went_on(unit)) {
		pending->token = 0;
		return;
	}
	if (pending->sets_mode && !pending->by_hours) {
		hold_hours(unit);
	}
	pending->stages_us[LQ_STAGE_RECORD] = lq_mono_elapsed_us(pending->asked, now);
	step_door(unit, &input, pending, recorded);
	if (!pending->by_hours) {
		begin_feedback(unit,
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

static struct lq_pending pending_of(const struct lq_event *event)
{
	struct lq_pending wanted = {
		.door = event->door,
		.passage = {.transaction = event->transaction, .access_point = LQ_NONE},
	};
	memcpy(wanted.stages_us, event->stages_us, sizeof(wanted.stages_us));
	return wanted;
}

static struct lq_pending *free_pending(struct lq_daemon *daemon)
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
	pending->given_up = true;
	pending->deadline = LQ_FAR_AWAY;
	begin_feedback(&daemon->doors[pending->door], LQ_FEEDBACK_REFUSED, lq_daemon_mono(daemon));
	lq_daemon_record(daemon, &event);
}

/* Queues the event and releases the door when it is on disk, or when the deadline passes first. A
 * queue without room counts as a deadline passed: the door comes first, unless the entry spends
 * something. */
static void queue_release(
	struct lq_daemon *daemon, const struct lq_event *event, const struct lq_pending *wanted)
{
	struct lq_pending unqueued;
	struct lq_pending *pending = free_pending(daemon);
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

static void release_once_recorded(
	struct lq_daemon *daemon, const struct lq_event *event, const struct lq_pending *wanted)
{
	queue_release(daemon, event, wanted);
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

/* ---- taps ---- */

static const struct lq_credential *find_credential(
	struct lq_daemon *daemon, const struct lq_sighting *sighting)
{
	uint8_t key[16];
	if (lq_sighting_objection(sighting) != LQ_REASON_NOT_DECIDED ||
		lq_uid_key(&daemon->keys, sighting->uid, sighting->uid_len, key) != LQ_OK) {
		return NULL;
	}
	return lq_roster_find(daemon->roster, key);
}

static struct lq_rules rules_at(const struct lq_daemon *daemon, uint16_t reader)
{
	return (struct lq_rules){
		.profiles = daemon->rules->profiles,
		.schedules = daemon->rules->schedules,
		.profile_count = daemon->rules->profile_count,
		.schedule_count = daemon->rules->schedule_count,
		.calendar = {.days = daemon->rules->days, .count = daemon->rules->day_count},
		.clock_trust_min = daemon->config->clock_trust,
		.uid_badges = daemon->config->readers[reader].uid_badges,
	};
}

static void deny(struct lq_daemon *daemon, const struct lq_event *event, struct lq_mono now)
{
	bool refused = event->reason == LQ_REASON_DOOR_BLOCKED ||
		       event->reason == LQ_REASON_DOOR_LOCKED_DOWN ||
		       event->reason == LQ_REASON_READER_LOCKED_OUT ||
		       event->reason == LQ_REASON_NOT_RECORDED;
	begin_feedback(&daemon->doors[event->door],
		refused ? LQ_FEEDBACK_REFUSED : LQ_FEEDBACK_DENIED, now);
	lq_daemon_record(daemon, event);
	lq_daemon_rearm(daemon);
}

/* ---- too many wrong badges ---- */

/* True when it refused before this tap. Whoever wants out has nothing to guess. */
static bool locked_out(const struct lq_daemon *daemon, uint16_t reader, struct lq_mono now)
{
	return daemon->config->readers[reader].direction != LQ_DIRECTION_EXIT &&
	       lq_lockout_refuses(&daemon->readers[reader].lockout, now);
}

/* True when the reader refuses from now on. */
static bool count_tap(struct lq_daemon *daemon, uint16_t reader, const struct lq_sighting *sighting,
	enum lq_reason reason, struct lq_mono now)
{
	const struct lq_config_reader *config = &daemon->config->readers[reader];
	struct lq_lockout *lockout = &daemon->readers[reader].lockout;
	if (reason == LQ_REASON_GRANTED) {
		lq_lockout_pass(lockout);
	}
	return lq_lockout_counts(reason) && config->direction != LQ_DIRECTION_EXIT &&
	       lq_lockout_fail(lockout, &config->lockout, sighting, now);
}

static void tell_lockout(struct lq_daemon *daemon, uint16_t reader, struct lq_mono now)
{
	const struct lq_config_reader *config = &daemon->config->readers[reader];
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_READER_LOCKED_OUT);
	event.reader = reader;
	event.door = config->door;
	event.count = config->lockout.lock_s;
	lq_daemon_record(daemon, &event);
	begin_feedback(&daemon->doors[config->door], LQ_FEEDBACK_REFUSED, now);
	lq_daemon_rearm(daemon);
}

/* ---- entering twice ---- */

static void weigh_passback(struct lq_daemon *daemon, struct lq_event *event)
{
	switch (lq_attendance_judge(daemon, event)) {
	case LQ_PASSBACK_CLEAR:
		return;
	case LQ_PASSBACK_FLAG:
		event->passback = true;
		return;
	case LQ_PASSBACK_DENY:
		event->reason = LQ_REASON_ALREADY_INSIDE;
		return;
	}
}

/* A tap that serves an enrolment is answered and opens nothing. */
static bool enrolled(struct lq_daemon *daemon, uint16_t reader, const struct lq_sighting *sighting,
	const struct lq_credential *credential)
{
	uint8_t key[16];
	if (daemon->enrolment.client == 0 ||
		lq_sighting_objection(sighting) != LQ_REASON_NOT_DECIDED) {
		return false;
	}
	return lq_control_hash(daemon, reader, sighting) ||
	       (lq_uid_key(&daemon->keys, sighting->uid, sighting->uid_len, key) == LQ_OK &&
		       lq_control_enrol(daemon, reader, key, credential != NULL));
}

/* A disk that does not take what must be recorded first stands against a badge that wears out. */
static bool recordable(struct lq_daemon *daemon, const struct lq_credential *credential)
{
	return credential == NULL || !lq_credential_spends(credential) ||
	       (free_pending(daemon) != NULL && !lq_writer_status(daemon->writer).stalled);
}

/* Who opens: a badge that is granted, or a maintainer's; and only where the door lets anybody in.
 */
static void weigh_others(struct lq_daemon *daemon, const struct lq_sighting *sighting,
	const struct lq_credential *credential, bool locked, struct lq_event *event)
{
	bool granted = event->reason == LQ_REASON_GRANTED;
	if (granted && !locked) {
		weigh_passback(daemon, event);
	}
	bool good = granted || lq_maintainer_may(event->reason);
	event->reason = locked ? LQ_REASON_READER_LOCKED_OUT : event->reason;
	bool opens = event->reason == LQ_REASON_GRANTED;
	event->type = opens ? LQ_EVENT_ACCESS_GRANTED : LQ_EVENT_ACCESS_DENIED;
	opens = opens || (good && lq_maintain_tap(daemon, sighting, event));
	enum lq_reason objection = lq_door_objection(&daemon->doors[event->door].door);
	if (event->type == LQ_EVENT_ACCESS_GRANTED && objection == LQ_REASON_NOT_DECIDED &&
		!recordable(daemon, credential)) {
		objection = LQ_REASON_NOT_RECORDED;
	}
	if (opens && objection != LQ_REASON_NOT_DECIDED) {
		event->type = LQ_EVENT_ACCESS_DENIED;
		event->reason = objection;
	}
}

/* Fills in what becomes of the tap. True when it makes the reader refuse everybody from now on. */
static bool judge(struct lq_daemon *daemon, const struct lq_sighting *sighting,
	const struct lq_credential *credential, struct lq_mono now, struct lq_event *event)
{
	struct lq_rules rules = rules_at(daemon, event->reader);
	struct lq_decision decision =
		lq_decide(sighting, event->access_point, credential, &rules, event->at);
	bool locked = locked_out(daemon, event->reader, now);
	if (credential != NULL) {
		event->credential = credential->id;
		event->holder = credential->holder;
		event->state = lq_credential_state_at((enum lq_credential_state)credential->state,
			credential->suspended_until_s, event->at,
			event->at.trust >= rules.clock_trust_min);
	}
	event->reason = decision.reason;
	weigh_others(daemon, sighting, credential, locked, event);
	event->stages_us[LQ_STAGE_DECIDE] = lq_mono_elapsed_us(now, lq_daemon_mono(daemon));
	return !locked && event->type != LQ_EVENT_ACCESS_OVERRIDDEN &&
	       count_tap(daemon, event->reader, sighting, decision.reason, now);
}

/* The next tap finds it spent already, whatever the disk does. */
static void spend(struct lq_daemon *daemon, const struct lq_credential *credential,
	struct lq_event *event, struct lq_pending *pending)
{
	struct lq_credential spent = *credential;
	lq_credential_spend(&spent, event->at);
	event->spends = true;
	event->counted = spent.counted;
	event->uses_left = spent.uses_left;
	pending->spends = true;
	pending->at = event->at;
	(void)lq_roster_put(daemon->roster, &spent); /* in its own place: nothing can fail */
}

void lq_doorway_tap(struct lq_daemon *daemon, uint16_t reader, const struct lq_reader_msg *msg,
	struct lq_mono now)
{
	lq_writer_expect(daemon->writer);
	struct lq_sighting sighting = lq_reader_msg_sighting(msg);
	const struct lq_config_reader *settings = &daemon->config->readers[reader];
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_ACCESS_DENIED);
	event.reader = reader;
	event.door = settings->door;
	event.access_point = lq_access_point(settings->door, settings->direction);
	event.transaction = lq_doorway_transaction(daemon);
	event.stages_us[LQ_STAGE_DETECT] =
		lq_mono_elapsed_us((struct lq_mono){.us = msg->poll_us}, now);
	sighting.age_ms = event.stages_us[LQ_STAGE_DETECT] / 1000;

	const struct lq_credential *credential = find_credential(daemon, &sighting);
	if (enrolled(daemon, reader, &sighting, credential)) {
		event.reason = LQ_REASON_ENROLLED;
		event.at = lq_daemon_wall(daemon); /* its row comes behind the enrolment's */
		deny(daemon, &event, now);
		return;
	}
	bool locks = judge(daemon, &sighting, credential, now, &event);
	if (event.type == LQ_EVENT_ACCESS_DENIED) {
		deny(daemon, &event, lq_daemon_mono(daemon));
		if (locks) {
			tell_lockout(daemon, reader, lq_daemon_mono(daemon));
		}
		return;
	}
	if (event.type == LQ_EVENT_ACCESS_OVERRIDDEN) {
		lq_maintain_used(daemon, &event);
	}
	struct lq_pending wanted = {
		.door = event.door,
		.passage = {.transaction = event.transaction,
			.access_point = event.access_point,
			.credential = event.credential,
			.holder = event.holder,
			.extended = credential != NULL && credential->extended_time},
	};
	memcpy(wanted.stages_us, event.stages_us, sizeof(wanted.stages_us));
	if (event.type == LQ_EVENT_ACCESS_GRANTED && credential != NULL &&
		lq_credential_spends(credential)) {
		spend(daemon, credential, &event, &wanted);
	}
	release_once_recorded(daemon, &event, &wanted);
	if (lq_writer_look_out(daemon->writer)) {
		lq_recording_take(daemon);
	}
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
	struct lq_pending wanted = pending_of(&event);
	wanted.passage.extended = extended;
	release_once_recorded(daemon, &event, &wanted);
	return LQ_OK;
}

static void lock_by_mode(struct lq_daemon *daemon, uint16_t door, enum lq_door_mode mode,
	struct lq_transaction transaction)
{
	const struct lq_door_input input = {.type = LQ_DOOR_SET_MODE,
		.mode = mode,
		.cause = "command",
		.passage = {.transaction = transaction}};
	hold_hours(&daemon->doors[door]);
	step_door(&daemon->doors[door], &input, NULL, false);
	lq_daemon_rearm(daemon);
}

void lq_doorway_set_mode(
	struct lq_daemon *daemon, uint16_t door, enum lq_door_mode mode, const char *actor)
{
	struct lq_event event = accepted(daemon, door, "door.mode", actor);
	if (lq_door_mode_releases(mode)) {
		struct lq_pending wanted = pending_of(&event);
		wanted.sets_mode = true;
		wanted.mode = mode;
		release_once_recorded(daemon, &event, &wanted);
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
	step_door(&daemon->doors[door], &input, NULL, false);
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
	step_door(unit, &input, NULL, false);
	lq_daemon_rearm(daemon);
	return LQ_OK;
}

static void release_recorded(struct lq_daemon *daemon, struct lq_pending *pending)
{
	pending->asked = lq_daemon_mono(daemon);
	pending->passage.access_point = LQ_NONE;
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		pending->stages_us[i] = LQ_STAGE_NONE;
	}
	release(daemon, pending, true);
	lq_daemon_rearm(daemon);
}

void lq_doorway_release(
	struct lq_daemon *daemon, uint16_t door, bool extended, struct lq_transaction transaction)
{
	struct lq_pending pending = {
		.door = door,
		.passage = {.transaction = transaction, .extended = extended},
	};
	release_recorded(daemon, &pending);
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
		release_recorded(daemon, &pending);
		return;
	}
	lock_by_mode(daemon, door, mode, transaction);
}

void lq_doorway_identify(struct lq_daemon *daemon, uint16_t door)
{
	begin_feedback(&daemon->doors[door], LQ_FEEDBACK_IDENTIFY, lq_daemon_mono(daemon));
	lq_daemon_rearm(daemon);
}

/* ---- inputs ---- */

static enum lq_door_input_type input_of(enum lq_line line)
{
	switch (line) {
	case LQ_LINE_CONTACT:
		return LQ_DOOR_CONTACT;
	case LQ_LINE_REX:
		return LQ_DOOR_REX;
	case LQ_LINE_BOLT:
		return LQ_DOOR_BOLT;
	case LQ_LINE_FIRE:
		return LQ_DOOR_FIRE;
	case LQ_LINE_TAMPER:
		return LQ_DOOR_TAMPER;
	case LQ_LINE_RELAY:
	case LQ_LINE_LED_GREEN:
	case LQ_LINE_LED_RED:
	case LQ_LINE_BUZZER:
	case LQ_LINE_RESET:
	case LQ_LINE_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return LQ_DOOR_TICK;
}

static void take_level(struct lq_door_unit *unit, enum lq_line line, bool active)
{
	const struct lq_door_input input = {.type = input_of(line), .active = active};
	step_door(unit, &input, NULL, false);
}

static void see_level(struct lq_door_unit *unit, enum lq_line line, bool active, struct lq_mono now)
{
	struct lq_debounce *input = &unit->inputs[line];
	uint32_t debounce_ms = unit->daemon->config->doors[unit->door.index].debounce_ms;
	if (lq_debounce_see(input, active, debounce_ms, now)) {
		take_level(unit, line, input->level);
	}
}

/* Reads the levels that may count by now. What cannot be read does not count; on_lines() reports
 * it. Returns when the next may. */
static struct lq_mono tick_inputs(struct lq_door_unit *unit, struct lq_mono now)
{
	uint32_t debounce_ms = unit->daemon->config->doors[unit->door.index].debounce_ms;
	struct lq_mono next = LQ_FAR_AWAY;
	for (int i = LQ_LINE_CONTACT; i < LQ_LINE_COUNT; i++) {
		enum lq_line line = (enum lq_line)i;
		struct lq_debounce *input = &unit->inputs[line];
		struct lq_mono due;
		bool active = input->level;
		if (lq_debounce_deadline(input, debounce_ms, &due) && lq_mono_due(due, now)) {
			(void)unit->lines.get(unit->lines.ctx, line, &active);
			see_level(unit, line, active, now);
		}
		if (lq_debounce_deadline(input, debounce_ms, &due)) {
			next = earlier(next, due);
		}
	}
	return next;
}

/* ---- time ---- */

/* Unlocks once that is on disk, like everything that releases. */
static void unlock_by_hours(struct lq_door_unit *unit, const char *cause)
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
	event.cause = cause;
	event.hours = unit->hours;
	struct lq_pending wanted = pending_of(&event);
	wanted.sets_mode = true;
	wanted.by_hours = true;
	wanted.mode = LQ_MODE_UNLOCKED;
	queue_release(daemon, &event, &wanted);
}

static void follow_hours(struct lq_door_unit *unit)
{
	bool came = unit->came;
	unit->hours_anew = false;
	unit->came = false;
	switch (ask_hours(unit, unit->door.mode, came)) {
	case LQ_HOURS_UNLOCK:
		unlock_by_hours(unit, came ? "first_person" : "schedule");
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

/* Looks at the hours once a minute, and returns when the next one begins. */
static struct lq_mono tick_hours(struct lq_door_unit *unit, struct lq_mono now)
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

static struct lq_mono tick_door(struct lq_door_unit *unit, struct lq_mono now)
{
	const struct lq_door_input tick = {.type = LQ_DOOR_TICK};
	struct lq_mono deadline = LQ_FAR_AWAY;
	struct lq_mono inputs = tick_inputs(unit, now);
	step_door(unit, &tick, NULL, false);
	if (lq_mono_due(unit->feedback_change, now)) {
		show_feedback(unit, now);
	}
	if (lq_mono_due(unit->relay_retry, now)) {
		(void)drive_relay(unit);
	}
	if (!lq_door_deadline(&unit->door, &unit->settings, &deadline)) {
		deadline = LQ_FAR_AWAY;
	}
	return earlier(
		earlier(deadline, inputs), earlier(unit->relay_retry, unit->feedback_change));
}

struct lq_mono lq_doorway_tick(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	struct lq_mono next = LQ_FAR_AWAY;
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
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		next = earlier(next, tick_hours(&daemon->doors[i], now));
		next = earlier(next, tick_door(&daemon->doors[i], now));
	}
	for (size_t i = 0; i < LQ_PENDING_MAX; i++) {
		if (daemon->pending[i].token != 0) {
			next = earlier(next, daemon->pending[i].deadline);
		}
	}
	return next;
}

/* ---- lines ---- */

static int on_lines(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_door_unit *unit = userdata;
	struct lq_mono now = lq_daemon_mono(unit->daemon);
	struct lq_line_change change;
	int r = 1;
	(void)fd;
	(void)events;
	/* What is left keeps the descriptor readable: a fluttering line does not hold the loop. */
	for (int i = 0; i < CHANGES_AT_ONCE && r == 1; i++) {
		r = unit->lines.next_change(unit->lines.ctx, &change);
		if (r == 1) {
			see_level(unit, change.line, change.active, now);
		}
	}
	if (r < 0) {
		lq_log("door %s: the input lines cannot be read any more (%s): check the chip",
			unit->daemon->site.doors[unit->door.index], lq_err_text(r));
		report_fault(unit, "inputs", r);
		const struct lq_door_input lost = {.type = LQ_DOOR_INPUTS_LOST};
		step_door(unit, &lost, NULL, false);
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	lq_daemon_rearm(unit->daemon);
	return 0;
}

static int watch_lines(struct lq_door_unit *unit)
{
	int fds[LQ_LINE_COUNT];
	int count = unit->lines.fds(unit->lines.ctx, fds);
	for (int i = 0; i < count; i++) {
		if (sd_event_add_io(unit->daemon->loop, NULL, fds[i], EPOLLIN, on_lines, unit) <
			0) {
			return LQ_ERR_NO_MEMORY;
		}
	}
	return LQ_OK;
}

int lq_doorway_open_lines(enum lq_lines_kind kind, const struct lq_lines_settings *settings,
	const char *user, struct lq_lines *ret_lines)
{
	char problem[LQ_LINES_TEXT_SIZE] = "";
	int r = LQ_ERR_INVALID;
	switch (kind) {
	case LQ_LINES_GPIOD:
		r = lq_gpiod_lines_open(settings, ret_lines, problem);
		break;
	case LQ_LINES_SIM:
		r = lq_sim_lines_open(settings, ret_lines, problem);
		break;
	}
	if (r != LQ_OK) {
		lq_log("%s: %s", user, problem);
	}
	return r;
}

/* What was wanted of the door before the restart is on disk; its hours may have ended since. */
static void restore_mode(struct lq_door_unit *unit, const struct lq_door_kept *kept)
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
	step_door(unit, &input, NULL, true);
}

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
		step_door(unit, &input, NULL, true);
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
	restore_mode(unit, &daemon->kept[index]);
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		bool active = false;
		if (!lq_line_is_output((enum lq_line)line) &&
			unit->lines.get(unit->lines.ctx, (enum lq_line)line, &active) == LQ_OK) {
			unit->inputs[line] = lq_debounce_make(active);
			take_level(unit, (enum lq_line)line, active);
		}
	}
	return watch_lines(unit);
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
			step_door(unit, &shutdown, NULL, false);
		}
		unit->lines.close(unit->lines.ctx);
		unit->lines.close = NULL;
	}
}

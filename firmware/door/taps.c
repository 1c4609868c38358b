/* A tap: whose badge it is, what is decided, and what becomes of it. */
#include "firmware/core/err.h"
#include "firmware/door/doorway_internal.h"

#include <string.h>

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

static struct lq_rules rules_at(const struct lq_daemon *daemon, uint16_t reader, struct lq_wall now,
	const struct lq_credential *credential)
{
	bool office = lq_office_keeps(daemon);
	return (struct lq_rules){
		.profiles = daemon->rules->profiles,
		.schedules = daemon->rules->schedules,
		.profile_count = daemon->rules->profile_count,
		.schedule_count = daemon->rules->schedule_count,
		.calendar = {.days = daemon->rules->days, .count = daemon->rules->day_count},
		.clock_trust_min = daemon->config->clock_trust,
		.uid_badges = daemon->config->readers[reader].uid_badges,
		.roster_age_s = lq_office_age_s(daemon, now),
		.roster_age_max_s = office ? daemon->config->office_max_age_h * INT64_C(3600) : 0,
		.full = credential != NULL &&
			lq_office_full(daemon, daemon->config->readers[reader].door,
				credential->holder, now),
	};
}

static void deny(struct lq_daemon *daemon, const struct lq_event *event, struct lq_mono now)
{
	bool refused = event->reason == LQ_REASON_DOOR_BLOCKED ||
		       event->reason == LQ_REASON_DOOR_LOCKED_DOWN ||
		       event->reason == LQ_REASON_READER_LOCKED_OUT ||
		       event->reason == LQ_REASON_NOT_RECORDED;
	lq_doorway_show(&daemon->doors[event->door],
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
	lq_doorway_show(&daemon->doors[config->door], LQ_FEEDBACK_REFUSED, now);
	lq_daemon_rearm(daemon);
}

/* ---- what is weighed ---- */

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
	       (lq_doorway_free_pending(daemon) != NULL &&
		       !lq_writer_status(daemon->writer).stalled);
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

struct judgement {
	enum lq_reason reason; /* of the badge alone */
	bool locked;           /* the reader refused before */
};

/* Fills in what becomes of the tap; changes nothing else. */
static struct judgement judge(struct lq_daemon *daemon, const struct lq_sighting *sighting,
	const struct lq_credential *credential, struct lq_mono since, struct lq_event *event)
{
	struct lq_rules rules = rules_at(daemon, event->reader, event->at, credential);
	struct lq_decision decision =
		lq_decide(sighting, event->access_point, credential, &rules, event->at);
	bool locked = locked_out(daemon, event->reader, lq_daemon_mono(daemon));
	if (credential != NULL) {
		event->credential = credential->id;
		event->holder = credential->holder;
		event->state = lq_credential_state_at((enum lq_credential_state)credential->state,
			credential->suspended_until_s, event->at,
			event->at.trust >= rules.clock_trust_min);
	}
	event->reason = decision.reason;
	weigh_others(daemon, sighting, credential, locked, event);
	event->stages_us[LQ_STAGE_DECIDE] = lq_mono_elapsed_us(since, lq_daemon_mono(daemon));
	return (struct judgement){.reason = decision.reason, .locked = locked};
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

/* What opens: a grant, or a maintainer's badge. */
static void open_for(
	struct lq_daemon *daemon, const struct lq_credential *credential, struct lq_event *event)
{
	if (event->type == LQ_EVENT_ACCESS_OVERRIDDEN) {
		lq_maintain_used(daemon, event);
	}
	struct lq_pending wanted = {
		.door = event->door,
		.passage = {.transaction = event->transaction,
			.access_point = event->access_point,
			.credential = event->credential,
			.holder = event->holder,
			.of_office = event->of_office,
			.extended = credential != NULL && credential->extended_time},
	};
	memcpy(wanted.stages_us, event->stages_us, sizeof(wanted.stages_us));
	if (event->type == LQ_EVENT_ACCESS_GRANTED && credential != NULL &&
		lq_credential_spends(credential)) {
		spend(daemon, credential, event, &wanted);
	}
	lq_doorway_release_once_recorded(daemon, event, &wanted);
	if (lq_writer_look_out(daemon->writer)) {
		lq_recording_take(daemon);
	}
}

/* True when there is nothing more to do for now. */
static bool hold(struct lq_daemon *daemon, const struct lq_tap *tap, struct lq_event *event)
{
	switch (event->type == LQ_EVENT_ACCESS_GRANTED ? lq_held_take(daemon, tap, event->holder)
						       : LQ_HOLD_NOT) {
	case LQ_HOLD_NOT:
		return false;
	case LQ_HOLD_TAKEN:
		return true;
	case LQ_HOLD_NO_ROOM:
		event->type = LQ_EVENT_ACCESS_DENIED;
		event->reason = LQ_REASON_TOO_LATE;
		return false;
	}
	return false;
}

static void decide(
	struct lq_daemon *daemon, const struct lq_tap *tap, const struct lq_credential *credential)
{
	struct lq_event event = tap->event;
	struct judgement judgement = judge(daemon, &tap->sighting, credential, tap->since, &event);
	if (hold(daemon, tap, &event)) {
		return;
	}
	struct lq_mono now = lq_daemon_mono(daemon);
	bool locks = !judgement.locked && event.type != LQ_EVENT_ACCESS_OVERRIDDEN &&
		     count_tap(daemon, event.reader, &tap->sighting, judgement.reason, now);
	if (event.type != LQ_EVENT_ACCESS_DENIED) {
		open_for(daemon, credential, &event);
		return;
	}
	deny(daemon, &event, now);
	if (locks) {
		tell_lockout(daemon, event.reader, lq_daemon_mono(daemon));
	}
}

void lq_doorway_decide(struct lq_daemon *daemon, const struct lq_tap *tap)
{
	decide(daemon, tap, find_credential(daemon, &tap->sighting));
}

void lq_doorway_tap(struct lq_daemon *daemon, uint16_t reader, const struct lq_reader_msg *msg,
	struct lq_mono now)
{
	lq_writer_expect(daemon->writer);
	lq_link_hear(daemon);
	const struct lq_config_reader *settings = &daemon->config->readers[reader];
	struct lq_tap tap = {.sighting = lq_reader_msg_sighting(msg),
		.event = lq_daemon_event(daemon, LQ_EVENT_ACCESS_DENIED),
		.since = now};
	struct lq_event *event = &tap.event;
	event->reader = reader;
	event->door = settings->door;
	event->access_point = lq_access_point(settings->door, settings->direction);
	event->transaction = lq_doorway_transaction(daemon);
	event->stages_us[LQ_STAGE_DETECT] =
		lq_mono_elapsed_us((struct lq_mono){.us = msg->poll_us}, now);
	tap.sighting.age_ms = event->stages_us[LQ_STAGE_DETECT] / 1000;
	const struct lq_credential *credential = find_credential(daemon, &tap.sighting);
	if (enrolled(daemon, reader, &tap.sighting, credential)) {
		event->reason = LQ_REASON_ENROLLED;
		event->at = lq_daemon_wall(daemon); /* its row comes behind the enrolment's */
		deny(daemon, event, now);
		return;
	}
	decide(daemon, &tap, credential);
}

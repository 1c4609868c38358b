/* A change on its way: to the writer, back from it, into what memory holds, and the answer. */
#include "firmware/core/err.h"
#include "firmware/door/control_internal.h"

#include <stdlib.h>
#include <string.h>

#define CHANGE_MS 5000u /* the command line waits twice as long */

void lq_control_deny_at_once(
	struct lq_daemon *daemon, enum lq_job_kind kind, const struct lq_job_change *change)
{
	if (kind == LQ_JOB_MEMBER_SET_ENABLED && !change->enabled) {
		lq_roster_set_holder_enabled(daemon->roster, change->id, false);
	} else if (kind == LQ_JOB_MEMBER_SET) {
		struct lq_rights_change less = change->rights;
		less.sets_any_time = less.sets_any_time && !less.rights.any_time;
		less.sets_extended_time = false; /* a door that stays open longer harms nobody */
		lq_roster_set_rights(daemon->roster, change->id, &less);
	} else if (kind == LQ_JOB_BADGE_SET_STATE && change->state != LQ_CREDENTIAL_ENABLED) {
		lq_roster_set_state(daemon->roster, change->id, change->state);
	}
}

static bool takes_away(enum lq_job_kind kind, const struct lq_job_change *change)
{
	return (kind == LQ_JOB_MEMBER_SET_ENABLED && !change->enabled) ||
	       (kind == LQ_JOB_BADGE_SET_STATE && change->state != LQ_CREDENTIAL_ENABLED);
}

void lq_control_submit_at(struct lq_control_client *client, enum lq_job_kind kind,
	struct lq_job_change *change, uint16_t reader, uint16_t door)
{
	struct lq_daemon *daemon = client->daemon;
	if (change != NULL) {
		lq_control_deny_at_once(daemon, kind, change);
	}
	struct lq_job job = {
		.kind = kind,
		.token = client->id,
		.event = lq_daemon_event(daemon, LQ_EVENT_ROSTER_CHANGED),
		.change = change,
	};
	job.event.reader = reader;
	job.event.door = door;
	memcpy(job.event.actor, client->actor, sizeof(job.event.actor));
	int r = change == NULL ? LQ_ERR_NO_MEMORY : lq_writer_submit(daemon->writer, &job);
	if (r != LQ_OK) {
		free(change);
		lq_control_refuse(client, r, "too much is waiting for the disk: try again later");
		return;
	}
	client->answer_by = lq_mono_after_ms(lq_daemon_mono(daemon), CHANGE_MS);
	client->waiting++;
	lq_daemon_rearm(daemon);
}

void lq_control_submit(
	struct lq_control_client *client, enum lq_job_kind kind, struct lq_job_change *change)
{
	lq_control_submit_at(client, kind, change, LQ_NONE, LQ_NONE);
}

/* ---- what comes back from the writer ---- */

static void apply_to_roster(struct lq_daemon *daemon, const struct lq_job *job)
{
	struct lq_job_change *change = job->change;
	switch (job->kind) {
	case LQ_JOB_MEMBER_SET_ENABLED:
		lq_roster_set_holder_enabled(daemon->roster, change->id, change->enabled);
		return;
	case LQ_JOB_MEMBER_SET:
		lq_roster_set_rights(daemon->roster, change->id, &change->rights);
		return;
	case LQ_JOB_BADGE_ENROL:
	case LQ_JOB_BADGE_SET_STATE:
	case LQ_JOB_BADGE_SET:
		lq_doorway_spend_again(daemon, &change->credential);
		if (lq_roster_put(daemon->roster, &change->credential) != LQ_OK) {
			lq_log("badge c%u is stored but does not fit in memory: restart loquetd",
				change->credential.id);
		}
		return;
	case LQ_JOB_PROFILE_SET:
	case LQ_JOB_SCHEDULE_SET:
	case LQ_JOB_DAY_ADD:
	case LQ_JOB_DAY_REMOVE:
	case LQ_JOB_DOOR_HOURS:
		lq_rule_tables_free(daemon->rules);
		daemon->rules = change->tables;
		lq_doorway_rules_changed(daemon);
		return;
	case LQ_JOB_MEMBER_ADD:
	case LQ_JOB_MEMBER_FIND:
	case LQ_JOB_ORDER:
	case LQ_JOB_RELOAD:
	case LQ_JOB_EVENT:
	case LQ_JOB_IMPORT:
	case LQ_JOB_OFFICE:
	case LQ_JOB_OFFICE_RENEW:
		return;
	}
}

static const char *invalid_value(enum lq_job_kind kind)
{
	switch (kind) {
	case LQ_JOB_MEMBER_ADD:
		return "\"name\" must be 1 to 128 bytes of UTF-8 without control characters, not "
		       "only spaces";
	case LQ_JOB_BADGE_ENROL:
		return "\"valid_from\" must be before \"valid_to\"";
	case LQ_JOB_PROFILE_SET:
		return "the profile \"always\" cannot be changed";
	case LQ_JOB_DAY_ADD:
		return "\"month\", \"day\" and \"year\" must be a date that there is, and "
		       "\"label\" "
		       "UTF-8 without control characters";
	case LQ_JOB_MEMBER_FIND:
	case LQ_JOB_MEMBER_SET:
	case LQ_JOB_MEMBER_SET_ENABLED:
	case LQ_JOB_BADGE_SET_STATE:
	case LQ_JOB_BADGE_SET:
	case LQ_JOB_SCHEDULE_SET:
	case LQ_JOB_DAY_REMOVE:
	case LQ_JOB_DOOR_HOURS:
	case LQ_JOB_ORDER:
	case LQ_JOB_RELOAD:
	case LQ_JOB_EVENT:
	case LQ_JOB_IMPORT:
	case LQ_JOB_OFFICE:
	case LQ_JOB_OFFICE_RENEW:
		break;
	}
	return "a value is not valid";
}

static const char *change_problem(const struct lq_job *job)
{
	switch ((enum lq_err)job->error) {
	case LQ_ERR_NOT_FOUND:
		switch (job->kind) {
		case LQ_JOB_MEMBER_ADD:
			return "no such profile: \"always\" is built in, loquet profile set makes "
			       "others";
		case LQ_JOB_BADGE_SET_STATE:
		case LQ_JOB_BADGE_SET:
			return "no such badge: see loquet badge list";
		case LQ_JOB_PROFILE_SET:
			return "no such access point or schedule: see loquet status and loquet "
			       "schedule set";
		case LQ_JOB_SCHEDULE_SET:
			return "no such group of special days: loquet day add makes it";
		case LQ_JOB_DOOR_HOURS:
			return "no such schedule: loquet schedule set makes it";
		case LQ_JOB_DAY_REMOVE:
			return "no such special day: see loquet day list";
		case LQ_JOB_MEMBER_SET_ENABLED:
		case LQ_JOB_MEMBER_SET:
		case LQ_JOB_MEMBER_FIND:
		case LQ_JOB_BADGE_ENROL:
		case LQ_JOB_DAY_ADD:
		case LQ_JOB_ORDER:
		case LQ_JOB_RELOAD:
		case LQ_JOB_EVENT:
		case LQ_JOB_IMPORT:
		case LQ_JOB_OFFICE:
		case LQ_JOB_OFFICE_RENEW:
			return "no such member: see loquet member list";
		}
		break;
	case LQ_ERR_EXISTS:
		return "this badge is enrolled already: see loquet badge list";
	case LQ_ERR_INVALID:
		return invalid_value(job->kind);
	case LQ_ERR_FULL:
		return "the disk, or the table, is full: make room and try again";
	case LQ_OK:
	case LQ_ERR_IO:
	case LQ_ERR_TIMEOUT:
	case LQ_ERR_NO_MEMORY:
	case LQ_ERR_CORRUPT:
	case LQ_ERR_BUSY:
	case LQ_ERR_UNSUPPORTED:
	case LQ_ERR_CLOSED:
		break;
	}
	return "the disk did not take it: see loquet status, and try again (what takes a right "
	       "away "
	       "holds already, until loquetd ends)";
}

static void answer_change(struct lq_control_client *client, const struct lq_job *job)
{
	if (job->error != LQ_OK) {
		lq_control_refuse(client, job->error, change_problem(job));
	} else if (job->kind == LQ_JOB_MEMBER_FIND) {
		lq_control_await_tap(client);
	} else if (job->kind == LQ_JOB_MEMBER_ADD) {
		lq_control_send(client,
			json_pack("{s:b, s:I}", "ok", 1, "member", (json_int_t)job->change->id));
	} else if (job->kind == LQ_JOB_BADGE_ENROL) {
		lq_control_send(client, json_pack("{s:b, s:I}", "ok", 1, "badge",
						(json_int_t)job->change->credential.id));
	} else {
		lq_control_send(client, json_pack("{s:b}", "ok", 1));
	}
}

void lq_control_changed(struct lq_daemon *daemon, const struct lq_job *job)
{
	struct lq_control_client *client = lq_control_client(daemon, job->token);
	if (job->error == LQ_OK) {
		apply_to_roster(daemon, job);
	} else if (job->error != LQ_ERR_NOT_FOUND && takes_away(job->kind, job->change)) {
		daemon->denies_in_memory = true;
	}
	if (client != NULL) {
		client->waiting--;
		if (job->kind == LQ_JOB_MEMBER_FIND && job->error != LQ_OK) {
			lq_control_end_look_up(client);
		}
		answer_change(client, job);
	}
	if (job->error != LQ_OK && job->change->ordered) {
		lq_orders_failed(daemon, &job->change->order, LQ_REFUSAL_NOT_POSSIBLE);
	}
	free(job->change);
}

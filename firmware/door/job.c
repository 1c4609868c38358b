#include "firmware/door/job.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

bool lq_job_changes_rules(enum lq_job_kind kind)
{
	switch (kind) {
	case LQ_JOB_PROFILE_SET:
	case LQ_JOB_SCHEDULE_SET:
	case LQ_JOB_DAY_ADD:
	case LQ_JOB_DAY_REMOVE:
	case LQ_JOB_DOOR_HOURS:
		return true;
	case LQ_JOB_EVENT:
	case LQ_JOB_MEMBER_ADD:
	case LQ_JOB_MEMBER_SET_ENABLED:
	case LQ_JOB_MEMBER_SET:
	case LQ_JOB_MEMBER_FIND:
	case LQ_JOB_BADGE_ENROL:
	case LQ_JOB_BADGE_SET_STATE:
	case LQ_JOB_BADGE_SET:
	case LQ_JOB_ORDER:
	case LQ_JOB_RELOAD:
	case LQ_JOB_IMPORT:
	case LQ_JOB_OFFICE:
	case LQ_JOB_OFFICE_RENEW:
		break;
	}
	return false;
}

static int find_holder(struct lq_store *store, const struct lq_job_change *change)
{
	struct lq_member member;
	return lq_member_get(store, change->credential.holder, &member);
}

static int apply_order(struct lq_store *store, struct lq_job *job)
{
	struct lq_job_change *change = job->change;
	int r = lq_store_spend_nonce(store, &change->nonce, &job->event);
	if (r == LQ_OK && change->credential.holder != 0) {
		change->holder_unknown = find_holder(store, change) == LQ_ERR_NOT_FOUND;
	}
	return r;
}

int lq_job_apply(struct lq_store *store, struct lq_job *job)
{
	struct lq_job_change *change = job->change;
	switch (job->kind) {
	case LQ_JOB_MEMBER_ADD:
		return lq_member_add_with(store, change->name, change->profile,
			change->rights.rights, &job->event, &change->id);
	case LQ_JOB_MEMBER_SET:
		return lq_member_set_rights(store, change->id, &change->rights, &job->event);
	case LQ_JOB_MEMBER_SET_ENABLED:
		return lq_member_set_enabled(store, change->id, change->enabled, &job->event);
	case LQ_JOB_MEMBER_FIND:
		return find_holder(store, change);
	case LQ_JOB_BADGE_ENROL:
		return lq_badge_enrol(store, &change->credential, &job->event, &change->credential);
	case LQ_JOB_BADGE_SET_STATE:
		return lq_badge_set_state_until(store, change->id, change->state, change->until_s,
			&job->event, &change->credential);
	case LQ_JOB_BADGE_SET:
		return lq_badge_set_limits(
			store, change->id, &change->limits, &job->event, &change->credential);
	case LQ_JOB_PROFILE_SET:
		return lq_profile_set(
			store, change->name, change->policies, change->policy_count, &job->event);
	case LQ_JOB_SCHEDULE_SET:
		return lq_schedule_set(store, change->name, &change->schedule,
			(const char(*)[LQ_NAME_SIZE])change->groups, &job->event);
	case LQ_JOB_DAY_ADD:
		return lq_day_add(store, &change->day, &job->event);
	case LQ_JOB_DAY_REMOVE:
		return lq_day_remove(store, &change->day, &job->event);
	case LQ_JOB_DOOR_HOURS:
		return lq_door_hours_set(
			store, job->event.door, change->name, change->first_person, &job->event);
	case LQ_JOB_ORDER:
		return apply_order(store, job);
	case LQ_JOB_RELOAD:
		return lq_store_append(store, &job->event, 1, &job->seq);
	case LQ_JOB_OFFICE_RENEW:
		return lq_office_renew(store, change->office_version, change->office_iat_s);
	case LQ_JOB_EVENT:
	case LQ_JOB_OFFICE:
	case LQ_JOB_IMPORT:
		break;
	}
	LQ_ASSERT(false);
	return LQ_ERR_INVALID;
}

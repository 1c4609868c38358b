/* Requests that change members, badges, profiles, schedules and special days. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/door/control_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- members ---- */

void lq_control_member_add(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL &&
		(!lq_control_take_text(request, "name", change->name, sizeof(change->name)) ||
			!lq_control_take_text(
				request, "profile", change->profile, sizeof(change->profile)) ||
			!lq_control_take_rights(request, &change->rights))) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"name\" (1 to 128 bytes) and \"profile\" (1 to 32 characters) are "
			"needed; \"any_time\" and \"extended_time\" are true or false");
		return;
	}
	lq_control_submit(client, LQ_JOB_MEMBER_ADD, change);
}

void lq_control_member_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL &&
		(!lq_control_take_id(request, "member", &change->id) ||
			!lq_control_take_rights(request, &change->rights) ||
			!(change->rights.sets_any_time || change->rights.sets_extended_time))) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"member\" must be a member's number, and \"any_time\" or "
			"\"extended_time\" true or false");
		return;
	}
	lq_control_submit(client, LQ_JOB_MEMBER_SET, change);
}

static void set_enabled(struct lq_control_client *client, json_t *request, bool enabled)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && !lq_control_take_id(request, "member", &change->id)) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID, "\"member\" must be a member's number");
		return;
	}
	if (change != NULL) {
		change->enabled = enabled;
	}
	lq_control_submit(client, LQ_JOB_MEMBER_SET_ENABLED, change);
}

void lq_control_member_disable(struct lq_control_client *client, json_t *request)
{
	set_enabled(client, request, false);
}

void lq_control_member_enable(struct lq_control_client *client, json_t *request)
{
	set_enabled(client, request, true);
}

/* ---- badges ---- */

static enum lq_credential_state wanted_state(json_t *request)
{
	static const struct {
		const char *name;
		enum lq_credential_state state;
	} states[] = {
		{"badge.revoke", LQ_CREDENTIAL_REVOKED},
		{"badge.lost", LQ_CREDENTIAL_LOST},
		{"badge.enable", LQ_CREDENTIAL_ENABLED},
		{"badge.suspend", LQ_CREDENTIAL_SUSPENDED},
		{"badge.stolen", LQ_CREDENTIAL_STOLEN},
		{"badge.returned", LQ_CREDENTIAL_RETURNED},
		{"badge.damaged", LQ_CREDENTIAL_DAMAGED},
	};
	const char *name = json_string_value(json_object_get(request, "do"));
	size_t i = 0;
	while (strcmp(states[i].name, name) != 0) {
		i++;
		LQ_ASSERT(i < sizeof(states) / sizeof(states[0]));
	}
	return states[i].state;
}

void lq_control_badge_state(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && !lq_control_take_id(request, "badge", &change->id)) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID, "\"badge\" must be a badge's number");
		return;
	}
	if (change != NULL) {
		change->state = wanted_state(request);
	}
	if (change != NULL && change->state == LQ_CREDENTIAL_SUSPENDED &&
		!lq_control_take_seconds(request, "until", 0, &change->until_s)) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID, "\"until\" must be Unix seconds");
		return;
	}
	lq_control_submit(client, LQ_JOB_BADGE_SET_STATE, change);
}

void lq_control_badge_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL &&
		(!lq_control_take_id(request, "badge", &change->id) ||
			!lq_control_take_limits(request, &change->limits) ||
			!(change->limits.sets_uses || change->limits.sets_valid_for))) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"badge\" must be a badge's number; " LQ_CONTROL_LIMITS_TEXT);
		return;
	}
	lq_control_submit(client, LQ_JOB_BADGE_SET, change);
}

/* ---- profiles, schedules, special days ---- */

void lq_control_profile_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && (!lq_control_take_name(request, change) ||
				      !lq_control_take_policies(request, change))) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"name\" (1 to 32 of a-z 0-9 _ -) and \"policies\" (at most 32, each with "
			"\"access_point\") are needed");
		return;
	}
	lq_control_submit(client, LQ_JOB_PROFILE_SET, change);
}

void lq_control_schedule_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && (!lq_control_take_name(request, change) ||
				      !lq_control_take_periods(request, &change->schedule) ||
				      !lq_control_take_specials(request, change))) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"name\" (1 to 32 of a-z 0-9 _ -) and \"periods\" (at most 28 pairs of "
			"minutes since Monday 00:00) are needed; \"special\" (at most 8) has each "
			"a "
			"\"group\" and \"periods\" (at most 4 pairs of minutes since 00:00)");
		return;
	}
	lq_control_submit(client, LQ_JOB_SCHEDULE_SET, change);
}

static void change_day(struct lq_control_client *client, json_t *request, enum lq_job_kind kind)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && !lq_control_take_day(request, change)) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"name\" (of a group, 1 to 32 of a-z 0-9 _ -), \"month\" and \"day\" are "
			"needed, \"year\" (0 or left out: every year) and \"label\" (at most 128 "
			"bytes) may be given");
		return;
	}
	lq_control_submit(client, kind, change);
}

void lq_control_day_add(struct lq_control_client *client, json_t *request)
{
	change_day(client, request, LQ_JOB_DAY_ADD);
}

void lq_control_day_remove(struct lq_control_client *client, json_t *request)
{
	change_day(client, request, LQ_JOB_DAY_REMOVE);
}

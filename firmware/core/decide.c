#include "firmware/core/decide.h"

#include "firmware/core/site.h"

#include <stddef.h>

/* What the weighing functions answer; only lq_decide() makes a grant of it. */
#define NO_OBJECTION LQ_REASON_NOT_DECIDED

const char *lq_credential_state_text(enum lq_credential_state state)
{
	switch (state) {
	case LQ_CREDENTIAL_ENABLED:
		return "enabled";
	case LQ_CREDENTIAL_REVOKED:
		return "revoked";
	case LQ_CREDENTIAL_LOST:
		return "lost";
	case LQ_CREDENTIAL_SUSPENDED:
		return "suspended";
	case LQ_CREDENTIAL_STOLEN:
		return "stolen";
	case LQ_CREDENTIAL_RETURNED:
		return "returned";
	case LQ_CREDENTIAL_DAMAGED:
		return "damaged";
	case LQ_CREDENTIAL_STATE_COUNT:
		break;
	}
	return "unknown";
}

enum lq_credential_state lq_credential_state_at(enum lq_credential_state state,
	uint32_t suspended_until_s, struct lq_wall now, bool trusted)
{
	bool ended = state == LQ_CREDENTIAL_SUSPENDED && suspended_until_s != 0 && trusted &&
		     now.unix_ms >= (int64_t)suspended_until_s * 1000;
	return ended ? LQ_CREDENTIAL_ENABLED : state;
}

void lq_credential_spend(struct lq_credential *credential, struct lq_wall at)
{
	if (credential->counted && credential->uses_left > 0) {
		credential->uses_left--;
	}
	if (credential->valid_for_h != 0) {
		int64_t end_s = at.unix_ms / 1000 + (int64_t)credential->valid_for_h * 3600;
		bool sooner = end_s < (int64_t)credential->valid_to_s;
		credential->valid_to_s = sooner ? (uint32_t)end_s : credential->valid_to_s;
		credential->valid_for_h = 0;
	}
}

static bool has_span(const struct lq_credential *credential)
{
	return credential->valid_from_s != 0 || credential->valid_to_s != LQ_VALID_FOREVER ||
	       credential->valid_for_h != 0;
}

static enum lq_reason weigh_span(const struct lq_credential *credential, struct lq_wall now)
{
	if (now.unix_ms < (int64_t)credential->valid_from_s * 1000) {
		return LQ_REASON_CREDENTIAL_NOT_ACTIVE;
	}
	if (credential->valid_to_s != LQ_VALID_FOREVER &&
		now.unix_ms >= (int64_t)credential->valid_to_s * 1000) {
		return LQ_REASON_CREDENTIAL_EXPIRED;
	}
	return NO_OBJECTION;
}

/* The policies of the profile that name this access point: none, some that hold now, or some that
 * do not. An unusable clock only matters when no policy grants without one. */
static enum lq_reason weigh_policies(const struct lq_profile *profile, uint16_t access_point,
	bool any_time, const struct lq_rules *rules, struct lq_wall now)
{
	enum lq_reason reason = LQ_REASON_UNAUTHORIZED;
	bool trusted = now.trust >= rules->clock_trust_min;
	for (uint8_t i = 0; i < profile->policy_count && i < LQ_POLICIES_MAX; i++) {
		const struct lq_policy *policy = &profile->policies[i];
		if (policy->access_point != access_point &&
			policy->access_point != LQ_ANY_ACCESS_POINT) {
			continue;
		}
		if (policy->schedule == LQ_SCHEDULE_ALWAYS) {
			return NO_OBJECTION;
		}
		if (policy->schedule >= rules->schedule_count) {
			continue;
		}
		if (any_time) {
			return NO_OBJECTION;
		}
		if (trusted && lq_schedule_contains(&rules->schedules[policy->schedule],
				       &rules->calendar, now)) {
			return NO_OBJECTION;
		}
		reason = trusted ? LQ_REASON_NOT_PERMITTED_AT_THIS_TIME
				 : LQ_REASON_CLOCK_NOT_TRUSTED;
	}
	return reason;
}

static enum lq_reason weigh_credential(const struct lq_credential *credential,
	uint16_t access_point, const struct lq_rules *rules, struct lq_wall now)
{
	bool trusted = now.trust >= rules->clock_trust_min;
	if (lq_credential_state_at((enum lq_credential_state)credential->state,
		    credential->suspended_until_s, now, trusted) != LQ_CREDENTIAL_ENABLED) {
		return LQ_REASON_CREDENTIAL_NOT_ENABLED;
	}
	if (!credential->holder_enabled) {
		return LQ_REASON_HOLDER_DISABLED;
	}
	if (has_span(credential)) {
		if (!trusted) {
			return LQ_REASON_CLOCK_NOT_TRUSTED;
		}
		enum lq_reason span = weigh_span(credential, now);
		if (span != NO_OBJECTION) {
			return span;
		}
	}
	if (credential->counted && credential->uses_left == 0) {
		return LQ_REASON_NO_USES_LEFT;
	}
	if (credential->profile >= rules->profile_count) {
		return LQ_REASON_UNAUTHORIZED;
	}
	return weigh_policies(&rules->profiles[credential->profile], access_point,
		credential->any_time, rules, now);
}

/* Nobody is locked in by it. */
static bool is_stale(const struct lq_rules *rules, uint16_t access_point)
{
	return rules->roster_age_max_s != 0 && rules->roster_age_s > rules->roster_age_max_s &&
	       lq_access_point_direction(access_point) != LQ_DIRECTION_EXIT;
}

static bool is_full(const struct lq_rules *rules, uint16_t access_point)
{
	return rules->full && lq_access_point_direction(access_point) != LQ_DIRECTION_EXIT;
}

struct lq_decision lq_decide(const struct lq_sighting *sighting, uint16_t access_point,
	const struct lq_credential *credential, const struct lq_rules *rules, struct lq_wall now)
{
	enum lq_reason objection = lq_sighting_objection(sighting);
	if (objection == NO_OBJECTION && !rules->uid_badges) {
		objection = LQ_REASON_METHOD_NOT_ALLOWED;
	}
	if (objection == NO_OBJECTION) {
		objection = credential == NULL
				    ? LQ_REASON_CREDENTIAL_NOT_FOUND
				    : weigh_credential(credential, access_point, rules, now);
	}
	if (objection == NO_OBJECTION && is_stale(rules, access_point)) {
		objection = LQ_REASON_ROSTER_STALE;
	}
	if (objection == NO_OBJECTION && is_full(rules, access_point)) {
		objection = LQ_REASON_SPACE_FULL;
	}
	return (struct lq_decision){
		.reason = objection == NO_OBJECTION ? LQ_REASON_GRANTED : objection};
}

/* The decision: a pure function over plain structs. Any thread. */
#ifndef LQ_CORE_DECIDE_H
#define LQ_CORE_DECIDE_H

#include "firmware/core/identifier.h"
#include "firmware/core/reason.h"
#include "firmware/core/schedule.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

/* ONVIF's credential states that the space uses. Anything but ENABLED opens nothing. door.db holds
 * these numbers. */
enum lq_credential_state {
	LQ_CREDENTIAL_ENABLED,
	LQ_CREDENTIAL_REVOKED,
	LQ_CREDENTIAL_LOST,
	LQ_CREDENTIAL_SUSPENDED,
	LQ_CREDENTIAL_STOLEN,
	LQ_CREDENTIAL_RETURNED,
	LQ_CREDENTIAL_DAMAGED,
	LQ_CREDENTIAL_STATE_COUNT
};

/* Static text: "enabled", "revoked", "lost", "suspended" and so on. */
const char *lq_credential_state_text(enum lq_credential_state state);

/* How the badge proved itself. Stronger methods come first when there are more. */
enum lq_method { LQ_METHOD_UID };

#define LQ_VALID_FOREVER UINT32_MAX

/* One badge in the roster. `valid_*_s` are Unix seconds, [from, to); 0 and LQ_VALID_FOREVER mean
 * no bound. */
struct lq_credential {
	uint8_t key[16]; /* keyed hash of the identifier */
	uint32_t id;     /* never 0 */
	uint32_t holder; /* never 0 */
	uint32_t valid_from_s;
	uint32_t valid_to_s;
	uint32_t suspended_until_s; /* of a suspended one: enabled again from then on; 0: by hand */
	uint16_t profile;
	uint16_t uses_left;   /* meaningful while counted */
	uint16_t valid_for_h; /* hours from the first granted tap; 0: any, or that has been */
	uint8_t state;        /* enum lq_credential_state */
	bool counted : 1;     /* each granted tap uses it up a little more */
	bool holder_enabled : 1;
	bool any_time : 1;      /* the schedules of the profile do not bind its holder */
	bool extended_time : 1; /* its holder needs longer to pass: for whoever opens the door */
};

/* The state that a suspension has at this moment: one that ends by itself needs a clock to do so.
 */
enum lq_credential_state lq_credential_state_at(enum lq_credential_state state,
	uint32_t suspended_until_s, struct lq_wall now, bool trusted);

/* A granted tap changes it, and must not be granted unrecorded. */
static inline bool lq_credential_spends(const struct lq_credential *credential)
{
	return credential->counted || credential->valid_for_h != 0;
}

/* What a tap that was granted at this moment takes: a use, never below none, and from the first on
 * the time that it is valid for. */
void lq_credential_spend(struct lq_credential *credential, struct lq_wall at);

#define LQ_POLICIES_MAX     32u
#define LQ_ANY_ACCESS_POINT UINT16_MAX
#define LQ_SCHEDULE_ALWAYS  UINT16_MAX

/* An access policy: one access point and when it may be used. */
struct lq_policy {
	uint16_t access_point; /* or LQ_ANY_ACCESS_POINT */
	uint16_t schedule;     /* index into lq_rules.schedules, or LQ_SCHEDULE_ALWAYS */
};

struct lq_profile {
	uint8_t policy_count;
	struct lq_policy policies[LQ_POLICIES_MAX];
};

/* The rules that the decision weighs besides the credential. Borrowed for the call. */
struct lq_rules {
	const struct lq_profile *profiles;
	const struct lq_schedule *schedules;
	uint16_t profile_count;
	uint16_t schedule_count;
	struct lq_calendar calendar;
	enum lq_trust clock_trust_min; /* what a time-limited right needs */
	bool uid_badges;               /* the UID-only tier is on */
	int64_t roster_age_s;          /* since the office last said that the roster holds */
	int64_t roster_age_max_s;      /* 0: any; older, nobody comes in by it */
	bool full;                     /* of this holder: no room is left where the door leads */
};

struct lq_decision {
	/* LQ_REASON_GRANTED is made by lq_decide() alone, LQ_REASON_MAINTAINER by
	 * lq_decide_maintainer(); nothing else opens. */
	enum lq_reason reason;
};

/* Weighs, in this order: the identifier, the method, whether the credential is known, its state,
 * its holder, its validity span, the uses left, the access point, the schedule, the roster's age
 * and whether there is room, which keep nobody in; the clock where one of them needs it.
 * `credential` is NULL when the roster has none. */
struct lq_decision lq_decide(const struct lq_sighting *sighting, uint16_t access_point,
	const struct lq_credential *credential, const struct lq_rules *rules, struct lq_wall now);

#endif

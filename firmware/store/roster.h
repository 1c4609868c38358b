/* The roster: who may enter. The tables live in door.db; loquetd keeps the credentials in memory,
 * hashed, so that no disk stands between a badge and the decision. */
#ifndef LQ_STORE_ROSTER_H
#define LQ_STORE_ROSTER_H

#include "firmware/core/decide.h"
#include "firmware/core/site.h"
#include "firmware/store/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_event;
struct lq_store;

/* ---- in memory ---- */

struct lq_roster;

/* An empty roster. */
int lq_roster_new(struct lq_roster **ret_roster);

/* Makes room for `capacity` credentials in all. */
int lq_roster_reserve(struct lq_roster *roster, size_t capacity);

/* Reads every credential. Free with lq_roster_free(). */
int lq_roster_load(struct lq_store *store, struct lq_roster **ret_roster);
void lq_roster_free(struct lq_roster *roster);

/* The credential with this keyed hash, or NULL. Borrowed until the roster is next changed. */
const struct lq_credential *lq_roster_find(const struct lq_roster *roster, const uint8_t key[16]);

/* The same by its number. Looks at every one. */
const struct lq_credential *lq_roster_find_id(const struct lq_roster *roster, uint32_t id);

/* Adds or replaces one credential, by its key. */
int lq_roster_put(struct lq_roster *roster, const struct lq_credential *credential);

/* Takes one out, by its key, if it is there. */
void lq_roster_remove(struct lq_roster *roster, const uint8_t key[16]);

/* One after the other, in no order: `index` from 0 to lq_roster_count() - 1. Borrowed until the
 * roster is next changed. */
const struct lq_credential *lq_roster_at(const struct lq_roster *roster, size_t index);

/* Changes the state of the credential with this number, if there is one. Looks at every one. */
void lq_roster_set_state(struct lq_roster *roster, uint32_t id, enum lq_credential_state state);

/* Enables or disables every credential of a holder. */
void lq_roster_set_holder_enabled(struct lq_roster *roster, uint32_t holder, bool enabled);

/* What a member may besides their profile. */
struct lq_rights {
	bool any_time;
	bool extended_time;
};

/* Which of them a change sets. */
struct lq_rights_change {
	bool sets_any_time;
	bool sets_extended_time;
	struct lq_rights rights;
};

/* Changes every credential of a holder. */
void lq_roster_set_rights(
	struct lq_roster *roster, uint32_t holder, const struct lq_rights_change *change);

size_t lq_roster_count(const struct lq_roster *roster);

struct lq_door_hours {
	uint16_t schedule; /* index; 0: none */
	bool first_person;
};

/* Profiles, schedules and opening hours as the decision wants them; an immutable value, indexed by
 * their numbers in the database. */
struct lq_rule_tables {
	uint16_t profile_count;
	uint16_t schedule_count;
	struct lq_profile *profiles;
	char (*profile_names)[LQ_NAME_SIZE]; /* empty: there is none of that number */
	struct lq_schedule *schedules;
	size_t day_count;
	struct lq_special_day *days; /* of all groups */
	struct lq_door_hours hours[LQ_DOORS_MAX];
};

/* Policies that name a door which the site does not have grant nothing. Free with
 * lq_rule_tables_free(). */
int lq_rule_tables_load(struct lq_store *store, struct lq_rule_tables **ret_tables);
void lq_rule_tables_free(struct lq_rule_tables *tables);

/* The number of a profile; 0, which opens nothing: there is none of that name. */
uint16_t lq_rule_tables_profile(const struct lq_rule_tables *tables, const char *name);

/* The keyed hash under which a UID is stored: HMAC-SHA-256, first 16 bytes. Any
 * thread. */
int lq_uid_key(const struct lq_keys *keys, const uint8_t *uid, size_t length, uint8_t ret_key[16]);

/* ---- on disk ---- */

#define LQ_MEMBER_NAME_SIZE 129u

struct lq_member {
	uint32_t id;                    /* never 0 */
	char name[LQ_MEMBER_NAME_SIZE]; /* UTF-8 */
	char profile[LQ_NAME_SIZE];
	bool enabled;
	struct lq_rights rights;
	uint32_t badges; /* how many credentials, whatever their state */
};

struct lq_badge {
	uint32_t id;
	uint32_t holder;
	enum lq_credential_state state; /* LQ_CREDENTIAL_STATE_COUNT: the row cannot be right */
	uint32_t valid_from_s;
	uint32_t valid_to_s;
	bool counted;
	uint16_t uses_left;
	uint16_t valid_for_h;
	uint32_t suspended_until_s;
};

/* What wears a badge out, and which of it a change sets. */
struct lq_badge_limits {
	bool sets_uses;
	bool counted;
	uint16_t uses_left;
	bool sets_valid_for;
	uint16_t valid_for_h; /* from the next granted tap on; 0: does not count */
};

/* Changes; each is one transaction together with its roster.changed event, committed before it
 * returns. LQ_ERR_NOT_FOUND for an unknown member, badge or profile, LQ_ERR_EXISTS for a UID that
 * is enrolled already, LQ_ERR_INVALID for a name that is empty, too long or not printable UTF-8,
 * LQ_ERR_FULL when every number is taken. */
int lq_member_add(struct lq_store *store, const char *name, const char *profile,
	struct lq_event *event, uint32_t *ret_id);
int lq_member_add_with(struct lq_store *store, const char *name, const char *profile,
	struct lq_rights rights, struct lq_event *event, uint32_t *ret_id);
int lq_member_set_rights(struct lq_store *store, uint32_t id, const struct lq_rights_change *change,
	struct lq_event *event);
int lq_member_set_enabled(
	struct lq_store *store, uint32_t id, bool enabled, struct lq_event *event);
/* Of `wanted`, the key, the holder, the validity span and the limits count. */
int lq_badge_enrol(struct lq_store *store, const struct lq_credential *wanted,
	struct lq_event *event, struct lq_credential *ret_credential);
int lq_badge_set_state(struct lq_store *store, uint32_t id, enum lq_credential_state state,
	struct lq_event *event, struct lq_credential *ret_credential);

/* A suspension that ends by itself; `until_s` 0 does not. */
int lq_badge_set_state_until(struct lq_store *store, uint32_t id, enum lq_credential_state state,
	uint32_t until_s, struct lq_event *event, struct lq_credential *ret_credential);
int lq_badge_set_limits(struct lq_store *store, uint32_t id, const struct lq_badge_limits *limits,
	struct lq_event *event, struct lq_credential *ret_credential);

/* Creates or replaces an access profile: `policies` pairs an access point ("*", "front/entry") with
 * the name of a schedule, or NULL for always. */
struct lq_policy_text {
	char access_point[LQ_ACCESS_POINT_NAME_SIZE];
	char schedule[LQ_NAME_SIZE]; /* empty: always */
};
int lq_profile_set(struct lq_store *store, const char *name, const struct lq_policy_text *policies,
	size_t count, struct lq_event *event);
/* `groups` are the names of the groups of special days, in the order of the schedule's own
 * specials, whose numbers do not count. */
int lq_schedule_set(struct lq_store *store, const char *name, const struct lq_schedule *schedule,
	const char (*groups)[LQ_NAME_SIZE], struct lq_event *event);

/* A date of a group of special days; the number of its group does not count. */
struct lq_day_text {
	char group[LQ_NAME_SIZE];
	struct lq_special_day date;
	char label[LQ_MEMBER_NAME_SIZE]; /* UTF-8, may be empty */
};
/* Makes the group if need be; a date that the group has already gets the new label.
 * LQ_ERR_INVALID for a date that no year has, LQ_ERR_FULL when there are too many. */
int lq_day_add(struct lq_store *store, const struct lq_day_text *day, struct lq_event *event);
/* The group stays, for the schedules that name it. LQ_ERR_NOT_FOUND. */
int lq_day_remove(struct lq_store *store, const struct lq_day_text *day, struct lq_event *event);

/* Reading; every callback's struct is borrowed for the call. Non-zero from `each` stops and is
 * returned. */
int lq_member_list(
	struct lq_store *store, int (*each)(void *ctx, const struct lq_member *member), void *ctx);
/* LQ_ERR_NOT_FOUND. */
int lq_member_get(struct lq_store *store, uint32_t id, struct lq_member *ret_member);
/* Gives a door opening hours; an empty `schedule` takes them away. LQ_ERR_NOT_FOUND. */
int lq_door_hours_set(struct lq_store *store, uint16_t door, const char *schedule,
	bool first_person, struct lq_event *event);
/* `each` gets names. */
int lq_door_hours_list(struct lq_store *store,
	int (*each)(void *ctx, const char *door, const char *schedule, bool first_person),
	void *ctx);
/* By group and date, those of every year first. */
int lq_day_list(
	struct lq_store *store, int (*each)(void *ctx, const struct lq_day_text *day), void *ctx);
/* The badges of one member, or of everybody when `holder` is 0. */
int lq_badge_list(struct lq_store *store, uint32_t holder,
	int (*each)(void *ctx, const struct lq_badge *badge), void *ctx);

#endif

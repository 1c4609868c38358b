/* What is to be written to door.db: jobs go to the writer's thread and come back. Plain structs. */
#ifndef LQ_DOOR_JOB_H
#define LQ_DOOR_JOB_H

#include "firmware/config/config.h"
#include "firmware/store/import.h"
#include "firmware/store/office_apply.h"
#include "firmware/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lq_job_kind {
	LQ_JOB_EVENT, /* append `event` */
	LQ_JOB_MEMBER_ADD,
	LQ_JOB_MEMBER_SET_ENABLED,
	LQ_JOB_MEMBER_SET,
	LQ_JOB_MEMBER_FIND, /* whether the credential's holder is there; no event */
	LQ_JOB_BADGE_ENROL,
	LQ_JOB_BADGE_SET_STATE,
	LQ_JOB_BADGE_SET,
	LQ_JOB_PROFILE_SET,
	LQ_JOB_SCHEDULE_SET,
	LQ_JOB_DAY_ADD,
	LQ_JOB_DAY_REMOVE,
	LQ_JOB_DOOR_HOURS,
	LQ_JOB_ORDER,        /* append `event` and remember the change's nonce */
	LQ_JOB_RELOAD,       /* append `event` and read the change's configuration */
	LQ_JOB_OFFICE_RENEW, /* the office said again that its roster holds; no event */
	LQ_JOB_OFFICE,       /* as LQ_JOB_IMPORT, of the office's roster */
	LQ_JOB_IMPORT, /* step by step, between other jobs: it may come back behind later ones */
};

/* A configuration to be read once the event is on disk. */
struct lq_reload {
	const char *path; /* borrowed */
	struct lq_speech speech;
	int result; /* afterwards, as lq_config_load(), with `config` and `error` */
	struct lq_config config;
	struct lq_config_error error;
};

/* What is changed: which members count depends on the kind. */
struct lq_job_change {
	char name[LQ_MEMBER_NAME_SIZE];
	char profile[LQ_NAME_SIZE];
	uint32_t id;
	bool enabled;
	struct lq_rights_change rights;
	enum lq_credential_state state;
	uint32_t until_s; /* of a suspension; 0: by hand */
	struct lq_badge_limits limits;
	struct lq_credential credential; /* enrol: wanted; afterwards: stored. Order: its holder */
	bool holder_unknown;             /* afterwards, of an order that concerns a member */
	struct lq_schedule schedule;
	char groups[LQ_SPECIALS_MAX][LQ_NAME_SIZE]; /* of the schedule's specials */
	struct lq_day_text day;
	bool first_person;
	struct lq_nonce nonce;
	uint64_t office_version;
	int64_t office_iat_s;
	bool ordered; /* enrol: by the command `order` */
	struct lq_event order;
	struct lq_reload *reload; /* NULL: none; the submitter's to free */
	size_t policy_count;
	struct lq_policy_text policies[LQ_POLICIES_MAX];
	struct lq_rule_tables
		*tables; /* afterwards, where lq_job_changes_rules(): the taker's to free */
};

/* Whether a change concerns profiles, schedules, special days or opening hours. */
bool lq_job_changes_rules(enum lq_job_kind kind);

struct lq_job {
	enum lq_job_kind kind;
	uint64_t token; /* the submitter's, handed back */
	struct lq_event event;
	struct lq_job_change *change;   /* the submitter's until the job came back, or NULL */
	struct lq_import *import;       /* likewise, of an LQ_JOB_IMPORT */
	struct lq_office_draft *office; /* likewise, of an LQ_JOB_OFFICE */
	int error;                      /* afterwards: enum lq_err */
	uint64_t seq;                   /* afterwards: the event's number */
};

/* Does what a job asks that is neither an event nor an import: all of it, together with its event's
 * row, or nothing. What the change hands back is written where it succeeds. */
int lq_job_apply(struct lq_store *store, struct lq_job *job);

#endif

/* The journal's own thread: SQLite waits for the disk there, so that a slow disk never stops the
 * door. Jobs go in and come back in order. The functions below are the loop's; none blocks, except
 * lq_writer_stop(). */
#ifndef LQ_DOOR_WRITER_H
#define LQ_DOOR_WRITER_H

#include "firmware/config/config.h"
#include "firmware/store/import.h"
#include "firmware/store/office_apply.h"
#include "firmware/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Events that may wait for the disk. Beyond it they are lost, counted and reported. */
#define LQ_WRITER_JOBS_MAX 4096u

enum lq_job_kind {
	LQ_JOB_EVENT, /* append `event` */
	LQ_JOB_MEMBER_ADD,
	LQ_JOB_MEMBER_SET_ENABLED,
	LQ_JOB_MEMBER_SET,
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
	int result;       /* afterwards, as lq_config_load(), with `config` and `error` */
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
	struct lq_credential credential; /* enrol: wanted; afterwards: stored */
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

struct lq_writer_status {
	size_t pending;
	uint64_t head;
	uint64_t lost;      /* events that found no room, since start */
	uint32_t waited_ms; /* since the disk was last asked, and has not answered */
	bool stalled;       /* the disk refuses */
	int error;          /* why, while stalled */
	char text[128];     /* SQLite's words for it */
};

struct lq_writer;

/* Opens the store again, or one in place of what showed damage. `now` is the time of the event that
 * will be written first. Called on the writer's thread, until it succeeds. */
typedef int (*lq_writer_reopen)(
	void *ctx, bool damaged, struct lq_wall now, struct lq_store **ret_store);

/* Takes over `store`, whose head is `head`; NULL: it could not be opened yet. The thread starts at
 * once. */
int lq_writer_start(struct lq_store *store, uint64_t head, lq_writer_reopen reopen,
	void *reopen_ctx, struct lq_writer **ret_writer);

/* Readable when jobs came back or the status changed. */
int lq_writer_fd(const struct lq_writer *writer);

/* A job is about to be submitted: the thread wakes now, and for a moment does not sleep. */
void lq_writer_expect(struct lq_writer *writer);

/* Copies `job` into the queue. LQ_ERR_FULL when there is no room (counted as lost for an event),
 * LQ_ERR_BUSY while there is another import or roster. An import ends with LQ_ERR_BUSY when another
 * job changes a member or a badge meanwhile. */
int lq_writer_submit(struct lq_writer *writer, const struct lq_job *job);

/* Waits for the last job's answer, for a moment and without sleeping; true when it came. False at
 * once where there is but one processor. */
bool lq_writer_look_out(struct lq_writer *writer);

/* Takes one finished job: true, `ret_job` written. Call until false. */
bool lq_writer_take(struct lq_writer *writer, struct lq_job *ret_job);

/* Calls `each` for every job that was submitted and has not been taken. */
void lq_writer_each_waiting(
	struct lq_writer *writer, void (*each)(void *ctx, const struct lq_job *job), void *ctx);

struct lq_writer_status lq_writer_status(struct lq_writer *writer);

/* Finishes what is queued, within `patience_ms` when the disk does not answer, and ends. The store
 * is closed. Returns the number of jobs that were given up. */
size_t lq_writer_stop(struct lq_writer *writer, uint32_t patience_ms);

#endif

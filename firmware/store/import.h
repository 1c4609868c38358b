/* Rows of another system into the roster, all of them or none, without keeping a tap waiting: the
 * caller makes one short step after another and does whatever else is due in between. New tables
 * are filled beside those in use and take their place in one small transaction, together with the
 * roster.imported event; a crash leaves the old roster or the new one. Belongs to the thread of the
 * store that it is used with, except where a comment says otherwise. */
#ifndef LQ_STORE_IMPORT_H
#define LQ_STORE_IMPORT_H

#include "firmware/core/event.h"
#include "firmware/store/roster_row.h"

#include <stdbool.h>
#include <stdint.h>

struct lq_import;

struct lq_import_wish {
	enum lq_roster_kind kind;
	bool dry_run;         /* says what would happen, and does nothing */
	bool disable_missing; /* what the rows do not name is disabled, or revoked */
	int rows_fd;          /* a memory file of struct lq_roster_row that nobody can change */
	int outcome_fd;       /* a memory file that gets the outcomes, or -1 */
};

enum lq_import_outcome_kind {
	LQ_IMPORT_UNCHANGED, /* not written */
	LQ_IMPORT_ADDED,
	LQ_IMPORT_CHANGED,
	LQ_IMPORT_MISSING,  /* in the roster and not among the rows; stays as it is */
	LQ_IMPORT_DISABLED, /* the same; can no longer be used */
};

/* How the outcomes are written. `old` follows for all but an added row. */
struct lq_import_outcome {
	uint32_t kind;
	uint32_t line; /* 0: none */
};

struct lq_import_counts {
	uint32_t added;
	uint32_t changed;
	uint32_t unchanged;
	uint32_t missing;
	uint32_t disabled;
};

enum lq_import_problem {
	LQ_IMPORT_SOUND,
	LQ_IMPORT_MALFORMED,  /* beyond a bound: who sent it did not check */
	LQ_IMPORT_NO_KEY,     /* neither of the columns that find a row */
	LQ_IMPORT_UNKNOWN,    /* no such member, badge or profile */
	LQ_IMPORT_NEEDED,     /* a new row cannot do without it */
	LQ_IMPORT_TWICE,      /* another row is about the same member or badge */
	LQ_IMPORT_TAKEN,      /* it belongs to another, `id`; 0: to none */
	LQ_IMPORT_SPAN,       /* ends before it begins */
	LQ_IMPORT_SUSPENSION, /* has an end, and the badge is not suspended */
	LQ_IMPORT_PROBLEM_COUNT
};

/* Static: "unknown" and so on. */
const char *lq_import_problem_text(enum lq_import_problem problem);

struct lq_import_refusal {
	enum lq_import_problem problem;
	uint32_t line;
	size_t column; /* of lq_roster_tables[kind] */
	uint32_t id;
};

/* Any thread. Takes both descriptors over, whatever it returns. LQ_ERR_INVALID when they are not
 * such memory files, LQ_ERR_FULL for more than LQ_ROSTER_ROWS_MAX rows. `event` is a
 * roster.imported; the counts are filled in. */
int lq_import_new(const struct lq_import_wish *wish, const struct lq_event *event,
	struct lq_import **ret_import);

/* Any thread, when nobody steps any more. Accepts NULL. */
void lq_import_free(struct lq_import *import);

/* What the caller can do without meanwhile. */
struct lq_import_pace {
	uint32_t rows;             /* about how many in this step, at least 1 */
	bool (*wanted)(void *ctx); /* the store is wanted for something else; asked during what
				    * takes long and can be begun again */
	void *ctx;
};

/* Does a piece. 1: there is more to do; LQ_OK: it is done. LQ_ERR_INVALID
 * with lq_import_refusal() filled, or another error: nothing was changed; make no further step. */
int lq_import_step(
	struct lq_import *import, struct lq_store *store, const struct lq_import_pace *pace);

/* After a failure, or instead of further steps: takes away what was prepared. */
void lq_import_abandon(struct lq_import *import, struct lq_store *store);

struct lq_import_counts lq_import_counts(const struct lq_import *import);
struct lq_import_refusal lq_import_refusal(const struct lq_import *import);

/* The event as it was journalled; false when there was nothing to change, and none was. */
bool lq_import_event(const struct lq_import *import, struct lq_event *ret_event, uint64_t *ret_seq);

/* The new roster, once; NULL when nothing was changed. The caller's. */
struct lq_roster *lq_import_take_roster(struct lq_import *import);

#endif

/* The office's roster into door.db: all parts of one version or none, together with the
 * roster.applied event, and without keeping a tap waiting. Few parts that differ are one small
 * transaction. For more, new tables are filled beside those in use, step by step, and traded. The
 * writer's thread, except where a comment says otherwise. */
#ifndef LQ_STORE_OFFICE_APPLY_H
#define LQ_STORE_OFFICE_APPLY_H

#include "firmware/core/event.h"
#include "firmware/store/import.h"
#include "firmware/store/office_draft.h"

/* More parts than these that differ are all replaced. */
#define LQ_OFFICE_FEW 16u

/* Whether everything has to be replaced, so that every part is needed. Any thread. */
bool lq_office_replaces_all(
	const struct lq_office_kept *kept, const struct lq_office_manifest *wanted);

/* The loop's, before the first step of a draft that was read. `event` is a roster.applied; the rest
 * is filled in. */
void lq_office_apply_begin(struct lq_office_draft *draft, const struct lq_event *event);

/* As lq_import_step(). LQ_ERR_NOT_FOUND: parts are missing for what door.db has by now; LQ_ERR_INVALID
 * or LQ_ERR_EXISTS: what the parts say contradicts itself. Nothing was changed then. */
int lq_office_apply_step(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace);

/* After a failure, or instead of further steps. The draft can begin anew. */
void lq_office_apply_abandon(struct lq_office_draft *draft, struct lq_store *store);

/* ---- when it was written: the loop's ---- */

/* False: it was not. */
bool lq_office_applied_event(
	const struct lq_office_draft *draft, struct lq_event *ret_event, uint64_t *ret_seq);
/* Whether the numbers of members had another meaning before. */
bool lq_office_applied_first(const struct lq_office_draft *draft);
/* The new rules, once; NULL: they are as they were. The caller's. */
struct lq_rule_tables *lq_office_take_tables(struct lq_office_draft *draft);
/* Brings the roster in memory to what was written; may exchange it. */
int lq_office_exchange(struct lq_office_draft *draft, struct lq_roster **roster);

#endif

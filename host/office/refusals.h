/* Notes in the audit who was refused, although a refused call leaves nothing else behind. */
#ifndef LQ_OFFICE_REFUSALS_H
#define LQ_OFFICE_REFUSALS_H

#include "host/office/api.h"

#define LQ_REFUSALS_HOUR_MAX 60 /* within an hour of the same: whoever guesses on fills no disk */

/* `account` is whose name was given, or 0: what names nobody is not noted, for it may be a password
 * in the wrong field. Nothing else of the call may have been written before. LQ_OK or an error of
 * the database. */
int lq_refusal_note(const struct lq_request *request, struct lq_answer *answer, const char *act,
	int64_t account);

/* Forgets those of before a moment, whose reason tells of an address. */
int lq_refusals_forget(struct lq_db *db, int64_t before_ms);

#endif

/* One journal event as one line for a person. One thread. */
#ifndef LQ_CLI_EVENT_LINE_H
#define LQ_CLI_EVENT_LINE_H

#include "firmware/core/event.h"
#include "firmware/store/store.h"
#include "host/cli/cli.h"

/* What happened, in a few words. Static. */
const char *lq_event_phrase(enum lq_event_type type, enum lq_language language);

/* Prints number, local time, place, phrase, who, why and the stages' times on stdout. Fields that
 * are missing or of another type are left out. `store` gives the members' names; it may be NULL. */
void lq_event_line_print(
	const struct lq_cli *cli, struct lq_store *store, uint64_t seq, const json_t *event);

/* The stage's name for a person: of lq_stage_text(), or "total". The key itself when unknown. */
const char *lq_stage_phrase(const char *key, enum lq_language language);

#endif

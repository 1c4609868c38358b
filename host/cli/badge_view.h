/* Badges for the eye and for machines. Functions that return int return an enum lq_exit and have
 * said what went wrong. One thread. */
#ifndef LQ_CLI_BADGE_VIEW_H
#define LQ_CLI_BADGE_VIEW_H

#include "firmware/store/roster.h"
#include "host/cli/cli.h"

/* A state in the operator's language; "unknown" for a number that is none. */
const char *lq_badge_state_text(const struct lq_cli *cli, enum lq_credential_state state);

/* The badges of a member, or with 0 of everybody, as a table on stdout. */
int lq_badges_print(const struct lq_cli *cli, struct lq_store *store, uint32_t member);

/* The same as an array; the caller releases it. */
int lq_badges_json(
	const struct lq_cli *cli, struct lq_store *store, uint32_t member, json_t **ret_badges);

#endif

/* The roster as the commands see it: door.db, opened for reading. Functions that return int return
 * an enum lq_exit and have said what went wrong. One thread. */
#ifndef LQ_CLI_ROSTER_VIEW_H
#define LQ_CLI_ROSTER_VIEW_H

#include "firmware/store/roster.h"
#include "firmware/store/store.h"
#include "host/cli/cli.h"
#include "host/cli/table.h"

/* Opens door.db of the configured state folder; close with lq_store_close(). */
int lq_view_open(const struct lq_cli *cli, struct lq_store **ret_store);

/* What a failed lq_store_… call means for the operator. */
int lq_view_fail(const struct lq_cli *cli, struct lq_store *store, int err);

/* The end of a list, which came to `r`: says what failed, or prints the table, which is empty with
 * --json. Closes the store and frees the table. */
int lq_view_end_list(
	const struct lq_cli *cli, struct lq_store *store, struct lq_table *table, int r);

/* MEMBER on a command line: a number ("3", "m3", "p3") or an exact name. Only a name needs door.db.
 */
int lq_view_find_member(const struct lq_cli *cli, const char *text, uint32_t *ret_member);

/* BADGE on a command line: "5" or "c5". */
int lq_view_find_badge(const struct lq_cli *cli, const char *text, uint32_t *ret_badge);

/* A member by number; LQ_EXIT_REFUSED when there is none. */
int lq_view_get_member(const struct lq_cli *cli, struct lq_store *store, uint32_t id,
	struct lq_member *ret_member);

/* Fills `ret_name`, empty where it cannot be known. `store` may be NULL. */
void lq_view_member_name(
	struct lq_store *store, uint32_t member, char ret_name[LQ_MEMBER_NAME_SIZE]);

/* Before the number of a member: 'p' where they are the office's persons, otherwise 'm'. `store`
 * may be NULL. */
char lq_view_letter(struct lq_store *store);

#endif

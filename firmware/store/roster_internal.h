/* What the tables of the roster and those of the rules have in common. The writer's thread, or the
 * loop's before there is one. */
#ifndef LQ_STORE_ROSTER_INTERNAL_H
#define LQ_STORE_ROSTER_INTERNAL_H

#include "firmware/store/store.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define LQ_RULES_MAX 1024 /* the highest profile or schedule number, plus one */

/* A column's number. The file is not believed: out of its range, `sound` turns false and the number
 * is 0. */
int64_t lq_roster_take_number(
	sqlite3_stmt *statement, int column, int64_t low, int64_t high, bool *sound);

/* The number of the row with this name. LQ_ERR_NOT_FOUND. */
int lq_roster_find_row(struct lq_store *store, const char *sql, const char *name, uint32_t *ret_id);

/* The badge with this number, as it is kept. LQ_ERR_NOT_FOUND. */
int lq_credential_load(struct lq_store *store, uint32_t id, struct lq_credential *ret_credential);

/* Steps and frees a statement that changes rows; `ret_changes` may be NULL. */
int lq_roster_run_change(struct lq_store *store, sqlite3_stmt *statement, int *ret_changes);

#endif

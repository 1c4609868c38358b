/* Tables that are filled beside those in use, to take their place in one small transaction. Of
 * "member" it is "member_next". The writer's thread. */
#ifndef LQ_STORE_BESIDE_H
#define LQ_STORE_BESIDE_H

#include "firmware/store/import.h"
#include "firmware/store/store_internal.h"

/* A transaction in which SQLite checks no references and follows no renaming; commits unless `r` is
 * an error. */
int lq_beside_begin(struct lq_store *store);
int lq_beside_end(struct lq_store *store, int r);
/* Checks references again; returns `r`, or why that failed. */
int lq_beside_restore(struct lq_store *store, int r);

/* Runs SQL in which each @ stands for the table's name. */
int lq_beside_execute(struct lq_store *store, const char *format, const char *table);

/* Makes the table. Its indexes come when it is filled; with `indexed_later` so does what is UNIQUE.
 */
int lq_beside_make(struct lq_store *store, const char *table, bool indexed_later);

struct lq_beside_index {
	uint32_t next;
	uint32_t tries;
	const char *extra; /* SQL of one more, behind the others; NULL: none */
};

/* An index is made faster at once, and of fewer pages, than row by row. Two cannot have one name,
 * and none can be renamed: they take turns. Makes the next of those that the table in use has; it
 * is begun again when somebody wants the store, but not for ever. 1: there may be more. */
int lq_beside_index(struct lq_store *store, const char *table, struct lq_beside_index *index,
	const struct lq_import_pace *pace);

#endif

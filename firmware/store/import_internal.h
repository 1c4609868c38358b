/* What the files of an import share. Nobody else includes it. */
#ifndef LQ_STORE_IMPORT_INTERNAL_H
#define LQ_STORE_IMPORT_INTERNAL_H

#include "firmware/store/import.h"
#include "firmware/store/store_internal.h"

/* ---- import_rows.c: the rows, as they came, and what is to become of each ---- */

struct lq_import_rows {
	int rows_fd;
	int outcome_fd;
	int64_t outcome_end;
	uint32_t count;
	uint32_t *targets; /* the number of the member or badge; 0: to be added */
	uint8_t *kinds;    /* enum lq_import_outcome_kind */
	uint32_t *seen;    /* a set of all targets, at most half full; 0: free */
	size_t slots;      /* a power of two */
};

int lq_import_rows_open(const struct lq_import_wish *wish, struct lq_import_rows *ret_rows);
void lq_import_rows_close(struct lq_import_rows *rows);
int lq_import_rows_get(
	const struct lq_import_rows *rows, uint32_t index, struct lq_roster_row *ret_row);
/* False when it is among them already. */
bool lq_import_rows_see(struct lq_import_rows *rows, uint32_t id);
bool lq_import_rows_seen(const struct lq_import_rows *rows, uint32_t id);
/* `old` may be NULL. */
int lq_import_rows_tell(struct lq_import_rows *rows, enum lq_import_outcome_kind kind,
	uint32_t line, const struct lq_roster_row *old);

/* ---- import_match.c: a row against the roster as it is ---- */

struct lq_import_match {
	struct lq_store *store;
	enum lq_roster_kind kind;
	struct lq_import_refusal *refusal;
	sqlite3_stmt *by_id;         /* the row */
	sqlite3_stmt *by_key;        /* id, of an external_id or a keyed hash */
	sqlite3_stmt *member;        /* id, of a member */
	sqlite3_stmt *member_by_key; /* id, of an external_id */
	sqlite3_stmt *profile;       /* id, of a name */
};

int lq_import_match_begin(struct lq_import_match *match);
void lq_import_match_end(struct lq_import_match *match);

/* Finds what `row` is about, and how it was: `ret_target` 0 and an empty `ret_old` when it is to be
 * added. LQ_ERR_INVALID with the refusal filled. */
int lq_import_match_row(struct lq_import_match *match, const struct lq_roster_row *row,
	uint32_t *ret_target, struct lq_roster_row *ret_old);

/* Puts what `row` gives over what was. A badge's external_id becomes its holder. */
int lq_import_match_merge(struct lq_import_match *match, const struct lq_roster_row *row,
	const struct lq_roster_row *old, struct lq_roster_row *ret_new);

#endif

/* What the files of an import share. Nobody else includes it. */
#ifndef LQ_STORE_IMPORT_INTERNAL_H
#define LQ_STORE_IMPORT_INTERNAL_H

#include "firmware/store/import.h"
#include "firmware/store/store_internal.h"

/* ---- import_rows.c: the rows, as they came, and what is to become of each ---- */

#define LQ_TELL_SIZE 16384u

struct lq_import_rows {
	const struct lq_roster_row *rows; /* mapped: the file is sealed */
	uint32_t count;
	uint32_t *targets;   /* the number of the member or badge; 0: to be added */
	uint8_t (*keys)[16]; /* the keyed hash of the UID that a row has; of badges */
	uint32_t *order;     /* the rows that are to be written */
	uint32_t order_count;
	uint32_t *seen; /* a set of all targets, at most half full; 0: free */
	size_t slots;   /* a power of two */
	int outcome_fd;
	size_t told; /* bytes in `tell` */
	char tell[LQ_TELL_SIZE];
};

/* Takes both descriptors over, whatever it returns. */
int lq_import_rows_open(const struct lq_import_wish *wish, struct lq_import_rows *rows);
void lq_import_rows_close(struct lq_import_rows *rows);
/* False when it is among them already. */
bool lq_import_rows_see(struct lq_import_rows *rows, uint32_t id);
bool lq_import_rows_seen(const struct lq_import_rows *rows, uint32_t id);
/* Puts the badges that are to be written into the order of their keys, in which a tree grows at its
 * end: first roughly, then one bucket after the other, from `*from`, which moves. */
#define LQ_IMPORT_BUCKETS 256u
int lq_import_rows_spread(struct lq_import_rows *rows);
void lq_import_rows_sort(struct lq_import_rows *rows, uint32_t *from);
/* `old` may be NULL. */
int lq_import_rows_tell(struct lq_import_rows *rows, enum lq_import_outcome_kind kind,
	uint32_t line, const struct lq_roster_row *old);
int lq_import_rows_flush(struct lq_import_rows *rows);

/* ---- import_match.c: a row against the roster as it is ---- */

struct lq_import_match {
	struct lq_store *store;
	enum lq_roster_kind kind;
	struct lq_import_refusal *refusal;
	sqlite3_stmt *by_id; /* the whole row; the others find a number */
	sqlite3_stmt *member;
	sqlite3_stmt *member_by_key;
	sqlite3_stmt *badge;
	sqlite3_stmt *badge_by_key;
	sqlite3_stmt *profile;
};

int lq_import_match_begin(struct lq_import_match *match);
void lq_import_match_end(struct lq_import_match *match);

/* Finds what `row` is about: `ret_target` 0 when it is to be added. `key` is the keyed hash of its
 * UID where it has one. LQ_ERR_INVALID with the refusal filled. */
int lq_import_match_row(struct lq_import_match *match, const struct lq_roster_row *row,
	const uint8_t key[16], uint32_t *ret_target);

/* How a row of the roster is; a new one's beginnings for 0. */
int lq_import_match_old(
	struct lq_import_match *match, uint32_t target, struct lq_roster_row *ret_old);

/* Puts what `row` gives over what was. A badge's external_id becomes its holder. */
int lq_import_match_merge(struct lq_import_match *match, const struct lq_roster_row *row,
	const struct lq_roster_row *old, struct lq_roster_row *ret_new);

#endif

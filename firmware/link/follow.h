/* The journal as the link reads it: opened late, opened again when loquetd has put another file in
 * its place, and not believed where a row does not match its own hash. One thread. */
#ifndef LQ_LINK_FOLLOW_H
#define LQ_LINK_FOLLOW_H

#include "firmware/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_follow;

/* `folder` is borrowed for the life of the object. LQ_ERR_NO_MEMORY. */
int lq_follow_start(const char *folder, struct lq_follow **ret_follow);

/* Accepts NULL. */
void lq_follow_end(struct lq_follow *follow);

/* Opens the journal when it is not open, or when the file in its place is another one; `ret_files`
 * counts the different files so far. LQ_ERR_NOT_FOUND: there is no journal yet. Errors as
 * lq_store_open_readonly(). */
int lq_follow_check(struct lq_follow *follow, uint64_t *ret_files);

/* As lq_store_read(), on the open journal; LQ_ERR_NOT_FOUND when none is. An error closes it: the
 * next check opens it afresh. */
int lq_follow_read(struct lq_follow *follow, uint64_t from, size_t limit,
	int (*each)(void *ctx, const struct lq_row *row), void *ctx);

/* Whether there is a row `seq` or a later one. Errors as lq_follow_read(). */
int lq_follow_reaches(struct lq_follow *follow, uint64_t seq, bool *ret_reaches);

/* The number of the last row, 0 when there is none; looked for from about `guess` on. The chain's
 * hashes do not matter. Errors as lq_follow_read(). */
int lq_follow_last(struct lq_follow *follow, uint64_t guess, uint64_t *ret_seq);

/* SQLite's words for the last failure, printable ASCII; empty when there are none. */
const char *lq_follow_problem(const struct lq_follow *follow);

/* The row's body is what its hash says. */
bool lq_follow_sound(struct lq_follow *follow, const struct lq_row *row);

#endif

/* Everything of one office's database into another one, of the same kind or not. */
#ifndef LQ_OFFICE_COPY_H
#define LQ_OFFICE_COPY_H

#include "host/office/db.h"

#include <stdint.h>

/* Called for every table when it is done. */
typedef void lq_copy_progress(void *ctx, const char *table, int64_t rows);

/* Both have the same schema, and `to` is open to be kept. LQ_ERR_EXISTS: there is something in `to`
 * already, other than what its migrations put there; nothing was changed. All of it or nothing; on
 * failure the error is that of the one that lq_copy_culprit names. */
int lq_copy(struct lq_db *from, struct lq_db *to, lq_copy_progress *progress, void *ctx,
	struct lq_db **ret_culprit);

#endif

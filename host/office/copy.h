/* Everything of one office's database into another one, of the same kind or not. */
#ifndef LQ_OFFICE_COPY_H
#define LQ_OFFICE_COPY_H

#include "host/office/db.h"

#include <stdint.h>

enum lq_copy_how {
	LQ_COPY_INTO_UNUSED, /* as lq_shape_expect_unused() has it */
	LQ_COPY_REPLACE,     /* in the place of what is there; doors may have seen a later roster
				than that of `from`: what is published next is above it */
};

/* Called now and then: so many rows of all tables are done, `table` is at hand. */
typedef void lq_copy_progress(void *ctx, const char *table, int64_t done, int64_t all);

/* Both have the same schema; `from` is open to be read, `to` to be kept or made. `from` is taken as
 * of one moment. All of it or nothing; on failure the error is that of `ret_culprit`, NULL when
 * memory ran out. LQ_ERR_EXISTS: `to` is not unused; nothing was changed. `progress` may be NULL.
 */
int lq_copy(struct lq_db *from, struct lq_db *to, enum lq_copy_how how, lq_copy_progress *progress,
	void *ctx, struct lq_db **ret_culprit);

#endif

/* What a database of this program's schema looks like that no office has used yet. */
#ifndef LQ_OFFICE_SHAPE_H
#define LQ_OFFICE_SHAPE_H

#include "host/office/db.h"

/* LQ_ERR_EXISTS, and lq_db_error() names the table: there is more in it than its migrations put
 * there. Its schema is this program's. */
int lq_shape_expect_unused(struct lq_db *db);

/* LQ_ERR_UNSUPPORTED: a table of an office is missing. */
int lq_shape_expect_office(struct lq_db *db);

#endif

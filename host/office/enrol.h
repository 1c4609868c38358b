/* Badges that a door has read for the office. */
#ifndef LQ_OFFICE_ENROL_H
#define LQ_OFFICE_ENROL_H

#include "host/office/db.h"
#include "host/office/post.h"

#include <stdint.h>

/* A badge was read at a door for somebody: enrols it, or takes it from the pool, in the open
 * transaction; for a visitor, for their time. LQ_OK; LQ_ERR_EXISTS when it is somebody's already,
 * or of the pool and lost, LQ_ERR_NOT_FOUND when the person is no more; or an error of the
 * database. */
int lq_badge_was_read(struct lq_db *db, const struct lq_sending *sending, int64_t now_ms);

#endif

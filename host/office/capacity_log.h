/* Every crossing of a limit is noted in the audit: when, of which zone or of the space, at how many
 * persons. One thread. */
#ifndef LQ_OFFICE_CAPACITY_LOG_H
#define LQ_OFFICE_CAPACITY_LOG_H

#include "host/office/db.h"

#include <jansson.h>
#include <stdint.h>

/* Begins as zeroes. */
struct lq_capacity_log {
	json_t *states; /* by zone, "" is the space; NULL: nothing was seen yet */
};

/* Takes in a message of lq_occupancy_message(). How it stands at first is no crossing. Outside of a
 * transaction. LQ_OK, LQ_ERR_NO_MEMORY or an error of the database, after which it is to be told
 * again. */
int lq_capacity_log_note(
	struct lq_capacity_log *log, struct lq_db *db, const json_t *message, int64_t now_ms);

void lq_capacity_log_end(struct lq_capacity_log *log);

#endif

/* Parts of the roster out of office.db. */
#ifndef LQ_OFFICE_ROSTER_READ_H
#define LQ_OFFICE_ROSTER_READ_H

#include "host/office/db.h"
#include "host/office/event_rights.h"
#include "host/office/roster_parts.h"

/* Reads part `index` (0: the rules) into an empty one, with what events add (NULL: nothing); to be
 * released by lq_part_free(), whatever is returned. LQ_OK, LQ_ERR_FULL for more than a part may
 * have, LQ_ERR_NO_MEMORY or an error of the database. */
int lq_roster_read(
	struct lq_db *db, struct lq_event_rights *events, unsigned index, struct lq_part *part);

#endif

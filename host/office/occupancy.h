/* Who is in now, as JSON. Inside a transaction or not; only reads. */
#ifndef LQ_OFFICE_OCCUPANCY_H
#define LQ_OFFICE_OCCUPANCY_H

#include "host/office/db.h"
#include "host/office/space_rules.h"

#include <jansson.h>

enum lq_naming {
	LQ_NAMES_NONE,  /* counts alone */
	LQ_NAMES_BOARD, /* those who want to be on the public board */
	LQ_NAMES_SHOWN, /* everybody present; of the hidden no name and no number */
	LQ_NAMES_EVERYBODY,
};

/* "zones": every zone that is known, with its counts, its limits and where they stand, and with
 * "present" unless nobody is named; "total": the same of the whole space, where somebody who is in
 * several zones is one. New reference. LQ_ERR_NO_MEMORY or an error of the database. */
int lq_occupancy(struct lq_db *db, const struct lq_space_rules *rules, enum lq_naming naming,
	int64_t now_ms, json_t **ret_occupancy);

/* The message of the topic "occupancy", schemas/space_occupancy.json, but for its time. */
int lq_occupancy_message(
	struct lq_db *db, const struct lq_space_rules *rules, int64_t now_ms, json_t **ret_message);

#endif

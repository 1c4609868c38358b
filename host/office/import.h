/* A door's own roster into the office, so that a space moves to one without enrolling again. */
#ifndef LQ_OFFICE_IMPORT_H
#define LQ_OFFICE_IMPORT_H

#include "host/cli/cli.h"
#include "host/office/db.h"

#include <stdint.h>

struct lq_roster_counts {
	int64_t people;
	int64_t badges;
	int64_t schedules;
	int64_t profiles;
};

/* Copies what `door`, a door.db, has: in a transaction, which the caller commits. LQ_ERR_EXISTS
 * when the office has people or rules of its own already; or an error of either database. */
int lq_roster_import(struct lq_db *office, struct lq_db *door, int64_t now_ms,
	struct lq_roster_counts *ret_counts);

/* The command. Returns an enum lq_exit. */
int lq_office_import(const struct lq_cli *cli);

#endif

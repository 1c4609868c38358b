/* The name of a visit: whose it is, where, and a moment of it. Visits are made anew with every
 * event, and the name goes on to mean the one that had begun at that moment, or else the first of
 * that day behind it. */
#ifndef LQ_OFFICE_VISIT_ID_H
#define LQ_OFFICE_VISIT_ID_H

#include "host/office/realm.h"
#include "host/office/visit_row.h"

#define LQ_VISIT_ID_SIZE (2u * LQ_NAME_SIZE + 48u)

struct lq_visit_id {
	struct lq_somebody who;
	char zone[LQ_NAME_SIZE];
	int64_t began_ms;
};

/* "p12.space.1796112000000", or "front-board.m12.space.1796112000000". */
void lq_visit_id_text(const struct lq_visit_row *row, char ret_text[LQ_VISIT_ID_SIZE]);

/* LQ_ERR_INVALID for anything else. */
int lq_visit_id_parse(const char *text, struct lq_visit_id *ret_id);

#endif

/* Where as many are in as the law lets in, for doors that are to refuse whoever would be one more
 * (firmware/store/office.h tells what they make of it). */
#ifndef LQ_OFFICE_FULL_H
#define LQ_OFFICE_FULL_H

#include "firmware/store/office.h"
#include "host/office/db.h"
#include "host/office/space_rules.h"

#include <jansson.h>

/* By the occupancy, as lq_occupancy_message() tells it. Nowhere, unless the space wants it so
 * (`denyEntry`); nor where more staff is than doors are told of, for nobody of them is to be kept
 * out. Of those who are in, as many are named as there is room for. */
int lq_full_read(struct lq_db *db, const struct lq_space_rules *rules, const json_t *occupancy,
	int64_t now_ms, struct lq_office_full *ret_full);

bool lq_full_anywhere(const struct lq_office_full *full);

bool lq_full_same(const struct lq_office_full *one, const struct lq_office_full *other);

/* What the manifest says of it. */
json_t *lq_full_json(const struct lq_office_full *full);

#endif

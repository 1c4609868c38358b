/* The keyed hash under which a badge is kept. */
#ifndef LQ_OFFICE_BADGE_UID_H
#define LQ_OFFICE_BADGE_UID_H

#include "host/office/api.h"

/* Under the space's uid.key in state_dir. LQ_ERR_NOT_FOUND: it is not here; LQ_ERR_IO. */
int lq_badge_uid_key(
	const struct lq_config *config, const uint8_t *uid, size_t length, uint8_t ret_key[16]);

/* 409: what to do about a key that is not here. */
int lq_badge_no_uid_key(const struct lq_request *request, struct lq_answer *answer);

#endif

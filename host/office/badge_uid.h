/* The keyed hash under which a badge is kept. */
#ifndef LQ_OFFICE_BADGE_UID_H
#define LQ_OFFICE_BADGE_UID_H

#include "firmware/store/keys.h"
#include "host/office/api.h"

/* The space's uid.key in state_dir, for many of them; to be wiped by lq_keys_wipe().
 * LQ_ERR_NOT_FOUND: it is not here; LQ_ERR_IO. */
int lq_badge_uid_keys(const struct lq_config *config, struct lq_keys *ret_keys);

/* Under that key; the same errors. */
int lq_badge_uid_key(
	const struct lq_config *config, const uint8_t *uid, size_t length, uint8_t ret_key[16]);

/* 409: what to do about a key that is not here. */
int lq_badge_no_uid_key(const struct lq_request *request, struct lq_answer *answer);

#endif

/* The office's own key, under which it signs what the doors are to believe. */
#ifndef LQ_OFFICE_OFFICE_KEY_H
#define LQ_OFFICE_OFFICE_KEY_H

#include "firmware/store/keys.h"
#include "hal/entropy.h"

#include <stddef.h>

/* What signatures name their key by: doors know it as [command office]. */
#define LQ_OFFICE_KEY_ID "office"

/* Fills the signing half from <folder>/office.key, mode 0600, and makes it when there is none.
 * LQ_ERR_IO, or LQ_ERR_CORRUPT when the file holds anything else. Overwrite with lq_keys_wipe(). */
int lq_office_key_load(
	const char *folder, const struct lq_entropy *entropy, struct lq_keys *ret_key);

/* A compact JWS (RFC 7515) of these bytes, EdDSA, signed by the office; the caller frees it. NULL:
 * out of memory, or libcrypto failed. */
char *lq_office_sign(const struct lq_keys *key, const void *payload, size_t length);

#endif

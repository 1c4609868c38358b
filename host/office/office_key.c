#include "host/office/office_key.h"

#include "firmware/core/err.h"
#include "firmware/store/order_sign.h"
#include "host/office/owner.h"

#include <stdio.h>
#include <stdlib.h>

#define PATH_SIZE 160u

int lq_office_key_load(
	const char *folder, const struct lq_entropy *entropy, struct lq_keys *ret_key)
{
	char path[PATH_SIZE];
	uint8_t public_key[32];
	int length = snprintf(path, sizeof(path), "%s/office.key", folder);
	if (length < 0 || (size_t)length >= sizeof(path)) {
		return LQ_ERR_INVALID;
	}
	int r = lq_keys_load_signer(path, ret_key);
	if (r == LQ_ERR_NOT_FOUND) {
		r = lq_keys_make_signer(path, entropy, public_key);
		if (r == LQ_OK) {
			lq_give_to_owner(path);
		}
		r = r == LQ_OK || r == LQ_ERR_EXISTS ? lq_keys_load_signer(path, ret_key) : r;
	}
	return r;
}

char *lq_office_sign(const struct lq_keys *key, const void *payload, size_t length)
{
	size_t size = LQ_JWS_SIZE(length);
	char *text = malloc(size);
	if (text != NULL &&
		lq_jws_sign(key, LQ_OFFICE_KEY_ID, payload, length, text, size) != LQ_OK) {
		free(text);
		return NULL;
	}
	return text;
}

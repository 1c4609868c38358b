#include "host/office/office_key.h"

#include "firmware/core/base64url.h"
#include "firmware/core/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 160u
#define HEADER    "{\"alg\":\"EdDSA\",\"kid\":\"" LQ_OFFICE_KEY_ID "\"}"

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
		r = r == LQ_OK || r == LQ_ERR_EXISTS ? lq_keys_load_signer(path, ret_key) : r;
	}
	return r;
}

char *lq_office_sign(const struct lq_keys *key, const void *payload, size_t length)
{
	uint8_t signature[64];
	size_t head = LQ_BASE64URL_LENGTH(sizeof(HEADER) - 1);
	size_t body = LQ_BASE64URL_LENGTH(length);
	char *text = malloc(head + body + LQ_BASE64URL_LENGTH(sizeof(signature)) + 3);
	if (text == NULL) {
		return NULL;
	}
	lq_base64url_encode((const uint8_t *)HEADER, sizeof(HEADER) - 1, text);
	text[head] = '.';
	lq_base64url_encode(payload, length, text + head + 1);
	size_t signed_length = head + 1 + body;
	if (lq_keys_sign(key, (const uint8_t *)text, signed_length, signature) != LQ_OK) {
		free(text);
		return NULL;
	}
	text[signed_length] = '.';
	lq_base64url_encode(signature, sizeof(signature), text + signed_length + 1);
	return text;
}

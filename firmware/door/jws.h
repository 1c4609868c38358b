/* A JSON Web Signature in its compact form (RFC 7515), signed with Ed25519 (RFC 8037):
 *
 *   header   {"alg":"EdDSA","kid":"<whose key>"}, perhaps "typ":"JWT"
 *
 * Everything else in the header, a key twice, another alphabet: malformed. What the payload says is
 * for the caller to read, once the signature over it was found to hold. Pure (jansson aside). */
#ifndef LQ_DOOR_JWS_H
#define LQ_DOOR_JWS_H

#include "firmware/core/site.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct lq_jws {
	char signer[LQ_NAME_SIZE];
	size_t signed_length; /* bytes of the text, from its beginning, that the signature covers */
	uint8_t signature[64];
	const char *payload; /* in the text, still encoded */
	size_t payload_length;
};

/* LQ_ERR_INVALID: malformed. `text` is borrowed by `ret_jws`. */
int lq_jws_parse(const char *text, size_t length, struct lq_jws *ret_jws);

/* What is encoded there: NULL, or an object that the caller releases. */
json_t *lq_jws_object(const char *text, size_t length);

/* Whether it has no other keys; the list ends with NULL. */
bool lq_jws_only_keys(json_t *object, const char *const *keys);

/* Of an object: absent is good and leaves `out` as it is. */
bool lq_jws_take_text(
	json_t *object, const char *key, const char *characters, char *out, size_t size);
/* 1 to `most`. */
bool lq_jws_take_number(json_t *object, const char *key, json_int_t most, json_int_t *ret_number);

#define LQ_JWS_NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"

#endif

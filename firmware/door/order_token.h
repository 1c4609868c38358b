/* The form of a signed command: a JSON Web Signature in its compact form (RFC 7515), signed with
 * Ed25519 (RFC 8037).
 *
 *   header   {"alg":"EdDSA","kid":"<NAME of [command NAME]>"}, perhaps "typ":"JWT"
 *   payload  {"aud":"<space>/<controller>","cmd":"door.open","door":"front",
 *             "nbf":<Unix seconds>,"exp":<Unix seconds>,"jti":"<nonce>","args":{…}}
 *            perhaps "iss" and "iat", which say nothing here
 *   args     {"from":17} of journal.replay; {"mode":"Blocked"} of door.mode; {"member":7} of
 *            badge.enrol-next, perhaps "timeout_s"; perhaps that of badge.read; perhaps
 * {"extended":true} of door.open
 *
 * The payload is read only after the signature over it was found to hold. Everything else in either
 * object, a key twice, a longer text, another alphabet: malformed. Pure (jansson aside). */
#ifndef LQ_DOOR_ORDER_TOKEN_H
#define LQ_DOOR_ORDER_TOKEN_H

#include "firmware/core/order.h"

struct lq_order_token {
	char signer[LQ_NAME_SIZE];
	size_t signed_length; /* bytes of the text, from its beginning, that the signature covers */
	uint8_t signature[64];
	const char *payload; /* in the text, still encoded */
	size_t payload_length;
};

/* LQ_ERR_INVALID: malformed. `text` is borrowed by `ret_token`. */
int lq_order_token_parse(const char *text, size_t length, struct lq_order_token *ret_token);

/* LQ_ERR_INVALID: malformed. */
int lq_order_payload_parse(const struct lq_order_token *token, struct lq_order *ret_order);

#endif

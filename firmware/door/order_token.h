/* The form of a signed command: a JSON Web Signature (jws.h).
 *
 *   header   {"alg":"EdDSA","kid":"<NAME of [command NAME]>"}
 *   payload  {"aud":"<space>/<controller>","cmd":"door.open","door":"front",
 *             "nbf":<Unix seconds>,"exp":<Unix seconds>,"jti":"<nonce>","args":{…}}
 *            perhaps "iss" and "iat", which say nothing here
 *   args     {"from":17} of journal.replay; {"mode":"Locked"} of door.mode, perhaps
 *            "unless_refusing":true; {"member":7} of badge.enrol-next, perhaps "timeout_s";
 *            perhaps that of badge.read; perhaps {"extended":true} of door.open
 *
 * The payload is read only after the signature over it was found to hold. Everything else in either
 * object, a key twice, a longer text, another alphabet: malformed. Pure (jansson aside). */
#ifndef LQ_DOOR_ORDER_TOKEN_H
#define LQ_DOOR_ORDER_TOKEN_H

#include "firmware/core/order.h"
#include "firmware/door/jws.h"

/* LQ_ERR_INVALID: malformed. `text` is borrowed by `ret_token`. */
int lq_order_token_parse(const char *text, size_t length, struct lq_jws *ret_token);

/* LQ_ERR_INVALID: malformed. */
int lq_order_payload_parse(const struct lq_jws *token, struct lq_order *ret_order);

#endif

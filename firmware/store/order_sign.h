/* The other end of what loquetd verifies (firmware/door/jws.h, order_token.h): JSON Web Signatures
 * in their compact form, signed with Ed25519, and commands in them. Any thread. */
#ifndef LQ_STORE_ORDER_SIGN_H
#define LQ_STORE_ORDER_SIGN_H

#include "firmware/core/base64url.h"
#include "firmware/core/order.h"
#include "firmware/store/keys.h"
#include "hal/entropy.h"

#include <stddef.h>
#include <stdint.h>

/* The two clocks need not agree to the second. */
#define LQ_ORDER_EARLY_S 30

#define LQ_JWS_HEADER_SIZE (LQ_NAME_SIZE + 32u)

/* Room for any signer's signature over `length` bytes, with the terminator. */
#define LQ_JWS_SIZE(length)                                                                        \
	(LQ_BASE64URL_LENGTH(LQ_JWS_HEADER_SIZE) + LQ_BASE64URL_LENGTH(length) +                   \
		LQ_BASE64URL_LENGTH((size_t)64) + 3u)

/* {"alg":"EdDSA","kid":signer}, the payload, the signature. `signer` is a name of the
 * configuration. LQ_ERR_FULL: `size` is too small; LQ_ERR_IO: libcrypto failed. */
int lq_jws_sign(const struct lq_keys *keys, const char *signer, const void *payload, size_t length,
	char *ret_text, size_t size);

/* A nonce that nobody has used. LQ_ERR_IO. */
int lq_order_make_nonce(const struct lq_entropy *entropy, char ret_nonce[LQ_ORDER_NONCE_SIZE]);

/* A signed command; `order` is complete, its door empty where it concerns none. LQ_ERR_FULL: longer
 * than LQ_ORDER_TOKEN_MAX; LQ_ERR_IO. */
int lq_order_sign(const struct lq_keys *keys, const char *signer, const struct lq_order *order,
	char ret_text[LQ_ORDER_TOKEN_MAX + 1]);

#endif

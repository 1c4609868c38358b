/* Base64url without padding, as JSON Web Signatures write bytes (RFC 7515 §2, RFC 4648 §5). Pure.
 */
#ifndef LQ_CORE_BASE64URL_H
#define LQ_CORE_BASE64URL_H

#include <stddef.h>
#include <stdint.h>

/* The characters that `count` bytes become. */
#define LQ_BASE64URL_LENGTH(count) (((count)*4u + 2u) / 3u)

/* Strict: no padding, blank or other alphabet, and no bits left over that are not zero, so that
 * each text is the only one of its bytes. LQ_ERR_INVALID; LQ_ERR_FULL when there are more than
 * `capacity` bytes. */
int lq_base64url_decode(
	const char *text, size_t length, uint8_t *out, size_t capacity, size_t *ret_count);

/* Writes LQ_BASE64URL_LENGTH(count) characters and a terminator. */
void lq_base64url_encode(const uint8_t *bytes, size_t count, char *out);

#endif

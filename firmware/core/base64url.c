#include "firmware/core/base64url.h"

#include "firmware/core/err.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int lq_base64url_decode(
	const char *text, size_t length, uint8_t *out, size_t capacity, size_t *ret_count)
{
	uint32_t bits = 0;
	unsigned waiting = 0;
	size_t count = 0;
	if (length % 4 == 1) {
		return LQ_ERR_INVALID;
	}
	for (size_t i = 0; i < length; i++) {
		const char *at = text[i] == '\0' ? NULL : strchr(alphabet, text[i]);
		if (at == NULL) {
			return LQ_ERR_INVALID;
		}
		bits = (bits << 6 | (uint32_t)(at - alphabet)) & 0xffffu;
		waiting += 6;
		if (waiting >= 8) {
			waiting -= 8;
			if (count == capacity) {
				return LQ_ERR_FULL;
			}
			out[count++] = (uint8_t)(bits >> waiting);
		}
	}
	if ((bits & ((1u << waiting) - 1u)) != 0) {
		return LQ_ERR_INVALID;
	}
	*ret_count = count;
	return LQ_OK;
}

void lq_base64url_encode(const uint8_t *bytes, size_t count, char *out)
{
	uint32_t bits = 0;
	unsigned waiting = 0;
	for (size_t i = 0; i < count; i++) {
		bits = (bits << 8 | bytes[i]) & 0xffffu;
		for (waiting += 8; waiting >= 6; waiting -= 6) {
			*out++ = alphabet[bits >> (waiting - 6) & 63];
		}
	}
	if (waiting > 0) {
		*out++ = alphabet[bits << (6 - waiting) & 63];
	}
	*out = '\0';
}

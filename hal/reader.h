/* Port: a contactless reader. One struct of functions; every adapter and its twin obey the same
 * contract, which tests/contract checks on both. A reader belongs to one thread. */
#ifndef LQ_HAL_READER_H
#define LQ_HAL_READER_H

#include "firmware/core/identifier.h"

#include <stddef.h>
#include <stdint.h>

#define LQ_APDU_MAX 262u /* what libnfc carries at most in one exchange, both ways */

struct lq_reader {
	void *ctx;

	/* Looks at the field once and returns within 100 ms on a healthy device. 1: something is
	 * there, `ret_sighting` written; 0: the field is empty; negative: the device failed,
	 * close() it and open a new one (LQ_ERR_IO, LQ_ERR_TIMEOUT, LQ_ERR_CLOSED). A badge that
	 * answers nonsense is no device failure: it is a sighting with `malformed` set. */
	int (*poll)(void *ctx, struct lq_sighting *ret_sighting);

	/* One APDU to the badge of the last poll() that saw exactly one, and its answer. Returns
	 * the number of bytes written to `ret_answer`; LQ_ERR_INVALID for a command that is empty
	 * or longer than LQ_APDU_MAX, or without a badge; LQ_ERR_TIMEOUT when `deadline_ms` passed;
	 * LQ_ERR_NOT_FOUND when the badge left; LQ_ERR_FULL when the answer exceeds `capacity`;
	 * other errors as poll(). */
	int (*transceive)(void *ctx, const uint8_t *command, size_t length, uint8_t *ret_answer,
		size_t capacity, uint32_t deadline_ms);

	/* Frees everything; `ctx` is gone afterwards. Accepts a failed device. */
	void (*close)(void *ctx);
};

#endif

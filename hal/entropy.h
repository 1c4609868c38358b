/* Port: random bytes fit for keys. Thread-safe. */
#ifndef LQ_HAL_ENTROPY_H
#define LQ_HAL_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

struct lq_entropy {
	void *ctx;
	/* Fills `out` completely or returns LQ_ERR_IO and leaves it zeroed. */
	int (*fill)(void *ctx, uint8_t *out, size_t count);
};

#endif

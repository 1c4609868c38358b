/* SHA-256 of the journal's chain. Any thread. */
#ifndef LQ_STORE_HASH_H
#define LQ_STORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define LQ_HASH_SIZE 32u

void lq_hash(const void *bytes, size_t length, uint8_t ret_hash[LQ_HASH_SIZE]);

/* SHA-256(previous ‖ body_hash). */
void lq_hash_chain(const uint8_t previous[LQ_HASH_SIZE], const uint8_t body_hash[LQ_HASH_SIZE],
	uint8_t ret_hash[LQ_HASH_SIZE]);

#endif

#include "firmware/store/hash.h"

#include <openssl/sha.h>
#include <string.h>

void lq_hash(const void *bytes, size_t length, uint8_t ret_hash[LQ_HASH_SIZE])
{
	(void)SHA256(bytes, length, ret_hash);
}

void lq_hash_chain(const uint8_t previous[LQ_HASH_SIZE], const uint8_t body_hash[LQ_HASH_SIZE],
	uint8_t ret_hash[LQ_HASH_SIZE])
{
	uint8_t both[2 * LQ_HASH_SIZE];
	memcpy(both, previous, LQ_HASH_SIZE);
	memcpy(both + LQ_HASH_SIZE, body_hash, LQ_HASH_SIZE);
	lq_hash(both, sizeof(both), ret_hash);
}

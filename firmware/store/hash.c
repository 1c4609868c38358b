#include "firmware/store/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <string.h>

/* Looked up once: SHA256() looks it up each time, which takes as long as hashing a row. */
static const EVP_MD *sha256;

static void find_sha256(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void lq_hash(const void *bytes, size_t length, uint8_t ret_hash[LQ_HASH_SIZE])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, find_sha256);
	if (sha256 == NULL || EVP_Digest(bytes, length, ret_hash, NULL, sha256, NULL) != 1) {
		(void)SHA256(bytes, length, ret_hash);
	}
}

void lq_hash_chain(const uint8_t previous[LQ_HASH_SIZE], const uint8_t body_hash[LQ_HASH_SIZE],
	uint8_t ret_hash[LQ_HASH_SIZE])
{
	uint8_t both[2 * LQ_HASH_SIZE];
	memcpy(both, previous, LQ_HASH_SIZE);
	memcpy(both + LQ_HASH_SIZE, body_hash, LQ_HASH_SIZE);
	lq_hash(both, sizeof(both), ret_hash);
}

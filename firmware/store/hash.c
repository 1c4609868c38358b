#include "firmware/store/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* Made once and used again: SHA256() looks the algorithm up and makes what it works with each time,
 * which takes longer than hashing a row. NULL: it could not be made. */
static EVP_MD_CTX *work;
static pthread_mutex_t working = PTHREAD_MUTEX_INITIALIZER;

static void make_work(void)
{
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	work = sha256 != NULL ? EVP_MD_CTX_new() : NULL;
	if (work != NULL && EVP_DigestInit_ex(work, sha256, NULL) != 1) {
		EVP_MD_CTX_free(work);
		work = NULL;
	}
	EVP_MD_free(sha256); /* the work holds it */
}

static bool try_hash(const void *bytes, size_t length, uint8_t ret_hash[LQ_HASH_SIZE])
{
	(void)pthread_mutex_lock(&working);
	bool hashed = EVP_DigestInit_ex(work, NULL, NULL) == 1 &&
		      EVP_DigestUpdate(work, bytes, length) == 1 &&
		      EVP_DigestFinal_ex(work, ret_hash, NULL) == 1;
	(void)pthread_mutex_unlock(&working);
	return hashed;
}

void lq_hash(const void *bytes, size_t length, uint8_t ret_hash[LQ_HASH_SIZE])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, make_work);
	if (work == NULL || !try_hash(bytes, length, ret_hash)) {
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

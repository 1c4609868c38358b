#include "host/office/password.h"

#include "firmware/core/err.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define COST_MAX   20u /* a damaged row must not ask for more */
#define MEMORY_MAX (UINT64_C(64) << 20)

static int derive(const struct lq_password *password, const char *text, uint8_t *ret_hash)
{
	if (password->cost > COST_MAX) {
		return LQ_ERR_CORRUPT;
	}
	int made = EVP_PBE_scrypt(text, strlen(text), password->salt, sizeof(password->salt),
		UINT64_C(1) << password->cost, password->block, password->parallel, MEMORY_MAX,
		ret_hash, LQ_PASSWORD_HASH);
	return made == 1 ? LQ_OK : LQ_ERR_NO_MEMORY;
}

int lq_password_make(const char *text, struct lq_password *ret_password)
{
	struct lq_password password = {.cost = 15, .block = 8, .parallel = 1};
	if (RAND_bytes(password.salt, (int)sizeof(password.salt)) != 1) {
		return LQ_ERR_IO;
	}
	int r = derive(&password, text, password.hash);
	if (r == LQ_OK) {
		*ret_password = password;
	}
	return r;
}

bool lq_password_holds(const struct lq_password *password, const char *text)
{
	static const struct lq_password nobody = {.cost = 15, .block = 8, .parallel = 1};
	uint8_t hash[LQ_PASSWORD_HASH] = {0};
	int r = derive(password != NULL ? password : &nobody, text, hash);
	bool same = password != NULL && CRYPTO_memcmp(hash, password->hash, sizeof(hash)) == 0;
	OPENSSL_cleanse(hash, sizeof(hash));
	return r == LQ_OK && same;
}

#include "host/office/password.h"

#include "firmware/core/err.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define COST_MAX   20u /* a damaged row must not ask for more */
#define MEMORY_MAX (UINT64_C(64) << 20)

int lq_password_begin(struct lq_password *ret_password)
{
	struct lq_password password = lq_password_nobody();
	if (RAND_bytes(password.salt, (int)sizeof(password.salt)) != 1) {
		return LQ_ERR_IO;
	}
	*ret_password = password;
	return LQ_OK;
}

int lq_password_derive(struct lq_password *password, const char *text)
{
	if (password->cost > COST_MAX) {
		return LQ_ERR_CORRUPT;
	}
	int made = EVP_PBE_scrypt(text, strlen(text), password->salt, sizeof(password->salt),
		UINT64_C(1) << password->cost, password->block, password->parallel, MEMORY_MAX,
		password->hash, LQ_PASSWORD_HASH);
	return made == 1 ? LQ_OK : LQ_ERR_NO_MEMORY;
}

int lq_password_make(const char *text, struct lq_password *ret_password)
{
	struct lq_password password = {.cost = 0};
	int r = lq_password_begin(&password);
	r = r == LQ_OK ? lq_password_derive(&password, text) : r;
	if (r == LQ_OK) {
		*ret_password = password;
	}
	return r;
}

struct lq_password lq_password_nobody(void)
{
	return (struct lq_password){.cost = 15, .block = 8, .parallel = 1};
}

bool lq_password_same(const struct lq_password *one, const struct lq_password *other)
{
	return CRYPTO_memcmp(one->hash, other->hash, LQ_PASSWORD_HASH) == 0;
}

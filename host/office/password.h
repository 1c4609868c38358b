/* Passwords, kept as scrypt (RFC 7914) with N = 2^15, r = 8, p = 1: 32 MiB and about a tenth of a
 * second each. The figures stand beside each hash, so that they can grow. */
#ifndef LQ_OFFICE_PASSWORD_H
#define LQ_OFFICE_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#define LQ_PASSWORD_MIN  10u
#define LQ_PASSWORD_MAX  128u
#define LQ_PASSWORD_SALT 16u
#define LQ_PASSWORD_HASH 32u

struct lq_password {
	uint8_t salt[LQ_PASSWORD_SALT];
	uint8_t hash[LQ_PASSWORD_HASH];
	uint32_t cost; /* log2 of N */
	uint32_t block;
	uint32_t parallel;
};

/* LQ_ERR_IO: no entropy. LQ_ERR_NO_MEMORY. */
int lq_password_make(const char *text, struct lq_password *ret_password);

/* The same in two steps: a new salt, and the hash by what stands in `password`. LQ_ERR_CORRUPT: the
 * figures are too large. Any thread. */
int lq_password_begin(struct lq_password *ret_password);
int lq_password_derive(struct lq_password *password, const char *text);

/* Of an account that does not exist, so that it takes as long. */
struct lq_password lq_password_nobody(void);

/* Whether the hashes are the same, in a time that does not tell how much of them is. */
bool lq_password_same(const struct lq_password *one, const struct lq_password *other);

#endif

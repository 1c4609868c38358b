/* Slows down whoever guesses passwords: after a few failures under a key each further try has to
 * wait, twice as long as the one before. Pure; kept in memory. */
#ifndef LQ_OFFICE_THROTTLE_H
#define LQ_OFFICE_THROTTLE_H

#include <stdint.h>

#define LQ_THROTTLE_KEYS   256u /* the one that failed longest ago is forgotten for a new one */
#define LQ_THROTTLE_FREE   4u   /* failures without a wait */
#define LQ_THROTTLE_MAX_S  900u
#define LQ_THROTTLE_SOME_S 8u    /* under a key that others fail under, too */
#define LQ_THROTTLE_CALM_S 3600u /* without a failure: forgotten */

struct lq_throttle {
	struct {
		uint64_t key; /* 0: free */
		uint32_t failures;
		int64_t failed_ms;
	} entries[LQ_THROTTLE_KEYS];
};

#define LQ_THROTTLE_KEY_SIZE 96u

/* Whom an address stands for. Whoever has an IPv6 address has 2^64 of them: their network is what
 * guesses. */
void lq_throttle_key_of(const char *address, char ret_key[LQ_THROTTLE_KEY_SIZE]);

/* Seconds until `key` may try again, `most_s` after the last failure at the most; 0: now. */
uint32_t lq_throttle_wait(
	const struct lq_throttle *throttle, const char *key, uint32_t most_s, int64_t now_ms);

void lq_throttle_failed(struct lq_throttle *throttle, const char *key, int64_t now_ms);
void lq_throttle_passed(struct lq_throttle *throttle, const char *key);

#endif

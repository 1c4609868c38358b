#include "host/office/throttle.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

void lq_throttle_key_of(const char *address, char ret_key[LQ_THROTTLE_KEY_SIZE])
{
	struct in6_addr v6;
	int length = snprintf(ret_key, LQ_THROTTLE_KEY_SIZE, "address:");
	if (strchr(address, ':') == NULL || inet_pton(AF_INET6, address, &v6) != 1 ||
		IN6_IS_ADDR_V4MAPPED(&v6)) {
		(void)snprintf(
			ret_key + length, LQ_THROTTLE_KEY_SIZE - (size_t)length, "%s", address);
		return;
	}
	for (size_t i = 0; i < 8; i++) {
		length += snprintf(ret_key + length, LQ_THROTTLE_KEY_SIZE - (size_t)length, "%02x",
			v6.s6_addr[i]);
	}
}

/* FNV-1a; never 0. */
static uint64_t hash_of(const char *key)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (; *key != '\0'; key++) {
		hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
	}
	return hash | 1;
}

static size_t find(const struct lq_throttle *throttle, uint64_t hash)
{
	size_t i = 0;
	while (i < LQ_THROTTLE_KEYS && throttle->entries[i].key != hash) {
		i++;
	}
	return i;
}

static size_t place_for(const struct lq_throttle *throttle, uint64_t hash)
{
	size_t oldest = find(throttle, hash);
	if (oldest < LQ_THROTTLE_KEYS) {
		return oldest;
	}
	oldest = 0;
	for (size_t i = 0; i < LQ_THROTTLE_KEYS; i++) {
		if (throttle->entries[i].failed_ms < throttle->entries[oldest].failed_ms) {
			oldest = i;
		}
	}
	return oldest;
}

static uint32_t delay_s(uint32_t failures, uint32_t most_s)
{
	uint32_t beyond = failures > LQ_THROTTLE_FREE ? failures - LQ_THROTTLE_FREE : 0;
	if (beyond == 0) {
		return 0;
	}
	return beyond > 10 || (1u << beyond) > most_s ? most_s : 1u << beyond;
}

uint32_t lq_throttle_wait(
	const struct lq_throttle *throttle, const char *key, uint32_t most_s, int64_t now_ms)
{
	size_t at = find(throttle, hash_of(key));
	if (at == LQ_THROTTLE_KEYS) {
		return 0;
	}
	int64_t until_ms = throttle->entries[at].failed_ms +
			   (int64_t)delay_s(throttle->entries[at].failures, most_s) * 1000;
	return until_ms > now_ms ? (uint32_t)((until_ms - now_ms + 999) / 1000) : 0;
}

void lq_throttle_failed(struct lq_throttle *throttle, const char *key, int64_t now_ms)
{
	uint64_t hash = hash_of(key);
	size_t at = place_for(throttle, hash);
	bool known = throttle->entries[at].key == hash &&
		     now_ms - throttle->entries[at].failed_ms < (int64_t)LQ_THROTTLE_CALM_S * 1000;
	throttle->entries[at].key = hash;
	throttle->entries[at].failures = known ? throttle->entries[at].failures + 1 : 1;
	throttle->entries[at].failed_ms = now_ms;
}

void lq_throttle_passed(struct lq_throttle *throttle, const char *key)
{
	size_t at = find(throttle, hash_of(key));
	if (at < LQ_THROTTLE_KEYS) {
		memset(&throttle->entries[at], 0, sizeof(throttle->entries[at]));
	}
}

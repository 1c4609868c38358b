#include "firmware/link/backoff.h"

uint32_t lq_backoff_ms(uint32_t failures, uint32_t random)
{
	uint32_t full = LQ_BACKOFF_FIRST_MS;
	for (uint32_t i = 1; i < failures && full < LQ_BACKOFF_MAX_MS; i++) {
		full *= 2;
	}
	full = full < LQ_BACKOFF_MAX_MS ? full : LQ_BACKOFF_MAX_MS;
	uint32_t half = full / 2;
	return full - half + random % (half + 1);
}

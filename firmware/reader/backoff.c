#include "firmware/reader/backoff.h"

uint32_t lq_backoff_fail(struct lq_backoff *backoff)
{
	uint32_t wait_ms = backoff->next_ms == 0 ? backoff->first_ms : backoff->next_ms;
	backoff->next_ms = wait_ms > backoff->greatest_ms / 2 ? backoff->greatest_ms : wait_ms * 2;
	return wait_ms;
}

void lq_backoff_succeed(struct lq_backoff *backoff)
{
	backoff->next_ms = 0;
}

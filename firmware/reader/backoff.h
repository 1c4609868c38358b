/* How long to wait before the next try: longer after each failure, up to a limit. Pure. */
#ifndef LQ_READER_BACKOFF_H
#define LQ_READER_BACKOFF_H

#include <stdint.h>

struct lq_backoff {
	uint32_t first_ms;
	uint32_t greatest_ms;
	uint32_t next_ms; /* 0: first_ms */
};

/* The wait after one more failure; doubles each time. */
uint32_t lq_backoff_fail(struct lq_backoff *backoff);

void lq_backoff_succeed(struct lq_backoff *backoff);

#endif

#include "host/office/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

int64_t lq_office_now_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t lq_office_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

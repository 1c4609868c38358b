#include "firmware/link/random.h"

#include <sys/random.h>

uint32_t lq_random(void)
{
	uint32_t number = 0;
	ssize_t got = getrandom(&number, sizeof(number), GRND_NONBLOCK);
	return got == (ssize_t)sizeof(number) ? number : 0;
}

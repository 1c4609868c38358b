#include "firmware/link/random.h"

#include <sys/random.h>

uint32_t lq_random(void)
{
	uint32_t number = 0;
	(void)getrandom(&number, sizeof(number), GRND_NONBLOCK);
	return number;
}

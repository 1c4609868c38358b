/* Numbers to spread waiting times with; not fit for keys. */
#ifndef LQ_LINK_RANDOM_H
#define LQ_LINK_RANDOM_H

#include <stdint.h>

uint32_t lq_random(void);

#endif

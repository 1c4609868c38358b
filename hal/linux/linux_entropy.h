/* The kernel's random bytes (getrandom(2)). */
#ifndef LQ_HAL_LINUX_ENTROPY_H
#define LQ_HAL_LINUX_ENTROPY_H

#include "hal/entropy.h"

/* Nothing to close. The first bytes after a boot wait until the kernel has gathered enough. */
struct lq_entropy lq_linux_entropy(void);

#endif

#include "hal/linux/linux_entropy.h"

#include "firmware/core/err.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static int fill(void *ctx, uint8_t *out, size_t count)
{
	(void)ctx;
	size_t done = 0;
	while (done < count) {
		ssize_t got = getrandom(out + done, count - done, 0);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			explicit_bzero(out, count);
			return LQ_ERR_IO;
		}
		done += (size_t)got;
	}
	return LQ_OK;
}

struct lq_entropy lq_linux_entropy(void)
{
	return (struct lq_entropy){.ctx = NULL, .fill = fill};
}

/* The log stands between no badge and the relay: a line that cannot be written at once is dropped.
 */
#include "firmware/door/daemon.h"

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_uint dropped;

/* A pipe, socket or terminal that polls writable takes a short line without waiting. */
static bool put(const char *line, size_t length)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
	return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0 &&
	       write(STDERR_FILENO, line, length) == (ssize_t)length;
}

static void put_dropped(void)
{
	char line[96];
	unsigned count = atomic_load(&dropped);
	int length = snprintf(line, sizeof(line), "loquetd: %u lines were dropped here\n", count);
	if (count > 0 && put(line, (size_t)length)) {
		(void)atomic_fetch_sub(&dropped, count);
	}
}

void lq_log(const char *format, ...)
{
	static const char prefix[] = "loquetd: ";
	char line[512];
	const size_t start = sizeof(prefix) - 1;
	va_list arguments;
	memcpy(line, prefix, start);
	va_start(arguments, format);
	int length = vsnprintf(line + start, sizeof(line) - start, format, arguments);
	va_end(arguments);
	size_t end = start + (length < 0 ? 0 : (size_t)length);
	end = end < sizeof(line) ? end : sizeof(line) - 1;
	line[end] = '\n';
	put_dropped();
	if (!put(line, end + 1)) {
		(void)atomic_fetch_add(&dropped, 1);
	}
}

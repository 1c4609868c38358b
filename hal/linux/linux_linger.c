#include "hal/linux/linux_linger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int lq_linux_keep(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* True when there is nothing more to come. */
static bool throw_away(int fd)
{
	char bytes[4096];
	ssize_t length = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	return length == 0 ||
	       (length < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static bool wait_for_end(int fd, int64_t until_ms)
{
	for (int64_t left = until_ms - now_ms(); left > 0; left = until_ms - now_ms()) {
		struct pollfd entry = {.fd = fd, .events = POLLIN};
		if (poll(&entry, 1, (int)left) > 0 && throw_away(fd)) {
			return true;
		}
	}
	return false;
}

bool lq_linux_linger(int fd, uint32_t limit_ms)
{
	if (fd < 0) {
		return false;
	}
	(void)shutdown(fd, SHUT_WR);
	bool ended = wait_for_end(fd, now_ms() + limit_ms);
	(void)close(fd);
	return ended;
}

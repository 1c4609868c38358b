#include "firmware/reader/device_lock.h"

#include "firmware/core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* FNV-1a, 64 bits: names apart, nothing secret. */
static uint64_t hash(const char *text)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);
	for (; *text != '\0'; text++) {
		value = (value ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	}
	return value;
}

/* The path behind the driver's name, without the speed behind it. */
static void device_path(const char *device, char ret_path[PATH_MAX])
{
	const char *colon = strchr(device, ':');
	const char *start = colon == NULL ? device : colon + 1;
	char path[PATH_MAX];
	(void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(start, ":"), start);
	if (realpath(path, ret_path) == NULL) {
		memcpy(ret_path, path, sizeof(path));
	}
}

int lq_device_lock(const char *folder, const char *device, int *ret_fd)
{
	char path[PATH_MAX];
	char name[PATH_MAX];
	device_path(device, path);
	int length =
		snprintf(name, sizeof(name), "%s/reader-%016" PRIx64 ".lock", folder, hash(path));
	if (length < 0 || (size_t)length >= sizeof(name)) {
		return LQ_ERR_INVALID;
	}
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int r = errno == EWOULDBLOCK ? LQ_ERR_BUSY : LQ_ERR_IO;
		(void)close(fd);
		return r;
	}
	*ret_fd = fd;
	return LQ_OK;
}

#include "firmware/link/state_file.h"

#include "firmware/core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

int lq_state_path(
	const char *folder, const char *name, const char *tail, char ret_path[LQ_STATE_PATH_SIZE])
{
	int length = snprintf(ret_path, LQ_STATE_PATH_SIZE, "%s/%s%s", folder, name, tail);
	if (length < 0 || length >= (int)LQ_STATE_PATH_SIZE) {
		errno = ENAMETOOLONG;
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

static int write_durably(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	ssize_t written = write(fd, text, length);
	if (written >= 0 && (size_t)written != length) {
		errno = ENOSPC;
	}
	bool good = written >= 0 && (size_t)written == length && fsync(fd) == 0;
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return good ? LQ_OK : LQ_ERR_IO;
}

int lq_state_save(const char *folder, const char *name, const char *text, size_t length)
{
	char path[LQ_STATE_PATH_SIZE];
	char temporary[LQ_STATE_PATH_SIZE];
	if (lq_state_path(folder, name, "", path) != LQ_OK ||
		lq_state_path(folder, name, ".new", temporary) != LQ_OK) {
		return LQ_ERR_IO;
	}
	if (write_durably(temporary, text, length) != LQ_OK || rename(temporary, path) != 0) {
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

ssize_t lq_state_load(const char *folder, const char *name, char *ret_text, size_t size)
{
	char path[LQ_STATE_PATH_SIZE];
	if (lq_state_path(folder, name, "", path) != LQ_OK) {
		return LQ_ERR_IO;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
	if (fd < 0) {
		return errno == ENOENT ? LQ_ERR_NOT_FOUND : LQ_ERR_IO;
	}
	ssize_t length = read(fd, ret_text, size);
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return length < 0 ? LQ_ERR_IO : length;
}

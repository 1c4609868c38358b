#include "firmware/link/cursor.h"

#include "firmware/core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 128u
#define HEAD      "loquet-link 1 "

static int make_path(const char *folder, const char *suffix, char ret_path[PATH_SIZE])
{
	int length = snprintf(ret_path, PATH_SIZE, "%s/%s%s", folder, LQ_CURSOR_FILE, suffix);
	if (length < 0 || (size_t)length >= PATH_SIZE) {
		errno = ENAMETOOLONG;
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

size_t lq_cursor_format(const struct lq_cursor *cursor, char ret_text[LQ_CURSOR_TEXT_MAX])
{
	int length = snprintf(ret_text, LQ_CURSOR_TEXT_MAX, HEAD "%" PRIu64 " ", cursor->seq);
	size_t at = (size_t)length;
	for (size_t i = 0; i < LQ_HASH_SIZE; i++) {
		(void)snprintf(ret_text + at, LQ_CURSOR_TEXT_MAX - at, "%02x", cursor->hash[i]);
		at += 2;
	}
	ret_text[at++] = '\n';
	return at;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads what it can and leaves the judgement to the comparison with the canonical text. */
int lq_cursor_parse(const char *text, size_t length, struct lq_cursor *ret_cursor)
{
	struct lq_cursor cursor = {0};
	char canonical[LQ_CURSOR_TEXT_MAX];
	size_t at = sizeof(HEAD) - 1;
	if (length > LQ_CURSOR_TEXT_MAX) {
		return LQ_ERR_CORRUPT;
	}
	for (; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
		cursor.seq = cursor.seq * 10 + (uint64_t)(text[at] - '0');
	}
	for (size_t i = 0; i < LQ_HASH_SIZE && at + 2 * i + 2 < length; i++) {
		int high = hex_digit(text[at + 2 * i + 1]);
		int low = hex_digit(text[at + 2 * i + 2]);
		if (high < 0 || low < 0) {
			return LQ_ERR_CORRUPT;
		}
		cursor.hash[i] = (uint8_t)(high * 16 + low);
	}
	if (lq_cursor_format(&cursor, canonical) != length ||
		memcmp(canonical, text, length) != 0) {
		return LQ_ERR_CORRUPT;
	}
	*ret_cursor = cursor;
	return LQ_OK;
}

int lq_cursor_load(const char *folder, struct lq_cursor *ret_cursor)
{
	char path[PATH_SIZE];
	char text[LQ_CURSOR_TEXT_MAX + 1];
	if (make_path(folder, "", path) != LQ_OK) {
		return LQ_ERR_IO;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
	if (fd < 0) {
		return errno == ENOENT ? LQ_ERR_NOT_FOUND : LQ_ERR_IO;
	}
	ssize_t length = read(fd, text, sizeof(text));
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return length < 0 ? LQ_ERR_IO : lq_cursor_parse(text, (size_t)length, ret_cursor);
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

int lq_cursor_save(const char *folder, const struct lq_cursor *cursor)
{
	char path[PATH_SIZE];
	char temporary[PATH_SIZE];
	char text[LQ_CURSOR_TEXT_MAX];
	size_t length = lq_cursor_format(cursor, text);
	if (make_path(folder, "", path) != LQ_OK || make_path(folder, ".new", temporary) != LQ_OK) {
		return LQ_ERR_IO;
	}
	if (write_durably(temporary, text, length) != LQ_OK || rename(temporary, path) != 0) {
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

int lq_cursor_set_aside(const char *folder)
{
	char path[PATH_SIZE];
	char aside[PATH_SIZE];
	if (make_path(folder, "", path) != LQ_OK || make_path(folder, ".aside", aside) != LQ_OK) {
		return LQ_ERR_IO;
	}
	return rename(path, aside) == 0 ? LQ_OK : LQ_ERR_IO;
}

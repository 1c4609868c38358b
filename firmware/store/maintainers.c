#include "firmware/store/maintainers.h"

#include "firmware/core/err.h"
#include "firmware/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX  8192u
#define PATH_SIZE 256u

static const char word[] = "maintainer ";
static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
static const char heading[] = "# Badges that open whatever else is lost. Written by loquet "
			      "maintainer; to be kept secret.\n";

/* ---- lines ---- */

static bool take_hex(const char **at, const char *end, uint8_t *out, size_t count)
{
	static const char hex[] = "0123456789abcdef";
	if ((size_t)(end - *at) < 2 * count) {
		return false;
	}
	for (size_t i = 0; i < 2 * count; i++) {
		char digit = *(*at)++;
		const char *found = digit == '\0' ? NULL : strchr(hex, digit);
		if (found == NULL) {
			return false;
		}
		unsigned value = (unsigned)(found - hex);
		out[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : out[i / 2] | value);
	}
	return true;
}

static bool take_blank(const char **at, const char *end)
{
	return *at < end && *(*at)++ == ' ';
}

static bool take_name(const char **at, const char *end, char ret_name[LQ_NAME_SIZE])
{
	size_t length = 0;
	while (*at + length < end && (*at)[length] != '\0' &&
		strchr(name_letters, (*at)[length]) != NULL) {
		length++;
	}
	if (length == 0 || length >= LQ_NAME_SIZE) {
		return false;
	}
	memcpy(ret_name, *at, length);
	ret_name[length] = '\0';
	*at += length;
	return true;
}

static bool parse_line(const char *at, const char *end, struct lq_maintainer *ret_maintainer)
{
	struct lq_maintainer maintainer = {0};
	if ((size_t)(end - at) < strlen(word) || memcmp(at, word, strlen(word)) != 0) {
		return false;
	}
	at += strlen(word);
	if (!take_name(&at, end, maintainer.name) || !take_blank(&at, end) ||
		!take_hex(&at, end, maintainer.salt, sizeof(maintainer.salt)) ||
		!take_blank(&at, end) ||
		!take_hex(&at, end, maintainer.hash, sizeof(maintainer.hash)) || at != end) {
		return false;
	}
	*ret_maintainer = maintainer;
	return true;
}

static unsigned parse(const char *text, size_t length, struct lq_maintainers *maintainers)
{
	unsigned bad = 0;
	const char *at = text;
	const char *stop = text + length;
	while (at < stop) {
		const char *end = memchr(at, '\n', (size_t)(stop - at));
		end = end == NULL ? stop : end;
		struct lq_maintainer maintainer;
		bool counts = end != at && *at != '#';
		if (counts && (!parse_line(at, end, &maintainer) ||
				      lq_maintainers_add(maintainers, &maintainer) != LQ_OK)) {
			bad++;
		}
		at = end == stop ? stop : end + 1;
	}
	return bad;
}

/* ---- the file ---- */

static int open_file(const char *path, int *ret_fd)
{
	struct stat found;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
	if (fd < 0) {
		return errno == ENOENT ? LQ_ERR_NOT_FOUND : LQ_ERR_IO;
	}
	int r = fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) ? LQ_ERR_IO : LQ_OK;
	if (r == LQ_OK && (found.st_mode & S_IWOTH) != 0) {
		r = LQ_ERR_INVALID;
	}
	if (r != LQ_OK) {
		(void)close(fd);
		return r;
	}
	*ret_fd = fd;
	return LQ_OK;
}

int lq_maintainers_load(const char *path, struct lq_maintainers *ret_maintainers, unsigned *ret_bad)
{
	char text[FILE_MAX];
	struct lq_maintainers maintainers = {0};
	int fd = -1;
	int r = open_file(path, &fd);
	if (r != LQ_OK) {
		return r;
	}
	ssize_t length = read(fd, text, sizeof(text));
	(void)close(fd);
	if (length < 0) {
		return LQ_ERR_IO;
	}
	unsigned bad = parse(text, (size_t)length, &maintainers);
	OPENSSL_cleanse(text, sizeof(text));
	*ret_maintainers = maintainers;
	if (ret_bad != NULL) {
		*ret_bad = bad;
	}
	return LQ_OK;
}

static size_t put_hex(char *out, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	}
	return 2 * count;
}

static size_t format(const struct lq_maintainers *maintainers, char text[FILE_MAX])
{
	size_t length = (size_t)snprintf(text, FILE_MAX, "%s", heading);
	for (size_t i = 0; i < maintainers->count; i++) {
		const struct lq_maintainer *maintainer = &maintainers->list[i];
		length += (size_t)snprintf(
			text + length, FILE_MAX - length, "%s%s ", word, maintainer->name);
		length += put_hex(text + length, maintainer->salt, sizeof(maintainer->salt));
		text[length++] = ' ';
		length += put_hex(text + length, maintainer->hash, sizeof(maintainer->hash));
		text[length++] = '\n';
	}
	return length;
}

static int write_file(const char *path, const char *text, size_t length, unsigned group)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	/* Who may not give it away keeps it: then the file has the group of its writer. */
	int given = fchown(fd, (uid_t)-1, (gid_t)group);
	(void)given;
	int r = fchmod(fd, 0640) == 0 && write(fd, text, length) == (ssize_t)length &&
				fsync(fd) == 0
			? LQ_OK
			: LQ_ERR_IO;
	return close(fd) == 0 ? r : LQ_ERR_IO;
}

int lq_maintainers_save(const char *path, const struct lq_maintainers *maintainers, unsigned group)
{
	char text[FILE_MAX];
	char fresh[PATH_SIZE];
	char folder[PATH_SIZE];
	const char *slash = strrchr(path, '/');
	if (slash == NULL || strlen(path) + sizeof(".new") > sizeof(fresh)) {
		return LQ_ERR_INVALID;
	}
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	(void)snprintf(
		folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int r = write_file(fresh, text, format(maintainers, text), group);
	OPENSSL_cleanse(text, sizeof(text));
	if (r == LQ_OK && rename(fresh, path) != 0) {
		r = LQ_ERR_IO;
	}
	if (r != LQ_OK) {
		(void)unlink(fresh);
		return r;
	}
	return lq_folder_sync(folder);
}

/* ---- badges ---- */

int lq_maintainer_hash(const uint8_t salt[LQ_MAINTAINER_SALT], const uint8_t *uid, size_t length,
	uint8_t ret_hash[LQ_MAINTAINER_HASH])
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned mac_length = 0;
	if (HMAC(EVP_sha256(), salt, LQ_MAINTAINER_SALT, uid, length, mac, &mac_length) == NULL ||
		mac_length != 32) {
		return LQ_ERR_IO;
	}
	memcpy(ret_hash, mac, LQ_MAINTAINER_HASH);
	return LQ_OK;
}

const struct lq_maintainer *lq_maintainers_find(
	const struct lq_maintainers *maintainers, const uint8_t *uid, size_t length)
{
	const struct lq_maintainer *found = NULL;
	for (size_t i = 0; i < maintainers->count; i++) {
		const struct lq_maintainer *maintainer = &maintainers->list[i];
		uint8_t hash[LQ_MAINTAINER_HASH];
		if (lq_maintainer_hash(maintainer->salt, uid, length, hash) == LQ_OK &&
			CRYPTO_memcmp(hash, maintainer->hash, sizeof(hash)) == 0) {
			found = maintainer;
		}
	}
	return found;
}

static size_t index_of(const struct lq_maintainers *maintainers, const char *name)
{
	size_t i = 0;
	while (i < maintainers->count && strcmp(maintainers->list[i].name, name) != 0) {
		i++;
	}
	return i;
}

int lq_maintainers_add(struct lq_maintainers *maintainers, const struct lq_maintainer *maintainer)
{
	if (index_of(maintainers, maintainer->name) != maintainers->count) {
		return LQ_ERR_EXISTS;
	}
	if (maintainers->count == LQ_MAINTAINERS_MAX) {
		return LQ_ERR_FULL;
	}
	maintainers->list[maintainers->count++] = *maintainer;
	return LQ_OK;
}

int lq_maintainers_remove(struct lq_maintainers *maintainers, const char *name)
{
	size_t i = index_of(maintainers, name);
	if (i == maintainers->count) {
		return LQ_ERR_NOT_FOUND;
	}
	maintainers->count--;
	memmove(&maintainers->list[i], &maintainers->list[i + 1],
		(maintainers->count - i) * sizeof(maintainers->list[0]));
	return LQ_OK;
}

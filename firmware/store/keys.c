#include "firmware/store/keys.h"

#include "firmware/core/err.h"
#include "firmware/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY_SIZE  32u
#define TEXT_SIZE (2u * KEY_SIZE + 1u) /* hexadecimal and a newline */
#define PATH_SIZE 160u

static int make_path(const char *folder, const char *name, char ret_path[PATH_SIZE])
{
	int length = snprintf(ret_path, PATH_SIZE, "%s/%s", folder, name);
	return length < 0 || (size_t)length >= PATH_SIZE ? LQ_ERR_INVALID : LQ_OK;
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static int parse_key(const char *text, size_t length, uint8_t ret_key[KEY_SIZE])
{
	uint8_t key[KEY_SIZE];
	if (length != TEXT_SIZE || text[TEXT_SIZE - 1] != '\n') {
		return LQ_ERR_CORRUPT;
	}
	for (size_t i = 0; i < KEY_SIZE; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);
		if (high < 0 || low < 0) {
			return LQ_ERR_CORRUPT;
		}
		key[i] = (uint8_t)(high * 16 + low);
	}
	memcpy(ret_key, key, KEY_SIZE);
	return LQ_OK;
}

static int read_key(const char *path, uint8_t ret_key[KEY_SIZE])
{
	char text[TEXT_SIZE + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
	if (fd < 0) {
		return errno == ENOENT ? LQ_ERR_NOT_FOUND : LQ_ERR_IO;
	}
	ssize_t length = read(fd, text, sizeof(text));
	/* A sector that cannot be read is damage. */
	int r = length < 0 && errno != EIO ? LQ_ERR_IO : LQ_ERR_CORRUPT;
	(void)close(fd);
	if (length >= 0) {
		r = parse_key(text, (size_t)length, ret_key);
	}
	OPENSSL_cleanse(text, sizeof(text));
	return r;
}

static int write_text(int fd, const char *text, size_t length)
{
	return write(fd, text, length) == (ssize_t)length && fsync(fd) == 0 ? LQ_OK : LQ_ERR_IO;
}

static void format_key(const uint8_t key[KEY_SIZE], char ret_text[TEXT_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i < KEY_SIZE; i++) {
		ret_text[2 * i] = hex[key[i] >> 4];
		ret_text[2 * i + 1] = hex[key[i] & 15];
	}
	ret_text[TEXT_SIZE - 1] = '\n';
}

/* A power cut leaves the whole file or none: written beside it, then renamed. */
static int write_key(const char *folder, const char *name, const uint8_t key[KEY_SIZE], mode_t mode)
{
	char path[PATH_SIZE];
	char fresh[PATH_SIZE + 8];
	char text[TEXT_SIZE];
	int r = make_path(folder, name, path);
	if (r != LQ_OK) {
		return r;
	}
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	format_key(key, text);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0) {
		r = LQ_ERR_IO;
		goto out;
	}
	r = write_text(fd, text, sizeof(text));
	if (close(fd) != 0 || r != LQ_OK || rename(fresh, path) != 0) {
		r = LQ_ERR_IO;
		goto out;
	}
	r = lq_folder_sync(folder);
out:
	OPENSSL_cleanse(text, sizeof(text));
	return r;
}

static int load_key(const char *folder, const char *name, uint8_t ret_key[KEY_SIZE])
{
	char path[PATH_SIZE];
	int r = make_path(folder, name, path);
	return r == LQ_OK ? read_key(path, ret_key) : r;
}

static int make_key(const char *folder, const char *name, const struct lq_entropy *entropy,
	uint8_t ret_key[KEY_SIZE])
{
	int r = entropy->fill(entropy->ctx, ret_key, KEY_SIZE);
	return r == LQ_OK ? write_key(folder, name, ret_key, 0600) : r;
}

static int derive_public(struct lq_keys *keys)
{
	size_t length = KEY_SIZE;
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, keys->sign_seed, KEY_SIZE);
	int ok = pkey != NULL && EVP_PKEY_get_raw_public_key(pkey, keys->sign_public, &length) == 1;
	EVP_PKEY_free(pkey);
	return ok && length == KEY_SIZE ? LQ_OK : LQ_ERR_IO;
}

static int publish_public(const char *folder, const uint8_t public_key[KEY_SIZE])
{
	uint8_t stored[KEY_SIZE];
	if (lq_keys_load_public(folder, stored) == LQ_OK &&
		memcmp(stored, public_key, KEY_SIZE) == 0) {
		return LQ_OK;
	}
	return write_key(folder, "controller.pub", public_key, 0644);
}

int lq_keys_load(const char *folder, const struct lq_entropy *entropy, struct lq_keys *ret_keys)
{
	struct lq_keys keys = {0};
	/* uid.key is made first: where controller.key stands, it was there. A new one in its place
	 * would turn every badge into an unknown one. */
	int signing = load_key(folder, "controller.key", keys.sign_seed);
	int r = load_key(folder, "uid.key", keys.uid_secret);
	if (r == LQ_ERR_NOT_FOUND && signing == LQ_ERR_NOT_FOUND) {
		r = make_key(folder, "uid.key", entropy, keys.uid_secret);
	}
	if (r == LQ_OK && signing == LQ_ERR_NOT_FOUND) {
		signing = make_key(folder, "controller.key", entropy, keys.sign_seed);
		keys.made = signing == LQ_OK;
	}
	r = r == LQ_OK ? signing : r;
	if (r == LQ_OK) {
		r = derive_public(&keys);
	}
	if (r == LQ_OK) {
		r = publish_public(folder, keys.sign_public);
	}
	if (r == LQ_OK) {
		*ret_keys = keys;
	}
	lq_keys_wipe(&keys);
	return r;
}

int lq_keys_load_rest(
	const char *folder, const struct lq_entropy *entropy, struct lq_keys *ret_keys)
{
	struct lq_keys keys = {0};
	int r = LQ_OK;
	keys.blind = load_key(folder, "uid.key", keys.uid_secret) != LQ_OK;
	keys.stand_in = load_key(folder, "controller.key", keys.sign_seed) != LQ_OK;
	if (keys.stand_in) {
		r = entropy->fill(entropy->ctx, keys.sign_seed, KEY_SIZE);
	}
	if (r == LQ_OK) {
		r = derive_public(&keys);
	}
	if (r == LQ_OK) {
		*ret_keys = keys;
	}
	lq_keys_wipe(&keys);
	return r;
}

int lq_keys_make_signer(const char *path, const struct lq_entropy *entropy, uint8_t ret_public[32])
{
	struct lq_keys keys = {0};
	char text[TEXT_SIZE];
	int r = entropy->fill(entropy->ctx, keys.sign_seed, KEY_SIZE);
	if (r == LQ_OK) {
		r = derive_public(&keys);
	}
	if (r != LQ_OK) {
		return r;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		r = errno == EEXIST ? LQ_ERR_EXISTS : LQ_ERR_IO;
		goto out;
	}
	format_key(keys.sign_seed, text);
	r = write_text(fd, text, sizeof(text));
	if (close(fd) != 0 || r != LQ_OK) {
		(void)unlink(path);
		r = LQ_ERR_IO;
		goto out;
	}
	memcpy(ret_public, keys.sign_public, KEY_SIZE);
out:
	OPENSSL_cleanse(text, sizeof(text));
	lq_keys_wipe(&keys);
	return r;
}

int lq_keys_load_signer(const char *path, struct lq_keys *ret_keys)
{
	struct lq_keys keys = {0};
	int r = read_key(path, keys.sign_seed);
	if (r == LQ_OK) {
		r = derive_public(&keys);
	}
	if (r == LQ_OK) {
		*ret_keys = keys;
	}
	lq_keys_wipe(&keys);
	return r;
}

int lq_keys_load_public(const char *folder, uint8_t ret_public[32])
{
	return load_key(folder, "controller.pub", ret_public);
}

void lq_keys_wipe(struct lq_keys *keys)
{
	OPENSSL_cleanse(keys, sizeof(*keys));
}

int lq_keys_sign(const struct lq_keys *keys, const uint8_t *message, size_t length,
	uint8_t ret_signature[64])
{
	size_t size = 64;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, keys->sign_seed, KEY_SIZE);
	int ok = context != NULL && pkey != NULL &&
		 EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1 &&
		 EVP_DigestSign(context, ret_signature, &size, message, length) == 1;
	EVP_PKEY_free(pkey);
	EVP_MD_CTX_free(context);
	return ok && size == 64 ? LQ_OK : LQ_ERR_IO;
}

int lq_keys_verify(const uint8_t public_key[32], const uint8_t *message, size_t length,
	const uint8_t signature[64])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, KEY_SIZE);
	int ok = context != NULL && pkey != NULL &&
		 EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
		 EVP_DigestVerify(context, signature, 64, message, length) == 1;
	EVP_PKEY_free(pkey);
	EVP_MD_CTX_free(context);
	return ok ? LQ_OK : LQ_ERR_CORRUPT;
}

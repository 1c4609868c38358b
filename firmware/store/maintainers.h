/* The file of the maintainers' badges: apart from door.db and from the controller's keys, so that
 * it outlives both. Text, a line a badge:
 *
 *   maintainer NAME <salt, 32 hexadecimal digits> <hash, 32 hexadecimal digits>
 *
 * hash = HMAC-SHA-256(salt, UID), first 16 bytes. Each line holds alone: damage to one costs one
 * badge. Whoever can read the file can try out UIDs, as with uid.key and door.db. One thread. */
#ifndef LQ_STORE_MAINTAINERS_H
#define LQ_STORE_MAINTAINERS_H

#include "firmware/core/maintainer.h"

#include <stddef.h>
#include <stdint.h>

/* Reads the file. Lines that cannot be right, and those that are too many, are left out and counted
 * in `ret_bad` (may be NULL). No file is no maintainers: LQ_ERR_NOT_FOUND. LQ_ERR_INVALID when
 * everybody may write to it, LQ_ERR_IO when it cannot be read, or is no file. */
int lq_maintainers_load(
	const char *path, struct lq_maintainers *ret_maintainers, unsigned *ret_bad);

/* Writes it, mode 0640: a power cut leaves the old file or the new one. `group` is the file's,
 * where the caller may give it away. LQ_ERR_IO. */
int lq_maintainers_save(const char *path, const struct lq_maintainers *maintainers, unsigned group);

/* LQ_ERR_IO when libcrypto fails. */
int lq_maintainer_hash(const uint8_t salt[LQ_MAINTAINER_SALT], const uint8_t *uid, size_t length,
	uint8_t ret_hash[LQ_MAINTAINER_HASH]);

/* Whose badge it is; NULL: nobody's. Takes as long either way. */
const struct lq_maintainer *lq_maintainers_find(
	const struct lq_maintainers *maintainers, const uint8_t *uid, size_t length);

/* LQ_ERR_EXISTS when the name is taken, LQ_ERR_FULL. */
int lq_maintainers_add(struct lq_maintainers *maintainers, const struct lq_maintainer *maintainer);
/* LQ_ERR_NOT_FOUND. */
int lq_maintainers_remove(struct lq_maintainers *maintainers, const char *name);

#endif

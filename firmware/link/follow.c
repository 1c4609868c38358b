#include "firmware/link/follow.h"

#include "firmware/core/err.h"
#include "firmware/link/printable.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 128u

struct lq_follow {
	const char *folder;
	char path[PATH_SIZE];
	struct lq_store *store; /* NULL: not open */
	dev_t device;
	ino_t inode;
	uint64_t files; /* how many different ones were opened */
	EVP_MD *sha256;
	EVP_MD_CTX *digest;
	char problem[200];
};

int lq_follow_start(const char *folder, struct lq_follow **ret_follow)
{
	int r = LQ_ERR_NO_MEMORY;
	struct lq_follow *follow = calloc(1, sizeof(*follow));
	if (follow == NULL) {
		goto out;
	}
	follow->folder = folder;
	(void)snprintf(follow->path, sizeof(follow->path), "%s/%s", folder, LQ_STORE_FILE);
	follow->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	follow->digest = EVP_MD_CTX_new();
	if (follow->sha256 == NULL || follow->digest == NULL) {
		goto out;
	}
	*ret_follow = follow;
	follow = NULL;
	r = LQ_OK;
out:
	lq_follow_end(follow);
	return r;
}

void lq_follow_end(struct lq_follow *follow)
{
	if (follow == NULL) {
		return;
	}
	lq_store_close(follow->store);
	EVP_MD_CTX_free(follow->digest);
	EVP_MD_free(follow->sha256);
	free(follow);
}

const char *lq_follow_problem(const struct lq_follow *follow)
{
	return follow->problem;
}

static void let_go(struct lq_follow *follow)
{
	lq_store_close(follow->store);
	follow->store = NULL;
}

int lq_follow_check(struct lq_follow *follow, uint64_t *ret_files)
{
	struct stat now;
	if (stat(follow->path, &now) != 0) {
		let_go(follow);
		follow->problem[0] = '\0';
		return LQ_ERR_NOT_FOUND;
	}
	bool another = now.st_dev != follow->device || now.st_ino != follow->inode;
	if (another) {
		let_go(follow);
	}
	if (follow->store == NULL) {
		follow->problem[0] = '\0';
		int r = lq_store_open_readonly(follow->folder, &follow->store);
		if (r != LQ_OK) {
			return r;
		}
		/* Should the file change between the two calls, the next check sees it. */
		follow->device = now.st_dev;
		follow->inode = now.st_ino;
		follow->files += another || follow->files == 0 ? 1u : 0u;
	}
	*ret_files = follow->files;
	return LQ_OK;
}

static int after_read(struct lq_follow *follow, int r)
{
	if (r < 0) {
		lq_printable(
			follow->problem, sizeof(follow->problem), lq_store_error(follow->store));
		let_go(follow);
	}
	return r;
}

int lq_follow_read(struct lq_follow *follow, uint64_t from, size_t limit,
	int (*each)(void *ctx, const struct lq_row *row), void *ctx)
{
	if (follow->store == NULL) {
		return LQ_ERR_NOT_FOUND;
	}
	return after_read(follow, lq_store_read(follow->store, from, limit, each, ctx));
}

int lq_follow_head(struct lq_follow *follow, uint64_t *ret_seq)
{
	struct lq_head head;
	if (follow->store == NULL) {
		return LQ_ERR_NOT_FOUND;
	}
	int r = after_read(follow, lq_store_head(follow->store, &head));
	if (r == LQ_OK) {
		*ret_seq = head.seq;
	}
	return r;
}

bool lq_follow_sound(struct lq_follow *follow, const struct lq_row *row)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	return EVP_DigestInit_ex2(follow->digest, follow->sha256, NULL) == 1 &&
	       EVP_DigestUpdate(follow->digest, row->body, row->body_length) == 1 &&
	       EVP_DigestFinal_ex(follow->digest, hash, &length) == 1 && length == LQ_HASH_SIZE &&
	       memcmp(hash, row->body_hash, LQ_HASH_SIZE) == 0;
}

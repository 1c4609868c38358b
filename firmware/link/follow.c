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

static int note_row(void *ctx, const struct lq_row *row)
{
	(void)row;
	*(bool *)ctx = true;
	return 0;
}

int lq_follow_reaches(struct lq_follow *follow, uint64_t seq, bool *ret_reaches)
{
	bool reaches = false;
	int r = seq > INT64_MAX ? LQ_OK : lq_follow_read(follow, seq, 1, note_row, &reaches);
	if (r == LQ_OK) {
		*ret_reaches = reaches;
	}
	return r;
}

int lq_follow_last(struct lq_follow *follow, uint64_t guess, uint64_t *ret_seq)
{
	uint64_t reached = 0;
	uint64_t beyond = guess < INT64_MAX ? guess + 1 : INT64_MAX;
	bool reaches = true;
	int r = LQ_OK;
	/* Doubling until nothing is there any more, then halving what is between. */
	while ((r = lq_follow_reaches(follow, beyond, &reaches)) == LQ_OK && reaches) {
		reached = beyond;
		beyond = beyond < INT64_MAX / 2 ? beyond * 2 : INT64_MAX + UINT64_C(1);
	}
	while (r == LQ_OK && beyond - reached > 1) {
		uint64_t middle = reached + (beyond - reached) / 2;
		r = lq_follow_reaches(follow, middle, &reaches);
		reached = reaches ? middle : reached;
		beyond = reaches ? beyond : middle;
	}
	if (r == LQ_OK) {
		*ret_seq = reached;
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

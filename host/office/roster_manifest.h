/* The manifest of the roster: which bytes each part has, signed by the office. Pure but for the
 * heap; any thread. */
#ifndef LQ_OFFICE_ROSTER_MANIFEST_H
#define LQ_OFFICE_ROSTER_MANIFEST_H

#include "firmware/store/hash.h"
#include "firmware/store/keys.h"
#include "firmware/store/office.h"
#include "host/office/people.h"

#include <stdbool.h>
#include <stdint.h>

struct lq_manifest {
	int64_t version;
	bool filled[LQ_ROSTER_PARTS]; /* otherwise the part is empty */
	uint8_t hashes[LQ_ROSTER_PARTS][LQ_HASH_SIZE];
	struct lq_office_full full; /* beside the parts: of no version */
};

/* The hash of what the parts are, whatever the version. */
void lq_manifest_digest(const struct lq_manifest *manifest, uint8_t ret_digest[LQ_HASH_SIZE]);

/* A compact JWS of {"iss":space,"version":…,"iat":now_s,"parts":["<SHA-256>"|"" …]}, and "full"
 * while somewhere it is so; the caller
 * frees it. NULL: out of memory, or libcrypto failed. */
char *lq_manifest_sign(const struct lq_manifest *manifest, const struct lq_keys *key,
	const char *space, int64_t now_s);

#endif

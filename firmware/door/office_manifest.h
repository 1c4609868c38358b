/* The form in which the office signs which parts its roster has: a JSON Web Signature (jws.h).
 *
 *   header   {"alg":"EdDSA","kid":"office"}
 *   payload  {"iss":"<space>","version":1764000000000,"iat":<Unix seconds>,
 *             "parts":["<SHA-256, 64 hexadecimal digits>"|"", …]}       all LQ_OFFICE_PARTS
 *            and, while it is so, "full":{"space":true|false,"zones":["<zone>", …],
 *             "exempt":[<person>, …],"in":[<person>, …]}
 *
 * Everything else is malformed. What it says is read once the signature was found to hold. */
#ifndef LQ_DOOR_OFFICE_MANIFEST_H
#define LQ_DOOR_OFFICE_MANIFEST_H

#include "firmware/store/office.h"

#include <stddef.h>
#include <stdint.h>

#define LQ_OFFICE_MANIFEST_MAX 65536u /* bytes */

enum lq_office_refusal {
	LQ_OFFICE_ACCEPTED,
	LQ_OFFICE_MALFORMED,
	LQ_OFFICE_WRONG_KEY,
	LQ_OFFICE_OTHER_SPACE,
	LQ_OFFICE_OLDER,    /* than what was applied */
	LQ_OFFICE_FUTURE,   /* signed at a time that has not come, by a trusted clock */
	LQ_OFFICE_CONFLICT, /* another roster under the same version, or one that contradicts itself
			     */
	LQ_OFFICE_DAMAGED,  /* a part is not the one that the manifest names */
	LQ_OFFICE_REFUSALS
};

/* Static: "older" and so on; "" for LQ_OFFICE_ACCEPTED. */
const char *lq_office_refusal_word(enum lq_office_refusal refusal);

/* Form, signature, space, in this order. */
enum lq_office_refusal lq_office_manifest_read(const char *text, size_t length,
	const uint8_t key[32], const char *space, struct lq_office_manifest *ret_manifest);

/* The payload alone. LQ_ERR_INVALID: malformed; LQ_ERR_NOT_FOUND: of another space. */
int lq_office_manifest_payload(const char *encoded, size_t length, const char *space,
	struct lq_office_manifest *ret_manifest);

/* Whether it may follow what was applied. `trusted`: of the clock. An equal version, which only
 * renews, is accepted. */
enum lq_office_refusal lq_office_manifest_judge(const struct lq_office_manifest *manifest,
	const struct lq_office_kept *kept, int64_t now_s, bool trusted);

#endif

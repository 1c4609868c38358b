/* Any text in the place of the office's manifest, and any payload whose signature would hold:
 * malformed, or within every bound. */
#include "firmware/core/assert.h"
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/door/office_manifest.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* The bytes as they are signed: a fuzzer finds no base64url by chance. */
static void check_payload(const uint8_t *bytes, size_t length)
{
	struct lq_office_manifest manifest;
	char *text = malloc(LQ_BASE64URL_LENGTH(length) + 1);
	LQ_ASSERT(text != NULL);
	lq_base64url_encode(bytes, length, text);
	int r = lq_office_manifest_payload(text, strlen(text), "demo", &manifest);
	free(text);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID || r == LQ_ERR_NOT_FOUND);
	LQ_ASSERT(r != LQ_OK || (manifest.full.zone_count <= LQ_OFFICE_FULL_MAX &&
					manifest.full.exempt.count <= LQ_OFFICE_EXEMPT_MAX &&
					manifest.full.inside.count <= LQ_OFFICE_EXEMPT_MAX));
	LQ_ASSERT(r != LQ_OK || (manifest.version > 0 && manifest.iat_s > 0 &&
					manifest.iat_s <= INT64_MAX / 2000));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t key[32] = {9};
	struct lq_office_manifest manifest;
	if (length <= LQ_OFFICE_MANIFEST_MAX) {
		check_payload(bytes, length);
	}
	LQ_ASSERT(lq_office_manifest_read((const char *)bytes, length, key, "demo", &manifest) !=
		  LQ_OFFICE_ACCEPTED);
	return 0;
}

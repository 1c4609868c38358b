/* Any file in the place of the link's cursor: what is accepted is exactly what would be written. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/link/cursor.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_cursor cursor;
	char text[LQ_CURSOR_TEXT_MAX];
	int r = lq_cursor_parse((const char *)bytes, length, &cursor);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_CORRUPT);
	if (r == LQ_OK) {
		LQ_ASSERT(lq_cursor_format(&cursor, text) == length);
		LQ_ASSERT(memcmp(text, bytes, length) == 0);
	}
	return 0;
}

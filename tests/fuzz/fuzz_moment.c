/* Any text where a moment is asked for: what is taken can be written, and means the same then. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "hal/linux/linux_clock.h"
#include "host/cli/when.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_rfc3339(const char *text)
{
	char written[LQ_RFC3339_SIZE];
	int64_t unix_ms = 7;
	int64_t again_ms = 0;
	if (lq_when_parse_rfc3339(text, &unix_ms) != LQ_OK) {
		LQ_ASSERT(unix_ms == 7);
		return;
	}
	lq_wall_rfc3339(unix_ms, written);
	LQ_ASSERT(lq_when_parse_rfc3339(written, &again_ms) == LQ_OK && again_ms == unix_ms);
}

/* As an end a date is a whole day later than as a beginning, of 23, 24 or 25 hours; all else is the
 * same. */
static void check_local(const char *text)
{
	uint32_t from_s = 7;
	uint32_t to_s = 7;
	int r = lq_when_parse(text, LQ_WHEN_FROM, &from_s);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID || r == LQ_ERR_NOT_FOUND);
	LQ_ASSERT(r == LQ_OK || from_s == 7);
	if (r == LQ_OK && lq_when_parse(text, LQ_WHEN_TO, &to_s) == LQ_OK && to_s != from_s) {
		LQ_ASSERT(to_s - from_s >= 23 * 3600 && to_s - from_s <= 25 * 3600);
		LQ_ASSERT(strlen(text) == strlen("2026-12-01"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = strndup((const char *)bytes, length);
	LQ_ASSERT(text != NULL && lq_linux_set_time_zone("Europe/Paris") == LQ_OK);
	check_rfc3339(text);
	check_local(text);
	free(text);
	return 0;
}

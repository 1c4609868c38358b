/* Any bytes in the place of a part of the office's roster: invalid, or within every bound. The
 * first byte chooses the part. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/office_roster.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check(const struct lq_office_line *line, uint16_t part)
{
	LQ_ASSERT(strnlen(line->name, sizeof(line->name)) < sizeof(line->name));
	LQ_ASSERT(strnlen(line->other, sizeof(line->other)) < sizeof(line->other));
	LQ_ASSERT(strnlen(line->access_point, sizeof(line->access_point)) <
		  sizeof(line->access_point));
	LQ_ASSERT(line->period_count <= LQ_SCHEDULE_PERIODS_MAX);
	LQ_ASSERT((line->badge.holder != 0) == (part != LQ_OFFICE_RULES));
	LQ_ASSERT(line->badge.state < LQ_CREDENTIAL_STATE_COUNT);
	LQ_ASSERT(line->badge.holder == 0 || lq_office_part_of(line->badge.holder) == part);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0) {
		return 0;
	}
	struct lq_office_text text =
		lq_office_text_begin(bytes[0], (const char *)bytes + 1, length - 1);
	struct lq_office_line line;
	size_t lines = 0;
	int r = 0;
	while ((r = lq_office_text_next(&text, &line)) == 1) {
		check(&line, bytes[0]);
		lines++;
	}
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID);
	LQ_ASSERT(lines <= length);
	return 0;
}

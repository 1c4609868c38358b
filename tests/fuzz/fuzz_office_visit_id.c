/* Any text in the place of a visit's name: what is taken is the one way to write that name. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/visit_id.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check(const char *text, const struct lq_visit_id *id)
{
	char again[LQ_VISIT_ID_SIZE];
	struct lq_visit_row row = {
		.realm = id->who.realm, .holder = id->who.holder, .zone = id->zone};
	row.badges.began_ms = id->began_ms;
	LQ_ASSERT(id->who.holder > 0 && id->who.holder <= UINT32_MAX && id->began_ms > 0);
	lq_visit_id_text(&row, again);
	LQ_ASSERT(strcmp(text, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_visit_id id = {.began_ms = -1};
	char *text = strndup((const char *)bytes, length);
	LQ_ASSERT(text != NULL);
	int r = lq_visit_id_parse(text, &id);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID);
	if (r == LQ_OK) {
		check(text, &id);
	} else {
		LQ_ASSERT(id.began_ms == -1 && id.who.holder == 0 && id.zone[0] == '\0');
	}
	free(text);
	return 0;
}

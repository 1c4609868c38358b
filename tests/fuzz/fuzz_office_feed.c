/* Any bytes in the place of an event: refused, or within every bound, and its members are those
 * that the JSON library finds. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/feed.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/fields_oracle.h"

static void check(const struct lq_feed_event *event)
{
	LQ_ASSERT(event->seq > 0 && event->seq <= INT64_MAX);
	LQ_ASSERT(strnlen(event->type, sizeof(event->type)) < sizeof(event->type));
	LQ_ASSERT(!event->is_passage || event->holder != 0);
	LQ_ASSERT(strnlen(event->door, sizeof(event->door)) < sizeof(event->door));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *body = (const char *)bytes;
	struct lq_feed_event event;
	LQ_ASSERT(fields_oracle_agrees(body, length));
	int r = lq_feed_read("demo", "loquet/1/demo/front-board/events", body, length, &event);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID);
	if (r == LQ_OK) {
		check(&event);
	}
	return 0;
}

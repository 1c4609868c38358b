/* Any bodies, one a line, in the place of events: a picture of every door can be told all the same.
 */
#include "firmware/core/assert.h"
#include "firmware/link/doors.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

static void check_view(const struct lq_doors_view *door)
{
	char body[LQ_DOORS_BODY_MAX];
	size_t length = lq_doors_body(door, body);
	LQ_ASSERT(length > 0 && length <= sizeof(body));
	json_t *told = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	LQ_ASSERT(json_is_object(told) && json_object_size(told) == (door->alarms_known ? 6u : 5u));
	json_decref(told);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct lq_site site = {.door_count = 2, .doors = {"front", "back"}};
	struct lq_doors doors;
	uint64_t seq = 0;
	const char *at = (const char *)bytes;
	lq_doors_start(&doors, &site);
	while (length > 0) {
		const char *end = memchr(at, '\n', length);
		size_t line = end != NULL ? (size_t)(end - at) : length;
		lq_doors_take(&doors, ++seq, at, line);
		size_t past = end != NULL ? line + 1 : line;
		at += past;
		length -= past;
	}
	LQ_ASSERT(doors.count == site.door_count);
	for (uint16_t i = 0; i < doors.count; i++) {
		LQ_ASSERT(doors.doors[i].seq <= seq);
		LQ_ASSERT(strcmp(doors.doors[i].name, site.doors[i]) == 0);
		check_view(&doors.doors[i]);
	}
	return 0;
}

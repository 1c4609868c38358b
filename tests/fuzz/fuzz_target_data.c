/* What a chip says of the cards it found: a sighting that is not malformed adds up exactly, so that
 * one byte more or less makes it malformed. */
#include "firmware/core/assert.h"
#include "hal/libnfc/target_data.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_malformed(const uint8_t *bytes, size_t length)
{
	struct lq_sighting sighting;
	LQ_ASSERT(lq_target_data_parse(bytes, length, &sighting) == 1);
	LQ_ASSERT(sighting.malformed);
	LQ_ASSERT(lq_sighting_objection(&sighting) != LQ_REASON_NOT_DECIDED);
}

static void check_sound(const uint8_t *bytes, size_t length, const struct lq_sighting *sighting)
{
	uint8_t *copy = malloc(length + 1);
	LQ_ASSERT(copy != NULL);
	LQ_ASSERT(sighting->cards >= 1 && sighting->cards <= LQ_TARGETS_MAX);
	LQ_ASSERT(sighting->uid_len <= LQ_UID_MAX);
	memcpy(copy, bytes, length);
	copy[length] = 0;
	check_malformed(copy, length + 1);
	check_malformed(copy, length - 1);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_sighting sighting = {0};
	int r = lq_target_data_parse(bytes, length, &sighting);
	LQ_ASSERT(r == 0 || r == 1);
	if (r == 0) {
		LQ_ASSERT(length == 1 && bytes[0] == 0);
	} else if (sighting.malformed) {
		LQ_ASSERT(sighting.cards >= 1);
		LQ_ASSERT(lq_sighting_objection(&sighting) != LQ_REASON_NOT_DECIDED);
	} else {
		check_sound(bytes, length, &sighting);
	}
	return 0;
}

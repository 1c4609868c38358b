/* Every count, length and first byte against the rule as hal and ISO/IEC 14443-3 have it. */
#include "firmware/core/identifier.h"
#include "tests/lib/cmocka.h"

#include <string.h>

/* The rule, written apart: what is first in this list is the reason. */
static enum lq_reason expected(const struct lq_sighting *sighting)
{
	bool any = false;
	for (unsigned i = 0; i < sighting->uid_len && i < LQ_UID_MAX; i++) {
		any = any || sighting->uid[i] != 0;
	}
	if (sighting->cards >= 2) {
		return LQ_REASON_SEVERAL_CARDS;
	}
	if (sighting->cards != 1 || sighting->malformed || sighting->uid_len > 10) {
		return LQ_REASON_BAD_IDENTIFIER;
	}
	if (!any) {
		return LQ_REASON_EMPTY_IDENTIFIER;
	}
	switch (sighting->uid_len) {
	case 4:
		return sighting->uid[0] == 0x08 ? LQ_REASON_RANDOM_IDENTIFIER
						: LQ_REASON_NOT_DECIDED;
	case 7:
	case 10:
		return LQ_REASON_NOT_DECIDED;
	}
	return LQ_REASON_BAD_IDENTIFIER;
}

static void every_sighting(void **state)
{
	(void)state;
	static const uint8_t fills[] = {0x00, 0x01, 0x08, 0xff};
	unsigned seen[LQ_REASON_COUNT] = {0};
	for (unsigned i = 0; i < 4u * 2u * 256u * 256u * 4u; i++) {
		struct lq_sighting sighting = {
			.cards = (uint8_t)(i % 4),
			.malformed = i / 4 % 2 == 1,
			.uid_len = (uint8_t)(i / 8 % 256),
		};
		memset(sighting.uid, fills[i / 8 / 65536], sizeof(sighting.uid));
		sighting.uid[0] = (uint8_t)(i / 8 / 256 % 256);
		enum lq_reason reason = lq_sighting_objection(&sighting);
		if (reason != expected(&sighting)) {
			fail_msg("cards %u, malformed %d, length %u, first byte %02x: %s",
				sighting.cards, sighting.malformed, sighting.uid_len,
				sighting.uid[0], lq_reason_name(reason));
		}
		seen[reason]++;
	}
	assert_true(seen[LQ_REASON_NOT_DECIDED] > 0);
	assert_int_equal(seen[LQ_REASON_GRANTED], 0);
}

/* What the table above cannot show: a badge is told by any of its bytes. */
static void one_byte_is_enough(void **state)
{
	(void)state;
	for (uint8_t at = 0; at < LQ_UID_MAX; at++) {
		struct lq_sighting sighting = {.cards = 1, .uid_len = 10};
		assert_int_equal(lq_sighting_objection(&sighting), LQ_REASON_EMPTY_IDENTIFIER);
		sighting.uid[at] = 0x80;
		assert_int_equal(lq_sighting_objection(&sighting), LQ_REASON_NOT_DECIDED);
		sighting.uid_len = 7; /* bytes behind the length do not count */
		assert_int_equal(lq_sighting_objection(&sighting),
			at < 7 ? LQ_REASON_NOT_DECIDED : LQ_REASON_EMPTY_IDENTIFIER);
	}
}

static void a_tap_waits_for_an_answer_so_long_and_no_longer(void **state)
{
	(void)state;
	struct lq_sighting sighting = {.cards = 1, .uid_len = 7, .uid = {4}, .age_ms = 5000};
	assert_int_equal(lq_sighting_objection(&sighting), LQ_REASON_NOT_DECIDED);
	sighting.age_ms = 5001;
	assert_int_equal(lq_sighting_objection(&sighting), LQ_REASON_TOO_LATE);
	sighting.age_ms = UINT32_MAX;
	assert_int_equal(lq_sighting_objection(&sighting), LQ_REASON_TOO_LATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sighting),
		cmocka_unit_test(one_byte_is_enough),
		cmocka_unit_test(a_tap_waits_for_an_answer_so_long_and_no_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The answer of InListPassiveTarget, well-formed, cut, lied about and random. */
#include "hal/libnfc/libnfc_reader.h"
#include "hal/libnfc/target_data.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 264

static const uint8_t classic[] = {1, 1, 0x00, 0x04, 0x08, 4, 0x11, 0x22, 0x33, 0x44};
static const uint8_t desfire[] = {
	1, 1, 0x03, 0x44, 0x20, 7, 0x04, 1, 2, 3, 4, 5, 6, 6, 0x75, 0x77, 0x81, 0x02, 0x80};
static const uint8_t two[] = {2, 1, 0x03, 0x44, 0x20, 7, 0x04, 1, 2, 3, 4, 5, 6, 6, 0x75, 0x77,
	0x81, 0x02, 0x80, 2, 0x00, 0x84, 0x00, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static const struct {
	const uint8_t *bytes;
	size_t length;
} well_formed[] = {
	{classic, sizeof(classic)},
	{desfire, sizeof(desfire)},
	{two, sizeof(two)},
};

/* On the heap, exactly as long, so that a sanitizer sees a byte too far. */
static int parse(const uint8_t *bytes, size_t length, struct lq_sighting *ret_sighting)
{
	uint8_t *copy = malloc(length == 0 ? 1 : length);
	assert_non_null(copy);
	memcpy(copy, bytes, length);
	int r = lq_target_data_parse(copy, length, ret_sighting);
	free(copy);
	return r;
}

static void is_malformed(const uint8_t *bytes, size_t length)
{
	struct lq_sighting sighting = {0};
	assert_int_equal(parse(bytes, length, &sighting), 1);
	assert_true(sighting.malformed);
	assert_true(sighting.cards >= 1);
	assert_int_not_equal(lq_sighting_objection(&sighting), LQ_REASON_NOT_DECIDED);
}

static void nobody_answered(void **state)
{
	const uint8_t none[] = {0};
	struct lq_sighting sighting;
	struct lq_sighting before;
	(void)state;
	memset(&sighting, 0xA5, sizeof(sighting));
	before = sighting;
	assert_int_equal(parse(none, sizeof(none), &sighting), 0);
	assert_memory_equal(&sighting, &before, sizeof(before));
}

static void a_classic_card(void **state)
{
	struct lq_sighting sighting;
	(void)state;
	assert_int_equal(parse(classic, sizeof(classic), &sighting), 1);
	assert_int_equal(sighting.cards, 1);
	assert_false(sighting.malformed);
	assert_int_equal(sighting.uid_len, 4);
	assert_memory_equal(sighting.uid, classic + 6, 4);
	assert_int_equal(sighting.sak, 0x08);
	assert_int_equal(sighting.atqa[0], 0x00);
	assert_int_equal(sighting.atqa[1], 0x04);
}

static void the_first_of_two_is_described(void **state)
{
	struct lq_sighting sighting;
	(void)state;
	assert_int_equal(parse(two, sizeof(two), &sighting), 1);
	assert_int_equal(sighting.cards, 2);
	assert_false(sighting.malformed);
	assert_int_equal(sighting.uid_len, 7);
	assert_memory_equal(sighting.uid, two + 6, 7);
	assert_int_equal(sighting.sak, 0x20);
}

static void a_card_without_uid_is_a_card(void **state)
{
	const uint8_t bytes[] = {1, 1, 0x00, 0x44, 0x00, 0};
	struct lq_sighting sighting;
	(void)state;
	assert_int_equal(parse(bytes, sizeof(bytes), &sighting), 1);
	assert_false(sighting.malformed);
	assert_int_equal(sighting.cards, 1);
	assert_int_equal(sighting.uid_len, 0);
}

static void an_ats_may_be_empty_but_not_missing(void **state)
{
	uint8_t bytes[] = {1, 1, 0x03, 0x44, 0x20, 4, 1, 2, 3, 4, 1};
	struct lq_sighting sighting;
	(void)state;
	assert_int_equal(parse(bytes, sizeof(bytes), &sighting), 1);
	assert_false(sighting.malformed);
	is_malformed(bytes, sizeof(bytes) - 1);
	bytes[sizeof(bytes) - 1] = 0; /* an ATS counts itself */
	is_malformed(bytes, sizeof(bytes));
}

static void every_cut_is_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(well_formed) / sizeof(well_formed[0]); i++) {
		for (size_t length = 0; length < well_formed[i].length; length++) {
			is_malformed(well_formed[i].bytes, length);
		}
	}
}

static void every_byte_too_many_is_malformed(void **state)
{
	uint8_t longer[ANSWER_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof(well_formed) / sizeof(well_formed[0]); i++) {
		size_t length = well_formed[i].length;
		memset(longer, 0, sizeof(longer));
		memcpy(longer, well_formed[i].bytes, length);
		is_malformed(longer, length + 1);
		is_malformed(longer, sizeof(longer));
	}
}

static void every_other_count_is_malformed(void **state)
{
	uint8_t bytes[sizeof(classic)];
	struct lq_sighting sighting;
	(void)state;
	memcpy(bytes, classic, sizeof(bytes));
	for (unsigned int count = 0; count <= UINT8_MAX; count++) {
		bytes[0] = (uint8_t)count;
		if (count == 1) {
			continue;
		}
		is_malformed(bytes, sizeof(bytes));
		assert_int_equal(parse(bytes, sizeof(bytes), &sighting), 1);
		assert_int_equal(sighting.cards, count == 0 ? 1 : count);
	}
}

static void every_other_uid_length_is_malformed(void **state)
{
	uint8_t bytes[sizeof(desfire)];
	struct lq_sighting sighting;
	(void)state;
	memcpy(bytes, desfire, sizeof(bytes));
	for (unsigned int length = 0; length <= UINT8_MAX; length++) {
		bytes[5] = (uint8_t)length;
		assert_int_equal(parse(bytes, sizeof(bytes), &sighting), 1);
		assert_int_equal(sighting.malformed, length != 7);
	}
}

static void targets_are_numbered_from_one(void **state)
{
	uint8_t bytes[sizeof(two)];
	(void)state;
	memcpy(bytes, two, sizeof(bytes));
	bytes[1] = 2;
	is_malformed(bytes, sizeof(bytes));
	bytes[1] = 1;
	bytes[19] = 1;
	is_malformed(bytes, sizeof(bytes));
}

static void three_cards_are_more_than_the_chip_handles(void **state)
{
	uint8_t bytes[1 + 3 * (sizeof(classic) - 1)] = {3};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		uint8_t *target = bytes + 1 + i * (sizeof(classic) - 1);
		memcpy(target, classic + 1, sizeof(classic) - 1);
		target[0] = (uint8_t)(i + 1);
	}
	is_malformed(bytes, sizeof(bytes));
}

static void anything_at_all(void **state)
{
	struct lq_random random = lq_random_begin("target data");
	uint8_t bytes[ANSWER_MAX] = {0};
	(void)state;
	for (int run = 0; run < 500000; run++) {
		size_t length = (size_t)lq_random_below(&random, 48);
		for (size_t i = 0; i < length; i++) {
			uint64_t byte = lq_random_next(&random);
			bytes[i] = (uint8_t)((byte & 0x300) == 0 ? byte : byte % 12);
		}
		struct lq_sighting sighting = {0};
		int r = parse(bytes, length, &sighting);
		if (r == 0) {
			assert_int_equal(length, 1);
			assert_int_equal(bytes[0], 0);
		} else {
			assert_int_equal(r, 1);
			assert_true(sighting.uid_len <= LQ_UID_MAX);
			assert_true(sighting.malformed || sighting.cards <= LQ_TARGETS_MAX);
			assert_true(sighting.malformed || length >= 6u + sighting.uid_len);
		}
	}
}

static void connection_strings(void **state)
{
	static const char *const good[] = {"pn532_uart:/dev/ttyS0", "pn532_uart:/dev/ttyS0:115200",
		"pn532_spi:/dev/spidev0.0:500000", "pn532_i2c:/dev/i2c-1", "pn532_uart:/x"};
	static const char *const bad[] = {"", "pn532_uart", "pn532_uart:", "pn532_uart:/",
		"pn532_uart:ttyS0", "pn532_uart:/dev/ttyS0:", "pn532_uart:/dev/ttyS0:fast",
		"pn532_uart:/dev/serial/by-path/pci-0:1.0", "pn532_uart:/dev/ttyS0:1:2",
		"pn532_uart:/dev/ttyS0:1234567890", "acr122_usb:001:002", "usb:001:002",
		"pn532_uart2:/dev/ttyS0", " pn532_uart:/dev/ttyS0"};
	char long_one[2000];
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(lq_libnfc_connstring_valid(good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(lq_libnfc_connstring_valid(bad[i]));
	}
	memset(long_one, 'x', sizeof(long_one));
	memcpy(long_one, "pn532_uart:/", 12);
	long_one[sizeof(long_one) - 1] = '\0';
	assert_false(lq_libnfc_connstring_valid(long_one));
	long_one[1023] = '\0';
	assert_true(lq_libnfc_connstring_valid(long_one));
	long_one[1023] = 'x';
	long_one[1024] = '\0';
	assert_false(lq_libnfc_connstring_valid(long_one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_answered),
		cmocka_unit_test(a_classic_card),
		cmocka_unit_test(the_first_of_two_is_described),
		cmocka_unit_test(a_card_without_uid_is_a_card),
		cmocka_unit_test(an_ats_may_be_empty_but_not_missing),
		cmocka_unit_test(every_cut_is_malformed),
		cmocka_unit_test(every_byte_too_many_is_malformed),
		cmocka_unit_test(every_other_count_is_malformed),
		cmocka_unit_test(every_other_uid_length_is_malformed),
		cmocka_unit_test(targets_are_numbered_from_one),
		cmocka_unit_test(three_cards_are_more_than_the_chip_handles),
		cmocka_unit_test(anything_at_all),
		cmocka_unit_test(connection_strings),
	};
	return cmocka_run_group_tests_name("target data", tests, NULL, NULL);
}

/* UTF-8 against its definition, character by character. */
#include "firmware/core/utf8.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

/* RFC 3629 §3, the table. */
static size_t encode(uint32_t character, char out[4])
{
	if (character < 0x80) {
		out[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		out[0] = (char)(0xc0 | character >> 6);
		out[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	if (character < 0x10000) {
		out[0] = (char)(0xe0 | character >> 12);
		out[1] = (char)(0x80 | (character >> 6 & 0x3f));
		out[2] = (char)(0x80 | (character & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | character >> 18);
	out[1] = (char)(0x80 | (character >> 12 & 0x3f));
	out[2] = (char)(0x80 | (character >> 6 & 0x3f));
	out[3] = (char)(0x80 | (character & 0x3f));
	return 4;
}

static void every_character(void **state)
{
	(void)state;
	for (uint32_t character = 0; character < 0x200000; character++) {
		char bytes[4];
		size_t length = encode(character, bytes);
		bool valid = character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
		uint32_t decoded = 0;
		size_t taken = lq_utf8_decode(bytes, length, &decoded);
		if (taken != (valid ? length : 0) || (valid && decoded != character)) {
			fail_msg("U+%04X", character);
		}
	}
}

/* A decoder that takes only what the encoder makes refuses overlong forms and all else. */
static void every_two_and_three_bytes(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 0x1000000; value++) {
		const char bytes[] = {(char)(value >> 16), (char)(value >> 8), (char)value};
		uint32_t decoded = 0;
		size_t taken = lq_utf8_decode(bytes, 3, &decoded);
		if (taken == 0) {
			continue;
		}
		char again[4];
		if (encode(decoded, again) != taken || memcmp(again, bytes, taken) != 0) {
			fail_msg("%06x", value);
		}
	}
}

static void cut_characters(void **state)
{
	(void)state;
	static const char *const whole[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\xaa"};
	for (size_t i = 0; i < 3; i++) {
		for (size_t length = 1; length < strlen(whole[i]); length++) {
			uint32_t decoded = 7;
			assert_int_equal(lq_utf8_decode(whole[i], length, &decoded), 0);
			assert_int_equal(decoded, 7);
		}
	}
}

static void hidden_characters_are_not_printable(void **state)
{
	// NOLINTBEGIN(misc-misleading-bidirectional): that is what is tested
	static const char *const hidden[] = {"a\x07", "\x7f", "\xc2\x85", "\xe2\x80\x8b",
		"\xe2\x80\xae", "\xef\xbb\xbf", "\xff", "\xc3"};
	// NOLINTEND(misc-misleading-bidirectional)
	static const char shown[] = "Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x9a\xaa";
	(void)state;
	assert_true(lq_utf8_all_printable("", 0));
	assert_true(lq_utf8_all_printable(shown, strlen(shown)));
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		assert_false(lq_utf8_all_printable(hidden[i], strlen(hidden[i])));
	}
	assert_false(lq_utf8_all_printable("a", 2)); /* a zero byte within */
}

/* Every text of three characters, cut everywhere: what fits is whole characters, and one more would
 * not have fitted. */
static void what_fits_is_never_half_a_character(void **state)
{
	static const char *const pieces[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\xaa"};
	(void)state;
	for (size_t i = 0; i < 64; i++) {
		const char *const chosen[] = {pieces[i % 4], pieces[i / 4 % 4], pieces[i / 16]};
		char text[16];
		size_t ends[4] = {0};
		(void)snprintf(text, sizeof(text), "%s%s%s", chosen[0], chosen[1], chosen[2]);
		for (size_t j = 0; j < 3; j++) {
			ends[j + 1] = ends[j] + strlen(chosen[j]);
		}
		for (size_t capacity = 0; capacity < 16; capacity++) {
			size_t expected = 0;
			for (size_t j = 0; j <= 3; j++) {
				expected = ends[j] <= capacity ? ends[j] : expected;
			}
			assert_int_equal(lq_utf8_fit(text, capacity), expected);
		}
	}
	/* What is not UTF-8 is cut anywhere, but cut. */
	assert_int_equal(lq_utf8_fit("\x80\x80\x80\x80\x80\x80", 5), 5);
	assert_int_equal(lq_utf8_fit("\x80\x80", 1), 1);
}

static void blanks(void **state)
{
	(void)state;
	assert_true(lq_utf8_blank("", 0));
	assert_true(lq_utf8_blank("   ", 3));
	assert_true(lq_utf8_blank(" \xc2\xa0\xe3\x80\x80", 6));
	assert_false(lq_utf8_blank(" \xc2\xa0"
				   "a",
		4));
	assert_false(lq_utf8_blank("\xc3\xa9", 2));
	assert_false(lq_utf8_blank(" \xc2", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character),
		cmocka_unit_test(every_two_and_three_bytes),
		cmocka_unit_test(cut_characters),
		cmocka_unit_test(hidden_characters_are_not_printable),
		cmocka_unit_test(blanks),
		cmocka_unit_test(what_fits_is_never_half_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

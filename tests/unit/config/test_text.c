/* UTF-8 against its definition, character by character; suggestions; quoting. */
#include "firmware/config/complain.h"
#include "firmware/config/suggest.h"
#include "firmware/config/utf8.h"
#include "tests/lib/cmocka.h"

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
		size_t taken =
			lq_utf8_decode((struct lq_span){.at = bytes, .length = length}, &decoded);
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
		size_t taken = lq_utf8_decode((struct lq_span){.at = bytes, .length = 3}, &decoded);
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
			struct lq_span span = {.at = whole[i], .length = length};
			assert_int_equal(lq_utf8_decode(span, &decoded), 0);
			assert_int_equal(decoded, 7);
		}
	}
}

static const char *suggested(const char *found)
{
	static const char *const words[] = {"relay", "release_ms", "rex", "led_red"};
	struct lq_suggestion suggestion = lq_suggestion_begin(lq_span_of(found));
	for (size_t i = 0; i < 4; i++) {
		lq_suggestion_weigh(&suggestion, words[i]);
	}
	return suggestion.word == NULL ? "" : suggestion.word;
}

static void suggestions(void **state)
{
	(void)state;
	assert_string_equal(suggested("relay"), "relay");
	assert_string_equal(suggested("realy"), "relay");
	assert_string_equal(suggested("rel"), "rex");
	assert_string_equal(suggested("relays"), "relay");
	assert_string_equal(suggested("releasems"), "release_ms");
	assert_string_equal(suggested("released_ms"), "release_ms");
	assert_string_equal(suggested("red_led"), "led_red");
	assert_string_equal(suggested("led-red"), "led_red");
	assert_string_equal(suggested("buzzer"), "");
	assert_string_equal(suggested(""), "");
	assert_string_equal(suggested("relayrelayrelayrelayrelayrelayrelayrelayrelayrelay"), "");
}

static void quotes(void **state)
{
	(void)state;
	static const char sixty[] = "012345678901234567890123456789012345678901234567890123456789";
	char text[128];
	char expected[128];
	assert_string_equal(lq_quote(lq_span_of("")).text, "");
	assert_string_equal(lq_quote(lq_span_of("a\tb\x80")).text, "a\\x09b\\x80");
	assert_string_equal(lq_quote(lq_span_of("\xe2\x82\xac")).text, "\xe2\x82\xac");

	snprintf(text, sizeof(text), "%sabc", sixty); /* 63 fit exactly */
	assert_string_equal(lq_quote(lq_span_of(text)).text, text);
	snprintf(text, sizeof(text), "%sabcd", sixty);
	snprintf(expected, sizeof(expected), "%s...", sixty);
	assert_string_equal(lq_quote(lq_span_of(text)).text, expected);
	/* A character is shown whole or not at all. */
	snprintf(text, sizeof(text), "%.59s\xe2\x82\xac!!", sixty);
	snprintf(expected, sizeof(expected), "%.59s...", sixty);
	assert_string_equal(lq_quote(lq_span_of(text)).text, expected);
	snprintf(text, sizeof(text), "%.60s\xe2\x82\xac", sixty);
	assert_string_equal(lq_quote(lq_span_of(text)).text, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character),
		cmocka_unit_test(every_two_and_three_bytes),
		cmocka_unit_test(cut_characters),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(quotes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

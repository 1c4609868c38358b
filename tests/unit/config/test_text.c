/* Suggestions; quoting. */
#include "firmware/config/complain.h"
#include "firmware/config/suggest.h"
#include "tests/lib/cmocka.h"

#include <string.h>

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
		cmocka_unit_test(suggestions),
		cmocka_unit_test(quotes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

/* The distance that is kept when one word has been weighed; 0 when it is too far away. */
static size_t distance(const char *found, const char *word)
{
	struct lq_suggestion suggestion = lq_suggestion_begin(lq_span_of(found));
	lq_suggestion_weigh(&suggestion, word);
	return suggestion.word == NULL ? 0 : suggestion.distance;
}

static void distances(void **state)
{
	(void)state;
	static const char forty[] = "0123456789012345678901234567890123456789";
	static const char other[] = "0123456789012345678901234567890123456798";
	assert_int_equal(distance("abcdefgh", "abcdefg"), 1);
	assert_int_equal(distance("abcdefgh", "abcdefghi"), 1);
	assert_int_equal(distance("abcdefgh", "abcdefgx"), 1);
	assert_int_equal(distance("abcdefgh", "bacdefgh"), 1); /* neighbours swapped */
	assert_int_equal(distance("abcdefgh", "abcdefhg"), 1);
	assert_int_equal(distance("abcdefgh", "badcefgh"), 2); /* twice */
	assert_int_equal(distance("abcdefgh", "cbadefgh"), 2); /* no neighbours */
	assert_int_equal(distance("abcdefgh", "abccdefxh"), 2);
	assert_int_equal(distance("abcdefgh", "xbxdexgh"), 3);
	assert_int_equal(distance("abcdefgh", "xbxdexgx"), 0);
	assert_int_equal(distance(forty, other), 1);
	assert_int_equal(distance(forty, "01234567890123456789012345678901234567890"), 0);
	assert_int_equal(distance("01234567890123456789012345678901234567890", forty), 0);

	/* A farther word does not push out a nearer one. */
	struct lq_suggestion suggestion = lq_suggestion_begin(lq_span_of("abce"));
	lq_suggestion_weigh(&suggestion, "axcx");
	lq_suggestion_weigh(&suggestion, "abcd");
	lq_suggestion_weigh(&suggestion, "abxx");
	assert_string_equal(suggestion.word, "abcd");
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
		cmocka_unit_test(distances),
		cmocka_unit_test(quotes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

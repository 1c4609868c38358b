#include "host/cli/escape.h"
#include "tests/lib/cmocka.h"

#include <locale.h>
#include <stdlib.h>

static void nothing_that_a_terminal_would_obey_is_left(void **state)
{
	static const char override[] = {'a', '\xe2', '\x80', '\xae', 'b', '\0'}; /* right-to-left */
	static const struct {
		const char *text;
		const char *shown;
		const char *utf8;
	} cases[] = {
		{"", "", ""},
		{"Ada Example", "Ada Example", "Ada Example"},
		{"Zo\xc3\xab", "Zo\xc3\xab", "Zo\xc3\xab"},
		{"\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac",
			"\xe6\x9d\xb1\xe4\xba\xac"},
		{"\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91"},
		{"a\nb\tc", "a\\x0ab\\x09c", "a\nb\tc"},
		{"\x1b[2J", "\\x1b[2J", "\x1b[2J"},
		{"\x7f", "\\x7f", "\x7f"},
		/* CSI as a C1 control */
		{"\xc2\x9b"
		 "31m",
			"\\u{009b}31m",
			"\xc2\x9b"
			"31m"},
		{override, "a\\u{202e}b", override},
		/* not UTF-8: a lone byte, a cut sequence, overlong, a surrogate, beyond Unicode */
		{"a\xff", "a\\xff", "a\xef\xbf\xbd"},
		{"a\xc3", "a\\xc3", "a\xef\xbf\xbd"},
		{"\xe2\x82", "\\xe2\\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xc0\xaf", "\\xc0\\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *shown = lq_escape(cases[i].text);
		char *utf8 = lq_escape_utf8(cases[i].text);
		assert_string_equal(cases[i].shown, shown);
		assert_string_equal(cases[i].utf8, utf8);
		free(shown);
		free(utf8);
	}
}

static void widths_are_columns_and_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(3, lq_escape_width("abc"));
	assert_int_equal(3, lq_escape_width("Zo\xc3\xab"));
	assert_int_equal(4, lq_escape_width("\xe6\x9d\xb1\xe4\xba\xac"));
	assert_int_equal(1, lq_escape_width("e\xcc\x81")); /* a combining accent */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_that_a_terminal_would_obey_is_left),
		cmocka_unit_test(widths_are_columns_and_not_bytes),
	};
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

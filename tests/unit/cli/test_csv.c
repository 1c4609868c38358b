#include "host/cli/csv.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>

static void rows_are_written_as_rfc_4180_has_them(void **state)
{
	static const struct {
		const char *fields[3];
		const char *row;
	} cases[] = {
		{{"a", "b", "c"}, "a,b,c\r\n"},
		{{"", "", ""}, ",,\r\n"},
		{{"Example, Ada", "b", "c"}, "\"Example, Ada\",b,c\r\n"},
		{{"the \"A\"", "b", "c"}, "\"the \"\"A\"\"\",b,c\r\n"},
		{{"\"", "b", "\"\""}, "\"\"\"\",b,\"\"\"\"\"\"\r\n"},
		{{" a", "b ", "c d"}, "\" a\",\"b \",c d\r\n"},
		{{"Zo\xc3\xab", "b;c", "'"}, "Zo\xc3\xab,b;c,'\r\n"},
		/* no row is ever two, and none commands a terminal */
		{{"a\r\nb", "\x1b[2J", "\xff"}, "a\\x0d\\x0ab,\\x1b[2J,\\xff\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = NULL;
		size_t length = 0;
		FILE *out = open_memstream(&text, &length);
		assert_non_null(out);
		lq_csv_row(out, cases[i].fields, 3);
		assert_int_equal(fclose(out), 0);
		assert_string_equal(text, cases[i].row);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_written_as_rfc_4180_has_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "host/cli/csv_reader.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows as "line:cell|cell" each, and how it ended. */
static int note(void *ctx, const struct lq_csv_row *row)
{
	FILE *out = ctx;
	(void)fprintf(out, "%u:", row->line);
	for (size_t i = 0; i < row->count; i++) {
		(void)fprintf(out, "%s%s", i == 0 ? "" : "|", row->cells[i]);
	}
	(void)fputc('/', out);
	return strcmp(row->cells[0], "stop") == 0 ? 7 : 0;
}

static struct lq_csv_reader reader;

static char *read_text(const char *text, size_t length)
{
	char *rows = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&rows, &size);
	assert_non_null(out);
	lq_csv_reader_begin(&reader, note, out);
	bool going = lq_csv_reader_feed(&reader, text, length) && lq_csv_reader_end(&reader);
	assert_int_equal(going, reader.problem == LQ_CSV_OK && reader.stopped == 0);
	assert_int_equal(fclose(out), 0);
	return rows;
}

#define TEXT(text) (text), sizeof(text) - 1

static void what_rfc_4180_allows_is_read(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		const char *rows;
	} cases[] = {
		{TEXT("a,b\r\nc,d\r\n"), "1:a|b/2:c|d/"},
		{TEXT("a,b\nc,d"), "1:a|b/2:c|d/"},
		{TEXT("\xef\xbb\xbf"
		      "a,b\n"),
			"1:a|b/"},
		{TEXT("\xef\xbb\xbf\"a\",b\n"), "1:a|b/"},
		{TEXT("a\n\xef\xbb\xbf"
		      "b\n"),
			"1:a/2:\xef\xbb\xbf"
			"b/"},
		{TEXT("\"a \"\"b\"\"\",\"c,d\"\n"), "1:a \"b\"|c,d/"},
		{TEXT("\"a\r\nb\",c\nd,e\n"), "1:a\r\nb|c/3:d|e/"},
		{TEXT("a,,\n,,b\n"), "1:a||/2:||b/"},
		{TEXT(" a , b \n"), "1: a | b /"},
		/* what separates is found in the first row, outside of quotes */
		{TEXT("a;b\n1,5;2\n"), "1:a|b/2:1,5|2/"},
		{TEXT("a\tb;c\n1\t2\n"), "1:a|b;c/2:1|2/"},
		{TEXT("\"a;b\",c\n1;2,3\n"), "1:a;b|c/2:1;2|3/"},
		{TEXT("a\nb;c\n"), "1:a/2:b|c/"},
		/* blank lines, and rows of nothing */
		{TEXT("\n\na,b\n\n,\n1,2\n\n"), "3:a|b/6:1|2/"},
		{TEXT(",\n"), "1:|/"},
		{TEXT(""), ""},
		{TEXT("\xef\xbb\xbf"), ""},
		{TEXT("\n"), ""},
		{TEXT("Zo\xc3\xab\n"), "1:Zo\xc3\xab/"},
		{TEXT("\"\"\n\"\""), ""},
		{TEXT("a\nstop\nb\n"), "1:a/2:stop/"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *rows = read_text(cases[i].text, cases[i].length);
		assert_int_equal(reader.problem, LQ_CSV_OK);
		assert_string_equal(rows, cases[i].rows);
		free(rows);
	}
}

static void anything_else_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		enum lq_csv_problem problem;
		uint32_t line;
		size_t cells_before;
	} cases[] = {
		{TEXT("a,b\nc,d\"e\n"), LQ_CSV_STRAY_QUOTE, 2, 1},
		{TEXT("a,b\n\"c\"d,e\n"), LQ_CSV_BEHIND_QUOTE, 2, 0},
		{TEXT("a,b\n1,\"c\nd\n"), LQ_CSV_OPEN_QUOTE, 4, 1},
		{TEXT("a,b\n\"c"), LQ_CSV_OPEN_QUOTE, 2, 0},
		{TEXT("a,b\rc,d\r"), LQ_CSV_LONE_CR, 1, 1},
		{TEXT("a,b\r"), LQ_CSV_LONE_CR, 1, 1},
		{TEXT("a,b\n\"c\"\rd"), LQ_CSV_LONE_CR, 2, 0},
		{TEXT("a\0b\n"), LQ_CSV_NUL, 1, 0},
		{TEXT("a\n\"b\0\""), LQ_CSV_NUL, 2, 0},
		{TEXT("\xff\xfe"
		      "a\0,\0"),
			LQ_CSV_NUL, 1, 0},
		{TEXT("a,b\nc,Zo\xeb\n"), LQ_CSV_NOT_UTF8, 2, 1},
		{TEXT("a\n\xed\xa0\x80\n"), LQ_CSV_NOT_UTF8, 2, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		free(read_text(cases[i].text, cases[i].length));
		assert_int_equal(reader.problem, cases[i].problem);
		assert_int_equal(reader.problem_line, cases[i].line);
		assert_int_equal(reader.row.count, cases[i].cells_before);
	}
}

static void everything_is_bounded(void **state)
{
	static char text[2 * LQ_CSV_CELL_MAX];
	(void)state;
	memset(text, 'a', sizeof(text));
	free(read_text(text, LQ_CSV_CELL_MAX));
	assert_int_equal(reader.problem, LQ_CSV_OK);
	free(read_text(text, LQ_CSV_CELL_MAX + 1));
	assert_int_equal(reader.problem, LQ_CSV_LONG_CELL);
	memset(text, ',', sizeof(text));
	free(read_text(text, LQ_CSV_CELLS_MAX - 1));
	assert_int_equal(reader.problem, LQ_CSV_OK);
	free(read_text(text, LQ_CSV_CELLS_MAX));
	assert_int_equal(reader.problem, LQ_CSV_MANY_CELLS);
	memset(text, '\n', sizeof(text));
	lq_csv_reader_begin(&reader, NULL, NULL);
	while (lq_csv_reader_feed(&reader, text, sizeof(text))) {
	}
	assert_int_equal(reader.problem, LQ_CSV_MANY_LINES);
	assert_false(lq_csv_reader_end(&reader));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_rfc_4180_allows_is_read),
		cmocka_unit_test(anything_else_is_named_with_its_line),
		cmocka_unit_test(everything_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

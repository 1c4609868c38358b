/* CSV as RFC 4180 has it, read byte by byte: UTF-8 with or without a byte order mark, rows that end
 * with CR LF or LF; the first comma, semicolon or tab outside quotes says what separates the cells.
 * Pure; any thread. */
#ifndef LQ_CLI_CSV_READER_H
#define LQ_CLI_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_CSV_CELL_MAX  1024u /* bytes */
#define LQ_CSV_CELLS_MAX 64u   /* of a row */
#define LQ_CSV_LINES_MAX 4000000u

enum lq_csv_problem {
	LQ_CSV_OK,
	LQ_CSV_NUL,
	LQ_CSV_NOT_UTF8,
	LQ_CSV_STRAY_QUOTE,  /* inside a cell that does not begin with one */
	LQ_CSV_BEHIND_QUOTE, /* something else than a separator behind a cell's closing quote */
	LQ_CSV_OPEN_QUOTE,   /* the file ends inside quotes */
	LQ_CSV_LONE_CR,
	LQ_CSV_LONG_CELL,
	LQ_CSV_MANY_CELLS,
	LQ_CSV_MANY_LINES,
	LQ_CSV_PROBLEM_COUNT
};

/* A row of cells, each with a NUL behind it; borrowed for the call. Blank lines and rows of nothing
 * but empty cells are left out, but for the first row. Non-zero stops the reader. */
struct lq_csv_row {
	uint32_t line; /* on which it begins, from 1 */
	size_t count;
	const char *cells[LQ_CSV_CELLS_MAX];
};

struct lq_csv_reader {
	int (*each)(void *ctx, const struct lq_csv_row *row);
	void *ctx;
	enum lq_csv_problem
		problem; /* what stopped it, with `row.line` and `row.count` cells before */
	uint32_t problem_line;
	int stopped; /* what `each` returned */
	int state;
	char separator; /* 0: not known yet */
	uint32_t line;
	uint32_t rows;
	size_t length; /* of `text` */
	size_t cell;   /* where the present cell begins in it */
	struct lq_csv_row row;
	size_t starts[LQ_CSV_CELLS_MAX];
	char text[LQ_CSV_CELLS_MAX * (LQ_CSV_CELL_MAX + 1)];
};

void lq_csv_reader_begin(struct lq_csv_reader *reader,
	int (*each)(void *ctx, const struct lq_csv_row *row), void *ctx);

/* False when it has stopped, for a problem or because `each` wanted to. */
bool lq_csv_reader_feed(struct lq_csv_reader *reader, const char *bytes, size_t length);

/* The end of the file: the last row needs no line break. */
bool lq_csv_reader_end(struct lq_csv_reader *reader);

#endif

#include "host/cli/csv_reader.h"

#include "firmware/core/utf8.h"

#include <string.h>

enum state {
	CELL_BEGINS,
	PLAIN,
	QUOTED,
	QUOTE_IN_QUOTED,
	AFTER_CR,
};

static const char mark[] = "\xef\xbb\xbf";

void lq_csv_reader_begin(struct lq_csv_reader *reader,
	int (*each)(void *ctx, const struct lq_csv_row *row), void *ctx)
{
	*reader = (struct lq_csv_reader){
		.each = each, .ctx = ctx, .state = CELL_BEGINS, .line = 1, .row.line = 1};
}

static bool stop(struct lq_csv_reader *reader, enum lq_csv_problem problem)
{
	reader->problem = problem;
	reader->problem_line = reader->line;
	return false;
}

static bool put(struct lq_csv_reader *reader, char c)
{
	if (reader->length - reader->cell >= LQ_CSV_CELL_MAX) {
		return stop(reader, LQ_CSV_LONG_CELL);
	}
	reader->text[reader->length++] = c;
	return true;
}

static bool is_utf8(const char *text, size_t length)
{
	uint32_t character = 0;
	while (length > 0) {
		size_t taken = lq_utf8_decode(text, length, &character);
		if (taken == 0) {
			return false;
		}
		text += taken;
		length -= taken;
	}
	return true;
}

static bool end_cell(struct lq_csv_reader *reader)
{
	if (!is_utf8(reader->text + reader->cell, reader->length - reader->cell)) {
		return stop(reader, LQ_CSV_NOT_UTF8);
	}
	if (reader->row.count == LQ_CSV_CELLS_MAX) {
		return stop(reader, LQ_CSV_MANY_CELLS);
	}
	reader->starts[reader->row.count++] = reader->cell;
	reader->text[reader->length++] = '\0';
	reader->cell = reader->length;
	reader->state = CELL_BEGINS;
	return true;
}

static bool is_empty(const struct lq_csv_reader *reader)
{
	return reader->length == reader->row.count; /* terminators alone */
}

static bool end_row(struct lq_csv_reader *reader)
{
	if (!end_cell(reader)) {
		return false;
	}
	bool blank = is_empty(reader) && (reader->rows > 0 || reader->row.count == 1);
	for (size_t i = 0; i < reader->row.count; i++) {
		reader->row.cells[i] = reader->text + reader->starts[i];
	}
	if (!blank) {
		reader->rows++;
		reader->stopped = reader->each(reader->ctx, &reader->row);
	}
	if (++reader->line > LQ_CSV_LINES_MAX) {
		return stop(reader, LQ_CSV_MANY_LINES);
	}
	reader->row.line = reader->line;
	reader->row.count = 0;
	reader->length = reader->cell = 0;
	return reader->stopped == 0;
}

static bool is_separator(struct lq_csv_reader *reader, char c)
{
	if (reader->separator == 0 && c != '\0' && strchr(",;\t", c) != NULL) {
		reader->separator = c;
	}
	return reader->separator != 0 && c == reader->separator;
}

/* Outside of quotes: what may end a cell or a row. */
static bool take_outside(struct lq_csv_reader *reader, char c)
{
	if (is_separator(reader, c)) {
		return end_cell(reader);
	}
	if (c == '\n') {
		return end_row(reader);
	}
	if (c == '\r') {
		reader->state = AFTER_CR;
		return true;
	}
	if (reader->state == QUOTE_IN_QUOTED) {
		return stop(reader, LQ_CSV_BEHIND_QUOTE);
	}
	if (c == '"') {
		return stop(reader, LQ_CSV_STRAY_QUOTE);
	}
	reader->state = PLAIN;
	return put(reader, c);
}

static bool take_quoted(struct lq_csv_reader *reader, char c)
{
	if (c == '"') {
		reader->state = QUOTE_IN_QUOTED;
		return true;
	}
	if (c == '\n' && ++reader->line > LQ_CSV_LINES_MAX) {
		return stop(reader, LQ_CSV_MANY_LINES);
	}
	return put(reader, c);
}

/* A byte order mark, which is no part of the first cell. */
static void drop_mark(struct lq_csv_reader *reader)
{
	if (reader->rows == 0 && reader->row.count == 0 && reader->length == strlen(mark) &&
		memcmp(reader->text, mark, strlen(mark)) == 0) {
		reader->length = 0;
		reader->state = CELL_BEGINS;
	}
}

static bool take(struct lq_csv_reader *reader, char c)
{
	bool quote = c == '"';
	if (c == '\0') {
		return stop(reader, LQ_CSV_NUL);
	}
	switch ((enum state)reader->state) {
	case CELL_BEGINS:
		if (quote) {
			reader->state = QUOTED;
			return true;
		}
		return take_outside(reader, c);
	case QUOTE_IN_QUOTED:
		if (quote) {
			reader->state = QUOTED;
			return put(reader, c);
		}
		return take_outside(reader, c);
	case PLAIN:
		return take_outside(reader, c);
	case QUOTED:
		return take_quoted(reader, c);
	case AFTER_CR:
		return c == '\n' ? end_row(reader) : stop(reader, LQ_CSV_LONE_CR);
	}
	return false;
}

bool lq_csv_reader_feed(struct lq_csv_reader *reader, const char *bytes, size_t length)
{
	bool going = reader->problem == LQ_CSV_OK && reader->stopped == 0;
	for (size_t i = 0; i < length && going; i++) {
		going = take(reader, bytes[i]);
		if (reader->line == 1) {
			drop_mark(reader);
		}
	}
	return going;
}

bool lq_csv_reader_end(struct lq_csv_reader *reader)
{
	if (reader->problem != LQ_CSV_OK || reader->stopped != 0) {
		return false;
	}
	if (reader->state == QUOTED) {
		return stop(reader, LQ_CSV_OPEN_QUOTE);
	}
	if (reader->state == AFTER_CR) {
		return stop(reader, LQ_CSV_LONE_CR);
	}
	bool nothing =
		reader->length == 0 && reader->row.count == 0 && reader->state == CELL_BEGINS;
	return nothing || end_row(reader);
}

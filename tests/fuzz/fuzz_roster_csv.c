/* Any bytes in the place of a CSV file of members or badges: read in one piece or byte by byte, it
 * is the same rows; every cell is whole, and what a cell is taken for is within every bound. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/cli/csv_reader.h"
#include "host/cli/roster_cell.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct seen {
	uint64_t rows;
	uint64_t sum;
	uint32_t line;
};

static void try_cell(enum lq_roster_kind kind, size_t column, const char *text)
{
	const struct lq_roster_table *table = &lq_roster_tables[kind];
	struct lq_roster_row row = {.valid_to_s = LQ_VALID_FOREVER};
	char shown[LQ_CELL_TEXT_SIZE];
	int r = lq_cell_parse(table, column, text, &row);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID || r == LQ_ERR_NOT_FOUND);
	LQ_ASSERT(lq_roster_row_sound(kind, &row));
	lq_cell_format(&table->columns[column], &row, shown);
	LQ_ASSERT(strlen(shown) < sizeof(shown));
}

static void try_cells(const char *text)
{
	for (int kind = 0; kind < LQ_ROSTER_KINDS; kind++) {
		for (size_t i = 0; i < lq_roster_tables[kind].count; i++) {
			try_cell((enum lq_roster_kind)kind, i, text);
		}
	}
}

static void add_cell(struct seen *seen, const char *text)
{
	uint32_t character = 0;
	LQ_ASSERT(strlen(text) <= LQ_CSV_CELL_MAX);
	for (size_t taken = 0; *text != '\0'; text += taken) {
		taken = lq_utf8_decode(text, strlen(text), &character);
		LQ_ASSERT(taken > 0);
		seen->sum = seen->sum * 31 + character;
	}
	seen->sum = seen->sum * 31 + 7;
}

static int take(void *ctx, const struct lq_csv_row *row)
{
	struct seen *seen = ctx;
	LQ_ASSERT(row->count >= 1 && row->count <= LQ_CSV_CELLS_MAX);
	LQ_ASSERT(row->line > seen->line);
	seen->line = row->line;
	seen->rows++;
	for (size_t i = 0; i < row->count; i++) {
		add_cell(seen, row->cells[i]);
	}
	return 0;
}

static int take_and_try(void *ctx, const struct lq_csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		try_cells(row->cells[i]);
	}
	return take(ctx, row);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct lq_csv_reader whole;
	static struct lq_csv_reader single;
	struct seen at_once = {0};
	struct seen one_by_one = {0};
	const char *text = (const char *)bytes;
	lq_csv_reader_begin(&whole, take_and_try, &at_once);
	lq_csv_reader_begin(&single, take, &one_by_one);
	bool going = lq_csv_reader_feed(&whole, text, length) && lq_csv_reader_end(&whole);
	bool still = true;
	for (size_t i = 0; i < length && still; i++) {
		still = lq_csv_reader_feed(&single, text + i, 1);
	}
	still = still && lq_csv_reader_end(&single);
	LQ_ASSERT(going == still && going == (whole.problem == LQ_CSV_OK));
	LQ_ASSERT(whole.problem == single.problem && whole.problem < LQ_CSV_PROBLEM_COUNT);
	LQ_ASSERT(whole.problem_line == single.problem_line);
	LQ_ASSERT(at_once.rows == one_by_one.rows && at_once.sum == one_by_one.sum &&
		  at_once.line == one_by_one.line);
	return 0;
}

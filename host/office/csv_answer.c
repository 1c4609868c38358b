#include "host/office/csv_answer.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/cli/csv.h"
#include "host/cli/csv_reader.h"
#include "host/cli/roster_cell.h"

#include <stdlib.h>

void lq_csv_put(FILE *out, const struct lq_roster_column *columns, size_t count,
	const struct lq_roster_row *row)
{
	char cells[LQ_CSV_CELLS_MAX][1 + LQ_CELL_TEXT_SIZE];
	const char *fields[LQ_CSV_CELLS_MAX];
	LQ_ASSERT(count <= LQ_CSV_CELLS_MAX);
	for (size_t i = 0; i < count; i++) {
		cells[i][0] = '\'';
		lq_cell_format(&columns[i], row, cells[i] + 1);
		fields[i] = cells[i] + (lq_cell_needs_guard(&columns[i], cells[i] + 1) ? 0 : 1);
	}
	lq_csv_row(out, fields, count);
}

static int write_sheet(
	const struct lq_request *request, const struct lq_csv_sheet *sheet, FILE *out)
{
	const char *names[LQ_CSV_CELLS_MAX];
	LQ_ASSERT(sheet->count <= LQ_CSV_CELLS_MAX);
	for (size_t i = 0; i < sheet->count; i++) {
		names[i] = sheet->columns[i].name;
	}
	lq_csv_row(out, names, sheet->count);
	int r = sheet->put_rows(request, out);
	bool whole = ferror(out) == 0;
	whole = fclose(out) == 0 && whole;
	return r == LQ_OK && !whole ? LQ_ERR_NO_MEMORY : r;
}

int lq_csv_answer(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_csv_sheet *sheet)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int r = out != NULL ? write_sheet(request, sheet, out) : LQ_ERR_NO_MEMORY;
	r = r == LQ_OK ? lq_audit(request, sheet->act, "people", "") : r;
	if (r != LQ_OK) {
		free(text);
		return lq_problem_db(request, answer, r);
	}
	answer->text = text;
	answer->text_length = length;
	answer->type = "text/csv; charset=utf-8";
	(void)snprintf(answer->filename, sizeof(answer->filename), "%s", sheet->filename);
	return answer->status = 200;
}

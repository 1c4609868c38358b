/* A whole table as an answer in CSV. */
#ifndef LQ_OFFICE_CSV_ANSWER_H
#define LQ_OFFICE_CSV_ANSWER_H

#include "firmware/store/roster_row.h"
#include "host/office/api.h"

#include <stdio.h>

struct lq_csv_sheet {
	const char *filename;
	const char *act;                        /* for the audit */
	const struct lq_roster_column *columns; /* no more than LQ_CSV_CELLS_MAX */
	size_t count;
	/* Writes the rows behind the names; LQ_OK or an error of the database. */
	int (*put_rows)(const struct lq_request *request, FILE *out);
};

/* Writes a row with its cells guarded against spreadsheets that take them for formulas. */
void lq_csv_put(FILE *out, const struct lq_roster_column *columns, size_t count,
	const struct lq_roster_row *row);

/* Returns the status; the export is audited. */
int lq_csv_answer(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_csv_sheet *sheet);

#endif

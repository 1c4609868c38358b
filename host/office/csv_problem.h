/* What is wrong with a row of a CSV file that somebody sent. */
#ifndef LQ_OFFICE_CSV_PROBLEM_H
#define LQ_OFFICE_CSV_PROBLEM_H

#include "host/cli/csv_reader.h"
#include "host/office/api.h"

struct lq_csv_place {
	uint32_t line;
	const char *column; /* "": none */
};

struct lq_csv_expected {
	const char *en;
	const char *fr;
};

/* 400 "row": the place, what was found there ("": nothing) and what was expected. */
int lq_csv_problem(const struct lq_request *request, struct lq_answer *answer,
	struct lq_csv_place place, const char *cell, struct lq_csv_expected expected);

/* The same of a row that has not as many cells as the first one. */
int lq_csv_other_count(
	const struct lq_request *request, struct lq_answer *answer, const struct lq_csv_row *row);

/* The same of a file without its first row. */
int lq_csv_no_names(const struct lq_request *request, struct lq_answer *answer);

/* Hands the rows of the request's text to the reader. 0, or the status of a problem: of the row's
 * taker, which stopped it, or of the file. */
int lq_csv_read(
	const struct lq_request *request, struct lq_answer *answer, struct lq_csv_reader *reader);

/* Whether ?dryRun= is true. 0, or the status: it is neither true nor false, or there is no CSV. */
int lq_csv_wish(const struct lq_request *request, struct lq_answer *answer, bool *ret_dry);

#endif

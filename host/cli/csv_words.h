/* What is wrong with a CSV file, in words. Pure; any thread. */
#ifndef LQ_CLI_CSV_WORDS_H
#define LQ_CLI_CSV_WORDS_H

#include "firmware/core/reason.h"
#include "host/cli/csv_reader.h"

struct lq_csv_words {
	const char *found;
	const char *expected;
};

/* Of any problem but LQ_CSV_OK. */
const struct lq_csv_words *lq_csv_words(enum lq_csv_problem problem, enum lq_language language);

#endif

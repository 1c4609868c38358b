/* A CSV file of members or badges, as rows for loquetd. One thread. */
#ifndef LQ_CLI_ROSTER_FILE_H
#define LQ_CLI_ROSTER_FILE_H

#include "firmware/store/roster_row.h"
#include "host/cli/cli.h"

struct lq_roster_file {
	const struct lq_cli *cli;
	const char *name; /* as messages call it */
	enum lq_roster_kind kind;
	uint32_t given; /* LQ_GIVEN() of the columns that the file has */
	uint32_t count;
	uint32_t capacity;
	struct lq_roster_row *rows;
};

/* Reads `path`, "-" for standard input, to its end. Returns an enum lq_exit and has said what is
 * wrong, where, what was found and what was expected. Release with lq_roster_file_free(), whatever
 * it returns. */
int lq_roster_file_read(const struct lq_cli *cli, enum lq_roster_kind kind, const char *path,
	struct lq_roster_file *ret_file);
void lq_roster_file_free(struct lq_roster_file *file);

/* Where something is wrong; `line` and `column` may be 0 and NULL. */
struct lq_roster_place {
	uint32_t line;
	const char *column;
};

/* Says that something is wrong. Returns LQ_EXIT_REFUSED. */
int lq_roster_file_fail(const struct lq_roster_file *file, struct lq_roster_place place,
	const char *found, const char *expected);

/* What a column takes, in the operator's language. */
const char *lq_roster_file_expected(
	const struct lq_cli *cli, const struct lq_roster_column *column);

#define LQ_FOUND_SIZE 160u

/* A cell as it stands, shortened, in quotes; of a UID no more than its length. */
void lq_roster_file_found(const struct lq_cli *cli, const struct lq_roster_column *column,
	const char *text, char ret_found[LQ_FOUND_SIZE]);

#endif

#include "host/office/csv_problem.h"

#include "firmware/core/utf8.h"
#include "host/cli/csv_words.h"
#include "host/office/body.h"
#include "host/office/router.h"
#include "host/office/serve.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SIZE  512u
#define FOUND_MAX  40
#define FOUND_SIZE 128u

struct found {
	char en[FOUND_SIZE];
	char fr[FOUND_SIZE];
};

static int refuse(const struct lq_request *request, struct lq_answer *answer,
	struct lq_csv_place place, const struct found *found, struct lq_csv_expected expected)
{
	char pointer[64];
	char en[TEXT_SIZE];
	char fr[TEXT_SIZE];
	const char *column = place.column;
	(void)snprintf(pointer, sizeof(pointer), "line %" PRIu32 "%s%.32s", place.line,
		*column != '\0' ? ", " : "", column);
	(void)snprintf(en, sizeof(en), "line %" PRIu32 "%s%s: found %s, expected %s", place.line,
		*column != '\0' ? ", column " : "", column, found->en, expected.en);
	(void)snprintf(fr, sizeof(fr), "ligne %" PRIu32 "%s%s : trouvé %s, attendu %s", place.line,
		*column != '\0' ? ", colonne " : "", column, found->fr, expected.fr);
	return lq_problem(request, answer, 400, "row", pointer, en, fr);
}

int lq_csv_problem(const struct lq_request *request, struct lq_answer *answer,
	struct lq_csv_place place, const char *cell, struct lq_csv_expected expected)
{
	struct found found = {"nothing", "rien"};
	int shown = (int)lq_utf8_fit(cell, FOUND_MAX);
	if (*cell != '\0') {
		(void)snprintf(found.en, sizeof(found.en), "'%.*s'", shown, cell);
		(void)snprintf(found.fr, sizeof(found.fr), "« %.*s »", shown, cell);
	}
	return refuse(request, answer, place, &found, expected);
}

int lq_csv_other_count(
	const struct lq_request *request, struct lq_answer *answer, const struct lq_csv_row *row)
{
	struct found found;
	(void)snprintf(found.en, sizeof(found.en), "%zu cells", row->count);
	(void)snprintf(found.fr, sizeof(found.fr), "%zu cellules", row->count);
	return refuse(request, answer, (struct lq_csv_place){row->line, ""}, &found,
		(struct lq_csv_expected){
			"as many as in the first row", "autant qu’à la première ligne"});
}

int lq_csv_read(
	const struct lq_request *request, struct lq_answer *answer, struct lq_csv_reader *reader)
{
	bool whole = lq_csv_reader_feed(reader, request->text, request->text_length) &&
		     lq_csv_reader_end(reader);
	if (whole || reader->stopped != 0) {
		return reader->stopped;
	}
	const struct lq_csv_words *en = lq_csv_words(reader->problem, LQ_LANGUAGE_EN);
	const struct lq_csv_words *fr = lq_csv_words(reader->problem, LQ_LANGUAGE_FR);
	struct found found;
	(void)snprintf(found.en, sizeof(found.en), "%s", en->found);
	(void)snprintf(found.fr, sizeof(found.fr), "%s", fr->found);
	return refuse(request, answer, (struct lq_csv_place){reader->problem_line, ""}, &found,
		(struct lq_csv_expected){en->expected, fr->expected});
}

int lq_csv_no_names(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_csv_problem(request, answer, (struct lq_csv_place){1, ""}, "",
		(struct lq_csv_expected){"the names of the columns", "le nom des colonnes"});
}

static bool is_csv(const struct lq_exchange *exchange)
{
	static const char csv[] = "text/csv";
	const char *type = exchange->content_type;
	return type != NULL && strncasecmp(type, csv, sizeof(csv) - 1) == 0 &&
	       strchr("; ", type[sizeof(csv) - 1]) != NULL;
}

/* ?dryrun=true would be taken for a file that is meant. */
static int expect_known(const struct lq_request *request, struct lq_answer *answer)
{
	for (size_t i = 0; request->query != NULL && i < request->query->count; i++) {
		const char *key = request->query->pairs[i].key;
		if (strcmp(key, "dryRun") != 0) {
			return lq_problem(request, answer, 400, "unknown_parameter", key,
				"there is no such parameter here, but dryRun",
				"ce paramètre n’existe pas ici, mais dryRun");
		}
	}
	return 0;
}

int lq_csv_wish(const struct lq_request *request, struct lq_answer *answer, bool *ret_dry)
{
	bool csv = request->exchange != NULL ? is_csv(request->exchange) : request->text != NULL;
	if (!csv) {
		return lq_problem(request, answer, 415, "not_csv", NULL, "expected text/csv",
			"attendu text/csv");
	}
	if (request->text == NULL) {
		return lq_csv_no_names(request, answer);
	}
	int status = expect_known(request, answer);
	return status == 0 ? lq_query_flag(request, answer, "dryRun", ret_dry) : status;
}

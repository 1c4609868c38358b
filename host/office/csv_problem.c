#include "host/office/csv_problem.h"

#include "firmware/core/utf8.h"
#include "host/office/body.h"
#include "host/office/serve.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SIZE 512u
#define FOUND_MAX 40

int lq_csv_problem(const struct lq_request *request, struct lq_answer *answer,
	struct lq_csv_place place, const char *found, struct lq_csv_expected expected)
{
	char pointer[64];
	char en[TEXT_SIZE];
	char fr[TEXT_SIZE];
	const char *column = place.column;
	bool some = *found != '\0';
	int shown = (int)lq_utf8_fit(found, FOUND_MAX);
	(void)snprintf(pointer, sizeof(pointer), "line %" PRIu32 "%s%.32s", place.line,
		*column != '\0' ? ", " : "", column);
	(void)snprintf(en, sizeof(en), "line %" PRIu32 "%s%s: found %s%.*s%s, expected %s",
		place.line, *column != '\0' ? ", column " : "", column, some ? "'" : "nothing",
		some ? shown : 0, found, some ? "'" : "", expected.en);
	(void)snprintf(fr, sizeof(fr), "ligne %" PRIu32 "%s%s : trouvé %s%.*s%s, attendu %s",
		place.line, *column != '\0' ? ", colonne " : "", column, some ? "« " : "rien",
		some ? shown : 0, found, some ? " »" : "", expected.fr);
	return lq_problem(request, answer, 400, "row", pointer, en, fr);
}

int lq_csv_read(
	const struct lq_request *request, struct lq_answer *answer, struct lq_csv_reader *reader)
{
	bool whole = lq_csv_reader_feed(reader, request->text, request->text_length) &&
		     lq_csv_reader_end(reader);
	if (reader->stopped != 0) {
		return reader->stopped;
	}
	if (whole) {
		return 0;
	}
	return lq_csv_problem(request, answer, (struct lq_csv_place){reader->problem_line, ""},
		"what is no CSV",
		(struct lq_csv_expected){"UTF-8 as RFC 4180 has it: cells with quotes in quotes",
			"de l’UTF-8 selon la RFC 4180 : guillemets entre guillemets"});
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
	return lq_query_flag(request, answer, "dryRun", ret_dry);
}

#include "host/office/api_csv.h"

#include "firmware/core/err.h"
#include "host/cli/csv.h"
#include "host/cli/csv_reader.h"
#include "host/cli/roster_cell.h"
#include "host/office/csv_answer.h"
#include "host/office/csv_places.h"
#include "host/office/csv_problem.h"
#include "host/office/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANGES_MAX 1000u /* rows that an answer tells of */

/* A row in the words of host/cli/roster_cell.h, and what only the office knows behind it. */
struct row {
	struct lq_roster_row base;
	char kind[LQ_NAME_SIZE];
	char email[LQ_EMAIL_SIZE];
	bool hidden;
	bool board;
};

#define COLUMN(name_, type_, field)                                                                \
	{                                                                                          \
		.name = (name_), .type = LQ_CELL_##type_, .letter = 'p',                           \
		.offset = offsetof(struct row, field), .size = sizeof(((struct row *)NULL)->field) \
	}

enum { PERSON, EXTERNAL_ID, NAME, KIND, PROFILE, EMAIL, ENABLED, HIDDEN, BOARD, ANY, EXTENDED };

static const struct lq_roster_column columns[] = {
	[PERSON] = COLUMN("person", ID, base.id),
	[EXTERNAL_ID] = COLUMN("external_id", LABEL, base.external_id),
	[NAME] = COLUMN("name", TEXT, base.name),
	[KIND] = COLUMN("kind", WORD, kind),
	[PROFILE] = COLUMN("profile", WORD, base.profile),
	[EMAIL] = COLUMN("email", LABEL, email),
	[ENABLED] = COLUMN("enabled", BOOL, base.enabled),
	[HIDDEN] = COLUMN("hidden", BOOL, hidden),
	[BOARD] = COLUMN("board", BOOL, board),
	[ANY] = COLUMN("any_time", BOOL, base.any_time),
	[EXTENDED] = COLUMN("extended_time", BOOL, base.extended_time),
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const struct lq_roster_table table = {
	.name = "person", .columns = columns, .count = COLUMNS};

static struct row row_of(const struct lq_person *person)
{
	struct row row = {
		.base = {.id = (uint32_t)person->number,
			.enabled = person->enabled,
			.any_time = person->any_time,
			.extended_time = person->extended_time},
		.hidden = person->hidden,
		.board = person->board,
	};
	memcpy(row.base.name, person->name, sizeof(person->name));
	memcpy(row.base.profile, person->profile, sizeof(person->profile));
	memcpy(row.base.external_id, person->external_id, sizeof(person->external_id));
	memcpy(row.email, person->email, sizeof(person->email));
	(void)snprintf(row.kind, sizeof(row.kind), "%s", lq_person_kind_words[person->kind]);
	return row;
}

/* ---- out ---- */

static int put_row(void *ctx, const struct lq_person *person)
{
	struct row row = row_of(person);
	lq_csv_put(ctx, columns, COLUMNS, &row.base);
	return LQ_OK;
}

static int put_rows(const struct lq_request *request, FILE *out)
{
	const struct lq_person_query all = {.limit = INT64_MAX};
	return lq_person_list(request->db, &all, put_row, out);
}

int lq_api_csv_get(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_csv_sheet sheet = {
		"people.csv", "people.export", columns, COLUMNS, put_rows};
	return lq_csv_answer(request, answer, &sheet);
}

/* ---- in ---- */

struct reading {
	const struct lq_request *request;
	struct lq_answer *answer;
	size_t cells; /* of the first row; 0: it was not seen */
	size_t of_cell[LQ_CSV_CELLS_MAX];
	uint32_t given;
	struct lq_csv_places places;
	json_t *changes;
	int64_t added;
	int64_t changed;
	int64_t unchanged;
	struct lq_csv_reader csv;
};

static int fail_row(struct reading *reading, uint32_t line, const char *column, const char *found,
	struct lq_csv_expected expected)
{
	return lq_csv_problem(reading->request, reading->answer,
		(struct lq_csv_place){line, column}, found, expected);
}

static struct lq_csv_expected expected_of(size_t column)
{
	switch (columns[column].type) {
	case LQ_CELL_ID:
		return (struct lq_csv_expected){"the number of somebody here, like p3, or nothing",
			"le numéro de quelqu’un ici, comme p3, ou rien"};
	case LQ_CELL_TEXT:
		return (struct lq_csv_expected){
			"1 to 128 bytes of text", "1 à 128 octets de texte"};
	case LQ_CELL_LABEL:
		return column == EMAIL ? (struct lq_csv_expected){"at most 128 bytes of text",
						 "au plus 128 octets de texte"}
				       : (struct lq_csv_expected){"at most 64 bytes of text",
						 "au plus 64 octets de texte"};
	case LQ_CELL_WORD:
		return column == KIND ? (struct lq_csv_expected){"member, guest or staff",
						"member, guest ou staff"}
				      : (struct lq_csv_expected){
						"the name of a profile", "le nom d’un profil"};
	case LQ_CELL_BOOL:
		return (struct lq_csv_expected){"yes or no", "yes ou no (oui ou non)"};
	case LQ_CELL_STATE:
	case LQ_CELL_FROM:
	case LQ_CELL_TO:
	case LQ_CELL_UID:
	case LQ_CELL_USES:
	case LQ_CELL_HOURS:
		break;
	}
	return (struct lq_csv_expected){"", ""};
}

static int take_name(struct reading *reading, const struct lq_csv_row *row, size_t cell)
{
	static const struct lq_csv_expected names = {
		"one of person, external_id, name, kind, profile, email, enabled, hidden, board, "
		"any_time, extended_time, once",
		"un de person, external_id, name, kind, profile, email, enabled, hidden, board, "
		"any_time, extended_time, une seule fois"};
	size_t column = 0;
	while (column < COLUMNS && strcmp(columns[column].name, row->cells[cell]) != 0) {
		column++;
	}
	if (column == COLUMNS || (reading->given & LQ_GIVEN(column)) != 0) {
		return fail_row(reading, row->line, "", row->cells[cell], names);
	}
	reading->given |= LQ_GIVEN(column);
	reading->of_cell[cell] = column;
	return 0;
}

static int take_names(struct reading *reading, const struct lq_csv_row *row)
{
	int status = 0;
	reading->cells = row->count;
	for (size_t i = 0; status == 0 && i < row->count; i++) {
		status = take_name(reading, row, i);
	}
	return status;
}

static int find(struct reading *reading, const struct row *row, struct lq_person *ret_person)
{
	int64_t number = row->base.id;
	int r = LQ_OK;
	if (number == 0 && row->base.external_id[0] != '\0') {
		r = lq_person_find(reading->request->db, row->base.external_id, &number);
	}
	if (r == LQ_OK) {
		r = number != 0 ? lq_person_get(reading->request->db, number, ret_person)
				: LQ_ERR_NOT_FOUND;
	}
	return r;
}

static int kind_of(const char *word)
{
	int kind = 0;
	while (lq_person_kind_words[kind] != NULL &&
		strcmp(lq_person_kind_words[kind], word) != 0) {
		kind++;
	}
	return kind;
}

/* Puts what the row has over what the person was. */
static void lay_over(const struct row *row, struct lq_person *person)
{
	uint32_t given = row->base.given;
	if ((given & LQ_GIVEN(NAME)) != 0) {
		memcpy(person->name, row->base.name, sizeof(person->name));
	}
	if ((given & LQ_GIVEN(EXTERNAL_ID)) != 0) {
		memcpy(person->external_id, row->base.external_id, sizeof(person->external_id));
	}
	if ((given & LQ_GIVEN(PROFILE)) != 0) {
		memcpy(person->profile, row->base.profile, sizeof(person->profile));
	}
	if ((given & LQ_GIVEN(EMAIL)) != 0) {
		memcpy(person->email, row->email, sizeof(person->email));
	}
	person->kind = (given & LQ_GIVEN(KIND)) != 0 ? kind_of(row->kind) : person->kind;
	person->enabled = (given & LQ_GIVEN(ENABLED)) != 0 ? row->base.enabled : person->enabled;
	person->hidden = (given & LQ_GIVEN(HIDDEN)) != 0 ? row->hidden : person->hidden;
	person->board = (given & LQ_GIVEN(BOARD)) != 0 ? row->board : person->board;
	person->any_time = (given & LQ_GIVEN(ANY)) != 0 ? row->base.any_time : person->any_time;
	person->extended_time =
		(given & LQ_GIVEN(EXTENDED)) != 0 ? row->base.extended_time : person->extended_time;
}

/* {"column":["before","after"]} of what differs; NULL for nothing. */
static json_t *difference(const struct lq_person *before, const struct lq_person *after)
{
	struct row old = row_of(before);
	struct row now = row_of(after);
	json_t *cells = NULL;
	for (size_t i = EXTERNAL_ID; i < COLUMNS; i++) {
		char was[LQ_CELL_TEXT_SIZE];
		char is[LQ_CELL_TEXT_SIZE];
		if (lq_roster_cell_same(&columns[i], &old.base, &now.base)) {
			continue;
		}
		lq_cell_format(&columns[i], &old.base, was);
		lq_cell_format(&columns[i], &now.base, is);
		cells = cells != NULL ? cells : json_object();
		(void)json_object_set_new(cells, columns[i].name, json_pack("[s, s]", was, is));
	}
	return cells;
}

/* Takes `cells` over. */
static void tell(
	struct reading *reading, uint32_t line, int64_t number, const char *what, json_t *cells)
{
	char id[24];
	(void)snprintf(id, sizeof(id), "p%" PRId64, number);
	if (json_array_size(reading->changes) < CHANGES_MAX) {
		(void)json_array_append_new(reading->changes,
			json_pack("{s:I, s:s, s:s, s:O*}", "line", (json_int_t)line, "person", id,
				"what", what, "cells", cells));
	}
	json_decref(cells);
}

static int fail_save(struct reading *reading, uint32_t line, const struct lq_person *person, int r)
{
	if (r == LQ_ERR_NOT_FOUND) {
		return fail_row(reading, line, "profile", person->profile, expected_of(PROFILE));
	}
	if (r == LQ_ERR_EXISTS) {
		return fail_row(reading, line, "external_id", person->external_id,
			(struct lq_csv_expected){"what is nobody else’s", "ce que nul autre n’a"});
	}
	return lq_problem_db(reading->request, reading->answer, r);
}

static int remember(struct reading *reading, int64_t number, uint32_t line)
{
	int r = lq_csv_places_add(&reading->places, number, line);
	return r == LQ_OK ? 0 : lq_problem_db(reading->request, reading->answer, r);
}

static int add(struct reading *reading, const struct row *row)
{
	struct lq_person person = {.enabled = true, .profile = "always"};
	int64_t number = 0;
	lay_over(row, &person);
	if (row->base.id != 0) {
		char id[24];
		(void)snprintf(id, sizeof(id), "p%" PRIu32, row->base.id);
		return fail_row(reading, row->base.line, "person", id, expected_of(PERSON));
	}
	if (person.external_id[0] == '\0') {
		return fail_row(reading, row->base.line, "external_id", "",
			(struct lq_csv_expected){
				"it or person, so that the next file finds the row again",
				"lui ou person, pour que le prochain fichier retrouve la ligne"});
	}
	if (person.name[0] == '\0') {
		return fail_row(reading, row->base.line, "name", "", expected_of(NAME));
	}
	int r = lq_person_add(reading->request->db, &person, reading->request->now_ms, &number);
	if (r != LQ_OK) {
		return fail_save(reading, row->base.line, &person, r);
	}
	reading->added++;
	tell(reading, row->base.line, number, "added", NULL);
	return remember(reading, number, row->base.line);
}

static int change(struct reading *reading, const struct row *row, const struct lq_person *before)
{
	struct lq_person after = *before;
	lay_over(row, &after);
	json_t *cells = difference(before, &after);
	if (cells == NULL) {
		reading->unchanged++;
		return remember(reading, before->number, row->base.line);
	}
	int r = lq_person_save(reading->request->db, &after, reading->request->now_ms);
	if (r != LQ_OK) {
		json_decref(cells);
		return fail_save(reading, row->base.line, &after, r);
	}
	reading->changed++;
	tell(reading, row->base.line, before->number, "changed", cells);
	return remember(reading, before->number, row->base.line);
}

static int parse_row(struct reading *reading, const struct lq_csv_row *csv, struct row *row)
{
	if (csv->count != reading->cells) {
		return lq_csv_other_count(reading->request, reading->answer, csv);
	}
	for (size_t i = 0; i < csv->count; i++) {
		size_t column = reading->of_cell[i];
		int r = lq_cell_parse(&table, column, csv->cells[i], &row->base);
		if (r != LQ_OK || (column == KIND && kind_of(row->kind) == LQ_PERSON_KINDS)) {
			return fail_row(reading, csv->line, columns[column].name, csv->cells[i],
				expected_of(column));
		}
	}
	return 0;
}

/* Non-zero, which stops the reader, is the status of the problem. */
static int take_row(void *ctx, const struct lq_csv_row *csv)
{
	struct reading *reading = ctx;
	struct row row = {.base.line = csv->line};
	struct lq_person before = {.number = 0};
	if (reading->cells == 0) {
		return take_names(reading, csv);
	}
	int status = parse_row(reading, csv, &row);
	if (status != 0) {
		return status;
	}
	int r = find(reading, &row, &before);
	if (r == LQ_OK) {
		return change(reading, &row, &before);
	}
	return r == LQ_ERR_NOT_FOUND ? add(reading, &row)
				     : lq_problem_db(reading->request, reading->answer, r);
}

static int check_twice(struct reading *reading)
{
	struct lq_csv_number second;
	char id[24];
	if (!lq_csv_places_twice(&reading->places, &second)) {
		return 0;
	}
	(void)snprintf(id, sizeof(id), "p%" PRId64, second.number);
	return fail_row(reading, second.line, "", id,
		(struct lq_csv_expected){"nobody twice", "personne deux fois"});
}

static int read_all(struct reading *reading)
{
	struct lq_csv_reader *csv = &reading->csv;
	lq_csv_reader_begin(csv, take_row, reading);
	int status = lq_csv_read(reading->request, reading->answer, csv);
	if (status != 0) {
		return status;
	}
	return reading->cells != 0 ? check_twice(reading)
				   : lq_csv_no_names(reading->request, reading->answer);
}

static int finish(struct reading *reading, bool dry)
{
	const struct lq_request *request = reading->request;
	char counts[96];
	(void)snprintf(counts, sizeof(counts), "%" PRId64 " added, %" PRId64 " changed",
		reading->added, reading->changed);
	int r = dry ? LQ_OK : lq_audit(request, "people.import", "people", counts);
	if (r != LQ_OK) {
		return lq_problem_db(request, reading->answer, r);
	}
	if (dry) {
		lq_db_rollback(request->db);
	} else {
		lq_announce(request, "people");
	}
	reading->answer->json = json_pack("{s:b, s:I, s:I, s:I, s:O}", "dryRun", dry, "added",
		(json_int_t)reading->added, "changed", (json_int_t)reading->changed, "unchanged",
		(json_int_t)reading->unchanged, "rows", reading->changes);
	return reading->answer->status = 200;
}

int lq_api_csv_post(const struct lq_request *request, struct lq_answer *answer)
{
	bool dry = false;
	int status = lq_csv_wish(request, answer, &dry);
	if (status != 0) {
		return status;
	}
	struct reading *reading = calloc(1, sizeof(*reading));
	if (reading == NULL) {
		return lq_problem_db(request, answer, LQ_ERR_NO_MEMORY);
	}
	reading->request = request;
	reading->answer = answer;
	reading->changes = json_array();
	status = read_all(reading);
	status = status == 0 ? finish(reading, dry) : status;
	json_decref(reading->changes);
	lq_csv_places_free(&reading->places);
	free(reading);
	return status;
}

const struct lq_route lq_routes_csv[] = {
	{"GET", "/people.csv", LQ_SCOPE_PEOPLE, lq_api_csv_get},
	{"POST", "/people.csv", LQ_SCOPE_PEOPLE, lq_api_csv_post},
	{"GET", "/badges.csv", LQ_SCOPE_PEOPLE, lq_api_badge_csv_get},
	{"POST", "/badges.csv", LQ_SCOPE_PEOPLE, lq_api_badge_csv_post},
};

const size_t lq_routes_csv_count = sizeof(lq_routes_csv) / sizeof(lq_routes_csv[0]);

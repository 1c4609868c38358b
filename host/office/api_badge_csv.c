/* Badges as a spreadsheet writes and reads them. A UID is taken and never given. */
#include "firmware/core/err.h"
#include "host/cli/csv.h"
#include "host/cli/roster_cell.h"
#include "host/office/api_csv.h"
#include "host/office/badge_uid.h"
#include "host/office/csv_answer.h"
#include "host/office/csv_places.h"
#include "host/office/csv_problem.h"
#include "host/office/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN(name_, type_, letter_, field)                                                       \
	{                                                                                          \
		.name = (name_), .type = LQ_CELL_##type_, .letter = (letter_),                     \
		.offset = offsetof(struct lq_roster_row, field),                                   \
		.size = sizeof(((struct lq_roster_row *)NULL)->field)                              \
	}

enum { BADGE, PERSON, EXTERNAL_ID, UID, STATE, FROM, TO, USES, HOURS, UNTIL };

static const struct lq_roster_column columns[] = {
	[BADGE] = COLUMN("badge", ID, 'c', id),
	[PERSON] = COLUMN("person", ID, 'p', holder),
	[EXTERNAL_ID] = COLUMN("external_id", LABEL, 0, external_id),
	[UID] = COLUMN("uid", UID, 0, uid),
	[STATE] = COLUMN("state", STATE, 0, state),
	[FROM] = COLUMN("valid_from", FROM, 0, valid_from_s),
	[TO] = COLUMN("valid_to", TO, 0, valid_to_s),
	[USES] = COLUMN("uses", USES, 0, uses_left),
	[HOURS] = COLUMN("valid_for_h", HOURS, 0, valid_for_h),
	[UNTIL] = COLUMN("suspended_until", FROM, 0, suspended_until_s),
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const struct lq_roster_table table = {.name = "badge", .columns = columns, .count = COLUMNS};

/* A file's moments are seconds of 1970 to 2106, as those of the doors are. */
static uint32_t seconds_of(int64_t unix_ms)
{
	int64_t s = unix_ms / 1000;
	s = s < 0 ? 0 : s;
	return s < LQ_VALID_FOREVER ? (uint32_t)s : LQ_VALID_FOREVER - 1;
}

static uint32_t end_of(int64_t unix_ms)
{
	return unix_ms == 0 ? LQ_VALID_FOREVER : seconds_of(unix_ms);
}

static struct lq_roster_row row_of(const struct lq_office_badge *badge, const char *external_id)
{
	struct lq_roster_row row = {
		.id = (uint32_t)badge->id,
		.holder = (uint32_t)badge->person,
		.state = (uint8_t)badge->state,
		.valid_from_s = seconds_of(badge->valid_from_ms),
		.valid_to_s = end_of(badge->valid_to_ms),
		.uses_left =
			badge->uses == LQ_OFFICE_USES_ANY ? LQ_USES_ANY : (uint32_t)badge->uses,
		.valid_for_h = (uint32_t)badge->valid_for_h,
		.suspended_until_s = seconds_of(badge->suspended_until_ms),
	};
	(void)snprintf(row.external_id, sizeof(row.external_id), "%s", external_id);
	return row;
}

/* ---- out ---- */

struct writing {
	FILE *out;
	const char *external_id; /* of the person whose badges are written */
};

static int put_row(void *ctx, const struct lq_office_badge *badge)
{
	const struct writing *writing = ctx;
	struct lq_roster_row row = row_of(badge, writing->external_id);
	lq_csv_put(writing->out, columns, COLUMNS, &row);
	return LQ_OK;
}

struct all {
	struct lq_db *db;
	struct writing writing;
};

static int put_badges(void *ctx, const struct lq_person *person)
{
	struct all *all = ctx;
	all->writing.external_id = person->external_id;
	return person->badges > 0
		       ? lq_office_badge_list(all->db, person->number, put_row, &all->writing)
		       : LQ_OK;
}

static int put_rows(const struct lq_request *request, FILE *out)
{
	const struct lq_person_query everybody = {.limit = INT64_MAX};
	struct all all = {.db = request->db, .writing = {.out = out}};
	return lq_person_list(request->db, &everybody, put_badges, &all);
}

int lq_api_badge_csv_get(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_csv_sheet sheet = {
		"badges.csv", "badges.export", columns, COLUMNS, put_rows};
	return lq_csv_answer(request, answer, &sheet);
}

/* ---- in ---- */

struct reading {
	const struct lq_request *request;
	struct lq_answer *answer;
	size_t cells; /* of the first row; 0: it was not seen */
	size_t of_cell[LQ_CSV_CELLS_MAX];
	uint32_t given;
	int64_t added;
	int64_t changed;
	struct lq_csv_places places;
	struct lq_csv_reader csv;
	struct lq_keys keys; /* that UIDs are hashed under */
	bool keyed;          /* they were read */
};

static const struct lq_csv_expected expected[] = {
	[BADGE] = {"the number of a badge here, like c5, or nothing",
		"le numéro d’un badge ici, comme c5, ou rien"},
	[PERSON] = {"the number of somebody here, like p3, or nothing",
		"le numéro de quelqu’un ici, comme p3, ou rien"},
	[EXTERNAL_ID] = {"what somebody here has, of at most 64 bytes",
		"celui de quelqu’un ici, de 64 octets au plus"},
	[UID] = {"4, 7 or 10 bytes in hexadecimal that are not random, or nothing",
		"4, 7 ou 10 octets en hexadécimal qui ne soient pas aléatoires, ou rien"},
	[STATE] = {"enabled, revoked, lost, suspended, stolen, returned or damaged",
		"enabled, revoked, lost, suspended, stolen, returned ou damaged"},
	[FROM] = {"2026-12-01, 2026-12-01 08:00, RFC 3339, or nothing for no bound",
		"2026-12-01, 2026-12-01 08:00, RFC 3339, ou rien : sans limite"},
	[TO] = {"2026-12-01, 2026-12-01 08:00 or RFC 3339, after valid_from, or nothing for no "
		"bound",
		"2026-12-01, 2026-12-01 08:00 ou RFC 3339, après valid_from, ou rien : sans "
		"limite"},
	[USES] = {"a number from 0 to 65535, or nothing for no limit",
		"un nombre de 0 à 65535, ou rien : sans limite"},
	[HOURS] = {"hours from 1 to 65535, or nothing for no limit",
		"des heures de 1 à 65535, ou rien : sans limite"},
	[UNTIL] = {"2026-12-01, 2026-12-01 08:00, RFC 3339, or nothing for no bound",
		"2026-12-01, 2026-12-01 08:00, RFC 3339, ou rien : sans limite"},
};

static int fail_cell(struct reading *reading, uint32_t line, size_t column, const char *found)
{
	bool secret = column == UID && *found != '\0';
	return lq_csv_problem(reading->request, reading->answer,
		(struct lq_csv_place){line, columns[column].name}, secret ? "…" : found,
		expected[column]);
}

static int take_names(struct reading *reading, const struct lq_csv_row *row)
{
	static const struct lq_csv_expected names = {
		"one of badge, person, external_id, uid, state, valid_from, valid_to, uses, "
		"valid_for_h, suspended_until, once",
		"un de badge, person, external_id, uid, state, valid_from, valid_to, uses, "
		"valid_for_h, suspended_until, une seule fois"};
	reading->cells = row->count;
	for (size_t i = 0; i < row->count; i++) {
		size_t column = 0;
		while (column < COLUMNS && strcmp(columns[column].name, row->cells[i]) != 0) {
			column++;
		}
		if (column == COLUMNS || (reading->given & LQ_GIVEN(column)) != 0) {
			return lq_csv_problem(reading->request, reading->answer,
				(struct lq_csv_place){row->line, ""}, row->cells[i], names);
		}
		reading->given |= LQ_GIVEN(column);
		reading->of_cell[i] = column;
	}
	return 0;
}

static int parse_row(
	struct reading *reading, const struct lq_csv_row *csv, struct lq_roster_row *row)
{
	if (csv->count != reading->cells) {
		return lq_csv_other_count(reading->request, reading->answer, csv);
	}
	for (size_t i = 0; i < csv->count; i++) {
		size_t column = reading->of_cell[i];
		if (lq_cell_parse(&table, column, csv->cells[i], row) != LQ_OK) {
			return fail_cell(reading, csv->line, column, csv->cells[i]);
		}
	}
	return 0;
}

/* By its number, otherwise by its UID; `badge` is one of nobody when there is none. */
static int find(
	struct reading *reading, const struct lq_roster_row *row, struct lq_office_badge *badge)
{
	if (row->id != 0) {
		return lq_office_badge_get(reading->request->db, row->id, badge);
	}
	return lq_office_badge_find(reading->request->db, badge->key, badge);
}

/* What is as it went out leaves what was too fine for it, or too late, as it is. */
static void lay_moment(uint32_t s, int64_t *ms)
{
	*ms = s == seconds_of(*ms) ? *ms : (int64_t)s * 1000;
}

static void lay_end(uint32_t s, int64_t *ms)
{
	int64_t end_ms = s != LQ_VALID_FOREVER ? (int64_t)s * 1000 : 0;
	*ms = s == end_of(*ms) ? *ms : end_ms;
}

static void lay_over(const struct lq_roster_row *row, struct lq_office_badge *badge)
{
	uint32_t given = row->given;
	badge->state = (given & LQ_GIVEN(STATE)) != 0 ? row->state : badge->state;
	if ((given & LQ_GIVEN(FROM)) != 0) {
		lay_moment(row->valid_from_s, &badge->valid_from_ms);
	}
	if ((given & LQ_GIVEN(TO)) != 0) {
		lay_end(row->valid_to_s, &badge->valid_to_ms);
	}
	if ((given & LQ_GIVEN(USES)) != 0) {
		bool counted = row->uses_left != LQ_USES_ANY;
		badge->uses = counted ? (int64_t)row->uses_left : LQ_OFFICE_USES_ANY;
	}
	badge->valid_for_h = (given & LQ_GIVEN(HOURS)) != 0 ? row->valid_for_h : badge->valid_for_h;
	if ((given & LQ_GIVEN(UNTIL)) != 0) {
		lay_moment(row->suspended_until_s, &badge->suspended_until_ms);
	}
}

/* Whose it is to be: what the row says, otherwise whose it is. 0, or the status of the problem. */
static int find_holder(
	struct reading *reading, const struct lq_roster_row *row, int64_t *ret_person)
{
	struct lq_person person = {.number = 0};
	int64_t number = row->holder;
	bool by_id = number == 0 && row->external_id[0] != '\0';
	int r = by_id ? lq_person_find(reading->request->db, row->external_id, &number) : LQ_OK;
	if (r == LQ_OK && number == 0) {
		return *ret_person != 0 && !by_id
			       ? 0
			       : fail_cell(reading, row->line, EXTERNAL_ID, row->external_id);
	}
	r = r == LQ_OK ? lq_person_get(reading->request->db, number, &person) : r;
	if (r == LQ_ERR_NOT_FOUND) {
		char id[24];
		(void)snprintf(id, sizeof(id), "p%" PRId64, number);
		return fail_cell(reading, row->line, PERSON, id);
	}
	*ret_person = number;
	return r == LQ_OK ? 0 : lq_problem_db(reading->request, reading->answer, r);
}

static int hash(struct reading *reading, const struct lq_roster_row *row, uint8_t ret_key[16])
{
	int r = LQ_OK;
	if (row->uid.length == 0) {
		return 0;
	}
	if (!reading->keyed) {
		r = lq_badge_uid_keys(reading->request->config, &reading->keys);
		reading->keyed = r == LQ_OK;
	}
	r = r == LQ_OK ? lq_uid_key(&reading->keys, row->uid.bytes, row->uid.length, ret_key) : r;
	return r == LQ_OK ? 0 : lq_badge_no_uid_key(reading->request, reading->answer);
}

static int save(struct reading *reading, const struct lq_roster_row *row, bool known,
	struct lq_office_badge *badge)
{
	struct lq_db *db = reading->request->db;
	int64_t id = 0;
	int status = find_holder(reading, row, &badge->person);
	if (status != 0) {
		return status;
	}
	if (badge->valid_to_ms != 0 && badge->valid_to_ms <= badge->valid_from_ms) {
		return fail_cell(reading, row->line, TO, "");
	}
	int r = known ? lq_office_badge_save(db, badge, reading->request->now_ms)
		      : lq_office_badge_add(db, badge, reading->request->now_ms, &id);
	r = r == LQ_OK ? lq_csv_places_add(&reading->places, known ? badge->id : id, row->line) : r;
	reading->added += known ? 0 : 1;
	reading->changed += known ? 1 : 0;
	return r == LQ_OK ? 0 : lq_problem_db(reading->request, reading->answer, r);
}

static int take_row(void *ctx, const struct lq_csv_row *csv)
{
	struct reading *reading = ctx;
	struct lq_roster_row row = {
		.line = csv->line, .valid_to_s = LQ_VALID_FOREVER, .uses_left = LQ_USES_ANY};
	struct lq_office_badge badge = {.uses = LQ_OFFICE_USES_ANY};
	if (reading->cells == 0) {
		return take_names(reading, csv);
	}
	int status = parse_row(reading, csv, &row);
	status = status == 0 ? hash(reading, &row, badge.key) : status;
	if (status != 0) {
		return status;
	}
	if (row.id == 0 && row.uid.length == 0) {
		return fail_cell(reading, row.line, UID, "");
	}
	int r = find(reading, &row, &badge);
	if (r == LQ_ERR_NOT_FOUND && row.id != 0) {
		char id[24];
		(void)snprintf(id, sizeof(id), "c%" PRIu32, row.id);
		return fail_cell(reading, row.line, BADGE, id);
	}
	if (r != LQ_OK && r != LQ_ERR_NOT_FOUND) {
		return lq_problem_db(reading->request, reading->answer, r);
	}
	lay_over(&row, &badge);
	return save(reading, &row, r == LQ_OK, &badge);
}

static int read_all(struct reading *reading)
{
	struct lq_csv_number second;
	char id[24];
	lq_csv_reader_begin(&reading->csv, take_row, reading);
	int status = lq_csv_read(reading->request, reading->answer, &reading->csv);
	if (status == 0 && reading->cells == 0) {
		return lq_csv_no_names(reading->request, reading->answer);
	}
	if (status != 0 || !lq_csv_places_twice(&reading->places, &second)) {
		return status;
	}
	(void)snprintf(id, sizeof(id), "c%" PRId64, second.number);
	return lq_csv_problem(reading->request, reading->answer,
		(struct lq_csv_place){second.line, ""}, id,
		(struct lq_csv_expected){"no badge twice", "aucun badge deux fois"});
}

static int finish(struct reading *reading, bool dry)
{
	const struct lq_request *request = reading->request;
	char counts[96];
	(void)snprintf(counts, sizeof(counts), "%" PRId64 " added, %" PRId64 " known",
		reading->added, reading->changed);
	int r = dry ? LQ_OK : lq_audit(request, "badges.import", "people", counts);
	if (r != LQ_OK) {
		return lq_problem_db(request, reading->answer, r);
	}
	if (dry) {
		lq_db_rollback(request->db);
	} else {
		lq_announce(request, "people");
	}
	reading->answer->json = json_pack("{s:b, s:I, s:I}", "dryRun", dry, "added",
		(json_int_t)reading->added, "known", (json_int_t)reading->changed);
	return reading->answer->status = 200;
}

int lq_api_badge_csv_post(const struct lq_request *request, struct lq_answer *answer)
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
	status = read_all(reading);
	status = status == 0 ? finish(reading, dry) : status;
	lq_csv_places_free(&reading->places);
	lq_keys_wipe(&reading->keys);
	free(reading);
	return status;
}

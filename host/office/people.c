#include "host/office/people.h"

#include "firmware/core/err.h"
#include "host/office/fold.h"
#include "host/office/names.h"
#include "host/office/realm.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX    3
#define PATTERN_SIZE (LQ_MEMBER_NAME_SIZE + 2u)

const char *const lq_person_kind_words[] = {"member", "guest", "staff", NULL};

static int due(struct lq_db *db, int64_t part)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO roster_due (part) VALUES (?1) ON CONFLICT (part) DO NOTHING", "i",
		part);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_roster_due_person(struct lq_db *db, int64_t number)
{
	return due(db, lq_roster_part_of(number));
}

int lq_roster_due_rules(struct lq_db *db)
{
	return due(db, 0);
}

int lq_roster_due_all(struct lq_db *db)
{
	const struct lq_blob nothing = {.bytes = "", .length = 0};
	int64_t r = lq_db_run(db, "UPDATE roster_version SET digest = ?1", "b", &nothing);
	for (int64_t part = 0; part < (int64_t)LQ_ROSTER_PARTS && r >= 0; part++) {
		r = due(db, part);
	}
	return r < 0 ? (int)r : LQ_OK;
}

static void take_text(struct lq_rows *rows, int column, char *out, size_t size)
{
	const char *text = lq_rows_text(rows, column);
	(void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static const char *or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

/* ---- persons ---- */

#define PERSON_COLUMNS                                                                             \
	"number, name, kind, profile, email, external_id, enabled, hidden, board, any_time, "      \
	"extended_time, erased, created, changed, "                                                \
	"(SELECT count(*) FROM badge WHERE badge.person = person.number) "

static int kind_of(const char *word)
{
	int kind = 0;
	while (kind < LQ_PERSON_KINDS - 1 && strcmp(lq_person_kind_words[kind], word) != 0) {
		kind++;
	}
	return kind;
}

static void take_person(struct lq_rows *rows, struct lq_person *ret_person)
{
	struct lq_person person = {
		.number = lq_rows_integer(rows, 0),
		.kind = kind_of(lq_rows_text(rows, 2)),
		.enabled = lq_rows_integer(rows, 6) != 0,
		.hidden = lq_rows_integer(rows, 7) != 0,
		.board = lq_rows_integer(rows, 8) != 0,
		.any_time = lq_rows_integer(rows, 9) != 0,
		.extended_time = lq_rows_integer(rows, 10) != 0,
		.erased = lq_rows_integer(rows, 11) != 0,
		.created_ms = lq_rows_integer(rows, 12),
		.changed_ms = lq_rows_integer(rows, 13),
		.badges = lq_rows_integer(rows, 14),
	};
	take_text(rows, 1, person.name, sizeof(person.name));
	take_text(rows, 3, person.profile, sizeof(person.profile));
	take_text(rows, 4, person.email, sizeof(person.email));
	take_text(rows, 5, person.external_id, sizeof(person.external_id));
	*ret_person = person;
}

/* What the columns would refuse, told apart. */
static int check_person(struct lq_db *db, const struct lq_person *person)
{
	int64_t known = 0;
	int64_t owner = 0;
	int r = lq_db_integer(
		db, &known, 0, "SELECT 1 FROM profile WHERE name = ?1", "t", person->profile);
	if (r == LQ_OK && person->external_id[0] != '\0') {
		r = lq_person_find(db, person->external_id, &owner);
	}
	if (r != LQ_OK) {
		return r;
	}
	if (known == 0) {
		return LQ_ERR_NOT_FOUND;
	}
	return owner != 0 && owner != person->number ? LQ_ERR_EXISTS : LQ_OK;
}

int lq_person_find(struct lq_db *db, const char *external_id, int64_t *ret_number)
{
	return lq_db_integer(db, ret_number, 0, "SELECT number FROM person WHERE external_id = ?1",
		"t", external_id);
}

int lq_person_known(struct lq_db *db, const struct lq_somebody *who, bool *ret_known)
{
	int64_t known = 0;
	int r = lq_db_integer(db, &known, 0,
		"SELECT 1 FROM person WHERE ?1 = '' AND number = ?2 AND erased = 0 "
		"UNION ALL SELECT 1 FROM controller WHERE name = ?1",
		"ti", who->realm, who->holder);
	*ret_known = known != 0;
	return r;
}

int lq_person_add(
	struct lq_db *db, const struct lq_person *person, int64_t now_ms, int64_t *ret_number)
{
	char folded[LQ_MEMBER_NAME_SIZE];
	int64_t number = 0;
	int r = check_person(db, person);
	if (r != LQ_OK) {
		return r;
	}
	lq_fold(person->name, folded, sizeof(folded));
	r = lq_db_integer(db, &number, 0,
		"INSERT INTO person (name, folded, kind, profile, email, external_id, enabled, "
		"hidden, board, any_time, extended_time, created, changed) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12) RETURNING number",
		"ttttttiiiiii", person->name, folded, lq_person_kind_words[person->kind],
		person->profile, or_null(person->email), or_null(person->external_id),
		(int64_t)person->enabled, (int64_t)person->hidden, (int64_t)person->board,
		(int64_t)person->any_time, (int64_t)person->extended_time, now_ms);
	r = r == LQ_OK ? lq_roster_due_person(db, number) : r;
	if (r == LQ_OK) {
		*ret_number = number;
	}
	return r;
}

int lq_person_save(struct lq_db *db, const struct lq_person *person, int64_t now_ms)
{
	char folded[LQ_MEMBER_NAME_SIZE];
	int r = check_person(db, person);
	if (r != LQ_OK) {
		return r;
	}
	lq_fold(person->name, folded, sizeof(folded));
	int64_t changed = lq_db_run(db,
		"UPDATE person SET name = ?1, folded = ?2, kind = ?3, profile = ?4, email = ?5, "
		"external_id = ?6, enabled = ?7, hidden = ?8, board = ?9, any_time = ?10, "
		"extended_time = ?11, changed = ?12 WHERE number = ?13",
		"ttttttiiiiiii", person->name, folded, lq_person_kind_words[person->kind],
		person->profile, or_null(person->email), or_null(person->external_id),
		(int64_t)person->enabled, (int64_t)person->hidden, (int64_t)person->board,
		(int64_t)person->any_time, (int64_t)person->extended_time, now_ms, person->number);
	return changed < 0 ? (int)changed : lq_roster_due_person(db, person->number);
}

int lq_person_get(struct lq_db *db, int64_t number, struct lq_person *ret_person)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT " PERSON_COLUMNS "FROM person WHERE number = ?1 AND erased = 0", "i",
		number);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		take_person(rows, ret_person);
	}
	lq_rows_end(rows);
	return r == 0 ? LQ_ERR_NOT_FOUND : r < 0 ? r : LQ_OK;
}

/* A pattern for each word; the last one for all that is left. */
static void make_patterns(const char *search, char ret_patterns[WORDS_MAX][PATTERN_SIZE])
{
	char folded[LQ_MEMBER_NAME_SIZE];
	const char *rest = folded;
	lq_fold(search, folded, sizeof(folded));
	for (int i = 0; i < WORDS_MAX; i++) {
		size_t length = i < WORDS_MAX - 1 ? strcspn(rest, " ") : strlen(rest);
		(void)snprintf(ret_patterns[i], PATTERN_SIZE, "%%%.*s%%", (int)length, rest);
		rest += length;
		rest += *rest == ' ' ? 1 : 0;
	}
}

static int folded_of(struct lq_db *db, int64_t number, char *out, size_t size)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, "SELECT folded FROM person WHERE number = ?1", "i", number);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		take_text(rows, 0, out, size);
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

int lq_person_list(struct lq_db *db, const struct lq_person_query *query,
	int (*each)(void *ctx, const struct lq_person *person), void *ctx)
{
	char patterns[WORDS_MAX][PATTERN_SIZE];
	char after[LQ_MEMBER_NAME_SIZE] = "";
	struct lq_rows *rows = NULL;
	struct lq_person person;
	const char *search = query->search != NULL ? query->search : "";
	make_patterns(search, patterns);
	bool by_name = *search == '\0' || strcmp(patterns[0], "%%") != 0;
	int r = folded_of(db, query->after, after, sizeof(after));
	if (r != LQ_OK) {
		return r;
	}
	r = lq_db_query(db, &rows,
		"SELECT " PERSON_COLUMNS "FROM person WHERE (folded, number) > (?1, ?2) "
		"AND erased = 0 AND ((?3 = 1 AND folded LIKE ?4 AND folded LIKE ?5 AND folded LIKE "
		"?6) OR external_id = ?7 OR number = ?8) ORDER BY folded, number LIMIT ?9",
		"tiittttii", after, query->after, (int64_t)by_name, patterns[0], patterns[1],
		patterns[2], search, lq_parse_id(search, 'p'), query->limit);
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		take_person(rows, &person);
		r = each(ctx, &person);
	}
	lq_rows_end(rows);
	return r;
}

/* ---- badges ---- */

#define BADGE_COLUMNS                                                                              \
	"id, person, label, key, state, valid_from, valid_to, uses, valid_for, suspended_until "

static void take_badge(struct lq_rows *rows, struct lq_office_badge *ret_badge)
{
	struct lq_office_badge badge = {
		.id = lq_rows_integer(rows, 0),
		.person = lq_rows_integer(rows, 1),
		.state = (int)lq_rows_integer(rows, 4),
		.valid_from_ms = lq_rows_integer(rows, 5),
		.valid_to_ms = lq_rows_integer(rows, 6),
		.uses = lq_rows_is_null(rows, 7) ? LQ_OFFICE_USES_ANY : lq_rows_integer(rows, 7),
		.valid_for_h = lq_rows_integer(rows, 8),
		.suspended_until_ms = lq_rows_integer(rows, 9),
	};
	struct lq_blob key = lq_rows_blob(rows, 3);
	take_text(rows, 2, badge.label, sizeof(badge.label));
	if (key.bytes != NULL && key.length == sizeof(badge.key)) {
		memcpy(badge.key, key.bytes, sizeof(badge.key));
	}
	*ret_badge = badge;
}

/* Ends the rows. */
static int take_one_badge(struct lq_rows *rows, struct lq_office_badge *ret_badge)
{
	int r = lq_rows_next(rows);
	if (r == 1) {
		take_badge(rows, ret_badge);
	}
	lq_rows_end(rows);
	return r == 0 ? LQ_ERR_NOT_FOUND : r < 0 ? r : LQ_OK;
}

int lq_office_badge_get(struct lq_db *db, int64_t id, struct lq_office_badge *ret_badge)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, "SELECT " BADGE_COLUMNS "FROM badge WHERE id = ?1", "i", id);
	return r == LQ_OK ? take_one_badge(rows, ret_badge) : r;
}

int lq_office_badge_find(struct lq_db *db, const uint8_t key[16], struct lq_office_badge *ret_badge)
{
	const struct lq_blob blob = {.bytes = key, .length = 16};
	struct lq_rows *rows = NULL;
	int r = lq_db_query(
		db, &rows, "SELECT " BADGE_COLUMNS "FROM badge WHERE key = ?1", "b", &blob);
	return r == LQ_OK ? take_one_badge(rows, ret_badge) : r;
}

int lq_office_badge_list(struct lq_db *db, int64_t person,
	int (*each)(void *ctx, const struct lq_office_badge *badge), void *ctx)
{
	struct lq_rows *rows = NULL;
	struct lq_office_badge badge;
	int r = lq_db_query(db, &rows,
		"SELECT " BADGE_COLUMNS
		"FROM badge WHERE person = ?1 OR (?1 = 0 AND person IS NULL) ORDER BY id",
		"i", person);
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		take_badge(rows, &badge);
		r = each(ctx, &badge);
	}
	lq_rows_end(rows);
	return r;
}

/* A guest's badge is good for no longer than the guest is expected, however it was enrolled. */
static int keep_to_visit(struct lq_db *db, struct lq_office_badge *badge)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT o.from_at, o.to_at FROM visitor o JOIN person p ON p.number = o.person "
		"WHERE o.person = ?1 AND p.kind = 'guest'",
		"i", badge->person);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		int64_t from_ms = lq_rows_integer(rows, 0);
		int64_t to_ms = lq_rows_integer(rows, 1);
		bool shorter = badge->valid_to_ms != 0 && badge->valid_to_ms < to_ms;
		badge->valid_from_ms =
			badge->valid_from_ms > from_ms ? badge->valid_from_ms : from_ms;
		badge->valid_to_ms = shorter ? badge->valid_to_ms : to_ms;
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

int lq_office_badge_add(
	struct lq_db *db, const struct lq_office_badge *wanted, int64_t now_ms, int64_t *ret_id)
{
	struct lq_office_badge other;
	struct lq_office_badge kept = *wanted;
	const struct lq_office_badge *badge = &kept;
	const struct lq_blob key = {.bytes = badge->key, .length = sizeof(badge->key)};
	int64_t id = 0;
	int r = lq_office_badge_find(db, badge->key, &other);
	if (r != LQ_ERR_NOT_FOUND) {
		return r == LQ_OK ? LQ_ERR_EXISTS : r;
	}
	r = keep_to_visit(db, &kept);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_db_integer(db, &id, 0,
		"INSERT INTO badge (person, label, key, state, valid_from, valid_to, uses, "
		"valid_for, suspended_until, changed) VALUES (NULLIF(?1, 0), ?2, ?3, ?4, ?5, ?6, "
		"NULLIF(?7, -1), ?8, ?9, ?10) RETURNING id",
		"itbiiiiiii", badge->person, badge->label, &key, (int64_t)badge->state,
		badge->valid_from_ms, badge->valid_to_ms, badge->uses, badge->valid_for_h,
		badge->suspended_until_ms, now_ms);
	r = r == LQ_OK ? lq_roster_due_person(db, badge->person) : r;
	if (r == LQ_OK) {
		*ret_id = id;
	}
	return r;
}

/* It may change hands: both are told of. */
int lq_office_badge_save(struct lq_db *db, const struct lq_office_badge *wanted, int64_t now_ms)
{
	struct lq_office_badge before = {.person = 0};
	struct lq_office_badge kept = *wanted;
	const struct lq_office_badge *badge = &kept;
	int r = lq_office_badge_get(db, badge->id, &before);
	r = r == LQ_OK ? keep_to_visit(db, &kept) : r;
	if (r != LQ_OK) {
		return r;
	}
	int64_t changed = lq_db_run(db,
		"UPDATE badge SET person = NULLIF(?1, 0), label = ?2, state = ?3, valid_from = ?4, "
		"valid_to = ?5, uses = NULLIF(?6, -1), valid_for = ?7, suspended_until = ?8, "
		"changed = ?9 WHERE id = ?10",
		"itiiiiiiii", badge->person, badge->label, (int64_t)badge->state,
		badge->valid_from_ms, badge->valid_to_ms, badge->uses, badge->valid_for_h,
		badge->suspended_until_ms, now_ms, badge->id);
	r = changed < 0 ? (int)changed : lq_roster_due_person(db, before.person);
	return r == LQ_OK ? lq_roster_due_person(db, badge->person) : r;
}

/* What a row of an import is about, and whether the roster can take it. */
#include "firmware/core/err.h"
#include "firmware/store/import_internal.h"

#include <string.h>

static int refuse(
	struct lq_import_match *match, enum lq_import_problem problem, size_t column, uint32_t id)
{
	match->refusal->problem = problem;
	match->refusal->column = column;
	match->refusal->id = id;
	return LQ_ERR_INVALID;
}

static bool gives(const struct lq_roster_row *row, unsigned column)
{
	return (row->given & LQ_GIVEN(column)) != 0;
}

int lq_import_match_begin(struct lq_import_match *match)
{
	char sql[LQ_ROW_SQL_SIZE];
	bool members = match->kind == LQ_ROSTER_MEMBERS;
	lq_roster_row_select(match->kind, lq_roster_tables[match->kind].name,
		members ? "WHERE m.id = ?1" : "WHERE c.id = ?1", sql);
	const struct {
		const char *sql;
		sqlite3_stmt **statement;
	} statements[] = {
		{sql, &match->by_id},
		{"SELECT id FROM member WHERE id = ?1", &match->member},
		{"SELECT id FROM member WHERE external_id = ?1", &match->member_by_key},
		{"SELECT id FROM credential WHERE id = ?1", &match->badge},
		{"SELECT id FROM credential WHERE key = ?1", &match->badge_by_key},
		{"SELECT id FROM profile WHERE name = ?1", &match->profile},
	};
	int r = LQ_OK;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]) && r == LQ_OK; i++) {
		r = lq_store_prepare(match->store, statements[i].sql, statements[i].statement);
	}
	return r;
}

void lq_import_match_end(struct lq_import_match *match)
{
	(void)sqlite3_finalize(match->by_id);
	(void)sqlite3_finalize(match->member);
	(void)sqlite3_finalize(match->member_by_key);
	(void)sqlite3_finalize(match->badge);
	(void)sqlite3_finalize(match->badge_by_key);
	(void)sqlite3_finalize(match->profile);
}

/* Steps a statement whose parameter is bound; `ret_id` is 0 when it finds nothing. */
static int find(struct lq_import_match *match, sqlite3_stmt *statement, uint32_t *ret_id)
{
	int r = lq_store_step(match->store, statement);
	int64_t id = r == 1 ? sqlite3_column_int64(statement, 0) : 0;
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	*ret_id = id > 0 && id <= UINT32_MAX ? (uint32_t)id : 0;
	return r < 0 ? r : LQ_OK;
}

static int find_number(
	struct lq_import_match *match, sqlite3_stmt *statement, uint32_t number, uint32_t *ret_id)
{
	(void)sqlite3_bind_int64(statement, 1, number);
	return find(match, statement, ret_id);
}

static int find_text(
	struct lq_import_match *match, sqlite3_stmt *statement, const char *text, uint32_t *ret_id)
{
	*ret_id = 0;
	if (text[0] == '\0') {
		return LQ_OK;
	}
	(void)sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
	return find(match, statement, ret_id);
}

int lq_import_match_old(
	struct lq_import_match *match, uint32_t target, struct lq_roster_row *ret_old)
{
	if (target == 0) {
		*ret_old = (struct lq_roster_row){
			.valid_to_s = LQ_VALID_FOREVER, .uses_left = LQ_USES_ANY, .enabled = true};
		return LQ_OK;
	}
	(void)sqlite3_bind_int64(match->by_id, 1, target);
	int r = lq_store_step(match->store, match->by_id);
	if (r == 1) {
		*ret_old = lq_roster_row_take(match->kind, match->by_id);
	}
	(void)sqlite3_reset(match->by_id);
	return r == 1 ? LQ_OK : r == 0 ? LQ_ERR_NOT_FOUND : r;
}

/* Two ways to say whom a row is about must agree. `owner` is who has its other key; 0: nobody. */
static int settle(struct lq_import_match *match, const struct lq_roster_row *row, uint32_t owner,
	uint32_t *ret_target)
{
	bool members = match->kind == LQ_ROSTER_MEMBERS;
	unsigned other = members ? (unsigned)LQ_MEMBER_EXTERNAL_ID : (unsigned)LQ_BADGE_UID;
	uint32_t found = 0;
	*ret_target = row->id != 0 ? row->id : owner;
	if (row->id == 0) {
		return LQ_OK;
	}
	int r = find_number(match, members ? match->member : match->badge, row->id, &found);
	if (r == LQ_OK && found == 0) {
		return refuse(match, LQ_IMPORT_UNKNOWN, 0, row->id);
	}
	if (r == LQ_OK && owner != row->id && gives(row, other) && (owner != 0 || !members)) {
		return refuse(match, LQ_IMPORT_TAKEN, other, owner);
	}
	return r;
}

static int match_member(
	struct lq_import_match *match, const struct lq_roster_row *row, uint32_t *ret_target)
{
	uint32_t owner = 0;
	uint32_t profile = 0;
	int r = find_text(match, match->member_by_key, row->external_id, &owner);
	if (r == LQ_OK && row->id == 0 && row->external_id[0] == '\0') {
		return refuse(match, LQ_IMPORT_NO_KEY, LQ_MEMBER_EXTERNAL_ID, 0);
	}
	if (r == LQ_OK) {
		r = settle(match, row, owner, ret_target);
	}
	if (r == LQ_OK && *ret_target == 0 && !gives(row, LQ_MEMBER_NAME)) {
		return refuse(match, LQ_IMPORT_NEEDED, LQ_MEMBER_NAME, 0);
	}
	if (r == LQ_OK && *ret_target == 0 && !gives(row, LQ_MEMBER_PROFILE)) {
		return refuse(match, LQ_IMPORT_NEEDED, LQ_MEMBER_PROFILE, 0);
	}
	if (r == LQ_OK && gives(row, LQ_MEMBER_PROFILE)) {
		r = find_text(match, match->profile, row->profile, &profile);
		if (r == LQ_OK && profile == 0) {
			return refuse(match, LQ_IMPORT_UNKNOWN, LQ_MEMBER_PROFILE, 0);
		}
	}
	return r;
}

/* The member that a badge's row names, by number or by external_id; 0: none. */
static int match_holder(
	struct lq_import_match *match, const struct lq_roster_row *row, uint32_t *ret_holder)
{
	uint32_t named = 0;
	uint32_t number = 0;
	int r = find_text(match, match->member_by_key, row->external_id, &named);
	if (r == LQ_OK && row->external_id[0] != '\0' && named == 0) {
		return refuse(match, LQ_IMPORT_UNKNOWN, LQ_BADGE_EXTERNAL_ID, 0);
	}
	if (r == LQ_OK && row->holder != 0) {
		r = find_number(match, match->member, row->holder, &number);
		if (r == LQ_OK && number == 0) {
			return refuse(match, LQ_IMPORT_UNKNOWN, LQ_BADGE_MEMBER, 0);
		}
	}
	if (r == LQ_OK && named != 0 && number != 0 && named != number) {
		return refuse(match, LQ_IMPORT_TAKEN, LQ_BADGE_EXTERNAL_ID, named);
	}
	*ret_holder = number != 0 ? number : named;
	return r;
}

static int check_span(
	struct lq_import_match *match, const struct lq_roster_row *row, uint32_t target)
{
	struct lq_roster_row old;
	if (!gives(row, LQ_BADGE_FROM) && !gives(row, LQ_BADGE_TO)) {
		return LQ_OK;
	}
	int r = lq_import_match_old(match, target, &old);
	if (r != LQ_OK) {
		return r;
	}
	uint32_t from = gives(row, LQ_BADGE_FROM) ? row->valid_from_s : old.valid_from_s;
	uint32_t to = gives(row, LQ_BADGE_TO) ? row->valid_to_s : old.valid_to_s;
	return from < to ? LQ_OK : refuse(match, LQ_IMPORT_SPAN, LQ_BADGE_TO, 0);
}

static int check_suspension(
	struct lq_import_match *match, const struct lq_roster_row *row, uint32_t target)
{
	struct lq_roster_row old;
	if (!gives(row, LQ_BADGE_SUSPENDED_UNTIL) || row->suspended_until_s == 0) {
		return LQ_OK;
	}
	int r = lq_import_match_old(match, target, &old);
	if (r != LQ_OK) {
		return r;
	}
	uint8_t state = gives(row, LQ_BADGE_STATE) ? row->state : old.state;
	return state == LQ_CREDENTIAL_SUSPENDED
		       ? LQ_OK
		       : refuse(match, LQ_IMPORT_SUSPENSION, LQ_BADGE_SUSPENDED_UNTIL, 0);
}

static int match_badge(struct lq_import_match *match, const struct lq_roster_row *row,
	const uint8_t key[16], uint32_t *ret_target)
{
	uint32_t owner = 0;
	uint32_t holder = 0;
	int r = LQ_OK;
	if (row->id == 0 && row->uid.length == 0) {
		return refuse(match, LQ_IMPORT_NO_KEY, LQ_BADGE_UID, 0);
	}
	if (row->uid.length > 0) {
		(void)sqlite3_bind_blob(match->badge_by_key, 1, key, 16, SQLITE_STATIC);
		r = find(match, match->badge_by_key, &owner);
	}
	if (r == LQ_OK) {
		r = settle(match, row, owner, ret_target);
	}
	if (r == LQ_OK) {
		r = match_holder(match, row, &holder);
	}
	if (r == LQ_OK && *ret_target == 0 && holder == 0) {
		return refuse(match, LQ_IMPORT_NEEDED, LQ_BADGE_MEMBER, 0);
	}
	if (r == LQ_OK) {
		r = check_span(match, row, *ret_target);
	}
	return r == LQ_OK ? check_suspension(match, row, *ret_target) : r;
}

int lq_import_match_row(struct lq_import_match *match, const struct lq_roster_row *row,
	const uint8_t key[16], uint32_t *ret_target)
{
	match->refusal->line = row->line;
	return match->kind == LQ_ROSTER_MEMBERS ? match_member(match, row, ret_target)
						: match_badge(match, row, key, ret_target);
}

int lq_import_match_merge(struct lq_import_match *match, const struct lq_roster_row *row,
	const struct lq_roster_row *old, struct lq_roster_row *ret_new)
{
	const struct lq_roster_table *table = &lq_roster_tables[match->kind];
	uint32_t holder = 0;
	int r = LQ_OK;
	*ret_new = *old;
	for (size_t i = 0; i < table->count; i++) {
		const struct lq_roster_column *column = &table->columns[i];
		if ((row->given & LQ_GIVEN(i)) != 0 && column->column != NULL) {
			memcpy((char *)ret_new + column->offset, (const char *)row + column->offset,
				column->size);
		}
	}
	if (match->kind == LQ_ROSTER_BADGES) {
		r = match_holder(match, row, &holder);
		ret_new->holder = holder != 0 ? holder : ret_new->holder;
		if (ret_new->state != LQ_CREDENTIAL_SUSPENDED) {
			ret_new->suspended_until_s = 0; /* its suspension is over */
		}
	}
	return r;
}

#include "firmware/store/roster_row.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "firmware/store/store_internal.h"

#include <stdio.h>
#include <string.h>

#define COLUMN(name_, type_, field, ...)                                                           \
	{                                                                                          \
		.name = (name_), .type = LQ_CELL_##type_,                                          \
		.offset = offsetof(struct lq_roster_row, field),                                   \
		.size = sizeof(((struct lq_roster_row *)NULL)->field), __VA_ARGS__                 \
	}

static const struct lq_roster_column member_columns[] = {
	[LQ_MEMBER_ID] = COLUMN("member", ID, id, .letter = 'm', .read = "m.id"),
	[LQ_MEMBER_EXTERNAL_ID] = COLUMN("external_id", LABEL, external_id, .read = "m.external_id",
		.column = "external_id"),
	[LQ_MEMBER_NAME] = COLUMN("name", TEXT, name, .read = "m.name", .column = "name"),
	[LQ_MEMBER_PROFILE] = COLUMN("profile", WORD, profile,
		.read = "(SELECT name FROM profile WHERE id = m.profile)", .column = "profile"),
	[LQ_MEMBER_ENABLED] =
		COLUMN("enabled", BOOL, enabled, .read = "m.enabled", .column = "enabled"),
	[LQ_MEMBER_ANY_TIME] =
		COLUMN("any_time", BOOL, any_time, .read = "m.any_time", .column = "any_time"),
	[LQ_MEMBER_EXTENDED_TIME] = COLUMN("extended_time", BOOL, extended_time,
		.read = "m.extended_time", .column = "extended_time"),
};

static const struct lq_roster_column badge_columns[] = {
	[LQ_BADGE_ID] = COLUMN("badge", ID, id, .letter = 'c', .read = "c.id"),
	[LQ_BADGE_MEMBER] =
		COLUMN("member", ID, holder, .letter = 'm', .read = "c.member", .column = "member"),
	[LQ_BADGE_EXTERNAL_ID] = COLUMN("external_id", LABEL, external_id,
		.read = "(SELECT external_id FROM member WHERE id = c.member)"),
	[LQ_BADGE_UID] = COLUMN("uid", UID, uid, .read = NULL),
	[LQ_BADGE_STATE] = COLUMN("state", STATE, state, .read = "c.state", .column = "state"),
	[LQ_BADGE_FROM] = COLUMN(
		"valid_from", FROM, valid_from_s, .read = "c.valid_from", .column = "valid_from"),
	[LQ_BADGE_TO] =
		COLUMN("valid_to", TO, valid_to_s, .read = "c.valid_to", .column = "valid_to"),
	[LQ_BADGE_USES_LEFT] =
		COLUMN("uses_left", USES, uses_left, .read = "c.uses_left", .column = "uses_left"),
	[LQ_BADGE_VALID_FOR] = COLUMN(
		"valid_for_h", HOURS, valid_for_h, .read = "c.valid_for", .column = "valid_for"),
	[LQ_BADGE_SUSPENDED_UNTIL] = COLUMN("suspended_until", FROM, suspended_until_s,
		.read = "c.suspended_until", .column = "suspended_until"),
	[LQ_BADGE_OWN_EXTERNAL_ID] = COLUMN("badge_external_id", LABEL, badge_external_id,
		.read = "c.external_id", .column = "external_id"),
};

#define TABLE(name_, columns_)                                                                     \
	{                                                                                          \
		.name = (name_), .columns = (columns_),                                            \
		.count = sizeof(columns_) / sizeof((columns_)[0])                                  \
	}

const struct lq_roster_table lq_roster_tables[LQ_ROSTER_KINDS] = {
	[LQ_ROSTER_MEMBERS] = TABLE("member", member_columns),
	[LQ_ROSTER_BADGES] = TABLE("credential", badge_columns),
};

static const char *cell(const struct lq_roster_column *column, const struct lq_roster_row *row)
{
	return (const char *)row + column->offset;
}

static bool is_text(const struct lq_roster_column *column)
{
	return column->type == LQ_CELL_TEXT || column->type == LQ_CELL_LABEL ||
	       column->type == LQ_CELL_WORD;
}

bool lq_roster_cell_same(const struct lq_roster_column *column, const struct lq_roster_row *one,
	const struct lq_roster_row *other)
{
	return is_text(column) ? strcmp(cell(column, one), cell(column, other)) == 0
			       : memcmp(cell(column, one), cell(column, other), column->size) == 0;
}

/* ---- from outside ---- */

static bool is_text_sound(
	const struct lq_roster_column *column, const struct lq_roster_row *row, bool given)
{
	const char *text = cell(column, row);
	size_t length = strnlen(text, column->size);
	return length < column->size && lq_utf8_all_printable(text, length) &&
	       (!given || column->type == LQ_CELL_LABEL || !lq_utf8_blank(text, length));
}

/* One of other bytes than 0 and 1 cannot be looked at. */
static bool is_bool_sound(const struct lq_roster_column *column, const struct lq_roster_row *row)
{
	uint8_t byte = 0;
	memcpy(&byte, cell(column, row), sizeof(byte));
	return byte <= 1;
}

static bool is_limit_sound(const struct lq_roster_row *row)
{
	return (row->uses_left <= UINT16_MAX || row->uses_left == LQ_USES_ANY) &&
	       row->valid_for_h <= UINT16_MAX;
}

static bool is_uid_sound(const struct lq_roster_row *row)
{
	struct lq_sighting sighting = {.cards = 1, .uid_len = row->uid.length};
	if (row->uid.length > sizeof(sighting.uid)) {
		return false;
	}
	memcpy(sighting.uid, row->uid.bytes, row->uid.length);
	return row->uid.length == 0 || lq_sighting_objection(&sighting) == LQ_REASON_NOT_DECIDED;
}

bool lq_roster_row_sound(enum lq_roster_kind kind, const struct lq_roster_row *row)
{
	const struct lq_roster_table *table = &lq_roster_tables[kind];
	for (size_t i = 0; i < table->count; i++) {
		const struct lq_roster_column *column = &table->columns[i];
		bool given = (row->given & LQ_GIVEN(i)) != 0;
		if ((is_text(column) && !is_text_sound(column, row, given)) ||
			(column->type == LQ_CELL_BOOL && !is_bool_sound(column, row))) {
			return false;
		}
	}
	return row->given < LQ_GIVEN(table->count) && is_limit_sound(row) &&
	       row->state < LQ_CREDENTIAL_STATE_COUNT && is_uid_sound(row);
}

/* ---- from door.db ---- */

void lq_roster_row_select(
	enum lq_roster_kind kind, const char *from, const char *tail, char ret_sql[LQ_ROW_SQL_SIZE])
{
	const struct lq_roster_table *table = &lq_roster_tables[kind];
	int length = snprintf(ret_sql, LQ_ROW_SQL_SIZE, "SELECT ");
	for (size_t i = 0; i < table->count; i++) {
		const char *read = table->columns[i].read;
		length += snprintf(ret_sql + length, LQ_ROW_SQL_SIZE - (size_t)length, "%s%s",
			i == 0 ? "" : ", ", read == NULL ? "NULL" : read);
		LQ_ASSERT((size_t)length < LQ_ROW_SQL_SIZE);
	}
	length += snprintf(ret_sql + length, LQ_ROW_SQL_SIZE - (size_t)length, " FROM %s %c %s",
		from, table->name[0], tail);
	LQ_ASSERT((size_t)length < LQ_ROW_SQL_SIZE);
}

/* The file is not believed: `sound` turns false where a number cannot be right. */
static uint32_t take_number(sqlite3_stmt *statement, int at, uint32_t high, bool *sound)
{
	int64_t number = sqlite3_column_int64(statement, at);
	if (sqlite3_column_type(statement, at) != SQLITE_INTEGER || number < 0 || number > high) {
		*sound = false;
		return 0;
	}
	return (uint32_t)number;
}

static void take_text(sqlite3_stmt *statement, int at, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, at);
	size_t length = text == NULL ? 0 : strnlen(text, size - 1);
	if (length > 0) {
		memcpy(out, text, length);
	}
	out[length] = '\0';
}

static void take_cell(sqlite3_stmt *statement, int at, const struct lq_roster_column *column,
	struct lq_roster_row *row, bool *sound)
{
	char *out = (char *)row + column->offset;
	uint32_t number = 0;
	switch (column->type) {
	case LQ_CELL_TEXT:
	case LQ_CELL_LABEL:
	case LQ_CELL_WORD:
		take_text(statement, at, out, column->size);
		return;
	case LQ_CELL_BOOL:
		*out = (char)take_number(statement, at, 1, sound);
		return;
	case LQ_CELL_STATE:
		*out = (char)take_number(statement, at, LQ_CREDENTIAL_STATE_COUNT - 1, sound);
		return;
	case LQ_CELL_USES:
		number = sqlite3_column_type(statement, at) == SQLITE_NULL
				 ? LQ_USES_ANY
				 : take_number(statement, at, UINT16_MAX, sound);
		memcpy(out, &number, sizeof(number));
		return;
	case LQ_CELL_HOURS:
	case LQ_CELL_ID:
	case LQ_CELL_FROM:
	case LQ_CELL_TO:
		number = take_number(statement, at,
			column->type == LQ_CELL_HOURS ? UINT16_MAX : UINT32_MAX, sound);
		memcpy(out, &number, sizeof(number));
		return;
	case LQ_CELL_UID:
		return;
	}
}

struct lq_roster_row lq_roster_row_take(enum lq_roster_kind kind, sqlite3_stmt *statement)
{
	const struct lq_roster_table *table = &lq_roster_tables[kind];
	struct lq_roster_row row = {.given = LQ_GIVEN(table->count) - 1};
	bool sound = true;
	for (size_t i = 0; i < table->count; i++) {
		take_cell(statement, (int)i, &table->columns[i], &row, &sound);
	}
	row.state = sound ? row.state : LQ_CREDENTIAL_STATE_COUNT;
	return row;
}

int lq_roster_row_list(struct lq_store *store, enum lq_roster_kind kind,
	int (*each)(void *ctx, const struct lq_roster_row *row), void *ctx)
{
	char sql[LQ_ROW_SQL_SIZE];
	sqlite3_stmt *statement = NULL;
	lq_roster_row_select(kind, lq_roster_tables[kind].name, "ORDER BY id", sql);
	int r = lq_store_prepare(store, sql, &statement);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		struct lq_roster_row row = lq_roster_row_take(kind, statement);
		r = each(ctx, &row);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

/* Members and badges in door.db; what they may is in rules_sql.c. */
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "firmware/store/roster_internal.h"
#include "firmware/store/store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- loading ---- */

int64_t lq_roster_take_number(
	sqlite3_stmt *statement, int column, int64_t low, int64_t high, bool *sound)
{
	int64_t number = sqlite3_column_int64(statement, column);
	if (sqlite3_column_type(statement, column) != SQLITE_INTEGER || number < low ||
		number > high) {
		*sound = false;
		return 0;
	}
	return number;
}

/* A row that cannot be right opens nothing. */
static struct lq_credential take_credential(sqlite3_stmt *statement)
{
	bool sound = true;
	struct lq_credential credential = {
		.id = (uint32_t)lq_roster_take_number(statement, 0, 1, UINT32_MAX, &sound),
		.holder = (uint32_t)lq_roster_take_number(statement, 1, 1, UINT32_MAX, &sound),
		.state = (uint8_t)lq_roster_take_number(
			statement, 3, 0, LQ_CREDENTIAL_STATE_COUNT - 1, &sound),
		.valid_from_s =
			(uint32_t)lq_roster_take_number(statement, 4, 0, UINT32_MAX, &sound),
		.valid_to_s = (uint32_t)lq_roster_take_number(statement, 5, 0, UINT32_MAX, &sound),
		.profile =
			(uint16_t)lq_roster_take_number(statement, 6, 1, LQ_RULES_MAX - 1, &sound),
		.holder_enabled = lq_roster_take_number(statement, 7, 0, 1, &sound) == 1,
		.any_time = lq_roster_take_number(statement, 8, 0, 1, &sound) == 1,
		.extended_time = lq_roster_take_number(statement, 9, 0, 1, &sound) == 1,
		.valid_for_h =
			(uint16_t)lq_roster_take_number(statement, 11, 0, UINT16_MAX, &sound),
		.suspended_until_s =
			(uint32_t)lq_roster_take_number(statement, 12, 0, UINT32_MAX, &sound),
	};
	if (sqlite3_column_type(statement, 10) != SQLITE_NULL) {
		credential.counted = true;
		credential.uses_left =
			(uint16_t)lq_roster_take_number(statement, 10, 0, UINT16_MAX, &sound);
	}
	if (sqlite3_column_bytes(statement, 2) == (int)sizeof(credential.key)) {
		memcpy(credential.key, sqlite3_column_blob(statement, 2), sizeof(credential.key));
	} else {
		sound = false;
	}
	if (!sound) {
		credential.state = LQ_CREDENTIAL_REVOKED;
	}
	return credential;
}

#define CREDENTIAL_SELECT                                                                          \
	"SELECT c.id, c.member, c.key, c.state, c.valid_from, c.valid_to, m.profile, m.enabled, "  \
	"m.any_time, m.extended_time, c.uses_left, c.valid_for, c.suspended_until "
#define CREDENTIAL_COLUMNS CREDENTIAL_SELECT "FROM credential c JOIN member m ON m.id = c.member "

static int count_credentials(struct lq_store *store, size_t *ret_count)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, "SELECT count(*) FROM credential", &statement);
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	if (r == 1) {
		*ret_count = (size_t)sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return r < 0 ? r : LQ_OK;
}

static int fill_roster(struct lq_store *store, struct lq_roster *roster)
{
	size_t count = 0;
	sqlite3_stmt *statement = NULL;
	int r = count_credentials(store, &count);
	if (r == LQ_OK) {
		r = lq_roster_reserve(roster, count);
	}
	if (r == LQ_OK) {
		r = lq_store_prepare(store, CREDENTIAL_COLUMNS, &statement);
	}
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		struct lq_credential credential = take_credential(statement);
		r = lq_roster_put(roster, &credential);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

int lq_roster_load(struct lq_store *store, struct lq_roster **ret_roster)
{
	struct lq_roster *roster = NULL;
	int r = lq_roster_new(&roster);
	if (r == LQ_OK) {
		r = fill_roster(store, roster);
	}
	if (r != LQ_OK) {
		lq_roster_free(roster);
		return r;
	}
	*ret_roster = roster;
	return LQ_OK;
}

int lq_roster_load_some(struct lq_store *store, const struct lq_roster_source *source,
	int64_t *after, uint32_t limit, struct lq_roster *roster)
{
	char sql[512];
	uint32_t count = 0;
	sqlite3_stmt *statement = NULL;
	(void)snprintf(sql, sizeof(sql),
		CREDENTIAL_SELECT "FROM %s c JOIN %s m ON m.id = c.member WHERE c.id > ?1 "
				  "ORDER BY c.id LIMIT ?2",
		source->credentials, source->members);
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_int64(statement, 1, *after);
		(void)sqlite3_bind_int64(statement, 2, limit);
	}
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		struct lq_credential credential = take_credential(statement);
		*after = sqlite3_column_int64(statement, 0);
		count++;
		r = lq_roster_put(roster, &credential);
	}
	(void)sqlite3_finalize(statement);
	r = r != LQ_OK ? r : step;
	return r != LQ_OK ? r : count == limit;
}

/* ---- changing ---- */

/* One value by one text or number; LQ_ERR_NOT_FOUND when there is no such row. */
int lq_roster_find_row(struct lq_store *store, const char *sql, const char *name, uint32_t *ret_id)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	r = lq_store_step(store, statement);
	if (r == 1) {
		*ret_id = (uint32_t)sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return r == 1 ? LQ_OK : r == 0 ? LQ_ERR_NOT_FOUND : r;
}

static int find_profile(struct lq_store *store, const char *name, uint32_t *ret_id)
{
	return lq_roster_find_row(store, "SELECT id FROM profile WHERE name = ?1", name, ret_id);
}

/* Runs a prepared change whose parameters are bound, and says how many rows it touched. */
int lq_roster_run_change(struct lq_store *store, sqlite3_stmt *statement, int *ret_changes)
{
	int r = lq_store_step(store, statement);
	(void)sqlite3_finalize(statement);
	if (r == LQ_OK && ret_changes != NULL) {
		*ret_changes = sqlite3_changes(store->db);
	}
	return r;
}

/* The number of the row that was inserted. Numbers are 32 bits wide everywhere else. */
static int inserted_id(struct lq_store *store, uint32_t *ret_id)
{
	int64_t id = sqlite3_last_insert_rowid(store->db);
	if (id < 1 || id > UINT32_MAX) {
		return LQ_ERR_FULL;
	}
	*ret_id = (uint32_t)id;
	return LQ_OK;
}

static int insert_member(struct lq_store *store, const char *name, const char *profile,
	struct lq_rights rights, uint32_t *ret_id)
{
	uint32_t profile_id = 0;
	sqlite3_stmt *statement = NULL;
	int r = find_profile(store, profile, &profile_id);
	if (r == LQ_OK) {
		r = lq_store_prepare(store,
			"INSERT INTO member (name, profile, any_time, extended_time) "
			"VALUES (?1, ?2, ?3, ?4)",
			&statement);
	}
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 2, profile_id);
	(void)sqlite3_bind_int(statement, 3, rights.any_time);
	(void)sqlite3_bind_int(statement, 4, rights.extended_time);
	r = lq_roster_run_change(store, statement, NULL);
	return r == LQ_OK ? inserted_id(store, ret_id) : r;
}

int lq_member_add(struct lq_store *store, const char *name, const char *profile,
	struct lq_event *event, uint32_t *ret_id)
{
	return lq_member_add_with(store, name, profile, (struct lq_rights){0}, event, ret_id);
}

int lq_member_add_with(struct lq_store *store, const char *name, const char *profile,
	struct lq_rights rights, struct lq_event *event, uint32_t *ret_id)
{
	uint32_t id = 0;
	if (lq_utf8_blank(name, strlen(name)) || strlen(name) >= LQ_MEMBER_NAME_SIZE ||
		!lq_utf8_all_printable(name, strlen(name))) {
		return LQ_ERR_INVALID;
	}
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = insert_member(store, name, profile, rights, &id);
	event->action = "member.added";
	event->holder = id;
	r = lq_store_end_with(store, r, event);
	if (r == LQ_OK) {
		*ret_id = id;
	}
	return r;
}

static int update_number(struct lq_store *store, const char *sql, uint32_t id, int64_t value)
{
	sqlite3_stmt *statement = NULL;
	int changes = 0;
	int r = lq_store_prepare(store, sql, &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, id);
	(void)sqlite3_bind_int64(statement, 2, value);
	r = lq_roster_run_change(store, statement, &changes);
	return r == LQ_OK && changes == 0 ? LQ_ERR_NOT_FOUND : r;
}

int lq_member_set_rights(struct lq_store *store, uint32_t id, const struct lq_rights_change *change,
	struct lq_event *event)
{
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	if (change->sets_any_time) {
		r = update_number(store, "UPDATE member SET any_time = ?2 WHERE id = ?1", id,
			change->rights.any_time);
	}
	if (r == LQ_OK && change->sets_extended_time) {
		r = update_number(store, "UPDATE member SET extended_time = ?2 WHERE id = ?1", id,
			change->rights.extended_time);
	}
	event->action = "member.changed";
	event->holder = id;
	return lq_store_end_with(store, r, event);
}

int lq_member_set_enabled(struct lq_store *store, uint32_t id, bool enabled, struct lq_event *event)
{
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = update_number(
		store, "UPDATE member SET enabled = ?2 WHERE id = ?1", id, enabled ? 1 : 0);
	event->action = enabled ? "member.enabled" : "member.disabled";
	event->holder = id;
	return lq_store_end_with(store, r, event);
}

int lq_credential_load(struct lq_store *store, uint32_t id, struct lq_credential *ret_credential)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, CREDENTIAL_COLUMNS "WHERE c.id = ?1", &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, id);
	r = lq_store_step(store, statement);
	if (r == 1) {
		*ret_credential = take_credential(statement);
	}
	(void)sqlite3_finalize(statement);
	return r == 1 ? LQ_OK : r == 0 ? LQ_ERR_NOT_FOUND : r;
}

static int insert_credential(struct lq_store *store, const struct lq_credential *wanted)
{
	sqlite3_stmt *statement = NULL;
	struct lq_member member;
	int r = lq_member_get(store, wanted->holder, &member);
	if (r == LQ_OK) {
		r = lq_store_prepare(store,
			"INSERT INTO credential (member, key, valid_from, valid_to, uses_left, "
			"valid_for) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
			&statement);
	}
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, wanted->holder);
	(void)sqlite3_bind_blob(statement, 2, wanted->key, sizeof(wanted->key), SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 3, wanted->valid_from_s);
	(void)sqlite3_bind_int64(statement, 4, wanted->valid_to_s);
	if (wanted->counted) {
		(void)sqlite3_bind_int(statement, 5, wanted->uses_left);
	}
	(void)sqlite3_bind_int(statement, 6, wanted->valid_for_h);
	return lq_roster_run_change(store, statement, NULL);
}

int lq_badge_enrol(struct lq_store *store, const struct lq_credential *wanted,
	struct lq_event *event, struct lq_credential *ret_credential)
{
	uint32_t id = 0;
	struct lq_credential stored = {0};
	if (wanted->valid_from_s >= wanted->valid_to_s) {
		return LQ_ERR_INVALID;
	}
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = insert_credential(store, wanted);
	if (r == LQ_OK) {
		r = inserted_id(store, &id);
	}
	if (r == LQ_OK) {
		r = lq_credential_load(store, id, &stored);
	}
	event->action = "badge.enrolled";
	event->holder = stored.holder;
	event->credential = stored.id;
	r = lq_store_end_with(store, r, event);
	if (r == LQ_OK) {
		*ret_credential = stored;
	}
	return r;
}

static const char *state_action(enum lq_credential_state state)
{
	switch (state) {
	case LQ_CREDENTIAL_ENABLED:
		return "badge.enabled";
	case LQ_CREDENTIAL_REVOKED:
		return "badge.revoked";
	case LQ_CREDENTIAL_LOST:
		return "badge.lost";
	case LQ_CREDENTIAL_SUSPENDED:
		return "badge.suspended";
	case LQ_CREDENTIAL_STOLEN:
		return "badge.stolen";
	case LQ_CREDENTIAL_RETURNED:
		return "badge.returned";
	case LQ_CREDENTIAL_DAMAGED:
		return "badge.damaged";
	case LQ_CREDENTIAL_STATE_COUNT:
		break;
	}
	return NULL;
}

int lq_badge_set_state(struct lq_store *store, uint32_t id, enum lq_credential_state state,
	struct lq_event *event, struct lq_credential *ret_credential)
{
	return lq_badge_set_state_until(store, id, state, 0, event, ret_credential);
}

int lq_badge_set_state_until(struct lq_store *store, uint32_t id, enum lq_credential_state state,
	uint32_t until_s, struct lq_event *event, struct lq_credential *ret_credential)
{
	struct lq_credential stored = {0};
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = update_number(store, "UPDATE credential SET state = ?2 WHERE id = ?1", id, (int)state);
	if (r == LQ_OK) {
		r = update_number(store, "UPDATE credential SET suspended_until = ?2 WHERE id = ?1",
			id, until_s);
	}
	if (r == LQ_OK) {
		r = lq_credential_load(store, id, &stored);
	}
	event->action = state_action(state);
	event->holder = stored.holder;
	event->credential = id;
	r = lq_store_end_with(store, r, event);
	if (r == LQ_OK) {
		*ret_credential = stored;
	}
	return r;
}

static int update_limits(struct lq_store *store, uint32_t id, const struct lq_badge_limits *limits)
{
	int r = LQ_OK;
	if (limits->sets_uses) {
		r = update_number(store,
			limits->counted ? "UPDATE credential SET uses_left = ?2 WHERE id = ?1"
					: "UPDATE credential SET uses_left = NULL WHERE id = ?1",
			id, limits->uses_left);
	}
	if (r == LQ_OK && limits->sets_valid_for) {
		r = update_number(store, "UPDATE credential SET valid_for = ?2 WHERE id = ?1", id,
			limits->valid_for_h);
	}
	return r;
}

int lq_badge_set_limits(struct lq_store *store, uint32_t id, const struct lq_badge_limits *limits,
	struct lq_event *event, struct lq_credential *ret_credential)
{
	struct lq_credential stored = {0};
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = update_limits(store, id, limits);
	if (r == LQ_OK) {
		r = lq_credential_load(store, id, &stored);
	}
	event->action = "badge.changed";
	event->holder = stored.holder;
	event->credential = id;
	r = lq_store_end_with(store, r, event);
	if (r == LQ_OK) {
		*ret_credential = stored;
	}
	return r;
}

static int spend_in(struct lq_store *store, const char *sql, const struct lq_event *event)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, event->credential);
	(void)sqlite3_bind_int64(statement, 2, event->at.unix_ms / 1000);
	return lq_roster_run_change(store, statement, NULL);
}

#define SPEND(table)                                                                               \
	"UPDATE " table " SET uses_left = max(uses_left - 1, 0), "                                 \
	"valid_to = CASE WHEN valid_for > 0 THEN min(valid_to, ?2 + valid_for * 3600) "            \
	"ELSE valid_to END, valid_for = 0 WHERE id = ?1"

int lq_credential_keep(struct lq_store *store, const struct lq_event *event)
{
	struct lq_spent *spent = &store->spent;
	int r = spend_in(store, SPEND("credential"), event);
	if (r != LQ_OK || !spent->watched) {
		return r;
	}
	spent->overrun = spent->overrun || spent->count == LQ_SPENT_MAX;
	if (!spent->overrun) {
		spent->badges[spent->count++] = event->credential;
	}
	return spend_in(store, SPEND("credential_next"), event);
}

/* ---- reading ---- */

#define MEMBER_COLUMNS                                                                             \
	"SELECT m.id, m.name, p.name, m.enabled, "                                                 \
	"(SELECT count(*) FROM credential c WHERE c.member = m.id), "                              \
	"m.any_time, m.extended_time "                                                             \
	"FROM member m JOIN profile p ON p.id = m.profile "

static void copy_column(sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t length = text == NULL ? 0 : strlen(text);
	length = length < size ? length : size - 1;
	if (length > 0) {
		memcpy(out, text, length);
	}
	out[length] = '\0';
}

static struct lq_member take_member(sqlite3_stmt *statement)
{
	bool sound = true;
	struct lq_member member = {
		.id = (uint32_t)lq_roster_take_number(statement, 0, 1, UINT32_MAX, &sound),
		.enabled = sqlite3_column_int(statement, 3) == 1,
		.badges = (uint32_t)sqlite3_column_int64(statement, 4),
		.rights = {.any_time = sqlite3_column_int(statement, 5) == 1,
			.extended_time = sqlite3_column_int(statement, 6) == 1},
	};
	copy_column(statement, 1, member.name, sizeof(member.name));
	copy_column(statement, 2, member.profile, sizeof(member.profile));
	return member;
}

int lq_member_list(
	struct lq_store *store, int (*each)(void *ctx, const struct lq_member *member), void *ctx)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, MEMBER_COLUMNS "ORDER BY m.id", &statement);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		struct lq_member member = take_member(statement);
		r = each(ctx, &member);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

int lq_member_get(struct lq_store *store, uint32_t id, struct lq_member *ret_member)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, MEMBER_COLUMNS "WHERE m.id = ?1", &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, id);
	r = lq_store_step(store, statement);
	if (r == 1) {
		*ret_member = take_member(statement);
	}
	(void)sqlite3_finalize(statement);
	return r == 1 ? LQ_OK : r == 0 ? LQ_ERR_NOT_FOUND : r;
}

int lq_badge_list(struct lq_store *store, uint32_t holder,
	int (*each)(void *ctx, const struct lq_badge *badge), void *ctx)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"SELECT id, member, state, valid_from, valid_to, uses_left, valid_for, "
		"suspended_until FROM credential "
		"WHERE ?1 = 0 OR member = ?1 ORDER BY id",
		&statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, holder);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		bool sound = true;
		struct lq_badge badge = {
			.id = (uint32_t)lq_roster_take_number(statement, 0, 1, UINT32_MAX, &sound),
			.holder = (uint32_t)lq_roster_take_number(
				statement, 1, 1, UINT32_MAX, &sound),
			.state = (enum lq_credential_state)lq_roster_take_number(
				statement, 2, 0, LQ_CREDENTIAL_STATE_COUNT - 1, &sound),
			.valid_from_s = (uint32_t)lq_roster_take_number(
				statement, 3, 0, UINT32_MAX, &sound),
			.valid_to_s = (uint32_t)lq_roster_take_number(
				statement, 4, 0, UINT32_MAX, &sound),
			.counted = sqlite3_column_type(statement, 5) != SQLITE_NULL,
			.uses_left = (uint16_t)sqlite3_column_int(statement, 5),
			.valid_for_h = (uint16_t)lq_roster_take_number(
				statement, 6, 0, UINT16_MAX, &sound),
			.suspended_until_s = (uint32_t)lq_roster_take_number(
				statement, 7, 0, UINT32_MAX, &sound),
		};
		badge.state = sound ? badge.state : LQ_CREDENTIAL_STATE_COUNT;
		r = each(ctx, &badge);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

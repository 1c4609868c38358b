/* The rows that the office's roster becomes in door.db. */
#include "firmware/core/err.h"
#include "firmware/store/office_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_SIZE 512u

/* ---- profiles ---- */

static int find_numbers(struct lq_office_draft *draft, struct lq_store *store, bool used[])
{
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(store, "SELECT id, name FROM profile", &statement);
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		int64_t id = sqlite3_column_int64(statement, 0);
		const char *name = (const char *)sqlite3_column_text(statement, 1);
		if (id < 1 || id >= LQ_RULES_MAX || name == NULL) {
			continue;
		}
		used[id] = true;
		for (uint16_t i = 0; i < draft->profile_count; i++) {
			if (strcmp(draft->profiles[i], name) == 0) {
				draft->numbers[i] = (uint16_t)id;
			}
		}
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

int lq_office_number_profiles(struct lq_office_draft *draft, struct lq_store *store)
{
	bool used[LQ_RULES_MAX] = {false};
	uint16_t number = 1;
	free(draft->numbers);
	free(draft->made);
	draft->numbers = calloc(draft->profile_count + 1u, sizeof(*draft->numbers));
	draft->made = calloc(draft->profile_count + 1u, sizeof(*draft->made));
	if (draft->numbers == NULL || draft->made == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = find_numbers(draft, store, used);
	for (uint16_t i = 0; i < draft->profile_count && r == LQ_OK; i++) {
		if (draft->numbers[i] != 0) {
			continue;
		}
		while (number < LQ_RULES_MAX && used[number]) {
			number++;
		}
		if (number == LQ_RULES_MAX) {
			return LQ_ERR_INVALID;
		}
		draft->numbers[i] = number;
		draft->made[i] = true;
		used[number] = true;
	}
	return r;
}

int lq_office_put_profiles(struct lq_office_draft *draft, struct lq_store *store)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "INSERT INTO profile (id, name) VALUES (?1, ?2)", &statement);
	for (uint16_t i = 0; i < draft->profile_count && r == LQ_OK; i++) {
		if (draft->made[i]) {
			(void)sqlite3_bind_int(statement, 1, draft->numbers[i]);
			(void)sqlite3_bind_text(
				statement, 2, draft->profiles[i], -1, SQLITE_STATIC);
			r = lq_store_step(store, statement);
			(void)sqlite3_reset(statement);
		}
	}
	(void)sqlite3_finalize(statement);
	return r;
}

/* ---- rules ---- */

/* ?1 name, ?2 other, ?3 access point or date's year, ?4, ?5 numbers. What a line names and the
 * rules have not grants nothing, and unlocks nothing. */
static const char *const rule_sql[] = {
	[LQ_OFFICE_SCHEDULE] = "INSERT OR IGNORE INTO schedule (name) VALUES (?1)",
	[LQ_OFFICE_SPECIAL] = "INSERT OR IGNORE INTO special_group (name) VALUES (?1)",
	[LQ_OFFICE_SCHEDULE_SPECIAL] =
		"INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
		"SELECT s.id, g.id, ?3, ?4, ?5 FROM schedule s, special_group g "
		"WHERE s.name = ?1 AND g.name = ?2",
	[LQ_OFFICE_PROFILE] = NULL,
	[LQ_OFFICE_POLICY] =
		"INSERT INTO policy (profile, access_point, schedule) SELECT p.id, ?3, s.id "
		"FROM profile p LEFT JOIN schedule s ON s.name = ?2 "
		"WHERE p.name = ?1 AND (?2 = '' OR s.id IS NOT NULL)",
	[LQ_OFFICE_HOURS] = "INSERT OR REPLACE INTO door_hours (door, schedule, first_person) "
			    "SELECT ?1, id, ?4 FROM schedule WHERE name = ?2",
};

struct rule_writing {
	struct lq_store *store;
	sqlite3_stmt *statements[sizeof(rule_sql) / sizeof(rule_sql[0])];
	sqlite3_stmt *period;
	sqlite3_stmt *date;
};

static int run_rule(struct rule_writing *writing, sqlite3_stmt *statement)
{
	int r = lq_store_step(writing->store, statement);
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	return r;
}

static int put_schedule_periods(struct rule_writing *writing, const struct lq_office_line *line)
{
	int r = LQ_OK;
	for (uint8_t i = 0; i < line->period_count && r == LQ_OK; i++) {
		(void)sqlite3_bind_text(writing->period, 1, line->name, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int(writing->period, 2, line->periods[i].from);
		(void)sqlite3_bind_int(writing->period, 3, line->periods[i].to);
		r = run_rule(writing, writing->period);
	}
	return r;
}

static int put_date(struct rule_writing *writing, const struct lq_office_line *line)
{
	(void)sqlite3_bind_text(writing->date, 1, line->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(writing->date, 2, line->day.year);
	(void)sqlite3_bind_int(writing->date, 3, line->day.month);
	(void)sqlite3_bind_int(writing->date, 4, line->day.day);
	return run_rule(writing, writing->date);
}

static void bind_rule(sqlite3_stmt *statement, const struct lq_office_line *line)
{
	(void)sqlite3_bind_text(statement, 1, line->name, -1, SQLITE_STATIC);
	if (line->kind != LQ_OFFICE_SCHEDULE && line->kind != LQ_OFFICE_SPECIAL) {
		(void)sqlite3_bind_text(statement, 2, line->other, -1, SQLITE_STATIC);
	}
	if (line->kind == LQ_OFFICE_POLICY) {
		(void)sqlite3_bind_text(statement, 3, line->access_point, -1, SQLITE_STATIC);
	} else if (line->kind == LQ_OFFICE_HOURS) {
		(void)sqlite3_bind_int(statement, 4, line->first_person);
	} else if (line->kind == LQ_OFFICE_SCHEDULE_SPECIAL) {
		(void)sqlite3_bind_int(statement, 3, line->place);
		if (line->period_count > 0) {
			(void)sqlite3_bind_int(statement, 4, line->periods[0].from);
			(void)sqlite3_bind_int(statement, 5, line->periods[0].to);
		}
	}
}

/* Schedules, groups and dates come first: the other lines refer to them, wherever they stand. */
static bool is_referred_to(enum lq_office_line_kind kind)
{
	return kind == LQ_OFFICE_SCHEDULE || kind == LQ_OFFICE_SPECIAL;
}

static int put_rule(
	struct rule_writing *writing, const struct lq_office_line *line, bool referred_to)
{
	sqlite3_stmt *statement = writing->statements[line->kind];
	if (statement == NULL || is_referred_to(line->kind) != referred_to) {
		return LQ_OK;
	}
	bind_rule(statement, line);
	int r = run_rule(writing, statement);
	if (r == LQ_OK && line->kind == LQ_OFFICE_SCHEDULE) {
		r = put_schedule_periods(writing, line);
	}
	if (r == LQ_OK && line->kind == LQ_OFFICE_SPECIAL) {
		r = put_date(writing, line);
	}
	return r;
}

static int put_lines(
	struct rule_writing *writing, const struct lq_office_draft *draft, bool referred_to)
{
	struct lq_office_text text =
		lq_office_text_begin(LQ_OFFICE_RULES, draft->rules, draft->rules_length);
	struct lq_office_line line;
	int r = 0;
	while ((r = lq_office_text_next(&text, &line)) == 1) {
		r = put_rule(writing, &line, referred_to);
		if (r != LQ_OK) {
			return r;
		}
	}
	return r;
}

static int rule_writing_begin(struct rule_writing *writing)
{
	int r = lq_store_prepare(writing->store,
		"INSERT INTO schedule_period (schedule, from_minute, to_minute) "
		"SELECT id, ?2, ?3 FROM schedule WHERE name = ?1",
		&writing->period);
	if (r == LQ_OK) {
		r = lq_store_prepare(writing->store,
			"INSERT OR IGNORE INTO special_day (special, year, month, day) "
			"SELECT id, ?2, ?3, ?4 FROM special_group WHERE name = ?1",
			&writing->date);
	}
	for (size_t i = 0; i < sizeof(rule_sql) / sizeof(rule_sql[0]) && r == LQ_OK; i++) {
		if (rule_sql[i] != NULL) {
			r = lq_store_prepare(writing->store, rule_sql[i], &writing->statements[i]);
		}
	}
	return r;
}

/* A profile that nobody has and that grants nothing only takes up a number. */
int lq_office_put_rules(struct lq_office_draft *draft, struct lq_store *store)
{
	struct rule_writing writing = {.store = store};
	int r = lq_store_execute(store,
		"DELETE FROM policy; DELETE FROM door_hours; DELETE FROM schedule_special;"
		"DELETE FROM schedule_period; DELETE FROM schedule; DELETE FROM special_day;"
		"DELETE FROM special_group");
	if (r == LQ_OK) {
		r = rule_writing_begin(&writing);
	}
	if (r == LQ_OK) {
		r = put_lines(&writing, draft, true);
	}
	if (r == LQ_OK) {
		r = put_lines(&writing, draft, false);
	}
	for (size_t i = 0; i < sizeof(rule_sql) / sizeof(rule_sql[0]); i++) {
		(void)sqlite3_finalize(writing.statements[i]);
	}
	(void)sqlite3_finalize(writing.period);
	(void)sqlite3_finalize(writing.date);
	if (r == LQ_OK) {
		r = lq_store_execute(store,
			"DELETE FROM profile WHERE id <> 1 AND id NOT IN "
			"(SELECT profile FROM policy UNION SELECT profile FROM member)");
	}
	return r;
}

/* ---- persons and badges ---- */

static int prepare_for(struct lq_store *store, const char *table, const char *rest, bool beside,
	sqlite3_stmt **ret_statement)
{
	char sql[SQL_SIZE];
	(void)snprintf(sql, sizeof(sql), "INSERT INTO %s%s %s", table, beside ? "_next" : "", rest);
	return lq_store_prepare(store, sql, ret_statement);
}

int lq_office_writing_begin(struct lq_store *store, bool beside, struct lq_office_writing *writing)
{
	*writing = (struct lq_office_writing){.store = store};
	int r = prepare_for(store, "member",
		"(id, name, profile, enabled, any_time, extended_time) "
		"VALUES (?1, '', ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET name = '', "
		"external_id = NULL, profile = ?2, enabled = ?3, any_time = ?4, "
		"extended_time = ?5 WHERE (name, profile, enabled, any_time, extended_time) "
		"IS NOT ('', ?2, ?3, ?4, ?5)",
		beside, &writing->person);
	if (r == LQ_OK) {
		r = prepare_for(store, "credential",
			"(id, member, key, state, valid_from, valid_to, "
			"uses_left, valid_for, suspended_until, origin) "
			"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
			beside, &writing->badge);
	}
	if (r == LQ_OK) {
		r = lq_store_prepare(store,
			"SELECT uses_left, valid_to, valid_for FROM credential "
			"WHERE id = ?1 AND key = ?2 AND origin = ?3",
			&writing->spent);
	}
	return r;
}

void lq_office_writing_end(struct lq_office_writing *writing)
{
	(void)sqlite3_finalize(writing->person);
	(void)sqlite3_finalize(writing->badge);
	(void)sqlite3_finalize(writing->spent);
}

int lq_office_write_person(struct lq_office_writing *writing, const struct lq_office_draft *draft,
	const struct lq_office_person *person)
{
	sqlite3_stmt *statement = writing->person;
	(void)sqlite3_bind_int64(statement, 1, person->number);
	(void)sqlite3_bind_int(statement, 2, draft->numbers[person->profile]);
	(void)sqlite3_bind_int(statement, 3, person->enabled);
	(void)sqlite3_bind_int(statement, 4, person->any_time);
	(void)sqlite3_bind_int(statement, 5, person->extended_time);
	int r = lq_store_step(writing->store, statement);
	(void)sqlite3_reset(statement);
	return r;
}

/* What the office says of a badge's uses and time, and of nothing else. */
static int64_t origin_of(const struct lq_credential *badge)
{
	char text[96];
	uint8_t hash[LQ_HASH_SIZE];
	int64_t origin = 0;
	int length = snprintf(text, sizeof(text), "%u %u %d %u %u", badge->valid_from_s,
		badge->valid_to_s, badge->counted ? badge->uses_left : -1, badge->valid_for_h,
		badge->id);
	lq_hash(text, (size_t)length, hash);
	memcpy(&origin, hash, sizeof(origin));
	return origin;
}

/* `ret_badge` is as it will be written. */
static int settle(struct lq_office_writing *writing, const struct lq_office_draft *draft,
	const struct lq_credential *badge, struct lq_credential *ret_badge)
{
	bool sound = true;
	struct lq_credential settled = *badge;
	settled.profile = draft->numbers[badge->profile];
	*ret_badge = settled;
	if (draft->first || (!badge->counted && badge->valid_for_h == 0)) {
		return LQ_OK;
	}
	sqlite3_stmt *statement = writing->spent;
	(void)sqlite3_bind_int64(statement, 1, badge->id);
	(void)sqlite3_bind_blob(statement, 2, badge->key, sizeof(badge->key), SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 3, origin_of(badge));
	int r = lq_store_step(writing->store, statement);
	if (r == 1) {
		settled.uses_left = badge->counted ? (uint16_t)lq_roster_take_number(
							     statement, 0, 0, UINT16_MAX, &sound)
						   : 0;
		settled.valid_to_s =
			(uint32_t)lq_roster_take_number(statement, 1, 0, UINT32_MAX, &sound);
		settled.valid_for_h =
			(uint16_t)lq_roster_take_number(statement, 2, 0, UINT16_MAX, &sound);
	}
	(void)sqlite3_reset(statement);
	*ret_badge = settled;
	return r < 0 ? r : LQ_OK;
}

static int insert_badge(
	struct lq_office_writing *writing, const struct lq_credential *badge, int64_t origin)
{
	sqlite3_stmt *statement = writing->badge;
	(void)sqlite3_bind_int64(statement, 1, badge->id);
	(void)sqlite3_bind_int64(statement, 2, badge->holder);
	(void)sqlite3_bind_blob(statement, 3, badge->key, sizeof(badge->key), SQLITE_STATIC);
	(void)sqlite3_bind_int(statement, 4, badge->state);
	(void)sqlite3_bind_int64(statement, 5, badge->valid_from_s);
	(void)sqlite3_bind_int64(statement, 6, badge->valid_to_s);
	if (badge->counted) {
		(void)sqlite3_bind_int(statement, 7, badge->uses_left);
	} else {
		(void)sqlite3_bind_null(statement, 7);
	}
	(void)sqlite3_bind_int(statement, 8, badge->valid_for_h);
	(void)sqlite3_bind_int64(statement, 9, badge->suspended_until_s);
	(void)sqlite3_bind_int64(statement, 10, origin);
	int r = lq_store_step(writing->store, statement);
	(void)sqlite3_reset(statement);
	return r;
}

int lq_office_write_badge(struct lq_office_writing *writing, const struct lq_office_draft *draft,
	const struct lq_credential *badge)
{
	struct lq_credential settled;
	int r = settle(writing, draft, badge, &settled);
	if (r == LQ_OK) {
		r = insert_badge(writing, &settled, origin_of(badge));
	}
	return r == LQ_OK ? lq_roster_put(draft->fresh, &settled) : r;
}

/* ---- few parts ---- */

struct found {
	uint32_t id;
	int64_t origin;
};

struct change {
	struct lq_office_draft *draft;
	struct lq_office_writing writing;
	bool *stays; /* of each badge of the draft: its row is as it should be */
	struct found *found;
	size_t count;
	size_t room;
};

static bool is_as_before(const struct lq_credential *before, const struct lq_credential *settled)
{
	return before->id == settled->id && before->holder == settled->holder &&
	       before->state == settled->state && before->valid_from_s == settled->valid_from_s &&
	       before->valid_to_s == settled->valid_to_s &&
	       before->suspended_until_s == settled->suspended_until_s &&
	       before->counted == settled->counted && before->uses_left == settled->uses_left &&
	       before->valid_for_h == settled->valid_for_h;
}

static int note(struct change *change, uint32_t id, int64_t origin)
{
	if (change->count == change->room) {
		size_t room = change->room == 0 ? 512 : 2 * change->room;
		struct found *grown = realloc(change->found, room * sizeof(*grown));
		if (grown == NULL) {
			return LQ_ERR_NO_MEMORY;
		}
		change->found = grown;
		change->room = room;
	}
	change->found[change->count++] = (struct found){.id = id, .origin = origin};
	return LQ_OK;
}

/* The numbers of rows of a part, before any of them is changed. */
static int gather(struct change *change, const char *sql, uint16_t part)
{
	struct lq_store *store = change->writing.store;
	sqlite3_stmt *statement = NULL;
	int step = 0;
	change->count = 0;
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_int(statement, 1, part - 1);
	}
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		r = note(change, (uint32_t)sqlite3_column_int64(statement, 0),
			sqlite3_column_int64(statement, 1));
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

static int delete_row(struct lq_store *store, const char *sql, uint32_t id)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, id);
	return lq_roster_run_change(store, statement, NULL);
}

/* A row that is as it should be stays. Any other goes, once what it has spent was read. */
static int review_badge(struct change *change, const struct found *found)
{
	struct lq_office_draft *draft = change->draft;
	struct lq_store *store = change->writing.store;
	struct lq_credential before = {0};
	struct lq_credential settled = {0};
	int r = lq_credential_load(store, found->id, &before);
	if (r != LQ_OK) {
		return r;
	}
	const struct lq_credential *badge = lq_roster_find(draft->roster, before.key);
	if (badge != NULL && badge->id == before.id) {
		r = settle(&change->writing, draft, badge, &settled);
		if (r == LQ_OK) {
			r = lq_roster_put(draft->fresh, &settled);
		}
		bool stays = is_as_before(&before, &settled) && found->origin == origin_of(badge);
		change->stays[badge - lq_roster_at(draft->roster, 0)] = stays;
		if (r != LQ_OK || stays) {
			return r;
		}
	}
	return delete_row(store, "DELETE FROM credential WHERE id = ?1", found->id);
}

static int review_part(struct change *change, uint16_t part)
{
	int r = gather(change,
		"SELECT c.id, c.origin FROM member m JOIN credential c ON c.member = m.id "
		"WHERE m.id % 256 = ?1",
		part);
	for (size_t i = 0; i < change->count && r == LQ_OK; i++) {
		r = review_badge(change, &change->found[i]);
	}
	return r;
}

static int put_badges(struct change *change)
{
	struct lq_office_draft *draft = change->draft;
	int r = LQ_OK;
	for (size_t i = 0; i < lq_roster_count(draft->roster) && r == LQ_OK; i++) {
		const struct lq_credential *badge = lq_roster_at(draft->roster, i);
		const struct lq_credential *settled = lq_roster_find(draft->fresh, badge->key);
		if (change->stays[i]) {
			continue;
		}
		r = settled == NULL ? lq_office_write_badge(&change->writing, draft, badge)
				    : insert_badge(&change->writing, settled, origin_of(badge));
	}
	return r;
}

static int compare_person(const void *key, const void *person)
{
	uint32_t number = *(const uint32_t *)key;
	const struct lq_office_person *other = person;
	return number < other->number ? -1 : number > other->number;
}

static int remove_persons(struct change *change, uint16_t part)
{
	const struct lq_office_draft *draft = change->draft;
	int r = gather(change, "SELECT id, 0 FROM member WHERE id % 256 = ?1", part);
	for (size_t i = 0; i < change->count && r == LQ_OK; i++) {
		uint32_t id = change->found[i].id;
		if (draft->person_count == 0 ||
			bsearch(&id, draft->persons, draft->person_count, sizeof(*draft->persons),
				compare_person) == NULL) {
			r = delete_row(
				change->writing.store, "DELETE FROM member WHERE id = ?1", id);
		}
	}
	return r;
}

static int each_part(struct change *change, int (*act)(struct change *change, uint16_t part))
{
	int r = LQ_OK;
	for (uint16_t i = 1; i < LQ_OFFICE_PARTS && r == LQ_OK; i++) {
		bool differs = !lq_office_part_same(
			&change->draft->manifest, &change->draft->before.manifest, i);
		r = change->draft->has[i] || differs ? act(change, i) : LQ_OK;
	}
	return r;
}

static int change_rows(struct change *change)
{
	struct lq_office_draft *draft = change->draft;
	int r = each_part(change, review_part);
	for (uint32_t i = 0; i < draft->person_count && r == LQ_OK; i++) {
		r = lq_office_write_person(&change->writing, draft, &draft->persons[i]);
	}
	if (r == LQ_OK) {
		r = put_badges(change);
	}
	return r == LQ_OK ? each_part(change, remove_persons) : r;
}

int lq_office_change_rows(struct lq_office_draft *draft, struct lq_store *store)
{
	struct change change = {.draft = draft};
	change.stays = calloc(lq_roster_count(draft->roster) + 1, sizeof(*change.stays));
	if (change.stays == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = lq_office_writing_begin(store, false, &change.writing);
	if (r == LQ_OK) {
		r = change_rows(&change);
	}
	lq_office_writing_end(&change.writing);
	free(change.stays);
	free(change.found);
	return r;
}

/* Profiles, schedules and special days in door.db. */
#include "firmware/core/err.h"
#include "firmware/store/roster_internal.h"
#include "firmware/store/store_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- loading ---- */

/* "<door>/entry", "<door>/exit" or "*". */
static bool access_point_number(
	const struct lq_site *site, const char *text, uint16_t *ret_access_point)
{
	if (strcmp(text, "*") == 0) {
		*ret_access_point = LQ_ANY_ACCESS_POINT;
		return true;
	}
	for (uint16_t i = 0; i < site->door_count * 2u; i++) {
		char name[LQ_ACCESS_POINT_NAME_SIZE];
		lq_access_point_name(site, i, name);
		if (strcmp(name, text) == 0) {
			*ret_access_point = i;
			return true;
		}
	}
	return false;
}

static int load_periods(struct lq_store *store, struct lq_rule_tables *tables)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "SELECT schedule, from_minute, to_minute FROM schedule_period", &statement);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		bool sound = true;
		int64_t id =
			lq_roster_take_number(statement, 0, 1, tables->schedule_count - 1, &sound);
		struct lq_period period = {.from = (uint16_t)lq_roster_take_number(
						   statement, 1, 0, LQ_WEEK_MINUTES - 1, &sound),
			.to = (uint16_t)lq_roster_take_number(
				statement, 2, 0, LQ_WEEK_MINUTES, &sound)};
		struct lq_schedule *schedule = &tables->schedules[id];
		if (sound && schedule->count < LQ_SCHEDULE_PERIODS_MAX) {
			schedule->periods[schedule->count++] = period;
		}
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

/* A group whose rows cannot all be right closes. */
static struct lq_special *special_of(struct lq_schedule *schedule, uint16_t group)
{
	for (uint8_t i = 0; i < schedule->special_count; i++) {
		if (schedule->specials[i].group == group) {
			return &schedule->specials[i];
		}
	}
	if (schedule->special_count == LQ_SPECIALS_MAX) {
		return NULL;
	}
	struct lq_special *special = &schedule->specials[schedule->special_count++];
	*special = (struct lq_special){.group = group};
	return special;
}

static void take_special(sqlite3_stmt *statement, struct lq_rule_tables *tables)
{
	bool sound = true;
	int64_t id = lq_roster_take_number(statement, 0, 1, tables->schedule_count - 1, &sound);
	uint16_t group = (uint16_t)lq_roster_take_number(statement, 1, 1, LQ_RULES_MAX - 1, &sound);
	struct lq_special *special = sound ? special_of(&tables->schedules[id], group) : NULL;
	struct lq_period period = {.from = (uint16_t)lq_roster_take_number(
					   statement, 2, 0, LQ_DAY_MINUTES - 1, &sound),
		.to = (uint16_t)lq_roster_take_number(statement, 3, 0, LQ_DAY_MINUTES, &sound)};
	if (special != NULL && sound && special->count < LQ_SPECIAL_PERIODS_MAX) {
		special->periods[special->count++] = period;
	}
}

static int load_specials(struct lq_store *store, struct lq_rule_tables *tables)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"SELECT schedule, special, from_minute, to_minute FROM schedule_special "
		"ORDER BY schedule, place, rowid",
		&statement);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		take_special(statement, tables);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

static struct lq_special_day take_special_day(sqlite3_stmt *statement, bool *sound)
{
	return (struct lq_special_day){
		.group = (uint16_t)lq_roster_take_number(statement, 0, 1, LQ_RULES_MAX - 1, sound),
		.year = (uint16_t)lq_roster_take_number(statement, 1, 0, 9999, sound),
		.month = (uint8_t)lq_roster_take_number(statement, 2, 1, 12, sound),
		.day = (uint8_t)lq_roster_take_number(statement, 3, 1, 31, sound),
	};
}

static int load_days(struct lq_store *store, struct lq_rule_tables *tables)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "SELECT special, year, month, day FROM special_day", &statement);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		bool sound = true;
		struct lq_special_day day = take_special_day(statement, &sound);
		if (sound && tables->day_count < LQ_CALENDAR_DAYS_MAX) {
			tables->days[tables->day_count++] = day;
		}
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

/* False for a row that grants nothing. */
static bool take_policy(
	struct lq_store *store, sqlite3_stmt *statement, struct lq_policy *ret_policy)
{
	bool sound = true;
	const char *text = (const char *)sqlite3_column_text(statement, 1);
	struct lq_policy policy = {.schedule = LQ_SCHEDULE_ALWAYS};
	if (text == NULL || strlen(text) != (size_t)sqlite3_column_bytes(statement, 1) ||
		!access_point_number(&store->site, text, &policy.access_point)) {
		return false;
	}
	if (sqlite3_column_type(statement, 2) != SQLITE_NULL) {
		policy.schedule =
			(uint16_t)lq_roster_take_number(statement, 2, 1, LQ_RULES_MAX - 1, &sound);
	}
	*ret_policy = policy;
	return sound;
}

static int load_profile_names(struct lq_store *store, struct lq_rule_tables *tables)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, "SELECT id, name FROM profile", &statement);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		bool sound = true;
		int64_t id =
			lq_roster_take_number(statement, 0, 1, tables->profile_count - 1, &sound);
		const char *name = (const char *)sqlite3_column_text(statement, 1);
		if (sound && name != NULL && strlen(name) < LQ_NAME_SIZE) {
			memcpy(tables->profile_names[id], name, strlen(name) + 1);
		}
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

uint16_t lq_rule_tables_profile(const struct lq_rule_tables *tables, const char *name)
{
	for (uint16_t i = 1; i < tables->profile_count; i++) {
		if (strcmp(tables->profile_names[i], name) == 0) {
			return i;
		}
	}
	return 0;
}

static int load_policies(struct lq_store *store, struct lq_rule_tables *tables)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "SELECT profile, access_point, schedule FROM policy", &statement);
	int step = 0;
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		bool sound = true;
		int64_t id =
			lq_roster_take_number(statement, 0, 1, tables->profile_count - 1, &sound);
		struct lq_profile *profile = &tables->profiles[id];
		struct lq_policy policy;
		if (sound && profile->policy_count < LQ_POLICIES_MAX &&
			take_policy(store, statement, &policy)) {
			profile->policies[profile->policy_count++] = policy;
		}
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

static int highest_ids(struct lq_store *store, struct lq_rule_tables *tables)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"SELECT (SELECT ifnull(max(id), 0) FROM profile WHERE id BETWEEN 1 AND ?1), "
		"(SELECT ifnull(max(id), 0) FROM schedule WHERE id BETWEEN 1 AND ?1)",
		&statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_int(statement, 1, LQ_RULES_MAX - 1);
		r = lq_store_step(store, statement);
	}
	if (r == 1) {
		tables->profile_count = (uint16_t)(sqlite3_column_int(statement, 0) + 1);
		tables->schedule_count = (uint16_t)(sqlite3_column_int(statement, 1) + 1);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	return r;
}

int lq_rule_tables_load(struct lq_store *store, struct lq_rule_tables **ret_tables)
{
	struct lq_rule_tables *tables = calloc(1, sizeof(*tables));
	if (tables == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = highest_ids(store, tables);
	if (r == LQ_OK) {
		// NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): 1 to LQ_RULES_MAX
		tables->profiles = calloc(tables->profile_count, sizeof(*tables->profiles));
		// NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): 1 to LQ_RULES_MAX
		tables->profile_names =
			calloc(tables->profile_count, sizeof(*tables->profile_names));
		// NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): 1 to LQ_RULES_MAX
		tables->schedules = calloc(tables->schedule_count, sizeof(*tables->schedules));
		tables->days = calloc(LQ_CALENDAR_DAYS_MAX, sizeof(*tables->days));
		bool made = tables->profiles != NULL && tables->profile_names != NULL &&
			    tables->schedules != NULL && tables->days != NULL;
		r = made ? LQ_OK : LQ_ERR_NO_MEMORY;
	}
	if (r == LQ_OK) {
		r = load_periods(store, tables);
	}
	if (r == LQ_OK) {
		r = load_specials(store, tables);
	}
	if (r == LQ_OK) {
		r = load_days(store, tables);
	}
	if (r == LQ_OK) {
		r = load_profile_names(store, tables);
	}
	if (r == LQ_OK) {
		r = load_policies(store, tables);
	}
	if (r == LQ_OK) {
		r = lq_door_hours_load(store, tables);
	}
	if (r != LQ_OK) {
		lq_rule_tables_free(tables);
		return r;
	}
	*ret_tables = tables;
	return LQ_OK;
}

void lq_rule_tables_free(struct lq_rule_tables *tables)
{
	if (tables == NULL) {
		return;
	}
	free(tables->profiles);
	free(tables->profile_names);
	free(tables->schedules);
	free(tables->days);
	free(tables);
}

/* ---- changing ---- */

/* Makes the named row if need be and empties what hangs on it. */
static int clear_named(struct lq_store *store, const char *insert, const char *find,
	const char *clear, const char *name, uint32_t *ret_id)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, insert, &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	r = lq_roster_run_change(store, statement, NULL);
	if (r == LQ_OK) {
		r = lq_roster_find_row(store, find, name, ret_id);
		r = r == LQ_ERR_NOT_FOUND ? LQ_ERR_FULL : r; /* every number is taken */
	}
	if (r == LQ_OK) {
		r = lq_store_prepare(store, clear, &statement);
	}
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, *ret_id);
	return lq_roster_run_change(store, statement, NULL);
}

static int insert_policy(
	struct lq_store *store, uint32_t profile, const struct lq_policy_text *policy)
{
	uint32_t schedule = 0;
	uint16_t access_point = 0;
	sqlite3_stmt *statement = NULL;
	int r = access_point_number(&store->site, policy->access_point, &access_point)
			? LQ_OK
			: LQ_ERR_NOT_FOUND;
	if (r == LQ_OK && policy->schedule[0] != '\0') {
		r = lq_roster_find_row(store, "SELECT id FROM schedule WHERE name = ?1",
			policy->schedule, &schedule);
	}
	if (r == LQ_OK) {
		r = lq_store_prepare(store,
			"INSERT INTO policy (profile, access_point, schedule) VALUES (?1, ?2, ?3)",
			&statement);
	}
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, profile);
	(void)sqlite3_bind_text(statement, 2, policy->access_point, -1, SQLITE_STATIC);
	if (schedule != 0) {
		(void)sqlite3_bind_int64(statement, 3, schedule);
	}
	return lq_roster_run_change(store, statement, NULL);
}

int lq_profile_set(struct lq_store *store, const char *name, const struct lq_policy_text *policies,
	size_t count, struct lq_event *event)
{
	uint32_t id = 0;
	if (count > LQ_POLICIES_MAX || strcmp(name, "always") == 0) {
		return LQ_ERR_INVALID;
	}
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = clear_named(store, "INSERT OR IGNORE INTO profile (name) VALUES (?1)",
		"SELECT id FROM profile WHERE name = ?1", "DELETE FROM policy WHERE profile = ?1",
		name, &id);
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		r = insert_policy(store, id, &policies[i]);
	}
	event->action = "profile.set";
	return lq_store_end_with(store, r, event);
}

static int insert_period(struct lq_store *store, uint32_t schedule, struct lq_period period)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"INSERT INTO schedule_period (schedule, from_minute, to_minute) VALUES (?1, ?2, "
		"?3)",
		&statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, schedule);
	(void)sqlite3_bind_int(statement, 2, period.from);
	(void)sqlite3_bind_int(statement, 3, period.to);
	return lq_roster_run_change(store, statement, NULL);
}

/* A group that has no period still gets its row: it closes. */
static int insert_special(struct lq_store *store, uint32_t schedule, int place, uint32_t group,
	const struct lq_period *period)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
		&statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, schedule);
	(void)sqlite3_bind_int64(statement, 2, group);
	(void)sqlite3_bind_int(statement, 3, place);
	if (period != NULL) {
		(void)sqlite3_bind_int(statement, 4, period->from);
		(void)sqlite3_bind_int(statement, 5, period->to);
	}
	return lq_roster_run_change(store, statement, NULL);
}

static int insert_specials(struct lq_store *store, uint32_t id, const struct lq_schedule *schedule,
	const char (*groups)[LQ_NAME_SIZE])
{
	int r = LQ_OK;
	for (uint8_t i = 0; i < schedule->special_count && r == LQ_OK; i++) {
		const struct lq_special *special = &schedule->specials[i];
		uint32_t group = 0;
		r = lq_roster_find_row(
			store, "SELECT id FROM special_group WHERE name = ?1", groups[i], &group);
		if (r == LQ_OK && special->count == 0) {
			r = insert_special(store, id, i, group, NULL);
		}
		for (uint8_t j = 0; j < special->count && r == LQ_OK; j++) {
			r = insert_special(store, id, i, group, &special->periods[j]);
		}
	}
	return r;
}

static int delete_specials(struct lq_store *store, uint32_t schedule)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "DELETE FROM schedule_special WHERE schedule = ?1", &statement);
	if (r != LQ_OK) {
		return r;
	}
	(void)sqlite3_bind_int64(statement, 1, schedule);
	return lq_roster_run_change(store, statement, NULL);
}

int lq_schedule_set(struct lq_store *store, const char *name, const struct lq_schedule *schedule,
	const char (*groups)[LQ_NAME_SIZE], struct lq_event *event)
{
	uint32_t id = 0;
	if (schedule->count > LQ_SCHEDULE_PERIODS_MAX ||
		schedule->special_count > LQ_SPECIALS_MAX) {
		return LQ_ERR_INVALID;
	}
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = clear_named(store, "INSERT OR IGNORE INTO schedule (name) VALUES (?1)",
		"SELECT id FROM schedule WHERE name = ?1",
		"DELETE FROM schedule_period WHERE schedule = ?1", name, &id);
	for (uint8_t i = 0; i < schedule->count && r == LQ_OK; i++) {
		r = insert_period(store, id, schedule->periods[i]);
	}
	if (r == LQ_OK) {
		r = delete_specials(store, id);
	}
	if (r == LQ_OK) {
		r = insert_specials(store, id, schedule, groups);
	}
	event->action = "schedule.set";
	return lq_store_end_with(store, r, event);
}

/* Schedules and the special days that replace a day of their week. */
#include "firmware/core/err.h"
#include "firmware/core/schedule.h"
#include "host/cli/schedule_text.h"
#include "host/office/api_rules.h"
#include "host/office/body.h"
#include "host/office/rules.h"

#include <stdio.h>
#include <string.h>

#define POINTER_SIZE 96u
#define LABEL_SIZE   129u
#define DATE_SIZE    16u

static json_t *period_json(struct lq_rows *rows, int from)
{
	return json_pack("{s:I, s:I}", "from", (json_int_t)lq_rows_integer(rows, from), "to",
		(json_int_t)lq_rows_integer(rows, from + 1));
}

/* ---- reading schedules ---- */

static int add_specials(struct lq_db *db, json_t *schedule)
{
	struct lq_rows *rows = NULL;
	json_t *specials = json_object_get(schedule, "specials");
	int r = lq_db_query(db, &rows,
		"SELECT special, from_minute, to_minute FROM schedule_special WHERE schedule = ?1 "
		"ORDER BY place, special, from_minute, to_minute",
		"t", json_string_value(json_object_get(schedule, "name")));
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		json_t *special =
			lq_rules_item(specials, "group", lq_rows_text(rows, 0), "periods", NULL);
		if (lq_rows_integer(rows, 1) >= 0) {
			(void)json_array_append_new(
				json_object_get(special, "periods"), period_json(rows, 1));
		}
		r = LQ_OK;
	}
	lq_rows_end(rows);
	return r;
}

static int read_schedules(struct lq_db *db, const char *name, json_t *items)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT name, from_minute, to_minute FROM schedule LEFT JOIN period ON schedule = "
		"name WHERE ?1 = '' OR name = ?1 ORDER BY name, from_minute, to_minute",
		"t", name);
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		json_t *schedule =
			lq_rules_item(items, "name", lq_rows_text(rows, 0), "periods", "specials");
		if (!lq_rows_is_null(rows, 1)) {
			(void)json_array_append_new(
				json_object_get(schedule, "periods"), period_json(rows, 1));
		}
		r = LQ_OK;
	}
	lq_rows_end(rows);
	for (size_t i = 0; r == LQ_OK && i < json_array_size(items); i++) {
		r = add_specials(db, json_array_get(items, i));
	}
	return r;
}

int lq_api_schedules_list(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_rules_list(request, answer, read_schedules);
}

int lq_api_schedules_get(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_rules_get(request, answer, read_schedules);
}

/* ---- writing schedules ---- */

struct period {
	int64_t from;
	int64_t to;
};

#define PERIOD_FIELDS(minutes)                                                                     \
	{                                                                                          \
		{.key = "from",                                                                    \
			.type = LQ_FIELD_NUMBER,                                                   \
			.offset = offsetof(struct period, from),                                   \
			.max = (minutes)-1,                                                        \
			.none = -1},                                                               \
		{                                                                                  \
			.key = "to", .type = LQ_FIELD_NUMBER,                                      \
			.offset = offsetof(struct period, to), .max = (minutes), .none = -1        \
		}                                                                                  \
	}

static const struct lq_field week_fields[] = PERIOD_FIELDS(LQ_WEEK_MINUTES);
static const struct lq_field day_fields[] = PERIOD_FIELDS(LQ_DAY_MINUTES);

struct special_wish {
	char group[LQ_NAME_SIZE];
	const json_t *periods;
};

static const struct lq_field special_fields[] = {
	{.key = "group", .type = LQ_FIELD_NAME, .offset = offsetof(struct special_wish, group)},
	{.key = "periods", .type = LQ_FIELD_JSON, .offset = offsetof(struct special_wish, periods)},
};

struct schedule_wish {
	const json_t *periods;
	const json_t *specials;
};

static const struct lq_field schedule_fields[] = {
	{.key = "periods",
		.type = LQ_FIELD_JSON,
		.offset = offsetof(struct schedule_wish, periods)},
	{.key = "specials",
		.type = LQ_FIELD_JSON,
		.offset = offsetof(struct schedule_wish, specials)},
};

static int check_list(const struct lq_request *request, struct lq_answer *answer,
	const json_t *list, size_t most, const char *pointer)
{
	char en[64];
	char fr[64];
	if (json_is_array(list) && json_array_size(list) <= most) {
		return 0;
	}
	(void)snprintf(en, sizeof(en), "expected a list of at most %zu", most);
	(void)snprintf(fr, sizeof(fr), "attendu une liste de %zu au plus", most);
	return lq_problem(request, answer, 400, "invalid", pointer, en, fr);
}

static int read_period(const struct lq_request *request, struct lq_answer *answer,
	const json_t *object, const char *pointer, const struct lq_field *fields,
	struct period *ret_period)
{
	struct period period = {.from = -1, .to = -1};
	uint32_t given = 0;
	int status = lq_object_read(
		request, answer, &(struct lq_object){object, pointer, fields, 2}, &period, &given);
	if (status == 0 && (period.from < 0 || period.to < 0 || period.from == period.to)) {
		return lq_problem(request, answer, 400, "invalid", pointer,
			"a period needs from and to, which differ",
			"une plage demande from et to, qui diffèrent");
	}
	*ret_period = period;
	return status;
}

static int put_period(const struct lq_request *request, struct lq_answer *answer,
	const json_t *object, size_t place)
{
	char pointer[POINTER_SIZE];
	struct period period = {.from = -1};
	(void)snprintf(pointer, sizeof(pointer), "/periods/%zu", place);
	int status = read_period(request, answer, object, pointer, week_fields, &period);
	if (status != 0) {
		return status;
	}
	int64_t r = lq_db_run(request->db,
		"INSERT INTO period (schedule, from_minute, to_minute) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (schedule, from_minute, to_minute) DO NOTHING",
		"tii", request->parameters[0], period.from, period.to);
	return r < 0 ? lq_problem_db(request, answer, (int)r) : 0;
}

static int add_special(const struct lq_request *request, struct lq_answer *answer,
	const char *group, size_t place, const struct period *period)
{
	int64_t r = lq_db_run(request->db,
		"INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
		"VALUES (?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT (schedule, special, from_minute, to_minute) DO NOTHING",
		"ttiii", request->parameters[0], group, (int64_t)place, period->from, period->to);
	return r < 0 ? lq_problem_db(request, answer, (int)r) : 0;
}

static int put_special_periods(const struct lq_request *request, struct lq_answer *answer,
	const struct special_wish *wish, size_t place)
{
	static const struct period closed = {.from = -1, .to = -1};
	char pointer[POINTER_SIZE];
	size_t count = json_array_size(wish->periods);
	int status = count == 0 ? add_special(request, answer, wish->group, place, &closed) : 0;
	for (size_t i = 0; status == 0 && i < count; i++) {
		struct period period = {.from = -1};
		(void)snprintf(pointer, sizeof(pointer), "/specials/%zu/periods/%zu", place, i);
		status = read_period(request, answer, json_array_get(wish->periods, i), pointer,
			day_fields, &period);
		status = status == 0 ? add_special(request, answer, wish->group, place, &period)
				     : status;
	}
	return status;
}

/* A group comes once: its place says which holds where a date is in several. */
#define GROUP_FREE                                                                                 \
	"SELECT 1 FROM special_group WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM "               \
	"schedule_special WHERE special = ?1 AND schedule = ?2)"

static int put_special(const struct lq_request *request, struct lq_answer *answer,
	const json_t *object, size_t place)
{
	char pointer[POINTER_SIZE];
	char at[POINTER_SIZE + 16];
	struct special_wish wish = {.group = ""};
	uint32_t given = 0;
	int64_t vacant = 0;
	(void)snprintf(pointer, sizeof(pointer), "/specials/%zu", place);
	int status = lq_object_read(request, answer,
		&(struct lq_object){object, pointer, special_fields, 2}, &wish, &given);
	(void)snprintf(at, sizeof(at), "%s/periods", pointer);
	status = status == 0 ? check_list(request, answer, wish.periods, LQ_SPECIAL_PERIODS_MAX, at)
			     : status;
	if (status != 0) {
		return status;
	}
	int r = lq_db_integer(
		request->db, &vacant, 0, GROUP_FREE, "tt", wish.group, request->parameters[0]);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	if (vacant == 0) {
		(void)snprintf(at, sizeof(at), "%s/group", pointer);
		return lq_problem(request, answer, 400, "unknown_group", at,
			"there is no such group of special days, or it is here twice",
			"ce groupe de jours particuliers n’existe pas, ou il est là deux fois");
	}
	return put_special_periods(request, answer, &wish, place);
}

static int read_schedule_wish(
	const struct lq_request *request, struct lq_answer *answer, struct schedule_wish *wish)
{
	uint32_t given = 0;
	int status = lq_rules_name(request, answer);
	status = status == 0 ? lq_body_read(request, answer, schedule_fields, 2, wish, &given)
			     : status;
	status = status == 0 ? lq_body_need(request, answer, schedule_fields, 2, 1, given) : status;
	status = status == 0 ? check_list(request, answer, wish->periods, LQ_SCHEDULE_PERIODS_MAX,
				       "/periods")
			     : status;
	return status == 0 && wish->specials != NULL
		       ? check_list(request, answer, wish->specials, LQ_SPECIALS_MAX, "/specials")
		       : status;
}

static int put_schedule(const struct lq_request *request, struct lq_answer *answer,
	const struct schedule_wish *wish)
{
	int status = 0;
	int r = lq_rules_run(
		request, "INSERT INTO schedule (name) VALUES (?1) ON CONFLICT (name) DO NOTHING");
	r = r == LQ_OK ? lq_rules_run(request, "DELETE FROM period WHERE schedule = ?1") : r;
	r = r == LQ_OK ? lq_rules_run(request, "DELETE FROM schedule_special WHERE schedule = ?1")
		       : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	for (size_t i = 0; status == 0 && i < json_array_size(wish->periods); i++) {
		status = put_period(request, answer, json_array_get(wish->periods, i), i);
	}
	for (size_t i = 0; status == 0 && i < json_array_size(wish->specials); i++) {
		status = put_special(request, answer, json_array_get(wish->specials, i), i);
	}
	return status;
}

int lq_api_schedules_put(const struct lq_request *request, struct lq_answer *answer)
{
	struct schedule_wish wish = {.periods = NULL};
	int status = read_schedule_wish(request, answer, &wish);
	status = status == 0 ? put_schedule(request, answer, &wish) : status;
	status = status == 0 ? lq_rules_fit(request, answer) : status;
	if (status != 0) {
		return status;
	}
	int r = lq_rules_changed(request, "schedule.set");
	return r == LQ_OK ? lq_rules_get(request, answer, read_schedules)
			  : lq_problem_db(request, answer, r);
}

int lq_api_schedules_delete(const struct lq_request *request, struct lq_answer *answer)
{
	static const struct lq_rules_removal removal = {
		.there = "SELECT 1 FROM schedule WHERE name = ?1",
		.used = "SELECT 1 FROM policy WHERE schedule = ?1 UNION ALL "
			"SELECT 1 FROM door_hours WHERE schedule = ?1",
		.remove = "DELETE FROM schedule WHERE name = ?1",
		.act = "schedule.remove",
	};
	return lq_rules_delete(request, answer, &removal);
}

/* ---- special days ---- */

struct days_wish {
	const json_t *days;
};

static const struct lq_field days_fields[] = {
	{.key = "days", .type = LQ_FIELD_JSON, .offset = offsetof(struct days_wish, days)},
};

struct day_wish {
	char date[DATE_SIZE];
	char label[LABEL_SIZE];
};

static const struct lq_field special_day_fields[] = {
	{.key = "date",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct day_wish, date),
		.size = DATE_SIZE},
	{.key = "label",
		.type = LQ_FIELD_LABEL,
		.offset = offsetof(struct day_wish, label),
		.size = LABEL_SIZE},
};

static json_t *day_json(struct lq_rows *rows)
{
	char date[DATE_SIZE + 32];
	int year = (int)lq_rows_integer(rows, 1);
	int month = (int)lq_rows_integer(rows, 2);
	int day = (int)lq_rows_integer(rows, 3);
	if (year == 0) {
		(void)snprintf(date, sizeof(date), "%02d-%02d", month, day);
	} else {
		(void)snprintf(date, sizeof(date), "%04d-%02d-%02d", year, month, day);
	}
	return json_pack("{s:s, s:s}", "date", date, "label", lq_rows_text(rows, 4));
}

static int read_groups(struct lq_db *db, const char *name, json_t *items)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT name, year, month, day, label FROM special_group LEFT JOIN special_day ON "
		"special = name WHERE ?1 = '' OR name = ?1 ORDER BY name, year, month, day",
		"t", name);
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		json_t *group = lq_rules_item(items, "group", lq_rows_text(rows, 0), "days", NULL);
		if (!lq_rows_is_null(rows, 1)) {
			(void)json_array_append_new(json_object_get(group, "days"), day_json(rows));
		}
		r = LQ_OK;
	}
	lq_rows_end(rows);
	return r;
}

int lq_api_specials_list(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_rules_list(request, answer, read_groups);
}

int lq_api_specials_get(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_rules_get(request, answer, read_groups);
}

static int put_day(const struct lq_request *request, struct lq_answer *answer, const json_t *object,
	size_t place)
{
	char pointer[POINTER_SIZE];
	struct day_wish wish = {.date = ""};
	struct lq_special_day date;
	uint32_t given = 0;
	(void)snprintf(pointer, sizeof(pointer), "/days/%zu", place);
	int status = lq_object_read(request, answer,
		&(struct lq_object){object, pointer, special_day_fields, 2}, &wish, &given);
	if (status != 0) {
		return status;
	}
	if (lq_date_text_parse(wish.date, &date) != LQ_OK || !lq_special_day_valid(&date)) {
		(void)snprintf(pointer, sizeof(pointer), "/days/%zu/date", place);
		return lq_problem(request, answer, 400, "invalid", pointer,
			"date: expected one that there is, like 2026-05-15, or 12-25 of every year",
			"date : attendu une date qui existe, comme 2026-05-15, ou 12-25 de chaque "
			"année");
	}
	int64_t r = lq_db_run(request->db,
		"INSERT INTO special_day (special, year, month, day, label) "
		"VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (special, year, month, day) DO UPDATE "
		"SET label = excluded.label",
		"tiiit", request->parameters[0], (int64_t)date.year, (int64_t)date.month,
		(int64_t)date.day, wish.label);
	return r < 0 ? lq_problem_db(request, answer, (int)r) : 0;
}

static int put_days(const struct lq_request *request, struct lq_answer *answer, const json_t *days)
{
	int64_t count = 0;
	int status = 0;
	int r = lq_rules_run(request,
		"INSERT INTO special_group (name) VALUES (?1) ON CONFLICT (name) DO NOTHING");
	r = r == LQ_OK ? lq_rules_run(request, "DELETE FROM special_day WHERE special = ?1") : r;
	for (size_t i = 0; r == LQ_OK && status == 0 && i < json_array_size(days); i++) {
		status = put_day(request, answer, json_array_get(days, i), i);
	}
	if (status != 0) {
		return status;
	}
	r = r == LQ_OK
		    ? lq_db_integer(request->db, &count, 0, "SELECT count(*) FROM special_day", "")
		    : r;
	if (r == LQ_OK && count > LQ_CALENDAR_DAYS_MAX) {
		return lq_problem(request, answer, 409, "full", "/days",
			"a door keeps 1024 special days of all groups together",
			"une porte garde 1024 jours particuliers, tous groupes ensemble");
	}
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

int lq_api_specials_put(const struct lq_request *request, struct lq_answer *answer)
{
	struct days_wish wish = {.days = NULL};
	uint32_t given = 0;
	int status = lq_rules_name(request, answer);
	status =
		status == 0 ? lq_body_read(request, answer, days_fields, 1, &wish, &given) : status;
	status = status == 0 ? lq_body_need(request, answer, days_fields, 1, 1, given) : status;
	status = status == 0 ? check_list(request, answer, wish.days, LQ_CALENDAR_DAYS_MAX, "/days")
			     : status;
	status = status == 0 ? put_days(request, answer, wish.days) : status;
	status = status == 0 ? lq_rules_fit(request, answer) : status;
	if (status != 0) {
		return status;
	}
	int r = lq_rules_changed(request, "special-days.set");
	return r == LQ_OK ? lq_rules_get(request, answer, read_groups)
			  : lq_problem_db(request, answer, r);
}

int lq_api_specials_delete(const struct lq_request *request, struct lq_answer *answer)
{
	static const struct lq_rules_removal removal = {
		.there = "SELECT 1 FROM special_group WHERE name = ?1",
		.used = "SELECT 1 FROM schedule_special WHERE special = ?1 LIMIT 1",
		.remove = "DELETE FROM special_group WHERE name = ?1",
		.act = "special-days.remove",
	};
	return lq_rules_delete(request, answer, &removal);
}

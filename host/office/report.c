#include "host/office/report.h"

#include "firmware/core/err.h"
#include "host/cli/table.h"
#include "host/cli/when.h"
#include "host/office/books_internal.h"
#include "host/office/business_day.h"
#include "host/office/clock.h"
#include "host/office/space_rules.h"
#include "host/office/visit_row.h"

#include <inttypes.h>
#include <string.h>

struct report {
	struct lq_space_rules rules;
	const struct lq_cli *cli;
	struct lq_books *books;
	int64_t now_ms;
	struct lq_table table;
	json_t *list;
};

static int fail(const struct report *report, int r)
{
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_fail(report->cli, LQ_EXIT_REFUSED, "not_found",
			lq_tr(report->cli, "%s/office.db cannot be opened: has loquet-office run?",
				"impossible d’ouvrir %s/office.db : loquet-office a-t-il tourné ?"),
			report->cli->config.state_dir);
	}
	return lq_fail(report->cli, LQ_EXIT_IO, "io", "office.db: %s",
		report->books != NULL ? lq_books_error(report->books) : lq_err_text(r));
}

static int begin(struct report *report, const struct lq_cli *cli, size_t columns)
{
	*report = (struct report){
		.cli = cli, .now_ms = lq_office_now_ms(), .table = {.columns = columns}};
	report->list = json_array();
	int r = lq_books_open(&cli->config, LQ_DB_READ, &report->books);
	if (r != LQ_OK) {
		return fail(report, r);
	}
	report->rules = lq_space_rules_load(lq_books_db(report->books));
	return LQ_EXIT_OK;
}

/* Prints `object` with the list in it under `key`, or the table. */
static int finish(struct report *report, int r, json_t *object, const char *key)
{
	if (r == LQ_EXIT_OK && report->cli->line.json) {
		(void)json_object_set(object, key, report->list);
		r = lq_print_json(report->cli, json_incref(object));
	} else if (r == LQ_EXIT_OK) {
		lq_table_print(&report->table, "", stdout);
	}
	json_decref(object);
	json_decref(report->list);
	lq_table_free(&report->table);
	lq_books_close(report->books);
	return r;
}

static json_t *time_json(int64_t unix_ms)
{
	char text[LQ_RFC3339_SIZE];
	lq_wall_rfc3339(unix_ms, text);
	return json_string(text);
}

/* ---- visits ---- */

static const char *state_word(const struct lq_cli *cli, enum lq_visit_state state)
{
	switch (state) {
	case LQ_VISIT_OPEN:
		return lq_tr(cli, "open", "en cours");
	case LQ_VISIT_LEFT:
		return lq_tr(cli, "left", "sorti");
	case LQ_VISIT_CUT_OFF:
		return lq_tr(cli, "cut off", "coupée");
	}
	return "?";
}

static void add_holder(struct report *report, const struct lq_visit_row *row)
{
	char person[LQ_PERSON_TEXT_SIZE];
	lq_person_text(row->realm, row->holder, person);
	lq_table_add(&report->table, person);
}

/* The number as that controller's events have it. */
static json_t *holder_json(const struct lq_visit_row *row)
{
	return json_sprintf("%c%" PRId64, *row->realm != '\0' ? 'm' : 'p', row->holder);
}

static json_t *visit_json(const struct report *report, const struct lq_visit_row *row)
{
	static const char *const states[] = {
		[LQ_VISIT_OPEN] = "open", [LQ_VISIT_LEFT] = "left", [LQ_VISIT_CUT_OFF] = "cutoff"};
	const struct lq_visit *visit = &row->visit;
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:s, s:I, s:I, s:I, s:b, s:b, s:s}",
		"controller", row->realm, "holder", holder_json(row), "zone", row->zone, "checkIn",
		time_json(visit->began_ms), "lastSeen", time_json(visit->seen_ms), "state",
		states[lq_visit_state(visit, &row->day, report->now_ms)], "passages",
		(json_int_t)visit->passages, "absentMs", (json_int_t)visit->absent_ms, "halfDays",
		(json_int_t)lq_visit_row_half_days(row, &report->rules.visits), "assumed",
		(int)visit->assumed, "final",
		(int)lq_visit_final(&row->badges, &row->day, report->now_ms), "clock",
		lq_trust_text(visit->trust));
}

static void add_visit(struct report *report, const struct lq_visit_row *row)
{
	static const char *const half_days[] = {"0", "1/2", "1"};
	const struct lq_visit *visit = &row->visit;
	char began[LQ_WHEN_SIZE];
	char seen[LQ_WHEN_SIZE];
	lq_when_format(visit->began_ms, LQ_WHEN_MINUTES, began);
	lq_when_format(visit->seen_ms, LQ_WHEN_MINUTES, seen);
	add_holder(report, row);
	lq_table_add(&report->table, row->zone);
	lq_table_add(&report->table, began);
	lq_table_add(&report->table, seen);
	lq_table_add(&report->table,
		state_word(report->cli, lq_visit_state(visit, &row->day, report->now_ms)));
	lq_table_addf(&report->table, "%s",
		half_days[lq_visit_row_half_days(row, &report->rules.visits)]);
	(void)json_array_append_new(report->list, visit_json(report, row));
}

static int list_visits(struct report *report, const struct lq_business_day *day)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(report->books->db, &rows,
		LQ_VISIT_ROWS "WHERE v.day_begins >= ?1 AND v.day_begins < ?2 "
			      "ORDER BY v.began, v.realm, v.holder, v.zone",
		"ii", day->begins_ms, day->ends_ms);
	if (r != LQ_OK) {
		return fail(report, r);
	}
	lq_table_add(&report->table, lq_tr(report->cli, "MEMBER", "MEMBRE"));
	lq_table_add(&report->table, "ZONE");
	lq_table_add(&report->table, lq_tr(report->cli, "CHECK-IN", "ARRIVÉE"));
	lq_table_add(&report->table, lq_tr(report->cli, "LAST SEEN", "VU"));
	lq_table_add(&report->table, lq_tr(report->cli, "STATE", "ÉTAT"));
	lq_table_add(&report->table, lq_tr(report->cli, "DAYS", "JOURS"));
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		lq_visit_row_read(rows, &row);
		add_visit(report, &row);
	}
	lq_rows_end(rows);
	return r == LQ_OK ? LQ_EXIT_OK : fail(report, r);
}

int lq_report_visits(const struct lq_cli *cli)
{
	struct report report;
	const char *date = lq_option_value(&cli->line, "day");
	uint32_t cut = cli->config.day_cut;
	struct lq_business_day day = lq_business_day_at(lq_office_now_ms(), cut);
	char text[LQ_BUSINESS_DATE_SIZE];
	if (date != NULL && lq_business_day_parse(date, cut, &day) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage",
			lq_tr(cli, "--day: '%s' is not a date like 2026-12-01",
				"--day : « %s » n’est pas une date comme 2026-12-01"),
			date);
	}
	lq_business_date(&day, text);
	int r = begin(&report, cli, 6);
	r = r == LQ_EXIT_OK ? list_visits(&report, &day) : r;
	return finish(&report, r, json_pack("{s:s}", "businessDate", text), "visits");
}

/* ---- now ---- */

struct zone {
	json_t *json; /* borrowed from the list */
	json_int_t people;
};

static void add_person(
	struct report *report, const struct zone *zone, const struct lq_visit_row *row)
{
	char since[LQ_WHEN_SIZE];
	lq_when_format(row->visit.began_ms, LQ_WHEN_MINUTES, since);
	lq_table_add(&report->table, row->zone);
	add_holder(report, row);
	lq_table_add(&report->table, since);
	(void)json_array_append_new(json_object_get(zone->json, "visits"),
		json_pack("{s:s, s:o, s:o}", "controller", row->realm, "holder", holder_json(row),
			"since", time_json(row->visit.began_ms)));
}

static void add_present(struct report *report, struct zone *zone, const struct lq_visit_row *row)
{
	const char *name = json_string_value(json_object_get(zone->json, "zone"));
	if (name == NULL || strcmp(name, row->zone) != 0) {
		zone->json = json_pack("{s:s, s:b, s:[]}", "zone", row->zone, "atLeast",
			(int)lq_space_at_least(&report->rules, row->exits), "visits");
		zone->people = 0;
		(void)json_array_append_new(report->list, zone->json);
	}
	zone->people++;
	(void)json_object_set_new(zone->json, "occupancy", json_integer(zone->people));
	add_person(report, zone, row);
}

static int list_present(struct report *report)
{
	struct lq_rows *rows = NULL;
	struct zone zone = {0};
	int r = lq_db_query(report->books->db, &rows, LQ_VISIT_ROWS_NOW, "ii",
		report->now_ms - LQ_VISIT_DAY_MAX_MS, report->now_ms);
	if (r != LQ_OK) {
		return fail(report, r);
	}
	lq_table_add(&report->table, "ZONE");
	lq_table_add(&report->table, lq_tr(report->cli, "MEMBER", "MEMBRE"));
	lq_table_add(&report->table, lq_tr(report->cli, "SINCE", "DEPUIS"));
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		lq_visit_row_read(rows, &row);
		if (lq_visit_row_is_open(&row, report->now_ms)) {
			add_present(report, &zone, &row);
		}
	}
	lq_rows_end(rows);
	return r == LQ_OK ? LQ_EXIT_OK : fail(report, r);
}

static void say_occupancy(const struct report *report)
{
	size_t i = 0;
	json_t *zone = NULL;
	json_array_foreach(report->list, i, zone)
	{
		bool at_least = json_is_true(json_object_get(zone, "atLeast"));
		lq_say(stdout, "%s: %s%lld", json_string_value(json_object_get(zone, "zone")),
			at_least ? lq_tr(report->cli, "at least ", "au moins ") : "",
			(long long)json_integer_value(json_object_get(zone, "occupancy")));
	}
}

int lq_report_now(const struct lq_cli *cli)
{
	struct report report;
	int r = begin(&report, cli, 3);
	r = r == LQ_EXIT_OK ? list_present(&report) : r;
	if (r == LQ_EXIT_OK && !cli->line.json) {
		say_occupancy(&report);
	}
	return finish(&report, r, json_pack("{s:o}", "at", time_json(report.now_ms)), "zones");
}

/* ---- check ---- */

#define CHECK_QUERY                                                                                \
	"SELECT name, last, signed, coalesce(broken, 0), "                                         \
	"(SELECT count(*) FROM event e WHERE e.controller = name), "                               \
	"(SELECT coalesce(sum(g.last - g.first + 1), 0) FROM gap g WHERE g.controller = name) "    \
	"FROM controller ORDER BY name"

static bool add_controller(struct report *report, struct lq_rows *rows)
{
	const char *name = lq_rows_text(rows, 0);
	json_int_t broken = lq_rows_integer(rows, 3);
	json_int_t missing = lq_rows_integer(rows, 5);
	lq_table_add(&report->table, name);
	for (int i = 4; i <= 5; i++) {
		lq_table_addf(&report->table, "%lld", (long long)lq_rows_integer(rows, i));
	}
	for (int i = 1; i <= 3; i++) {
		lq_table_addf(&report->table, "%lld", (long long)lq_rows_integer(rows, i));
	}
	(void)json_array_append_new(
		report->list, json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "controller", name,
				      "events", (json_int_t)lq_rows_integer(rows, 4), "missing",
				      missing, "last", (json_int_t)lq_rows_integer(rows, 1),
				      "signedTo", (json_int_t)lq_rows_integer(rows, 2), "brokenAt",
				      broken != 0 ? json_integer(broken) : json_null()));
	return broken == 0 && missing == 0;
}

static int list_controllers(struct report *report, bool *ret_sound)
{
	static const char *const heads[][2] = {{"CONTROLLER", "CONTRÔLEUR"}, {"EVENTS", "REÇUS"},
		{"MISSING", "MANQUANTS"}, {"LAST", "DERNIER"}, {"SIGNED TO", "SIGNÉ JUSQU’À"},
		{"BROKEN AT", "ROMPU À"}};
	struct lq_rows *rows = NULL;
	int r = lq_db_query(report->books->db, &rows, CHECK_QUERY, "");
	if (r != LQ_OK) {
		return fail(report, r);
	}
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		lq_table_add(&report->table, heads[i][report->cli->language]);
	}
	while ((r = lq_rows_next(rows)) == 1) {
		*ret_sound = add_controller(report, rows) && *ret_sound;
	}
	lq_rows_end(rows);
	return r == LQ_OK ? LQ_EXIT_OK : fail(report, r);
}

int lq_report_check(const struct lq_cli *cli)
{
	struct report report;
	bool sound = true;
	int r = begin(&report, cli, 6);
	r = r == LQ_EXIT_OK ? list_controllers(&report, &sound) : r;
	r = finish(&report, r, json_pack("{s:b}", "ok", (int)sound), "controllers");
	return r == LQ_EXIT_OK && !sound ? LQ_EXIT_REFUSED : r;
}

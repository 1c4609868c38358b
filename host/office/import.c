#include "host/office/import.h"

#include "firmware/core/err.h"
#include "firmware/store/store.h"
#include "host/office/books.h"
#include "host/office/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PATH_SIZE 128u

struct import {
	struct lq_db *office;
	struct lq_db *door;
	int64_t now_ms;
	int64_t person; /* whose badges are copied */
	struct lq_roster_counts counts;
};

/* Each row of `sql` at the door to `take`. `types` and the argument are as for lq_db_query(). */
static int each_row(struct import *import, const char *sql, int64_t argument,
	int (*take)(struct import *import, struct lq_rows *rows))
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(import->door, &rows, sql, argument != 0 ? "i" : "", argument);
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		r = take(import, rows);
	}
	lq_rows_end(rows);
	return r;
}

static int done(int64_t rows)
{
	return rows < 0 ? (int)rows : LQ_OK;
}

/* ---- rules ---- */

static int take_schedule(struct import *import, struct lq_rows *rows)
{
	import->counts.schedules++;
	return done(lq_db_run(import->office, "INSERT INTO schedule (name) VALUES (?1)", "t",
		lq_rows_text(rows, 0)));
}

static int take_period(struct import *import, struct lq_rows *rows)
{
	return done(lq_db_run(import->office,
		"INSERT INTO period (schedule, from_minute, to_minute) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (schedule, from_minute, to_minute) DO NOTHING",
		"tii", lq_rows_text(rows, 0), lq_rows_integer(rows, 1), lq_rows_integer(rows, 2)));
}

static int take_group(struct import *import, struct lq_rows *rows)
{
	return done(lq_db_run(import->office, "INSERT INTO special_group (name) VALUES (?1)", "t",
		lq_rows_text(rows, 0)));
}

static int take_day(struct import *import, struct lq_rows *rows)
{
	return done(lq_db_run(import->office,
		"INSERT INTO special_day (special, year, month, day, label) VALUES (?1, ?2, ?3, "
		"?4, ?5)",
		"tiiit", lq_rows_text(rows, 0), lq_rows_integer(rows, 1), lq_rows_integer(rows, 2),
		lq_rows_integer(rows, 3), lq_rows_text(rows, 4)));
}

static int take_special(struct import *import, struct lq_rows *rows)
{
	return done(lq_db_run(import->office,
		"INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
		"VALUES (?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT (schedule, special, from_minute, to_minute) DO NOTHING",
		"ttiii", lq_rows_text(rows, 0), lq_rows_text(rows, 1), lq_rows_integer(rows, 2),
		lq_rows_integer(rows, 3), lq_rows_integer(rows, 4)));
}

static int take_hours(struct import *import, struct lq_rows *rows)
{
	return done(lq_db_run(import->office,
		"INSERT INTO door_hours (door, schedule, first_person) VALUES (?1, ?2, ?3)", "tti",
		lq_rows_text(rows, 0), lq_rows_text(rows, 1), lq_rows_integer(rows, 2)));
}

static int take_profile(struct import *import, struct lq_rows *rows)
{
	import->counts.profiles++;
	return done(lq_db_run(import->office, "INSERT INTO profile (name) VALUES (?1)", "t",
		lq_rows_text(rows, 0)));
}

static int take_policy(struct import *import, struct lq_rows *rows)
{
	return done(lq_db_run(import->office,
		"INSERT INTO policy (profile, access_point, schedule, place) VALUES (?1, ?2, ?3, "
		"?4)",
		"ttti", lq_rows_text(rows, 0), lq_rows_text(rows, 1), lq_rows_text(rows, 2),
		lq_rows_integer(rows, 3)));
}

static int take_rules(struct import *import)
{
	static const struct {
		const char *sql;
		int (*take)(struct import *import, struct lq_rows *rows);
	} tables[] = {
		{"SELECT name FROM schedule", take_schedule},
		{"SELECT name, from_minute, to_minute FROM schedule_period "
		 "JOIN schedule ON schedule.id = schedule",
			take_period},
		{"SELECT name FROM special_group", take_group},
		{"SELECT name, year, month, day, label FROM special_day "
		 "JOIN special_group ON special_group.id = special",
			take_day},
		{"SELECT schedule.name, special_group.name, place, COALESCE(from_minute, -1), "
		 "COALESCE(to_minute, -1) FROM schedule_special "
		 "JOIN schedule ON schedule.id = schedule "
		 "JOIN special_group ON special_group.id = special",
			take_special},
		{"SELECT door, name, first_person FROM door_hours "
		 "JOIN schedule ON schedule.id = schedule",
			take_hours},
		{"SELECT name FROM profile WHERE name <> 'always'", take_profile},
		{"SELECT profile.name, access_point, schedule.name, policy.rowid FROM policy "
		 "JOIN profile ON profile.id = profile "
		 "LEFT JOIN schedule ON schedule.id = schedule WHERE profile.name <> 'always'",
			take_policy},
	};
	int r = LQ_OK;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && r == LQ_OK; i++) {
		r = each_row(import, tables[i].sql, 0, tables[i].take);
	}
	return r;
}

/* ---- people ---- */

static int take_badge(struct import *import, struct lq_rows *rows)
{
	struct lq_office_badge badge = {
		.person = import->person,
		.state = (int)lq_rows_integer(rows, 1),
		.valid_from_ms = lq_rows_integer(rows, 2) * 1000,
		.uses = lq_rows_is_null(rows, 4) ? LQ_OFFICE_USES_ANY : lq_rows_integer(rows, 4),
		.valid_for_h = lq_rows_integer(rows, 5),
		.suspended_until_ms = lq_rows_integer(rows, 6) * 1000,
	};
	struct lq_blob key = lq_rows_blob(rows, 0);
	int64_t to_s = lq_rows_integer(rows, 3);
	int64_t id = 0;
	if (key.bytes == NULL || key.length != sizeof(badge.key)) {
		return LQ_ERR_CORRUPT;
	}
	memcpy(badge.key, key.bytes, sizeof(badge.key));
	badge.valid_to_ms = to_s == LQ_VALID_FOREVER ? 0 : to_s * 1000;
	import->counts.badges++;
	return lq_office_badge_add(import->office, &badge, import->now_ms, &id);
}

static void copy_text(struct lq_rows *rows, int column, char *out, size_t size)
{
	const char *text = lq_rows_text(rows, column);
	(void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static int take_member(struct import *import, struct lq_rows *rows)
{
	struct lq_person person = {
		.enabled = lq_rows_integer(rows, 3) != 0,
		.any_time = lq_rows_integer(rows, 4) != 0,
		.extended_time = lq_rows_integer(rows, 5) != 0,
	};
	copy_text(rows, 1, person.name, sizeof(person.name));
	copy_text(rows, 2, person.profile, sizeof(person.profile));
	copy_text(rows, 6, person.external_id, sizeof(person.external_id));
	import->counts.people++;
	int r = lq_person_add(import->office, &person, import->now_ms, &import->person);
	return r != LQ_OK ? r
			  : each_row(import,
				    "SELECT key, state, valid_from, valid_to, uses_left, "
				    "valid_for, suspended_until FROM credential WHERE member = ?1 "
				    "ORDER BY id",
				    lq_rows_integer(rows, 0), take_badge);
}

int lq_roster_import(struct lq_db *office, struct lq_db *door, int64_t now_ms,
	struct lq_roster_counts *ret_counts)
{
	struct import import = {.office = office, .door = door, .now_ms = now_ms};
	int64_t own = 0;
	int r = lq_db_integer(office, &own, 0,
		"SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM schedule) + "
		"(SELECT count(*) FROM special_group) + (SELECT count(*) FROM profile) - 1",
		"");
	r = r == LQ_OK && own != 0 ? LQ_ERR_EXISTS : r;
	r = r == LQ_OK ? take_rules(&import) : r;
	r = r == LQ_OK ? each_row(&import,
				 "SELECT m.id, m.name, p.name, enabled, any_time, extended_time, "
				 "external_id FROM member m JOIN profile p ON p.id = m.profile "
				 "ORDER BY m.id",
				 0, take_member)
		       : r;
	r = r == LQ_OK ? lq_roster_due_rules(office) : r;
	if (r == LQ_OK) {
		*ret_counts = import.counts;
	}
	return r;
}

/* ---- the command ---- */

/* Another version's tables may mean something else. */
static int open_door(const struct lq_cli *cli, struct lq_db **ret_door)
{
	char path[PATH_SIZE];
	struct lq_store *store = NULL;
	int r = lq_store_open_readonly(cli->config.state_dir, &store);
	lq_store_close(store);
	(void)snprintf(path, sizeof(path), "%s/%s", cli->config.state_dir, LQ_STORE_FILE);
	return r == LQ_OK ? lq_db_open_sqlite(path, LQ_DB_READ, ret_door) : r;
}

static int say_counts(const struct lq_cli *cli, const struct lq_roster_counts *counts)
{
	if (cli->line.json) {
		return lq_print_json(cli,
			json_pack("{s:b, s:I, s:I, s:I, s:I}", "ok", 1, "people",
				(json_int_t)counts->people, "badges", (json_int_t)counts->badges,
				"schedules", (json_int_t)counts->schedules, "profiles",
				(json_int_t)counts->profiles));
	}
	lq_say(stdout,
		lq_tr(cli,
			"%" PRId64 " people, %" PRId64 " badges, %" PRId64 " schedules, %" PRId64
			" profiles",
			"%" PRId64 " personnes, %" PRId64 " badges, %" PRId64 " horaires, %" PRId64
			" profils"),
		counts->people, counts->badges, counts->schedules, counts->profiles);
	return LQ_EXIT_OK;
}

static int copy(const struct lq_cli *cli, struct lq_books *books, struct lq_db *door)
{
	struct lq_roster_counts counts;
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int r = lq_books_begin(books);
	r = r == LQ_OK ? lq_roster_import(
				 lq_books_db(books), door, (int64_t)now.tv_sec * 1000, &counts)
		       : r;
	r = r == LQ_OK ? lq_books_commit(books) : r;
	if (r == LQ_ERR_EXISTS) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "exists", "%s",
			lq_tr(cli, "the office has people or rules of its own already",
				"le bureau a déjà des personnes ou des règles à lui"));
	}
	return r == LQ_OK ? say_counts(cli, &counts)
			  : lq_fail(cli, LQ_EXIT_IO, "io", "office.db: %s", lq_err_text(r));
}

int lq_office_import(const struct lq_cli *cli)
{
	struct lq_books *books = NULL;
	struct lq_db *door = NULL;
	int r = open_door(cli, &door);
	if (r != LQ_OK) {
		r = lq_fail(cli, LQ_EXIT_IO, "io", "%s/%s: %s", cli->config.state_dir,
			LQ_STORE_FILE, lq_err_text(r));
		goto out;
	}
	r = lq_books_open(&cli->config, LQ_DB_KEEP, &books);
	r = r == LQ_OK ? copy(cli, books, door)
		       : lq_fail(cli, LQ_EXIT_IO, "io", "office.db: %s",
				 books != NULL ? lq_books_error(books) : lq_err_text(r));
out:
	lq_books_close(books);
	lq_db_close(door);
	return r;
}

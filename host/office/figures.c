#include "host/office/figures.h"

#include "firmware/core/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS   INT64_C(3600000)
#define HOURS_MAX 48u /* of the longest day that a hostile clock could make */
#define CHUNK     256u

int lq_figures_due(struct lq_db *db, const struct lq_business_day *day)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO figure_due (day_begins, day_ends) VALUES (?1, ?2) "
		"ON CONFLICT (day_begins) DO NOTHING",
		"ii", day->begins_ms, day->ends_ms);
	return r < 0 ? (int)r : LQ_OK;
}

struct change {
	int64_t at_ms;
	int by; /* +1 somebody is in, -1 is not any more */
};

enum kind { KIND_MEMBER, KIND_GUEST, KIND_STAFF, KINDS };

struct hour {
	int64_t most;
	int64_t visits;
	int64_t kinds[KINDS];
};

struct figures {
	int64_t begins_ms;
	int64_t ends_ms;
	struct hour hours[HOURS_MAX];
	struct change *changes;
	size_t count;
	size_t room;
	char realm[64]; /* of the visit before */
	int64_t holder;
	int64_t in_until_ms; /* that person is counted as in */
};

static size_t hour_of(const struct figures *figures, int64_t at_ms)
{
	int64_t hour = (at_ms - figures->begins_ms) / HOUR_MS;
	return hour < 0 ? 0 : hour >= (int64_t)HOURS_MAX ? HOURS_MAX - 1 : (size_t)hour;
}

static int add_change(struct figures *figures, int64_t at_ms, int by)
{
	if (figures->count == figures->room) {
		struct change *more = realloc(
			figures->changes, (figures->room + CHUNK) * sizeof(*figures->changes));
		if (more == NULL) {
			return LQ_ERR_NO_MEMORY;
		}
		figures->changes = more;
		figures->room += CHUNK;
	}
	figures->changes[figures->count++] = (struct change){.at_ms = at_ms, .by = by};
	return LQ_OK;
}

static enum kind kind_of(const char *text)
{
	if (text == NULL || strcmp(text, "member") == 0) {
		return KIND_MEMBER;
	}
	return strcmp(text, "guest") == 0 ? KIND_GUEST : KIND_STAFF;
}

/* Somebody who is in two zones at the same time is in once: visits come by person. */
static int add_stay(struct figures *figures, const char *realm, int64_t holder, int64_t began_ms,
	int64_t ended_ms)
{
	if (holder != figures->holder || strcmp(realm, figures->realm) != 0) {
		(void)snprintf(figures->realm, sizeof(figures->realm), "%s", realm);
		figures->holder = holder;
		figures->in_until_ms = INT64_MIN;
	}
	if (began_ms < figures->in_until_ms) {
		began_ms = figures->in_until_ms;
	}
	if (ended_ms <= began_ms) {
		return LQ_OK;
	}
	figures->in_until_ms = ended_ms;
	int r = add_change(figures, began_ms, 1);
	return r == LQ_OK ? add_change(figures, ended_ms, -1) : r;
}

static int read_stays(struct lq_db *db, struct figures *figures)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT v.realm, v.holder, coalesce(c.check_in, v.began), coalesce(c.check_out, "
		"CASE WHEN v.left_it = 1 THEN v.seen ELSE v.day_ends END), p.kind FROM visit v "
		"LEFT JOIN visit_correction c ON c.id = v.correction "
		"LEFT JOIN person p ON v.realm = '' AND p.number = v.holder "
		"WHERE v.day_begins = ?1 AND coalesce(c.void, 0) = 0 ORDER BY v.realm, v.holder, 3",
		"i", figures->begins_ms);
	if (r != LQ_OK) {
		return r;
	}
	int added = LQ_OK;
	while (added == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		int64_t began_ms = lq_rows_integer(rows, 2);
		struct hour *hour = &figures->hours[hour_of(figures, began_ms)];
		hour->visits++;
		hour->kinds[kind_of(lq_rows_text(rows, 4))]++;
		added = add_stay(figures, lq_rows_text(rows, 0), lq_rows_integer(rows, 1), began_ms,
			lq_rows_integer(rows, 3));
	}
	lq_rows_end(rows);
	return added != LQ_OK ? added : r;
}

/* Who leaves at the moment at which another comes was not in together with them. */
static int by_time(const void *left, const void *right)
{
	const struct change *a = left;
	const struct change *b = right;
	if (a->at_ms != b->at_ms) {
		return a->at_ms < b->at_ms ? -1 : 1;
	}
	return a->by - b->by;
}

static void find_most(struct figures *figures)
{
	int64_t in = 0;
	size_t hour = 0;
	if (figures->count > 0) {
		qsort(figures->changes, figures->count, sizeof(*figures->changes), by_time);
	}
	for (size_t i = 0; i < figures->count; i++) {
		const struct change *change = &figures->changes[i];
		bool in_day = change->at_ms < figures->ends_ms;
		size_t now = hour_of(figures, in_day ? change->at_ms : figures->ends_ms - 1);
		while (hour < now) {
			figures->hours[++hour].most = in;
		}
		in += change->by;
		if (in > figures->hours[hour].most) {
			figures->hours[hour].most = in;
		}
	}
}

static int keep_hours(struct lq_db *db, const struct figures *figures)
{
	int64_t r =
		lq_db_run(db, "DELETE FROM figure WHERE day_begins = ?1", "i", figures->begins_ms);
	for (size_t i = 0; i < HOURS_MAX && r >= 0; i++) {
		const struct hour *hour = &figures->hours[i];
		if (hour->most == 0 && hour->visits == 0) {
			continue;
		}
		r = lq_db_run(db,
			"INSERT INTO figure (at, day_begins, most, visits, members, guests, staff) "
			"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (at) DO UPDATE SET "
			"day_begins = excluded.day_begins, most = excluded.most, "
			"visits = excluded.visits, members = excluded.members, "
			"guests = excluded.guests, staff = excluded.staff",
			"iiiiiii", figures->begins_ms + (int64_t)i * HOUR_MS, figures->begins_ms,
			hour->most, hour->visits, hour->kinds[KIND_MEMBER], hour->kinds[KIND_GUEST],
			hour->kinds[KIND_STAFF]);
	}
	return r < 0 ? (int)r : LQ_OK;
}

static int refresh_day(struct lq_db *db, int64_t begins_ms, int64_t ends_ms)
{
	struct figures figures = {.begins_ms = begins_ms, .ends_ms = ends_ms};
	int r = read_stays(db, &figures);
	if (r == LQ_OK) {
		find_most(&figures);
		r = keep_hours(db, &figures);
	}
	free(figures.changes);
	return r;
}

static int next_due(struct lq_db *db, int64_t *ret_begins_ms, int64_t *ret_ends_ms)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"DELETE FROM figure_due WHERE day_begins = (SELECT max(day_begins) FROM "
		"figure_due) "
		"RETURNING day_begins, day_ends",
		"");
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		*ret_begins_ms = lq_rows_integer(rows, 0);
		*ret_ends_ms = lq_rows_integer(rows, 1);
	}
	lq_rows_end(rows);
	return r;
}

int lq_figures_refresh(struct lq_db *db, int64_t limit)
{
	int64_t begins_ms = 0;
	int64_t ends_ms = 0;
	int r = 1;
	for (int64_t i = 0; i < limit && r == 1; i++) {
		r = next_due(db, &begins_ms, &ends_ms);
		if (r == 1) {
			int made = refresh_day(db, begins_ms, ends_ms);
			r = made == LQ_OK ? 1 : made;
		}
	}
	return r < 0 ? r : LQ_OK;
}

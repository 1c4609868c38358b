/* The hours of doors through which anyone may come to an event: their own week and special days,
 * and the event's on top. */
#include "firmware/core/err.h"
#include "host/office/event_rights_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MINUTES ((int64_t)LQ_DAY_MINUTES)

/* The schedule that a door has without events. */
struct base {
	char name[LQ_NAME_SIZE]; /* empty: it has none */
	bool first_person;
	uint8_t period_count;
	struct lq_period periods[LQ_SCHEDULE_PERIODS_MAX];
};

static int read_hours(struct lq_db *db, const char *door, struct base *base)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT schedule, first_person FROM door_hours WHERE door = ?1", "t", door);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		(void)snprintf(base->name, sizeof(base->name), "%s", lq_rows_text(rows, 0));
		base->first_person = lq_rows_integer(rows, 1) != 0;
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

static int read_week(struct lq_db *db, struct base *base)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT from_minute, to_minute FROM period WHERE schedule = ?1 "
		"ORDER BY from_minute, to_minute",
		"t", base->name);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1 && base->period_count < LQ_SCHEDULE_PERIODS_MAX) {
		base->periods[base->period_count++] =
			(struct lq_period){.from = (uint16_t)lq_rows_integer(rows, 0),
				.to = (uint16_t)lq_rows_integer(rows, 1)};
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

/* The week's periods of a day, as a special day writes them. */
static bool add_week(const struct base *base, int64_t day, struct lq_plan_day *made)
{
	uint32_t begins = (uint32_t)((day + 3) % 7) * LQ_DAY_MINUTES; /* 1970-01-01: a Thursday */
	bool room = true;
	for (uint8_t i = 0; i < base->period_count && room; i++) {
		struct lq_period period = base->periods[i];
		uint32_t length =
			period.to + (period.to <= period.from ? LQ_WEEK_MINUTES : 0u) - period.from;
		if (length <= LQ_DAY_MINUTES) {
			if (period.from >= begins && period.from < begins + LQ_DAY_MINUTES) {
				room = lq_plan_add(made,
					(struct lq_period){.from = (uint16_t)(period.from - begins),
						.to = (uint16_t)(period.to % LQ_DAY_MINUTES)});
			}
			continue;
		}
		/* The day's share of a longer one: [from, to) counted from its own midnight. */
		uint32_t since = (begins + LQ_WEEK_MINUTES - period.from) % LQ_WEEK_MINUTES;
		uint32_t until = LQ_WEEK_MINUTES - since; /* to the period's next beginning */
		if (since < length) {
			uint32_t left = length - since;
			room = lq_plan_add(
				made, (struct lq_period){.from = 0,
					      .to = (uint16_t)(left < LQ_DAY_MINUTES ? left : 0)});
		}
		if (room && until < LQ_DAY_MINUTES) {
			room = lq_plan_add(
				made, (struct lq_period){.from = (uint16_t)until, .to = 0});
		}
	}
	return room;
}

/* What a special day of the door's own has, when the date is one. Returns whether it is, or an
 * error. */
static int read_special(
	struct lq_db *db, const struct base *base, int64_t day, struct lq_plan_day *made)
{
	struct lq_date date = lq_date_of_day(day);
	struct lq_rows *rows = NULL;
	int64_t first = -1;
	int r = lq_db_query(db, &rows,
		"SELECT s.place, s.from_minute, s.to_minute FROM schedule_special s "
		"JOIN special_day d ON d.special = s.special "
		"WHERE s.schedule = ?1 AND (d.year = 0 OR d.year = ?2) AND d.month = ?3 "
		"AND d.day = ?4 ORDER BY s.place, s.from_minute",
		"tiii", base->name, (int64_t)date.year, (int64_t)date.month, (int64_t)date.day);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1 && (first < 0 || lq_rows_integer(rows, 0) == first)) {
		first = lq_rows_integer(rows, 0);
		if (lq_rows_integer(rows, 1) >= 0) {
			(void)lq_plan_add(made,
				(struct lq_period){.from = (uint16_t)lq_rows_integer(rows, 1),
					.to = (uint16_t)(lq_rows_integer(rows, 2) % DAY_MINUTES)});
		}
	}
	lq_rows_end(rows);
	return r < 0 ? r : first >= 0;
}

/* The day as it is without events. */
static int usual_day(
	struct lq_db *db, const struct base *base, int64_t day, struct lq_plan_day *ret_day)
{
	struct lq_plan_day made = {0};
	if (base->name[0] == '\0') {
		*ret_day = made;
		return LQ_OK;
	}
	int r = read_special(db, base, day, &made);
	if (r < 0) {
		return r;
	}
	if (r == 0 && !add_week(base, day, &made)) {
		return LQ_ERR_FULL;
	}
	*ret_day = made;
	return LQ_OK;
}

static bool leads_through(const struct lq_event_window *window, const char *door)
{
	for (size_t i = 0; i < window->door_count; i++) {
		if (strcmp(window->doors[i], door) == 0) {
			return window->who == LQ_CALENDAR_ANYONE;
		}
	}
	return false;
}

/* What a day has room for: the usual and, of the events, the nearest. */
static int plan_day(struct lq_event_rights *rights, const struct base *base, const char *door,
	size_t at, struct lq_plan *plan)
{
	struct lq_plan_day day;
	bool some = false;
	int r = usual_day(rights->db, base, plan->first + (int64_t)at, &day);
	for (size_t i = 0; i < rights->window_count && r == LQ_OK; i++) {
		const struct lq_plan_day *own = &rights->windows[i].plan.days[at];
		for (uint8_t j = 0; leads_through(&rights->windows[i], door) && j < own->count;
			j++) {
			some = lq_plan_add(&day, own->periods[j]) || some;
		}
	}
	if (r == LQ_OK && some) {
		plan->days[at] = day;
	}
	/* A week with more than a special day can say stays as it is. */
	return r == LQ_ERR_FULL ? LQ_OK : r;
}

static int copy_specials(struct lq_event_lines *lines, struct lq_event_rights *rights,
	const struct base *base, const char *name, size_t place)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(rights->db, &rows,
		"SELECT special, place, from_minute, to_minute FROM schedule_special "
		"WHERE schedule = ?1 ORDER BY place, from_minute",
		"t", base->name);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		long long from = lq_rows_integer(rows, 2);
		long long at = (long long)place + lq_rows_integer(rows, 1);
		if (from < 0) {
			lq_event_say(lines, "schedule-special\t%s\t%s\t%lld\tclosed", name,
				lq_rows_text(rows, 0), at);
		} else {
			lq_event_say(lines, "schedule-special\t%s\t%s\t%lld\t%lld-%lld", name,
				lq_rows_text(rows, 0), at, from,
				(long long)lq_rows_integer(rows, 3));
		}
	}
	lq_rows_end(rows);
	return r;
}

static void say_week(struct lq_event_lines *lines, const struct base *base, const char *name)
{
	char periods[LQ_SCHEDULE_PERIODS_MAX * sizeof("10079-10080,")] = "";
	size_t length = 0;
	for (uint8_t i = 0; i < base->period_count; i++) {
		length += (size_t)snprintf(periods + length, sizeof(periods) - length, "%s%u-%u",
			i > 0 ? "," : "", base->periods[i].from, base->periods[i].to);
	}
	lq_event_say(lines, "schedule\t%s\t%s", name, periods);
}

static int specials_of(struct lq_db *db, const struct base *base, int64_t *ret_count)
{
	return lq_db_integer(db, ret_count, 0,
		"SELECT count(DISTINCT special) FROM schedule_special WHERE schedule = ?1", "t",
		base->name);
}

/* Drops the farthest days until the groups fit beside the door's own. */
static void fit(struct lq_plan *plan, int64_t own)
{
	size_t room = own < (int64_t)LQ_SPECIALS_MAX ? LQ_SPECIALS_MAX - (size_t)own : 0;
	for (size_t i = LQ_PLAN_DAYS; i > 0 && lq_plan_groups(plan) > room; i--) {
		plan->days[i - 1].count = 0;
	}
}

static int say_door(struct lq_event_lines *lines, struct lq_event_rights *rights, const char *door)
{
	char name[LQ_NAME_SIZE];
	struct base base = {0};
	struct lq_plan plan = {.first = rights->first - 1};
	int64_t own = 0;
	uint64_t hash = lq_event_hash(LQ_EVENT_HASH_BEGIN, door, strlen(door));
	(void)snprintf(name, sizeof(name), LQ_EVENT_PREFIX "h%016llx", (unsigned long long)hash);
	int r = read_hours(rights->db, door, &base);
	r = r == LQ_OK ? read_week(rights->db, &base) : r;
	r = r == LQ_OK ? specials_of(rights->db, &base, &own) : r;
	for (size_t i = 0; i < LQ_PLAN_DAYS && r == LQ_OK; i++) {
		r = plan_day(rights, &base, door, i, &plan);
	}
	if (r != LQ_OK) {
		return r;
	}
	fit(&plan, own);
	say_week(lines, &base, name);
	size_t groups = lq_event_say_plan(lines, name, &plan);
	lq_event_say(lines, "hours\t%s\t%s\t%d", door, name, base.first_person ? 1 : 0);
	return copy_specials(lines, rights, &base, name, groups);
}

static bool said_before(const struct lq_event_rights *rights, size_t window, const char *door)
{
	for (size_t i = 0; i < window; i++) {
		if (leads_through(&rights->windows[i], door)) {
			return true;
		}
	}
	return false;
}

int lq_event_hours_say(struct lq_event_lines *lines, struct lq_event_rights *rights)
{
	int r = LQ_OK;
	for (size_t i = 0; i < rights->window_count; i++) {
		const struct lq_event_window *window = &rights->windows[i];
		for (size_t j = 0; j < window->door_count && r == LQ_OK; j++) {
			if (leads_through(window, window->doors[j]) &&
				!said_before(rights, i, window->doors[j])) {
				r = say_door(lines, rights, window->doors[j]);
			}
		}
	}
	return r;
}

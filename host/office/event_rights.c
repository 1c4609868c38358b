#include "host/office/event_rights.h"

#include "firmware/core/decide.h"
#include "firmware/core/err.h"
#include "host/office/event_plan.h"
#include "host/office/event_rights_internal.h"
#include "host/office/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY        ((int64_t)LQ_DAY_MINUTES)
#define MINUTE_MS  INT64_C(60000)
#define EVENTS_MAX 1000u /* that are looked at */

uint64_t lq_event_hash(uint64_t hash, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/* ---- reading ---- */

/* The nearest first; where two are as near, the older one. */
static int by_time(const void *a, const void *b)
{
	const struct lq_event_window *x = a;
	const struct lq_event_window *y = b;
	if (x->next != y->next) {
		return x->next < y->next ? -1 : 1;
	}
	return x->id < y->id ? -1 : x->id > y->id;
}

static int by_number(const void *a, const void *b)
{
	const struct lq_event_guest *x = a;
	const struct lq_event_guest *y = b;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* What of the event lies in the next days; false when that is nothing. */
static bool plan_event(const struct lq_event_rights *rights, const struct lq_calendar_event *event,
	struct lq_event_window *ret_window)
{
	struct lq_occurrence found[LQ_PLAN_DAYS * 2];
	int64_t from_ms = lq_local_minute_ms(rights->first * DAY);
	int64_t to_ms = lq_local_minute_ms((rights->first + LQ_EVENT_HORIZON_DAYS) * DAY);
	size_t count = lq_recurrence_expand(
		&event->when, from_ms, to_ms, found, sizeof(found) / sizeof(found[0]));
	*ret_window = (struct lq_event_window){.id = event->id,
		.who = event->who,
		.door_count = event->door_count,
		.plan.first = rights->first - 1};
	memcpy(ret_window->doors, event->doors, sizeof(event->doors));
	for (size_t i = 0; i < count; i++) {
		ret_window->next = i == 0 ? found[0].from : ret_window->next;
		(void)lq_plan_occurrence(&ret_window->plan, &found[i]);
	}
	size_t groups = lq_plan_groups(&ret_window->plan);
	return event->door_count > 0 && groups > 0 && groups <= LQ_SPECIALS_MAX;
}

static int keep_window(struct lq_event_rights *rights, const struct lq_event_window *window)
{
	size_t count = rights->window_count;
	struct lq_event_window *grown =
		realloc(rights->windows, (count + 1) * sizeof(*rights->windows));
	if (grown == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	rights->windows = grown;
	rights->windows[rights->window_count++] = *window;
	return LQ_OK;
}

static int read_windows(
	struct lq_event_rights *rights, size_t most, struct lq_calendar_event *event)
{
	int64_t ids[EVENTS_MAX];
	size_t count = 0;
	struct lq_event_window window;
	int r = lq_calendar_list(rights->db, 0, rights->first * DAY, ids, EVENTS_MAX, &count);
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		r = lq_calendar_load(rights->db, ids[i], event);
		if (r == LQ_OK && plan_event(rights, event, &window)) {
			r = keep_window(rights, &window);
		}
	}
	if (rights->window_count > 0) {
		qsort(rights->windows, rights->window_count, sizeof(*rights->windows), by_time);
	}
	most = most < LQ_EVENT_WINDOWS_MAX ? most : LQ_EVENT_WINDOWS_MAX;
	if (rights->window_count > most) {
		rights->left_out = rights->window_count - most;
		rights->window_count = most;
	}
	return r;
}

static int keep_guests(
	struct lq_event_rights *rights, const struct lq_calendar_event *event, uint64_t bit)
{
	size_t count = rights->guest_count + event->person_count;
	if (event->person_count == 0) {
		return LQ_OK;
	}
	struct lq_event_guest *grown = realloc(rights->guests, count * sizeof(*grown));
	if (grown == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	rights->guests = grown;
	for (size_t i = 0; i < event->person_count; i++) {
		rights->guests[rights->guest_count++] =
			(struct lq_event_guest){.number = event->people[i], .set = bit};
	}
	return LQ_OK;
}

/* One entry a person. */
static void join_guests(struct lq_event_rights *rights)
{
	size_t kept = 0;
	if (rights->guest_count == 0) {
		return;
	}
	qsort(rights->guests, rights->guest_count, sizeof(*rights->guests), by_number);
	for (size_t i = 1; i < rights->guest_count; i++) {
		if (rights->guests[i].number == rights->guests[kept].number) {
			rights->guests[kept].set |= rights->guests[i].set;
		} else {
			rights->guests[++kept] = rights->guests[i];
		}
	}
	rights->guest_count = kept + 1;
}

static int read_guests(struct lq_event_rights *rights, struct lq_calendar_event *event)
{
	int r = LQ_OK;
	for (size_t i = 0; i < rights->window_count && r == LQ_OK; i++) {
		uint64_t bit = UINT64_C(1) << i;
		switch (rights->windows[i].who) {
		case LQ_CALENDAR_ANYONE:
			break;
		case LQ_CALENDAR_MEMBERS:
			rights->members |= bit;
			break;
		case LQ_CALENDAR_REGISTERED:
			r = lq_calendar_load(rights->db, rights->windows[i].id, event);
			r = r == LQ_OK ? keep_guests(rights, event, bit) : r;
			break;
		}
	}
	join_guests(rights);
	return r;
}

int lq_event_rights_read(
	struct lq_db *db, int64_t now_ms, size_t most, struct lq_event_rights **ret_rights)
{
	struct lq_event_rights *rights = calloc(1, sizeof(*rights));
	struct lq_calendar_event *event = calloc(1, sizeof(*event));
	int r = LQ_ERR_NO_MEMORY;
	if (rights != NULL && event != NULL) {
		rights->db = db;
		rights->first = lq_local_minute_of(now_ms) / DAY;
		r = read_windows(rights, most, event);
		r = r == LQ_OK ? read_guests(rights, event) : r;
		r = r == LQ_OK ? lq_event_variants_read(rights) : r;
	}
	free(event);
	if (r != LQ_OK) {
		lq_event_rights_free(rights);
		return r;
	}
	*ret_rights = rights;
	return LQ_OK;
}

void lq_event_rights_free(struct lq_event_rights *rights)
{
	if (rights != NULL) {
		free(rights->windows);
		free(rights->guests);
		free(rights->variants);
		free(rights);
	}
}

bool lq_event_rights_empty(const struct lq_event_rights *rights)
{
	return rights->window_count == 0;
}

size_t lq_event_rights_count(const struct lq_event_rights *rights)
{
	return rights->window_count;
}

size_t lq_event_rights_left_out(const struct lq_event_rights *rights)
{
	return rights->left_out;
}

bool lq_event_rights_has_hours(const struct lq_event_rights *rights, const char *door)
{
	for (size_t i = 0; i < rights->window_count; i++) {
		const struct lq_event_window *window = &rights->windows[i];
		for (size_t j = 0; j < window->door_count; j++) {
			if (window->who == LQ_CALENDAR_ANYONE &&
				strcmp(window->doors[j], door) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* ---- lines ---- */

void lq_event_say(struct lq_event_lines *lines, const char *format, ...)
{
	char line[1024];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (lines->failure == LQ_OK) {
		lines->failure = length >= 0 && (size_t)length < sizeof(line)
					 ? lines->take(lines->ctx, line)
					 : LQ_ERR_FULL;
	}
}

static void say_periods(struct lq_event_lines *lines, const char *schedule, const char *group,
	size_t place, const struct lq_plan_day *day)
{
	for (uint8_t i = 0; i < day->count; i++) {
		lq_event_say(lines, "schedule-special\t%s\t%s\t%zu\t%u-%u", schedule, group, place,
			day->periods[i].from, day->periods[i].to);
	}
}

size_t lq_event_say_plan(
	struct lq_event_lines *lines, const char *schedule, const struct lq_plan *plan)
{
	char group[LQ_NAME_SIZE];
	size_t groups = 0;
	size_t of[LQ_PLAN_DAYS] = {0};
	for (size_t i = 0; i < LQ_PLAN_DAYS; i++) {
		const struct lq_plan_day *day = &plan->days[i];
		if (day->count == 0) {
			continue;
		}
		size_t same = 0;
		while (same < i && !lq_plan_day_equal(&plan->days[same], day)) {
			same++;
		}
		of[i] = same < i ? of[same] : groups;
		(void)snprintf(group, sizeof(group), "%.28s-%zu", schedule, of[i]);
		if (same == i) {
			say_periods(lines, schedule, group, groups++, day);
		}
		struct lq_date date = lq_date_of_day(plan->first + (int64_t)i);
		lq_event_say(lines, "special\t%s\t%04d-%02d-%02d", group, date.year, date.month,
			date.day);
	}
	return groups;
}

/* The ways in while it takes place; out at any time, so that nobody is refused on leaving late. */
void lq_event_say_policies(struct lq_event_lines *lines, const struct lq_event_rights *rights,
	const char *profile, uint64_t set, size_t room)
{
	for (size_t i = 0; i < rights->window_count; i++) {
		const struct lq_event_window *window = &rights->windows[i];
		for (size_t j = 0; j < window->door_count; j++) {
			if ((set >> i & 1u) == 0 || room < 2) {
				continue;
			}
			lq_event_say(lines, "policy\t%s\t%s/entry\t" LQ_EVENT_PREFIX "%lld",
				profile, window->doors[j], (long long)window->id);
			lq_event_say(lines, "policy\t%s\t%s/exit\t-", profile, window->doors[j]);
			room -= 2;
		}
	}
}

static void say_schedules(struct lq_event_lines *lines, const struct lq_event_rights *rights)
{
	char name[LQ_NAME_SIZE];
	for (size_t i = 0; i < rights->window_count; i++) {
		const struct lq_event_window *window = &rights->windows[i];
		if (window->who != LQ_CALENDAR_ANYONE) {
			(void)snprintf(
				name, sizeof(name), LQ_EVENT_PREFIX "%lld", (long long)window->id);
			lq_event_say(lines, "schedule\t%s\t", name);
			(void)lq_event_say_plan(lines, name, &window->plan);
		}
	}
}

int lq_event_rights_rules(
	struct lq_event_rights *rights, int (*take)(void *ctx, const char *line), void *ctx)
{
	struct lq_event_lines lines = {.take = take, .ctx = ctx};
	say_schedules(&lines, rights);
	int r = lq_event_variants_say(&lines, rights);
	r = r == LQ_OK ? lq_event_hours_say(&lines, rights) : r;
	return lines.failure != LQ_OK ? lines.failure : r;
}

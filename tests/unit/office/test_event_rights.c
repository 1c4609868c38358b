/* What events add to the roster, weighed by what the door itself weighs it with. */
#include "firmware/core/err.h"
#include "firmware/core/office_roster.h"
#include "host/office/books_internal.h"
#include "host/office/event_plan.h"
#include "host/office/event_rights.h"
#include "host/office/events.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINES_MAX 512u
#define DAY       INT64_C(1440)

struct bench {
	struct lq_db *db;
	char lines[LINES_MAX][128];
	size_t count;
	struct lq_calendar_event event; /* to be kept next */
	struct lq_special_day days[64];
	char groups[16][LQ_NAME_SIZE];
};

static int64_t local(const char *text)
{
	int64_t minute = 0;
	assert_int_equal(lq_local_parse(text, &minute), LQ_OK);
	return minute;
}

static void run(struct bench *b, const char *sql)
{
	assert_true(lq_db_run(b->db, sql, "") >= 0);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	assert_non_null(b);
	*state = b;
	assert_int_equal(lq_db_open_sqlite(":memory:", LQ_DB_KEEP, &b->db), LQ_OK);
	assert_int_equal(
		lq_db_migrate(b->db, lq_office_migrations, lq_office_migration_count), LQ_OK);
	run(b, "INSERT INTO schedule (name) VALUES ('office')");
	run(b, "INSERT INTO period (schedule, from_minute, to_minute) VALUES "
	       "('office', 540, 1080), ('office', 1980, 2520), ('office', 8040, 9000), "
	       "('office', 9900, 120)"); /* Mon, Tue, all of Saturday and more, Sunday night */
	run(b, "INSERT INTO profile (name) VALUES ('day')");
	run(b, "INSERT INTO policy (profile, access_point, schedule, place) "
	       "VALUES ('day', 'front/entry', 'office', 0)");
	run(b, "INSERT INTO person (number, name, folded, kind, profile, any_time, created, "
	       "changed) VALUES (1, 'a', 'a', 'member', 'day', 0, 0, 0), "
	       "(2, 'b', 'b', 'member', 'day', 0, 0, 0), (3, 'c', 'c', 'guest', 'day', 0, 0, 0), "
	       "(4, 'd', 'd', 'staff', 'day', 1, 0, 0)");
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;
	lq_db_close(b->db);
	free(b);
	return 0;
}

static int64_t keep(struct bench *b, enum lq_calendar_who who, const char *from, const char *to,
	const char *rule)
{
	memset(&b->event, 0, sizeof(b->event));
	b->event.who = who;
	(void)snprintf(b->event.title, sizeof(b->event.title), "Example");
	b->event.when.from = local(from);
	b->event.when.to = local(to);
	(void)snprintf(b->event.when.rule, sizeof(b->event.when.rule), "%s", rule);
	b->event.door_count = 1;
	(void)snprintf(b->event.doors[0], LQ_NAME_SIZE, "front");
	if (who == LQ_CALENDAR_REGISTERED) {
		b->event.people[b->event.person_count++] = 1;
	}
	assert_int_equal(lq_calendar_keep(b->db, &b->event, 1), LQ_OK);
	return b->event.id;
}

/* Every line is one that the door reads. */
static int take(void *ctx, const char *line)
{
	struct bench *b = ctx;
	struct lq_office_line read;
	assert_true(b->count < LINES_MAX);
	char *kept = b->lines[b->count++];
	int length = snprintf(kept, sizeof(b->lines[0]), "%s\n", line);
	assert_in_range(length, 1, sizeof(b->lines[0]) - 1);
	struct lq_office_text text = lq_office_text_begin(LQ_OFFICE_RULES, kept, (size_t)length);
	if (lq_office_text_next(&text, &read) != 1) {
		fail_msg("the door does not read: %s", line);
	}
	kept[length - 1] = '\0';
	return LQ_OK;
}

static struct lq_event_rights *read_at(struct bench *b, const char *now)
{
	struct lq_event_rights *rights = NULL;
	assert_int_equal(lq_event_rights_read(
				 b->db, lq_local_minute_ms(local(now)), LQ_EVENTS_AT_ONCE, &rights),
		LQ_OK);
	b->count = 0;
	assert_int_equal(lq_event_rights_rules(rights, take, b), LQ_OK);
	return rights;
}

static bool has(const struct bench *b, const char *kind, const char *name, const char *rest)
{
	char line[128];
	(void)snprintf(line, sizeof(line), "%s\t%s%s", kind, name, rest);
	for (size_t i = 0; i < b->count; i++) {
		if (strcmp(b->lines[i], line) == 0) {
			return true;
		}
	}
	return false;
}

/* ---- what the door makes of the lines ---- */

/* NOLINTBEGIN(cert-err34-c): of our own making, and read by the door before */

static uint16_t group_number(struct bench *b, const char *name)
{
	uint16_t i = 0;
	while (b->groups[i][0] != '\0' && strcmp(b->groups[i], name) != 0) {
		i++;
		assert_in_range(i, 0, 15);
	}
	(void)snprintf(b->groups[i], LQ_NAME_SIZE, "%s", name);
	return i;
}

static void take_week(struct lq_schedule *schedule, const char *text)
{
	while (*text != '\0') {
		unsigned from = 0;
		unsigned to = 0;
		int used = 0;
		assert_int_equal(sscanf(text, "%u-%u%n", &from, &to, &used), 2);
		schedule->periods[schedule->count++] =
			(struct lq_period){.from = (uint16_t)from, .to = (uint16_t)to};
		text += used + (text[used] == ',' ? 1 : 0);
	}
}

/* Places come in their order. */
static void take_special(struct bench *b, struct lq_schedule *schedule, const char *line)
{
	char group[LQ_NAME_SIZE];
	unsigned place = 0;
	int used = 0;
	assert_int_equal(sscanf(line, "%32[^\t]\t%u\t%n", group, &place, &used), 2);
	line += used;
	uint16_t number = group_number(b, group);
	uint8_t i = 0;
	while (i < schedule->special_count && schedule->specials[i].group != number) {
		i++;
	}
	assert_in_range(i, 0, LQ_SPECIALS_MAX - 1);
	struct lq_special *special = &schedule->specials[i];
	schedule->special_count = i == schedule->special_count ? i + 1 : schedule->special_count;
	special->group = number;
	while (*line != '\0' && strcmp(line, "closed") != 0) {
		unsigned from = 0;
		unsigned to = 0;
		assert_int_equal(sscanf(line, "%u-%u%n", &from, &to, &used), 2);
		assert_in_range(special->count, 0, LQ_SPECIAL_PERIODS_MAX - 1);
		special->periods[special->count++] =
			(struct lq_period){.from = (uint16_t)from, .to = (uint16_t)to};
		line += used + (line[used] == ',' ? 1 : 0);
	}
}

static size_t take_days(struct bench *b, size_t count)
{
	for (size_t i = 0; i < b->count; i++) {
		char group[LQ_NAME_SIZE];
		unsigned year = 0;
		unsigned month = 0;
		unsigned day = 0;
		if (sscanf(b->lines[i], "special\t%32[^\t]\t%u-%u-%u", group, &year, &month,
			    &day) == 4) {
			b->days[count++] = (struct lq_special_day){.group = group_number(b, group),
				.year = (uint16_t)year,
				.month = (uint8_t)month,
				.day = (uint8_t)day};
		}
	}
	return count;
}

static void take_schedule(struct bench *b, const char *name, struct lq_schedule *ret_schedule)
{
	char week[64];
	char special[64];
	(void)snprintf(week, sizeof(week), "schedule\t%s\t", name);
	(void)snprintf(special, sizeof(special), "schedule-special\t%s\t", name);
	memset(ret_schedule, 0, sizeof(*ret_schedule));
	for (size_t i = 0; i < b->count; i++) {
		if (strncmp(b->lines[i], week, strlen(week)) == 0) {
			take_week(ret_schedule, b->lines[i] + strlen(week));
		}
		if (strncmp(b->lines[i], special, strlen(special)) == 0) {
			take_special(b, ret_schedule, b->lines[i] + strlen(special));
		}
	}
}

/* NOLINTEND(cert-err34-c) */

/* ---- the tests ---- */

/* What a person of the profile "day" is published with. */
static void look_up(const struct lq_event_rights *rights, int64_t number, bool member,
	bool *any_time, char ret_name[LQ_NAME_SIZE])
{
	struct lq_event_person person = {
		.number = number, .member = member, .any_time = *any_time, .profile = "day"};
	lq_event_rights_person(rights, &person);
	*any_time = person.any_time;
	(void)snprintf(ret_name, LQ_NAME_SIZE, "%s", person.profile);
}

static void who_registered_may_come_then(void **state)
{
	struct bench *b = *state;
	char name[LQ_NAME_SIZE];
	char schedule_name[LQ_NAME_SIZE];
	bool any_time = true;
	struct lq_schedule schedule;
	int64_t id = keep(b, LQ_CALENDAR_REGISTERED, "2026-03-28T19:00", "2026-03-29T23:30", "");
	struct lq_event_rights *rights = read_at(b, "2026-03-23T10:00");
	any_time = false;
	look_up(rights, 1, true, &any_time, name);
	assert_int_equal(strncmp(name, LQ_EVENT_PREFIX, strlen(LQ_EVENT_PREFIX)), 0);
	assert_false(any_time);
	assert_true(has(b, "profile", name, ""));
	assert_true(has(b, "policy", name, "\tfront/entry\toffice"));
	assert_true(has(b, "policy", name, "\tfront/exit\t-"));
	(void)snprintf(schedule_name, sizeof(schedule_name), "event-%lld", (long long)id);
	assert_true(has(b, "schedule", schedule_name, "\t"));
	take_schedule(b, schedule_name, &schedule);
	struct lq_calendar calendar = {.days = b->days, .count = take_days(b, 0)};
	for (int64_t m = local("2026-03-23T00:00"); m < local("2026-04-06T00:00"); m++) {
		bool open = m >= local("2026-03-28T19:00") && m < local("2026-03-29T23:30");
		assert_int_equal(lq_schedule_contains_local(&schedule, &calendar, m), open);
	}
	any_time = false;
	look_up(rights, 2, true, &any_time, name);
	assert_string_equal(name, "day");
	lq_event_rights_free(rights);
	/* Before it is near and after it is over, it adds nothing. */
	static const char *const far[] = {"2026-03-14T23:59", "2026-03-30T00:00"};
	for (size_t i = 0; i < 2; i++) {
		rights = read_at(b, far[i]);
		assert_int_equal(b->count, 0);
		lq_event_rights_free(rights);
	}
}

static void what_is_open_to_members_is_not_to_guests(void **state)
{
	struct bench *b = *state;
	char name[LQ_NAME_SIZE];
	bool any_time = false;
	(void)keep(b, LQ_CALENDAR_MEMBERS, "2026-03-05T12:00", "2026-03-05T14:00", "FREQ=WEEKLY");
	struct lq_event_rights *rights = read_at(b, "2026-03-23T10:00");
	any_time = false;
	look_up(rights, 2, true, &any_time, name);
	assert_string_equal(name, "day");
	assert_true(has(b, "policy", "day", "\tfront/entry\tevent-1"));
	assert_true(has(b, "policy", "always", "\tfront/entry\tevent-1"));
	any_time = false;
	look_up(rights, 3, false, &any_time, name);
	assert_string_not_equal(name, "day");
	assert_true(has(b, "policy", name, "\tfront/entry\toffice"));
	assert_false(has(b, "policy", name, "\tfront/entry\tevent-1"));
	/* Whom no schedule binds comes to the lunch during the lunch only. */
	any_time = true;
	look_up(rights, 4, true, &any_time, name);
	assert_false(any_time);
	assert_true(has(b, "policy", name, "\tfront/entry\t-"));
	assert_true(has(b, "policy", name, "\tfront/entry\tevent-1"));
	/* The same tomorrow: what stands in the persons' lines has not changed. */
	struct lq_event_rights *later = read_at(b, "2026-03-27T10:00");
	char again[LQ_NAME_SIZE];
	any_time = true;
	look_up(later, 4, true, &any_time, again);
	assert_string_equal(again, name);
	lq_event_rights_free(later);
	lq_event_rights_free(rights);
}

/* The hours of the door without events, of the same tables. */
static void usual(struct lq_schedule *schedule, uint16_t closed)
{
	static const struct lq_period week[] = {
		{540, 1080}, {1980, 2520}, {8040, 9000}, {9900, 120}};
	memset(schedule, 0, sizeof(*schedule));
	memcpy(schedule->periods, week, sizeof(week));
	schedule->count = 4;
	schedule->special_count = 1;
	schedule->specials[0].group = closed;
}

static void anyone_comes_beside_the_usual_hours(void **state)
{
	struct bench *b = *state;
	struct lq_schedule made;
	struct lq_schedule base;
	char name[LQ_NAME_SIZE] = "";
	run(b, "INSERT INTO special_group (name) VALUES ('feasts')");
	run(b, "INSERT INTO special_day (special, year, month, day) VALUES ('feasts', 0, 3, 31)");
	run(b, "INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
	       "VALUES ('office', 'feasts', 0, -1, -1)");
	run(b, "INSERT INTO door_hours (door, schedule, first_person) VALUES ('front', 'office', "
	       "1)");
	(void)keep(b, LQ_CALENDAR_ANYONE, "2026-03-24T17:00", "2026-03-24T21:00",
		"FREQ=WEEKLY;BYDAY=TU");
	(void)keep(b, LQ_CALENDAR_ANYONE, "2026-03-29T22:00", "2026-03-30T01:00", "");
	struct lq_event_rights *rights = read_at(b, "2026-03-23T10:00");
	assert_true(lq_event_rights_has_hours(rights, "front"));
	assert_false(lq_event_rights_has_hours(rights, "back"));
	for (size_t i = 0; i < b->count; i++) {
		(void)sscanf(b->lines[i], "hours\tfront\t%32[^\t]\t1", name);
	}
	take_schedule(b, name, &made);
	usual(&base, group_number(b, "feasts"));
	b->days[0] =
		(struct lq_special_day){.group = base.specials[0].group, .month = 3, .day = 31};
	struct lq_calendar calendar = {.days = b->days, .count = take_days(b, 1)};
	for (int64_t m = local("2026-03-23T00:00"); m < local("2026-04-06T00:00"); m++) {
		int64_t in_day = m % DAY;
		bool tuesday = m / DAY % 7 == local("2026-03-24T00:00") / DAY % 7;
		bool event = (tuesday && in_day >= 1020 && in_day < 1260) ||
			     (m >= local("2026-03-29T22:00") && m < local("2026-03-30T01:00"));
		bool open = event || lq_schedule_contains_local(&base, &calendar, m);
		if (lq_schedule_contains_local(&made, &calendar, m) != open) {
			char text[LQ_LOCAL_SIZE];
			lq_local_format(m, text);
			fail_msg("%s: expected %d", text, open);
		}
	}
	lq_event_rights_free(rights);
}

static void more_than_a_door_holds_is_told(void **state)
{
	struct bench *b = *state;
	for (int i = 0; i < 66; i++) {
		(void)keep(b, LQ_CALENDAR_REGISTERED, "2026-03-24T17:00", "2026-03-24T21:00", "");
	}
	struct lq_event_rights *rights = read_at(b, "2026-03-23T10:00");
	size_t policies = 0;
	for (size_t i = 0; i < b->count; i++) {
		policies += strncmp(b->lines[i], "policy\t", 7) == 0 ? 1 : 0;
	}
	assert_int_equal(lq_event_rights_left_out(rights), 2);
	assert_in_range(policies, 30, 32); /* of the one profile */
	lq_event_rights_free(rights);
}

static void a_day_joins_what_touches(void **state)
{
	struct lq_plan_day day = {0};
	(void)state;
	assert_true(lq_plan_add(&day, (struct lq_period){600, 660}));
	assert_true(lq_plan_add(&day, (struct lq_period){720, 780}));
	assert_true(lq_plan_add(&day, (struct lq_period){660, 720}));
	assert_int_equal(day.count, 1);
	assert_true(lq_plan_add(&day, (struct lq_period){0, 60}));
	assert_true(lq_plan_add(&day, (struct lq_period){100, 120}));
	assert_true(lq_plan_add(&day, (struct lq_period){1380, 30}));
	assert_int_equal(day.count, 4);
	assert_false(lq_plan_add(&day, (struct lq_period){200, 300}));
	assert_true(lq_plan_add(&day, (struct lq_period){60, 0}));
	assert_int_equal(day.count, 1);
	assert_int_equal(day.periods[0].from, day.periods[0].to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_registered_may_come_then, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_open_to_members_is_not_to_guests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			anyone_comes_beside_the_usual_hours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_a_door_holds_is_told, set_up, tear_down),
		cmocka_unit_test(a_day_joins_what_touches),
	};
	(void)setenv("TZ", "Europe/Paris", 1); // NOLINT(concurrency-mt-unsafe): one thread
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

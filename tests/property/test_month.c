/* A month of 300 members at one door, minute by minute, on the real decision, opening hours, door
 * and door.db: opening hours from the first member on, special days, the night when clocks are put
 * forward, badges lost and found, counted, running out, suspended, and restarts. Beside it stands
 * an oracle that knows the people and the poster at the door, and nothing of the program. */
#include "firmware/core/door.h"
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"
#include "tests/unit/store/bench.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEMBERS     300u
#define BEGIN_S     INT64_C(1803855600) /* Monday 2027-03-01 00:00 in Paris */
#define MINUTES     (31 * 1440 - 60)    /* to 2027-04-01 00:00 */
#define RELEASE_MS  5000u
#define BATCH       256u
#define EXTENDED_MS 15000u

enum kind { ALWAYS, OFFICE, EVENING, KINDS };

/* What the space knows of a person. */
struct person {
	enum kind kind;
	bool any_time;
	bool extended;
	bool enabled; /* their badge is */
	bool counted;
	unsigned uses;
	unsigned valid_for_h;        /* until the first tap */
	int64_t ends_s;              /* 0: never */
	int64_t suspended_until_s;   /* while it is not enabled; 0: by hand */
	struct lq_credential stored; /* the program's key to it */
};

struct month {
	struct bench *bench;
	struct lq_roster *roster;
	struct lq_rule_tables *rules;
	struct lq_door door;
	struct lq_hours hours;
	struct person people[MEMBERS];
	struct lq_event events[BATCH];
	size_t event_count;
	unsigned granted;
	unsigned denied;
	bool relay;
	/* the oracle's */
	bool open_before;
	bool came;
	int64_t released_until_ms;
};

static struct lq_random chance;
static const struct lq_door_settings settings = {
	.release_ms = RELEASE_MS, .extended_release_ms = EXTENDED_MS};

static uint32_t below(uint32_t bound)
{
	return lq_random_below(&chance, bound);
}

/* ---- the poster at the door ---- */

/* Office: weekdays 8 to 20. Evening: every day 18 to 2. Both are closed on 8 March of every year,
 * and on the 24th of this one 8 to 12 alone; what began the evening before goes on. */
static bool begins_on(enum kind kind, int day_of_month, int weekday, int minute)
{
	if (day_of_month == 8) {
		return false;
	}
	if (day_of_month == 24) {
		return minute >= 480 && minute < 720;
	}
	if (kind == OFFICE) {
		return weekday >= 1 && weekday <= 5 && minute >= 480 && minute < 1200;
	}
	return minute >= 1080 && minute < 1560;
}

static bool poster(enum kind kind, int64_t unix_s)
{
	time_t at = unix_s;
	struct tm local;
	assert_non_null(localtime_r(&at, &local));
	int minute = local.tm_hour * 60 + local.tm_min;
	int eve = local.tm_mday == 1 ? 28 : local.tm_mday - 1;
	return kind == ALWAYS || begins_on(kind, local.tm_mday, local.tm_wday, minute) ||
	       begins_on(kind, eve, (local.tm_wday + 6) % 7, minute + 1440);
}

static bool may_enter(const struct person *person, int64_t unix_s)
{
	bool back = person->suspended_until_s != 0 && unix_s >= person->suspended_until_s;
	bool usable = (person->enabled || back) && !(person->counted && person->uses == 0) &&
		      (person->ends_s == 0 || unix_s < person->ends_s);
	return usable && (person->any_time || poster(person->kind, unix_s));
}

static void spend(struct person *person, int64_t unix_s)
{
	person->uses -= person->counted ? 1 : 0;
	if (person->valid_for_h != 0) {
		person->ends_s = unix_s + (int64_t)person->valid_for_h * 3600;
		person->valid_for_h = 0;
	}
}

/* ---- the program ---- */

static struct lq_wall wall_of(int64_t unix_ms)
{
	time_t at = unix_ms / 1000;
	struct tm local;
	assert_non_null(localtime_r(&at, &local));
	return (struct lq_wall){.unix_ms = unix_ms,
		.utc_offset_s = (int32_t)local.tm_gmtoff,
		.trust = LQ_TRUST_SYNCHRONISED};
}

static void write_down(struct month *month)
{
	if (month->event_count > 0) {
		assert_int_equal(lq_store_append(month->bench->store, month->events,
					 month->event_count, NULL),
			LQ_OK);
	}
	month->event_count = 0;
}

static void tell(struct month *month, const struct lq_event *event)
{
	if (month->event_count == BATCH) {
		write_down(month);
	}
	month->events[month->event_count] = *event;
	month->events[month->event_count++].hours = month->hours;
}

static void step_door(struct month *month, const struct lq_door_input *input, int64_t at_ms)
{
	struct lq_door_effects effects;
	const struct lq_mono now = {.us = (uint64_t)at_ms * 1000};
	lq_door_step(&month->door, &settings, input, now, wall_of(at_ms), &effects);
	month->relay = effects.set_relay ? effects.relay_released : month->relay;
	for (uint8_t i = 0; i < effects.event_count; i++) {
		tell(month, &effects.events[i]);
	}
}

/* Relocks that are due before this moment. */
static void pass_time(struct month *month, int64_t at_ms)
{
	const struct lq_door_input tick = {.type = LQ_DOOR_TICK};
	struct lq_mono due;
	while (lq_door_deadline(&month->door, &settings, &due) &&
		due.us <= (uint64_t)at_ms * 1000) {
		step_door(month, &tick, (int64_t)(due.us / 1000));
	}
}

static void look_at_hours(struct month *month, int64_t at_ms, bool came)
{
	const struct lq_calendar calendar = {
		.days = month->rules->days, .count = month->rules->day_count};
	const struct lq_door_hours *set = &month->rules->hours[0];
	const struct lq_hours_rule rule = {.schedule = &month->rules->schedules[set->schedule],
		.calendar = &calendar,
		.first_person = set->first_person};
	struct lq_door_input input = {.type = LQ_DOOR_SET_MODE, .cause = "schedule"};
	input.passage.transaction = (struct lq_transaction){.run = 1, .number = 1};
	switch (lq_hours_step(&month->hours, &rule, month->door.mode, wall_of(at_ms), true, came)) {
	case LQ_HOURS_UNLOCK:
		input.mode = LQ_MODE_UNLOCKED;
		break;
	case LQ_HOURS_LOCK:
		input.mode = LQ_MODE_LOCKED;
		break;
	case LQ_HOURS_TELL:
		input.mode = month->door.mode;
		break;
	case LQ_HOURS_AS_IT_IS:
		return;
	}
	step_door(month, &input, at_ms);
}

static void load(struct month *month)
{
	assert_int_equal(lq_roster_load(month->bench->store, &month->roster), LQ_OK);
	assert_int_equal(lq_rule_tables_load(month->bench->store, &month->rules), LQ_OK);
}

static void unload(struct month *month)
{
	lq_roster_free(month->roster);
	lq_rule_tables_free(month->rules);
}

static void restart(struct month *month, int64_t at_ms)
{
	struct lq_store_report report;
	struct lq_door_kept kept[LQ_DOORS_MAX];
	const struct lq_door_input end = {.type = LQ_DOOR_SHUTDOWN};
	step_door(month, &end, at_ms);
	write_down(month);
	unload(month);
	bench_reopen(month->bench, &report);
	load(month);
	assert_int_equal(lq_door_modes_load(month->bench->store, &month->bench->site, kept), LQ_OK);
	struct lq_door_input again = {.type = LQ_DOOR_SET_MODE, .cause = "restart"};
	again.mode = kept[0].mode;
	again.passage.transaction = (struct lq_transaction){.run = 1, .number = 1};
	month->door = lq_door_make(0);
	month->hours = kept[0].hours;
	month->released_until_ms = 0;
	step_door(month, &again, at_ms);
}

/* ---- what happens ---- */

static struct lq_decision decide(
	struct month *month, const struct lq_credential *credential, struct lq_wall now)
{
	const struct lq_sighting sighting = {
		.cards = 1, .uid_len = 7, .uid = {4, 1, 2, 3, 4, 5, 6}};
	const struct lq_rules rules = {.profiles = month->rules->profiles,
		.schedules = month->rules->schedules,
		.profile_count = month->rules->profile_count,
		.schedule_count = month->rules->schedule_count,
		.calendar = {.days = month->rules->days, .count = month->rules->day_count},
		.clock_trust_min = LQ_TRUST_RTC,
		.uid_badges = true};
	return lq_decide(
		&sighting, lq_access_point(0, LQ_DIRECTION_ENTRY), credential, &rules, now);
}

static void let_in(struct month *month, struct person *person, int64_t at_ms)
{
	int64_t until_ms = at_ms + (person->extended ? EXTENDED_MS : RELEASE_MS);
	struct lq_door_input release = {.type = LQ_DOOR_RELEASE};
	release.passage.access_point = lq_access_point(0, LQ_DIRECTION_ENTRY);
	release.passage.transaction = (struct lq_transaction){.run = 1, .number = 1};
	release.passage.extended = person->extended;
	month->released_until_ms =
		until_ms > month->released_until_ms ? until_ms : month->released_until_ms;
	month->came = month->came || poster(OFFICE, at_ms / 1000);
	spend(person, at_ms / 1000);
	step_door(month, &release, at_ms);
	assert_true(month->relay);
	look_at_hours(month, at_ms, true);
}

static void tap(struct month *month, struct person *person, int64_t at_ms)
{
	struct lq_wall now = wall_of(at_ms);
	const struct lq_credential *found = lq_roster_find(month->roster, person->stored.key);
	bool wanted = may_enter(person, at_ms / 1000);
	assert_non_null(found);
	assert_int_equal(found->extended_time, person->extended);
	enum lq_reason reason = decide(month, found, now).reason;
	if ((reason == LQ_REASON_GRANTED) != wanted) {
		fail_msg("member %u at %lld: %s", found->holder, (long long)at_ms,
			lq_reason_name(reason));
	}
	struct lq_event event =
		lq_event_make(wanted ? LQ_EVENT_ACCESS_GRANTED : LQ_EVENT_ACCESS_DENIED, now);
	event.door = 0;
	event.reason = reason;
	event.credential = found->id;
	event.holder = found->holder;
	event.spends = wanted && lq_credential_spends(found);
	struct lq_credential spent = *found;
	lq_credential_spend(&spent, now);
	event.counted = spent.counted;
	event.uses_left = spent.uses_left;
	tell(month, &event);
	month->granted += wanted ? 1 : 0;
	month->denied += wanted ? 0 : 1;
	if (wanted) {
		assert_int_equal(lq_roster_put(month->roster, &spent), LQ_OK);
		let_in(month, person, at_ms);
	}
}

static void change_badge(struct month *month, struct person *person, int64_t at_ms)
{
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, wall_of(at_ms));
	struct lq_credential stored;
	static const enum lq_credential_state states[] = {
		LQ_CREDENTIAL_LOST, LQ_CREDENTIAL_ENABLED, LQ_CREDENTIAL_SUSPENDED};
	enum lq_credential_state state = states[below(3)];
	uint32_t until_s =
		state == LQ_CREDENTIAL_SUSPENDED ? (uint32_t)(at_ms / 1000) + below(5 * 86400) : 0;
	write_down(month);
	assert_int_equal(lq_badge_set_state_until(month->bench->store, person->stored.id, state,
				 until_s, &event, &stored),
		LQ_OK);
	assert_int_equal(lq_roster_put(month->roster, &stored), LQ_OK);
	person->enabled = state == LQ_CREDENTIAL_ENABLED;
	person->suspended_until_s = until_s;
}

/* The relay is released exactly while the hours want it or somebody was let in just now. */
static void check_relay(struct month *month, int64_t at_ms)
{
	bool open = poster(OFFICE, at_ms / 1000);
	month->came = month->came && open && month->open_before;
	month->open_before = open;
	bool wanted = (open && month->came) || at_ms < month->released_until_ms;
	if (month->relay != wanted) {
		fail_msg("the relay is %s at %lld", month->relay ? "released" : "locked",
			(long long)at_ms);
	}
}

static void live_minute(struct month *month, int64_t at_ms)
{
	pass_time(month, at_ms);
	look_at_hours(month, at_ms, false);
	check_relay(month, at_ms);
	if (below(4000) == 0) {
		restart(month, at_ms);
		look_at_hours(month, at_ms, false);
	}
	if (below(200) == 0) {
		change_badge(month, &month->people[below(MEMBERS)], at_ms);
	}
	for (int64_t second = below(60); second < 60 && below(3) == 0; second += 7) {
		pass_time(month, at_ms + second * 1000);
		tap(month, &month->people[below(MEMBERS)], at_ms + second * 1000);
		check_relay(month, at_ms + second * 1000);
	}
}

/* ---- before and after ---- */

static struct lq_event change_event(void)
{
	return lq_event_make(LQ_EVENT_ROSTER_CHANGED, wall_of(BEGIN_S * 1000));
}

static void set_schedule(
	struct lq_store *store, const char *name, unsigned days, uint16_t from, uint16_t length)
{
	struct lq_event event = change_event();
	static const char groups[LQ_SPECIALS_MAX][LQ_NAME_SIZE] = {"holidays", "short"};
	struct lq_schedule schedule = {.special_count = 2};
	schedule.specials[1] = (struct lq_special){.count = 1, .periods = {{480, 720}}};
	for (unsigned day = 0; day < days; day++) {
		uint16_t begin = (uint16_t)(day * 1440u + from);
		schedule.periods[schedule.count++] =
			(struct lq_period){begin, (uint16_t)((begin + length) % LQ_WEEK_MINUTES)};
	}
	assert_int_equal(lq_schedule_set(store, name, &schedule, groups, &event), LQ_OK);
}

static void set_rules(struct lq_store *store)
{
	struct lq_event event = change_event();
	struct lq_day_text holiday = {.group = "holidays", .date = {.month = 3, .day = 8}};
	struct lq_day_text eve = {.group = "short", .date = {.year = 2027, .month = 3, .day = 24}};
	struct lq_policy_text policy = {.access_point = "front/entry", .schedule = "office"};
	assert_int_equal(lq_day_add(store, &holiday, &event), LQ_OK);
	assert_int_equal(lq_day_add(store, &eve, &event), LQ_OK);
	set_schedule(store, "office", 5, 480, 720);
	set_schedule(store, "evening", 7, 1080, 480);
	assert_int_equal(lq_profile_set(store, "office", &policy, 1, &event), LQ_OK);
	(void)snprintf(policy.schedule, sizeof(policy.schedule), "evening");
	assert_int_equal(lq_profile_set(store, "evening", &policy, 1, &event), LQ_OK);
	assert_int_equal(lq_door_hours_set(store, 0, "office", true, &event), LQ_OK);
}

static void add_person(struct lq_store *store, struct person *person, uint32_t number)
{
	static const char *const profiles[KINDS] = {"always", "office", "evening"};
	struct lq_event event = change_event();
	struct lq_credential wanted = {.valid_to_s = LQ_VALID_FOREVER};
	*person = (struct person){.kind = (enum kind)below(KINDS),
		.any_time = below(10) == 0,
		.extended = below(10) == 0,
		.enabled = true,
		.counted = below(4) == 0,
		.valid_for_h = below(5) == 0 ? 1 + below(400) : 0};
	person->uses = person->counted ? below(40) : 0;
	const struct lq_rights rights = {person->any_time, person->extended};
	assert_int_equal(lq_member_add_with(store, "Ada Example", profiles[person->kind], rights,
				 &event, &wanted.holder),
		LQ_OK);
	memcpy(wanted.key, &number, sizeof(number));
	wanted.counted = person->counted;
	wanted.uses_left = (uint16_t)person->uses;
	wanted.valid_for_h = (uint16_t)person->valid_for_h;
	event = change_event();
	assert_int_equal(lq_badge_enrol(store, &wanted, &event, &person->stored), LQ_OK);
}

struct count {
	unsigned granted;
	unsigned denied;
	bool released;
};

static int count_row(void *ctx, const struct lq_row *row)
{
	struct count *count = ctx;
	json_t *body = json_loadb(row->body, row->body_length, 0, NULL);
	const char *type = json_string_value(json_object_get(body, "type"));
	assert_non_null(type);
	count->granted += strstr(type, ".access.granted.") != NULL ? 1 : 0;
	count->denied += strstr(type, ".access.denied.") != NULL ? 1 : 0;
	if (strstr(type, ".door.relocked.") != NULL) {
		assert_true(count->released);
		count->released = false;
	}
	count->released = count->released || strstr(type, ".door.released.") != NULL;
	json_decref(body);
	return 0;
}

static void check_disk(struct month *month)
{
	struct count count = {0};
	struct lq_verdict verdict;
	write_down(month);
	assert_int_equal(bench_verify(month->bench, &verdict), LQ_OK);
	assert_int_equal(lq_store_read(month->bench->store, 0, 0, count_row, &count), LQ_OK);
	assert_int_equal(count.granted, month->granted);
	assert_int_equal(count.denied, month->denied);
	unload(month);
	load(month);
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct person *person = &month->people[i];
		const struct lq_credential *found =
			lq_roster_find(month->roster, person->stored.key);
		assert_non_null(found);
		assert_int_equal(found->counted, person->counted);
		assert_int_equal(found->uses_left, person->uses);
		assert_int_equal(found->valid_for_h, person->valid_for_h);
		assert_int_equal(found->valid_to_s,
			person->ends_s == 0 ? LQ_VALID_FOREVER : (uint32_t)person->ends_s);
	}
}

static void a_month(void **state)
{
	static struct month month;
	month = (struct month){.bench = *state, .door = lq_door_make(0)};
	chance = lq_random_begin("property.month");
	assert_int_equal(setenv("TZ", "Europe/Paris", 1), 0);
	tzset();
	set_rules(month.bench->store);
	for (uint32_t i = 0; i < MEMBERS; i++) {
		add_person(month.bench->store, &month.people[i], i);
	}
	load(&month);
	for (int64_t minute = 0; minute < MINUTES; minute++) {
		live_minute(&month, (BEGIN_S + minute * 60) * 1000);
	}
	printf("%u granted, %u denied\n", month.granted, month.denied);
	assert_in_range(month.granted, 2000, UINT32_MAX);
	assert_in_range(month.denied, 2000, UINT32_MAX);
	check_disk(&month);
	unload(&month);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_month, bench_set_up, bench_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

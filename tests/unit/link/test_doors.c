/* What the journal's events make of a door's state; the events are those of the core itself. */
#include "firmware/core/door.h"
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "firmware/link/doors.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

static const struct lq_site site = {.space = "demo",
	.controller = "front-board",
	.door_count = 2,
	.reader_count = 1,
	.doors = {"front", "back"},
	.zones = {"space", "workshop"},
	.readers = {{"front-in", 0, LQ_DIRECTION_ENTRY}}};

struct tale {
	struct lq_doors doors;
	uint64_t seq;
};

static void happen(struct tale *tale, enum lq_event_type type, uint16_t door, const char *cause)
{
	char body[LQ_EVENT_BODY_MAX];
	size_t length = 0;
	struct lq_event event = lq_event_make(type, (struct lq_wall){.unix_ms = 1});
	event.door = door;
	event.cause = cause;
	tale->seq++;
	assert_int_equal(
		lq_event_body(&event, &site, tale->seq, body, sizeof(body), &length), LQ_OK);
	lq_doors_take(&tale->doors, tale->seq, body, length);
}

#define NO_ALARM                                                                                   \
	"\"forced_open\":false,\"pre_alarm\":false,\"held_open\":false,\"rex_stuck\":false,"       \
	"\"tamper\":false,\"fire\":false,\"ajar\":false,\"mismatch\":false"

static void assert_told(
	const struct tale *tale, uint16_t door, const char *mode, const char *contact, uint64_t seq)
{
	char expected[LQ_DOORS_BODY_MAX];
	char body[LQ_DOORS_BODY_MAX];
	size_t length = lq_doors_body(&tale->doors.doors[door], body);
	const char *alarms =
		tale->doors.doors[door].alarms_known ? "\"alarms\":{" NO_ALARM "}," : "";
	int wanted = snprintf(expected, sizeof(expected),
		"{\"door\":\"%s\",\"zone\":\"%s\",\"mode\":\"%s\",\"contact\":\"%s\",%s\"seq\":%"
		"llu}",
		site.doors[door], site.zones[door], mode, contact, alarms, (unsigned long long)seq);
	assert_int_equal(length, (size_t)wanted);
	assert_memory_equal(body, expected, length);
}

static struct tale begin(void)
{
	struct tale tale = {.seq = 0};
	lq_doors_start(&tale.doors, &site);
	return tale;
}

static void nothing_is_known_before_the_first_event(void **state)
{
	(void)state;
	struct tale tale = begin();
	assert_int_equal(tale.doors.count, 2);
	assert_true(tale.doors.doors[0].changed);
	assert_told(&tale, 0, "unknown", "unknown", 0);
	assert_told(&tale, 1, "unknown", "unknown", 0);
}

static void a_passage_is_followed_at_its_own_door(void **state)
{
	(void)state;
	struct tale tale = begin();
	happen(&tale, LQ_EVENT_CONTROLLER_STARTED, LQ_NONE, NULL);
	assert_told(&tale, 0, "Locked", "unknown", 1);
	happen(&tale, LQ_EVENT_DOOR_RELEASED, 0, "access");
	assert_told(&tale, 0, "Accessed", "unknown", 2);
	happen(&tale, LQ_EVENT_DOOR_OPENED, 0, NULL);
	assert_told(&tale, 0, "Accessed", "open", 3);
	happen(&tale, LQ_EVENT_DOOR_CLOSED, 0, NULL);
	happen(&tale, LQ_EVENT_DOOR_RELOCKED, 0, "release_time");
	assert_told(&tale, 0, "Locked", "closed", 5);
	assert_told(&tale, 1, "Locked", "unknown", 1);
}

static void set_mode(struct tale *tale, enum lq_door_mode mode)
{
	char body[LQ_EVENT_BODY_MAX];
	size_t length = 0;
	struct lq_event event =
		lq_event_make(LQ_EVENT_DOOR_MODE_CHANGED, (struct lq_wall){.unix_ms = 1});
	event.door = 0;
	event.mode = mode;
	event.cause = "command";
	tale->seq++;
	assert_int_equal(
		lq_event_body(&event, &site, tale->seq, body, sizeof(body), &length), LQ_OK);
	lq_doors_take(&tale->doors, tale->seq, body, length);
}

static void a_mode_holds_until_the_next(void **state)
{
	(void)state;
	struct tale tale = begin();
	for (int mode = LQ_MODE_UNLOCKED; mode < LQ_MODE_COUNT; mode++) {
		const char *word = lq_door_mode_text((enum lq_door_mode)mode);
		set_mode(&tale, (enum lq_door_mode)mode);
		assert_told(&tale, 0, word, "unknown", tale.seq);
		happen(&tale, LQ_EVENT_DOOR_RELEASED, 0, "access");
		happen(&tale, LQ_EVENT_DOOR_RELOCKED, 0, "mode");
		assert_told(&tale, 0, word, "unknown", tale.seq);
	}
	assert_told(&tale, 1, "unknown", "unknown", 0);
	set_mode(&tale, LQ_MODE_LOCKED);
	happen(&tale, LQ_EVENT_DOOR_RELEASED, 0, "access");
	assert_told(&tale, 0, "Accessed", "unknown", tale.seq);
}

static void a_fault_takes_away_what_its_part_told(void **state)
{
	(void)state;
	struct tale tale = begin();
	happen(&tale, LQ_EVENT_CONTROLLER_STARTED, LQ_NONE, NULL);
	happen(&tale, LQ_EVENT_DOOR_CLOSED, 0, NULL);
	happen(&tale, LQ_EVENT_DOOR_FAULT, 0, "relay");
	assert_told(&tale, 0, "unknown", "closed", 3);
	happen(&tale, LQ_EVENT_DOOR_RELOCKED, 0, "release_time");
	happen(&tale, LQ_EVENT_DOOR_FAULT, 0, "inputs");
	assert_told(&tale, 0, "Locked", "unknown", 5);
	happen(&tale, LQ_EVENT_DOOR_FAULT, 0, "something new");
	assert_told(&tale, 0, "unknown", "unknown", 6);
}

static void a_stop_takes_everything_away(void **state)
{
	(void)state;
	struct tale tale = begin();
	happen(&tale, LQ_EVENT_DOOR_RELEASED, 1, "command");
	happen(&tale, LQ_EVENT_DOOR_OPENED, 1, NULL);
	happen(&tale, LQ_EVENT_CONTROLLER_STOPPED, LQ_NONE, "signal");
	assert_told(&tale, 1, "unknown", "unknown", 3);
}

static void assert_alarms(const struct tale *tale, uint16_t door, bool known, unsigned alarms)
{
	assert_int_equal(tale->doors.doors[door].alarms_known, known);
	assert_int_equal(known ? tale->doors.doors[door].alarms : 0, alarms);
}

static void an_alarm_holds_until_its_end_is_told(void **state)
{
	(void)state;
	struct tale tale = begin();
	assert_alarms(&tale, 0, false, 0);
	happen(&tale, LQ_EVENT_DOOR_ALARM, 0, "tamper");
	assert_alarms(&tale, 0, true, 1u << LQ_ALARM_TAMPER);
	happen(&tale, LQ_EVENT_DOOR_ALARM, 0, "forced_open");
	happen(&tale, LQ_EVENT_DOOR_ALARM, 0, "something new");
	assert_alarms(&tale, 0, true, 1u << LQ_ALARM_TAMPER | 1u << LQ_ALARM_FORCED_OPEN);
	assert_alarms(&tale, 1, false, 0);
	happen(&tale, LQ_EVENT_DOOR_ALARM_ENDED, 0, "tamper");
	happen(&tale, LQ_EVENT_DOOR_CLOSED, 0, NULL);
	assert_alarms(&tale, 0, true, 1u << LQ_ALARM_FORCED_OPEN);
	happen(&tale, LQ_EVENT_CONTROLLER_STOPPED, LQ_NONE, "signal");
	assert_alarms(&tale, 0, false, 0);
	happen(&tale, LQ_EVENT_CONTROLLER_STARTED, LQ_NONE, NULL);
	assert_alarms(&tale, 0, true, 0);
	assert_alarms(&tale, 1, true, 0);
}

static void other_events_change_nothing(void **state)
{
	(void)state;
	for (int type = 0; type < LQ_EVENT_COUNT; type++) {
		struct tale tale = begin();
		happen(&tale, LQ_EVENT_DOOR_OPENED, 0, NULL);
		tale.doors.doors[0].changed = false;
		happen(&tale, (enum lq_event_type)type, 0, "access");
		bool changed = tale.doors.doors[0].changed;
		bool may = type == LQ_EVENT_DOOR_ALARM || type == LQ_EVENT_DOOR_ALARM_ENDED ||
			   type == LQ_EVENT_DOOR_RELEASED || type == LQ_EVENT_DOOR_RELOCKED ||
			   type == LQ_EVENT_DOOR_OPENED || type == LQ_EVENT_DOOR_CLOSED ||
			   type == LQ_EVENT_DOOR_FAULT || type == LQ_EVENT_DOOR_MODE_CHANGED ||
			   type == LQ_EVENT_CONTROLLER_STARTED ||
			   type == LQ_EVENT_CONTROLLER_STOPPED;
		assert_int_equal(changed, may);
	}
}

static void hostile_rows_change_nothing(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"",
		"org.loquet.door.",
		"{\"type\":\"org.loquet.door.opened.v1\"}",
		"{\"type\":\"org.loquet.door.opened.v1\",\"data\":{\"door\":7}}",
		"{\"type\":\"org.loquet.door.opened.v1\",\"data\":{\"door\":\"side\"}}",
		"{\"type\":\"org.loquet.door.opened.v1\",\"data\":[\"front\"]}",
		"{\"type\":\"org.loquet.door.opened.v2\",\"data\":{\"door\":\"front\"}}",
		"{\"type\":\"org.loquet.door.opened\",\"data\":{\"door\":\"front\"}}",
		"{\"type\":\"xorg.loquet.door.opened.v1\",\"data\":{\"door\":\"front\"}}",
		"{\"type\":[\"org.loquet.door.opened.v1\"],\"data\":{\"door\":\"front\"}}",
		"[\"org.loquet.door.opened.v1\"]",
		"{\"type\":\"org.loquet.door.opened.v1\",\"data\":{\"door\":\"front\"}",
	};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct tale tale = begin();
		tale.doors.doors[0].changed = false;
		lq_doors_take(&tale.doors, 1, bodies[i], strlen(bodies[i]));
		assert_false(tale.doors.doors[0].changed);
		assert_told(&tale, 0, "unknown", "unknown", 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_before_the_first_event),
		cmocka_unit_test(a_passage_is_followed_at_its_own_door),
		cmocka_unit_test(a_mode_holds_until_the_next),
		cmocka_unit_test(a_fault_takes_away_what_its_part_told),
		cmocka_unit_test(a_stop_takes_everything_away),
		cmocka_unit_test(an_alarm_holds_until_its_end_is_told),
		cmocka_unit_test(other_events_change_nothing),
		cmocka_unit_test(hostile_rows_change_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the link is told of how many are in, and when. */
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FRONT_IN, FRONT_OUT, BACK_IN };

static int set_up(void **state)
{
	*state = rig_open("clock_trust = rtc");
	return 0;
}

static int tear_down(void **state)
{
	rig_close(*state);
	return 0;
}

/* The next counts; other things are told in between. The caller's. */
static json_t *hear(struct rig *rig, int link)
{
	for (;;) {
		json_t *message = rig_receive(rig, link);
		json_t *counts = json_incref(json_object_get(message, "occupancy"));
		assert_non_null(message);
		json_decref(message);
		if (counts != NULL) {
			return counts;
		}
	}
}

static void hear_total(struct rig *rig, int link, json_int_t total)
{
	json_t *counts = hear(rig, link);
	json_t *zone = json_array_get(json_object_get(counts, "zones"), 0);
	assert_int_equal(json_integer_value(json_object_get(counts, "total")), total);
	assert_int_equal(json_integer_value(json_object_get(zone, "count")), total);
	assert_string_equal(json_string_value(json_object_get(zone, "zone")), "space");
	json_decref(counts);
}

/* No counts are on their way. */
static bool silent(struct rig *rig, int link)
{
	char text[16384];
	bool silent = true;
	rig_turn(rig);
	for (int length = 0; (length = lq_seqpacket_receive(link, text, sizeof(text))) > 0;) {
		silent = silent && memmem(text, (size_t)length, "occupancy", 9) == NULL;
	}
	return silent;
}

/* The back door has no contact: the release counts. */
static void enter(struct rig *rig)
{
	rig_tap(rig, BACK_IN, rig_uid);
	rig_settle(rig);
}

static void leave(struct rig *rig)
{
	rig_tap(rig, FRONT_OUT, rig_uid);
	rig_settle(rig);
	rig_drive(rig, "front", "contact 1");
	rig_settle(rig);
	rig_drive(rig, "front", "contact 0");
	rig_settle(rig);
}

static void a_link_hears_at_once_and_of_each_change(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	int link = rig_connect(rig, "link.sock");
	json_t *counts = hear(rig, link);
	json_t *zones = json_object_get(counts, "zones");
	assert_int_equal(json_array_size(zones), 1); /* both doors lead there */
	assert_true(json_is_false(json_object_get(json_array_get(zones, 0), "at_least")));
	assert_non_null(json_object_get(counts, "time"));
	json_decref(counts);
	rig_advance(rig, 1500);
	enter(rig);
	rig_turn(rig);
	hear_total(rig, link, 1);
	rig_advance(rig, 3000);
	assert_true(silent(rig, link));
	leave(rig);
	rig_turn(rig);
	hear_total(rig, link, 0);
	(void)close(link);
	enter(rig);
	link = rig_connect(rig, "link.sock");
	hear_total(rig, link, 1);
	(void)close(link);
}

static void what_changes_to_and_fro_is_told_once_a_second(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	int link = rig_connect(rig, "link.sock");
	hear_total(rig, link, 0);
	enter(rig);
	assert_true(silent(rig, link));
	leave(rig);
	enter(rig);
	assert_true(silent(rig, link));
	rig_advance(rig, 1000);
	hear_total(rig, link, 1);
	rig_advance(rig, 5000);
	assert_true(silent(rig, link));
	(void)close(link);
}

static void the_cut_of_the_day_is_told_though_nobody_goes_through_a_door(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	enter(rig);
	int link = rig_connect(rig, "link.sock");
	hear_total(rig, link, 1);
	lq_sim_clock_set_wall(
		rig->clock, (struct lq_wall){.unix_ms = INT64_C(1790000000000) + INT64_C(86400000),
				    .trust = LQ_TRUST_RTC});
	rig_advance(rig, 61000);
	hear_total(rig, link, 0);
	(void)close(link);
}

static void a_person_in_two_zones_is_one(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	(void)snprintf(rig->daemon.site.zones[1], LQ_NAME_SIZE, "lab");
	for (uint16_t zone = 0; zone < 2; zone++) {
		assert_true(
			lq_presence_enter(&rig->daemon.presence, zone, 7, INT64_C(1790000000000)));
	}
	assert_true(lq_presence_enter(&rig->daemon.presence, 1, 8, INT64_C(1790000000000)));
	int link = rig_connect(rig, "link.sock");
	json_t *counts = hear(rig, link);
	json_t *lab = json_array_get(json_object_get(counts, "zones"), 1);
	assert_int_equal(json_integer_value(json_object_get(counts, "total")), 2);
	assert_string_equal(json_string_value(json_object_get(lab, "zone")), "lab");
	assert_int_equal(json_integer_value(json_object_get(lab, "count")), 2);
	assert_true(json_is_true(json_object_get(lab, "at_least"))); /* its exit is not badged */
	json_decref(counts);
	(void)close(link);
}

static void who_found_no_room_makes_every_count_a_least_one(void **state)
{
	struct rig *rig = *state;
	rig_settle(rig);
	rig->daemon.presence.unlisted = 1;
	int link = rig_connect(rig, "link.sock");
	json_t *counts = hear(rig, link);
	json_t *zone = json_array_get(json_object_get(counts, "zones"), 0);
	assert_true(json_is_true(json_object_get(zone, "at_least")));
	json_decref(counts);
	(void)close(link);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_link_hears_at_once_and_of_each_change),
		TEST(what_changes_to_and_fro_is_told_once_a_second),
		TEST(the_cut_of_the_day_is_told_though_nobody_goes_through_a_door),
		TEST(a_person_in_two_zones_is_one),
		TEST(who_found_no_room_makes_every_count_a_least_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

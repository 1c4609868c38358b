/* Taps that wait for the office's last word, once the broker was reached again. */
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/desk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FRONT_IN, FRONT_OUT };

#define LOST "lost\t0\t0\t-\t0\t0"

static const uint8_t spare[7] = {4, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a};

static void say(struct desk *desk, const char *words)
{
	assert_int_equal(lq_seqpacket_send(desk->link, words, strlen(words)), LQ_OK);
}

static void lose(struct desk *desk)
{
	say(desk, "{\"link\":\"disconnected\",\"text\":\"disconnected: gone\"}");
	rig_settle(desk->rig);
	rig_advance(desk->rig, 10000); /* whoever came in is through */
	rig_settle(desk->rig);
}

static void reach(struct desk *desk)
{
	say(desk, "{\"link\":\"connected\",\"text\":\"connected\"}");
}

static void tap(struct desk *desk, uint16_t reader, const uint8_t uid[7])
{
	rig_tap(desk->rig, reader, uid);
	rig_settle(desk->rig);
}

static void assert_contact(struct desk *desk, const char *expected)
{
	json_t *figures = lq_office_figures(&desk->rig->daemon);
	assert_string_equal(json_string_value(json_object_get(figures, "rosterContact")), expected);
	json_decref(figures);
}

static void assert_counts(struct desk *desk, unsigned granted, unsigned denied)
{
	assert_int_equal(rig_count(desk->rig, "access.granted"), granted);
	assert_int_equal(rig_count(desk->rig, "access.denied"), denied);
}

/* A door with its two persons that could not hear the office for a while, and can again. */
static int set_up(void **state)
{
	if (desk_set_up(state) != 0) {
		return 1;
	}
	struct desk *desk = *state;
	desk_give_two(desk);
	lose(desk);
	desk->current = true;
	return 0;
}

/* The broker has a newer roster, in which person 256 has lost the badge. */
static json_t *tell_of_loss(struct desk *desk)
{
	desk_write_badge(desk, 1, 256, desk_first, LOST);
	desk->manifest.version++;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	return desk_asked(desk);
}

static void a_revoked_badge_is_not_granted_once_the_broker_was_reached(void **state)
{
	struct desk *desk = *state;
	tap(desk, FRONT_IN, desk_first); /* nobody can know */
	assert_counts(desk, 1, 0);
	rig_advance(desk->rig, 10000);
	reach(desk);
	tap(desk, FRONT_IN, desk_first); /* the link's word is not even read by the loop */
	assert_contact(desk, "awaited");
	assert_counts(desk, 1, 0);
	json_t *words = tell_of_loss(desk);
	assert_contact(desk, "learning");
	rig_settle(desk->rig);
	assert_counts(desk, 1, 0);
	assert_false(rig_relay(desk->rig, 0));
	desk_hand_parts(desk, words);
	desk_settle(desk);
	assert_contact(desk, "current");
	assert_counts(desk, 1, 1);
	assert_false(rig_relay(desk->rig, 0));
	rig_assert_times_in_order(desk->rig);
}

static void who_is_not_concerned_enters_once_the_word_is_there(void **state)
{
	struct desk *desk = *state;
	reach(desk);
	tap(desk, FRONT_IN, desk_second);
	assert_counts(desk, 0, 0);
	json_t *words = tell_of_loss(desk);
	rig_settle(desk->rig);
	assert_counts(desk, 1, 0);
	assert_true(rig_relay(desk->rig, 0));
	desk_hand_parts(desk, words);
	desk_settle(desk);
	assert_counts(desk, 1, 0);
}

static void a_roster_that_still_holds_lets_in_at_once(void **state)
{
	struct desk *desk = *state;
	reach(desk);
	tap(desk, FRONT_IN, desk_first);
	tap(desk, FRONT_IN, desk_second);
	assert_counts(desk, 0, 0);
	desk_hand_manifest(desk, DESK_SEED, "demo");
	rig_settle(desk->rig);
	assert_contact(desk, "current");
	assert_counts(desk, 2, 0);
	json_t *data = rig_last(desk->rig, "access.granted");
	assert_string_equal(json_string_value(json_object_get(data, "holder")), "p1");
	json_decref(data);
	tap(desk, FRONT_IN, desk_first); /* nothing waits any more */
	assert_counts(desk, 3, 0);
}

static void without_the_offices_word_the_roster_goes_on(void **state)
{
	struct desk *desk = *state;
	reach(desk);
	tap(desk, FRONT_IN, desk_first);
	rig_advance(desk->rig, LQ_CONTACT_WORD_MS - 1);
	rig_settle(desk->rig);
	assert_counts(desk, 0, 0);
	rig_advance(desk->rig, 1);
	rig_settle(desk->rig);
	assert_contact(desk, "missed");
	assert_counts(desk, 1, 0);
	assert_true(rig_relay(desk->rig, 0));
	rig_advance(desk->rig, 10000);
	tap(desk, FRONT_IN, desk_second); /* it is not waited for again */
	assert_counts(desk, 2, 0);
	desk->current = false; /* the office is back: the broker passes on what it says now */
	desk_hand_manifest(desk, DESK_SEED, "demo");
	assert_contact(desk, "current");
}

static void an_older_word_and_a_strangers_are_not_the_offices_last(void **state)
{
	struct desk *desk = *state;
	reach(desk);
	tap(desk, FRONT_IN, desk_first);
	desk->manifest.version--;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	desk->manifest.version++;
	desk_hand_manifest(desk, DESK_OTHER, "demo");
	desk->current = false; /* it waited at the broker while the door was away */
	desk_hand_manifest(desk, DESK_SEED, "demo");
	rig_settle(desk->rig);
	assert_contact(desk, "awaited");
	assert_counts(desk, 0, 0);
}

static void nothing_but_an_entry_by_the_roster_waits(void **state)
{
	struct desk *desk = *state;
	struct rig *rig = desk->rig;
	struct lq_maintainers maintainers = {.count = 1, .list = {{.salt = {7}, .name = "spare"}}};
	struct lq_maintainer *maintainer = &maintainers.list[0];
	assert_int_equal(lq_maintainer_hash(maintainer->salt, spare, 7, maintainer->hash), LQ_OK);
	rig->daemon.maintainers = maintainers;
	reach(desk);
	tap(desk, FRONT_OUT, desk_first);
	assert_counts(desk, 1, 0);
	tap(desk, FRONT_IN, rig_uid);
	assert_counts(desk, 1, 1);
	tap(desk, FRONT_IN, spare);
	assert_int_equal(rig_count(rig, "access.overridden"), 1);
	assert_contact(desk, "awaited");
}

static void the_broker_that_goes_again_ends_the_wait(void **state)
{
	struct desk *desk = *state;
	reach(desk);
	tap(desk, FRONT_IN, desk_first);
	assert_counts(desk, 0, 0);
	say(desk, "{\"link\":\"disconnected\",\"text\":\"disconnected: gone\"}");
	rig_settle(desk->rig);
	assert_contact(desk, "away");
	assert_counts(desk, 1, 0);
}

static void more_taps_than_can_wait_are_to_come_again(void **state)
{
	struct desk *desk = *state;
	reach(desk);
	for (unsigned i = 0; i < LQ_HELD_MAX; i++) {
		tap(desk, FRONT_IN, desk_first);
	}
	assert_counts(desk, 0, 0);
	tap(desk, FRONT_IN, desk_first);
	assert_counts(desk, 0, 1);
	json_t *data = rig_last(desk->rig, "access.denied");
	assert_string_equal(json_string_value(json_object_get(data, "reason")), "loquet:TooLate");
	json_decref(data);
	desk_hand_manifest(desk, DESK_SEED, "demo");
	rig_settle(desk->rig);
	assert_counts(desk, LQ_HELD_MAX, 1);
}

static void a_door_that_keeps_its_own_roster_waits_for_nobody(void **state)
{
	(void)state;
	struct desk own = {.rig = rig_open("")};
	own.link = rig_connect(own.rig, "link.sock");
	reach(&own);
	tap(&own, FRONT_IN, rig_uid);
	assert_counts(&own, 1, 0);
	(void)close(own.link);
	rig_close(own.rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, desk_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_revoked_badge_is_not_granted_once_the_broker_was_reached),
		TEST(who_is_not_concerned_enters_once_the_word_is_there),
		TEST(a_roster_that_still_holds_lets_in_at_once),
		TEST(without_the_offices_word_the_roster_goes_on),
		TEST(an_older_word_and_a_strangers_are_not_the_offices_last),
		TEST(nothing_but_an_entry_by_the_roster_waits),
		TEST(the_broker_that_goes_again_ends_the_wait),
		TEST(more_taps_than_can_wait_are_to_come_again),
		cmocka_unit_test(a_door_that_keeps_its_own_roster_waits_for_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

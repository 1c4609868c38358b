/* What hal/reader.h promises, over the adapter that the command line names:
 *   reader_contract sim
 *   reader_contract libnfc SIMULATOR */
#include "firmware/core/err.h"
#include "tests/contract/reader/world.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 2000u
#define REOPENINGS  3

const uint8_t world_hello[9] = {0x90, 0x5A, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00};
const uint8_t world_welcome[2] = {0x91, 0x00};

static const struct world_card speaking = {
	.uid = "04a1b2c3d4e5f6", .sak = 0x20, .atqa = {0x03, 0x44}};
static const struct world_card other_speaking = {
	.uid = "04112233445566", .sak = 0x20, .atqa = {0x03, 0x44}};
static const struct world_card mute = {.uid = "11223344", .sak = 0x08, .atqa = {0x00, 0x04}};
static const struct world_card triple = {
	.uid = "0102030405060708090a", .sak = 0x00, .atqa = {0x00, 0x84}};
static const struct world_card phone = {.uid = NULL, .sak = 0x20, .atqa = {0x00, 0x04}};

static struct world world;
static struct lq_reader reader;

static int set_up(void **state)
{
	(void)state;
	return world.open(&reader) == LQ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	reader.close(reader.ctx);
	world.clear();
	return 0;
}

/* libnfc gives its chip so many milliseconds, of which a simulated one among busy neighbours may
 * need more. It is opened again then, as the reader's program does; what always fails, fails here,
 * too. */
static int look(struct lq_sighting *ret_sighting)
{
	int r = reader.poll(reader.ctx, ret_sighting);
	for (int i = 0; i < REOPENINGS && r < 0; i++) {
		reader.close(reader.ctx);
		assert_int_equal(world.open(&reader), LQ_OK);
		r = reader.poll(reader.ctx, ret_sighting);
	}
	return r;
}

static struct lq_sighting sighted(void)
{
	struct lq_sighting sighting;
	memset(&sighting, 0xA5, sizeof(sighting));
	assert_int_equal(look(&sighting), 1);
	return sighting;
}

static void see_nothing(void)
{
	struct lq_sighting before;
	memset(&before, 0xA5, sizeof(before));
	struct lq_sighting sighting = before;
	assert_int_equal(look(&sighting), 0);
	assert_memory_equal(&sighting, &before, sizeof(before));
}

static int say(const uint8_t *command, size_t length, uint8_t *ret_answer, size_t capacity)
{
	return reader.transceive(reader.ctx, command, length, ret_answer, capacity, DEADLINE_MS);
}

static void is_welcome(void)
{
	uint8_t answer[LQ_APDU_MAX];
	assert_int_equal(say(world_hello, sizeof(world_hello), answer, sizeof(answer)),
		sizeof(world_welcome));
	assert_memory_equal(answer, world_welcome, sizeof(world_welcome));
}

/* The answer, of which there is none, leaves the buffer alone. */
static void is_refused(const uint8_t *command, size_t length, int error)
{
	uint8_t answer[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	static const uint8_t before[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	assert_int_equal(say(command, length, answer, sizeof(answer)), error);
	assert_memory_equal(answer, before, sizeof(before));
}

static void expect_card(const struct world_card *card)
{
	struct lq_sighting sighting = sighted();
	char uid[2 * LQ_UID_MAX + 1] = "";
	assert_int_equal(sighting.cards, 1);
	assert_false(sighting.malformed);
	assert_true(sighting.uid_len <= LQ_UID_MAX);
	for (size_t i = 0; i < sighting.uid_len; i++) {
		(void)snprintf(uid + 2 * i, 3, "%02x", sighting.uid[i]);
	}
	assert_string_equal(uid, card->uid);
	assert_int_equal(sighting.sak, card->sak);
	assert_memory_equal(sighting.atqa, card->atqa, sizeof(card->atqa));
}

static void an_empty_field(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		see_nothing();
	}
}

static void a_card_is_described(void **state)
{
	const struct world_card *const cards[] = {&mute, &speaking, &triple};
	(void)state;
	for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
		world.present(0, cards[i]);
		expect_card(cards[i]);
		world.remove(0);
		see_nothing();
	}
}

static void a_card_that_stays_is_seen_each_time(void **state)
{
	(void)state;
	world.present(0, &speaking);
	for (int i = 0; i < 5; i++) {
		expect_card(&speaking);
	}
}

static void a_card_in_the_place_of_another(void **state)
{
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	world.remove(0);
	world.present(0, &other_speaking);
	expect_card(&other_speaking);
}

static void two_cards_are_counted(void **state)
{
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	world.present(1, &mute);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sighted().cards, 2);
	}
	world.remove(0);
	expect_card(&mute);
}

static void a_phone_has_a_random_identifier(void **state)
{
	(void)state;
	world.present(0, &phone);
	struct lq_sighting first = sighted();
	struct lq_sighting second = sighted();
	assert_int_equal(lq_sighting_objection(&first), LQ_REASON_RANDOM_IDENTIFIER);
	assert_int_equal(lq_sighting_objection(&second), LQ_REASON_RANDOM_IDENTIFIER);
	assert_memory_not_equal(first.uid, second.uid, 4);
}

static void nonsense_is_a_sighting(void **state)
{
	(void)state;
	world.garble(true);
	world.present(0, &mute);
	struct lq_sighting sighting = sighted();
	assert_true(sighting.malformed);
	assert_int_equal(sighting.cards, 1);
	world.garble(false);
	world.remove(0);
	world.present(0, &mute);
	expect_card(&mute);
}

static void apdus_are_carried(void **state)
{
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	for (int i = 0; i < 3; i++) {
		is_welcome();
	}
	expect_card(&speaking);
	is_welcome();
}

static void the_last_single_badge_is_spoken_to(void **state)
{
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	world.present(1, &mute);
	assert_int_equal(sighted().cards, 2);
	is_welcome();
}

static void apdu_lengths(void **state)
{
	uint8_t command[LQ_APDU_MAX + 1] = {0x90};
	uint8_t answer[LQ_APDU_MAX];
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	is_refused(command, 0, LQ_ERR_INVALID);
	is_refused(command, LQ_APDU_MAX + 1, LQ_ERR_INVALID);
	assert_int_equal(say(command, LQ_APDU_MAX, answer, sizeof(answer)), 2);
	assert_int_equal(say(command, 1, answer, sizeof(answer)), 2);
}

static void an_answer_must_fit(void **state)
{
	uint8_t answer[2] = {0xA5, 0xA5};
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	assert_int_equal(say(world_hello, sizeof(world_hello), answer, 1), LQ_ERR_FULL);
	assert_int_equal(answer[0], 0xA5);
	assert_int_equal(say(world_hello, sizeof(world_hello), answer, 2), 2);
}

static void apdus_without_a_badge(void **state)
{
	(void)state;
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_INVALID);
	see_nothing();
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_INVALID);
	world.present(0, &speaking);
	world.present(1, &mute);
	assert_int_equal(sighted().cards, 2);
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_INVALID);
}

static void a_badge_that_left(void **state)
{
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	is_welcome();
	world.remove(0);
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_NOT_FOUND);
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_NOT_FOUND);
	see_nothing();
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_NOT_FOUND);
}

static void another_badge_is_not_spoken_to_in_its_place(void **state)
{
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	world.remove(0);
	see_nothing();
	world.present(0, &other_speaking);
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_NOT_FOUND);
	expect_card(&other_speaking);
	is_welcome();
}

static void a_badge_that_speaks_no_apdus(void **state)
{
	(void)state;
	world.present(0, &mute);
	expect_card(&mute);
	is_refused(world_hello, sizeof(world_hello), LQ_ERR_NOT_FOUND);
	expect_card(&mute);
}

/* The chip may still be busy with what nobody waits for any more, and on a busy machine for long.
 */
static void wait_for_recovery(void)
{
	struct lq_sighting sighting;
	for (int tries = 0; tries < 50; tries++) {
		if (reader.poll(reader.ctx, &sighting) == 1) {
			return;
		}
	}
	fail_msg("the reader did not come back after a missed deadline");
}

static void a_deadline_passes(void **state)
{
	uint8_t answer[LQ_APDU_MAX];
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	world.delay(300);
	assert_int_equal(reader.transceive(reader.ctx, world_hello, sizeof(world_hello), answer,
				 sizeof(answer), 100),
		LQ_ERR_TIMEOUT);
	world.delay(0);
	wait_for_recovery();
	expect_card(&speaking);
	is_welcome();
}

static void unplugged(void **state)
{
	struct lq_sighting sighting;
	struct lq_reader again = {0};
	(void)state;
	world.present(0, &speaking);
	expect_card(&speaking);
	world.plug(false);
	assert_true(reader.poll(reader.ctx, &sighting) < 0);
	assert_true(say(world_hello, sizeof(world_hello), sighting.uid, sizeof(sighting.uid)) < 0);
	assert_true(reader.poll(reader.ctx, &sighting) < 0);
	reader.close(reader.ctx);
	assert_int_equal(world.open(&again), LQ_ERR_IO);
	assert_null(again.ctx);
	world.plug(true);
	assert_int_equal(world.open(&reader), LQ_OK);
	expect_card(&speaking);
	is_welcome();
}

static void opened_again_and_again(void **state)
{
	(void)state;
	world.present(0, &mute);
	for (int i = 0; i < 5; i++) {
		reader.close(reader.ctx);
		assert_int_equal(world.open(&reader), LQ_OK);
		is_refused(world_hello, sizeof(world_hello), LQ_ERR_INVALID);
		expect_card(&mute);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "sim") == 0) {
		world = sim_world();
	} else if (argc == 3 && strcmp(argv[1], "libnfc") == 0) {
		world = libnfc_world(argv[2]);
	} else {
		(void)fprintf(stderr, "usage: %s sim | libnfc SIMULATOR\n", argv[0]);
		return 2;
	}
	const struct CMUnitTest tests[] = {
		TEST(an_empty_field),
		TEST(a_card_is_described),
		TEST(a_card_that_stays_is_seen_each_time),
		TEST(a_card_in_the_place_of_another),
		TEST(two_cards_are_counted),
		TEST(a_phone_has_a_random_identifier),
		TEST(nonsense_is_a_sighting),
		TEST(apdus_are_carried),
		TEST(the_last_single_badge_is_spoken_to),
		TEST(apdu_lengths),
		TEST(an_answer_must_fit),
		TEST(apdus_without_a_badge),
		TEST(a_badge_that_left),
		TEST(another_badge_is_not_spoken_to_in_its_place),
		TEST(a_badge_that_speaks_no_apdus),
		TEST(a_deadline_passes),
		TEST(unplugged),
		TEST(opened_again_and_again),
	};
	int failed = cmocka_run_group_tests_name(world.name, tests, NULL, NULL);
	world.end();
	return failed;
}

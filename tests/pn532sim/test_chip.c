#include "bench.h"
#include "check.h"
#include "hal/sim/pn532/random.h"

#include <stdbool.h>

#define DESFIRE        "0 type=desfire uid=04112233445566"
#define DESFIRE_LISTED "d5 4b 01 01 03 44 20 07 04 11 22 33 44 55 66 06 75 77 81 02 80"
#define NTAG           "0 type=ntag213 uid=04a1b2c3d4e5f6"
#define NTAG_LISTED    "d5 4b 01 01 00 44 00 07 04 a1 b2 c3 d4 e5 f6"
#define THREE_TRIES    "d4 32 05 00 01 02"

static void given(struct bench *bench, const char *card)
{
	bench_init(bench, 0, false);
	if (card != NULL) {
		bench_present(bench, card);
	}
	(void)bench_talk(bench, THREE_TRIES);
	bench_expect(bench, "d5 33");
}

static void talk(struct bench *bench, const char *command, const char *answer)
{
	(void)bench_talk(bench, command);
	bench_expect(bench, answer);
}

/* Every code with every length up to 20: answered at once or a search, never anything else. */
static void any_command_is_answered_or_refused(void **state)
{
	static struct bench bench;
	struct lq_pn532_chip *chip = &bench.sim.chip;

	(void)state;
	for (unsigned n = 0; n < 256u * 21u * 4u; n++) {
		uint8_t data[22] = {LQ_PN532_TFI_HOST, (uint8_t)(n % 256u)};
		static const uint8_t fill[] = {0x00, 0x01, 0x02, 0xFF};

		given(&bench, NTAG);
		memset(data + 2, fill[n / (256u * 21u)], sizeof(data) - 2);
		lq_pn532_chip_command(chip, data, 2 + n / 256u % 21u, bench.now_us);
		for (unsigned i = 0; i < 2000 && chip->phase != LQ_PN532_IDLE; i++) {
			if (!lq_pn532_chip_advance(chip)) {
				continue;
			}
			assert_true(chip->answer.len <= LQ_PN532_DATA_MAX);
			assert_true(chip->answer.syntax_error ||
				    (chip->answer.data[0] == LQ_PN532_TFI_CHIP &&
					    chip->answer.data[1] == (uint8_t)(data[1] + 1)));
		}
		assert_true(chip->phase == LQ_PN532_IDLE || chip->search.endless);
	}
}

/* Noise with true frames in between: nothing is believed, nothing is written past its end. */
static void any_bytes_do_no_harm(void **state)
{
	static struct bench bench;
	uint64_t chance = 4711;

	(void)state;
	given(&bench, DESFIRE);
	for (unsigned n = 0; n < 200000; n++) {
		uint8_t bytes[16];
		size_t len = 1 + lq_sim_random_byte(&chance) % sizeof(bytes);

		for (size_t i = 0; i < len; i++) {
			bytes[i] = lq_sim_random_byte(&chance);
		}
		bench.len = 0;
		if (n % 3 == 0) {
			bytes[0] = LQ_PN532_TFI_HOST;
			bytes[1] &= 0x7Eu;
			bench_frame(&bench, bytes, len);
		} else {
			bench_write(&bench, bytes, len);
		}
		bench_run(&bench, bench.now_us + 1000);
		assert_true(lq_pn532_sim_room(&bench.sim) > 0);
	}
	assert_true(bench.sim.stats.bad_frames > 0);
	assert_true(bench.sim.stats.command[0x4A] > 0);
	bench_run(&bench, bench.now_us + 1000000);
	lq_pn532_sim_power_cycle(&bench.sim);
	lq_pn532_chip_wake(&bench.sim.chip);
	talk(&bench, "d4 02", "d5 03 32 01 06 07");
}

static void nonsense_gets_the_error_frame(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, NULL);
	for (size_t i = 0; i < 4; i++) {
		static const char *const wrong[] = {"d4 99", "d5 02", "d4", "d4 02 00"};

		(void)bench_talk(&bench, wrong[i]);
		bench_expect_raw(&bench, "00 00 ff 00 ff 00 00 00 ff 01 ff 7f 81 00");
	}
	talk(&bench, "d4 02", "d5 03 32 01 06 07");
}

static void asleep_until_the_wake_up_byte(void **state)
{
	static struct bench bench;
	static const uint8_t wake[] = {0x55, 0x55, 0x00, 0x00, 0x00};

	(void)state;
	given(&bench, NULL);
	talk(&bench, "d4 16 f0", "d5 17 00");
	(void)bench_talk(&bench, "d4 02");
	assert_int_equal(bench.len, 0);
	bench_write(&bench, wake, sizeof(wake));
	talk(&bench, "d4 02", "d5 03 32 01 06 07");
}

static void an_empty_field_takes_its_tries(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, NULL);
	(void)bench_talk(&bench, "d4 4a 01 00");
	bench_expect(&bench, "d5 4b 00");
	assert_int_equal(
		bench_talk(&bench, "d4 4a 01 00"), LQ_PN532_FIRMWARE_US + 3 * LQ_PN532_TRY_US);
	talk(&bench, "d4 32 05 00 01 00", "d5 33");
	assert_int_equal(bench_talk(&bench, "d4 4a 01 00"), LQ_PN532_FIRMWARE_US + LQ_PN532_TRY_US);
}

/* Whole dialogues at 115200 baud last what chip.h says. */
static void paced_dialogues_last_as_long_as_real_ones(void **state)
{
	static struct bench bench;
	uint64_t us = 0;

	(void)state;
	bench_init(&bench, 115200, true);
	(void)bench_talk(&bench, THREE_TRIES);
	us = bench_talk(&bench, "d4 4a 01 00");
	bench_expect(&bench, "d5 4b 00");
	assert_in_range(us, 17000, 18500);
	bench_present(&bench, DESFIRE);
	us = bench_talk(&bench, "d4 4a 01 00");
	bench_expect(&bench, DESFIRE_LISTED);
	assert_in_range(us, 12500, 14000);
}

static void bytes_pass_at_the_baud_rate(void **state)
{
	static struct bench bench;

	(void)state;
	bench_init(&bench, 115200, false);
	/* 8 bytes in (the postamble is not waited for), 6 of ACK, firmware, 13 out: 86.8 us each.
	 */
	assert_in_range(bench_talk(&bench, "d4 02"), 600 + 27 * 86, 600 + 27 * 87);
	lq_pn532_sim_pace(&bench.sim, 921600);
	assert_in_range(bench_talk(&bench, "d4 02"), 600 + 27 * 10, 600 + 27 * 11);
	lq_pn532_sim_pace(&bench.sim, 0);
	assert_int_equal(bench_talk(&bench, "d4 02"), 600);
}

static void a_card_that_comes_meanwhile_is_found_by_a_later_try(void **state)
{
	static struct bench bench;
	uint64_t start_us = 0;

	(void)state;
	given(&bench, NULL);
	start_us = bench.now_us;
	bench_ask(&bench, "d4 4a 01 00");
	bench_run(&bench, start_us + LQ_PN532_FIRMWARE_US + LQ_PN532_TRY_US + 100);
	bench_present(&bench, DESFIRE);
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect(&bench, DESFIRE_LISTED);
	assert_int_equal(bench.now_us, start_us + LQ_PN532_FIRMWARE_US + 2 * LQ_PN532_TRY_US);
}

static void a_card_that_comes_after_the_last_try_is_not(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, NULL);
	bench_ask(&bench, "d4 4a 01 00");
	bench_run(&bench, bench.now_us + LQ_PN532_FIRMWARE_US + 2 * LQ_PN532_TRY_US + 1);
	bench_present(&bench, DESFIRE);
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect(&bench, "d5 4b 00");
}

static void a_card_that_leaves_during_anticollision_is_not_listed(void **state)
{
	static struct bench bench;

	(void)state;
	bench_init(&bench, 0, true);
	(void)bench_talk(&bench, THREE_TRIES);
	bench_present(&bench, DESFIRE);
	bench_ask(&bench, "d4 4a 01 00");
	bench_run(&bench, bench.now_us + LQ_PN532_FIRMWARE_US + 2000);
	lq_pn532_chip_remove(&bench.sim.chip, 0, bench.now_us);
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect(&bench, "d5 4b 00");
}

static void an_endless_search_ends_with_a_card_or_the_hosts_ack(void **state)
{
	static struct bench bench;

	(void)state;
	bench_init(&bench, 0, false);
	bench_ask(&bench, "d4 4a 01 00");
	bench_run(&bench, bench.now_us + 10000000);
	bench_expect_raw(&bench, "00 00 ff 00 ff 00");
	bench_present(&bench, NTAG);
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect(&bench, NTAG_LISTED);
	lq_pn532_chip_remove(&bench.sim.chip, 0, bench.now_us);
	bench_ask(&bench, "d4 4a 01 00");
	bench_run(&bench, bench.now_us + 1000000);
	bench_write(&bench, lq_pn532_ack, LQ_PN532_CONTROL_LEN);
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect_raw(&bench, "00 00 ff 00 ff 00");
	assert_int_equal(bench.sim.stats.aborts, 1);
	talk(&bench, "d4 02", "d5 03 32 01 06 07");
}

static void a_new_command_ends_the_running_one(void **state)
{
	static struct bench bench;

	(void)state;
	bench_init(&bench, 0, false);
	bench_ask(&bench, "d4 4a 01 00");
	bench_run(&bench, bench.now_us + 1000000);
	talk(&bench, "d4 02", "d5 03 32 01 06 07");
}

static void a_nack_gets_the_answer_again(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, NULL);
	talk(&bench, "d4 02", "d5 03 32 01 06 07");
	bench.len = 0;
	bench_write(&bench, lq_pn532_nack, LQ_PN532_CONTROL_LEN);
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect_raw(&bench, "00 00 ff 06 fa d5 03 32 01 06 07 e8 00");
}

static void a_frame_may_come_in_any_two_pieces(void **state)
{
	static struct bench bench;
	uint8_t frame[16];
	size_t len = lq_test_hex("00 00 ff 04 fc d4 4a 01 00 e1 00", frame, sizeof(frame));

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		given(&bench, NTAG);
		bench.len = 0;
		bench_write(&bench, frame, cut);
		bench_run(&bench, bench.now_us + 5000);
		bench_write(&bench, frame + cut, len - cut);
		bench_run(&bench, LQ_PN532_NEVER);
		bench_expect(&bench, NTAG_LISTED);
	}
}

static void a_card_is_selected_again_by_its_uid(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, DESFIRE);
	bench_present(&bench, "1 uid=deadbeef");
	bench_present(&bench, "2 uid=00112233445566778899");
	talk(&bench, "d4 4a 01 00 88 04 11 22 33 44 55 66", DESFIRE_LISTED);
	talk(&bench, "d4 4a 01 00 de ad be ef", "d5 4b 01 01 00 04 08 04 de ad be ef");
	talk(&bench, "d4 4a 01 00 88 00 11 22 88 33 44 55 66 77 88 99",
		"d5 4b 01 01 00 84 00 0a 00 11 22 33 44 55 66 77 88 99");
	talk(&bench, "d4 4a 01 00 de ad be ee", "d5 4b 00");
	(void)bench_talk(&bench, "d4 4a 01 00 99 04 11 22 33 44 55 66");
	bench_expect_raw(&bench, "00 00 ff 00 ff 00 00 00 ff 01 ff 7f 81 00");
}

static void two_cards_at_once(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, "0 uid=deadbeef");
	bench_present(&bench, "1 type=ntag213 uid=04a1b2c3d4e5f6");
	talk(&bench, "d4 4a 02 00",
		"d5 4b 02 01 00 04 08 04 de ad be ef 02 00 44 00 07 04 a1 b2 c3 d4 e5 f6");
	talk(&bench, "d4 40 02 30 00", "d5 41 00 04 a1 b2 9f c3 d4 e5 f6 04 48 00 00 e1 10 12 00");
	talk(&bench, "d4 4a 01 00", "d5 4b 01 01 00 04 08 04 de ad be ef");
	talk(&bench, "d4 44 00", "d5 45 00");
	talk(&bench, "d4 4a 01 00", NTAG_LISTED);
	talk(&bench, "d4 44 00", "d5 45 00");
	talk(&bench, "d4 4a 01 00", "d5 4b 01 01 00 04 08 04 de ad be ef");
}

static void without_automatic_rats_there_is_no_ats(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, DESFIRE);
	talk(&bench, "d4 12 04", "d5 13");
	talk(&bench, "d4 4a 01 00", "d5 4b 01 01 03 44 20 07 04 11 22 33 44 55 66");
	talk(&bench, "d4 08 63 02 80 63 03 80", "d5 09");
	talk(&bench, "d4 42 e0 50", "d5 43 00 06 75 77 81 02 80");
	talk(&bench, "d4 42 b2", "d5 43 00 a3");
	talk(&bench, "d4 08 63 02 83", "d5 09"); /* type B framing: no type A card hears it */
	talk(&bench, "d4 42 b2", "d5 43 01");
	talk(&bench, "d4 08 63 02 80 63 3d 07", "d5 09"); /* nor seven bits of a byte */
	talk(&bench, "d4 42 b2", "d5 43 01");
	talk(&bench, "d4 08 63 3d 00", "d5 09");
	talk(&bench, "d4 42 b2", "d5 43 00 a3");
}

static void other_modulations_find_nothing(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, DESFIRE);
	talk(&bench, "d4 4a 01 01 00 ff ff 01 00", "d5 4b 00");
	talk(&bench, "d4 4a 01 03 00", "d5 4b 00");
	talk(&bench, "d4 4a 01 04", "d5 4b 00");
}

static void a_card_that_left_times_out(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, DESFIRE);
	talk(&bench, "d4 4a 01 00", DESFIRE_LISTED);
	lq_pn532_chip_remove(&bench.sim.chip, 0, bench.now_us);
	assert_int_equal(bench_talk(&bench, "d4 40 01 90 6e 00 00 00"),
		LQ_PN532_FIRMWARE_US + LQ_PN532_RETRY_TIMEOUT_US);
	bench_expect(&bench, "d5 41 01");
	talk(&bench, "d4 32 02 00 0b 08", "d5 33");
	assert_int_equal(bench_talk(&bench, "d4 42 b2"), LQ_PN532_FIRMWARE_US + 12800);
	talk(&bench, "d4 32 02 00 0b 00", "d5 33");
	(void)bench_talk(&bench, "d4 42 b2");
	bench_expect_raw(&bench, "00 00 ff 00 ff 00");
}

static void another_card_in_its_place_is_not_the_target(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, DESFIRE);
	talk(&bench, "d4 4a 01 00", DESFIRE_LISTED);
	lq_pn532_chip_remove(&bench.sim.chip, 0, bench.now_us);
	bench_present(&bench, "0 type=desfire uid=04665544332211");
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 01");
}

static void a_field_reset_ends_targets_and_renames_phones(void **state)
{
	static struct bench bench;
	uint8_t before[4];

	(void)state;
	given(&bench, "0 type=phone");
	(void)bench_talk(&bench, "d4 4a 01 00");
	memcpy(before, bench.sim.chip.slot[0].card.uid, sizeof(before));
	(void)bench_talk(&bench, "d4 4a 01 00");
	assert_memory_equal(bench.sim.chip.slot[0].card.uid, before, sizeof(before));
	talk(&bench, "d4 40 01 00 a4 04 00", "d5 41 00 6a 82");
	talk(&bench, "d4 32 01 00", "d5 33");
	talk(&bench, "d4 40 01 00 a4 04 00", "d5 41 27");
	assert_memory_not_equal(bench.sim.chip.slot[0].card.uid, before, sizeof(before));
}

static void release_and_select(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, DESFIRE);
	talk(&bench, "d4 54 01", "d5 55 27");
	talk(&bench, "d4 4a 01 00", DESFIRE_LISTED);
	talk(&bench, "d4 4e 01 02 02", "d5 4f 00");
	talk(&bench, "d4 44 01", "d5 45 00");
	talk(&bench, "d4 54 01", "d5 55 00");
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 00 00 1e 00 91 00");
	talk(&bench, "d4 44 01", "d5 45 00");
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 00 00 1e 00 91 00");
	talk(&bench, "d4 52 00", "d5 53 00");
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 27");
	talk(&bench, "d4 4e 01 02 02", "d5 4f 27");
}

static void get_version_needs_the_direct_way(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, NTAG);
	talk(&bench, "d4 08 63 02 80 63 03 80", "d5 09");
	talk(&bench, "d4 4a 01 00", NTAG_LISTED);
	talk(&bench, "d4 42 60", "d5 43 00 00 04 04 02 01 00 0f 03");
	talk(&bench, "d4 40 01 60", "d5 41 14");
	talk(&bench, "d4 4a 01 00", NTAG_LISTED);
	talk(&bench, "d4 42 1a 00", "d5 43 02");
	talk(&bench, "d4 42 30 00", "d5 43 01");
}

static void the_host_may_do_the_crc(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, NTAG);
	talk(&bench, "d4 08 63 02 00 63 03 00", "d5 09");
	talk(&bench, "d4 4a 01 00", NTAG_LISTED);
	talk(&bench, "d4 42 60 f8 33", "d5 43 01");
	talk(&bench, "d4 42 60 f8 32", "d5 43 00 00 04 04 02 01 00 0f 03 80 91");
	talk(&bench, "d4 42 30 ff 7a a7", "d5 43 00 00");
}

static void a_classic_knows_no_key(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, "0 type=classic4k uid=deadbeef");
	talk(&bench, "d4 4a 01 00", "d5 4b 01 01 00 02 18 04 de ad be ef");
	talk(&bench, "d4 40 01 60 00 ff ff ff ff ff ff de ad be ef", "d5 41 14");
	talk(&bench, "d4 40 01 30 00", "d5 41 01");
}

static void cards_leave_after_so_many_exchanges(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, DESFIRE);
	talk(&bench, "d4 4a 01 00", DESFIRE_LISTED);
	lq_pn532_chip_tear(&bench.sim.chip, LQ_PN532_TEAR_EXCHANGES, 2);
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 00 00 1e 00 91 00");
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 00 00 1e 00 91 00");
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 01");
	bench_present(&bench, DESFIRE);
	lq_pn532_chip_tear(&bench.sim.chip, LQ_PN532_TEAR_EXCHANGES, 0);
	talk(&bench, "d4 4a 01 00", "d5 4b 00");
}

static void torn_after(uint32_t bytes, const char *answer, const char *aid)
{
	static struct bench bench;

	given(&bench, DESFIRE);
	talk(&bench, "d4 4a 01 00", DESFIRE_LISTED);
	lq_pn532_chip_tear(&bench.sim.chip, LQ_PN532_TEAR_BYTES, bytes);
	talk(&bench, "d4 40 01 90 5a 00 00 03 42 4f f4 00", answer);
	lq_test_equals_hex(bench.sim.chip.slot[0].card.desfire.aid, 3, aid);
}

/* A card torn out of an answer has executed the command, one torn out of the command has not. */
static void cards_leave_in_the_middle(void **state)
{
	static struct bench bench;

	(void)state;
	torn_after(8, "d5 41 01", "00 00 00");
	torn_after(9, "d5 41 02", "42 4f f4");
	torn_after(10, "d5 41 02", "42 4f f4");
	torn_after(11, "d5 41 00 91 00", "42 4f f4");
	given(&bench, DESFIRE);
	talk(&bench, "d4 4a 01 00", DESFIRE_LISTED);
	lq_pn532_chip_tear(&bench.sim.chip, LQ_PN532_TEAR_BYTES, 10);
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 00 00 1e 00 91 00");
	talk(&bench, "d4 40 01 90 6e 00 00 00", "d5 41 01");
}

static void an_exchange_under_way_when_the_card_leaves_times_out(void **state)
{
	static struct bench bench;

	(void)state;
	bench_init(&bench, 0, true);
	bench_present(&bench, DESFIRE);
	(void)bench_talk(&bench, "d4 4a 01 00");
	bench_ask(&bench, "d4 40 01 90 6e 00 00 00");
	bench_run(&bench, bench.now_us + LQ_PN532_FIRMWARE_US + 100);
	lq_pn532_chip_remove(&bench.sim.chip, 0, bench.now_us);
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect(&bench, "d5 41 01");
}

static void auto_poll_tries_its_types_in_turn(void **state)
{
	static struct bench bench;
	uint64_t start_us = 0;

	(void)state;
	given(&bench, NULL);
	start_us = bench.now_us;
	bench_ask(&bench, "d4 60 02 01 20 10");
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect(&bench, "d5 61 00");
	assert_int_equal(
		bench.now_us - start_us, LQ_PN532_FIRMWARE_US + 4 * LQ_PN532_AUTOPOLL_UNIT_US);
	bench_present(&bench, "0 uid=deadbeef");
	start_us = bench.now_us;
	bench_ask(&bench, "d4 60 02 01 20 10");
	bench_run(&bench, LQ_PN532_NEVER);
	bench_expect(&bench, "d5 61 01 10 09 01 00 04 08 04 de ad be ef");
	assert_int_equal(bench.now_us - start_us, LQ_PN532_FIRMWARE_US + LQ_PN532_AUTOPOLL_UNIT_US);
}

static void a_power_cycle_forgets_settings_but_not_cards(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, NTAG);
	talk(&bench, "d4 08 63 02 80", "d5 09");
	lq_pn532_sim_power_cycle(&bench.sim);
	(void)bench_talk(&bench, "d4 02");
	assert_int_equal(bench.len, 0);
	lq_pn532_chip_wake(&bench.sim.chip);
	talk(&bench, "d4 06 63 02", "d5 07 00");
	talk(&bench, "d4 4a 01 00", NTAG_LISTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_command_is_answered_or_refused),
		cmocka_unit_test(any_bytes_do_no_harm),
		cmocka_unit_test(nonsense_gets_the_error_frame),
		cmocka_unit_test(asleep_until_the_wake_up_byte),
		cmocka_unit_test(an_empty_field_takes_its_tries),
		cmocka_unit_test(paced_dialogues_last_as_long_as_real_ones),
		cmocka_unit_test(bytes_pass_at_the_baud_rate),
		cmocka_unit_test(a_card_that_comes_meanwhile_is_found_by_a_later_try),
		cmocka_unit_test(a_card_that_comes_after_the_last_try_is_not),
		cmocka_unit_test(a_card_that_leaves_during_anticollision_is_not_listed),
		cmocka_unit_test(an_endless_search_ends_with_a_card_or_the_hosts_ack),
		cmocka_unit_test(a_new_command_ends_the_running_one),
		cmocka_unit_test(a_nack_gets_the_answer_again),
		cmocka_unit_test(a_frame_may_come_in_any_two_pieces),
		cmocka_unit_test(a_card_is_selected_again_by_its_uid),
		cmocka_unit_test(two_cards_at_once),
		cmocka_unit_test(without_automatic_rats_there_is_no_ats),
		cmocka_unit_test(other_modulations_find_nothing),
		cmocka_unit_test(a_card_that_left_times_out),
		cmocka_unit_test(another_card_in_its_place_is_not_the_target),
		cmocka_unit_test(a_field_reset_ends_targets_and_renames_phones),
		cmocka_unit_test(release_and_select),
		cmocka_unit_test(get_version_needs_the_direct_way),
		cmocka_unit_test(the_host_may_do_the_crc),
		cmocka_unit_test(a_classic_knows_no_key),
		cmocka_unit_test(cards_leave_after_so_many_exchanges),
		cmocka_unit_test(cards_leave_in_the_middle),
		cmocka_unit_test(an_exchange_under_way_when_the_card_leaves_times_out),
		cmocka_unit_test(auto_poll_tries_its_types_in_turn),
		cmocka_unit_test(a_power_cycle_forgets_settings_but_not_cards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

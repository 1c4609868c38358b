#include "check.h"
#include "hal/sim/pn532/card.h"

#include <stdbool.h>

static uint64_t chance = 12345;

static struct lq_sim_card make(enum lq_sim_card_type type, const char *uid)
{
	struct lq_sim_card_spec spec = {.has_type = true, .type = type};
	struct lq_sim_card card;

	spec.uid_len = lq_test_hex(uid, spec.uid, sizeof(spec.uid));
	assert_null(lq_sim_card_init(&card, &spec, &chance));
	lq_sim_card_activate(&card, true);
	return card;
}

/* The answer in hex, "" for silence, "nak" for a NAK. */
static void expect_frame(struct lq_sim_card *card, const char *command, const char *want)
{
	struct lq_sim_answer answer;
	uint8_t in[300];
	size_t len = lq_test_hex(command, in, sizeof(in));

	lq_sim_card_frame(card, in, len, &answer);
	if (strcmp(want, "nak") == 0) {
		assert_int_equal(answer.kind, LQ_SIM_NAK);
	} else if (want[0] == '\0') {
		assert_int_equal(answer.kind, LQ_SIM_SILENT);
	} else {
		assert_int_equal(answer.kind, LQ_SIM_DATA);
		lq_test_equals_hex(answer.data, answer.len, want);
	}
}

static void expect_apdu(struct lq_sim_card *card, const char *command, const char *want)
{
	struct lq_sim_answer answer;
	uint8_t in[300];
	size_t len = lq_test_hex(command, in, sizeof(in));

	lq_sim_card_apdu(card, in, len, &answer);
	assert_int_equal(answer.kind, LQ_SIM_DATA);
	lq_test_equals_hex(answer.data, answer.len, want);
}

static void what_a_type_does_not_say_follows_from_the_uid(void **state)
{
	struct lq_sim_card_spec spec = {0};
	struct lq_sim_card card;

	(void)state;
	spec.uid_len = 4;
	assert_null(lq_sim_card_init(&card, &spec, &chance));
	assert_int_equal(card.type, LQ_SIM_CLASSIC_1K);
	lq_test_equals_hex(card.atqa, 2, "00 04");
	spec.uid_len = 7;
	assert_null(lq_sim_card_init(&card, &spec, &chance));
	assert_int_equal(card.type, LQ_SIM_NTAG213);
	lq_test_equals_hex(card.atqa, 2, "00 44");
	spec.uid_len = 10;
	assert_null(lq_sim_card_init(&card, &spec, &chance));
	assert_int_equal(card.type, LQ_SIM_RAW);
	lq_test_equals_hex(card.atqa, 2, "00 84");
}

static void impossible_cards_are_refused(void **state)
{
	struct lq_sim_card_spec spec = {0};
	struct lq_sim_card card = {.sak = 0x77};

	(void)state;
	assert_non_null(lq_sim_card_init(&card, &spec, &chance));
	spec.uid_len = 5;
	assert_non_null(lq_sim_card_init(&card, &spec, &chance));
	spec.has_type = true;
	spec.type = LQ_SIM_NTAG216;
	spec.uid_len = 4;
	assert_non_null(lq_sim_card_init(&card, &spec, &chance));
	spec.type = LQ_SIM_PHONE;
	assert_non_null(lq_sim_card_init(&card, &spec, &chance));
	assert_int_equal(card.sak, 0x77);
}

static void a_phone_is_never_the_same_twice(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_PHONE, "");
	struct lq_sim_card other = make(LQ_SIM_PHONE, "");
	uint8_t first[4];

	(void)state;
	assert_int_equal(card.uid_len, 4);
	assert_int_equal(card.uid[0], 0x08);
	assert_int_equal(card.sak, 0x20);
	assert_memory_not_equal(card.uid, other.uid, 4);
	memcpy(first, card.uid, sizeof(first));
	lq_sim_card_power_off(&card, &chance);
	assert_int_equal(card.uid[0], 0x08);
	assert_memory_not_equal(card.uid, first, 4);
	lq_sim_card_activate(&card, true);
	expect_apdu(&card, "00 a4 04 00 05 f0 01 02 03 04 00", "6a 82");
}

static void ntag_pages_and_version(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_NTAG213, "04 a1 b2 c3 d4 e5 f6");
	struct lq_sim_card large = make(LQ_SIM_NTAG216, "04 a1 b2 c3 d4 e5 f6");

	(void)state;
	expect_frame(&card, "30 00", "04 a1 b2 9f c3 d4 e5 f6 04 48 00 00 e1 10 12 00");
	expect_frame(&card, "30 2c", "00 00 00 00 04 a1 b2 9f c3 d4 e5 f6 04 48 00 00");
	expect_frame(&card, "60", "00 04 04 02 01 00 0f 03");
	expect_frame(&card, "3a 02 03", "04 48 00 00 e1 10 12 00");
	expect_frame(&large, "60", "00 04 04 02 01 00 13 03");
	expect_frame(&large, "30 03", "e1 10 6d 00 00 00 00 00 00 00 00 00 00 00 00 00");
}

static void a_nak_ends_the_session(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_NTAG213, "04 a1 b2 c3 d4 e5 f6");

	(void)state;
	expect_frame(&card, "30 2d", "nak");
	expect_frame(&card, "30 00", "");
	lq_sim_card_activate(&card, true);
	expect_frame(&card, "1a 00", "nak");
	lq_sim_card_activate(&card, true);
	expect_frame(&card, "3a 00 ff", "nak");
}

static void an_ultralight_has_no_version(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_ULTRALIGHT, "04 a1 b2 c3 d4 e5 f6");

	(void)state;
	expect_frame(&card, "30 0f", "00 00 00 00 04 a1 b2 9f c3 d4 e5 f6 04 48 00 00");
	expect_frame(&card, "60", "nak");
}

static void iso_dep_blocks(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_DESFIRE, "04 11 22 33 44 55 66");

	(void)state;
	expect_frame(&card, "b2", "a3");
	expect_frame(&card, "02 90 6e 00 00 00", "02 00 1e 00 91 00");
	expect_frame(&card, "b2", "02 00 1e 00 91 00");
	expect_frame(&card, "b3", "a2");
	expect_frame(&card, "0a 00", "");
	expect_frame(&card, "c2", "c2");
	expect_frame(&card, "b2", "");
}

static void rats_by_hand(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_DESFIRE, "04 11 22 33 44 55 66");

	(void)state;
	lq_sim_card_activate(&card, false);
	expect_frame(&card, "b2", "");
	expect_frame(&card, "e0 50", "06 75 77 81 02 80");
	expect_frame(&card, "b2", "a3");
}

static void desfire_answers(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_DESFIRE, "04 11 22 33 44 55 66");

	(void)state;
	expect_apdu(&card, "90 60 00 00 00", "04 01 01 01 00 18 05 91 af");
	expect_apdu(&card, "90 af 00 00 00", "04 01 01 01 04 18 05 91 af");
	expect_apdu(&card, "90 af 00 00 00", "04 11 22 33 44 55 66 ba 34 c5 d6 e7 20 14 91 00");
	expect_apdu(&card, "90 45 00 00 00", "0f 01 91 00");
	expect_apdu(&card, "90 6a 00 00 00", "42 4f f4 91 00");
	expect_apdu(&card, "90 64 00 00 01 00 00", "00 91 00");
	expect_apdu(&card, "90 5a 00 00 03 42 4f f4 00", "91 00");
	expect_apdu(&card, "90 45 00 00 00", "0f 82 91 00");
	expect_apdu(&card, "90 64 00 00 01 01 00", "00 91 00");
	expect_apdu(&card, "90 6f 00 00 00", "91 00");
}

static void desfire_refusals(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_DESFIRE, "04 11 22 33 44 55 66");

	(void)state;
	expect_apdu(&card, "90 af 00 00 00", "91 ca");
	expect_apdu(&card, "90 5a 00 00 03 01 02 03 00", "91 a0");
	expect_apdu(&card, "90 5a 00 00 02 01 02 00", "91 7e");
	expect_apdu(&card, "90 5a 00 00 7f 01 02 03 00", "91 7e");
	expect_apdu(&card, "90 64 00 00 01 01 00", "91 40");
	expect_apdu(&card, "90 aa 00 00 01 00 00", "91 ae");
	expect_apdu(&card, "90 99 00 00 00", "91 1c");
	expect_apdu(&card, "90 60", "6e 00");
	expect_apdu(&card, "00 a4 04 00 00", "6e 00");
	expect_apdu(&card, "", "6e 00");
	expect_apdu(&card, "90 60 00 00 00", "04 01 01 01 00 18 05 91 af");
	expect_apdu(&card, "90 45 00 00 00", "0f 01 91 00");
	expect_apdu(&card, "90 af 00 00 00", "91 ca");
}

static void a_random_uid_hides_the_true_one(void **state)
{
	struct lq_sim_card card = make(LQ_SIM_DESFIRE, "08 11 22 33");

	(void)state;
	expect_apdu(&card, "90 60 00 00 00", "04 01 01 01 00 18 05 91 af");
	expect_apdu(&card, "90 af 00 00 00", "04 01 01 01 04 18 05 91 af");
	expect_apdu(&card, "90 af 00 00 00", "00 00 00 00 00 00 00 ba 34 c5 d6 e7 20 14 91 00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_type_does_not_say_follows_from_the_uid),
		cmocka_unit_test(impossible_cards_are_refused),
		cmocka_unit_test(a_phone_is_never_the_same_twice),
		cmocka_unit_test(ntag_pages_and_version),
		cmocka_unit_test(a_nak_ends_the_session),
		cmocka_unit_test(an_ultralight_has_no_version),
		cmocka_unit_test(iso_dep_blocks),
		cmocka_unit_test(rats_by_hand),
		cmocka_unit_test(desfire_answers),
		cmocka_unit_test(desfire_refusals),
		cmocka_unit_test(a_random_uid_hides_the_true_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

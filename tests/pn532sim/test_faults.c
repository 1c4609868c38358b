#include "bench.h"
#include "check.h"
#include "hal/sim/pn532/order.h"

#include <stdio.h>

#define LIST   "d4 4a 01 00"
#define LISTED "d5 4b 01 01 03 44 20 07 04 11 22 33 44 55 66 06 75 77 81 02 80"
#define ASK    "d4 40 01 90 6e 00 00 00"
#define ASKED  "d5 41 00 00 1e 00 91 00"
#define ACK    "00 00 ff 00 ff 00 "

static void set_fault(struct bench *bench, const char *words)
{
	struct lq_pn532_order order;
	char line[64];

	(void)snprintf(line, sizeof(line), "fault %s", words);
	assert_null(lq_pn532_order_parse(line, &order));
	assert_int_equal(order.verb, LQ_PN532_FAULT);
	bench->sim.fault = order.fault;
}

static void given(struct bench *bench, const char *fault)
{
	bench_init(bench, 0, false);
	bench_present(bench, "0 type=desfire uid=04112233445566");
	(void)bench_talk(bench, "d4 32 05 00 01 02");
	(void)bench_talk(bench, LIST);
	bench_expect(bench, LISTED);
	set_fault(bench, fault);
}

/* Both commands' healthy answers, to tell whether a fault changed something. */
struct healthy {
	size_t len;
	uint8_t bytes[2048];
	uint64_t us;
};

static struct healthy observe(struct bench *bench, const char *command)
{
	struct healthy seen = {0};

	seen.us = bench_talk(bench, command);
	seen.len = bench->len;
	memcpy(seen.bytes, bench->got, bench->len);
	return seen;
}

static bool same(const struct healthy *a, const struct healthy *b)
{
	return a->len == b->len && a->us == b->us && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static const char *with_number(size_t fault, char text[32])
{
	const struct lq_pn532_fault_info *info = &lq_pn532_fault_table[fault];

	(void)snprintf(text, 32, info->greatest > 0 ? "%s 9" : "%s", info->name);
	return text;
}

/* Every fault of the table changes the answer to a list or to an exchange, and none mends it. */
static void every_fault_bites_and_is_mended(void **state)
{
	static struct bench bench;
	struct healthy list;
	struct healthy ask;

	(void)state;
	given(&bench, "none");
	list = observe(&bench, LIST);
	ask = observe(&bench, ASK);
	assert_true(list.len > 0 && ask.len > 0);
	for (size_t i = 0; i < LQ_PN532_FAULT_COUNT; i++) {
		char words[32];
		struct healthy bad_list;
		struct healthy bad_ask;

		given(&bench, with_number(i, words));
		bad_list = observe(&bench, LIST);
		bad_ask = observe(&bench, ASK);
		if (i == LQ_PN532_FAULT_NONE) {
			assert_true(same(&list, &bad_list) && same(&ask, &bad_ask));
		} else if (same(&list, &bad_list) && same(&ask, &bad_ask)) {
			fail_msg("fault %s changes nothing", words);
		}
		assert_int_equal(bench.sim.stats.faults > 0, i != LQ_PN532_FAULT_NONE);
		set_fault(&bench, "none");
		(void)bench_talk(&bench, LIST);
		bench_expect(&bench, LISTED);
		(void)bench_talk(&bench, ASK);
		bench_expect(&bench, ASKED);
	}
}

static void once_is_once(void **state)
{
	static struct bench bench;

	(void)state;
	for (size_t i = LQ_PN532_FAULT_NONE + 1; i < LQ_PN532_FAULT_COUNT; i++) {
		char words[32];
		char once[64];

		(void)snprintf(once, sizeof(once), "%s once", with_number(i, words));
		given(&bench, once);
		(void)bench_talk(&bench, LIST);
		(void)bench_talk(&bench, ASK);
		assert_int_equal(bench.sim.stats.faults, 1);
		(void)bench_talk(&bench, LIST);
		bench_expect(&bench, LISTED);
		(void)bench_talk(&bench, ASK);
		bench_expect(&bench, ASKED);
	}
}

static void only_the_named_command_is_hit(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, "hang on=40");
	(void)bench_talk(&bench, LIST);
	bench_expect(&bench, LISTED);
	(void)bench_talk(&bench, ASK);
	assert_int_equal(bench.len, 0);
}

static void expect_broken(const char *fault, const char *command, const char *bytes)
{
	static struct bench bench;

	given(&bench, fault);
	(void)bench_talk(&bench, command);
	bench_expect_raw(&bench, bytes);
}

static void what_each_fault_looks_like(void **state)
{
	(void)state;
	expect_broken("bad-dcs", "d4 02", ACK "00 00 ff 06 fa d5 03 32 01 06 07 b2 00");
	expect_broken("bad-lcs", "d4 02", ACK "00 00 ff 06 a0 d5 03 32 01 06 07 e8 00");
	expect_broken("truncated", "d4 02", ACK "00 00 ff 06 fa d5");
	expect_broken("no-ack", "d4 02", "00 00 ff 06 fa d5 03 32 01 06 07 e8 00");
	expect_broken("nack", "d4 02", "00 00 ff ff 00 00");
	expect_broken("hang", "d4 02", "");
	expect_broken("hang-after-ack", "d4 02", ACK);
	expect_broken("error-frame", "d4 02", ACK "00 00 ff 01 ff 7f 81 00");
	expect_broken("wrong-code", "d4 02", ACK "00 00 ff 06 fa d5 05 32 01 06 07 e6 00");
}

static void expect_content(const char *fault, const char *command, const char *data)
{
	static struct bench bench;

	given(&bench, fault);
	(void)bench_talk(&bench, command);
	bench_expect(&bench, data);
}

static void what_each_lie_looks_like(void **state)
{
	(void)state;
	expect_content("status80", ASK, "d5 41 80 00 1e 00 91 00");
	expect_content("status80", "d4 02", "d5 03 32 01 06 07");
	expect_content("status 19", ASK, "d5 41 13");
	expect_content("ats-tl0", LIST, "d5 4b 01 01 03 44 20 07 04 11 22 33 44 55 66 00");
	expect_content("empty-uid", LIST, "d5 4b 01 01 03 44 20 00 06 75 77 81 02 80");
	expect_content("uid-len 200", LIST,
		"d5 4b 01 01 03 44 20 c8 04 11 22 33 44 55 66 06 75 77 81 02 80");
	expect_content(
		"nbtg 255", LIST, "d5 4b ff 01 03 44 20 07 04 11 22 33 44 55 66 06 75 77 81 02 80");
}

static void long_is_a_well_formed_frame_beyond_the_standard(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, "long");
	(void)bench_talk(&bench, "d4 02");
	assert_int_equal(bench.len, 6 + 610);
	lq_test_equals_hex(bench.got + 6, 10, "00 00 ff ff ff 02 58 a6 d5 03");
	lq_test_equals_hex(bench.got + 614, 2, "28 00");
}

static void slow_is_late(void **state)
{
	static struct bench bench;

	(void)state;
	given(&bench, "slow 250");
	assert_int_equal(bench_talk(&bench, "d4 02"), 250000 + LQ_PN532_FIRMWARE_US);
	bench_expect(&bench, "d5 03 32 01 06 07");
}

static void garbage_can_be_had_again(void **state)
{
	static struct bench bench;
	struct healthy first;
	struct healthy second;

	(void)state;
	given(&bench, "garbage");
	first = observe(&bench, "d4 02");
	second = observe(&bench, "d4 02");
	assert_false(same(&first, &second));
	given(&bench, "garbage");
	second = observe(&bench, "d4 02");
	assert_true(same(&first, &second));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_bites_and_is_mended),
		cmocka_unit_test(once_is_once),
		cmocka_unit_test(only_the_named_command_is_hit),
		cmocka_unit_test(what_each_fault_looks_like),
		cmocka_unit_test(what_each_lie_looks_like),
		cmocka_unit_test(long_is_a_well_formed_frame_beyond_the_standard),
		cmocka_unit_test(slow_is_late),
		cmocka_unit_test(garbage_can_be_had_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

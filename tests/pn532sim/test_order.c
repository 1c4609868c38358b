#include "check.h"
#include "hal/sim/pn532/order.h"

#include <stdbool.h>
#include <stdio.h>

static struct lq_pn532_order parsed(const char *line)
{
	struct lq_pn532_order order;
	const char *why = lq_pn532_order_parse(line, &order);

	if (why != NULL) {
		fail_msg("%s: %s", line, why);
	}
	return order;
}

static void present_in_full(void **state)
{
	struct lq_pn532_order order = parsed(
		" present 3  uid=04112233445566 type=raw sak=20 atqa=0344 ats=0675778102ff \r");

	(void)state;
	assert_int_equal(order.verb, LQ_PN532_PRESENT);
	assert_int_equal(order.slot, 3);
	assert_true(order.card.has_type);
	assert_int_equal(order.card.type, LQ_SIM_RAW);
	lq_test_equals_hex(order.card.uid, order.card.uid_len, "04 11 22 33 44 55 66");
	assert_true(order.card.has_sak && order.card.has_atqa && order.card.has_ats);
	assert_int_equal(order.card.sak, 0x20);
	lq_test_equals_hex(order.card.atqa, 2, "03 44");
	lq_test_equals_hex(order.card.ats, order.card.ats_len, "06 75 77 81 02 ff");
}

static void every_type_has_its_name(void **state)
{
	static const char *const names[] = {
		[LQ_SIM_CLASSIC_1K] = "classic1k",
		[LQ_SIM_CLASSIC_4K] = "classic4k",
		[LQ_SIM_ULTRALIGHT] = "ultralight",
		[LQ_SIM_NTAG213] = "ntag213",
		[LQ_SIM_NTAG215] = "ntag215",
		[LQ_SIM_NTAG216] = "ntag216",
		[LQ_SIM_DESFIRE] = "desfire",
		[LQ_SIM_PHONE] = "phone",
		[LQ_SIM_RAW] = "raw",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char line[64];

		(void)snprintf(line, sizeof(line), "present 0 type=%s", names[i]);
		assert_int_equal(parsed(line).card.type, i);
		assert_non_null(strstr(lq_pn532_order_help, names[i]));
	}
}

static void the_other_orders(void **state)
{
	struct lq_pn532_order order = parsed("fault uid-len 200 once on=4a");

	(void)state;
	assert_int_equal(order.verb, LQ_PN532_FAULT);
	assert_int_equal(order.fault.kind, LQ_PN532_FAULT_UID_LEN);
	assert_int_equal(order.fault.number, 200);
	assert_true(order.fault.once && order.fault.has_code);
	assert_int_equal(order.fault.code, 0x4A);
	assert_int_equal(parsed("fault list").verb, LQ_PN532_FAULT_LIST);
	assert_true(parsed("remove all").all);
	assert_int_equal(parsed("remove 2").slot, 2);
	assert_int_equal(parsed("tear after=3").tear, LQ_PN532_TEAR_EXCHANGES);
	assert_int_equal(parsed("tear bytes=17").number, 17);
	assert_int_equal(parsed("tear off").tear, LQ_PN532_TEAR_NONE);
	assert_int_equal(parsed("pace 115200").number, 115200);
	assert_int_equal(parsed("pace off").number, 0);
	assert_true(parsed("air on").on);
	assert_false(parsed("air off").on);
	assert_int_equal(parsed("wait-poll 4").number, 4);
	assert_int_equal(parsed("unplug").verb, LQ_PN532_UNPLUG);
	assert_int_equal(parsed("plug").verb, LQ_PN532_PLUG);
	assert_int_equal(parsed("stats").verb, LQ_PN532_STATS);
	assert_int_equal(parsed("quit").verb, LQ_PN532_QUIT);
}

static void what_is_no_order(void **state)
{
	static const char *const wrong[] = {
		"",
		"   ",
		"presents 0",
		"present",
		"present 4",
		"present x",
		"present -1",
		"present 0 uid=0",
		"present 0 uid=zz",
		"present 0 uid=0011223344556677889900",
		"present 0 type=credit",
		"present 0 sak=2",
		"present 0 sak=2020",
		"present 0 atqa=03",
		"present 0 colour=red",
		"present 0 uid",
		"remove",
		"remove 9",
		"remove 0 1",
		"tear",
		"tear after=",
		"tear after=x",
		"tear after=4294967297",
		"fault",
		"fault lightning",
		"fault uid-len",
		"fault uid-len 256",
		"fault uid-len once",
		"fault hang 3",
		"fault hang on=",
		"fault hang on=4",
		"pace",
		"pace 1",
		"pace fast",
		"air",
		"air 1",
		"wait-poll",
		"wait-poll -1",
		"unplug now",
		"a b c d e f g h i j k",
	};
	struct lq_pn532_order order = {.slot = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (lq_pn532_order_parse(wrong[i], &order) == NULL) {
			fail_msg("taken for an order: %s", wrong[i]);
		}
		assert_int_equal(order.slot, 77);
	}
}

static void long_lines_are_refused(void **state)
{
	struct lq_pn532_order order;
	char line[LQ_PN532_ORDER_MAX + 1];

	(void)state;
	memset(line, ' ', sizeof(line));
	memcpy(line, "stats", 5);
	line[LQ_PN532_ORDER_MAX - 1] = '\0';
	assert_null(lq_pn532_order_parse(line, &order));
	line[LQ_PN532_ORDER_MAX - 1] = ' ';
	line[LQ_PN532_ORDER_MAX] = '\0';
	assert_non_null(lq_pn532_order_parse(line, &order));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(present_in_full),
		cmocka_unit_test(every_type_has_its_name),
		cmocka_unit_test(the_other_orders),
		cmocka_unit_test(what_is_no_order),
		cmocka_unit_test(long_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

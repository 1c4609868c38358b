/* Commands are taken or refused, each for its reason. */
#include "firmware/core/order.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

#define NOW_S    1767261600
#define FROM     LQ_ARGUMENT_FROM
#define EXTENDED LQ_ARGUMENT_EXTENDED
#define MODE     LQ_ARGUMENT_MODE
#define MEMBER   LQ_ARGUMENT_MEMBER
#define TIMEOUT  LQ_ARGUMENT_TIMEOUT
#define UNLESS   LQ_ARGUMENT_UNLESS_REFUSING

static const struct lq_site site = {
	.space = "demo", .controller = "board", .door_count = 2, .doors = {"front", "back"}};
static const struct lq_wall now = {.unix_ms = NOW_S * INT64_C(1000), .trust = LQ_TRUST_RTC};
static const struct lq_order good = {
	.audience = "demo/board",
	.command = "door.open",
	.door = "front",
	.nonce = "0123456789abcdef",
	.not_before_s = NOW_S,
	.expires_s = NOW_S + 1,
};
static const struct lq_signer front_only = {.commands = (1u << LQ_ORDER_COUNT) - 1, .doors = 1};

static enum lq_refusal judge(const struct lq_order *order, const struct lq_signer *signer)
{
	struct lq_order_target target;
	return lq_order_judge(order, signer, &site, LQ_TRUST_RTC, now, &target);
}

static void a_good_one_is_taken(void **state)
{
	struct lq_order_target target;
	struct lq_order order = good;
	(void)state;
	assert_int_equal(lq_order_judge(&order, &front_only, &site, LQ_TRUST_RTC, now, &target),
		LQ_REFUSAL_COUNT);
	assert_int_equal(target.kind, LQ_ORDER_DOOR_OPEN);
	assert_int_equal(target.door, 0);
	order.not_before_s = NOW_S - LQ_ORDER_WINDOW_S + 1;
	assert_int_equal(judge(&order, &front_only), LQ_REFUSAL_COUNT);
}

static void time_has_hard_edges(void **state)
{
	static const struct {
		int64_t from;
		int64_t to;
		enum lq_refusal refusal;
	} cases[] = {
		{NOW_S + 1, NOW_S + 2, LQ_REFUSAL_NOT_YET_VALID},
		{NOW_S - 1, NOW_S, LQ_REFUSAL_EXPIRED},
		{NOW_S, NOW_S, LQ_REFUSAL_WINDOW_TOO_LONG},
		{NOW_S + 1, NOW_S - 1, LQ_REFUSAL_WINDOW_TOO_LONG},
		{NOW_S, NOW_S + LQ_ORDER_WINDOW_S, LQ_REFUSAL_COUNT},
		{NOW_S, NOW_S + LQ_ORDER_WINDOW_S + 1, LQ_REFUSAL_WINDOW_TOO_LONG},
		{1, INT64_MAX / 2000, LQ_REFUSAL_WINDOW_TOO_LONG},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_order order = good;
		order.not_before_s = cases[i].from;
		order.expires_s = cases[i].to;
		assert_int_equal(judge(&order, &front_only), cases[i].refusal);
	}
	struct lq_order_target target;
	struct lq_wall unset = {.unix_ms = now.unix_ms, .trust = LQ_TRUST_UNSET};
	assert_int_equal(lq_order_judge(&good, &front_only, &site, LQ_TRUST_RTC, unset, &target),
		LQ_REFUSAL_CLOCK_NOT_TRUSTED);
}

static void each_wrong_word_has_its_reason(void **state)
{
	static const struct {
		const char *audience;
		const char *command;
		const char *door;
		unsigned given;
		enum lq_refusal refusal;
	} cases[] = {
		{"demo/boar", "door.open", "front", 0, LQ_REFUSAL_WRONG_CONTROLLER},
		{"demo/boards", "door.open", "front", 0, LQ_REFUSAL_WRONG_CONTROLLER},
		{"demo", "door.open", "front", 0, LQ_REFUSAL_WRONG_CONTROLLER},
		{"dem/oboard", "door.open", "front", 0, LQ_REFUSAL_WRONG_CONTROLLER},
		{"demo/board", "door.opened", "front", 0, LQ_REFUSAL_UNKNOWN_COMMAND},
		{"demo/board", "door.ope", "front", 0, LQ_REFUSAL_UNKNOWN_COMMAND},
		{"demo/board", "door.open", "side", 0, LQ_REFUSAL_WRONG_DOOR},
		{"demo/board", "door.open", "", 0, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.open", "front", FROM, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.open", "front", EXTENDED | FROM, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.open", "front", EXTENDED, LQ_REFUSAL_COUNT},
		{"demo/board", "door.open", "front", UNLESS, LQ_REFUSAL_MALFORMED},
		{"demo/board", "config.reload", "", UNLESS, LQ_REFUSAL_MALFORMED},
		{"demo/board", "journal.replay", "front", FROM, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.mode", "front", 0, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.mode", "", MODE, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.mode", "front", MODE | EXTENDED, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.mode", "front", MODE, LQ_REFUSAL_COUNT},
		{"demo/board", "door.mode", "front", UNLESS, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.mode", "front", MODE | UNLESS, LQ_REFUSAL_COUNT},
		{"demo/board", "reader.identify", "", 0, LQ_REFUSAL_MALFORMED},
		{"demo/board", "reader.identify", "front", MEMBER, LQ_REFUSAL_MALFORMED},
		{"demo/board", "reader.identify", "front", 0, LQ_REFUSAL_COUNT},
		{"demo/board", "badge.enrol-next", "front", 0, LQ_REFUSAL_MALFORMED},
		{"demo/board", "badge.enrol-next", "front", TIMEOUT, LQ_REFUSAL_MALFORMED},
		{"demo/board", "badge.enrol-next", "", MEMBER, LQ_REFUSAL_MALFORMED},
		{"demo/board", "badge.enrol-next", "front", MEMBER, LQ_REFUSAL_COUNT},
		{"demo/board", "badge.enrol-next", "front", MEMBER | TIMEOUT, LQ_REFUSAL_COUNT},
		{"demo/board", "badge.enrol-next", "back", MEMBER, LQ_REFUSAL_NOT_PERMITTED},
		{"demo/board", "badge.read", "", 0, LQ_REFUSAL_MALFORMED},
		{"demo/board", "badge.read", "front", MEMBER, LQ_REFUSAL_MALFORMED},
		{"demo/board", "badge.read", "front", TIMEOUT, LQ_REFUSAL_COUNT},
		{"demo/board", "badge.read", "front", LQ_ARGUMENT_READER, LQ_REFUSAL_COUNT},
		{"demo/board", "badge.enrol-next", "front", MEMBER | LQ_ARGUMENT_READER,
			LQ_REFUSAL_MALFORMED},
		{"demo/board", "config.reload", "front", 0, LQ_REFUSAL_MALFORMED},
		{"demo/board", "config.reload", "", FROM, LQ_REFUSAL_MALFORMED},
		{"demo/board", "config.reload", "", 0, LQ_REFUSAL_NOT_PERMITTED},
		{"demo/board", "journal.replay", "", 0, LQ_REFUSAL_MALFORMED},
		{"demo/board", "door.open", "back", 0, LQ_REFUSAL_NOT_PERMITTED},
		{"demo/board", "journal.replay", "", FROM, LQ_REFUSAL_NOT_PERMITTED},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_order order = good;
		(void)snprintf(order.audience, sizeof(order.audience), "%s", cases[i].audience);
		(void)snprintf(order.command, sizeof(order.command), "%s", cases[i].command);
		(void)snprintf(order.door, sizeof(order.door), "%s", cases[i].door);
		order.arguments.given = cases[i].given;
		assert_int_equal(judge(&order, &front_only), cases[i].refusal);
	}
	const struct lq_signer nothing = {.commands = 0, .doors = UINT32_MAX};
	assert_int_equal(judge(&good, &nothing), LQ_REFUSAL_NOT_PERMITTED);
}

static void whoever_may_ask_for_one_thing_may_not_ask_for_another(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < LQ_ORDER_COUNT; kind++) {
		struct lq_order_form form = lq_order_form((enum lq_order_kind)kind);
		const struct lq_signer others = {.commands = ~(1u << kind), .doors = UINT32_MAX};
		const struct lq_signer one = {.commands = 1u << kind, .doors = UINT32_MAX};
		struct lq_order order = good;
		(void)snprintf(order.command, sizeof(order.command), "%s",
			lq_order_word((enum lq_order_kind)kind));
		if (!form.door) {
			order.door[0] = '\0';
		}
		order.arguments.given = form.needs;
		assert_int_equal(judge(&order, &others), LQ_REFUSAL_NOT_PERMITTED);
		assert_int_equal(judge(&order, &one), LQ_REFUSAL_COUNT);
	}
}

static void a_nonce_is_spent_once_until_it_expires(void **state)
{
	static struct lq_nonces nonces;
	struct lq_nonce nonce = {.signer = "a", .nonce = "n", .expires_s = NOW_S + 1};
	struct lq_wall later = {.unix_ms = now.unix_ms + 1000};
	(void)state;
	assert_int_equal(lq_nonces_spend(&nonces, &nonce, now), LQ_REFUSAL_COUNT);
	assert_int_equal(lq_nonces_spend(&nonces, &nonce, now), LQ_REFUSAL_REPLAYED);
	nonce.signer[0] = 'b';
	assert_int_equal(lq_nonces_spend(&nonces, &nonce, now), LQ_REFUSAL_COUNT);
	for (unsigned i = 2; i < LQ_ORDER_NONCES_MAX; i++) {
		(void)snprintf(nonce.nonce, sizeof(nonce.nonce), "%u", i);
		assert_int_equal(lq_nonces_spend(&nonces, &nonce, now), LQ_REFUSAL_COUNT);
	}
	nonce.nonce[0] = 'x';
	assert_int_equal(lq_nonces_spend(&nonces, &nonce, now), LQ_REFUSAL_TOO_MANY);
	assert_int_equal(lq_nonces_spend(&nonces, &nonce, later), LQ_REFUSAL_COUNT);
	assert_int_equal(nonces.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_is_taken),
		cmocka_unit_test(time_has_hard_edges),
		cmocka_unit_test(each_wrong_word_has_its_reason),
		cmocka_unit_test(whoever_may_ask_for_one_thing_may_not_ask_for_another),
		cmocka_unit_test(a_nonce_is_spent_once_until_it_expires),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

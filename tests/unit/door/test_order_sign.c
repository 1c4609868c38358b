/* What is signed is what loquetd reads and verifies. */
#include "firmware/core/err.h"
#include "firmware/door/order_token.h"
#include "firmware/store/order_sign.h"
#include "hal/linux/linux_entropy.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONG_NAME "abcdefghijklmnopqrstuvwxyz012345" /* the longest */

static struct lq_keys keys;

static int make_keys(void **state)
{
	char folder[] = "/tmp/lq-sign-XXXXXX";
	char path[64];
	uint8_t public_key[32];
	struct lq_entropy entropy = lq_linux_entropy();
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/key", folder);
	assert_int_equal(lq_keys_make_signer(path, &entropy, public_key), LQ_OK);
	assert_int_equal(lq_keys_load_signer(path, &keys), LQ_OK);
	(void)unlink(path);
	return rmdir(folder);
}

static struct lq_order example(enum lq_order_kind kind)
{
	struct lq_order order = {
		.audience = LONG_NAME "/" LONG_NAME,
		.nonce = "0123456789abcdef",
		.not_before_s = 1,
		.expires_s = 253402300799, /* the last second of the year 9999 */
	};
	struct lq_order_form form = lq_order_form(kind);
	(void)snprintf(order.command, sizeof(order.command), "%s", lq_order_word(kind));
	(void)snprintf(order.door, sizeof(order.door), "%s", form.door ? LONG_NAME : "");
	order.arguments.given = form.needs | form.may;
	order.arguments.from = (form.needs & LQ_ARGUMENT_FROM) != 0 ? 9007199254740992u : 0;
	order.arguments.extended = (form.may & LQ_ARGUMENT_EXTENDED) != 0;
	order.arguments.mode =
		(form.needs & LQ_ARGUMENT_MODE) != 0 ? LQ_MODE_LOCKED_OPEN : LQ_MODE_LOCKED;
	order.arguments.member = (form.needs & LQ_ARGUMENT_MEMBER) != 0 ? UINT32_MAX : 0;
	order.arguments.timeout_s =
		(form.may & LQ_ARGUMENT_TIMEOUT) != 0 ? LQ_ENROL_TIMEOUT_S_MAX : 0;
	order.arguments.unless_refusing = (form.may & LQ_ARGUMENT_UNLESS_REFUSING) != 0;
	(void)snprintf(order.arguments.reader, sizeof(order.arguments.reader), "%s",
		(form.may & LQ_ARGUMENT_READER) != 0 ? LONG_NAME : "");
	return order;
}

static void every_command_is_read_as_it_was_signed(void **state)
{
	(void)state;
	for (int kind = 0; kind < LQ_ORDER_COUNT; kind++) {
		char text[LQ_ORDER_TOKEN_MAX + 1];
		struct lq_jws token;
		struct lq_order order = example((enum lq_order_kind)kind);
		struct lq_order found;
		memset(&found, 0, sizeof(found));
		assert_int_equal(lq_order_sign(&keys, LONG_NAME, &order, text), LQ_OK);
		assert_int_equal(lq_order_token_parse(text, strlen(text), &token), LQ_OK);
		assert_string_equal(token.signer, LONG_NAME);
		assert_int_equal(lq_keys_verify(keys.sign_public, (const uint8_t *)text,
					 token.signed_length, token.signature),
			LQ_OK);
		assert_int_equal(lq_order_payload_parse(&token, &found), LQ_OK);
		assert_string_equal(found.audience, order.audience);
		assert_string_equal(found.command, order.command);
		assert_string_equal(found.door, order.door);
		assert_string_equal(found.nonce, order.nonce);
		assert_true(found.not_before_s == order.not_before_s);
		assert_true(found.expires_s == order.expires_s);
		assert_int_equal(found.arguments.given, order.arguments.given);
		assert_true(found.arguments.from == order.arguments.from);
		assert_int_equal(found.arguments.extended, order.arguments.extended);
		assert_int_equal(found.arguments.mode, order.arguments.mode);
		assert_int_equal(found.arguments.member, order.arguments.member);
		assert_int_equal(found.arguments.timeout_s, order.arguments.timeout_s);
		assert_int_equal(found.arguments.unless_refusing, order.arguments.unless_refusing);
		assert_string_equal(found.arguments.reader, order.arguments.reader);
	}
}

static void what_does_not_fit_leaves_the_text_as_it_was(void **state)
{
	char text[LQ_JWS_SIZE((size_t)20)];
	struct lq_jws token;
	(void)state;
	assert_int_equal(
		lq_jws_sign(&keys, LONG_NAME, "01234567890123456789", 20, text, sizeof(text)),
		LQ_OK);
	size_t length = strlen(text);
	assert_int_equal(lq_jws_parse(text, length, &token), LQ_OK);
	memset(text, 'x', sizeof(text));
	assert_int_equal(lq_jws_sign(&keys, LONG_NAME, "01234567890123456789", 20, text, length),
		LQ_ERR_FULL);
	assert_int_equal(text[0], 'x');
	assert_int_equal(
		lq_jws_sign(&keys, LONG_NAME, "01234567890123456789", 20, text, length + 1), LQ_OK);
	assert_int_equal(
		lq_jws_sign(&keys, LONG_NAME LONG_NAME, "{}", 2, text, sizeof(text)), LQ_ERR_FULL);
}

static void no_nonce_comes_twice(void **state)
{
	struct lq_entropy entropy = lq_linux_entropy();
	char nonces[64][LQ_ORDER_NONCE_SIZE];
	(void)state;
	for (size_t i = 0; i < 64; i++) {
		assert_int_equal(lq_order_make_nonce(&entropy, nonces[i]), LQ_OK);
		assert_true(strlen(nonces[i]) >= LQ_ORDER_NONCE_MIN);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(nonces[i], nonces[j]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_read_as_it_was_signed),
		cmocka_unit_test(what_does_not_fit_leaves_the_text_as_it_was),
		cmocka_unit_test(no_nonce_comes_twice),
	};
	return cmocka_run_group_tests(tests, make_keys, NULL);
}

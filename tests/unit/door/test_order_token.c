/* The form of signed commands, and the example of RFC 8037, appendix A. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/door/order_token.h"
#include "firmware/store/keys.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

#define PUBLIC "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" /* A.2 */
#define SIGNED "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define SIGNATURE                                                                                  \
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

static void the_example_of_the_rfc_verifies(void **state)
{
	uint8_t key[32];
	uint8_t signature[64];
	size_t count = 0;
	(void)state;
	assert_int_equal(lq_base64url_decode(PUBLIC, strlen(PUBLIC), key, 32, &count), LQ_OK);
	assert_int_equal(
		lq_base64url_decode(SIGNATURE, strlen(SIGNATURE), signature, 64, &count), LQ_OK);
	assert_int_equal(count, 64);
	assert_int_equal(
		lq_keys_verify(key, (const uint8_t *)SIGNED, strlen(SIGNED), signature), LQ_OK);
	signature[63] ^= 1;
	assert_int_equal(lq_keys_verify(key, (const uint8_t *)SIGNED, strlen(SIGNED), signature),
		LQ_ERR_CORRUPT);
}

static int parse(const char *header)
{
	char text[512];
	char encoded[256];
	struct lq_jws token;
	lq_base64url_encode((const uint8_t *)header, strlen(header), encoded);
	int length = snprintf(text, sizeof(text), "%s.e30." SIGNATURE, encoded);
	int r = lq_order_token_parse(text, (size_t)length, &token);
	if (r == LQ_OK) {
		assert_int_equal(token.signed_length, strlen(encoded) + 4);
		assert_int_equal(token.payload_length, 3);
	}
	return r;
}

static void headers(void **state)
{
	static const char *const wrongs[] = {"", "[]", "{}", "{\"alg\":\"EdDSA\"}",
		"{\"kid\":\"a\"}", "{\"alg\":\"none\",\"kid\":\"a\"}",
		"{\"alg\":\"EdDSA \",\"kid\":\"a\"}", "{\"alg\":\"EdDSA\\u0000\",\"kid\":\"a\"}",
		"{\"alg\":\"Ed25519\",\"kid\":\"a\"}", "{\"alg\":[\"EdDSA\"],\"kid\":\"a\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"\"}", "{\"alg\":\"EdDSA\",\"kid\":1}",
		"{\"alg\":\"EdDSA\",\"kid\":\"A\"}", "{\"alg\":\"EdDSA\",\"kid\":\"a/b\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"abcdefghijklmnopqrstuvwxyz0123456\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"a\",\"kid\":\"a\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"a\",\"b64\":false}",
		"{\"alg\":\"EdDSA\",\"kid\":\"a\",\"jwk\":{}}",
		"{\"alg\":\"EdDSA\",\"kid\":\"a\",\"typ\":\"x\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"a\"} x"};
	(void)state;
	assert_int_equal(parse("{\"alg\":\"EdDSA\",\"kid\":\"a\"}"), LQ_OK);
	assert_int_equal(parse("{\"typ\":\"JWT\",\"kid\":\"a\",\"alg\":\"EdDSA\"}"), LQ_OK);
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		assert_int_equal(parse(wrongs[i]), LQ_ERR_INVALID);
	}
}

/* LQ_OK with the arguments, or LQ_ERR_INVALID. */
static int parse_arguments(const char *text, struct lq_order_arguments *ret_arguments)
{
	char payload[256];
	char encoded[512];
	struct lq_order order;
	int length = snprintf(payload, sizeof(payload),
		"{\"aud\":\"a/b\",\"cmd\":\"c\",\"nbf\":1,\"exp\":2,"
		"\"jti\":\"0123456789abcdef\",\"args\":%s}",
		text);
	assert_in_range(length, 1, sizeof(payload) - 1);
	lq_base64url_encode((const uint8_t *)payload, (size_t)length, encoded);
	const struct lq_jws token = {.payload = encoded, .payload_length = strlen(encoded)};
	int r = lq_order_payload_parse(&token, &order);
	if (r == LQ_OK) {
		*ret_arguments = order.arguments;
	}
	return r;
}

static void arguments_have_a_type_and_a_range(void **state)
{
	static const char *const wrongs[] = {"[]", "null", "\"\"", "1", "{\"other\":1}",
		"{\"from\":0}", "{\"from\":\"1\"}", "{\"from\":1.0}", "{\"from\":null}",
		"{\"from\":-1}", "{\"from\":1,\"from\":1}", "{\"extended\":1}",
		"{\"extended\":\"true\"}", "{\"extended\":null}", "{\"mode\":\"\"}",
		"{\"mode\":\"locked\"}", "{\"mode\":\"Accessed\"}", "{\"mode\":\"Locked\\u0000\"}",
		"{\"mode\":1}", "{\"mode\":[\"Locked\"]}", "{\"member\":0}", "{\"member\":\"m1\"}",
		"{\"member\":4294967296}", "{\"timeout_s\":0}", "{\"timeout_s\":601}",
		"{\"timeout_s\":30.5}", "{\"unless_refusing\":1}", "{\"unless_refusing\":\"true\"}",
		"{\"unless_refusing\":null}", "{\"reader\":\"\"}", "{\"reader\":1}",
		"{\"reader\":\"Front\"}", "{\"mode\":\"Locked\",\"door\":\"front\"}"};
	struct lq_order_arguments out;
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		if (parse_arguments(wrongs[i], &out) != LQ_ERR_INVALID) {
			fail_msg("%s was taken", wrongs[i]);
		}
	}
	assert_int_equal(parse_arguments("{}", &out), LQ_OK);
	assert_int_equal(out.given, 0);
	assert_int_equal(parse_arguments("{\"extended\":false}", &out), LQ_OK);
	assert_int_equal(out.given, LQ_ARGUMENT_EXTENDED);
	assert_false(out.extended);
	assert_int_equal(parse_arguments("{\"unless_refusing\":false}", &out), LQ_OK);
	assert_int_equal(out.given, LQ_ARGUMENT_UNLESS_REFUSING);
	assert_false(out.unless_refusing);
	assert_int_equal(
		parse_arguments("{\"from\":9223372036854775807,\"extended\":true,"
				"\"mode\":\"LockedOpen\",\"member\":4294967295,\"timeout_s\":600,"
				"\"unless_refusing\":true,\"reader\":\"front-in\"}",
			&out),
		LQ_OK);
	assert_int_equal(out.given, (1u << LQ_ARGUMENT_COUNT) - 1);
	assert_int_equal(out.from, INT64_MAX);
	assert_true(out.extended);
	assert_int_equal(out.mode, LQ_MODE_LOCKED_OPEN);
	assert_int_equal(out.member, UINT32_MAX);
	assert_int_equal(out.timeout_s, 600);
	assert_true(out.unless_refusing);
	assert_string_equal(out.reader, "front-in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc_verifies),
		cmocka_unit_test(headers),
		cmocka_unit_test(arguments_have_a_type_and_a_range),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
	struct lq_order_token token;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc_verifies),
		cmocka_unit_test(headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

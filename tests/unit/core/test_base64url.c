/* Every text has one meaning, and every meaning one text. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static void texts_and_bytes_belong_to_each_other(void **state)
{
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xfb\xff\xfe", "-__-"}};
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		uint8_t bytes[8];
		char text[16];
		size_t count = 0;
		lq_base64url_encode((const uint8_t *)pairs[i][0], strlen(pairs[i][0]), text);
		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(strlen(text), LQ_BASE64URL_LENGTH(strlen(pairs[i][0])));
		assert_int_equal(
			lq_base64url_decode(text, strlen(text), bytes, sizeof(bytes), &count),
			LQ_OK);
		assert_int_equal(count, strlen(pairs[i][0]));
		assert_memory_equal(bytes, pairs[i][0], count);
	}
}

static void everything_else_is_refused(void **state)
{
	static const char *const wrongs[] = {
		"Z", "Zh", "Zm9", "Zg==", "Zm9v ", "Zm 9", "+__-", "/__-", "Zm9vY", "\xc3\xa9"};
	uint8_t bytes[2];
	size_t count = 7;
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		assert_int_equal(
			lq_base64url_decode(wrongs[i], strlen(wrongs[i]), bytes, 2, &count),
			LQ_ERR_INVALID);
	}
	assert_int_equal(lq_base64url_decode("Zg\0A", 4, bytes, 2, &count), LQ_ERR_INVALID);
	assert_int_equal(lq_base64url_decode("Zm9v", 4, bytes, 2, &count), LQ_ERR_FULL);
	assert_int_equal(count, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_and_bytes_belong_to_each_other),
		cmocka_unit_test(everything_else_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

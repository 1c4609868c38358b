/* The JSON writer: exact output, every capacity, and a parser of another house that reads what it
 * writes. */
#include "firmware/core/err.h"
#include "firmware/core/json.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <jansson.h>
#include <string.h>

#define ROUNDS 20000

/* One text as the value of "k", without what surrounds it. */
static const char *text_of(const char *text)
{
	static char out[4096];
	struct lq_json json = lq_json_begin(out, sizeof(out));
	lq_json_open(&json, NULL);
	lq_json_text(&json, "k", text);
	lq_json_close(&json);
	size_t length = 0;
	assert_int_equal(lq_json_finish(&json, &length), LQ_OK);
	assert_memory_equal(out, "{\"k\":\"", 6);
	assert_memory_equal(out + length - 2, "\"}", 2);
	out[length - 2] = '\0';
	return out + 6;
}

static void escapes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *json;
	} rows[] = {
		{"", ""},
		{"plain", "plain"},
		{"\"", "\\\""},
		{"\\", "\\\\"},
		{"/", "/"},
		{"\n\r\t\b\f", "\\u000a\\u000d\\u0009\\u0008\\u000c"},
		{"\x01\x1f\x7f", "\\u0001\\u001f\\u007f"},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xaa", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xaa"},
		{"\x80", "\xef\xbf\xbd"},
		{"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong */
		{"\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* surrogate */
		{"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"}, /* its edges */
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},                 /* U+10FFFF */
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf5\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd"}, /* cut */
		{"\xc3\"", "\xef\xbf\xbd\\\""},             /* cut by a quote */
		{"\xf0\x9f\x9a", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(text_of(rows[i].text), rows[i].json);
	}
}

static struct lq_json everything(char *out, size_t capacity)
{
	static const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0xff};
	struct lq_json json = lq_json_begin(out, capacity);
	lq_json_open(&json, NULL);
	lq_json_text(&json, "t", "a\"\x01\xff");
	lq_json_number(&json, "n", UINT64_MAX);
	lq_json_open(&json, "empty");
	lq_json_close(&json);
	lq_json_open(&json, "o");
	lq_json_bool(&json, "y", true);
	lq_json_bool(&json, "z", false);
	lq_json_close(&json);
	lq_json_number(&json, "zero", 0);
	lq_json_hex(&json, "h", bytes, sizeof(bytes));
	lq_json_hex(&json, "nothing", bytes, 0);
	lq_json_close(&json);
	return json;
}

static const char everything_text[] =
	"{\"t\":\"a\\\"\\u0001\xef\xbf\xbd\",\"n\":18446744073709551615,\"empty\":{},"
	"\"o\":{\"y\":true,\"z\":false},\"zero\":0,\"h\":\"000ff0ff\",\"nothing\":\"\"}";

static void every_kind_of_value(void **state)
{
	(void)state;
	char out[512];
	struct lq_json json = everything(out, sizeof(out));
	size_t length = 0;
	assert_int_equal(lq_json_finish(&json, &length), LQ_OK);
	assert_int_equal(length, sizeof(everything_text) - 1);
	assert_memory_equal(out, everything_text, length);
}

static void every_capacity(void **state)
{
	(void)state;
	size_t whole = sizeof(everything_text) - 1;
	for (size_t capacity = 0; capacity <= whole + 1; capacity++) {
		/* Exactly as large as said, so that a byte beyond is seen. */
		char *out = test_malloc(capacity + 1);
		out[capacity] = 0x55;
		struct lq_json json = everything(out, capacity);
		size_t length = 12345;
		int result = lq_json_finish(&json, &length);
		assert_int_equal(result, capacity < whole ? LQ_ERR_FULL : LQ_OK);
		assert_int_equal(length, capacity < whole ? 12345 : whole);
		assert_int_equal(out[capacity], 0x55);
		test_free(out);
	}
}

/* Any bytes: the other house's parser takes the result, and gives back what was valid. */
static void any_text(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.json");
	for (int i = 0; i < ROUNDS; i++) {
		char text[64];
		size_t length = lq_random_below(&random, sizeof(text));
		bool ascii = lq_random_below(&random, 2) == 0;
		for (size_t j = 0; j < length; j++) {
			text[j] = (char)(1 + lq_random_below(&random, ascii ? 127 : 255));
		}
		text[length] = '\0';
		char document[1024];
		snprintf(document, sizeof(document), "{\"k\":\"%s\"}", text_of(text));
		json_error_t error;
		json_t *parsed = json_loads(document, JSON_REJECT_DUPLICATES, &error);
		if (parsed == NULL) {
			fail_msg("%s: %s", document, error.text);
		}
		const char *back = json_string_value(json_object_get(parsed, "k"));
		assert_non_null(back);
		if (ascii) {
			assert_string_equal(back, text);
		}
		json_decref(parsed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(every_kind_of_value),
		cmocka_unit_test(every_capacity),
		cmocka_unit_test(any_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is read where it stands is what the JSON library reads, and whatever is written otherwise is
 * left to that. */
#include "tests/lib/cmocka.h"
#include "tests/lib/fields_oracle.h"
#include "tests/lib/random.h"

#include <stdio.h>

#define USUAL                                                                                      \
	"{\"id\":\"front-board/17\",\"time\":\"2026-07-01T08:00:00.250Z\",\"n\":-12,\"ok\":true,"  \
	"\"data\":{\"door\":\"front\",\"seq\":17,\"none\":null,\"stagesUs\":{\"decide\":31}}}"
#define RUNS LQ_RUNS(20000)

static void the_usual_is_read_in_place(void **state)
{
	struct lq_fields fields;
	(void)state;
	assert_true(lq_fields_read(&fields, USUAL, strlen(USUAL)));
	assert_null(fields.json);
	assert_string_equal(lq_fields_text(&fields, LQ_PART_ENVELOPE, "id"), "front-board/17");
	assert_string_equal(lq_fields_text(&fields, LQ_PART_DATA, "door"), "front");
	assert_string_equal(lq_fields_text(&fields, LQ_PART_ENVELOPE, "door"), "");
	assert_int_equal(lq_fields_integer(&fields, LQ_PART_DATA, "seq"), 17);
	assert_int_equal(lq_fields_integer(&fields, LQ_PART_ENVELOPE, "n"), -12);
	lq_fields_end(&fields);
}

static void the_unusual_is_the_library_s(void **state)
{
	static const char *const bodies[] = {
		"{\"a\":\"\\u00e9\"}",
		"{\"a\":\"\\\"\"}",
		"{\"a\":\"é\"}",
		"{\"a\":1.5}",
		"{\"a\":1e3}",
		"{\"a\":[1]}",
		"{\"a\":{}}",
		"{\"a\":9223372036854775807}",
		"{\"data\":{\"a\":{\"b\":{}}}}",
	};
	struct lq_fields fields;
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_true(lq_fields_read(&fields, bodies[i], strlen(bodies[i])));
		assert_non_null(fields.json);
		lq_fields_end(&fields);
		assert_true(fields_oracle_agrees(bodies[i], strlen(bodies[i])));
	}
}

static void what_is_no_object_is_refused(void **state)
{
	static const char *const bodies[] = {"", " ", "{", "{}x", "[]", "7", "{\"a\"}", "{\"a\":}",
		"{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{\"a\":01}", "{\"a\":-}", "{\"a\":tru}",
		"{\"a\":truey}", "{\"a\":1,\"a\":2}", "{\"data\":{\"a\":1,\"a\":1}}", "{\"a\":\"}",
		"{\"a\":1}}", "{a:1}", "{\"data\":{\"a\":{\"b\":1,\"b\":2}}}", "{\"a\":\"\t\"}"};
	struct lq_fields fields;
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_false(lq_fields_read(&fields, bodies[i], strlen(bodies[i])));
		lq_fields_end(&fields);
		assert_true(fields_oracle_agrees(bodies[i], strlen(bodies[i])));
	}
}

/* Bytes that mean something, in the place of others, between them, or gone. */
static size_t spoil(struct lq_random *chance, char *body, size_t length)
{
	static const char bytes[] = "{}[]\",:\\ \n0123456789-+.eEtrufalsn\0\x1f\x7f\xc3\xa9\xff";
	uint32_t at = lq_random_below(chance, (uint32_t)length);
	char byte = bytes[lq_random_below(chance, sizeof(bytes) - 1)];
	switch (lq_random_below(chance, 3)) {
	case 0:
		body[at] = byte;
		return length;
	case 1:
		memmove(body + at + 1, body + at, length - at);
		body[at] = byte;
		return length + 1;
	default:
		memmove(body + at, body + at + 1, length - at - 1);
		return length - 1;
	}
}

static void both_read_the_same(void **state)
{
	struct lq_random *chance = *state;
	char body[sizeof(USUAL) + 8] = "";
	for (int run = 0; run < RUNS; run++) {
		size_t length = strlen(USUAL);
		memcpy(body, USUAL, sizeof(USUAL));
		for (uint32_t times = 1 + lq_random_below(chance, 4); times > 0; times--) {
			length = spoil(chance, body, length);
		}
		if (!fields_oracle_agrees(body, length)) {
			fail_msg("%.*s", (int)length, body);
		}
	}
}

int main(void)
{
	struct lq_random chance = lq_random_begin("event fields");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_is_read_in_place),
		cmocka_unit_test(the_unusual_is_the_library_s),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test_prestate(both_read_the_same, &chance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

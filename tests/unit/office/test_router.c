#include "firmware/core/err.h"
#include "host/office/router.h"
#include "host/office/stream.h"
#include "host/office/throttle.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static int answer(const struct lq_request *request, struct lq_answer *reply)
{
	(void)request;
	(void)reply;
	return 0;
}

static const struct lq_route rows[] = {
	{"GET", "/things", LQ_SCOPE_NOW, answer},
	{"POST", "/things", LQ_SCOPE_NOW, answer},
	{"GET", "/things/{id}", LQ_SCOPE_NOW, answer},
	{"GET", "/things/{id}.ics", LQ_SCOPE_NOW, answer},
	{"GET", "/things/all", LQ_SCOPE_NOW, answer},
	{"GET", "/{a}/of/{b}", LQ_SCOPE_NOW, answer},
};
static const size_t row_count = sizeof(rows) / sizeof(rows[0]);
static const struct lq_route_list list = {"/api", rows, &row_count};

static void targets(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t parts;
	} wanted[] = {
		{"/", LQ_OK, 0},
		{"/a", LQ_OK, 1},
		{"/a/b%2Fc?x=1&y=%C3%A9+z&&flag", LQ_OK, 2},
		{"", LQ_ERR_INVALID, 0},
		{"a", LQ_ERR_INVALID, 0},
		{"//", LQ_ERR_INVALID, 0},
		{"/a/", LQ_ERR_INVALID, 0},
		{"/%", LQ_ERR_INVALID, 0},
		{"/%4", LQ_ERR_INVALID, 0},
		{"/%4g", LQ_ERR_INVALID, 0},
		{"/%00", LQ_ERR_INVALID, 0},
		{"/%0a", LQ_ERR_INVALID, 0},
		{"/%c3", LQ_ERR_INVALID, 0},
		{"/%ed%a0%80", LQ_ERR_INVALID, 0},
		{"/?=1", LQ_ERR_INVALID, 0},
		{"/?a=1&a=1", LQ_ERR_INVALID, 0},
		{"/1/2/3/4/5/6/7/8", LQ_OK, 8},
		{"/1/2/3/4/5/6/7/8/9", LQ_ERR_FULL, 0},
		{"/?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17", LQ_ERR_FULL, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct lq_target target;
		int r = lq_target_read(wanted[i].text, strlen(wanted[i].text), &target);
		if (r != wanted[i].result || (r == LQ_OK && target.part_count != wanted[i].parts)) {
			fail_msg("%s: %d", wanted[i].text, r);
		}
	}
	struct lq_target target;
	assert_int_equal(lq_target_read(wanted[2].text, strlen(wanted[2].text), &target), LQ_OK);
	assert_string_equal(target.parts[1], "b/c");
	assert_string_equal(lq_query_value(&target.query, "y"), "\xc3\xa9 z");
	assert_string_equal(lq_query_value(&target.query, "flag"), "");
	assert_null(lq_query_value(&target.query, "none"));
}

static void found(void **state)
{
	static const struct {
		const char *method;
		const char *text;
		int row; /* or an error */
		const char *parameter;
	} wanted[] = {
		{"GET", "/api/things", 0, NULL},
		{"HEAD", "/api/things", 0, NULL},
		{"POST", "/api/things", 1, NULL},
		{"PUT", "/api/things", LQ_ERR_UNSUPPORTED, NULL},
		{"GET", "/api/things/7", 2, "7"},
		{"GET", "/api/things/7.ics", 3, "7"},
		{"GET", "/api/things/.ics", 2, ".ics"},
		{"GET", "/api/things/all", 4, NULL},
		{"GET", "/api/x/of/y", 5, "x"},
		{"GET", "/api", LQ_ERR_NOT_FOUND, NULL},
		{"GET", "/things", LQ_ERR_NOT_FOUND, NULL},
		{"GET", "/api/things/7/8", LQ_ERR_NOT_FOUND, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct lq_target target;
		struct lq_route_found it;
		assert_int_equal(
			lq_target_read(wanted[i].text, strlen(wanted[i].text), &target), LQ_OK);
		int r = lq_route_find(&list, 1, wanted[i].method, &target, &it);
		if (wanted[i].row < 0) {
			assert_int_equal(r, wanted[i].row);
			continue;
		}
		assert_int_equal(r, LQ_OK);
		assert_ptr_equal(it.route, &rows[wanted[i].row]);
		if (wanted[i].parameter != NULL) {
			assert_string_equal(it.parameters[0], wanted[i].parameter);
		}
	}
}

static void methods(void **state)
{
	struct lq_target target;
	struct lq_route_found it;
	(void)state;
	assert_int_equal(lq_target_read("/api/things", 11, &target), LQ_OK);
	assert_int_equal(lq_route_find(&list, 1, "PUT", &target, &it), LQ_ERR_UNSUPPORTED);
	assert_string_equal(it.methods, "GET, POST");
}

static void throttle(void **state)
{
	static struct lq_throttle it;
	(void)state;
	memset(&it, 0, sizeof(it));
	for (unsigned i = 0; i < LQ_THROTTLE_FREE; i++) {
		lq_throttle_failed(&it, "a", 1000);
		assert_int_equal(lq_throttle_wait(&it, "a", LQ_THROTTLE_MAX_S, 1000), 0);
	}
	uint32_t before = 0;
	for (int i = 0; i < 20; i++) {
		lq_throttle_failed(&it, "a", 1000);
		uint32_t wait_s = lq_throttle_wait(&it, "a", LQ_THROTTLE_MAX_S, 1000);
		assert_true(wait_s > before || wait_s == LQ_THROTTLE_MAX_S);
		before = wait_s;
	}
	assert_int_equal(lq_throttle_wait(&it, "a", LQ_THROTTLE_SOME_S, 1000), LQ_THROTTLE_SOME_S);
	assert_int_equal(lq_throttle_wait(&it, "b", LQ_THROTTLE_MAX_S, 1000), 0);
	assert_int_equal(lq_throttle_wait(&it, "a", LQ_THROTTLE_MAX_S,
				 1000 + LQ_THROTTLE_MAX_S * INT64_C(1000)),
		0);
	lq_throttle_passed(&it, "a");
	assert_int_equal(lq_throttle_wait(&it, "a", LQ_THROTTLE_MAX_S, 1000), 0);
}

/* A page that reads a few bytes at a time hears everything once; one that falls behind is told. */
static void stream(void **state)
{
	static struct lq_stream it;
	static char heard[65536];
	size_t length = 0;
	(void)state;
	lq_stream_begin(&it, 7);
	struct lq_stream_place slow = lq_stream_join(&it, NULL);
	for (int i = 0; i < 20; i++) {
		lq_stream_add(&it, "now", "{}");
	}
	assert_true(lq_stream_is_ahead(&it));
	lq_stream_show(&it);
	for (size_t count = 64; count > 0; length += count) {
		count = lq_stream_read(&it, &slow, heard + length, length == 0 ? 64 : 7);
	}
	heard[length] = '\0';
	assert_non_null(strstr(heard, "retry: 2000\n\nid: 7-1\nevent: now\ndata: {}\n\nid: 7-2\n"));
	assert_non_null(strstr(heard, "id: 7-20\nevent: now\ndata: {}\n\n"));
	assert_int_equal(lq_stream_join(&it, "7-5").next, 6);
	assert_false(lq_stream_join(&it, "7-20").reset);
	assert_true(lq_stream_join(&it, "8-5").reset);
	assert_true(lq_stream_join(&it, "7-21").reset);
	assert_true(lq_stream_join(&it, "wine").reset);
	for (unsigned i = 0; i <= LQ_STREAM_EVENTS; i++) {
		lq_stream_add(&it, "doors", "{}");
	}
	lq_stream_show(&it);
	length = lq_stream_read(&it, &slow, heard, sizeof(heard) - 1);
	heard[length] = '\0';
	assert_non_null(strstr(heard, "event: visits\n"));
	assert_null(strstr(heard, "id: "));
	assert_int_equal(lq_stream_read(&it, &slow, heard, sizeof(heard)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(found),
		cmocka_unit_test(methods),
		cmocka_unit_test(throttle),
		cmocka_unit_test(stream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

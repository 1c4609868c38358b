/* What open pages are told, and what they then load. */
#include "host/office/api_now.h"
#include "host/office/shared.h"
#include "host/office/stream.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What changes again before pages were shown it is told once, what changes afterwards anew. */
static void stream_tells_a_burst_once(void **state)
{
	static struct lq_stream it;
	static char heard[65536];
	(void)state;
	lq_stream_begin(&it, 7);
	struct lq_stream_place page = lq_stream_join(&it, NULL);
	lq_stream_changed(&it, "doors");
	lq_stream_add(&it, "now", "{\"kind\":\"arrived\"}");
	lq_stream_changed(&it, "now");
	lq_stream_changed(&it, "doors");
	size_t length = lq_stream_read(&it, &page, heard, sizeof(heard) - 1);
	heard[length] = '\0';
	assert_string_equal(heard, "retry: 2000\n\n");
	struct lq_stream_place late = lq_stream_join(&it, NULL);
	lq_stream_show(&it);
	assert_false(lq_stream_is_ahead(&it));
	for (int i = 0; i < 2; i++) {
		length = lq_stream_read(&it, i == 0 ? &page : &late, heard, sizeof(heard) - 1);
		heard[length] = '\0';
		assert_non_null(
			strstr(heard, "id: 7-1\nevent: doors\ndata: {\"topic\":\"doors\"}\n\n"
				      "id: 7-2\nevent: now\ndata: {\"kind\":\"arrived\"}\n\n"
				      "id: 7-3\nevent: now\ndata: {\"topic\":\"now\"}\n\n"));
		assert_null(strstr(heard, "7-4"));
	}
	lq_stream_changed(&it, "doors");
	lq_stream_show(&it);
	length = lq_stream_read(&it, &page, heard, sizeof(heard) - 1);
	heard[length] = '\0';
	assert_string_equal(heard, "id: 7-4\nevent: doors\ndata: {\"topic\":\"doors\"}\n\n");
}

static bool given(const struct lq_shared *shared, const struct lq_stream *it, uint32_t scopes,
	int64_t now_ms, char ret_text[64])
{
	const struct lq_request request = {.now_ms = now_ms, .caller = {.scopes = scopes}};
	struct lq_answer reply = {0};
	if (!lq_shared_take(shared, it, lq_api_now, &request, &reply)) {
		return false;
	}
	(void)snprintf(ret_text, 64, "%s", reply.text);
	assert_int_equal(reply.text_length, strlen(reply.text));
	free(reply.text);
	return true;
}

/* Whoever was told of a change never gets what was made before it. */
static void a_body_is_shared_until_something_is_told(void **state)
{
	static struct lq_stream it;
	static struct lq_shared shared;
	char text[64] = "";
	char one[] = "one";
	char two[] = "two";
	const uint32_t past = 1u << LQ_SCOPE_HISTORY;
	struct lq_request request = {.now_ms = 5000};
	(void)state;
	lq_stream_begin(&it, 7);
	assert_false(given(&shared, &it, 0, 5000, text));
	lq_shared_keep(&shared, &it, lq_api_now, &request,
		&(struct lq_answer){.text = one, .text_length = 3});
	assert_true(given(&shared, &it, 0, 5000, text));
	assert_string_equal(text, "one");
	assert_false(given(&shared, &it, past, 5000, text));
	assert_false(given(&shared, &it, 0, 5000 + LQ_SHARED_MS, text));
	assert_false(given(&shared, &it, 0, 4999, text));
	request.caller.scopes = past;
	lq_shared_keep(&shared, &it, lq_api_now, &request,
		&(struct lq_answer){.text = two, .text_length = 3});
	assert_true(given(&shared, &it, past, 5000, text));
	assert_string_equal(text, "two");
	assert_true(given(&shared, &it, 0, 5000, text));
	lq_stream_changed(&it, "now");
	assert_true(given(&shared, &it, 0, 5000, text));
	lq_stream_show(&it);
	assert_false(given(&shared, &it, 0, 5000, text));
	assert_false(given(&shared, &it, past, 5000, text));
	lq_shared_keep(&shared, &it, lq_api_now, &request,
		&(struct lq_answer){.text = two, .text_length = 3});
	assert_true(given(&shared, &it, past, 5000, text));
	lq_shared_forget(&shared);
	assert_false(given(&shared, &it, past, 5000, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_tells_a_burst_once),
		cmocka_unit_test(a_body_is_shared_until_something_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

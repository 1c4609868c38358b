/* The link's small pure parts: back-off, cursor, topics, printable text, shelf. */
#include "firmware/core/err.h"
#include "firmware/link/backoff.h"
#include "firmware/link/cursor.h"
#include "firmware/link/printable.h"
#include "firmware/link/shelf.h"
#include "firmware/link/topics.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- back-off ---- */

static void waiting_doubles_up_to_the_limit(void **state)
{
	(void)state;
	uint32_t full = LQ_BACKOFF_FIRST_MS;
	for (uint32_t failures = 1; failures < 100; failures++) {
		assert_int_equal(lq_backoff_ms(failures, 0), full - full / 2);
		assert_int_equal(lq_backoff_ms(failures, full / 2), full);
		full = full * 2 < LQ_BACKOFF_MAX_MS ? full * 2 : LQ_BACKOFF_MAX_MS;
	}
	assert_int_equal(lq_backoff_ms(UINT32_MAX, 0), LQ_BACKOFF_MAX_MS / 2);
}

static void waiting_is_spread_over_its_upper_half(void **state)
{
	(void)state;
	for (uint32_t failures = 1; failures < 12; failures++) {
		uint32_t low = UINT32_MAX;
		uint32_t high = 0;
		for (uint32_t random = 0; random < 100000; random++) {
			uint32_t ms = lq_backoff_ms(failures, random);
			low = ms < low ? ms : low;
			high = ms > high ? ms : high;
		}
		assert_in_range(low, high / 2, high / 2 + 1);
		assert_true(high <= LQ_BACKOFF_MAX_MS);
	}
}

/* ---- cursor ---- */

static struct lq_cursor some_cursor(uint64_t seq)
{
	struct lq_cursor cursor = {.seq = seq};
	for (size_t i = 0; i < LQ_HASH_SIZE; i++) {
		cursor.hash[i] = (uint8_t)(i * 37 + 200);
	}
	return cursor;
}

static void a_cursor_is_read_as_it_was_written(void **state)
{
	(void)state;
	const uint64_t numbers[] = {0, 1, 9, 10, 4711, INT64_MAX, UINT64_MAX};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct lq_cursor cursor = some_cursor(numbers[i]);
		struct lq_cursor got = {0};
		char text[LQ_CURSOR_TEXT_MAX];
		size_t length = lq_cursor_format(&cursor, text);
		assert_int_equal(lq_cursor_parse(text, length, &got), LQ_OK);
		assert_int_equal(got.seq, cursor.seq);
		assert_memory_equal(got.hash, cursor.hash, LQ_HASH_SIZE);
	}
}

static void every_changed_byte_of_a_cursor_is_found_or_leads_elsewhere(void **state)
{
	(void)state;
	struct lq_cursor cursor = some_cursor(4711);
	char text[LQ_CURSOR_TEXT_MAX];
	size_t length = lq_cursor_format(&cursor, text);
	for (size_t i = 0; i < length; i++) {
		for (int byte = 0; byte < 256; byte++) {
			char changed[LQ_CURSOR_TEXT_MAX];
			struct lq_cursor got = {0};
			memcpy(changed, text, length);
			changed[i] = (char)byte;
			if (changed[i] == text[i] ||
				lq_cursor_parse(changed, length, &got) != LQ_OK) {
				continue;
			}
			/* Another number with the same hash, or another hash: no row has both. */
			assert_true(got.seq != cursor.seq ||
				    memcmp(got.hash, cursor.hash, LQ_HASH_SIZE) != 0);
		}
	}
}

static void a_cut_or_lengthened_cursor_is_damaged(void **state)
{
	(void)state;
	struct lq_cursor cursor = some_cursor(4711);
	struct lq_cursor got = {.seq = 99};
	char text[LQ_CURSOR_TEXT_MAX + 40] = {0};
	size_t length = lq_cursor_format(&cursor, text);
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		if (cut != length) {
			assert_int_equal(lq_cursor_parse(text, cut, &got), LQ_ERR_CORRUPT);
		}
	}
	static const char overflow[] = "loquet-link 1 18446744073709551616 "
				       "00000000000000000000000000000000000000000000000000000000"
				       "00000000\n";
	assert_int_equal(lq_cursor_parse(overflow, sizeof(overflow) - 1, &got), LQ_ERR_CORRUPT);
	assert_int_equal(got.seq, 99);
}

struct folder {
	char path[64];
};

static int make_folder(void **state)
{
	static struct folder folder;
	(void)snprintf(folder.path, sizeof(folder.path), "/tmp/lq-link-XXXXXX");
	*state = &folder;
	return mkdtemp(folder.path) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
	const struct folder *folder = *state;
	const char *const names[] = {"link.cursor", "link.cursor.aside", "link.cursor.new"};
	for (size_t i = 0; i < 3; i++) {
		char path[128];
		(void)snprintf(path, sizeof(path), "%s/%s", folder->path, names[i]);
		(void)remove(path);
	}
	return rmdir(folder->path);
}

static void a_cursor_is_kept_in_its_folder(void **state)
{
	const struct folder *folder = *state;
	struct lq_cursor cursor = some_cursor(17);
	struct lq_cursor got = {0};
	assert_int_equal(lq_cursor_load(folder->path, &got), LQ_ERR_NOT_FOUND);
	assert_int_equal(lq_cursor_save(folder->path, &cursor), LQ_OK);
	assert_int_equal(lq_cursor_load(folder->path, &got), LQ_OK);
	assert_int_equal(got.seq, 17);
	cursor.seq = 18;
	assert_int_equal(lq_cursor_save(folder->path, &cursor), LQ_OK);
	assert_int_equal(lq_cursor_load(folder->path, &got), LQ_OK);
	assert_int_equal(got.seq, 18);
	assert_int_equal(lq_cursor_set_aside(folder->path), LQ_OK);
	assert_int_equal(lq_cursor_load(folder->path, &got), LQ_ERR_NOT_FOUND);
	assert_int_equal(lq_cursor_set_aside(folder->path), LQ_ERR_IO);
}

static void a_cursor_that_cannot_be_written_leaves_the_old_one(void **state)
{
	const struct folder *folder = *state;
	struct lq_cursor cursor = some_cursor(17);
	struct lq_cursor got = {0};
	char obstacle[128];
	assert_int_equal(lq_cursor_save(folder->path, &cursor), LQ_OK);
	(void)snprintf(obstacle, sizeof(obstacle), "%s/link.cursor.new", folder->path);
	assert_int_equal(mkdir(obstacle, 0700), 0);
	cursor.seq = 18;
	assert_int_equal(lq_cursor_save(folder->path, &cursor), LQ_ERR_IO);
	assert_int_equal(lq_cursor_load(folder->path, &got), LQ_OK);
	assert_int_equal(got.seq, 17);
	assert_int_equal(lq_cursor_save("/nonexistent", &cursor), LQ_ERR_IO);
}

/* ---- topics ---- */

static void topics_carry_space_and_controller(void **state)
{
	(void)state;
	char door[LQ_TOPIC_SIZE];
	struct lq_topics topics = lq_topics_make("demo", "front-board");
	lq_topics_door(&topics, "back", door);
	assert_string_equal(topics.client_id, "loquet-demo-front-board");
	assert_string_equal(topics.events, "loquet/1/demo/front-board/events");
	assert_string_equal(topics.state, "loquet/1/demo/front-board/state");
	assert_string_equal(topics.command, "loquet/1/demo/front-board/command");
	assert_string_equal(topics.response, "loquet/1/demo/front-board/command/response");
	assert_string_equal(door, "loquet/1/demo/front-board/doors/back/state");
}

static void the_longest_names_fit(void **state)
{
	(void)state;
	char door[LQ_TOPIC_SIZE];
	const char *name = "abcdefghijklmnopqrstuvwxyz012345";
	struct lq_topics topics = lq_topics_make(name, name);
	lq_topics_door(&topics, name, door);
	assert_string_equal(door, "loquet/1/abcdefghijklmnopqrstuvwxyz012345/"
				  "abcdefghijklmnopqrstuvwxyz012345/doors/"
				  "abcdefghijklmnopqrstuvwxyz012345/state");
	assert_string_equal(topics.client_id, "loquet-abcdefghijklmnopqrstuvwxyz012345-"
					      "abcdefghijklmnopqrstuvwxyz012345");
	assert_string_equal(topics.response, "loquet/1/abcdefghijklmnopqrstuvwxyz012345/"
					     "abcdefghijklmnopqrstuvwxyz012345/command/response");
}

/* ---- printable text ---- */

static void foreign_text_becomes_printable_and_fits(void **state)
{
	(void)state;
	char out[8];
	lq_printable(out, sizeof(out), "a\x1b[m\xc3\xa9\n");
	assert_string_equal(out, "a?[m???");
	lq_printable(out, sizeof(out), "longer than seven");
	assert_string_equal(out, "longer ");
	lq_printable(out, 1, "x");
	assert_string_equal(out, "");
}

/* ---- shelf ---- */

static void rows_come_off_the_shelf_as_they_were_put(void **state)
{
	(void)state;
	static struct lq_shelf shelf;
	lq_shelf_clear(&shelf);
	assert_null(lq_shelf_front(&shelf));
	assert_true(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 4}, "four", 4));
	assert_true(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 5}, NULL, 0));
	assert_true(lq_shelf_put(
		&shelf, &(struct lq_shelf_row){.seq = 6, .fault = LQ_SHELF_DAMAGED}, "sixsix", 6));
	const struct lq_shelf_row *row = lq_shelf_front(&shelf);
	assert_int_equal(row->seq, 4);
	assert_memory_equal(lq_shelf_body(&shelf, row), "four", row->length);
	lq_shelf_pop(&shelf);
	assert_int_equal(lq_shelf_front(&shelf)->length, 0);
	lq_shelf_pop(&shelf);
	row = lq_shelf_front(&shelf);
	assert_int_equal(row->fault, LQ_SHELF_DAMAGED);
	assert_memory_equal(lq_shelf_body(&shelf, row), "sixsix", row->length);
	lq_shelf_pop(&shelf);
	assert_null(lq_shelf_front(&shelf));
}

static void a_full_shelf_takes_nothing_until_it_is_empty(void **state)
{
	(void)state;
	static struct lq_shelf shelf;
	static char body[LQ_SHELF_BYTES];
	lq_shelf_clear(&shelf);
	assert_true(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 1}, body, 1));
	assert_false(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 2}, body, LQ_SHELF_BYTES));
	assert_true(
		lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 2}, body, LQ_SHELF_BYTES - 1));
	assert_false(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 3}, body, 1));
	lq_shelf_pop(&shelf);
	assert_false(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 3}, body, 1));
	lq_shelf_pop(&shelf);
	for (uint64_t seq = 3; seq < 3 + LQ_SHELF_ROWS; seq++) {
		assert_true(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = seq}, body, 1));
	}
	assert_false(lq_shelf_put(&shelf, &(struct lq_shelf_row){.seq = 999}, body, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_doubles_up_to_the_limit),
		cmocka_unit_test(waiting_is_spread_over_its_upper_half),
		cmocka_unit_test(a_cursor_is_read_as_it_was_written),
		cmocka_unit_test(every_changed_byte_of_a_cursor_is_found_or_leads_elsewhere),
		cmocka_unit_test(a_cut_or_lengthened_cursor_is_damaged),
		cmocka_unit_test_setup_teardown(
			a_cursor_is_kept_in_its_folder, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_cursor_that_cannot_be_written_leaves_the_old_one,
			make_folder, remove_folder),
		cmocka_unit_test(topics_carry_space_and_controller),
		cmocka_unit_test(the_longest_names_fit),
		cmocka_unit_test(foreign_text_becomes_printable_and_fits),
		cmocka_unit_test(rows_come_off_the_shelf_as_they_were_put),
		cmocka_unit_test(a_full_shelf_takes_nothing_until_it_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

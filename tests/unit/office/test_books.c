/* What is put off is seen by whoever looks, whatever happens in between, and nothing is left of
 * what is taken back. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>

static int64_t number(const char *sql)
{
	int64_t value = -1;
	assert_int_equal(lq_db_integer(stub.db, &value, -1, sql, ""), LQ_OK);
	return value;
}

#define VISITS "SELECT count(*) FROM visit"
#define LAST   "SELECT last FROM controller WHERE name = 'front-board'"

static void a_reader_in_the_same_transaction_sees_the_visits(void **state)
{
	(void)state;
	play_together();
	play_enters("front-board", "p1", "2026-12-01 08:00");
	assert_true(play_books()->passages.count > 0);
	assert_int_equal(number(VISITS), 1);
	assert_int_equal(play_books()->passages.count, 0);
	assert_int_equal(number(LAST), 2);
	play_leaves("front-board", "p1", "2026-12-01 09:00");
	assert_int_equal(number("SELECT left_it FROM visit"), 1);
	assert_int_equal(number(LAST), 4);
	assert_int_equal(number("SELECT exits FROM zone"), 1);
	assert_int_equal(number("SELECT count(*) FROM figure_due"), 1);
	play_commit();
	assert_int_equal(number(VISITS), 1);
}

static void a_transaction_that_is_taken_back_leaves_nothing(void **state)
{
	(void)state;
	play_together();
	play_enters("front-board", "p1", "2026-12-01 08:00");
	play_rollback();
	assert_int_equal(number(VISITS), 0);
	assert_int_equal(number("SELECT count(*) FROM passage"), 0);
	assert_int_equal(number("SELECT count(*) FROM controller"), 0);
	assert_int_equal(number("SELECT count(*) FROM zone"), 0);
	/* What is taken up now does not follow what never was: the rows before it are not known. */
	play_together();
	assert_int_equal(play_event("front-board", "door.opened", play_at("2026-12-01 10:00"),
				 "\"door\":\"front\""),
		LQ_BOOKS_NEW);
	play_commit();
	assert_int_equal(number(VISITS), 0);
	assert_int_equal(number("SELECT count(*) FROM controller WHERE hash IS NULL"), 1);
}

static void a_gap_is_told_inside_one_transaction(void **state)
{
	(void)state;
	int64_t at_ms = play_at("2026-12-01 08:00");
	play_together();
	assert_int_equal(play_row("front-board", 1, "door.opened", at_ms, "\"door\":\"front\""),
		LQ_BOOKS_NEW);
	assert_int_equal(play_row("front-board", 4, "door.opened", at_ms, "\"door\":\"front\""),
		LQ_BOOKS_GAP);
	assert_int_equal(play_row("front-board", 2, "door.opened", at_ms, "\"door\":\"front\""),
		LQ_BOOKS_NEW);
	assert_int_equal(play_row("front-board", 2, "door.opened", at_ms, "\"door\":\"front\""),
		LQ_BOOKS_KNOWN);
	assert_int_equal(play_row("front-board", 2, "door.closed", at_ms, "\"door\":\"front\""),
		LQ_BOOKS_CONFLICT);
	play_commit();
	assert_int_equal(number("SELECT first FROM gap"), 3);
	assert_int_equal(number("SELECT last FROM gap"), 3);
	assert_int_equal(number(LAST), 4);
}

static void more_than_the_lists_hold_is_kept_all_the_same(void **state)
{
	(void)state;
	char holder[16];
	const unsigned people = LQ_PASSAGES_MAX / 2 + 3; /* each of them makes two */
	play_together();
	for (unsigned i = 1; i <= people; i++) {
		(void)snprintf(holder, sizeof(holder), "p%u", i);
		play_enters(i % 2 == 0 ? "front-board" : "back-board", holder, "2026-12-01 08:00");
	}
	play_commit();
	assert_int_equal(number(VISITS), people);
}

#define BACKLOG 8 /* persons, who make sixteen events */

static void come_all_together(const char *local)
{
	char holder[16];
	play_together();
	for (unsigned i = 1; i <= BACKLOG; i++) {
		(void)snprintf(holder, sizeof(holder), "p%u", i);
		play_enters("front-board", holder, local);
	}
	play_commit();
}

static bool anything_waits(void)
{
	return lq_passages_wait(play_books());
}

static void a_backlog_waits_until_somebody_looks(void **state)
{
	(void)state;
	come_all_together("2026-12-01 08:00");
	assert_true(anything_waits());
	assert_int_equal(number(LAST), 2 * BACKLOG);
	assert_int_equal(number("SELECT settled FROM controller"), 0);
	assert_int_equal(number("SELECT count(*) FROM visit_correction"), 0);
	assert_true(anything_waits());
	assert_int_equal(number(VISITS), BACKLOG);
	assert_false(anything_waits());
	assert_int_equal(number("SELECT settled FROM controller"), 2 * BACKLOG);
}

static void few_at_a_time_never_wait(void **state)
{
	(void)state;
	play_enters("front-board", "p1", "2026-12-01 08:00");
	assert_false(anything_waits());
	assert_int_equal(number("SELECT settled FROM controller"), 2);
}

static void nothing_waits_for_long(void **state)
{
	(void)state;
	come_all_together("2026-12-01 08:00");
	assert_int_equal(lq_passages_keep(play_books(), 1000), LQ_OK);
	assert_int_equal(lq_passages_keep(play_books(), 1200), LQ_OK);
	assert_true(anything_waits());
	assert_int_equal(lq_passages_keep(play_books(), 1250), LQ_OK);
	assert_false(anything_waits());
	assert_int_equal(number(VISITS), BACKLOG);
	come_all_together("2026-12-01 09:00");
	assert_int_equal(lq_passages_keep(play_books(), 1300), LQ_OK);
	assert_int_equal(lq_passages_keep(play_books(), 10), LQ_OK); /* the clock was put back */
	assert_false(anything_waits());
}

static void what_waited_is_found_again(void **state)
{
	(void)state;
	come_all_together("2026-12-01 08:00");
	play_dies();
	assert_int_equal(number(VISITS), BACKLOG);
	come_all_together("2026-12-01 09:00");
	play_together();
	play_enters("front-board", "p1", "2026-12-01 10:00");
	play_rollback();
	assert_int_equal(number("SELECT count(*) FROM passage"), 4 * BACKLOG);
	assert_int_equal(number("SELECT sum(passages) FROM visit"), 2 * BACKLOG);
}

static void an_orderly_end_leaves_nothing_waiting(void **state)
{
	(void)state;
	come_all_together("2026-12-01 08:00");
	lq_passages_end(play_books());
	assert_int_equal(number("SELECT settled FROM controller"), 2 * BACKLOG);
	assert_int_equal(number(VISITS), BACKLOG);
}

/* Its number is below what was settled: nobody would find it again. */
static void what_comes_late_does_not_wait(void **state)
{
	(void)state;
	(void)play_row("front-board", 40, "door.opened", play_at("2026-12-01 08:00"), "");
	play_together();
	for (uint64_t seq = 20; seq < 40; seq++) {
		(void)play_row("front-board", seq, "access.taken", play_at("2026-12-01 08:00"),
			"\"door\":\"front\",\"accessPoint\":\"front/entry\","
			"\"transaction\":\"1-1\",\"holder\":\"p1\"");
	}
	play_commit();
	play_dies();
	assert_int_equal(number("SELECT count(*) FROM passage"), 20);
}

/* Near the cut of the day, the grant and the door's opening may be of two days. */
static void a_tap_at_the_cut_is_a_visit_of_its_own_day(void **state)
{
	(void)state;
	play_together();
	play_enters("front-board", "p1", "2026-12-01 03:50");
	play_enters("front-board", "p1", "2026-12-01 04:10");
	play_commit();
	assert_int_equal(number(VISITS), 2);
	assert_int_equal(number("SELECT count(DISTINCT day_begins) FROM visit"), 2);
	assert_int_equal(number("SELECT count(*) FROM figure_due"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_reader_in_the_same_transaction_sees_the_visits, play_begin, play_end),
		cmocka_unit_test_setup_teardown(
			a_transaction_that_is_taken_back_leaves_nothing, play_begin, play_end),
		cmocka_unit_test_setup_teardown(
			a_gap_is_told_inside_one_transaction, play_begin, play_end),
		cmocka_unit_test_setup_teardown(
			more_than_the_lists_hold_is_kept_all_the_same, play_begin, play_end),
		cmocka_unit_test_setup_teardown(
			a_backlog_waits_until_somebody_looks, play_begin, play_end),
		cmocka_unit_test_setup_teardown(few_at_a_time_never_wait, play_begin, play_end),
		cmocka_unit_test_setup_teardown(nothing_waits_for_long, play_begin, play_end),
		cmocka_unit_test_setup_teardown(what_waited_is_found_again, play_begin, play_end),
		cmocka_unit_test_setup_teardown(
			an_orderly_end_leaves_nothing_waiting, play_begin, play_end),
		cmocka_unit_test_setup_teardown(
			what_comes_late_does_not_wait, play_begin, play_end),
		cmocka_unit_test_setup_teardown(
			a_tap_at_the_cut_is_a_visit_of_its_own_day, play_begin, play_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

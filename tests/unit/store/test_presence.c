/* Who is in, as door.db keeps it: with the rows, over a restart, and out of a damaged file. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/store/bench.h"

#include <string.h>

static struct lq_presence presence;

static void keep(struct bench *bench, enum lq_keep what, uint32_t holder, int64_t later_ms)
{
	struct lq_event event = lq_event_make(LQ_EVENT_ACCESS_TAKEN, bench_morning);
	event.door = 0;
	event.access_point = 0;
	event.transaction = (struct lq_transaction){.run = 1, .number = 1};
	event.holder = holder;
	event.credential = holder;
	event.keep = what;
	event.at.unix_ms += later_ms;
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
}

static void load(struct bench *bench)
{
	assert_int_equal(lq_presence_load(bench->store, &bench->site, &presence), LQ_OK);
}

static void it_is_kept_with_the_rows(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	keep(bench, LQ_KEEP_ENTERED, 3, 0);
	keep(bench, LQ_KEEP_ENTERED, 2, 1000);
	keep(bench, LQ_KEEP_ENTERED, 7, 2000);
	keep(bench, LQ_KEEP_LEFT, 7, 3000);
	keep(bench, LQ_KEEP_FORGIVEN, 2, 4000);
	keep(bench, LQ_KEEP_NOTHING, 9, 5000);
	bench_reopen(bench, &report);
	load(bench);
	assert_int_equal(presence.count, 2);
	const struct lq_present *present = lq_presence_find(&presence, 0, 2);
	assert_non_null(present);
	assert_int_equal(present->since_ms, bench_morning.unix_ms + 1000);
	assert_true(present->forgiven);
	assert_false(lq_presence_find(&presence, 0, 3)->forgiven);
	keep(bench, LQ_KEEP_ENTERED, 2, 6000);
	load(bench);
	assert_false(lq_presence_find(&presence, 0, 2)->forgiven);
}

static void a_row_that_is_not_written_changes_nothing(void **state)
{
	struct bench *bench = *state;
	struct lq_event events[2];
	keep(bench, LQ_KEEP_ENTERED, 3, 0);
	events[0] = lq_event_make(LQ_EVENT_PRESENCE_FORGIVEN, bench_morning);
	events[0].holder = 3;
	events[0].keep = LQ_KEEP_LEFT;
	events[0].door = 0;
	events[1] = events[0];
	bench_tamper(bench, "CREATE TRIGGER no BEFORE DELETE ON presence BEGIN "
			    "SELECT RAISE(ABORT, 'no'); END");
	struct lq_head before;
	struct lq_head after;
	assert_int_equal(lq_store_head(bench->store, &before), LQ_OK);
	assert_int_not_equal(lq_store_append(bench->store, events, 2, NULL), LQ_OK);
	assert_int_equal(lq_store_head(bench->store, &after), LQ_OK);
	assert_int_equal(before.seq, after.seq);
	load(bench);
	assert_int_equal(presence.count, 1);
}

static void it_is_carried_out_of_a_damaged_file(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	keep(bench, LQ_KEEP_ENTERED, 3, 0);
	keep(bench, LQ_KEEP_FORGIVEN, 3, 0);
	bench_tamper(bench, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 2");
	bench_reopen(bench, &report);
	assert_int_not_equal(report.set_aside[0], '\0');
	load(bench);
	assert_int_equal(presence.count, 1);
	assert_true(lq_presence_find(&presence, 0, 3)->forgiven);
}

static int64_t frozen_at(struct bench *bench)
{
	int64_t at_ms = -1;
	assert_int_equal(
		lq_presence_load_frozen(bench->store, &bench->site, &presence, &at_ms), LQ_OK);
	return at_ms;
}

static void a_fire_keeps_a_list_of_its_own(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	keep(bench, LQ_KEEP_ENTERED, 3, 0);
	assert_int_equal(frozen_at(bench), 0);
	keep(bench, LQ_KEEP_FROZEN, 0, 1000);
	keep(bench, LQ_KEEP_LEFT, 3, 2000);
	keep(bench, LQ_KEEP_ENTERED, 4, 3000);
	bench_tamper(bench, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 2");
	bench_reopen(bench, &report);
	assert_int_not_equal(report.set_aside[0], '\0');
	assert_int_equal(frozen_at(bench), bench_morning.unix_ms + 1000);
	assert_int_equal(presence.count, 1);
	assert_non_null(lq_presence_find(&presence, 0, 3));
	keep(bench, LQ_KEEP_THAWED, 0, 4000);
	assert_int_equal(frozen_at(bench), 0);
	assert_int_equal(presence.count, 0);
	load(bench);
	assert_int_equal(presence.count, 1);
}

static void who_is_taken_for_gone_is_removed(void **state)
{
	struct bench *bench = *state;
	struct lq_event event = lq_event_make(LQ_EVENT_PRESENCE_FROZEN, bench_morning);
	keep(bench, LQ_KEEP_ENTERED, 3, 0);
	keep(bench, LQ_KEEP_ENTERED, 4, 1);
	event.door = 0;
	event.keep = LQ_KEEP_FROZEN;
	event.keep_ms = bench_morning.unix_ms;
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
	assert_int_equal(frozen_at(bench), bench_morning.unix_ms);
	assert_int_equal(presence.count, 1);
	assert_non_null(lq_presence_find(&presence, 0, 4));
}

static void hold(struct bench *bench, enum lq_keep what, int64_t until_ms)
{
	struct lq_event event = lq_event_make(LQ_EVENT_DOOR_PROPPED, bench_morning);
	event.door = 0;
	event.keep = what;
	event.keep_ms = until_ms;
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
}

static void hold_released(struct bench *bench)
{
	struct lq_event event = lq_event_make(LQ_EVENT_DOOR_RELEASED, bench_morning);
	event.door = 0;
	event.cause = "access";
	event.keep_released = true;
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
}

static void assert_released(struct bench *bench, bool released)
{
	struct lq_door_hold holds[LQ_DOORS_MAX];
	assert_int_equal(lq_door_holds_load(bench->store, &bench->site, holds), LQ_OK);
	assert_int_equal(holds[0].released, released);
}

static void assert_hold(struct bench *bench, bool fire, int64_t until_ms)
{
	struct lq_door_hold holds[LQ_DOORS_MAX];
	assert_int_equal(lq_door_holds_load(bench->store, &bench->site, holds), LQ_OK);
	assert_int_equal(holds[0].fire, fire);
	assert_int_equal(holds[0].propped_until_ms, until_ms);
	assert_false(holds[1].fire);
}

/* Each kept apart from the other, and carried out of a damaged file. */
static void what_holds_at_a_door_is_kept(void **state)
{
	struct bench *bench = *state;
	struct lq_store_report report;
	assert_hold(bench, false, 0);
	hold(bench, LQ_KEEP_FIRE, 0);
	hold(bench, LQ_KEEP_PROPPED, 77);
	bench_reopen(bench, &report);
	assert_hold(bench, true, 77);
	assert_released(bench, false);
	hold_released(bench);
	bench_tamper(bench, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 2; "
			    "INSERT INTO door_hold (door, fire) VALUES ('elsewhere', 1)");
	bench_reopen(bench, &report);
	assert_int_not_equal(report.set_aside[0], '\0');
	assert_hold(bench, true, 77);
	assert_released(bench, true);
	hold(bench, LQ_KEEP_FIRE_OVER, 0);
	assert_hold(bench, false, 77);
	assert_released(bench, false);
	hold(bench, LQ_KEEP_PROPPED, 0);
	assert_hold(bench, false, 0);
}

static void rows_that_cannot_be_right_are_left_out(void **state)
{
	struct bench *bench = *state;
	bench_tamper(bench, "INSERT INTO presence (zone, member, since) VALUES ('nowhere', 1, 1), "
			    "('', -1, 1), ('', 0, 1), ('', 4294967296, 1), ('', 5, -9)");
	load(bench);
	assert_int_equal(presence.count, 1);
	assert_non_null(lq_presence_find(&presence, 0, 5));
}

static void a_table_that_is_gone_calls_for_another_file(void **state)
{
	static const char *const tables[] = {"DROP TABLE presence_frozen",
		"DROP TABLE presence_freeze", "DROP TABLE door_hold", "DROP TABLE door_mode",
		"DROP TABLE presence"};
	struct bench *bench = *state;
	struct lq_store_report report;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		bench_tamper(bench, tables[i]);
		bench_reopen(bench, &report);
		assert_int_not_equal(report.set_aside[0], '\0');
	}
	load(bench);
	assert_int_equal(presence.count, 0);
	keep(bench, LQ_KEEP_ENTERED, 3, 0);
}

int main(void)
{
#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_set_up, bench_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_BENCH(it_is_kept_with_the_rows),
		WITH_BENCH(a_row_that_is_not_written_changes_nothing),
		WITH_BENCH(it_is_carried_out_of_a_damaged_file),
		WITH_BENCH(a_fire_keeps_a_list_of_its_own),
		WITH_BENCH(who_is_taken_for_gone_is_removed),
		WITH_BENCH(what_holds_at_a_door_is_kept),
		WITH_BENCH(rows_that_cannot_be_right_are_left_out),
		WITH_BENCH(a_table_that_is_gone_calls_for_another_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

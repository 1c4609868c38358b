/* What tells of persons is gone from the journal of a running door after retention_days. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS      INT64_C(86400000)
#define HOUR_MS     3600000u
#define MINUTE_MS   60000u
#define PATIENCE_MS 30000

static int set_up(void **state)
{
	*state = rig_open("");
	return 0;
}

static int tear_down(void **state)
{
	rig_close(*state);
	return 0;
}

static void pass_days(struct rig *rig, int64_t days, enum lq_trust trust)
{
	struct lq_wall wall = rig->daemon.clock.wall(rig->daemon.clock.ctx);
	wall.unix_ms += days * DAY_MS;
	wall.trust = trust;
	lq_sim_clock_set_wall(rig->clock, wall);
}

/* The time of the clocks passes on; what the writer's thread was asked for is waited for. */
static void let_pass(struct rig *rig, uint32_t ms)
{
	rig_advance(rig, ms);
	for (int i = 0; lq_writer_status(rig->daemon.writer).purging; i++) {
		assert_in_range(i, 0, PATIENCE_MS);
		(void)usleep(1000);
		rig_turn(rig);
	}
	rig_settle(rig);
}

static unsigned granted(struct rig *rig)
{
	return rig_count(rig, "access.granted");
}

static void tap(struct rig *rig)
{
	rig_tap(rig, 0, rig_uid);
	rig_settle(rig);
	rig_advance(rig, MINUTE_MS);
}

static void assert_holds(struct rig *rig)
{
	struct lq_store *store = NULL;
	struct lq_verdict verdict;
	rig_settle(rig);
	assert_int_equal(lq_store_open_readonly(rig->config.state_dir, &store), LQ_OK);
	assert_int_equal(
		lq_store_verify(store, &rig->daemon.site, rig->daemon.keys.sign_public, &verdict),
		LQ_OK);
	assert_true(verdict.checkpoints > 0);
	lq_store_close(store);
}

static void after_ninety_days_and_not_before(void **state)
{
	struct rig *rig = *state;
	tap(rig);
	unsigned released = rig_count(rig, "door.released");
	pass_days(rig, 89, LQ_TRUST_RTC);
	tap(rig);
	let_pass(rig, HOUR_MS);
	let_pass(rig, HOUR_MS);
	assert_int_equal(granted(rig), 2);
	pass_days(rig, 1, LQ_TRUST_RTC);
	let_pass(rig, HOUR_MS);
	let_pass(rig, HOUR_MS);
	assert_int_equal(granted(rig), 1);
	assert_int_equal(rig_count(rig, "door.released"), released + 1);
	assert_holds(rig);
	pass_days(rig, 300, LQ_TRUST_SYNCHRONISED);
	let_pass(rig, HOUR_MS);
	let_pass(rig, HOUR_MS);
	assert_int_equal(granted(rig), 0);
	assert_holds(rig);
	tap(rig); /* and the door goes on */
	assert_int_equal(granted(rig), 1);
	rig_assert_times_in_order(rig);
}

static void a_start_empties_what_became_too_old_meanwhile(void **state)
{
	struct rig *rig = *state;
	tap(rig);
	rig_stop(rig);
	pass_days(rig, 91, LQ_TRUST_RTC);
	rig_start(rig);
	rig_settle(rig);
	assert_int_equal(granted(rig), 1); /* whoever taps at the start comes first */
	let_pass(rig, MINUTE_MS);
	assert_int_equal(granted(rig), 0);
	assert_holds(rig);
}

static void a_clock_that_is_not_set_empties_nothing(void **state)
{
	struct rig *rig = *state;
	tap(rig);
	pass_days(rig, 365, LQ_TRUST_UNSET);
	for (int i = 0; i < 5; i++) {
		let_pass(rig, HOUR_MS);
	}
	assert_int_equal(granted(rig), 1);
	pass_days(rig, 0, LQ_TRUST_RTC);
	let_pass(rig, MINUTE_MS);
	assert_int_equal(granted(rig), 0);
}

static void a_shorter_time_holds_once_the_configuration_is_read_again(void **state)
{
	struct rig *rig = *state;
	tap(rig);
	pass_days(rig, 8, LQ_TRUST_RTC);
	let_pass(rig, HOUR_MS);
	let_pass(rig, HOUR_MS);
	assert_int_equal(granted(rig), 1);
	rig_write_config(rig, "retention_days = 7\n");
	assert_int_equal(raise(SIGHUP), 0);
	rig_settle(rig);
	let_pass(rig, 1);
	assert_int_equal(granted(rig), 0);
}

/* A reader that holds the log keeps what is in it for a while, and no tap waits for it. */
static void what_could_not_be_done_is_tried_again_soon(void **state)
{
	struct rig *rig = *state;
	tap(rig);
	pass_days(rig, 91, LQ_TRUST_RTC);
	tap(rig);
	rig_hold_disk(rig);
	rig_advance(rig, HOUR_MS);
	(void)usleep(1000);
	rig_let_disk(rig);
	let_pass(rig, MINUTE_MS);
	let_pass(rig, MINUTE_MS);
	let_pass(rig, MINUTE_MS);
	assert_int_equal(granted(rig), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(after_ninety_days_and_not_before),
		TEST(a_start_empties_what_became_too_old_meanwhile),
		TEST(a_clock_that_is_not_set_empties_nothing),
		TEST(a_shorter_time_holds_once_the_configuration_is_read_again),
		TEST(what_could_not_be_done_is_tried_again_soon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

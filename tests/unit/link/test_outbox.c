/* The outbox against two oracles that share nothing with it: every short sequence of steps against
 * a plain list, and random days of a whole world: a journal, a broker, a network, power cuts. */
#include "firmware/core/err.h"
#include "firmware/link/outbox.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <stdbool.h>
#include <string.h>

/* ---- every short sequence ---- */

#define ROWS  5u
#define DEPTH 7u

enum step { TAKE, PASS, ACK_OLDEST, ACK_NEWEST, CUT, REPLAY, END_REACHED, STEPS };

struct flight {
	uint64_t seq;
	uint16_t mid;
};

/* What must hold, told with plain lists. */
struct oracle {
	uint64_t next;
	bool settled[ROWS + 1];
	bool replaying;
	uint16_t window;
	uint16_t last_mid;
	unsigned flying;
	struct flight flights[DEPTH];
};

static void oracle_land(struct oracle *oracle, struct lq_outbox *outbox, unsigned index)
{
	struct flight flight = oracle->flights[index];
	assert_int_equal(lq_outbox_row_of(outbox, flight.mid), flight.seq);
	lq_outbox_settle(outbox, flight.mid);
	assert_int_equal(lq_outbox_row_of(outbox, flight.mid), 0);
	oracle->settled[flight.seq] = true;
	oracle->flying--;
	for (unsigned i = index; i < oracle->flying; i++) {
		oracle->flights[i] = oracle->flights[i + 1];
	}
}

static void oracle_cut(struct oracle *oracle, struct lq_outbox *outbox)
{
	lq_outbox_rewind(outbox);
	for (unsigned i = 0; i < oracle->flying; i++) {
		if (oracle->flights[i].seq < oracle->next) {
			oracle->next = oracle->flights[i].seq;
		}
	}
	oracle->flying = 0;
}

static void oracle_replay(struct oracle *oracle, struct lq_outbox *outbox)
{
	int r = lq_outbox_replay(outbox, 2);
	if (oracle->next <= 2) {
		assert_int_equal(r, LQ_OK);
		return;
	}
	assert_int_equal(r, oracle->replaying ? LQ_ERR_BUSY : LQ_OK);
	oracle->next = oracle->replaying ? oracle->next : 2;
	oracle->replaying = true;
}

static void oracle_take(struct oracle *oracle, struct lq_outbox *outbox, bool pass)
{
	if (oracle->next > ROWS || lq_outbox_room(outbox) == 0) {
		return;
	}
	uint64_t seq = oracle->next++;
	if (pass) {
		lq_outbox_passed(outbox, seq);
		oracle->settled[seq] = true;
		return;
	}
	oracle->last_mid++;
	lq_outbox_sent(outbox, seq, oracle->last_mid);
	oracle->flights[oracle->flying++] = (struct flight){.seq = seq, .mid = oracle->last_mid};
}

static void oracle_step(struct oracle *oracle, struct lq_outbox *outbox, enum step step)
{
	switch (step) {
	case TAKE:
	case PASS:
		oracle_take(oracle, outbox, step == PASS);
		return;
	case ACK_OLDEST:
	case ACK_NEWEST:
		if (oracle->flying > 0) {
			oracle_land(oracle, outbox, step == ACK_OLDEST ? 0 : oracle->flying - 1);
		}
		return;
	case CUT:
		oracle_cut(oracle, outbox);
		return;
	case REPLAY:
		oracle_replay(oracle, outbox);
		return;
	case END_REACHED:
		if (oracle->next > ROWS) {
			lq_outbox_caught_up(outbox);
			oracle->replaying = false;
		}
		return;
	case STEPS:
		break;
	}
	fail();
}

static void oracle_check(
	const struct oracle *oracle, const struct lq_outbox *outbox, uint64_t cursor_before)
{
	uint64_t settled = 0;
	while (settled < ROWS && oracle->settled[settled + 1]) {
		settled++;
	}
	assert_true(outbox->cursor >= cursor_before);
	assert_true(outbox->cursor <= settled);
	assert_int_equal(outbox->next, oracle->next);
	assert_int_equal(outbox->waiting, oracle->flying);
	assert_true(oracle->flying <= oracle->window);
	assert_int_equal(lq_outbox_room(outbox), oracle->window - oracle->flying);
	if (oracle->flying == 0 && !oracle->replaying) {
		assert_int_equal(outbox->cursor, oracle->next - 1);
	}
}

/* With nothing more going wrong, everything arrives. */
static void oracle_finish(struct oracle *oracle, struct lq_outbox *outbox)
{
	oracle_cut(oracle, outbox);
	while (oracle->next <= ROWS || oracle->flying > 0) {
		oracle_take(oracle, outbox, false);
		if (oracle->flying > 0) {
			oracle_land(oracle, outbox, 0);
		}
	}
	assert_int_equal(outbox->cursor, ROWS);
}

static void every_short_sequence_agrees_with_plain_lists(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	unsigned sequences = 1;
	for (unsigned i = 0; i < DEPTH; i++) {
		sequences *= STEPS;
	}
	for (unsigned number = 0; number < sequences; number++) {
		uint16_t window = (uint16_t)(1 + number % 3);
		struct oracle oracle = {.next = 1, .window = window};
		lq_outbox_start(&outbox, window, 0);
		for (unsigned i = 0, rest = number; i < DEPTH; i++, rest /= STEPS) {
			uint64_t cursor = outbox.cursor;
			oracle_step(&oracle, &outbox, (enum step)(rest % STEPS));
			oracle_check(&oracle, &outbox, cursor);
		}
		oracle_finish(&oracle, &outbox);
	}
}

/* ---- random days ---- */

#define WORLD_ROWS 120u
#define WIRE       64u

enum kind { GOOD, PURGED, MISSING, OVERSIZE, POISON };

struct world {
	struct lq_random random;
	struct lq_outbox outbox;
	enum kind kinds[WORLD_ROWS + 1];
	bool delivered[WORLD_ROWS + 1]; /* the broker has it */
	bool skipped[WORLD_ROWS + 1];   /* condemned */
	uint64_t newest;                /* delivered so far */
	uint64_t saved;                 /* the cursor on disk */
	uint16_t window;
	uint16_t last_mid;
	unsigned accidents;
	bool broker_takes_nothing;
	uint64_t wire[WIRE]; /* sent, not at the broker yet */
	uint16_t wire_mids[WIRE];
	unsigned wire_count;
	uint16_t acks[WIRE]; /* sent by the broker, not here yet */
	unsigned ack_count;
};

static void hang_up(struct world *world, bool by_broker)
{
	world->wire_count = 0;
	world->ack_count = 0;
	if (by_broker) {
		lq_outbox_strike(&world->outbox);
	}
	lq_outbox_rewind(&world->outbox);
}

static uint64_t next_row(const struct world *world)
{
	uint64_t seq = world->outbox.next;
	while (seq <= WORLD_ROWS && world->kinds[seq] == MISSING) {
		seq++;
	}
	return seq;
}

static void pump(struct world *world)
{
	while (lq_outbox_room(&world->outbox) > 0 && world->wire_count < WIRE) {
		uint64_t seq = next_row(world);
		if (seq > WORLD_ROWS) {
			lq_outbox_caught_up(&world->outbox);
			return;
		}
		enum lq_outbox_verdict verdict = LQ_OUTBOX_SEND;
		if (world->kinds[seq] == GOOD || world->kinds[seq] == POISON) {
			verdict = lq_outbox_judge(&world->outbox, seq);
		}
		if (verdict != LQ_OUTBOX_SEND) {
			assert_int_equal(world->kinds[seq], POISON);
			assert_true(verdict == LQ_OUTBOX_SKIP_AND_TELL || world->skipped[seq]);
			world->skipped[seq] = true;
			lq_outbox_passed(&world->outbox, seq);
		} else if (world->kinds[seq] == PURGED || world->kinds[seq] == OVERSIZE) {
			lq_outbox_passed(&world->outbox, seq);
		} else {
			world->last_mid = (uint16_t)(world->last_mid % 65535u + 1);
			lq_outbox_sent(&world->outbox, seq, world->last_mid);
			world->wire[world->wire_count] = seq;
			world->wire_mids[world->wire_count++] = world->last_mid;
		}
		assert_true(world->outbox.waiting <= world->window);
	}
}

static void broker_works(struct world *world)
{
	if (world->wire_count == 0) {
		return;
	}
	uint64_t seq = world->wire[0];
	if (world->broker_takes_nothing || world->kinds[seq] == POISON) {
		/* A closing connection may take acknowledgements with it that were sent. */
		while (world->ack_count > 0 && lq_random_below(&world->random, 2) == 0) {
			lq_outbox_settle(&world->outbox, world->acks[0]);
			world->ack_count--;
			memmove(world->acks, world->acks + 1, world->ack_count * sizeof(uint16_t));
		}
		hang_up(world, true);
		return;
	}
	/* First occurrences come in order, and none is left out. */
	if (seq > world->newest) {
		for (uint64_t i = world->newest + 1; i < seq; i++) {
			assert_true(world->kinds[i] != GOOD);
		}
		world->newest = seq;
	}
	world->delivered[seq] = true;
	world->acks[world->ack_count++] = world->wire_mids[0];
	world->wire_count--;
	memmove(world->wire, world->wire + 1, world->wire_count * sizeof(uint64_t));
	memmove(world->wire_mids, world->wire_mids + 1, world->wire_count * sizeof(uint16_t));
}

static void acknowledge(struct world *world)
{
	if (world->ack_count > 0) {
		lq_outbox_settle(&world->outbox, world->acks[0]);
		world->ack_count--;
		memmove(world->acks, world->acks + 1, world->ack_count * sizeof(uint16_t));
	}
}

static void crash(struct world *world)
{
	world->wire_count = 0;
	world->ack_count = 0;
	lq_outbox_start(&world->outbox, world->window, world->saved);
}

static void check_world(const struct world *world)
{
	for (uint64_t seq = 1; seq <= world->outbox.cursor; seq++) {
		assert_true(world->kinds[seq] != GOOD || world->delivered[seq]);
		assert_true(world->kinds[seq] != POISON || world->skipped[seq]);
	}
	assert_true(world->saved <= world->outbox.cursor);
}

/* The broker hangs up on no row in particular. So many accidents on one and the same row would
 * condemn it. */
static void an_accident(struct world *world)
{
	if (world->accidents + 1 < LQ_OUTBOX_STRIKES) {
		world->accidents++;
		hang_up(world, true);
	}
}

static void something_happens(struct world *world)
{
	uint32_t dice = lq_random_below(&world->random, 100);
	if (dice < 40) {
		broker_works(world);
	} else if (dice < 80) {
		acknowledge(world);
	} else if (dice < 82) {
		hang_up(world, false);
	} else if (dice < 83) {
		an_accident(world);
	} else if (dice < 84) {
		crash(world);
	} else if (dice < 90) {
		world->saved = world->outbox.cursor;
	} else if (dice < 92) {
		(void)lq_outbox_replay(
			&world->outbox, 1 + lq_random_below(&world->random, WORLD_ROWS));
	} else if (dice < 93) {
		hang_up(world, false);
		world->broker_takes_nothing = !world->broker_takes_nothing;
	} else {
		pump(world);
	}
}

static void make_world(struct world *world, struct lq_random random)
{
	*world = (struct world){.random = random};
	world->window = (uint16_t)(1 + lq_random_below(&world->random, 20));
	uint32_t poisons = lq_random_below(&world->random, 3);
	for (unsigned i = 1; i <= WORLD_ROWS; i++) {
		uint32_t dice = lq_random_below(&world->random, 100);
		world->kinds[i] = dice < 10   ? PURGED
				  : dice < 15 ? MISSING
				  : dice < 18 ? OVERSIZE
					      : GOOD;
	}
	/* Behind a good row: a poison that nothing bears witness against is never condemned. */
	for (uint32_t i = 0; i < poisons; i++) {
		uint32_t at = 2 + lq_random_below(&world->random, WORLD_ROWS - 2);
		world->kinds[at - 1] = GOOD;
		world->kinds[at] = POISON;
	}
	lq_outbox_start(&world->outbox, world->window, 0);
}

static void a_calm_evening_delivers_everything(struct world *world)
{
	world->broker_takes_nothing = false;
	hang_up(world, false);
	for (int i = 0; i < 1000000; i++) {
		pump(world);
		broker_works(world);
		acknowledge(world);
		check_world(world);
		if (next_row(world) > WORLD_ROWS && world->outbox.waiting == 0) {
			break;
		}
	}
	for (uint64_t seq = 1; seq <= WORLD_ROWS; seq++) {
		assert_true(world->kinds[seq] != GOOD || world->delivered[seq]);
		assert_true(world->kinds[seq] != POISON || world->skipped[seq]);
	}
	assert_int_equal(world->outbox.waiting, 0);
}

static void random_days_lose_nothing_and_condemn_only_the_guilty(void **state)
{
	(void)state;
	static struct world world;
	struct lq_random random = lq_random_begin(__func__);
	for (int day = 0; day < 2000; day++) {
		(void)lq_random_next(&random);
		make_world(&world, random);
		for (int i = 0; i < 1500; i++) {
			something_happens(&world);
			check_world(&world);
		}
		a_calm_evening_delivers_everything(&world);
	}
}

/* ---- single traits ---- */

static void gaps_are_told_once(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	lq_outbox_start(&outbox, 10, 3);
	assert_int_equal(lq_outbox_gap_before(&outbox, 4).from, 0);
	struct lq_outbox_gap gap = lq_outbox_gap_before(&outbox, 7);
	assert_int_equal(gap.from, 4);
	assert_int_equal(gap.to, 6);
	assert_int_equal(lq_outbox_gap_before(&outbox, 7).from, 0);
	lq_outbox_sent(&outbox, 7, 1);
	lq_outbox_settle(&outbox, 1);
	assert_int_equal(outbox.cursor, 7);
	assert_int_equal(lq_outbox_replay(&outbox, 2), LQ_OK);
	assert_int_equal(lq_outbox_gap_before(&outbox, 7).from, 0);
	gap = lq_outbox_gap_before(&outbox, 9);
	assert_int_equal(gap.from, 7);
	assert_int_equal(gap.to, 8);
}

static void a_stretch_of_purged_rows_takes_one_place(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	lq_outbox_start(&outbox, 2, 0);
	lq_outbox_sent(&outbox, 1, 1);
	for (uint64_t seq = 2; seq < 100000; seq++) {
		assert_int_equal(lq_outbox_room(&outbox), 1);
		lq_outbox_passed(&outbox, seq);
	}
	assert_int_equal(outbox.cursor, 0);
	lq_outbox_settle(&outbox, 1);
	assert_int_equal(outbox.cursor, 99999);
	assert_int_equal(lq_outbox_room(&outbox), 2);
}

static void a_foreign_acknowledgement_changes_nothing(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	static struct lq_outbox before;
	lq_outbox_start(&outbox, 5, 0);
	lq_outbox_sent(&outbox, 1, 7);
	lq_outbox_passed(&outbox, 2);
	before = outbox;
	lq_outbox_settle(&outbox, 8);
	lq_outbox_settle(&outbox, 0);
	assert_memory_equal(&outbox, &before, sizeof(outbox));
}

/* Sends rows first … last, alone if need be, and settles all but the last. */
static void connection_ends_on(struct lq_outbox *outbox, uint64_t last)
{
	uint16_t mid = 0;
	while (outbox->next < last) {
		assert_true(lq_outbox_room(outbox) > 0);
		lq_outbox_sent(outbox, outbox->next, ++mid);
		lq_outbox_settle(outbox, mid);
	}
	lq_outbox_sent(outbox, last, ++mid);
	lq_outbox_strike(outbox);
	lq_outbox_rewind(outbox);
}

static void a_row_is_condemned_only_by_connections_that_took_others(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	lq_outbox_start(&outbox, 100, 29);
	for (unsigned i = 0; i < LQ_OUTBOX_CLOSINGS; i++) {
		connection_ends_on(&outbox, 30);
	}
	for (unsigned i = 0; i < LQ_OUTBOX_STRIKES; i++) {
		assert_in_range(outbox.next, 1, 30 - LQ_OUTBOX_WITNESSES);
		assert_int_equal(lq_outbox_room(&outbox), 1);
		assert_int_equal(lq_outbox_judge(&outbox, 30), LQ_OUTBOX_SEND);
		for (int again = 0; again < 100; again++) {
			connection_ends_on(&outbox, outbox.next);
			assert_in_range(outbox.next, 1, 30 - LQ_OUTBOX_WITNESSES);
		}
		connection_ends_on(&outbox, 30);
	}
	assert_int_equal(lq_outbox_judge(&outbox, 29), LQ_OUTBOX_SEND);
	assert_int_equal(lq_outbox_judge(&outbox, 30), LQ_OUTBOX_SKIP_AND_TELL);
	assert_int_equal(lq_outbox_judge(&outbox, 30), LQ_OUTBOX_SKIP);
	while (outbox.next < 30) {
		lq_outbox_passed(&outbox, outbox.next);
	}
	lq_outbox_passed(&outbox, 30);
	assert_int_equal(outbox.cursor, 30);
	assert_int_equal(lq_outbox_room(&outbox), 100);
	assert_int_equal(lq_outbox_judge(&outbox, 30), LQ_OUTBOX_SEND);
}

/* Two rows were on their way, so that the rows stay alone when the first gets through. */
static void a_row_that_gets_through_is_acquitted(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	lq_outbox_start(&outbox, 100, 29);
	for (unsigned i = 0; i < LQ_OUTBOX_CLOSINGS; i++) {
		lq_outbox_sent(&outbox, 30, 1);
		lq_outbox_sent(&outbox, 31, 2);
		lq_outbox_strike(&outbox);
		lq_outbox_rewind(&outbox);
	}
	for (int round = 0; round < 10; round++) {
		for (unsigned i = 0; i + 1 < LQ_OUTBOX_STRIKES; i++) {
			connection_ends_on(&outbox, 30);
		}
		while (outbox.next <= 30) {
			lq_outbox_sent(&outbox, outbox.next, 1);
			lq_outbox_settle(&outbox, 1);
		}
		lq_outbox_rewind(&outbox);
		assert_int_equal(lq_outbox_room(&outbox), 1);
		assert_int_equal(lq_outbox_judge(&outbox, 30), LQ_OUTBOX_SEND);
	}
}

static void closings_with_success_between_do_not_add_up(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	lq_outbox_start(&outbox, 100, 0);
	for (uint64_t row = 1; row < 100; row++) {
		connection_ends_on(&outbox, row);
		assert_int_equal(lq_outbox_room(&outbox), 100);
		lq_outbox_sent(&outbox, row, 1);
		lq_outbox_settle(&outbox, 1);
	}
}

/* Row `guilty` makes the broker hang up, every other one is taken. True when row `goal` is reached.
 */
static bool reaches(struct lq_outbox *outbox, const bool *guilty, uint64_t goal)
{
	for (int connection = 0; connection < 200; connection++) {
		uint16_t mid = 0;
		while (outbox->next <= goal) {
			uint64_t row = outbox->next;
			if (lq_outbox_judge(outbox, row) != LQ_OUTBOX_SEND) {
				assert_true(guilty[row]);
				lq_outbox_passed(outbox, row);
				continue;
			}
			lq_outbox_sent(outbox, row, ++mid);
			if (guilty[row]) {
				lq_outbox_strike(outbox);
				break;
			}
			lq_outbox_settle(outbox, mid);
		}
		if (outbox->next > goal) {
			return true;
		}
		lq_outbox_rewind(outbox);
	}
	return false;
}

static void guilty_rows_close_together_are_all_found(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	bool guilty[200] = {false};
	for (uint64_t row = 60; row < 70; row++) {
		guilty[row] = true;
	}
	lq_outbox_start(&outbox, 20, 0);
	assert_true(reaches(&outbox, guilty, 150));
	assert_int_equal(outbox.cursor, 150);
}

static void a_guilty_first_witness_is_stepped_over(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	bool guilty[200] = {false};
	/* As after a restart: row 34 was skipped, row 50's first witness is that row. */
	guilty[50 - LQ_OUTBOX_WITNESSES] = true;
	guilty[50] = true;
	lq_outbox_start(&outbox, 20, 49);
	assert_true(reaches(&outbox, guilty, 150));
}

static void a_replay_over_a_guilty_row_gets_past_it(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	bool guilty[200] = {false};
	guilty[20] = true;
	guilty[100] = true;
	lq_outbox_start(&outbox, 20, 99);
	/* Row 100 is suspected when the replay begins. */
	for (unsigned i = 0; i < LQ_OUTBOX_CLOSINGS; i++) {
		connection_ends_on(&outbox, 100);
	}
	assert_int_equal(lq_outbox_replay(&outbox, 20), LQ_OK);
	assert_true(reaches(&outbox, guilty, 150));
	assert_int_equal(outbox.cursor, 150);
}

static void a_replay_lowers_no_cursor_to_come(void **state)
{
	(void)state;
	static struct lq_outbox outbox;
	lq_outbox_start(&outbox, 5, 0);
	lq_outbox_sent(&outbox, 1, 1);
	lq_outbox_passed(&outbox, 2);
	lq_outbox_passed(&outbox, 3);
	assert_int_equal(lq_outbox_replay(&outbox, 2), LQ_OK);
	lq_outbox_passed(&outbox, 2);
	lq_outbox_settle(&outbox, 1);
	assert_int_equal(outbox.cursor, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_short_sequence_agrees_with_plain_lists),
		cmocka_unit_test(random_days_lose_nothing_and_condemn_only_the_guilty),
		cmocka_unit_test(gaps_are_told_once),
		cmocka_unit_test(a_stretch_of_purged_rows_takes_one_place),
		cmocka_unit_test(a_foreign_acknowledgement_changes_nothing),
		cmocka_unit_test(a_row_is_condemned_only_by_connections_that_took_others),
		cmocka_unit_test(a_row_that_gets_through_is_acquitted),
		cmocka_unit_test(closings_with_success_between_do_not_add_up),
		cmocka_unit_test(guilty_rows_close_together_are_all_found),
		cmocka_unit_test(a_guilty_first_witness_is_stepped_over),
		cmocka_unit_test(a_replay_over_a_guilty_row_gets_past_it),
		cmocka_unit_test(a_replay_lowers_no_cursor_to_come),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

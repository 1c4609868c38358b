#include "firmware/link/outbox.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <stddef.h>

static uint16_t slot(const struct lq_outbox *outbox, unsigned index)
{
	return (uint16_t)((outbox->first + index) % LQ_OUTBOX_WINDOW_MAX);
}

static void suspect_nothing(struct lq_outbox *outbox)
{
	outbox->alone_until = 0;
	outbox->suspect = 0;
	outbox->strikes = 0;
	outbox->closings = 0;
}

/* Everything settled at the ring's head leaves it. */
static void advance(struct lq_outbox *outbox)
{
	while (outbox->count > 0 && !outbox->ring[outbox->first].waiting) {
		uint64_t seq = outbox->ring[outbox->first].seq;
		outbox->cursor = seq > outbox->cursor ? seq : outbox->cursor;
		if (outbox->alone_until != 0 && seq >= outbox->alone_until) {
			suspect_nothing(outbox);
		}
		outbox->first = slot(outbox, 1);
		outbox->count--;
	}
}

static void take(struct lq_outbox *outbox, struct lq_outbox_row row)
{
	LQ_ASSERT(row.seq >= outbox->next);
	LQ_ASSERT(outbox->count < LQ_OUTBOX_WINDOW_MAX);
	outbox->ring[slot(outbox, outbox->count)] = row;
	outbox->count++;
	outbox->next = row.seq + 1;
}

void lq_outbox_start(struct lq_outbox *outbox, uint16_t window, uint64_t cursor)
{
	LQ_ASSERT(window > 0);
	LQ_ASSERT(window <= LQ_OUTBOX_WINDOW_MAX);
	*outbox = (struct lq_outbox){
		.next = cursor + 1, .cursor = cursor, .missed = cursor, .window = window};
}

uint16_t lq_outbox_room(const struct lq_outbox *outbox)
{
	unsigned limit = outbox->alone_until != 0 ? 1 : outbox->window;
	unsigned room = outbox->waiting < limit ? limit - outbox->waiting : 0;
	unsigned slots = LQ_OUTBOX_WINDOW_MAX - outbox->count;
	return (uint16_t)(room < slots ? room : slots);
}

struct lq_outbox_gap lq_outbox_gap_before(struct lq_outbox *outbox, uint64_t seq)
{
	uint64_t from = outbox->next > outbox->missed ? outbox->next : outbox->missed + 1;
	if (seq <= from) {
		return (struct lq_outbox_gap){0};
	}
	outbox->missed = seq - 1;
	return (struct lq_outbox_gap){.from = from, .to = seq - 1};
}

void lq_outbox_sent(struct lq_outbox *outbox, uint64_t seq, uint16_t mid)
{
	take(outbox, (struct lq_outbox_row){.seq = seq, .mid = mid, .waiting = true});
	outbox->waiting++;
}

/* Settled neighbours share a slot, or a stretch of purged rows would fill the ring. */
void lq_outbox_passed(struct lq_outbox *outbox, uint64_t seq)
{
	struct lq_outbox_row *last =
		outbox->count > 0 ? &outbox->ring[slot(outbox, outbox->count - 1u)] : NULL;
	if (last != NULL && !last->waiting) {
		LQ_ASSERT(seq >= outbox->next);
		last->seq = seq > last->seq ? seq : last->seq;
		outbox->next = seq + 1;
		return;
	}
	take(outbox, (struct lq_outbox_row){.seq = seq});
	advance(outbox);
}

static void condemn(struct lq_outbox *outbox, uint64_t seq)
{
	outbox->condemned[outbox->condemned_count % LQ_OUTBOX_WITNESSES] = seq;
	outbox->condemned_count++;
	outbox->condemned_told = false;
	outbox->suspect = 0;
	outbox->strikes = 0;
}

static bool is_last_condemned(const struct lq_outbox *outbox, uint64_t seq)
{
	uint16_t count = outbox->condemned_count;
	return count > 0 && outbox->condemned[(count - 1u) % LQ_OUTBOX_WITNESSES] == seq;
}

enum lq_outbox_verdict lq_outbox_judge(struct lq_outbox *outbox, uint64_t seq)
{
	if (outbox->alone_until == 0) {
		return LQ_OUTBOX_SEND;
	}
	if (!outbox->condemned_told && is_last_condemned(outbox, seq)) {
		outbox->condemned_told = true;
		return LQ_OUTBOX_SKIP_AND_TELL;
	}
	for (unsigned i = 0; i < LQ_OUTBOX_WITNESSES; i++) {
		if (outbox->condemned[i] == seq) {
			return LQ_OUTBOX_SKIP;
		}
	}
	return LQ_OUTBOX_SEND;
}

/* Brokers answer in order: the first look finds it, as a rule. */
static const struct lq_outbox_row *find(const struct lq_outbox *outbox, uint16_t mid)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct lq_outbox_row *row = &outbox->ring[slot(outbox, i)];
		if (row->waiting && row->mid == mid) {
			return row;
		}
	}
	return NULL;
}

uint64_t lq_outbox_row_of(const struct lq_outbox *outbox, uint16_t mid)
{
	const struct lq_outbox_row *row = find(outbox, mid);
	return row != NULL ? row->seq : 0;
}

void lq_outbox_settle(struct lq_outbox *outbox, uint16_t mid)
{
	const struct lq_outbox_row *row = find(outbox, mid);
	if (row == NULL) {
		return;
	}
	if (row->seq == outbox->suspect) {
		outbox->suspect = 0;
		outbox->strikes = 0;
	}
	outbox->ring[row - outbox->ring].waiting = false;
	outbox->waiting--;
	outbox->progress = true;
	if (outbox->waiting == 0 && outbox->alone_until == 0) {
		outbox->closings = 0;
	}
	advance(outbox);
}

/* The first row that waits, or 0. */
static uint64_t first_waiting(const struct lq_outbox *outbox)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct lq_outbox_row *row = &outbox->ring[slot(outbox, i)];
		if (row->waiting) {
			return row->seq;
		}
	}
	return 0;
}

static void begin_before(struct lq_outbox *outbox, uint64_t row)
{
	outbox->witness = row > LQ_OUTBOX_WITNESSES ? row - LQ_OUTBOX_WITNESSES : 1;
	outbox->step_back = 0;
}

static void count_strike(struct lq_outbox *outbox, uint64_t row)
{
	if (row != outbox->suspect) {
		outbox->suspect = row;
		outbox->strikes = 0;
		begin_before(outbox, row);
	}
	outbox->strikes++;
	if (outbox->strikes >= LQ_OUTBOX_STRIKES) {
		condemn(outbox, row);
	}
}

/* The broker did not even take the first row: it takes nothing, or the row is of the kind that is
 * looked for. Another one to begin with will tell. */
static void change_witness(struct lq_outbox *outbox, uint64_t row)
{
	if (row < outbox->witness) {
		outbox->witness = row;
		outbox->step_back = 0;
	}
	outbox->step_back = (uint16_t)((outbox->step_back + 1u) % LQ_OUTBOX_WITNESSES);
}

void lq_outbox_strike(struct lq_outbox *outbox)
{
	uint64_t row = first_waiting(outbox);
	if (row == 0) {
		return;
	}
	if (outbox->alone_until != 0) {
		if (outbox->progress) {
			count_strike(outbox, row);
		} else {
			change_witness(outbox, row);
		}
		return;
	}
	outbox->closings++;
	if (outbox->closings >= LQ_OUTBOX_CLOSINGS) {
		outbox->alone_until = outbox->next - 1;
		begin_before(outbox, row);
	}
}

static uint64_t first_witness(const struct lq_outbox *outbox)
{
	return outbox->witness > outbox->step_back ? outbox->witness - outbox->step_back : 1;
}

void lq_outbox_rewind(struct lq_outbox *outbox)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct lq_outbox_row *row = &outbox->ring[slot(outbox, i)];
		if (row->waiting && row->seq < outbox->next) {
			outbox->next = row->seq;
		}
	}
	if (outbox->alone_until != 0 && first_witness(outbox) < outbox->next) {
		outbox->next = first_witness(outbox);
	}
	outbox->count = 0;
	outbox->waiting = 0;
	outbox->progress = false;
}

void lq_outbox_caught_up(struct lq_outbox *outbox)
{
	outbox->replaying = false;
}

int lq_outbox_replay(struct lq_outbox *outbox, uint64_t from)
{
	LQ_ASSERT(from != 0);
	if (from >= outbox->next) {
		return LQ_OK;
	}
	if (outbox->replaying) {
		return LQ_ERR_BUSY;
	}
	outbox->replaying = true;
	outbox->next = from;
	return LQ_OK;
}

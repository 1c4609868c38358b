#include "firmware/link/outbox.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <stddef.h>

static uint16_t slot(const struct lq_outbox *outbox, unsigned index)
{
	return (uint16_t)((outbox->first + index) % LQ_OUTBOX_RING);
}

/* Everything settled at the ring's head leaves it. */
static void advance(struct lq_outbox *outbox)
{
	while (outbox->count > 0 && outbox->ring[outbox->first].state == LQ_OUTBOX_SETTLED) {
		uint64_t seq = outbox->ring[outbox->first].seq;
		outbox->cursor = seq > outbox->cursor ? seq : outbox->cursor;
		outbox->first = slot(outbox, 1);
		outbox->count--;
	}
}

static void take(struct lq_outbox *outbox, struct lq_outbox_row row)
{
	LQ_ASSERT(row.seq >= outbox->next);
	LQ_ASSERT(outbox->count < LQ_OUTBOX_RING);
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
	unsigned limit = outbox->strikes >= LQ_OUTBOX_ALONE ? 1 : outbox->window;
	unsigned room = outbox->waiting < limit ? limit - outbox->waiting : 0;
	unsigned slots = LQ_OUTBOX_RING - outbox->count;
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
	take(outbox, (struct lq_outbox_row){.seq = seq, .mid = mid, .state = LQ_OUTBOX_WAITING});
	outbox->waiting++;
}

/* Settled neighbours share a slot, or a stretch of purged rows would fill the ring. */
void lq_outbox_passed(struct lq_outbox *outbox, uint64_t seq)
{
	struct lq_outbox_row *last = &outbox->ring[slot(outbox, outbox->count - 1u)];
	if (outbox->count > 0 && last->state == LQ_OUTBOX_SETTLED) {
		LQ_ASSERT(seq >= outbox->next);
		last->seq = seq > last->seq ? seq : last->seq;
		outbox->next = seq + 1;
		return;
	}
	take(outbox, (struct lq_outbox_row){.seq = seq, .state = LQ_OUTBOX_SETTLED});
	advance(outbox);
}

bool lq_outbox_suspects(const struct lq_outbox *outbox, uint64_t seq)
{
	return outbox->suspect != 0 && outbox->suspect == seq;
}

void lq_outbox_held(struct lq_outbox *outbox, uint64_t seq)
{
	LQ_ASSERT(lq_outbox_suspects(outbox, seq));
	take(outbox, (struct lq_outbox_row){.seq = seq, .state = LQ_OUTBOX_HELD});
}

/* Brokers answer in order: the first look finds it, as a rule. LQ_OUTBOX_RING: not found. */
static uint16_t find(const struct lq_outbox *outbox, uint16_t mid)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct lq_outbox_row *row = &outbox->ring[slot(outbox, i)];
		if (row->state == LQ_OUTBOX_WAITING && row->mid == mid) {
			return slot(outbox, i);
		}
	}
	return LQ_OUTBOX_RING;
}

uint64_t lq_outbox_row_of(const struct lq_outbox *outbox, uint16_t mid)
{
	uint16_t at = find(outbox, mid);
	return at < LQ_OUTBOX_RING ? outbox->ring[at].seq : 0;
}

static uint64_t release_held(struct lq_outbox *outbox)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		struct lq_outbox_row *row = &outbox->ring[slot(outbox, i)];
		if (row->state == LQ_OUTBOX_HELD) {
			row->state = LQ_OUTBOX_SETTLED;
			return row->seq;
		}
	}
	return 0;
}

uint64_t lq_outbox_settle(struct lq_outbox *outbox, uint16_t mid)
{
	uint16_t at = find(outbox, mid);
	if (at == LQ_OUTBOX_RING) {
		return 0;
	}
	outbox->ring[at].state = LQ_OUTBOX_SETTLED;
	outbox->waiting--;
	uint64_t skipped = release_held(outbox);
	outbox->suspect = 0;
	outbox->strikes = 0;
	outbox->progress = true;
	advance(outbox);
	return skipped;
}

static uint64_t first_waiting(const struct lq_outbox *outbox)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct lq_outbox_row *row = &outbox->ring[slot(outbox, i)];
		if (row->state == LQ_OUTBOX_WAITING) {
			return row->seq;
		}
	}
	return 0;
}

void lq_outbox_strike(struct lq_outbox *outbox)
{
	if (outbox->waiting == 0 || outbox->progress) {
		return;
	}
	if (outbox->suspect != 0) {
		/* Another row fares the same: it is not the row. */
		outbox->suspect = 0;
		outbox->strikes = LQ_OUTBOX_ALONE;
		return;
	}
	outbox->strikes++;
	if (outbox->strikes >= LQ_OUTBOX_STRIKES) {
		outbox->suspect = first_waiting(outbox);
	}
}

void lq_outbox_rewind(struct lq_outbox *outbox)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct lq_outbox_row *row = &outbox->ring[slot(outbox, i)];
		if (row->state != LQ_OUTBOX_SETTLED && row->seq < outbox->next) {
			outbox->next = row->seq;
		}
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

#include "firmware/link/outbox.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <stddef.h>

static struct lq_outbox_row *row_at(struct lq_outbox *outbox, uint16_t index)
{
	return &outbox->ring[(outbox->first + index) % outbox->window];
}

/* Everything settled at the ring's head leaves it. */
static void advance(struct lq_outbox *outbox)
{
	while (outbox->count > 0 && row_at(outbox, 0)->mid == 0) {
		uint64_t seq = row_at(outbox, 0)->seq;
		outbox->cursor = seq > outbox->cursor ? seq : outbox->cursor;
		outbox->first = (uint16_t)((outbox->first + 1u) % outbox->window);
		outbox->count--;
	}
}

static void take(struct lq_outbox *outbox, uint64_t seq, uint16_t mid)
{
	LQ_ASSERT(seq >= outbox->next);
	LQ_ASSERT(outbox->count < outbox->window);
	*row_at(outbox, outbox->count) = (struct lq_outbox_row){.seq = seq, .mid = mid};
	outbox->count++;
	outbox->next = seq + 1;
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
	return (uint16_t)(outbox->window - outbox->count);
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
	LQ_ASSERT(mid != 0);
	take(outbox, seq, mid);
}

void lq_outbox_passed(struct lq_outbox *outbox, uint64_t seq)
{
	take(outbox, seq, 0);
	advance(outbox);
}

/* Brokers answer in order: the first look is the right one, as a rule. */
static struct lq_outbox_row *find(struct lq_outbox *outbox, uint16_t mid)
{
	for (uint16_t i = 0; i < outbox->count && mid != 0; i++) {
		struct lq_outbox_row *row = row_at(outbox, i);
		if (row->mid == mid) {
			return row;
		}
	}
	return NULL;
}

uint64_t lq_outbox_row_of(struct lq_outbox *outbox, uint16_t mid)
{
	const struct lq_outbox_row *row = find(outbox, mid);
	return row != NULL ? row->seq : 0;
}

void lq_outbox_settle(struct lq_outbox *outbox, uint16_t mid)
{
	struct lq_outbox_row *row = find(outbox, mid);
	if (row != NULL) {
		row->mid = 0;
		advance(outbox);
	}
}

void lq_outbox_rewind(struct lq_outbox *outbox)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct lq_outbox_row *row = row_at(outbox, i);
		if (row->mid != 0 && row->seq < outbox->next) {
			outbox->next = row->seq;
		}
	}
	outbox->count = 0;
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

/* Which journal rows are on their way to the broker, which are settled, and how far the cursor may
 * move. Pure: no clock, no I/O; one thread.
 *
 * Rows are taken in ascending order from `next` on. A taken row is either sent (and settled by the
 * broker's acknowledgement) or passed over (purged, or impossible to publish). The cursor is the
 * highest row such that it and every row before it were settled at least once. It never moves back:
 * a replay only moves `next` back, and its rows go through the same window as all others. */
#ifndef LQ_LINK_OUTBOX_H
#define LQ_LINK_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#define LQ_OUTBOX_WINDOW_MAX 1000u

struct lq_outbox_row {
	uint64_t seq;
	uint16_t mid; /* the message number of the connection; 0 once settled */
};

struct lq_outbox {
	uint64_t next;   /* the row to take next */
	uint64_t cursor; /* 0: none is settled */
	uint64_t missed; /* gaps up to here were told */
	bool replaying;  /* until the end of the journal is reached */
	uint16_t window;
	uint16_t first; /* of the ring */
	uint16_t count;
	struct lq_outbox_row ring[LQ_OUTBOX_WINDOW_MAX];
};

/* Rows that the journal does not hold: from..to, or from 0 when there is nothing to tell. */
struct lq_outbox_gap {
	uint64_t from;
	uint64_t to;
};

/* Starts behind `cursor` with at most `window` (1 … LQ_OUTBOX_WINDOW_MAX) rows unsettled. */
void lq_outbox_start(struct lq_outbox *outbox, uint16_t window, uint64_t cursor);

/* How many more rows may be taken. */
uint16_t lq_outbox_room(const struct lq_outbox *outbox);

/* What is missing before row `seq`, which the journal gave for `next` or later. Each gap is told
 * once, also when a replay comes by again. */
struct lq_outbox_gap lq_outbox_gap_before(struct lq_outbox *outbox, uint64_t seq);

/* Row `seq` (>= next, with room) is on its way as message `mid` (not 0). */
void lq_outbox_sent(struct lq_outbox *outbox, uint64_t seq, uint16_t mid);

/* Row `seq` (>= next, with room) is not published. */
void lq_outbox_passed(struct lq_outbox *outbox, uint64_t seq);

/* The row that message `mid` carries, or 0 when no such message is on its way. */
uint64_t lq_outbox_row_of(struct lq_outbox *outbox, uint16_t mid);

/* The broker has message `mid`. Nothing happens when no such message is on its way. */
void lq_outbox_settle(struct lq_outbox *outbox, uint16_t mid);

/* The connection is gone, or everything on its way shall be sent again: `next` goes back to the
 * first row that is not settled. */
void lq_outbox_rewind(struct lq_outbox *outbox);

/* The journal holds no row from `next` on. */
void lq_outbox_caught_up(struct lq_outbox *outbox);

/* Publishes again from row `from` (not 0) on. A row that is still to come is no replay: nothing
 * changes. LQ_ERR_BUSY while another replay has not reached the end of the journal, so that a flood
 * of replays cannot keep new rows from being published. */
int lq_outbox_replay(struct lq_outbox *outbox, uint64_t from);

#endif

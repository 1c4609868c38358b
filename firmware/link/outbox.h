/* Which journal rows are on their way to the broker, which are settled, and how far the cursor may
 * move. Pure: no clock, no I/O; one thread.
 *
 * Rows are taken in ascending order from `next` on. A taken row is sent (and settled by the
 * broker's acknowledgement) or passed over (purged, or impossible to publish). The cursor is the
 * highest row such that it and every row before it were settled at least once. It never moves back:
 * a replay only moves `next` back, and its rows go through the same window as all others.
 *
 * A row that the broker answers by closing the connection would come first on every new connection
 * and keep all rows behind it from being published. After LQ_OUTBOX_ALONE such ends in a row, rows
 * are sent one at a time; after LQ_OUTBOX_STRIKES the row that was alone on its way is held back
 * and the next one is tried. Only when that one gets through is the held row proven to be the
 * culprit, and skipped. When it does not, the fault is the broker's, and nothing is skipped. */
#ifndef LQ_LINK_OUTBOX_H
#define LQ_LINK_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#define LQ_OUTBOX_WINDOW_MAX 1000u
#define LQ_OUTBOX_RING       (LQ_OUTBOX_WINDOW_MAX + 2u) /* room for a held and a passed row */
#define LQ_OUTBOX_ALONE      2u
#define LQ_OUTBOX_STRIKES    5u

enum lq_outbox_state {
	LQ_OUTBOX_SETTLED,
	LQ_OUTBOX_WAITING, /* for the broker's acknowledgement */
	LQ_OUTBOX_HELD,    /* suspected */
};

struct lq_outbox_row {
	uint64_t seq;
	uint16_t mid; /* the message's number on its connection */
	enum lq_outbox_state state;
};

struct lq_outbox {
	uint64_t next;    /* the row to take next */
	uint64_t cursor;  /* 0: none is settled */
	uint64_t missed;  /* gaps up to here were told */
	uint64_t suspect; /* 0: none */
	uint16_t strikes;
	bool progress;  /* a row was settled by the broker on this connection */
	bool replaying; /* until the end of the journal is reached */
	uint16_t window;
	uint16_t waiting; /* rows of the ring in that state */
	uint16_t first;   /* of the ring */
	uint16_t count;
	struct lq_outbox_row ring[LQ_OUTBOX_RING];
};

/* Rows that the journal does not hold: from … to; `from` 0: nothing to tell. */
struct lq_outbox_gap {
	uint64_t from;
	uint64_t to;
};

/* Starts behind `cursor` with at most `window` (1 … LQ_OUTBOX_WINDOW_MAX) rows on their way. */
void lq_outbox_start(struct lq_outbox *outbox, uint16_t window, uint64_t cursor);

/* How many more rows may be taken. */
uint16_t lq_outbox_room(const struct lq_outbox *outbox);

/* What is missing before row `seq`, which the journal gave for `next` or later. Each gap is told
 * once, also when a replay comes by again. */
struct lq_outbox_gap lq_outbox_gap_before(struct lq_outbox *outbox, uint64_t seq);

/* Taking row `seq` (>= next, with room): it is on its way as message `mid` … */
void lq_outbox_sent(struct lq_outbox *outbox, uint64_t seq, uint16_t mid);

/* … or is not published … */
void lq_outbox_passed(struct lq_outbox *outbox, uint64_t seq);

/* … or is the suspect, and held back. */
bool lq_outbox_suspects(const struct lq_outbox *outbox, uint64_t seq);
void lq_outbox_held(struct lq_outbox *outbox, uint64_t seq);

/* The row that message `mid` carries, or 0 when no such message is on its way. */
uint64_t lq_outbox_row_of(const struct lq_outbox *outbox, uint16_t mid);

/* The broker has message `mid`; nothing happens when no such message is on its way. Returns the
 * held row that is skipped, because this one got through; otherwise 0. */
uint64_t lq_outbox_settle(struct lq_outbox *outbox, uint16_t mid);

/* The broker ended the connection, or refused a row without saying why. Before lq_outbox_rewind().
 */
void lq_outbox_strike(struct lq_outbox *outbox);

/* The connection is gone: `next` goes back to the first row that is not settled. */
void lq_outbox_rewind(struct lq_outbox *outbox);

/* The journal holds no row from `next` on. */
void lq_outbox_caught_up(struct lq_outbox *outbox);

/* Publishes again from row `from` (not 0) on. A row that is still to come is no replay: nothing
 * changes. LQ_ERR_BUSY while another replay has not reached the end of the journal, so that a flood
 * of replays cannot keep new rows from being published. */
int lq_outbox_replay(struct lq_outbox *outbox, uint64_t from);

#endif

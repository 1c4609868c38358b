/* Which journal rows are on their way to the broker, which are settled, and how far the cursor may
 * move. Pure: no clock, no I/O; one thread.
 *
 * Rows are taken in ascending order from `next` on. A taken row is sent (and settled by the
 * broker's acknowledgement) or passed over (purged, or impossible to publish). The cursor is the
 * highest row such that it and every row before it were settled at least once. It never moves back:
 * a replay only moves `next` back, and its rows go through the same window as all others.
 *
 * A row that makes the broker hang up would do so on every new connection, and keep all rows behind
 * it from being published. When connections end so LQ_OUTBOX_CLOSINGS times while rows were on
 * their way, those rows are sent one at a time, behind some that were published before. A
 * connection that takes one of these and ends on the row that is alone on its way speaks against
 * that row; one that takes nothing speaks against the broker. After LQ_OUTBOX_STRIKES against the
 * same row, the row is condemned, to be passed over. A broker that takes nothing condemns nothing.
 */
#ifndef LQ_LINK_OUTBOX_H
#define LQ_LINK_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#define LQ_OUTBOX_WINDOW_MAX 1000u
#define LQ_OUTBOX_CLOSINGS   2u
#define LQ_OUTBOX_STRIKES    3u
#define LQ_OUTBOX_WITNESSES  16u /* rows that are sent again, at most */

enum lq_outbox_verdict {
	LQ_OUTBOX_SEND,
	LQ_OUTBOX_SKIP_AND_TELL, /* given once for a condemned row */
	LQ_OUTBOX_SKIP,
};

struct lq_outbox_row {
	uint64_t seq;
	uint16_t mid; /* the message's number on its connection */
	bool waiting; /* for the broker's acknowledgement; otherwise settled */
};

struct lq_outbox {
	uint64_t next;        /* the row to take next */
	uint64_t cursor;      /* 0: none is settled */
	uint64_t missed;      /* gaps up to here were told */
	uint64_t alone_until; /* rows up to here go one at a time; 0: as many as the window takes */
	uint64_t witness;     /* where to begin a connection then, … */
	uint16_t step_back;   /* … or so many rows before it */
	uint64_t suspect;     /* 0: none */
	uint64_t condemned[LQ_OUTBOX_WITNESSES]; /* the last ones; 0: none */
	uint16_t condemned_count;                /* so far */
	bool condemned_told;                     /* the last one */
	uint16_t strikes;                        /* against the suspect */
	uint16_t closings;                       /* since nothing was on its way */
	bool progress;                           /* the broker took a row on this connection */
	bool replaying;                          /* until the end of the journal is reached */
	uint16_t window;
	uint16_t waiting; /* rows of the ring that wait */
	uint16_t first;   /* of the ring */
	uint16_t count;
	struct lq_outbox_row ring[LQ_OUTBOX_WINDOW_MAX];
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

/* Row `seq` (>= next, with room) is on its way as message `mid`. */
void lq_outbox_sent(struct lq_outbox *outbox, uint64_t seq, uint16_t mid);

/* Row `seq` (>= next, with room) is not published. */
void lq_outbox_passed(struct lq_outbox *outbox, uint64_t seq);

/* What to do with row `seq`, which can be published as far as its body goes. */
enum lq_outbox_verdict lq_outbox_judge(struct lq_outbox *outbox, uint64_t seq);

/* The row that message `mid` carries, or 0 when no such message is on its way. */
uint64_t lq_outbox_row_of(const struct lq_outbox *outbox, uint16_t mid);

/* The broker has message `mid`; nothing happens when no such message is on its way. */
void lq_outbox_settle(struct lq_outbox *outbox, uint16_t mid);

/* The broker ended the connection, or refused a row without saying why. Before lq_outbox_rewind().
 */
void lq_outbox_strike(struct lq_outbox *outbox);

/* The connection is gone: `next` goes back to the first row that is not settled, or to the
 * witnesses before it. */
void lq_outbox_rewind(struct lq_outbox *outbox);

/* The journal holds no row from `next` on. */
void lq_outbox_caught_up(struct lq_outbox *outbox);

/* Publishes again from row `from` (not 0) on. A row that is still to come is no replay: nothing
 * changes. LQ_ERR_BUSY while another replay has not reached the end of the journal, so that a flood
 * of replays cannot keep new rows from being published. */
int lq_outbox_replay(struct lq_outbox *outbox, uint64_t from);

#endif

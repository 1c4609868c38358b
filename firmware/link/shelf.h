/* Rows read ahead of their publishing: one look at the database serves many messages, while each
 * acknowledgement is answered by the next message at once. (Waiting for half a window of them
 * instead would stall: the broker's TCP holds further small packets back until ours carries an
 * acknowledgement.) A bounded copy; pure; one thread. */
#ifndef LQ_LINK_SHELF_H
#define LQ_LINK_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_SHELF_ROWS  256u
#define LQ_SHELF_BYTES 131072u

enum lq_shelf_fault {
	LQ_SHELF_SOUND,
	LQ_SHELF_TOO_LONG, /* the body is not kept */
	LQ_SHELF_DAMAGED,  /* the body does not match its hash, and is not kept */
};

struct lq_shelf_row {
	uint64_t seq;
	enum lq_shelf_fault fault;
	uint32_t offset;
	uint32_t length; /* 0: purged, or faulty */
};

struct lq_shelf {
	uint32_t used; /* bytes */
	uint16_t first;
	uint16_t count;
	struct lq_shelf_row rows[LQ_SHELF_ROWS];
	char bytes[LQ_SHELF_BYTES];
};

void lq_shelf_clear(struct lq_shelf *shelf);

/* Puts a copy behind the last row; `row->offset` and `row->length` are set here. False when it does
 * not fit: take rows off first. */
bool lq_shelf_put(
	struct lq_shelf *shelf, const struct lq_shelf_row *row, const char *body, size_t length);

/* The oldest row, or NULL. Borrowed until the shelf is changed. */
const struct lq_shelf_row *lq_shelf_front(const struct lq_shelf *shelf);
const char *lq_shelf_body(const struct lq_shelf *shelf, const struct lq_shelf_row *row);

/* Takes the oldest row off. */
void lq_shelf_pop(struct lq_shelf *shelf);

#endif

/* The journal of the door whose board the office runs on. The broker brings what that door tells;
 * while there is none it is read where it lies, so that the list of an evacuation, frozen at the
 * fire input, needs nothing but the board. What comes by the broker later is known then. */
#ifndef LQ_OFFICE_OWN_BOARD_H
#define LQ_OFFICE_OWN_BOARD_H

#include "firmware/config/config.h"
#include "host/office/db.h"

/* Begins as zeroes. */
struct lq_own_board {
	int64_t looked_ms; /* monotonic */
	bool more;         /* than what was read at once */
};

/* Takes one event, as it was signed. Non-zero ends the turn, which returns it. */
typedef int lq_own_board_take(void *ctx, const char *body, size_t length);

/* Hands over what the books of `db` do not have of it yet, once a second, a part at a time. LQ_OK
 * also where there is no such board, or its file cannot be read. A transaction may be open. */
int lq_own_board_turn(struct lq_own_board *own, const struct lq_config *config, struct lq_db *db,
	lq_own_board_take *take, void *ctx);

#endif

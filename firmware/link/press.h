/* What Home Assistant's lock asks for by its command topic, in words that nobody has signed:
 *
 *   UNLOCK, OPEN   release the door for a passage (door.open)
 *   LOCK           lock it again (door.mode, Locked, unless it lets nobody in: only loquetd knows
 *                  whether it does)
 *
 * and nothing else, not even a newline behind it. Pure. */
#ifndef LQ_LINK_PRESS_H
#define LQ_LINK_PRESS_H

#include "firmware/core/order.h"
#include "firmware/core/time.h"
#include "firmware/link/topics.h"

#include <stdbool.h>
#include <stddef.h>

#define LQ_PRESS_UNLOCK "UNLOCK"
#define LQ_PRESS_OPEN   "OPEN"
#define LQ_PRESS_LOCK   "LOCK"

/* So that what once was pressed does not come into effect later. */
#define LQ_PRESS_VALID_S 10

/* LQ_ORDER_COUNT: neither. Fills the command and its arguments of `order`. */
enum lq_order_kind lq_press_read(const char *payload, size_t length, struct lq_order *order);

/* The door that the topic names, as it stands there; NULL: it is no such topic. */
const char *lq_press_door(
	const struct lq_topics *topics, const char *topic, char ret_door[LQ_NAME_SIZE]);

/* At most so many at once: of one door, and of all of them that wait for loquetd's answer. */
#define LQ_PRESS_BURST 4u

/* … and one a second after them: what one door may cost the journal. `pace` is zeros at first. */
bool lq_press_pace(struct lq_mono *pace, struct lq_mono now);

#endif

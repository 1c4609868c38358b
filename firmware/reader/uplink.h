/* The connection to loquetd: made whenever it is lost, never waited for. */
#ifndef LQ_READER_UPLINK_H
#define LQ_READER_UPLINK_H

#include "firmware/core/time.h"
#include "firmware/reader/backoff.h"
#include "firmware/wire/reader_wire.h"

#include <stdbool.h>

struct lq_uplink {
	const char *folder; /* where loquetd's socket is; the caller's */
	const char *name;   /* of the reader, for log lines; the caller's */
	int fd;             /* -1: not connected */
	bool missed;        /* it was said that loquetd is away */
	struct lq_backoff backoff;
	struct lq_mono try_at;
};

struct lq_uplink lq_uplink_make(const char *folder, const char *name);

/* Tries to connect when it is time to. True when that made a new connection, on which nothing has
 * been sent yet. */
bool lq_uplink_connect(struct lq_uplink *uplink, struct lq_mono now);

/* True when the message was handed over whole. False without a connection; one that fails or does
 * not keep up is closed. */
bool lq_uplink_send(struct lq_uplink *uplink, const struct lq_reader_msg *msg);

/* True when there was a well-formed message. A peer that sends anything else is disconnected. */
bool lq_uplink_receive(struct lq_uplink *uplink, struct lq_reader_msg *ret_msg);

void lq_uplink_close(struct lq_uplink *uplink);

#endif

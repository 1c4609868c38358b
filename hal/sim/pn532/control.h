/*
 * The control socket: a few connections, one line at a time each. Linux. One thread; never blocks.
 * What a line means is the caller's affair.
 */
#ifndef LQ_SIM_PN532_CONTROL_H
#define LQ_SIM_PN532_CONTROL_H

#include "hal/sim/pn532/order.h"

#include <poll.h>

#define LQ_CONTROL_CONNECTIONS 8u

struct lq_control_connection {
	int fd;       /* -1: free */
	bool waiting; /* for polls to reach wait_polls: no line is taken before the answer */
	uint32_t wait_polls;
	size_t len;
	char text[LQ_PN532_ORDER_MAX];
};

struct lq_control {
	const char *path;
	int listener;
	struct lq_control_connection connection[LQ_CONTROL_CONNECTIONS];
};

/* All or nothing: 0 or a negative lq_err. A socket that nobody listens on is replaced. `path` stays
 * the caller's. */
int lq_control_open(struct lq_control *control, const char *path);

void lq_control_close(struct lq_control *control);

/* Fills one entry for the listener and one for each connection; entries without a descriptor have
 * fd -1. */
void lq_control_fill(
	const struct lq_control *control, struct pollfd poll[LQ_CONTROL_CONNECTIONS + 1]);

/* Accepts and reads what the same entries say is ready. */
void lq_control_ready(
	struct lq_control *control, const struct pollfd poll[LQ_CONTROL_CONNECTIONS + 1]);

/* Copies the connection's next whole line, without its end, and drops it from the connection. */
bool lq_control_line(struct lq_control_connection *connection, char ret_line[LQ_PN532_ORDER_MAX]);

/* Sends one line; a connection that does not take it is closed. */
void lq_control_answer(struct lq_control_connection *connection, const char *line);

#endif

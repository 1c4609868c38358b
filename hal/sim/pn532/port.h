/*
 * The tty that the simulated reader sits on: a pseudo-terminal of its own with a symbolic link to
 * it, or a tty that somebody else made. Linux. One thread.
 */
#ifndef LQ_SIM_PN532_PORT_H
#define LQ_SIM_PN532_PORT_H

#include <stddef.h>

struct lq_port {
	const char *tty;  /* serve this one instead of a pseudo-terminal, or NULL */
	const char *link; /* or NULL */
	int fd;           /* -1 while unplugged */
	int slave;        /* kept open so that a host that closes is no hang-up; -1 */
	char name[64];    /* what the host opens */
};

/* All or nothing: 0, or a negative lq_err; `tty` and `link` have to be set, `fd` and `slave` to be
 * -1. */
int lq_port_plug(struct lq_port *port);

/* The host sees a hang-up. Removes the link. Does nothing when unplugged. */
void lq_port_unplug(struct lq_port *port);

#endif

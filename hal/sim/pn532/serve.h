/* The loop of loquet-pn532sim: one simulated reader, its port and its control socket. */
#ifndef LQ_SIM_PN532_SERVE_H
#define LQ_SIM_PN532_SERVE_H

#include <stdbool.h>
#include <stdint.h>

struct lq_serve_options {
	const char *tty;     /* or NULL for a new pseudo-terminal */
	const char *link;    /* or NULL */
	const char *control; /* or NULL */
	uint32_t baud;       /* 0: no pacing */
	bool air;
	bool trace; /* every byte that passes, to stderr */
	uint64_t seed;
};

/*
 * Prints "ready NAME" on stdout once the port and the control socket are there. Returns 0 after
 * quit, SIGTERM or SIGINT, with link and socket removed, or a negative lq_err.
 */
int lq_serve(const struct lq_serve_options *options);

#endif

/* Dialling a broker in a thread of its own: names that are looked up, hosts that do not answer and
 * handshakes that stall hold nobody else up. While it runs, the client is the thread's. */
#ifndef LQ_OFFICE_DIAL_H
#define LQ_OFFICE_DIAL_H

#include "firmware/config/config.h"

#include <pthread.h>
#include <stdbool.h>

struct mosquitto;

/* Begins as zeroes, and must outlive the thread. */
struct lq_dial {
	bool running;
	int fd; /* eventfd: the thread is done */
	int code;
	int error;
	struct mosquitto *client;
	const struct lq_config_mqtt *mqtt;
	pthread_t thread;
};

/* Starts; where no thread can be started, dials without one. `mqtt` is borrowed. */
void lq_dial_begin(
	struct lq_dial *dial, struct mosquitto *client, const struct lq_config_mqtt *mqtt);

/* To be polled for reading; -1: it does not run. */
int lq_dial_fd(const struct lq_dial *dial);

/* True when it does not run, or no longer: `code` is the library's then, and `error` its errno. */
bool lq_dial_is_over(struct lq_dial *dial);

#endif

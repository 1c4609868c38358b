/* The office's end of its broker's connection: how it begins, and how it ends in good order. One
 * thread. */
#ifndef LQ_OFFICE_BROKER_CLIENT_H
#define LQ_OFFICE_BROKER_CLIENT_H

#include "firmware/config/config.h"

struct mosquitto;

/* As [mqtt] says, with the last will of the space's state; `ctx` is the callbacks', which the
 * caller sets. NULL: a file of [mqtt] cannot be used, or no memory. */
struct mosquitto *lq_broker_client_new(const struct lq_config *config, void *ctx);

/* Says that the office has stopped, and waits until the broker has heard: half a second at most. */
void lq_broker_client_leave(struct mosquitto *client, const char *space);

#endif

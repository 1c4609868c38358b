/* The retained topic loquet/1/<space>/state: whether the office can be heard, which alone says
 * whether what it retains is still true. schemas/state.json. One thread. */
#ifndef LQ_OFFICE_SPACE_STATE_H
#define LQ_OFFICE_SPACE_STATE_H

#include <stdbool.h>

struct mosquitto;

/* Before the connection: what the broker says when it is lost. False: no memory. */
bool lq_space_state_will(struct mosquitto *client, const char *space);

/* On a connection, or before its end in good order. What cannot be said is said by the next one, or
 * by the last will. */
void lq_space_state_tell(struct mosquitto *client, const char *space, bool online);

#endif

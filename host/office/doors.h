/* The doors of the space as the controllers tell of them in retained messages. In memory: the
 * broker tells it again after a start. One thread. */
#ifndef LQ_OFFICE_DOORS_H
#define LQ_OFFICE_DOORS_H

#include "firmware/core/site.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define LQ_DOORS_SEEN_MAX 256u /* of all controllers together */

struct lq_doors;

struct lq_door_seen {
	char controller[LQ_NAME_SIZE];
	char door[LQ_NAME_SIZE];
	json_t *state; /* schemas/door_state.json */
};

int lq_doors_new(struct lq_doors **ret_doors);
void lq_doors_free(struct lq_doors *doors); /* accepts NULL */

enum lq_doors_heard {
	LQ_DOORS_STRANGE, /* none of these messages, or not JSON of a bounded length: nothing
			     changed */
	LQ_DOORS_AS_BEFORE,
	LQ_DOORS_CHANGED,
	LQ_DOORS_ALARMED, /* changed, alarms too */
};

/* What came on loquet/1/<space>/<controller>/<end>: state, health or doors/<door>/state. An empty
 * body takes away. */
enum lq_doors_heard lq_doors_take(struct lq_doors *doors, const char *controller, const char *end,
	const char *body, size_t length);

/* The broker is away: of no controller it is known whether it is there, until it is told again.
 * Whether that changed anything. */
bool lq_doors_lose(struct lq_doors *doors);

size_t lq_doors_count(const struct lq_doors *doors);
/* By controller and name; borrowed until the next message. */
const struct lq_door_seen *lq_doors_at(const struct lq_doors *doors, size_t index);

/* `controller` NULL: any, when no other door has this name. NULL: there is none, or no only one. */
const struct lq_door_seen *lq_doors_find(
	const struct lq_doors *doors, const char *controller, const char *door);

/* schemas/health.json and state.json of a controller, borrowed; NULL: not known. */
const json_t *lq_doors_health(const struct lq_doors *doors, const char *controller);
bool lq_doors_online(const struct lq_doors *doors, const char *controller);

#endif

/* The retained topic loquet/1/<space>/occupancy: how many are in. One thread. */
#ifndef LQ_OFFICE_SPACE_TOPIC_H
#define LQ_OFFICE_SPACE_TOPIC_H

#include "host/office/capacity_log.h"
#include "host/office/db.h"
#include "host/office/full.h"
#include "host/office/space_rules.h"

struct mosquitto;

/* Begins as zeroes. */
struct lq_space_topic {
	char *seen; /* what was last so, without its time; NULL: nothing */
	char *told; /* … and what was last published */
	int64_t next_ms;
	bool changed; /* it is another one; whoever looks at it takes it away */
	struct lq_capacity_log log;
	struct lq_office_full full; /* for the doors */
};

/* Notes and publishes what has changed, twice a second at most; `client` NULL: there is no broker.
 * LQ_OK or an error of the database; what cannot be published is tried again. */
int lq_space_topic_tick(struct lq_space_topic *topic, const char *space, struct lq_db *db,
	const struct lq_space_rules *rules, struct mosquitto *client, int64_t now_ms);

void lq_space_topic_end(struct lq_space_topic *topic);

/* With a new connection everything is told anew. The log goes on. */
void lq_space_topic_reset(struct lq_space_topic *topic);

#endif

#include "firmware/link/topics.h"

#include <stdio.h>

static void under(const struct lq_topics *topics, const char *name, char ret_topic[LQ_TOPIC_SIZE])
{
	(void)snprintf(ret_topic, LQ_TOPIC_SIZE, "%.80s/%s", topics->base, name);
}

struct lq_topics lq_topics_make(const char *space, const char *controller)
{
	struct lq_topics topics;
	(void)snprintf(topics.client_id, sizeof(topics.client_id), "loquet-%.32s-%.32s", space,
		controller);
	(void)snprintf(
		topics.base, sizeof(topics.base), LQ_TOPICS_ROOT "%.32s/%.32s", space, controller);
	under(&topics, "events", topics.events);
	under(&topics, "state", topics.state);
	under(&topics, "health", topics.health);
	under(&topics, "occupancy", topics.occupancy);
	under(&topics, "command", topics.command);
	under(&topics, "command/response", topics.response);
	(void)snprintf(topics.roster, sizeof(topics.roster), LQ_TOPICS_ROOT "%.32s/roster/", space);
	lq_topics_press(&topics, "+", topics.presses);
	return topics;
}

void lq_topics_door(const struct lq_topics *topics, const char *door, char ret_topic[LQ_TOPIC_SIZE])
{
	(void)snprintf(ret_topic, LQ_TOPIC_SIZE, "%.80s/doors/%.32s/state", topics->base, door);
}

void lq_topics_press(
	const struct lq_topics *topics, const char *door, char ret_topic[LQ_TOPIC_SIZE])
{
	(void)snprintf(ret_topic, LQ_TOPIC_SIZE, "%.80s/doors/%.32s/set", topics->base, door);
}

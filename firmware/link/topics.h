/* The names that this controller has at the broker. Pure. */
#ifndef LQ_LINK_TOPICS_H
#define LQ_LINK_TOPICS_H

#include "firmware/core/site.h"

#define LQ_TOPIC_SIZE  144u
#define LQ_TOPICS_ROOT "loquet/1/"

struct lq_topics {
	char client_id[LQ_TOPIC_SIZE]; /* loquet-<space>-<controller> */
	char base[LQ_TOPIC_SIZE];      /* loquet/1/<space>/<controller> */
	char events[LQ_TOPIC_SIZE];
	char state[LQ_TOPIC_SIZE];
	char health[LQ_TOPIC_SIZE];
	char occupancy[LQ_TOPIC_SIZE];
	char command[LQ_TOPIC_SIZE];
	char roster[LQ_TOPIC_SIZE];   /* loquet/1/<space>/roster/ */
	char presses[LQ_TOPIC_SIZE];  /* of every door: lq_topics_press() */
	char response[LQ_TOPIC_SIZE]; /* where answers go that name no response topic */
};

struct lq_topics lq_topics_make(const char *space, const char *controller);

/* <base>/doors/<door>/state */
void lq_topics_door(
	const struct lq_topics *topics, const char *door, char ret_topic[LQ_TOPIC_SIZE]);

/* <base>/doors/<door>/set, where Home Assistant's lock asks for the door; "+": of all. */
void lq_topics_press(
	const struct lq_topics *topics, const char *door, char ret_topic[LQ_TOPIC_SIZE]);

#endif

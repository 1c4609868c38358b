/* A door as Home Assistant's MQTT discovery wants to be told of it: one device, and what it shows.
 * Nothing in it takes a command. The lock that does is a message of its own, which comes and goes
 * without the others. Pure (jansson aside).
 *
 * Source: https://www.home-assistant.io/integrations/mqtt/ ("MQTT discovery", "Device discovery
 * payload", as of Home Assistant 2024.11) and .../binary_sensor.mqtt/, .../sensor.mqtt/,
 * .../lock.mqtt/. */
#ifndef LQ_LINK_HOME_ASSISTANT_H
#define LQ_LINK_HOME_ASSISTANT_H

#include "firmware/config/config.h"
#include "firmware/link/topics.h"

#include <jansson.h>

#define LQ_DISCOVERY_TOPIC_SIZE 192u

/* <prefix>/device/loquet-<space>-<controller>/<door>/config */
void lq_home_assistant_topic(const struct lq_config *config, const struct lq_topics *topics,
	uint16_t door, char ret_topic[LQ_DISCOVERY_TOPIC_SIZE]);

/* NULL: no memory. The caller releases it. */
json_t *lq_home_assistant_device(
	const struct lq_config *config, const struct lq_topics *topics, uint16_t door);

/* <prefix>/lock/loquet-<space>-<controller>/<door>/config */
void lq_home_assistant_lock_topic(const struct lq_config *config, const struct lq_topics *topics,
	uint16_t door, char ret_topic[LQ_DISCOVERY_TOPIC_SIZE]);

/* A lock of the same device, which asks by lq_topics_press(). NULL: no memory. The caller releases
 * it. */
json_t *lq_home_assistant_lock(
	const struct lq_config *config, const struct lq_topics *topics, uint16_t door);

#endif

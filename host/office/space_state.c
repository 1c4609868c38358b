#include "host/office/space_state.h"

#include "firmware/core/site.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>

#define QOS        1
#define ONLINE     "{\"state\":\"online\",\"version\":\"" LQ_VERSION "\"}"
#define LOST       "{\"state\":\"offline\",\"reason\":\"lost\"}"
#define STOPPED    "{\"state\":\"offline\",\"reason\":\"stopped\"}"
#define TOPIC_SIZE (16 + LQ_NAME_SIZE)

static void write_topic(const char *space, char ret_topic[TOPIC_SIZE])
{
	(void)snprintf(ret_topic, TOPIC_SIZE, "loquet/1/%s/state", space);
}

static bool is_json(mosquitto_property **properties)
{
	return mosquitto_property_add_string(
		       properties, MQTT_PROP_CONTENT_TYPE, "application/json") == MOSQ_ERR_SUCCESS;
}

bool lq_space_state_will(struct mosquitto *client, const char *space)
{
	char topic[TOPIC_SIZE];
	mosquitto_property *properties = NULL;
	write_topic(space, topic);
	bool set = is_json(&properties) && mosquitto_will_set_v5(client, topic, (int)strlen(LOST),
						   LOST, QOS, true, properties) == MOSQ_ERR_SUCCESS;
	/* The library has taken them over. */
	if (!set) {
		mosquitto_property_free_all(&properties);
	}
	return set;
}

void lq_space_state_tell(struct mosquitto *client, const char *space, bool online)
{
	char topic[TOPIC_SIZE];
	const char *text = online ? ONLINE : STOPPED;
	mosquitto_property *properties = NULL;
	write_topic(space, topic);
	/* The last word waits for no acknowledgement, and not for the room that others take who do:
	 * nothing would be said then, for a connection that ends in good order has no last will. To
	 * a broker of MQTT 3.1.1 the library leaves the properties out. */
	if (is_json(&properties)) {
		(void)mosquitto_publish_v5(client, NULL, topic, (int)strlen(text), text,
			online ? QOS : 0, true, properties);
	}
	mosquitto_property_free_all(&properties);
}

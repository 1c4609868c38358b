#include "host/office/dial.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STACK_SIZE 262144u
#define SESSION_EXPIRY_S                                                                           \
	2592000u /* how long the broker keeps the feed for an office that is away */

static int connect_client(const struct lq_dial *dial)
{
	const struct lq_config_mqtt *mqtt = dial->mqtt;
	mosquitto_property *hello = NULL;
	if (mqtt->protocol == LQ_MQTT_5 &&
		mosquitto_property_add_int32(&hello, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
			SESSION_EXPIRY_S) != MOSQ_ERR_SUCCESS) {
		return MOSQ_ERR_NOMEM;
	}
	int code = mosquitto_connect_bind_v5(
		dial->client, mqtt->host, mqtt->port, mqtt->keepalive_s, NULL, hello);
	mosquitto_property_free_all(&hello);
	return code;
}

static void *run(void *argument)
{
	struct lq_dial *dial = argument;
	dial->code = connect_client(dial);
	dial->error = errno;
	(void)eventfd_write(dial->fd, 1);
	return NULL;
}

static bool start(struct lq_dial *dial)
{
	pthread_attr_t attributes;
	dial->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dial->fd < 0 || pthread_attr_init(&attributes) != 0) {
		return false;
	}
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	int r = pthread_create(&dial->thread, &attributes, run, dial);
	(void)pthread_attr_destroy(&attributes);
	return r == 0;
}

void lq_dial_begin(
	struct lq_dial *dial, struct mosquitto *client, const struct lq_config_mqtt *mqtt)
{
	*dial = (struct lq_dial){.client = client, .mqtt = mqtt};
	dial->running = start(dial);
	if (!dial->running) {
		dial->code = connect_client(dial);
		dial->error = errno;
		(void)(dial->fd >= 0 ? close(dial->fd) : 0);
	}
}

int lq_dial_fd(const struct lq_dial *dial)
{
	return dial->running ? dial->fd : -1;
}

bool lq_dial_is_over(struct lq_dial *dial)
{
	eventfd_t count = 0;
	if (dial->running && eventfd_read(dial->fd, &count) == 0) {
		(void)pthread_join(dial->thread, NULL);
		(void)close(dial->fd);
		dial->running = false;
	}
	return !dial->running;
}

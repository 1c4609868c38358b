/* The doors' discovery messages for Home Assistant, and their removal. They are retained: which
 * ones stand at the broker is noted in the state folder, before they are sent and until their
 * removal has arrived, so that none is left behind when the setting, the prefix or a door's name
 * changes. */
#include "firmware/core/err.h"
#include "firmware/link/home_assistant.h"
#include "firmware/link/link_internal.h"
#include "firmware/link/log.h"
#include "firmware/link/state_file.h"

#include <errno.h>
#include <mosquitto.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "link.discovery"
#define FILE_MAX  ((size_t)LQ_DISCOVERY_TOPICS_MAX * LQ_DISCOVERY_TOPIC_SIZE)
#define BODY_MAX  16384u

static size_t wanted_count(const struct lq_link *link)
{
	return link->config->mqtt.home_assistant ? link->config->door_count : 0;
}

static bool is_wanted(const struct lq_link *link, const char *topic)
{
	char own[LQ_DISCOVERY_TOPIC_SIZE];
	for (size_t i = 0; i < wanted_count(link); i++) {
		lq_home_assistant_topic(link->config, &link->topics, (uint16_t)i, own);
		if (strcmp(own, topic) == 0) {
			return true;
		}
	}
	return false;
}

/* ---- what is noted ---- */

static void take_line(struct lq_link *link, const char *line, size_t length)
{
	struct lq_link_discovery *discovery = &link->discovery;
	char topic[LQ_DISCOVERY_TOPIC_SIZE];
	if (length == 0 || length >= sizeof(topic) ||
		discovery->stale_count == LQ_DISCOVERY_TOPICS_MAX) {
		return;
	}
	memcpy(topic, line, length);
	topic[length] = '\0';
	if (strlen(topic) == length && mosquitto_pub_topic_check(topic) == MOSQ_ERR_SUCCESS &&
		!is_wanted(link, topic)) {
		memcpy(discovery->stale[discovery->stale_count++].topic, topic, length + 1);
	}
}

void lq_discovery_open(struct lq_link *link)
{
	static char text[FILE_MAX]; /* too large for the stack; once a process */
	ssize_t length = lq_state_load(link->config->state_dir, FILE_NAME, text, sizeof(text));
	const char *at = text;
	const char *end = length > 0 ? text + length : text;
	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		line_end = line_end == NULL ? end : line_end;
		take_line(link, at, (size_t)(line_end - at));
		at = line_end + 1;
	}
}

static size_t add_line(char *text, size_t length, const char *topic)
{
	return length + (size_t)snprintf(text + length, FILE_MAX - length, "%s\n", topic);
}

/* What is wanted, and what is still to be removed. */
static bool note(const struct lq_link *link)
{
	static char text[FILE_MAX];
	char topic[LQ_DISCOVERY_TOPIC_SIZE];
	size_t length = 0;
	for (size_t i = 0; i < wanted_count(link); i++) {
		lq_home_assistant_topic(link->config, &link->topics, (uint16_t)i, topic);
		length = add_line(text, length, topic);
	}
	for (size_t i = 0;
		i < link->discovery.stale_count && wanted_count(link) + i < LQ_DISCOVERY_TOPICS_MAX;
		i++) {
		length = add_line(text, length, link->discovery.stale[i].topic);
	}
	if (lq_state_save(link->config->state_dir, FILE_NAME, text, length) == LQ_OK) {
		return true;
	}
	lq_log("%s cannot be saved (%s): Home Assistant is not told of the doors", FILE_NAME,
		strerror(errno));
	return false;
}

/* ---- what is sent ---- */

static void publish(
	struct lq_link *link, const char *topic, const char *body, size_t length, uint16_t *ret_mid)
{
	(void)lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = topic,
			.body = body,
			.length = length,
			.retain = true,
			.content = LQ_BROKER_JSON,
		},
		ret_mid);
}

static void publish_door(struct lq_link *link, uint16_t door)
{
	char body[BODY_MAX];
	char topic[LQ_DISCOVERY_TOPIC_SIZE];
	uint16_t mid = 0;
	json_t *device = lq_home_assistant_device(link->config, &link->topics, door);
	size_t length = device == NULL ? 0 : json_dumpb(device, body, sizeof(body), JSON_COMPACT);
	json_decref(device);
	lq_home_assistant_topic(link->config, &link->topics, door, topic);
	if (length > 0 && length <= sizeof(body)) {
		publish(link, topic, body, length, &mid);
	}
}

void lq_discovery_up(struct lq_link *link)
{
	struct lq_link_discovery *discovery = &link->discovery;
	if (wanted_count(link) == 0 && discovery->stale_count == 0) {
		return;
	}
	if (!note(link)) {
		return;
	}
	for (size_t i = 0; i < discovery->stale_count; i++) {
		discovery->stale[i].mid = 0;
		publish(link, discovery->stale[i].topic, "", 0, &discovery->stale[i].mid);
	}
	for (size_t i = 0; i < wanted_count(link); i++) {
		publish_door(link, (uint16_t)i);
	}
}

void lq_discovery_settled(struct lq_link *link, uint16_t mid)
{
	struct lq_link_discovery *discovery = &link->discovery;
	for (size_t i = 0; i < discovery->stale_count; i++) {
		if (discovery->stale[i].mid == mid) {
			discovery->stale[i] = discovery->stale[--discovery->stale_count];
			(void)note(link);
			return;
		}
	}
}

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

#define MESSAGES (2u * LQ_DOORS_MAX) /* a device and a lock a door */

_Static_assert(MESSAGES < LQ_DISCOVERY_TOPICS_MAX, "what is wanted finds room beside the rest");

/* The topic of message `index`; false when it is not wanted. */
static bool wanted(const struct lq_link *link, unsigned index, char *ret_topic)
{
	uint16_t door = (uint16_t)(index / 2u);
	if (!link->config->mqtt.home_assistant || door >= link->config->door_count) {
		return false;
	}
	if (index % 2u == 0) {
		lq_home_assistant_topic(link->config, &link->topics, door, ret_topic);
		return true;
	}
	lq_home_assistant_lock_topic(link->config, &link->topics, door, ret_topic);
	return lq_latch_shows(link, door);
}

static bool is_wanted(const struct lq_link *link, const char *topic)
{
	char own[LQ_DISCOVERY_TOPIC_SIZE];
	for (unsigned i = 0; i < MESSAGES; i++) {
		if (wanted(link, i, own) && strcmp(own, topic) == 0) {
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
	size_t count = 0;
	for (unsigned i = 0; i < MESSAGES; i++) {
		if (wanted(link, i, topic)) {
			length = add_line(text, length, topic);
			count++;
		}
	}
	for (size_t i = 0; i < link->discovery.stale_count && count + i < LQ_DISCOVERY_TOPICS_MAX;
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

static void publish_wanted(struct lq_link *link, unsigned index, const char *topic)
{
	char body[BODY_MAX];
	uint16_t mid = 0;
	uint16_t door = (uint16_t)(index / 2u);
	json_t *message = index % 2u == 0
				  ? lq_home_assistant_device(link->config, &link->topics, door)
				  : lq_home_assistant_lock(link->config, &link->topics, door);
	size_t length = message == NULL ? 0 : json_dumpb(message, body, sizeof(body), JSON_COMPACT);
	json_decref(message);
	if (length > 0 && length <= sizeof(body)) {
		publish(link, topic, body, length, &mid);
	}
}

void lq_discovery_up(struct lq_link *link)
{
	struct lq_link_discovery *discovery = &link->discovery;
	char topic[LQ_DISCOVERY_TOPIC_SIZE];
	if (!link->config->mqtt.home_assistant && discovery->stale_count == 0) {
		return;
	}
	if (!note(link)) {
		return;
	}
	for (size_t i = 0; i < discovery->stale_count; i++) {
		discovery->stale[i].mid = 0;
		publish(link, discovery->stale[i].topic, "", 0, &discovery->stale[i].mid);
	}
	for (unsigned i = 0; i < MESSAGES; i++) {
		if (wanted(link, i, topic)) {
			publish_wanted(link, i, topic);
		}
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

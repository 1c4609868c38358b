#include "host/office/space_topic.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/occupancy.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QOS      1
#define PAUSE_MS 500

void lq_space_topic_reset(struct lq_space_topic *topic)
{
	free(topic->told);
	topic->told = NULL;
	topic->next_ms = 0;
}

void lq_space_topic_end(struct lq_space_topic *topic)
{
	lq_space_topic_reset(topic);
	free(topic->seen);
	topic->seen = NULL;
	lq_capacity_log_end(&topic->log);
}

static bool is_same(const char *text, const char *before)
{
	return text != NULL && before != NULL && strcmp(text, before) == 0;
}

/* What is new is noted and shown, whether a broker hears of it or not. */
static int see(struct lq_space_topic *topic, struct lq_db *db, const json_t *message,
	const char *text, int64_t now_ms)
{
	if (text == NULL || is_same(text, topic->seen)) {
		return LQ_OK;
	}
	int r = lq_capacity_log_note(&topic->log, db, message, now_ms);
	if (r == LQ_OK) {
		free(topic->seen);
		topic->seen = strdup(text);
		topic->changed = true;
	}
	return r;
}

static bool publish(struct mosquitto *client, const char *space, json_t *message, int64_t now_ms)
{
	char name[16 + 2 * LQ_NAME_SIZE];
	(void)snprintf(name, sizeof(name), "loquet/1/%s/occupancy", space);
	(void)json_object_set_new(message, "time", lq_json_time(now_ms));
	mosquitto_property *properties = NULL;
	char *text = json_dumps(message, JSON_COMPACT);
	/* To a broker of MQTT 3.1.1 the library leaves the properties out. */
	bool sent = text != NULL &&
		    mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE,
			    "application/json") == MOSQ_ERR_SUCCESS &&
		    mosquitto_publish_v5(client, NULL, name, (int)strlen(text), text, QOS, true,
			    properties) == MOSQ_ERR_SUCCESS;
	mosquitto_property_free_all(&properties);
	free(text);
	return sent;
}

int lq_space_topic_tick(struct lq_space_topic *topic, const char *space, struct lq_db *db,
	const struct lq_space_rules *rules, struct mosquitto *client, int64_t now_ms)
{
	json_t *message = NULL;
	/* A clock that was put back must not silence the topic. */
	if (now_ms < topic->next_ms && topic->next_ms - now_ms <= PAUSE_MS) {
		return LQ_OK;
	}
	int r = lq_occupancy_message(db, rules, now_ms, &message);
	if (r != LQ_OK) {
		return r;
	}
	topic->next_ms = now_ms + PAUSE_MS;
	char *text = json_dumps(message, JSON_COMPACT);
	r = see(topic, db, message, text, now_ms);
	r = r == LQ_OK ? lq_full_read(db, rules, message, now_ms, &topic->full) : r;
	if (client != NULL && text != NULL && !is_same(text, topic->told) &&
		publish(client, space, message, now_ms)) {
		free(topic->told);
		topic->told = text;
		text = NULL;
	}
	free(text);
	json_decref(message);
	return r;
}

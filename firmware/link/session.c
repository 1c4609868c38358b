/* The connection to the broker: dialling, waiting, what it says of rows. */
#include "firmware/core/err.h"
#include "firmware/link/backoff.h"
#include "firmware/link/command.h"
#include "firmware/link/link_internal.h"
#include "firmware/link/log.h"
#include "firmware/link/random.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>

#define STABLE_MS 10000u /* a connection that lasted so long was a good one */
#define ONLINE    "{\"state\":\"online\",\"version\":\"" LQ_VERSION "\"}"
#define LOST      "{\"state\":\"offline\",\"reason\":\"lost\"}"
#define STOPPED   "{\"state\":\"offline\",\"reason\":\"stopped\"}"

bool lq_session_up(const struct lq_link *link)
{
	return link->broker != NULL && lq_broker_phase(link->broker) == LQ_BROKER_UP;
}

static void publish_state(struct lq_link *link, const char *body)
{
	struct lq_broker_publication publication = {
		.topic = link->topics.state,
		.body = body,
		.length = strlen(body),
		.retain = true,
		.content = LQ_BROKER_JSON,
	};
	link->state_mid = 0;
	(void)lq_broker_publish(link->broker, &publication, &link->state_mid);
}

static void on_up(void *ctx)
{
	struct lq_link *link = ctx;
	link->up_since = link->now;
	lq_link_tell(link, "connected"); /* before anybody else can know */
	lq_link_look(link);
	lq_answer_up(link);
	lq_view_up(link);
	lq_health_up(link);
	lq_occupancy_up(link);
	lq_discovery_up(link);
	lq_roster_up(link);
	publish_state(link, ONLINE);
}

/* The broker refuses this row, and would refuse it again. */
static bool refuses_row(uint8_t reason)
{
	return reason == MQTT_RC_PACKET_TOO_LARGE || reason == MQTT_RC_PAYLOAD_FORMAT_INVALID;
}

static void on_row_settled(struct lq_link *link, uint64_t seq, uint16_t mid, uint8_t reason)
{
	if (reason >= MQTT_RC_UNSPECIFIED && !refuses_row(reason)) {
		link->refusal = reason;
		return;
	}
	if (reason >= MQTT_RC_UNSPECIFIED) {
		lq_pump_tell_skipped(link, seq, mosquitto_reason_string(reason));
	}
	lq_outbox_settle(&link->outbox, mid);
}

static void on_settled(void *ctx, uint16_t mid, uint8_t reason)
{
	struct lq_link *link = ctx;
	uint64_t seq = lq_outbox_row_of(&link->outbox, mid);
	if (seq != 0) {
		on_row_settled(link, seq, mid, reason);
		return;
	}
	if (mid == link->state_mid) {
		link->state_mid = 0;
	}
	lq_view_settled(link, mid);
	lq_health_settled(link, mid);
	lq_occupancy_settled(link, mid);
	lq_discovery_settled(link, mid);
	lq_answer_settled(link, mid);
	if (reason >= MQTT_RC_UNSPECIFIED) {
		lq_log("the broker refuses a message beside the events: %s",
			mosquitto_reason_string(reason));
	}
}

static void on_message(void *ctx, const struct lq_broker_message *message)
{
	struct lq_link *link = ctx;
	if (strcmp(message->topic, link->topics.command) == 0) {
		lq_answer_command(link, message);
	} else {
		lq_latch_take(link, message);
	}
}

static void on_overrun(void *ctx, uint32_t commands)
{
	lq_link_tell(ctx, "commands come faster than they can be answered: some were dropped");
	lq_answer_dropped(ctx, commands);
}

int lq_session_open(struct lq_link *link, const char *password)
{
	const struct lq_config_mqtt *mqtt = &link->config->mqtt;
	const char *problem = "";
	int r = lq_broker_open(
		&(struct lq_broker_settings){
			.host = mqtt->host,
			.port = mqtt->port,
			.mqtt5 = mqtt->protocol == LQ_MQTT_5,
			.username = mqtt->username,
			.password = password,
			.ca_file = mqtt->ca_file,
			.cert_file = mqtt->cert_file,
			.key_file = mqtt->key_file,
			.window = mqtt->window,
			.keepalive_s = mqtt->keepalive_s,
			.client_id = link->topics.client_id,
			.state_topic = link->topics.state,
			.will = LOST,
			.command_topic = link->topics.command,
			.command_max = LQ_COMMAND_MAX,
			.press_topic = lq_latch_listens(link) ? link->topics.presses : "",
			.roster_topic =
				lq_config_has_office(link->config) ? link->topics.roster : "",
		},
		&(struct lq_broker_handler){
			.ctx = link,
			.up = on_up,
			.settled = on_settled,
			.message = on_message,
			.overrun = on_overrun,
			.roster = lq_roster_take,
		},
		&link->broker, &problem);
	if (r != LQ_OK) {
		lq_log("%s", problem);
	}
	return r;
}

static void come_down(struct lq_link *link, bool was_up, bool struck)
{
	char text[LQ_LINK_TEXT_SIZE];
	bool stable = was_up && lq_mono_due(lq_mono_after_ms(link->up_since, STABLE_MS), link->now);
	link->attempting = false;
	link->failures = stable ? 1 : link->failures + 1;
	link->retry_at = lq_mono_after_ms(link->now, lq_backoff_ms(link->failures, lq_random()));
	link->refusal = 0;
	link->state_mid = 0;
	if (struck) {
		lq_outbox_strike(&link->outbox);
	}
	lq_pump_rewind(link);
	(void)snprintf(text, sizeof(text), "disconnected: %.200s", lq_broker_problem(link->broker));
	lq_link_tell(link, text);
}

/* A refusal that says nothing: of this row, or of all. Any other is about this client. */
static bool may_be_the_row(uint8_t reason)
{
	return reason == MQTT_RC_UNSPECIFIED || reason == MQTT_RC_IMPLEMENTATION_SPECIFIC;
}

static void cut_for_refusal(struct lq_link *link)
{
	char why[LQ_LINK_TEXT_SIZE];
	(void)snprintf(why, sizeof(why), "the broker refuses the events: %.100s",
		mosquitto_reason_string(link->refusal));
	lq_broker_cut(link->broker, why);
}

void lq_session_run(struct lq_link *link, short revents)
{
	if (!link->attempting && lq_mono_due(link->retry_at, link->now)) {
		link->attempting = true;
		lq_broker_dial(link->broker, link->now);
	}
	bool was_up = lq_session_up(link);
	lq_broker_service(link->broker, revents, link->now);
	bool struck = lq_broker_rejected(link->broker);
	if (link->refusal != 0 && lq_session_up(link)) {
		struck = may_be_the_row(link->refusal);
		cut_for_refusal(link);
	}
	if (link->attempting && lq_broker_phase(link->broker) == LQ_BROKER_DOWN) {
		come_down(link, was_up, struck);
	}
}

void lq_session_say_goodbye(struct lq_link *link)
{
	if (lq_session_up(link)) {
		publish_state(link, STOPPED);
	}
}

bool lq_session_settled(const struct lq_link *link)
{
	return link->state_mid == 0;
}

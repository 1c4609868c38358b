/* Commands from the broker, and the answers to them. */
#include "firmware/core/err.h"
#include "firmware/link/command.h"
#include "firmware/link/link_internal.h"

#include <mosquitto.h>
#include <stddef.h>
#include <string.h>

#define TOPIC_MAX 256u /* bytes of a response topic */

void lq_answer_up(struct lq_link *link)
{
	memset(link->answer_mids, 0, sizeof(link->answer_mids));
}

void lq_answer_settled(struct lq_link *link, uint16_t mid)
{
	for (size_t i = 0; i < LQ_LINK_ANSWERS; i++) {
		if (link->answer_mids[i] == mid) {
			link->answer_mids[i] = 0;
		}
	}
}

/* Whoever may write to the command topic must not thereby speak on the topics that only this
 * controller writes to. */
static bool may_answer_to(const struct lq_link *link, const char *topic)
{
	size_t length = strlen(link->topics.response);
	if (topic[0] == '\0' || strlen(topic) > TOPIC_MAX || topic[0] == '$' ||
		mosquitto_pub_topic_check(topic) != MOSQ_ERR_SUCCESS) {
		return false;
	}
	if (strncmp(topic, LQ_TOPICS_ROOT, sizeof(LQ_TOPICS_ROOT) - 1) != 0) {
		return true;
	}
	return strncmp(topic, link->topics.response, length) == 0 &&
	       (topic[length] == '\0' || topic[length] == '/');
}

static struct lq_command_refusal refusal_for(int err)
{
	switch (err) {
	case LQ_ERR_NOT_FOUND:
		return (struct lq_command_refusal){"not_found", "the journal ends before that row"};
	case LQ_ERR_BUSY:
		return (struct lq_command_refusal){
			"busy", "another replay is not through: ask again later"};
	default:
		return (struct lq_command_refusal){"io", "the journal cannot be read"};
	}
}

/* True when it was done; otherwise `ret_refusal` says why not. */
static bool obey(struct lq_link *link, const struct lq_broker_message *message,
	struct lq_command *ret_command, struct lq_command_refusal *ret_refusal)
{
	int r = lq_command_parse(message->payload, message->length, ret_command, ret_refusal);
	if (r != LQ_OK) {
		return false;
	}
	if (message->retained) {
		*ret_refusal = (struct lq_command_refusal){"invalid",
			"a command must not be retained: it would be done again on every "
			"connection"};
		return false;
	}
	if (message->response_topic != NULL && !may_answer_to(link, message->response_topic)) {
		*ret_refusal = (struct lq_command_refusal){
			"invalid", "no answer may be sent to that response topic"};
		return false;
	}
	r = lq_pump_replay(link, ret_command->from);
	if (r != LQ_OK) {
		*ret_refusal = refusal_for(r);
	}
	return r == LQ_OK;
}

static uint16_t *free_slot(struct lq_link *link)
{
	for (size_t i = 0; i < LQ_LINK_ANSWERS; i++) {
		if (link->answer_mids[i] == 0) {
			return &link->answer_mids[i];
		}
	}
	return NULL;
}

void lq_answer_command(struct lq_link *link, const struct lq_broker_message *message)
{
	struct lq_command command;
	struct lq_command_refusal refusal;
	char answer[LQ_COMMAND_RESPONSE_MAX];
	uint16_t *slot = free_slot(link);
	if (slot == NULL) {
		lq_link_tell(link, "commands come faster than the broker takes the answers: some "
				   "were dropped");
		return;
	}
	bool done = obey(link, message, &command, &refusal);
	const char *topic = link->topics.response;
	if (message->response_topic != NULL && may_answer_to(link, message->response_topic)) {
		topic = message->response_topic;
	}
	(void)lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = topic,
			.body = answer,
			.length = lq_command_answer(&command, done ? NULL : &refusal, answer),
			.content = LQ_BROKER_JSON,
			.correlation = message->correlation,
			.correlation_length = message->correlation_length,
		},
		slot);
}

/* Commands from the broker, and the answers to them. */
#include "firmware/core/err.h"
#include "firmware/core/order.h"
#include "firmware/link/command.h"
#include "firmware/link/link_internal.h"
#include "firmware/link/press.h"

#include <mosquitto.h>
#include <stddef.h>
#include <string.h>

#define ORDER_MS 10000u /* loquetd gives up on the disk earlier */

_Static_assert(LQ_PRESS_BURST < LQ_LINK_ANSWERS, "the commands of others find room too");

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
	if (topic[0] == '\0' || strlen(topic) > LQ_LINK_RESPONSE_TOPIC_MAX || topic[0] == '$' ||
		mosquitto_pub_topic_check(topic) != MOSQ_ERR_SUCCESS) {
		return false;
	}
	if (strncmp(topic, LQ_TOPICS_ROOT, sizeof(LQ_TOPICS_ROOT) - 1) != 0) {
		return true;
	}
	return strncmp(topic, link->topics.response, length) == 0 &&
	       (topic[length] == '\0' || topic[length] == '/');
}

static struct lq_link_order *free_place(struct lq_link *link)
{
	struct lq_link_order *place = NULL;
	for (size_t i = 0; i < LQ_LINK_ANSWERS; i++) {
		place = link->orders[i].id == 0 ? &link->orders[i] : place;
	}
	return place;
}

int lq_answer_carry(struct lq_link *link, const char *order)
{
	struct lq_link_order *place = free_place(link);
	unsigned own = 0;
	for (size_t i = 0; i < LQ_LINK_ANSWERS; i++) {
		own += link->orders[i].id != 0 && link->orders[i].topic[0] == '\0';
	}
	if (place == NULL || own >= LQ_PRESS_BURST) {
		return LQ_ERR_BUSY;
	}
	*place = (struct lq_link_order){
		.id = ++link->orders_sent,
		.until = lq_mono_after_ms(link->now, ORDER_MS),
	};
	if (!lq_peer_tell_order(&link->peer, place->id, order)) {
		place->id = 0;
		return LQ_ERR_CLOSED;
	}
	return LQ_OK;
}

/* Hands the signed command to loquetd and notes where its answer goes. */
static int carry(struct lq_link *link, const struct lq_broker_message *message,
	const struct lq_command *command, const char *topic)
{
	struct lq_link_order *place = free_place(link);
	if (place == NULL || message->correlation_length > sizeof(place->correlation)) {
		return place == NULL ? LQ_ERR_BUSY : LQ_ERR_INVALID;
	}
	*place = (struct lq_link_order){
		.id = ++link->orders_sent,
		.until = lq_mono_after_ms(link->now, ORDER_MS),
		.correlation_length = message->correlation_length,
	};
	memcpy(place->topic, topic, strlen(topic) + 1);
	memcpy(place->correlation_text, command->correlation, sizeof(command->correlation));
	if (message->correlation_length > 0) {
		memcpy(place->correlation, message->correlation, message->correlation_length);
	}
	if (!lq_peer_tell_order(&link->peer, place->id, command->order)) {
		place->id = 0;
		return LQ_ERR_CLOSED;
	}
	return LQ_OK;
}

static struct lq_command_refusal carry_refusal(int err, enum lq_language language)
{
	switch (err) {
	case LQ_ERR_BUSY:
		return (struct lq_command_refusal){"busy", LQ_REFUSAL_TOO_MANY,
			lq_in(language, "too many commands wait for their answers: ask again later",
				"trop de commandes attendent leur réponse : redemander plus tard")};
	case LQ_ERR_INVALID:
		return (struct lq_command_refusal){"invalid", LQ_REFUSAL_MALFORMED,
			lq_in(language, "the correlation data is longer than 256 bytes",
				"les données de corrélation dépassent 256 octets")};
	default:
		return (struct lq_command_refusal){"io", LQ_REFUSAL_UNREACHABLE,
			lq_in(language, "the link cannot reach loquetd: is it running?",
				"loquet-link ne peut pas joindre loquetd : fonctionne-t-il ?")};
	}
}

/* True when loquetd will answer; otherwise `ret_refusal` says why not. */
static bool pass_on(struct lq_link *link, const struct lq_broker_message *message,
	const char *topic, struct lq_command *ret_command, struct lq_command_refusal *ret_refusal)
{
	enum lq_language language = link->config->language;
	int r = lq_command_parse(message->payload, message->length, ret_command, ret_refusal);
	if (r != LQ_OK) {
		return false;
	}
	if (message->retained) {
		*ret_refusal = (struct lq_command_refusal){"invalid", LQ_REFUSAL_RETAINED,
			lq_in(language,
				"a command must not be retained: it would be done again on every "
				"connection",
				"une commande ne doit pas être conservée (retain) : elle serait "
				"refaite à chaque connexion")};
		return false;
	}
	if (message->response_topic != NULL && !may_answer_to(link, message->response_topic)) {
		*ret_refusal = (struct lq_command_refusal){"invalid", LQ_REFUSAL_RESPONSE_TOPIC,
			lq_in(language, "no answer may be sent to that response topic",
				"aucune réponse ne peut aller à ce sujet de réponse")};
		return false;
	}
	r = carry(link, message, ret_command, topic);
	if (r != LQ_OK) {
		*ret_refusal = carry_refusal(r, language);
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

void lq_answer_dropped(struct lq_link *link, uint32_t count)
{
	lq_tally_add(&link->refused, LQ_REFUSAL_TOO_MANY, count);
}

void lq_answer_tell_refused(struct lq_link *link)
{
	enum lq_refusal refusal = LQ_REFUSAL_COUNT;
	uint32_t count = 0;
	while (link->peer.fd >= 0 && lq_tally_take(&link->refused, link->now, &refusal, &count)) {
		if (!lq_peer_tell_refused(&link->peer, lq_refusal_word(refusal), count)) {
			lq_tally_add(&link->refused, refusal, count); /* loquetd is busy, or gone */
			return;
		}
	}
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
		lq_answer_dropped(link, 1);
		return;
	}
	const char *topic = link->topics.response;
	if (message->response_topic != NULL && may_answer_to(link, message->response_topic)) {
		topic = message->response_topic;
	}
	if (pass_on(link, message, topic, &command, &refusal)) {
		return;
	}
	lq_tally_add(&link->refused, refusal.reason, 1);
	(void)lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = topic,
			.body = answer,
			.length = lq_command_answer(&command, &refusal, answer),
			.content = LQ_BROKER_JSON,
			.correlation = message->correlation,
			.correlation_length = message->correlation_length,
		},
		slot);
}

/* ---- signed commands ---- */

static void publish_order(struct lq_link *link, struct lq_link_order *order, json_t *answer)
{
	if (order->topic[0] == '\0') {
		order->id = 0;
		lq_latch_answered(link, answer);
		return;
	}
	char body[LQ_COMMAND_RESPONSE_MAX];
	uint16_t *slot = free_slot(link);
	if (order->correlation_text[0] != '\0') {
		(void)json_object_set_new(
			answer, "correlation", json_string(order->correlation_text));
	}
	size_t length = json_dumpb(answer, body, sizeof(body), JSON_COMPACT);
	json_int_t wait_s = json_integer_value(json_object_get(answer, "waiting"));
	if (wait_s > 0 && wait_s <= LQ_ENROL_TIMEOUT_S_MAX) {
		/* There is another answer to come. */
		order->until = lq_mono_after_ms(link->now, (uint32_t)wait_s * 1000u + ORDER_MS);
	} else {
		order->id = 0;
	}
	if (!lq_session_up(link)) {
		return;
	}
	if (slot == NULL || length == 0 || length > sizeof(body)) {
		lq_link_tell(link, "the answer to a signed command could not be published");
		return;
	}
	(void)lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = order->topic,
			.body = body,
			.length = length,
			.content = LQ_BROKER_JSON,
			.correlation = order->correlation_length > 0 ? order->correlation : NULL,
			.correlation_length = order->correlation_length,
		},
		slot);
}

void lq_answer_order(void *ctx, uint64_t id, json_t *answer)
{
	struct lq_link *link = ctx;
	for (size_t i = 0; id != 0 && i < LQ_LINK_ANSWERS; i++) {
		if (link->orders[i].id == id) {
			publish_order(link, &link->orders[i], answer);
			return;
		}
	}
}

void lq_answer_expire(struct lq_link *link)
{
	for (size_t i = 0; i < LQ_LINK_ANSWERS; i++) {
		struct lq_link_order *order = &link->orders[i];
		if (order->id == 0 || !lq_mono_due(order->until, link->now)) {
			continue;
		}
		json_t *answer = json_pack("{s:b, s:s, s:s}", "ok", 0, "error", "timeout", "text",
			lq_in(link->config->language,
				"loquetd did not answer: the journal shows whether it was done",
				"loquetd n’a pas répondu : le journal dit si elle s’est faite"));
		publish_order(link, order, answer);
		json_decref(answer);
	}
}

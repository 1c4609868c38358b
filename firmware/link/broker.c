#include "firmware/link/broker.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/link/printable.h"
#include "hal/linux/linux_linger.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define GREETING_MS       20000u
#define LINGER_MS         500u
#define SESSION_EXPIRY_S  86400u /* how long the broker keeps commands for a board that is away */
#define INCOMING_MAX      65536u /* bytes of a packet from the broker (MQTT 5 brokers keep to it) */
#define ROSTER_MAX        (1048576u + 4096u) /* likewise, where the office's roster comes */
#define DIAL_STACK        ((size_t)512 * 1024)
#define PROBLEM_SIZE      200u
#define CLOUDEVENT_TYPE   "application/cloudevents+json"
#define JSON_TYPE         "application/json"
#define QOS               1
#define FIXED_HEADER_SIZE 1u
#define SESSION_PRESENT   1 /* MQTT 3.1.1 and 5, 3.2.2.1 */
#define LETTERS_MAX       16u

/* A copy of a message, kept until the library has let go of its locks. */
struct letter {
	struct lq_broker_message message;
	char *response_topic;
	void *correlation;
	char bytes[]; /* payload, topic */
};

struct lq_broker {
	struct lq_broker_settings settings;
	struct lq_broker_handler handler;
	enum lq_broker_phase phase;
	struct mosquitto *client; /* borrowed by the dialling thread while dialling */
	mosquitto_property *hello;
	pthread_t dialler;
	int dialled; /* eventfd: the dialling thread is done */
	int dial_code;
	int dial_errno;
	struct lq_mono greeting_until;
	bool accepted;       /* CONNACK came and said yes, */
	bool resumed;        /* … and that the session is there still */
	bool ended;          /* the library told why, already */
	bool rejected;       /* by the broker, after it had accepted */
	int failure;         /* of a publication: cut when reading does not tell more */
	uint32_t packet_max; /* 0: no limit was announced */
	struct letter *letters[LETTERS_MAX];
	unsigned letter_count;
	bool letters_dropped;
	uint32_t commands_dropped; /* among them */
	int press_mid;             /* of the subscription; 0: none */
	bool press_heard;          /* … and it was answered */
	char problem[PROBLEM_SIZE];
	char library_words[PROBLEM_SIZE];
};

static const char *or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static const char *code_text(int code, int code_errno)
{
	if (code >= MQTT_RC_UNSPECIFIED) {
		return mosquitto_reason_string(code);
	}
	if (code == MOSQ_ERR_EAI) {
		return gai_strerror(code_errno);
	}
	if (code == MOSQ_ERR_SUCCESS || (code == MOSQ_ERR_ERRNO && code_errno == 0)) {
		return mosquitto_strerror(MOSQ_ERR_CONN_LOST); /* it ended and nobody said why */
	}
	// NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's strerror is thread-safe for known numbers
	return code == MOSQ_ERR_ERRNO ? strerror(code_errno) : mosquitto_strerror(code);
}

/* What the library logged as an error says more than its code. */
static void note_problem(struct lq_broker *broker, int code, int code_errno)
{
	const char *words = broker->library_words;
	lq_printable(broker->problem, sizeof(broker->problem),
		words[0] != '\0' ? words : code_text(code, code_errno));
}

/* ---- what the library calls ---- */

/* It comes every minute: none is kept for a board that is away, as QoS 1 would. */
static void subscribe_manifest(struct lq_broker *broker)
{
	char topic[256];
	if (broker->settings.roster_topic[0] != '\0') {
		(void)snprintf(
			topic, sizeof(topic), "%s%s", broker->settings.roster_topic, "manifest");
		(void)mosquitto_subscribe_v5(broker->client, NULL, topic, 0, 0, NULL);
	}
}

/* The session outlives a connection, and with QoS 1 so would what was pressed meanwhile. */
static void subscribe_presses(struct lq_broker *broker)
{
	int options = broker->settings.mqtt5
			      ? MQTT_SUB_OPT_SEND_RETAIN_NEVER | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED
			      : 0;
	broker->press_mid = 0;
	broker->press_heard = false;
	if (broker->settings.press_topic[0] != '\0') {
		(void)mosquitto_subscribe_v5(broker->client, &broker->press_mid,
			broker->settings.press_topic, 0, options, NULL);
	}
}

void lq_broker_subscriptions(
	struct lq_broker *broker, bool subscribe, char *const *topics, int count)
{
	LQ_ASSERT(broker->phase == LQ_BROKER_UP);
	if (subscribe) {
		(void)mosquitto_subscribe_multiple(
			broker->client, NULL, count, topics, QOS, 0, NULL);
	} else {
		(void)mosquitto_unsubscribe_multiple(broker->client, NULL, count, topics, NULL);
	}
}

static void become_up(struct lq_broker *broker)
{
	if (!broker->accepted || broker->phase != LQ_BROKER_GREETING) {
		return;
	}
	broker->phase = LQ_BROKER_UP;
	/* With a log callback the library formats a line for every message. */
	mosquitto_log_callback_set(broker->client, NULL);
	int options = broker->settings.mqtt5 ? MQTT_SUB_OPT_SEND_RETAIN_NEVER : 0;
	(void)mosquitto_subscribe_v5(
		broker->client, NULL, broker->settings.command_topic, QOS, options, NULL);
	subscribe_presses(broker);
	subscribe_manifest(broker);
	broker->handler.up(broker->handler.ctx);
}

static void on_connect(struct mosquitto *client, void *ctx, int code, int flags,
	const mosquitto_property *properties)
{
	struct lq_broker *broker = ctx;
	(void)client;
	if (code != 0) {
		lq_printable(broker->problem, sizeof(broker->problem),
			broker->settings.mqtt5 ? mosquitto_reason_string(code)
					       : mosquitto_connack_string(code));
		broker->ended = true;
		return;
	}
	broker->packet_max = 0;
	(void)mosquitto_property_read_int32(
		properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, &broker->packet_max, false);
	broker->resumed = (flags & SESSION_PRESENT) != 0;
	broker->accepted = true;
}

static void on_subscribe(struct mosquitto *client, void *ctx, int mid, int count,
	const int *granted, const mosquitto_property *properties)
{
	struct lq_broker *broker = ctx;
	(void)client;
	(void)count;
	(void)granted;
	(void)properties;
	if (mid == broker->press_mid) {
		broker->press_heard = true;
	}
}

static bool broker_hung_up(int code)
{
	return code >= MQTT_RC_UNSPECIFIED || code == MOSQ_ERR_CONN_LOST ||
	       (code == MOSQ_ERR_ERRNO && (errno == ECONNRESET || errno == EPIPE));
}

/* May come twice for one connection; the first knows more. */
static void on_disconnect(
	struct mosquitto *client, void *ctx, int code, const mosquitto_property *properties)
{
	struct lq_broker *broker = ctx;
	(void)client;
	(void)properties;
	if (broker->ended) {
		return;
	}
	broker->ended = true;
	broker->rejected = broker->phase == LQ_BROKER_UP && broker_hung_up(code);
	note_problem(broker, code, errno);
}

static void on_publish(struct mosquitto *client, void *ctx, int mid, int reason,
	const mosquitto_property *properties)
{
	const struct lq_broker *broker = ctx;
	(void)client;
	(void)properties;
	broker->handler.settled(broker->handler.ctx, (uint16_t)mid, (uint8_t)reason);
}

static bool is_press(const struct lq_broker *broker, const char *topic)
{
	bool matches = false;
	return broker->settings.press_topic[0] != '\0' &&
	       mosquitto_topic_matches_sub(broker->settings.press_topic, topic, &matches) ==
		       MOSQ_ERR_SUCCESS &&
	       matches;
}

static void on_message(struct mosquitto *client, void *ctx, const struct mosquitto_message *message,
	const mosquitto_property *properties)
{
	struct lq_broker *broker = ctx;
	size_t length = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;
	size_t under = strlen(broker->settings.roster_topic);
	(void)client;
	if (under > 0 && strncmp(message->topic, broker->settings.roster_topic, under) == 0) {
		broker->handler.roster(broker->handler.ctx, message->topic + under,
			message->payload, length, message->retain);
		return;
	}
	bool press = is_press(broker, message->topic);
	if (!press && strcmp(message->topic, broker->settings.command_topic) != 0) {
		return;
	}
	size_t kept = length < broker->settings.command_max ? length : broker->settings.command_max;
	size_t topic_size = strlen(message->topic) + 1;
	struct letter *letter = broker->letter_count < LETTERS_MAX
					? calloc(1, sizeof(*letter) + kept + topic_size)
					: NULL;
	if (letter == NULL) {
		broker->letters_dropped = true;
		broker->commands_dropped += press ? 0 : 1;
		return;
	}
	if (kept > 0) {
		memcpy(letter->bytes, message->payload, kept);
	}
	memcpy(letter->bytes + kept, message->topic, topic_size);
	letter->message.payload = letter->bytes;
	letter->message.topic = letter->bytes + kept;
	letter->message.stale = press && !broker->press_heard;
	letter->message.length = length;
	letter->message.retained = message->retain;
	(void)mosquitto_property_read_string(
		properties, MQTT_PROP_RESPONSE_TOPIC, &letter->response_topic, false);
	(void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA,
		&letter->correlation, &letter->message.correlation_length, false);
	letter->message.response_topic = letter->response_topic;
	letter->message.correlation = letter->correlation;
	broker->letters[broker->letter_count++] = letter;
}

static void drop_letters(struct lq_broker *broker)
{
	for (unsigned i = 0; i < broker->letter_count; i++) {
		struct letter *letter = broker->letters[i];
		free(letter->response_topic);
		free(letter->correlation);
		free(letter);
	}
	broker->letter_count = 0;
	broker->letters_dropped = false;
	broker->commands_dropped = 0;
}

static void deliver_letters(struct lq_broker *broker)
{
	for (unsigned i = 0; i < broker->letter_count; i++) {
		broker->handler.message(broker->handler.ctx, &broker->letters[i]->message);
	}
	if (broker->letters_dropped) {
		broker->handler.overrun(broker->handler.ctx, broker->commands_dropped);
	}
	drop_letters(broker);
}

static void on_log(struct mosquitto *client, void *ctx, int level, const char *text)
{
	struct lq_broker *broker = ctx;
	(void)client;
	if (level == MOSQ_LOG_ERR) {
		lq_printable(broker->library_words, sizeof(broker->library_words), text);
	}
}

/* ---- the client object ---- */

static int make_client(struct lq_broker *broker, struct mosquitto **ret_client)
{
	const struct lq_broker_settings *s = &broker->settings;
	struct mosquitto *client = mosquitto_new(s->client_id, false, broker);
	int code = MOSQ_ERR_NOMEM;
	if (client == NULL) {
		goto out;
	}
	code = mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION,
		s->mqtt5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
	if (code == MOSQ_ERR_SUCCESS) {
		code = mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, s->window);
	}
	if (code == MOSQ_ERR_SUCCESS) {
		code = mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	}
	if (code == MOSQ_ERR_SUCCESS) {
		code = mosquitto_will_set(
			client, s->state_topic, (int)strlen(s->will), s->will, QOS, true);
	}
	if (code == MOSQ_ERR_SUCCESS && s->username[0] != '\0') {
		code = mosquitto_username_pw_set(client, s->username, or_null(s->password));
	}
	if (code == MOSQ_ERR_SUCCESS && s->ca_file[0] != '\0') {
		code = mosquitto_tls_set(client, s->ca_file, NULL, or_null(s->cert_file),
			or_null(s->key_file), NULL);
	}
	if (code != MOSQ_ERR_SUCCESS) {
		goto out;
	}
	mosquitto_connect_v5_callback_set(client, on_connect);
	mosquitto_disconnect_v5_callback_set(client, on_disconnect);
	mosquitto_publish_v5_callback_set(client, on_publish);
	mosquitto_message_v5_callback_set(client, on_message);
	mosquitto_subscribe_v5_callback_set(client, on_subscribe);
	mosquitto_log_callback_set(client, on_log);
	*ret_client = client;
	client = NULL;
out:
	mosquitto_destroy(client);
	return code;
}

static void drop_client(struct lq_broker *broker)
{
	drop_letters(broker);
	mosquitto_destroy(broker->client);
	broker->client = NULL;
	broker->phase = LQ_BROKER_DOWN;
}

int lq_broker_open(const struct lq_broker_settings *settings,
	const struct lq_broker_handler *handler, struct lq_broker **ret_broker,
	const char **ret_problem)
{
	struct mosquitto *trial = NULL;
	int r = LQ_ERR_NO_MEMORY;
	const char *problem = "out of memory";
	(void)mosquitto_lib_init();
	struct lq_broker *broker = calloc(1, sizeof(*broker));
	if (broker == NULL) {
		goto out;
	}
	broker->settings = *settings;
	broker->handler = *handler;
	broker->dialled = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (broker->dialled < 0) {
		r = LQ_ERR_IO;
		problem = "no more descriptors";
		goto out;
	}
	if (mosquitto_property_add_int32(&broker->hello, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
		    SESSION_EXPIRY_S) != MOSQ_ERR_SUCCESS ||
		mosquitto_property_add_int32(&broker->hello, MQTT_PROP_MAXIMUM_PACKET_SIZE,
			settings->roster_topic[0] != '\0' ? ROSTER_MAX : INCOMING_MAX) !=
			MOSQ_ERR_SUCCESS) {
		goto out;
	}
	if (make_client(broker, &trial) != MOSQ_ERR_SUCCESS) {
		r = LQ_ERR_INVALID;
		problem = "ca_file, cert_file or key_file cannot be read, or one of the last two "
			  "is missing";
		goto out;
	}
	*ret_broker = broker;
	broker = NULL;
	r = LQ_OK;
out:
	mosquitto_destroy(trial);
	if (r != LQ_OK) {
		*ret_problem = problem;
		lq_broker_close(broker);
	}
	return r;
}

void lq_broker_close(struct lq_broker *broker)
{
	if (broker != NULL) {
		LQ_ASSERT(broker->phase != LQ_BROKER_DIALLING);
		drop_letters(broker);
		mosquitto_destroy(broker->client);
		mosquitto_property_free_all(&broker->hello);
		if (broker->dialled >= 0) {
			(void)close(broker->dialled);
		}
		free(broker);
	}
	(void)mosquitto_lib_cleanup();
}

enum lq_broker_phase lq_broker_phase(const struct lq_broker *broker)
{
	return broker->phase;
}

bool lq_broker_resumed(const struct lq_broker *broker)
{
	return broker->resumed;
}

const char *lq_broker_problem(const struct lq_broker *broker)
{
	return broker->problem;
}

bool lq_broker_rejected(const struct lq_broker *broker)
{
	return broker->rejected;
}

/* ---- connecting ---- */

static void *dial(void *argument)
{
	struct lq_broker *broker = argument;
	const struct lq_broker_settings *s = &broker->settings;
	broker->dial_code = mosquitto_connect_bind_v5(broker->client, s->host, s->port,
		s->keepalive_s, NULL, s->mqtt5 ? broker->hello : NULL);
	broker->dial_errno = errno;
	(void)eventfd_write(broker->dialled, 1);
	return NULL;
}

static int start_dialler(struct lq_broker *broker)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);
	if (r == 0) {
		(void)pthread_attr_setstacksize(&attributes, DIAL_STACK);
		r = pthread_create(&broker->dialler, &attributes, dial, broker);
		(void)pthread_attr_destroy(&attributes);
	}
	return r;
}

void lq_broker_dial(struct lq_broker *broker, struct lq_mono now)
{
	LQ_ASSERT(broker->phase == LQ_BROKER_DOWN);
	broker->accepted = false;
	broker->ended = false;
	broker->rejected = false;
	broker->failure = MOSQ_ERR_SUCCESS;
	broker->problem[0] = '\0';
	broker->library_words[0] = '\0';
	broker->greeting_until = lq_mono_after_ms(now, GREETING_MS);
	int code = make_client(broker, &broker->client);
	if (code != MOSQ_ERR_SUCCESS) {
		note_problem(broker, code, errno);
		return;
	}
	int failure = start_dialler(broker);
	if (failure != 0) {
		note_problem(broker, MOSQ_ERR_ERRNO, failure);
		drop_client(broker);
		return;
	}
	broker->phase = LQ_BROKER_DIALLING;
}

static void finish_dialling(struct lq_broker *broker, struct lq_mono now)
{
	eventfd_t count = 0;
	if (eventfd_read(broker->dialled, &count) != 0) {
		return;
	}
	(void)pthread_join(broker->dialler, NULL);
	if (broker->dial_code != MOSQ_ERR_SUCCESS) {
		note_problem(broker, broker->dial_code, broker->dial_errno);
		drop_client(broker);
		return;
	}
	broker->greeting_until = lq_mono_after_ms(now, GREETING_MS);
	broker->phase = LQ_BROKER_GREETING;
}

struct pollfd lq_broker_pollfd(const struct lq_broker *broker)
{
	struct pollfd entry = {.fd = -1, .events = POLLIN};
	if (broker->phase == LQ_BROKER_DIALLING) {
		entry.fd = broker->dialled;
	} else if (broker->phase != LQ_BROKER_DOWN) {
		entry.fd = mosquitto_socket(broker->client);
		entry.events = mosquitto_want_write(broker->client) ? POLLIN | POLLOUT : POLLIN;
	}
	return entry;
}

static int run_library(struct lq_broker *broker, short revents)
{
	const short readable = POLLIN | POLLERR | POLLHUP;
	int code = MOSQ_ERR_SUCCESS;
	errno = 0;
	if (revents & readable) {
		code = mosquitto_loop_read(broker->client, 1);
	}
	if (code == MOSQ_ERR_SUCCESS && mosquitto_want_write(broker->client)) {
		code = mosquitto_loop_write(broker->client, 1);
	}
	if (code == MOSQ_ERR_SUCCESS) {
		code = mosquitto_loop_misc(broker->client);
	}
	return code;
}

static void wait_for_greeting(struct lq_broker *broker, short revents, struct lq_mono now)
{
	/* A connection that dies in the TLS handshake looks alive to the library. */
	if (revents & (POLLERR | POLLHUP)) {
		lq_broker_cut(broker, "the connection was closed while it was made");
	} else if (lq_mono_due(broker->greeting_until, now)) {
		lq_broker_cut(broker, "the broker does not answer");
	}
}

void lq_broker_service(struct lq_broker *broker, short revents, struct lq_mono now)
{
	if (broker->phase == LQ_BROKER_DIALLING) {
		finish_dialling(broker, now);
		return;
	}
	if (broker->phase == LQ_BROKER_DOWN) {
		return;
	}
	int code = run_library(broker, revents);
	int code_errno = errno;
	/* The library answers "success" to some ends of a connection. */
	if (code != MOSQ_ERR_SUCCESS || mosquitto_socket(broker->client) < 0) {
		if (!broker->ended) {
			note_problem(broker, code != 0 ? code : MOSQ_ERR_CONN_LOST, code_errno);
		}
		drop_client(broker);
		return;
	}
	become_up(broker);
	if (broker->failure != MOSQ_ERR_SUCCESS) {
		lq_broker_cut(broker, code_text(broker->failure, code_errno));
	} else if (broker->phase == LQ_BROKER_UP) {
		deliver_letters(broker);
	} else {
		wait_for_greeting(broker, revents, now);
	}
}

/* ---- publishing ---- */

static size_t varint_size(size_t value)
{
	return value < 128 ? 1 : value < 16384 ? 2 : value < 2097152 ? 3 : 4;
}

static const char *content_type(enum lq_broker_content content)
{
	switch (content) {
	case LQ_BROKER_CLOUDEVENT:
		return CLOUDEVENT_TYPE;
	case LQ_BROKER_JSON:
		return JSON_TYPE;
	}
	LQ_ASSERT(false);
	return "";
}

/* The whole PUBLISH packet (MQTT 5, §3.3). The library's own check forgets bytes, and a broker
 * closes the connection on a packet that is one byte too long. */
static size_t packet_size(const struct lq_broker *broker, const struct lq_broker_publication *p)
{
	size_t remaining = 2 + strlen(p->topic) + 2 + p->length;
	if (broker->settings.mqtt5) {
		size_t properties = 2 + 3 + strlen(content_type(p->content));
		properties += p->correlation != NULL ? 3u + p->correlation_length : 0u;
		remaining += varint_size(properties) + properties;
	}
	return FIXED_HEADER_SIZE + varint_size(remaining) + remaining;
}

static int add_properties(const struct lq_broker_publication *p, mosquitto_property **properties)
{
	int code = mosquitto_property_add_byte(properties, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1);
	if (code == MOSQ_ERR_SUCCESS) {
		code = mosquitto_property_add_string(
			properties, MQTT_PROP_CONTENT_TYPE, content_type(p->content));
	}
	if (code == MOSQ_ERR_SUCCESS && p->correlation != NULL) {
		code = mosquitto_property_add_binary(properties, MQTT_PROP_CORRELATION_DATA,
			p->correlation, p->correlation_length);
	}
	return code;
}

/* Anything but a fault of the message is a fault of the connection, or of its broker. */
static int judge_publication(struct lq_broker *broker, int code)
{
	switch (code) {
	case MOSQ_ERR_SUCCESS:
		return LQ_OK;
	case MOSQ_ERR_OVERSIZE_PACKET:
	case MOSQ_ERR_PAYLOAD_SIZE:
		return LQ_ERR_FULL;
	case MOSQ_ERR_INVAL:
	case MOSQ_ERR_MALFORMED_UTF8:
		return LQ_ERR_INVALID;
	default:
		broker->failure = code;
		return LQ_ERR_CLOSED;
	}
}

int lq_broker_publish(struct lq_broker *broker, const struct lq_broker_publication *publication,
	uint16_t *ret_mid)
{
	LQ_ASSERT(broker->phase == LQ_BROKER_UP);
	mosquitto_property *properties = NULL;
	int mid = 0;
	int code = MOSQ_ERR_SUCCESS;
	size_t size = packet_size(broker, publication);
	if (size > MQTT_MAX_PAYLOAD || (broker->packet_max != 0 && size > broker->packet_max)) {
		return LQ_ERR_FULL;
	}
	if (broker->settings.mqtt5) {
		code = add_properties(publication, &properties);
	}
	if (code == MOSQ_ERR_SUCCESS) {
		code = mosquitto_publish_v5(broker->client, &mid, publication->topic,
			(int)publication->length, publication->body, QOS, publication->retain,
			properties);
	}
	mosquitto_property_free_all(&properties);
	if (code == MOSQ_ERR_SUCCESS) {
		*ret_mid = (uint16_t)mid;
	}
	return judge_publication(broker, code);
}

void lq_broker_leave(struct lq_broker *broker)
{
	LQ_ASSERT(broker->phase == LQ_BROKER_UP);
	int kept = lq_linux_keep(mosquitto_socket(broker->client));
	broker->ended = true;
	(void)mosquitto_disconnect(broker->client);
	drop_client(broker);
	(void)lq_linux_linger(kept, LINGER_MS);
}

void lq_broker_cut(struct lq_broker *broker, const char *why)
{
	LQ_ASSERT(broker->phase == LQ_BROKER_GREETING || broker->phase == LQ_BROKER_UP);
	broker->ended = true;
	lq_printable(broker->problem, sizeof(broker->problem), why);
	drop_client(broker);
}

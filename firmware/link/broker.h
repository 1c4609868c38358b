/* The connection to the MQTT broker: a thin adapter of libmosquitto 2.0.
 *
 * One connection is one client object: what a lost connection still held in flight is dropped here,
 * and published again from the journal, which is the outbox. Everything but the dialling runs on
 * the caller's thread and does not block. Dialling (name lookup and TCP) may block for minutes and
 * has a thread of its own, which borrows the client object until it is done. */
#ifndef LQ_LINK_BROKER_H
#define LQ_LINK_BROKER_H

#include "firmware/core/time.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_broker;

enum lq_broker_phase {
	LQ_BROKER_DOWN,     /* nothing is going on */
	LQ_BROKER_DIALLING, /* the dialling thread is at work */
	LQ_BROKER_GREETING, /* waiting for the broker to accept (TLS, CONNACK) */
	LQ_BROKER_UP,
};

/* Texts are borrowed and must outlive the broker; empty text: not used. */
struct lq_broker_settings {
	const char *host;
	uint16_t port;
	bool mqtt5; /* otherwise 3.1.1 */
	const char *username;
	const char *password;
	const char *ca_file; /* empty: no TLS */
	const char *cert_file;
	const char *key_file;
	uint16_t window;
	uint16_t keepalive_s;
	const char *client_id;
	const char *state_topic; /* gets `will` retained, from the broker, when the board is lost */
	const char *will;
	const char *command_topic; /* subscribed at QoS 1 on every connection */
	size_t command_max;        /* bytes of a command that are of interest */
	const char *press_topic;   /* subscribed at QoS 0, for what comes is of no use later; empty:
				      not */
	const char *roster_topic;  /* "…/": "manifest" under it is subscribed, and parts when they
				    * are wanted; empty: not */
};

/* A message of the command topic, or of one that the press topic means. Borrowed for the length of
 * the call. */
struct lq_broker_message {
	const char *topic;
	const char *payload; /* at most command_max bytes of it */
	size_t length;       /* as it was sent */
	bool retained;
	bool stale; /* a press that came before this connection's subscription to them was answered:
		     * it may have waited at the broker */
	const char *response_topic;  /* NULL: none */
	const void *correlation;     /* NULL: none */
	uint16_t correlation_length; /* bytes */
};

/* Called from lq_broker_service() only. `up` and `message` may publish, `settled` may not: the
 * library holds locks meanwhile. */
struct lq_broker_handler {
	void *ctx;
	/* The broker has accepted. */
	void (*up)(void *ctx);
	/* The broker has answered for message `mid`: MQTT reason code, 0 for MQTT 3.1.1. */
	void (*settled)(void *ctx, uint16_t mid, uint8_t reason);
	void (*message)(void *ctx, const struct lq_broker_message *message);
	/* Messages were dropped, because more of them came at once than are kept; so many of them
	 * on the command topic. */
	void (*overrun)(void *ctx, uint32_t commands);
	/* A message under the roster's topic; may not publish. */
	void (*roster)(
		void *ctx, const char *name, const void *bytes, size_t length, bool retained);
};

/* What a published message carries beside its body. Only MQTT 5 sends it. */
enum lq_broker_content {
	LQ_BROKER_CLOUDEVENT, /* application/cloudevents+json */
	LQ_BROKER_JSON,       /* application/json */
};

struct lq_broker_publication {
	const char *topic;
	const char *body;
	size_t length;
	bool retain;
	enum lq_broker_content content;
	const void *correlation; /* NULL: none */
	uint16_t correlation_length;
};

/* Dials nothing yet. `settings` and `handler` are copied, their texts are not. LQ_ERR_INVALID with
 * `ret_problem` (static text) when the TLS files cannot be used; LQ_ERR_NO_MEMORY, LQ_ERR_IO. Ends
 * with lq_broker_close(). One broker a process. */
int lq_broker_open(const struct lq_broker_settings *settings,
	const struct lq_broker_handler *handler, struct lq_broker **ret_broker,
	const char **ret_problem);

/* Accepts NULL. Not while it is dialling: the thread still uses it. */
void lq_broker_close(struct lq_broker *broker);

enum lq_broker_phase lq_broker_phase(const struct lq_broker *broker);

/* Whether the broker had kept the session: then what comes first may have been said long ago.
 * Meaningful while up. */
bool lq_broker_resumed(const struct lq_broker *broker);

/* What to poll for now; fd -1 when down. */
struct pollfd lq_broker_pollfd(const struct lq_broker *broker);

/* Begins a connection; only when down. Failures show as the phase going down again. */
void lq_broker_dial(struct lq_broker *broker, struct lq_mono now);

/* Does what is due: `revents` from polling, keep-alive, the deadline for the broker's greeting.
 * Call at least once a second unless down. */
void lq_broker_service(struct lq_broker *broker, short revents, struct lq_mono now);

/* Only when up. A connection that is gone shows elsewhere. */
void lq_broker_subscriptions(
	struct lq_broker *broker, bool subscribe, char *const *topics, int count);

/* Publishes at QoS 1 and gives the message's number. LQ_ERR_FULL: the broker announced that it
 * takes no packet of this size. LQ_ERR_INVALID: the library refuses the message. LQ_ERR_CLOSED: the
 * connection is gone. */
int lq_broker_publish(struct lq_broker *broker, const struct lq_broker_publication *publication,
	uint16_t *ret_mid);

/* Tells the broker goodbye (no last will), waits until it has heard, half a second at most, and
 * goes down. Only when up. */
void lq_broker_leave(struct lq_broker *broker);

/* Cuts the connection without a goodbye, saying why. Only when greeting or up. */
void lq_broker_cut(struct lq_broker *broker, const char *why);

/* Why the last connection failed or ended, printable ASCII. Valid until the next dialling. */
const char *lq_broker_problem(const struct lq_broker *broker);

/* The last connection was ended by the broker, after it had accepted it. */
bool lq_broker_rejected(const struct lq_broker *broker);

#endif

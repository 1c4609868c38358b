/* What the office says over MQTT: messages that wait to be sent, and the signed commands whose
 * answers are awaited. In memory alone: the roster is published anew after every start, and a
 * command that did not get through is not to be done later. One thread. */
#ifndef LQ_OFFICE_POST_H
#define LQ_OFFICE_POST_H

#include "firmware/core/order.h"
#include "firmware/store/keys.h"
#include "hal/entropy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_PARCEL_TOPIC_MAX 160u
#define LQ_PARCELS_MAX      1024u
#define LQ_SENDINGS_MAX     64u /* commands that are remembered, the newest */
#define LQ_SENDING_ID_SIZE  33u
#define LQ_SENDING_WAIT_MS  15000 /* longer than a door takes to give up on its disk */

struct lq_post;

/* `space` and `key` are copied. LQ_ERR_NO_MEMORY. */
int lq_post_new(const char *space, const struct lq_keys *key, const struct lq_entropy *entropy,
	struct lq_post **ret_post);
void lq_post_free(struct lq_post *post); /* accepts NULL */

/* Its private half is not to be handed on. */
const struct lq_keys *lq_post_key(const struct lq_post *post);

/* ---- messages ---- */

/* Queues a message, which is copied, behind all others; an earlier retained one of the same topic
 * that still waits is not sent any more. LQ_ERR_FULL, LQ_ERR_NO_MEMORY, LQ_ERR_INVALID: the topic
 * is too long. */
int lq_office_publish(
	struct lq_post *post, const char *topic, const void *payload, size_t length, bool retain);

struct lq_parcel {
	char topic[LQ_PARCEL_TOPIC_MAX];
	bool retain;
	uint8_t *bytes;
	size_t length;
};

/* How many wait; and to have no more than so many wait, the newest dropped unsent: what was queued
 * by a call whose transaction failed. */
size_t lq_post_waiting(const struct lq_post *post);
void lq_post_take_back(struct lq_post *post, size_t count);

/* The one that has waited longest, or NULL; borrowed until it is done. */
const struct lq_parcel *lq_post_next(const struct lq_post *post);
void lq_post_done(struct lq_post *post);

/* Whether the broker is there. Commands that were not sent when it goes are dropped. */
void lq_post_set_up(struct lq_post *post, bool up);
bool lq_post_is_up(const struct lq_post *post);

/* ---- commands ---- */

enum lq_sending_state {
	LQ_SENDING_WAITING, /* no answer yet */
	LQ_SENDING_TAKEN,   /* the door waits for a badge */
	LQ_SENDING_DONE,
	LQ_SENDING_REFUSED,
	LQ_SENDING_SILENT, /* no answer came in time: whether it was done, the journal shows */
};

struct lq_sending_wish {
	const char *controller;
	const char *door; /* NULL: it concerns no single one */
	enum lq_order_kind kind;
	json_t *arguments; /* taken over; NULL: none */
	int64_t person;    /* whom a badge is read for; 0: nobody */
	const char *by;    /* who asked */
};

struct lq_sending {
	char id[LQ_SENDING_ID_SIZE]; /* the command's nonce; empty: free */
	char controller[LQ_NAME_SIZE];
	char door[LQ_NAME_SIZE];
	char by[2 * LQ_NAME_SIZE];
	enum lq_order_kind kind;
	enum lq_sending_state state;
	int64_t person;
	int64_t until_ms;          /* while it waits */
	char reason[LQ_NAME_SIZE]; /* of a refusal, a word of order.def or control_wire.h */
	char text[257];            /* the same for people */
	bool has_key;
	uint8_t key[16]; /* of the badge that was read */
};

/* Signs and queues a command. LQ_ERR_CLOSED: the broker is not there. LQ_ERR_IO, LQ_ERR_NO_MEMORY,
 * LQ_ERR_FULL. The sending stands until LQ_SENDINGS_MAX others were made. */
int lq_post_send(struct lq_post *post, const struct lq_sending_wish *wish, int64_t now_ms,
	const struct lq_sending **ret_sending);

/* NULL: there is none of that id any more. */
const struct lq_sending *lq_post_sending(const struct lq_post *post, const char *id);

/* What came on loquet/1/<space>/<controller>/command/response. Returns the sending that it changed,
 * or NULL. Whatever is not an answer to one of ours is passed over. */
const struct lq_sending *lq_post_answer(struct lq_post *post, const char *controller,
	const char *body, size_t length, int64_t now_ms);

/* The door did its part, the office could not do its own. Texts as in struct lq_sending. */
void lq_post_fail(struct lq_post *post, const char *id, const char *reason, const char *text);

/* Gives up waiting where it is time. Returns how many it gave up. */
size_t lq_post_expire(struct lq_post *post, int64_t now_ms);

#endif

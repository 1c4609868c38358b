/* What the files of the office's main loop share. One thread. */
#ifndef LQ_OFFICE_LISTEN_INTERNAL_H
#define LQ_OFFICE_LISTEN_INTERNAL_H

#include "host/office/arrivals.h"
#include "host/office/books.h"
#include "host/office/clock.h"
#include "host/office/dial.h"
#include "host/office/doors.h"
#include "host/office/http.h"
#include "host/office/listen.h"
#include "host/office/own_board.h"
#include "host/office/post.h"
#include "host/office/replay.h"
#include "host/office/roster_publish.h"
#include "host/office/roster_watch.h"
#include "host/office/space_topic.h"
#include "host/office/webhook_turn.h"

struct mosquitto;
struct mosquitto_message;

#define LQ_LISTEN_TOPICS     5
#define LQ_LISTEN_TOPIC_SIZE 64u

struct lq_listener {
	const struct lq_cli *cli;
	struct lq_books *books;
	struct lq_post *post;
	struct lq_doors *doors;
	struct lq_publisher *publisher;
	struct lq_roster_watch watch;
	int unpublished; /* why the roster was not published in the last turn */
	struct lq_office office;
	struct lq_arrivals arrivals;
	struct lq_http *http;     /* NULL: no page */
	struct mosquitto *client; /* NULL: no broker */
	struct lq_dial dial;      /* while it runs, the client is its own */
	int failure;              /* of the books: nothing is acknowledged any more */
	char topics[LQ_LISTEN_TOPICS][LQ_LISTEN_TOPIC_SIZE];
	struct lq_space_topic occupancy;
	struct lq_space_rules rules;
	int64_t rules_ms; /* since when they are known, 0: not yet */
	struct lq_replay replay;
	struct lq_own_board own_board;
	struct lq_webhook_post webhooks;
};

/* ---- incoming.c ---- */

/* What the broker brings: into the books, the doors' pictures or the post. */
void lq_incoming_take(struct lq_listener *l, const struct mosquitto_message *message);

/* An event, as it would come on `topic`. What is none is told of and left out. */
void lq_incoming_event(struct lq_listener *l, const char *topic, const char *body, size_t length);

#endif

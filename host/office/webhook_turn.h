/* What the office's loop does for webhooks: tells the queue what happened to visits and to the
 * count, sends what is due, and notes what became of it. One thread. */
#ifndef LQ_OFFICE_WEBHOOK_TURN_H
#define LQ_OFFICE_WEBHOOK_TURN_H

#include "host/office/office.h"
#include "host/office/space_rules.h"
#include "host/office/webhook_send.h"

/* Begins as zeroes. */
struct lq_webhook_post {
	struct lq_sender *sender;
	int64_t looked_ms;  /* on the monotonic clock: when the queue was last looked at, */
	int64_t swept_ms;   /* … and kept in order, */
	int64_t counted_ms; /* … and who is in counted */
	bool pending;       /* something may have come since */
	int failure;        /* of the last turn: said once */
};

/* LQ_ERR_NO_MEMORY, LQ_ERR_IO. */
int lq_webhook_post_begin(struct lq_webhook_post *post);
void lq_webhook_post_end(struct lq_webhook_post *post);

/* To be polled for reading; and as lq_sender_timeout(). */
int lq_webhook_post_fd(const struct lq_webhook_post *post);
int lq_webhook_post_timeout(const struct lq_webhook_post *post, int most_ms);

/* After every poll, with no transaction open. Nothing here waits, and what goes wrong stops nothing
 * else: it is tried again. */
void lq_webhook_post_turn(struct lq_webhook_post *post, struct lq_office *office,
	const struct lq_space_rules *rules, int64_t now_ms);

#endif

/* Requests to webhooks, by libcurl, inside the office's one loop: nothing here waits. Names are
 * looked up on a thread of the library's own. No redirect is followed, nothing of the answer is
 * kept but its status. One thread. */
#ifndef LQ_OFFICE_WEBHOOK_SEND_H
#define LQ_OFFICE_WEBHOOK_SEND_H

#include "host/office/webhook_queue.h"

#define LQ_WEBHOOK_CONNECT_MS 5000
#define LQ_WEBHOOK_ANSWER_MS  10000 /* from the beginning to the end */
#define LQ_WEBHOOK_ANSWER_MAX 65536u

struct lq_sender;

/* LQ_ERR_NO_MEMORY, LQ_ERR_IO. */
int lq_sender_new(struct lq_sender **ret_sender);

/* Accepts NULL. What is under way is broken off. */
void lq_sender_free(struct lq_sender *sender);

/* To be polled for reading. */
int lq_sender_fd(const struct lq_sender *sender);

/* `most_ms`, or less when something has to be done earlier. */
int lq_sender_timeout(const struct lq_sender *sender, int most_ms);

/* Does what there is to do, without waiting. To be called after every poll. */
void lq_sender_run(struct lq_sender *sender);

/* Whether something is under way to a webhook. */
bool lq_sender_is_busy(const struct lq_sender *sender, int64_t webhook);

/* Sends; the parcel's body belongs to the sender when it returns, in any case. LQ_ERR_FULL,
 * LQ_ERR_NO_MEMORY: nothing is under way. */
int lq_sender_send(struct lq_sender *sender, struct lq_webhook_parcel *parcel);

/* Takes up something that came to its end; false: nothing has. */
bool lq_sender_take(struct lq_sender *sender, struct lq_webhook_outcome *ret_outcome);

#endif

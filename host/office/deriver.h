/* A thread that derives passwords' hashes, one after the other, for the server's one thread, which
 * alone calls these functions. What waits is bounded, in all and for each that asks. */
#ifndef LQ_OFFICE_DERIVER_H
#define LQ_OFFICE_DERIVER_H

#include "host/office/derivation.h"

#define LQ_DERIVER_MAX  16u /* that wait or are done and not taken, */
#define LQ_DERIVER_EACH 4u  /* … of the same asker */

struct lq_deriver;

/* LQ_ERR_NO_MEMORY, LQ_ERR_IO. The thread begins with the first question. */
int lq_deriver_new(struct lq_deriver **ret_deriver);

/* Accepts NULL. Every question has been taken back. */
void lq_deriver_free(struct lq_deriver *deriver);

/* Borrows a question until it is taken. LQ_ERR_FULL. LQ_ERR_CLOSED: it was stopped. Where no thread
 * can be begun, it is answered before this returns. */
int lq_deriver_put(struct lq_deriver *deriver, struct lq_derivation *derivation);

/* One that is `done`, or NULL. */
struct lq_derivation *lq_deriver_take(struct lq_deriver *deriver);

/* To be polled for reading: there may be one to take. */
int lq_deriver_fd(const struct lq_deriver *deriver);

/* Waits for the one that is being derived; those behind it are done with LQ_ERR_CLOSED. */
void lq_deriver_stop(struct lq_deriver *deriver);

#endif

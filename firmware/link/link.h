/* The whole of loquet-link: reads the journal behind its own cursor, publishes every row in order,
 * and moves the cursor when the broker has it. One thread (the broker adapter keeps a second one
 * for dialling); no call blocks on the network. */
#ifndef LQ_LINK_LINK_H
#define LQ_LINK_LINK_H

#include "firmware/config/config.h"

struct lq_link;

/* Reads the cursor and prepares everything; connects to nothing yet. `config` and `password`
 * (empty: none) are borrowed for the life of the link. Says on standard error what is wrong.
 * LQ_ERR_INVALID: a setting cannot be used; LQ_ERR_IO; LQ_ERR_NO_MEMORY. */
int lq_link_open(const struct lq_config *config, const char *password, struct lq_link **ret_link);

/* Works until `stop_fd` becomes readable, then says goodbye to the broker and saves the cursor: at
 * most twice LQ_LINK_GOODBYE_MS later it returns. LQ_OK, or LQ_ERR_IO when it cannot go on. */
int lq_link_run(struct lq_link *link, int stop_fd);

#define LQ_LINK_GOODBYE_MS 500u

/* Accepts NULL. Returns false when a thread of the link is still dialling and cannot be ended: then
 * the memory stays in use, and the process must leave with _exit(). */
bool lq_link_close(struct lq_link *link);

#endif

/* The office's page and interface over HTTP (RFC 9112), by libmicrohttpd, inside the office's one
 * loop. */
#ifndef LQ_OFFICE_HTTP_H
#define LQ_OFFICE_HTTP_H

#include "host/office/office.h"

struct lq_http;

/* Listens at [office] listen and port. `office` is borrowed and must outlive it. LQ_ERR_INVALID:
 * the address is none. LQ_ERR_BUSY: somebody else listens there. LQ_ERR_NO_MEMORY, LQ_ERR_IO. */
int lq_http_start(struct lq_office *office, struct lq_http **ret_http);

/* To be polled for reading. */
int lq_http_fd(const struct lq_http *http);

/* `most_ms`, or less when something has to be done earlier. */
int lq_http_timeout(const struct lq_http *http, int most_ms);

/* Does what there is to do, without waiting. To be called after every poll. */
void lq_http_run(struct lq_http *http);

/* Accepts NULL. Ends every connection. */
void lq_http_stop(struct lq_http *http);

#endif

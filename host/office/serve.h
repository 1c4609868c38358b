/* A request of HTTP and its answer, without the network: who asks, whether they may, the handler,
 * its transaction. */
#ifndef LQ_OFFICE_SERVE_H
#define LQ_OFFICE_SERVE_H

#include "host/office/api.h"
#include "host/office/office.h"
#include "host/office/web_files.h"

#define LQ_BODY_NOBODY_MAX 16384u /* from those who proved nothing yet */
#define LQ_BODY_MAX        1048576u
#define LQ_BODY_CSV_MAX    33554432u

struct lq_derivation;

/* Borrowed by whoever serves it. Header fields that were not sent are NULL. */
struct lq_exchange {
	const char *method;
	const char *target; /* as it stands in the request line */
	size_t target_length;
	const char *address; /* of the peer, numeric */
	bool loopback;       /* it is this machine, and asked for it by such a name */
	bool tls;            /* a proxy on this machine says that it came encrypted */
	const char *accept_encoding;
	const char *accept_language;
	const char *authorization;
	const char *content_type;
	const char *cookie;
	const char *csrf; /* X-Loquet-CSRF */
	const char *if_none_match;
	const char *last_event_id;
	struct lq_derivation *derivation; /* NULL: hashes of passwords are made at once */
	const char *body;                 /* NUL behind it; NULL: none */
	size_t body_length;
};

struct lq_reply {
	int status;
	struct lq_answer answer;        /* any JSON is text here already */
	const struct lq_web_file *file; /* in place of the answer's text */
	bool packed;                    /* the file's gzip */
	char methods[64];               /* 405: those that there are */
};

/* Looks at a request before its body has come. True with the most bytes that are taken up; false
 * with the reply that refuses it. */
bool lq_serve_admit(struct lq_office *office, const struct lq_exchange *exchange, uint64_t length,
	size_t *ret_most, struct lq_reply *ret_reply);

/* Answers; where the exchange's derivation is `wanted` then, the same is to be asked again when it
 * is done, or the reply to be sent, which says to try later. The reply is to be released by
 * lq_reply_free(). */
void lq_serve(
	struct lq_office *office, const struct lq_exchange *exchange, struct lq_reply *ret_reply);

/* A reply without a handler: the body is longer than lq_serve_admit() said. */
void lq_serve_too_long(
	struct lq_office *office, const struct lq_exchange *exchange, struct lq_reply *ret_reply);

/* Whether what the cookie or token of a request for the stream allows still holds. */
bool lq_serve_still(struct lq_office *office, const struct lq_exchange *exchange);

/* Sends what was announced since; to be called when the transaction is committed. */
void lq_serve_announce(struct lq_office *office);

void lq_reply_free(struct lq_reply *reply);

#endif

/* scrypt beside the server's one thread. A call that needs a password's hash asks for it here:
 * where the server can wait, the call is refused for now, taken back, and made again when the hash
 * is there; a second time the same question has an answer. So everything that a call decides by,
 * the throttle too, is asked again when the hash is known. A call has two questions at the most. */
#ifndef LQ_OFFICE_DERIVATION_H
#define LQ_OFFICE_DERIVATION_H

#include "host/office/api.h"
#include "host/office/password.h"
#include "host/office/throttle.h"

struct lq_question {
	bool done; /* it is answered, with `result` */
	int result;
	char text[LQ_PASSWORD_MAX + 1];
	struct lq_password password; /* `hash` is what is found */
};

/* Of one request; begins as zeroes and belongs to the server, to be wiped by it. */
struct lq_derivation {
	bool wanted; /* the answer to `now`, by the call that was refused for now */
	char asker[LQ_THROTTLE_KEY_SIZE];
	struct lq_question now;
	struct lq_question before; /* the call's first one, once it has a second */
};

/* As lq_password_make(). LQ_ERR_BUSY: the answer is to be lq_derivation_later(). */
int lq_derivation_make(
	const struct lq_request *request, const char *text, struct lq_password *ret_password);

/* Whether `text` is the password, into `ret_holds`. LQ_ERR_BUSY: as above, and so are
 * LQ_ERR_NO_MEMORY and LQ_ERR_CLOSED. By a damaged row nobody is let in. */
int lq_derivation_holds(const struct lq_request *request, const struct lq_password *password,
	const char *text, bool *ret_holds);

/* 503 "busy": what is answered when the server cannot wait either, for too many do. */
int lq_derivation_later(const struct lq_request *request, struct lq_answer *answer);

#endif

/* A message of the command topic, taken apart; and the answer to one that is none. Pure (jansson
 * aside).
 *
 *   <header>.<payload>.<signature>          a signed command (RFC 7515): loquetd's business
 *   {"jws":"<the same>"}                    likewise
 *   {…,"correlation":"any text"}            repeated in the answer, for MQTT 3.1.1
 *
 * Answer: {"ok":false,"error":"<word>","reason":"<word>","text":"<sentence>"} with a word of
 * control_wire.h and one of core/order.def, which goes into the journal, too.
 * Anything unknown is refused, nothing is guessed, and nothing is done without a signature. */
#ifndef LQ_LINK_COMMAND_H
#define LQ_LINK_COMMAND_H

#include "firmware/core/order.h"

#include <stddef.h>

#define LQ_COMMAND_MAX          4096u /* bytes */
#define LQ_COMMAND_CORRELATION  128u  /* bytes, without the terminator */
#define LQ_COMMAND_RESPONSE_MAX 1024u
#define LQ_COMMAND_ORDER_MAX    2048u /* bytes of a signed command, without the terminator */

struct lq_command {
	char order[LQ_COMMAND_ORDER_MAX + 1];
	char correlation[LQ_COMMAND_CORRELATION + 1]; /* empty: none */
};

/* Static texts. */
struct lq_command_refusal {
	const char *error;
	enum lq_refusal reason; /* LQ_REFUSAL_COUNT: not told */
	const char *text;
};

/* LQ_ERR_INVALID with `ret_refusal`; `ret_command->correlation` is filled
 * then too, where it can be told. */
int lq_command_parse(const char *text, size_t length, struct lq_command *ret_command,
	struct lq_command_refusal *ret_refusal);

/* Writes the answer, without terminator. Returns its length. */
size_t lq_command_answer(const struct lq_command *command, const struct lq_command_refusal *refusal,
	char ret_text[LQ_COMMAND_RESPONSE_MAX]);

#endif

/* Error texts: what was found, quoted safely, and what would be right. Pure; any thread. */
#ifndef LQ_CONFIG_COMPLAIN_H
#define LQ_CONFIG_COMPLAIN_H

#include "firmware/config/config.h"
#include "firmware/config/span.h"
#include "firmware/config/suggest.h"

#define LQ_QUOTED_SIZE 64u

/* Foreign text fit for a terminal: what is not printable UTF-8 reads \xNN, and what is too long
 * ends with "...". */
struct lq_quoted {
	char text[LQ_QUOTED_SIZE];
};

struct lq_quoted lq_quote(struct lq_span span);

/* "; did you mean WORD?" in the error's language, or nothing when no word is near. */
struct lq_quoted lq_did_you_mean(
	const struct lq_config_error *error, const struct lq_suggestion *suggestion);

/* Fills the error in its language: both texts take the same arguments. Returns LQ_ERR_INVALID, so
 * that a caller can say `return lq_complain(…)`. */
__attribute__((format(printf, 3, 5), format(printf, 4, 5))) int lq_complain(
	struct lq_config_error *error, size_t line, const char *en, const char *fr, ...);

#endif

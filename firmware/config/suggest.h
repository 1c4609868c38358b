/* "Did you mean": the word that a typing error was meant to be. Pure; any thread. */
#ifndef LQ_CONFIG_SUGGEST_H
#define LQ_CONFIG_SUGGEST_H

#include "firmware/config/span.h"

struct lq_suggestion {
	struct lq_span found;
	const char *word; /* the nearest so far, NULL: none is near */
	size_t distance;
};

struct lq_suggestion lq_suggestion_begin(struct lq_span found);

/* Weighs one word that would have been right. `word` is borrowed. */
void lq_suggestion_weigh(struct lq_suggestion *suggestion, const char *word);

#endif

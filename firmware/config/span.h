/* A piece of the file's text: borrowed, not terminated. Pure; any thread. */
#ifndef LQ_CONFIG_SPAN_H
#define LQ_CONFIG_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct lq_span {
	const char *at;
	size_t length;
};

struct lq_span lq_span_of(const char *text);

bool lq_span_equal(struct lq_span a, struct lq_span b);

/* Without the blanks (space, tab) at both ends. */
struct lq_span lq_span_trim(struct lq_span span);

/* Copies into a buffer of `size` bytes and terminates; the span must fit. */
void lq_span_copy(struct lq_span span, char *out, size_t size);

#endif

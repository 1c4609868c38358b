#include "firmware/config/span.h"

#include "firmware/core/assert.h"

#include <string.h>

struct lq_span lq_span_of(const char *text)
{
	return (struct lq_span){.at = text, .length = strlen(text)};
}

bool lq_span_equal(struct lq_span a, struct lq_span b)
{
	return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct lq_span lq_span_trim(struct lq_span span)
{
	while (span.length > 0 && blank(span.at[0])) {
		span.at++;
		span.length--;
	}
	while (span.length > 0 && blank(span.at[span.length - 1])) {
		span.length--;
	}
	return span;
}

void lq_span_copy(struct lq_span span, char *out, size_t size)
{
	LQ_ASSERT(span.length < size);
	memcpy(out, span.at, span.length);
	out[span.length] = '\0';
}

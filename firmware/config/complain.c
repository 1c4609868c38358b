#include "firmware/config/complain.h"

#include "firmware/core/err.h"
#include "firmware/core/utf8.h"

#include <stdarg.h>
#include <string.h>

static const char more[] = "...";

/* The quoted form of the first character, or of the first byte where there is no character. Returns
 * how many bytes of the span it stands for. */
static size_t quote_one(struct lq_span span, char out[5], size_t *ret_length)
{
	uint32_t character = 0;
	size_t length = lq_utf8_decode(span.at, span.length, &character);
	if (length > 0 && lq_utf8_printable(character)) {
		memcpy(out, span.at, length);
		*ret_length = length;
		return length;
	}
	static const char hex[] = "0123456789abcdef";
	unsigned char byte = (unsigned char)span.at[0];
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[byte >> 4];
	out[3] = hex[byte & 15];
	*ret_length = 4;
	return 1;
}

struct lq_quoted lq_quote(struct lq_span span)
{
	struct lq_quoted quoted = {0};
	size_t at = 0;
	size_t cut = 0; /* where "..." still has room */
	while (span.length > 0) {
		char one[5];
		size_t length = 0;
		size_t taken = quote_one(span, one, &length);
		if (at + length >= sizeof(quoted.text)) {
			memcpy(quoted.text + cut, more, sizeof(more));
			break;
		}
		memcpy(quoted.text + at, one, length);
		at += length;
		cut = at + sizeof(more) <= sizeof(quoted.text) ? at : cut;
		span.at += taken;
		span.length -= taken;
	}
	return quoted;
}

struct lq_quoted lq_did_you_mean(
	const struct lq_config_error *error, const struct lq_suggestion *suggestion)
{
	struct lq_quoted text = {0};
	if (suggestion->word != NULL) {
		snprintf(text.text, sizeof(text.text),
			lq_in(error->language, "; did you mean %s?", " ; vouliez-vous dire %s ?"),
			suggestion->word);
	}
	return text;
}

int lq_complain(struct lq_config_error *error, size_t line, const char *en, const char *fr, ...)
{
	char text[2 * sizeof(error->message)];
	va_list arguments;
	va_start(arguments, fr);
	vsnprintf(text, sizeof(text), lq_in(error->language, en, fr), arguments);
	va_end(arguments);
	size_t length = lq_utf8_fit(text, sizeof(error->message) - 1);
	memcpy(error->message, text, length);
	error->message[length] = '\0';
	error->line = line;
	return LQ_ERR_INVALID;
}

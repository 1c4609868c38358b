#include "firmware/config/lexer.h"

#include "firmware/core/utf8.h"

#include <string.h>

struct lq_lexer lq_lexer_begin(struct lq_span text)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (text.length >= 3 && memcmp(text.at, mark, 3) == 0) {
		text.at += 3;
		text.length -= 3;
	}
	return (struct lq_lexer){.rest = text};
}

static struct lq_span take_line(struct lq_span *rest)
{
	const char *end = memchr(rest->at, '\n', rest->length);
	size_t length = end == NULL ? rest->length : (size_t)(end - rest->at);
	struct lq_span line = {.at = rest->at, .length = length};
	size_t taken = end == NULL ? length : length + 1;
	rest->at += taken;
	rest->length -= taken;
	if (line.length > 0 && line.at[line.length - 1] == '\r') {
		line.length--;
	}
	return line;
}

static struct lq_span from(struct lq_span span, size_t start)
{
	return (struct lq_span){.at = span.at + start, .length = span.length - start};
}

/* The first byte that cannot be text, or an empty span. */
static struct lq_span find_binary(struct lq_span line)
{
	while (line.length > 0) {
		uint32_t character = 0;
		size_t length = lq_utf8_decode(line.at, line.length, &character);
		if (length == 0 || character == 0) {
			break;
		}
		line = from(line, length);
	}
	return line;
}

static struct lq_config_line section_line(struct lq_span line)
{
	const char *end = memchr(line.at, ']', line.length);
	if (end == NULL || end != line.at + line.length - 1) {
		return (struct lq_config_line){.kind = LQ_LINE_IS_OPEN, .head = line};
	}
	struct lq_span inner =
		lq_span_trim((struct lq_span){.at = line.at + 1, .length = line.length - 2});
	size_t word = 0;
	while (word < inner.length && inner.at[word] != ' ' && inner.at[word] != '\t') {
		word++;
	}
	return (struct lq_config_line){
		.kind = LQ_LINE_IS_SECTION,
		.head = {.at = inner.at, .length = word},
		.tail = lq_span_trim(from(inner, word)),
	};
}

static struct lq_config_line classify(struct lq_span raw)
{
	struct lq_span binary = find_binary(raw);
	if (binary.length > 0) {
		return (struct lq_config_line){.kind = LQ_LINE_IS_BINARY, .head = binary};
	}
	struct lq_span line = lq_span_trim(raw);
	if (line.length == 0 || line.at[0] == '#') {
		return (struct lq_config_line){.kind = LQ_LINE_IS_EMPTY};
	}
	if (line.at[0] == '[') {
		return section_line(line);
	}
	const char *equals = memchr(line.at, '=', line.length);
	if (equals == NULL || equals == line.at) {
		return (struct lq_config_line){.kind = LQ_LINE_IS_OTHER, .head = line};
	}
	size_t key = (size_t)(equals - line.at);
	return (struct lq_config_line){
		.kind = LQ_LINE_IS_PAIR,
		.head = lq_span_trim((struct lq_span){.at = line.at, .length = key}),
		.tail = lq_span_trim(from(line, key + 1)),
	};
}

bool lq_lexer_next(struct lq_lexer *lexer, struct lq_config_line *ret_line)
{
	if (lexer->rest.length == 0) {
		return false;
	}
	lexer->line++;
	*ret_line = classify(take_line(&lexer->rest));
	return true;
}

/* The lines of loquet.conf, told apart by their form alone: nothing here knows a key.
 * Pure; any thread. */
#ifndef LQ_CONFIG_LEXER_H
#define LQ_CONFIG_LEXER_H

#include "firmware/config/span.h"

struct lq_lexer {
	struct lq_span rest;
	size_t line; /* number of the line last taken, from 1 */
};

enum lq_line_kind {
	LQ_LINE_IS_EMPTY,   /* blank or a comment */
	LQ_LINE_IS_SECTION, /* [word name]: `head` is the word, `tail` the name or empty */
	LQ_LINE_IS_PAIR,    /* head = tail; the tail may be empty */
	LQ_LINE_IS_OPEN,    /* a section without its ] or with something behind it */
	LQ_LINE_IS_OTHER,   /* none of these: `head` is the line */
	LQ_LINE_IS_BINARY,  /* not UTF-8, or a zero byte: `head` begins with that byte */
};

struct lq_config_line {
	enum lq_line_kind kind;
	struct lq_span head;
	struct lq_span tail;
};

/* A byte order mark at the beginning is passed over. */
struct lq_lexer lq_lexer_begin(struct lq_span text);

/* Takes the next line, which ends with LF, CR LF or the text; false when there is none. */
bool lq_lexer_next(struct lq_lexer *lexer, struct lq_config_line *ret_line);

#endif

/* Foreign text on its way to a terminal. Any thread. */
#ifndef LQ_CLI_ESCAPE_H
#define LQ_CLI_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* A copy in which nothing but visible text is left: ASCII controls and bytes that are not UTF-8
 * become \xNN, other characters that lq_utf8_printable() rejects \u{NNNN}. The caller frees it;
 * NULL when memory ran out. */
char *lq_escape(const char *text);

/* lq_escape(), written to `out`. */
void lq_escape_print(FILE *out, const char *text);

/* A copy in which every byte that is not UTF-8 became U+FFFD. The caller frees it; NULL when memory
 * ran out. */
char *lq_escape_utf8(const char *text);

/* Terminal columns that escaped text takes. */
size_t lq_escape_width(const char *text);

#endif

/* Text in HTML. Any thread. */
#ifndef LQ_OFFICE_HTML_H
#define LQ_OFFICE_HTML_H

#include <stdio.h>

/* So that it stands there as what it is, in an element or in an attribute's quotes. */
void lq_html_put(FILE *out, const char *text);
void lq_html_put_character(FILE *out, char character);

#endif

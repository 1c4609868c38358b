/* UTF-8 as RFC 3629 has it. Pure; any thread. */
#ifndef LQ_CONFIG_UTF8_H
#define LQ_CONFIG_UTF8_H

#include "firmware/config/span.h"

#include <stdint.h>

/* Decodes the first character of a span that is not empty. Returns its bytes, 0 when they are not
 * UTF-8. */
size_t lq_utf8_decode(struct lq_span span, uint32_t *ret_character);

/* Whether a character leaves a mark or a space: no control, and none of the characters that change
 * the direction of their neighbours or show nothing at all. */
bool lq_utf8_printable(uint32_t character);

/* Whether the span is UTF-8 and printable throughout. */
bool lq_utf8_all_printable(struct lq_span span);

#endif

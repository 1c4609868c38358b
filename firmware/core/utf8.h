/* UTF-8 as RFC 3629 has it. Pure; any thread. */
#ifndef LQ_CORE_UTF8_H
#define LQ_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the first character of `length` bytes, at least one. Returns how many it takes, 0 when
 * they do not begin with a character. */
size_t lq_utf8_decode(const char *bytes, size_t length, uint32_t *ret_character);

/* Whether a character leaves a mark or a space: no control, and none of the characters that change
 * the direction of their neighbours or show nothing at all. */
bool lq_utf8_printable(uint32_t character);

/* Whether the bytes are UTF-8 and printable throughout. */
bool lq_utf8_all_printable(const char *bytes, size_t length);

/* Whether the bytes are nothing but spaces, or none: a name that nobody can see. They are UTF-8. */
bool lq_utf8_blank(const char *bytes, size_t length);

/* How many bytes of `text` fit into `capacity` without cutting a character in two. */
size_t lq_utf8_fit(const char *text, size_t capacity);

#endif

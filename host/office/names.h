/* How things are called. Pure; any thread. */
#ifndef LQ_OFFICE_NAMES_H
#define LQ_OFFICE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* A name as the doors know them: 1 to 32 of a-z 0-9 _ -. */
bool lq_is_name(const char *text);

/* "p12" is 12 with the letter p. -1 when it is not one of these. */
int64_t lq_parse_id(const char *text, char letter);

/* The same without a letter. */
int64_t lq_parse_number(const char *text);

#endif

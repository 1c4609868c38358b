/* The small words of the command line: numbers, names, identifiers. Pure; any thread. */
#ifndef LQ_CLI_WORDS_H
#define LQ_CLI_WORDS_H

#include "firmware/core/identifier.h"
#include "firmware/core/site.h"

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits and nothing else. LQ_ERR_INVALID when it is not, or lies outside. */
int lq_word_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number);

/* A roster number, with or without its letter: "3" or "m3". LQ_ERR_INVALID. */
int lq_word_roster_id(const char *text, char letter, uint32_t *ret_id);

/* 1 to 32 characters of [a-z0-9_-]. */
bool lq_word_is_name(const char *text);

/* A door mode in ONVIF's own spelling, however it was spelt; NULL when it is none. Static. */
const char *lq_word_mode(const char *text);

#define LQ_UID_TEXT_SIZE (2u * LQ_UID_MAX + 1u)

/* A UID of 4, 7 or 10 bytes in hexadecimal, bytes perhaps separated by ':', '-' or blanks, as
 * lower-case digits alone. LQ_ERR_INVALID. */
int lq_word_uid(const char *text, char ret_uid[LQ_UID_TEXT_SIZE]);

struct lq_place {
	char access_point[LQ_ACCESS_POINT_NAME_SIZE];
	char schedule[LQ_NAME_SIZE]; /* empty: always */
};

/* "front/entry", "front/exit@office", "*". LQ_ERR_INVALID. */
int lq_word_place(const char *text, struct lq_place *ret_place);

#endif

/* The values of keys: from text into the configuration's structs and back. */
#ifndef LQ_CONFIG_VALUE_H
#define LQ_CONFIG_VALUE_H

#include "firmware/config/config.h"
#include "firmware/config/key.h"

#include <stdio.h>

/* The struct that the members of a section's keys live in. */
void *lq_section_struct(struct lq_config *config, enum lq_section section, size_t index);
const void *lq_section_struct_const(
	const struct lq_config *config, enum lq_section section, size_t index);

/* Writes the member of `key` in `section`; false, and nothing is written, when the text is not such
 * a value. Of a DOOR and of DOORS only the form is checked: which they are shows when the file
 * ends. */
bool lq_value_parse(const struct lq_key *key, struct lq_span text, void *section);

/* Writes the value as the file would have it. Errors show in ferror(). */
void lq_value_print(
	const struct lq_key *key, const struct lq_config *config, const void *section, FILE *out);

/* Finds the doors of a DOORS value; false with the name that is none of them. */
bool lq_value_find_doors(const struct lq_config *config, struct lq_span text, uint32_t *ret_doors,
	struct lq_span *ret_unknown);

/* Whether the text is a name of doors, readers, spaces: 1 to 32 of a-z, 0-9, _ and -. */
bool lq_name_valid(struct lq_span text);

/* Of COMMANDS, the first that stands there twice, which is why they are no such value. */
bool lq_value_repeats(const struct lq_key *key, struct lq_span text, struct lq_span *ret_word);

#define LQ_EXPECTED_SIZE 224u

/* "a number from 100 to 600000" and the like. */
void lq_value_expected(
	const struct lq_key *key, enum lq_language language, char ret_text[LQ_EXPECTED_SIZE]);

/* A CHOICE's word by its number in the enum; empty when there is none. `ret_default` says whether
 * it is the default. */
struct lq_span lq_choice_word(const struct lq_key *key, unsigned number, bool *ret_default);

/* The default as it would be written; only for a key that has one. */
struct lq_span lq_value_default(const struct lq_key *key);

#endif

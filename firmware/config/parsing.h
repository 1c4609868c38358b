/* What is known while a file is parsed: the configuration so far, and where each part was written.
 */
#ifndef LQ_CONFIG_PARSING_H
#define LQ_CONFIG_PARSING_H

#include "firmware/config/config.h"
#include "firmware/config/key.h"
#include "firmware/config/span.h"

/* The most sections of one kind. */
#define LQ_INSTANCES_MAX LQ_READERS_MAX
_Static_assert(LQ_DOORS_MAX <= LQ_INSTANCES_MAX, "room for every door");
_Static_assert(LQ_ORDER_SIGNERS_MAX <= LQ_INSTANCES_MAX, "room for every signer");

struct lq_parsing {
	struct lq_config config;
	struct lq_speech speech;
	struct lq_config_error *error;

	/* Line numbers; 0: not written. */
	uint32_t section_line[LQ_SECTION_COUNT][LQ_INSTANCES_MAX];
	uint32_t key_line[LQ_SECTION_COUNT][LQ_INSTANCES_MAX][LQ_KEYS_MAX];

	struct lq_span reader_door[LQ_READERS_MAX]; /* a reader may name a door that comes later */

	struct lq_span signer_doors[LQ_ORDER_SIGNERS_MAX];

	/* The section that lines belong to now. */
	bool inside;
	enum lq_section section;
	uint16_t index;
};

/* The line at which a key was written, or else its section, or 0. */
size_t lq_parsing_line(
	const struct lq_parsing *parsing, enum lq_section section, size_t index, const char *key);

/* Begins with nothing known. */
void lq_parsing_begin(
	struct lq_parsing *parsing, struct lq_speech speech, struct lq_config_error *error);

/* Reads the lines, and finishes. LQ_ERR_INVALID with the error filled. */
int lq_parsing_run(struct lq_parsing *parsing, const char *text, size_t length);

/* Looks at the whole when every line has been read, finds each reader's door and settles what
 * follows from other keys. LQ_ERR_INVALID with the error filled. */
int lq_parsing_finish(struct lq_parsing *parsing);

#endif

/* The rows of config.def as data. Pure; any thread. */
#ifndef LQ_CONFIG_KEY_H
#define LQ_CONFIG_KEY_H

#include "firmware/config/span.h"

#include <stdint.h>

/* In the order in which they are printed. */
enum lq_section {
	LQ_SECTION_controller,
	LQ_SECTION_door,
	LQ_SECTION_reader,
	LQ_SECTION_mqtt,
	LQ_SECTION_command,
	LQ_SECTION_office,
	LQ_SECTION_COUNT
};

enum lq_value_type {
	LQ_VALUE_NAME,
	LQ_VALUE_TEXT,
	LQ_VALUE_PATH,
	LQ_VALUE_DEVICE,
	LQ_VALUE_NUMBER,
	LQ_VALUE_BOOL,
	LQ_VALUE_CHOICE,
	LQ_VALUE_LINE,
	LQ_VALUE_DOOR,
	LQ_VALUE_DOORS,
	LQ_VALUE_COMMANDS,
	LQ_VALUE_KEY,
};

struct lq_key {
	enum lq_section section;
	enum lq_value_type type;
	const char *name;
	size_t offset; /* of the member in the section's struct */
	size_t size;   /* of that member */
	uint32_t minimum;
	uint32_t maximum;
	const char *fallback; /* NULL: the key must be given */
	const char *text;
};

#define LQ_KEYS_MAX 80u

extern const struct lq_key lq_keys[];
extern const size_t lq_key_count;

/* "controller", "door" and so on. Static. */
const char *lq_section_name(enum lq_section section);

/* Whether the section may stand several times, each with a name. */
bool lq_section_named(enum lq_section section);

/* NULL when the section has no such key. */
const struct lq_key *lq_key_find(enum lq_section section, struct lq_span name);

#endif

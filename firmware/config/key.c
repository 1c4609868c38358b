#include "firmware/config/key.h"

#include "firmware/config/config.h"
#include "firmware/core/assert.h"

#define STRUCT_controller struct lq_config
#define STRUCT_door       struct lq_config_door
#define STRUCT_reader     struct lq_config_reader
#define STRUCT_mqtt       struct lq_config_mqtt
#define STRUCT_command    struct lq_signer
#define STRUCT_office     struct lq_config_office

const struct lq_key lq_keys[] = {
#define KEY(section_, key_, type_, member_, minimum_, maximum_, default_, text_)                   \
	{                                                                                          \
		.section = LQ_SECTION_##section_,                                                  \
		.type = LQ_VALUE_##type_,                                                          \
		.name = #key_,                                                                     \
		.offset = offsetof(STRUCT_##section_, member_),                                    \
		.size = sizeof(((STRUCT_##section_ *)NULL)->member_),                              \
		.minimum = (minimum_),                                                             \
		.maximum = (maximum_),                                                             \
		.fallback = (default_),                                                            \
		.text = (text_),                                                                   \
	},
#include "firmware/config/config.def"
#undef KEY
};

const size_t lq_key_count = sizeof(lq_keys) / sizeof(lq_keys[0]);
_Static_assert(sizeof(lq_keys) / sizeof(lq_keys[0]) <= LQ_KEYS_MAX, "room to note every key");

const char *lq_section_name(enum lq_section section)
{
	switch (section) {
	case LQ_SECTION_controller:
		return "controller";
	case LQ_SECTION_door:
		return "door";
	case LQ_SECTION_reader:
		return "reader";
	case LQ_SECTION_mqtt:
		return "mqtt";
	case LQ_SECTION_command:
		return "command";
	case LQ_SECTION_office:
		return "office";
	case LQ_SECTION_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return "";
}

bool lq_section_named(enum lq_section section)
{
	return section == LQ_SECTION_door || section == LQ_SECTION_reader ||
	       section == LQ_SECTION_command;
}

const struct lq_key *lq_key_find(enum lq_section section, struct lq_span name)
{
	for (size_t i = 0; i < lq_key_count; i++) {
		if (lq_keys[i].section == section &&
			lq_span_equal(lq_span_of(lq_keys[i].name), name)) {
			return &lq_keys[i];
		}
	}
	return NULL;
}

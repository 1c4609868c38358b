#include "host/office/webhook_type.h"

#include <string.h>

static const struct {
	const char *word;
	enum lq_scope scope;
	bool feed;
} types[] = {
#define X(id, word, scope, feed) {word, LQ_SCOPE_##scope, feed},
#include "host/office/webhook_type.def"
#undef X
};

_Static_assert(sizeof(types) / sizeof(types[0]) == LQ_WEBHOOK_TYPES, "a row each");
_Static_assert((int)LQ_WEBHOOK_TYPES < (int)LQ_WEBHOOK_TEST, "a bit each");

const char *lq_webhook_word(enum lq_webhook_type type)
{
	return type < LQ_WEBHOOK_TYPES ? types[type].word : "webhook.test";
}

enum lq_webhook_type lq_webhook_type_of_word(const char *word)
{
	int type = 0;
	while (type < LQ_WEBHOOK_TYPES && strcmp(types[type].word, word) != 0) {
		type++;
	}
	return (enum lq_webhook_type)type;
}

enum lq_webhook_type lq_webhook_type_of_event(const char *type)
{
	static const char begin[] = "org.loquet.";
	static const char end[] = ".v1";
	size_t length = strlen(type);
	size_t least = sizeof(begin) + sizeof(end) - 2;
	if (length < least || strncmp(type, begin, sizeof(begin) - 1) != 0 ||
		strcmp(type + length - (sizeof(end) - 1), end) != 0) {
		return LQ_WEBHOOK_TYPES;
	}
	const char *word = type + sizeof(begin) - 1;
	for (int i = 0; i < LQ_WEBHOOK_TYPES; i++) {
		if (types[i].feed && strlen(types[i].word) == length - least &&
			strncmp(types[i].word, word, length - least) == 0) {
			return (enum lq_webhook_type)i;
		}
	}
	return LQ_WEBHOOK_TYPES;
}

uint32_t lq_webhook_scopes(int64_t set)
{
	uint32_t scopes = 0;
	for (int i = 0; i < LQ_WEBHOOK_TYPES; i++) {
		scopes |= (set & INT64_C(1) << i) != 0 ? UINT32_C(1) << types[i].scope : 0;
	}
	return scopes;
}

json_t *lq_webhook_types_json(int64_t set)
{
	json_t *list = json_array();
	for (int i = 0; i < LQ_WEBHOOK_TYPES; i++) {
		if ((set & INT64_C(1) << i) != 0) {
			(void)json_array_append_new(list, json_string(types[i].word));
		}
	}
	return list;
}

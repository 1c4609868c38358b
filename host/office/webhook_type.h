/* What a webhook can be told. Pure; any thread. */
#ifndef LQ_OFFICE_WEBHOOK_TYPE_H
#define LQ_OFFICE_WEBHOOK_TYPE_H

#include "host/office/api.h"

enum lq_webhook_type {
#define X(id, word, scope, feed) LQ_WEBHOOK_##id,
#include "host/office/webhook_type.def"
#undef X
	LQ_WEBHOOK_TYPES,
	LQ_WEBHOOK_TEST = 62, /* nobody subscribes to it */
};

#define LQ_WEBHOOK_BIT(name) (INT64_C(1) << LQ_WEBHOOK_##name)

#define LQ_WEBHOOK_VISITS                                                                          \
	(LQ_WEBHOOK_BIT(VISIT_OPENED) | LQ_WEBHOOK_BIT(VISIT_CLOSED) |                             \
		LQ_WEBHOOK_BIT(VISIT_CORRECTED) | LQ_WEBHOOK_BIT(VISIT_WITHDRAWN))

/* "visit.opened"; "webhook.test" for LQ_WEBHOOK_TEST. */
const char *lq_webhook_word(enum lq_webhook_type type);

/* LQ_WEBHOOK_TYPES for a word that is none. */
enum lq_webhook_type lq_webhook_type_of_word(const char *word);

/* Of a controller's event, "org.loquet.door.alarm.v1"; LQ_WEBHOOK_TYPES: it is told to nobody. */
enum lq_webhook_type lq_webhook_type_of_event(const char *type);

/* 1 << enum lq_scope that somebody needs for these types. */
uint32_t lq_webhook_scopes(int64_t types);

/* The words of a set of types. */
json_t *lq_webhook_types_json(int64_t types);

#endif

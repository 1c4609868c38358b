/* Why a tap was granted or denied. The rows are in reason.def. Pure; any thread. */
#ifndef LQ_CORE_REASON_H
#define LQ_CORE_REASON_H

enum lq_reason {
#define X(id, name, en, fr) LQ_REASON_##id,
#include "firmware/core/reason.def"
#undef X
	LQ_REASON_COUNT
};

enum lq_language { LQ_LANGUAGE_EN, LQ_LANGUAGE_FR };

/* The name that events carry. Static, never NULL. */
const char *lq_reason_name(enum lq_reason reason);

/* The sentence for a person, UTF-8. Static, never NULL. */
const char *lq_reason_text(enum lq_reason reason, enum lq_language language);

#endif

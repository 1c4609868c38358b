#include "firmware/core/reason.h"

#include "firmware/core/assert.h"

static const struct {
	const char *name;
	const char *text[2];
} reasons[] = {
#define X(id, name_, en, fr) {.name = (name_), .text = {(en), (fr)}},
#include "firmware/core/reason.def"
#undef X
};

const char *lq_reason_name(enum lq_reason reason)
{
	LQ_ASSERT(reason < LQ_REASON_COUNT);
	return reasons[reason].name;
}

const char *lq_reason_text(enum lq_reason reason, enum lq_language language)
{
	LQ_ASSERT(reason < LQ_REASON_COUNT);
	return reasons[reason].text[language == LQ_LANGUAGE_FR ? 1 : 0];
}

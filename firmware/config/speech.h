/* In which of its languages a program speaks to people, and each text in both. Any thread, for
 * nobody changes the environment. */
#ifndef LQ_CONFIG_SPEECH_H
#define LQ_CONFIG_SPEECH_H

#include "firmware/core/reason.h"

#include <stdbool.h>

struct lq_speech {
	enum lq_language language;
	bool asked; /* somebody asked for it: the file's own language does not change it */
};

/* French for what begins with "fr"; else, and for NULL, English. */
enum lq_language lq_language_of(const char *text);

/* What the environment says: LC_ALL, LC_MESSAGES or LANG, the first of them that is set. */
struct lq_speech lq_speech_usual(void);

/* The text in the language. */
const char *lq_in(enum lq_language language, const char *en, const char *fr)
	__attribute__((format_arg(2), format_arg(3)));

#endif

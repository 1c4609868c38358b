#include "firmware/config/speech.h"

#include <stdlib.h>
#include <string.h>

enum lq_language lq_language_of(const char *text)
{
	bool french = text != NULL && strncmp(text, "fr", 2) == 0;
	return french ? LQ_LANGUAGE_FR : LQ_LANGUAGE_EN;
}

struct lq_speech lq_speech_usual(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *value = NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = getenv(names[i]); // NOLINT(concurrency-mt-unsafe): nobody changes it
		if (value != NULL && *value != '\0') {
			break;
		}
	}
	return (struct lq_speech){.language = lq_language_of(value), .asked = false};
}

const char *lq_in(enum lq_language language, const char *en, const char *fr)
{
	return language == LQ_LANGUAGE_FR ? fr : en;
}

#include "host/office/page_language.h"

#include <string.h>

int lq_page_language(
	const struct lq_request *request, struct lq_answer *answer, enum lq_language *ret_language)
{
	const char *lang = lq_query_value(request->query, "lang");
	bool french = lang != NULL && strcmp(lang, "fr") == 0;
	if (lang != NULL && !french && strcmp(lang, "en") != 0) {
		return lq_problem(request, answer, 400, "invalid", "lang",
			"lang: expected fr or en", "lang : attendu fr ou en");
	}
	*ret_language = lang == NULL ? request->language : french ? LQ_LANGUAGE_FR : LQ_LANGUAGE_EN;
	return 0;
}

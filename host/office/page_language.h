/* Of a page to be printed, `lang` in its query: whoever it is for may read another language than
 * the browser of who asks for it prefers. Without it, that of the request. */
#ifndef LQ_OFFICE_PAGE_LANGUAGE_H
#define LQ_OFFICE_PAGE_LANGUAGE_H

#include "host/office/api.h"

/* 0, or the status of the refusal that it wrote. */
int lq_page_language(
	const struct lq_request *request, struct lq_answer *answer, enum lq_language *ret_language);

#endif

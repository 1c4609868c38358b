/* Which of our languages somebody wants, by the Accept-Language of RFC 9110. Pure; any thread. */
#ifndef LQ_OFFICE_ACCEPT_LANGUAGE_H
#define LQ_OFFICE_ACCEPT_LANGUAGE_H

#include "firmware/core/reason.h"

/* The one of the highest quality; of two that are wanted alike, the first one, or `usual` where "*"
 * stands for both. `usual`, too, where none is named or `accepted` is NULL; the other one where
 * `usual` is the only one that is not wanted. What is malformed is as if it were not there. */
enum lq_language lq_accept_language(const char *accepted, enum lq_language usual);

#endif

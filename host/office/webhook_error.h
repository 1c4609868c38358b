/* Why a webhook was not reached, in words. Kept in English, shown in the reader's language. */
#ifndef LQ_OFFICE_WEBHOOK_ERROR_H
#define LQ_OFFICE_WEBHOOK_ERROR_H

#include "firmware/core/reason.h"

/* In English, of the library's code (CURLcode). Its own account of it may hold what a receiver
 * sent, such as a certificate's names: only which kind of failure it was is told. */
const char *lq_webhook_error_of(int code);

/* The same in a language; what is not known stands as it is. */
const char *lq_webhook_error_in(const char *english, enum lq_language language);

#endif

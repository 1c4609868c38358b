/* Any Accept-Language: the answer is a language, one more that is not ours changes nothing, and
 * without a letter of ours it is what is usual. */
#include "firmware/core/assert.h"
#include "host/office/accept_language.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = strndup((const char *)bytes, length);
	char *more = NULL;
	LQ_ASSERT(text != NULL && asprintf(&more, "%s, de;q=0.5", text) > 0);
	for (int usual = LQ_LANGUAGE_EN; usual <= LQ_LANGUAGE_FR; usual++) {
		enum lq_language found = lq_accept_language(text, (enum lq_language)usual);
		LQ_ASSERT(found == LQ_LANGUAGE_EN || found == LQ_LANGUAGE_FR);
		LQ_ASSERT(found == lq_accept_language(more, (enum lq_language)usual));
		LQ_ASSERT(strpbrk(text, "eEfF*") != NULL || (int)found == usual);
	}
	free(more);
	free(text);
	return 0;
}

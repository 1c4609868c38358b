#include "host/office/names.h"

#include "firmware/core/site.h"

#include <stdlib.h>
#include <string.h>

bool lq_is_name(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < LQ_NAME_SIZE &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

int64_t lq_parse_id(const char *text, char letter)
{
	size_t digits = *text == letter ? strspn(text + 1, "0123456789") : 0;
	if (digits == 0 || digits > 10 || text[1] == '0' || text[1 + digits] != '\0') {
		return -1;
	}
	return strtoll(text + 1, NULL, 10);
}

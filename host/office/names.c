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

int64_t lq_parse_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 10 || text[0] == '0' || text[digits] != '\0') {
		return -1;
	}
	return strtoll(text, NULL, 10);
}

int64_t lq_parse_id(const char *text, char letter)
{
	return *text == letter ? lq_parse_number(text + 1) : -1;
}

#include "host/office/realm.h"

#include "firmware/core/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void lq_person_text(const char *realm, int64_t holder, char ret_text[LQ_PERSON_TEXT_SIZE])
{
	bool office = *realm == '\0';
	(void)snprintf(ret_text, LQ_PERSON_TEXT_SIZE, "%s%s%c%" PRId64, realm, office ? "" : "/",
		office ? 'p' : 'm', holder);
}

static int64_t number_of(const char *digits)
{
	int64_t value = 0;
	if (*digits == '\0' || *digits == '0') {
		return 0;
	}
	for (; *digits >= '0' && *digits <= '9' && value <= UINT32_MAX; digits++) {
		value = value * 10 + (*digits - '0');
	}
	return *digits == '\0' && value <= UINT32_MAX ? value : 0;
}

int lq_person_parse(const char *text, struct lq_somebody *ret_somebody)
{
	struct lq_somebody somebody = {0};
	const char *slash = strchr(text, '/');
	size_t length = slash != NULL ? (size_t)(slash - text) : 0;
	const char *number = slash != NULL ? slash + 1 : text;
	if (length >= LQ_NAME_SIZE || (slash != NULL && length == 0) ||
		*number != (slash != NULL ? 'm' : 'p')) {
		return LQ_ERR_INVALID;
	}
	memcpy(somebody.realm, text, length);
	somebody.holder = number_of(number + 1);
	if (somebody.holder == 0) {
		return LQ_ERR_INVALID;
	}
	*ret_somebody = somebody;
	return LQ_OK;
}

/* Any text in the place of a webhook's address: what is taken leads to a host over HTTP, and that
 * host stands in the text itself. */
#include "firmware/core/assert.h"
#include "host/office/webhook_url.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* By the letters alone, as somebody reads the address who does not have the library. */
static bool looks_right(const char *text)
{
	size_t scheme = strncasecmp(text, "https://", 8) == 0 ? 8 : 7;
	if (scheme == 7 && strncasecmp(text, "http://", 7) != 0) {
		return false;
	}
	size_t authority = strcspn(text + scheme, "/?#");
	return authority > 0 && memchr(text + scheme, '@', authority) == NULL &&
	       strchr(text, '#') == NULL && strpbrk(text, " \t\r\n") == NULL &&
	       strlen(text) < LQ_WEBHOOK_URL_SIZE;
}

static void check_host(const char *text)
{
	char host[LQ_WEBHOOK_HOST_SIZE];
	memset(host, 'x', sizeof(host));
	lq_webhook_url_host(text, host);
	LQ_ASSERT(memchr(host, '\0', sizeof(host)) != NULL && *host != '\0');
	for (const char *at = host; *at != '\0'; at++) {
		LQ_ASSERT(*at > ' ' && *at <= '~');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = strndup((const char *)bytes, length);
	LQ_ASSERT(text != NULL);
	enum lq_webhook_url found = lq_webhook_url_check(text);
	LQ_ASSERT(found <= LQ_WEBHOOK_URL_PORT);
	if (found == LQ_WEBHOOK_URL_OK) {
		LQ_ASSERT(looks_right(text));
		check_host(text);
	}
	free(text);
	return 0;
}

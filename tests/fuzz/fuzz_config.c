/* Any file in the place of loquet.conf: it is refused with a printable sentence, or accepted, and
 * then printing and reading it again changes nothing. */
#include "firmware/config/config.h"
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static char *print(const struct lq_config *config, size_t *ret_length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);
	LQ_ASSERT(out != NULL);
	LQ_ASSERT(lq_config_print(config, out) == LQ_OK);
	(void)fclose(out);
	return text;
}

static void check_accepted(const struct lq_config *config)
{
	static struct lq_config again;
	struct lq_config_error error;
	size_t length = 0;
	size_t length_again = 0;
	char *text = print(config, &length);
	LQ_ASSERT(lq_config_parse(text, length, &again, &error) == LQ_OK);
	char *text_again = print(&again, &length_again);
	LQ_ASSERT(length == length_again && memcmp(text, text_again, length) == 0);
	free(text);
	free(text_again);
	struct lq_site site = lq_config_site(config);
	LQ_ASSERT(site.door_count >= 1 && site.door_count <= LQ_DOORS_MAX);
	LQ_ASSERT(site.reader_count <= LQ_READERS_MAX);
	for (uint16_t i = 0; i < site.reader_count; i++) {
		LQ_ASSERT(site.readers[i].door < site.door_count);
	}
}

static void check_refused(const struct lq_config_error *error)
{
	size_t length = strnlen(error->message, sizeof(error->message));
	LQ_ASSERT(length > 0 && length < sizeof(error->message));
	for (size_t i = 0; i < length; i++) {
		LQ_ASSERT((unsigned char)error->message[i] >= ' ' && error->message[i] != 0x7f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct lq_config config;
	struct lq_config_error error = {.message = ""};
	int r = lq_config_parse((const char *)bytes, length, &config, &error);
	if (r == LQ_OK) {
		check_accepted(&config);
	} else {
		LQ_ASSERT(r == LQ_ERR_INVALID);
		check_refused(&error);
	}
	return 0;
}

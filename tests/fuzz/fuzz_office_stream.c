/* Any Last-Event-ID: whoever comes with it gets whole events, of those that are there, and either
 * what follows on theirs or the word that everything changed. */
#include "firmware/core/assert.h"
#include "host/office/stream.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN    UINT64_C(0x1a22d1bce0d)
#define EVENTS (LQ_STREAM_EVENTS + 100u) /* more than are kept */
#define PIECE  1000u

static struct lq_stream stream;

static void begin(void)
{
	if (stream.run != 0) {
		return;
	}
	lq_stream_begin(&stream, RUN);
	for (unsigned i = 0; i < EVENTS; i++) {
		lq_stream_add(&stream, "now", "{\"topic\":\"now\"}");
	}
	lq_stream_show(&stream);
}

/* Everything that such a page is sent. */
static char *read_all(struct lq_stream_place place)
{
	size_t most = (LQ_STREAM_EVENTS + 64) * (size_t)LQ_STREAM_EVENT_SIZE;
	char *text = malloc(most + PIECE + 1);
	size_t length = 0;
	LQ_ASSERT(text != NULL);
	for (size_t count = 1; count > 0; length += count) {
		LQ_ASSERT(length <= most);
		count = lq_stream_read(&stream, &place, text + length, PIECE);
		LQ_ASSERT(count <= PIECE);
	}
	text[length] = '\0';
	return text;
}

/* True with its number for an id that was given out, written as it was. */
static bool is_ours(const char *id, unsigned long long *ret_number)
{
	static const char begin[] = "1a22d1bce0d-";
	char form[64];
	if (strncmp(id, begin, sizeof(begin) - 1) != 0) {
		return false;
	}
	*ret_number = strtoull(id + sizeof(begin) - 1, NULL, 10);
	(void)snprintf(form, sizeof(form), "%s%llu", begin, *ret_number);
	return strcmp(form, id) == 0 && *ret_number <= EVENTS;
}

static void check_follows(const char *first, unsigned long long number)
{
	char form[64];
	(void)snprintf(form, sizeof(form), "id: %llx-%llu\n", (unsigned long long)RUN, number + 1);
	LQ_ASSERT(number == EVENTS ? first == NULL
				   : first != NULL && strncmp(first, form, strlen(form)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *id = strndup((const char *)bytes, length);
	unsigned long long number = 0;
	begin();
	LQ_ASSERT(id != NULL);
	char *text = read_all(lq_stream_join(&stream, id));
	bool reset = strstr(text, "event: muster\n") != NULL;
	const char *first = strstr(text, "id: ");
	LQ_ASSERT(strncmp(text, "retry: ", 7) == 0);
	LQ_ASSERT(strcmp(text + strlen(text) - 2, "\n\n") == 0);
	LQ_ASSERT(!reset || first == NULL);
	if (is_ours(id, &number)) {
		bool kept = number + LQ_STREAM_EVENTS >= EVENTS;
		LQ_ASSERT(reset == !kept);
		if (kept) {
			check_follows(first, number);
		}
	}
	free(text);
	free(id);
	return 0;
}

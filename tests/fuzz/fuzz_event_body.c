/* Any fields in any event: the body is valid JSON of bounded size, says what was put in, and is
 * refused as a whole where it finds no room. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct input {
	const uint8_t *at;
	size_t left;
};

static uint64_t take(struct input *input, size_t size)
{
	uint64_t value = 0;
	for (size_t i = 0; i < size && input->left > 0; i++) {
		value = value << 8 | *input->at++;
		input->left--;
	}
	return value;
}

static void take_bytes(struct input *input, uint8_t *out, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out[i] = (uint8_t)take(input, 1);
	}
}

/* The names of a site were checked by the configuration's parser. */
static void take_name(struct input *input, char out[LQ_NAME_SIZE])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = 1 + take(input, 1) % (LQ_NAME_SIZE - 1);
	for (size_t i = 0; i < length; i++) {
		out[i] = letters[take(input, 1) % (sizeof(letters) - 1)];
	}
	out[length] = '\0';
}

static struct lq_site take_site(struct input *input)
{
	struct lq_site site = {.door_count = 1, .reader_count = 1};
	take_name(input, site.space);
	take_name(input, site.controller);
	take_name(input, site.doors[0]);
	take_name(input, site.readers[0].name);
	return site;
}

static const char *take_word(struct input *input)
{
	static const char *const words[] = {
		NULL, "", "door.open", "\"\\\x01\xff", "in use by another process"};
	return words[take(input, 1) % (sizeof(words) / sizeof(words[0]))];
}

static struct lq_event take_event(struct input *input)
{
	struct lq_wall at = {
		.unix_ms = (int64_t)take(input, 8), .trust = (enum lq_trust)(take(input, 1) % 3)};
	struct lq_event event =
		lq_event_make((enum lq_event_type)(take(input, 1) % LQ_EVENT_COUNT), at);
	uint8_t places = (uint8_t)take(input, 1);
	event.door = (places & 1) != 0 ? 0 : LQ_NONE;
	event.access_point = (places & 2) != 0 ? (places >> 7) : LQ_NONE;
	event.reader = (places & 4) != 0 ? 0 : LQ_NONE;
	event.recorded = (places & 8) != 0;
	event.expected = (places & 16) != 0;
	event.transaction.run = take(input, 8);
	event.transaction.number = (uint32_t)take(input, 4);
	event.reason = (enum lq_reason)(take(input, 1) % LQ_REASON_COUNT);
	event.state = (enum lq_credential_state)(take(input, 1) % (LQ_CREDENTIAL_STATE_COUNT + 1));
	event.credential = (uint32_t)take(input, 4);
	event.holder = (uint32_t)take(input, 4);
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		event.stages_us[i] = (uint32_t)take(input, 4);
	}
	event.cause = take_word(input);
	event.action = take_word(input);
	event.count = (uint32_t)take(input, 4);
	event.lost = (uint32_t)take(input, 4);
	event.waited_ms = (uint32_t)take(input, 4);
	event.seq = take(input, 8) & INT64_MAX; /* SQLite numbers rows so far */
	take_bytes(input, event.head_hash, sizeof(event.head_hash));
	take_bytes(input, event.signature, sizeof(event.signature));
	take_bytes(input, event.public_key, sizeof(event.public_key));
	take_bytes(input, (uint8_t *)event.actor, sizeof(event.actor) - 1);
	take_bytes(input, (uint8_t *)event.text, sizeof(event.text) - 1);
	return event;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* A text that is valid UTF-8 comes back as it was. */
static void check_text(const char *given, const char *told)
{
	json_t *valid = json_string(given);
	if (valid != NULL && told != NULL) {
		LQ_ASSERT(strcmp(given, told) == 0);
	}
	json_decref(valid);
}

static void check_body(const struct lq_event *event, const struct lq_site *site, uint64_t seq,
	const char *body, size_t length)
{
	char id[64];
	json_t *told = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	LQ_ASSERT(json_is_object(told));
	const json_t *data = json_object_get(told, "data");
	LQ_ASSERT(json_is_object(data));
	(void)snprintf(id, sizeof(id), "%s/%llu", site->controller, (unsigned long long)seq);
	LQ_ASSERT(strcmp(text_of(told, "id"), id) == 0);
	LQ_ASSERT(strstr(text_of(told, "type"), lq_event_name(event->type)) != NULL);
	check_text(event->text, text_of(data, "text"));
	check_text(event->actor, text_of(data, "actor"));
	json_decref(told);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = {.at = bytes, .left = length};
	char body[LQ_EVENT_BODY_MAX];
	size_t written = 0;
	uint64_t seq = take(&input, 8) & INT64_MAX;
	struct lq_site site = take_site(&input);
	struct lq_event event = take_event(&input);
	LQ_ASSERT(lq_event_body(&event, &site, seq, body, sizeof(body), &written) == LQ_OK);
	LQ_ASSERT(written > 0 && written <= sizeof(body));
	check_body(&event, &site, seq, body, written);
	size_t untouched = SIZE_MAX;
	LQ_ASSERT(lq_event_body(&event, &site, seq, body, written - 1, &untouched) == LQ_ERR_FULL);
	LQ_ASSERT(untouched == SIZE_MAX);
	return 0;
}

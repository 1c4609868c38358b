/* Bodies of events: every type with the largest values fits, is JSON to another house's parser, and
 * says what it was given. */
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "tests/lib/cmocka.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MS INT64_C(1767605400123)

static struct lq_site site_of(const char *name)
{
	struct lq_site site = {.door_count = LQ_DOORS_MAX, .reader_count = LQ_READERS_MAX};
	snprintf(site.space, sizeof(site.space), "%s", name);
	snprintf(site.controller, sizeof(site.controller), "%s", name);
	for (size_t i = 0; i < LQ_DOORS_MAX; i++) {
		snprintf(site.doors[i], sizeof(site.doors[i]), "%s", name);
		snprintf(site.zones[i], sizeof(site.zones[i]), "%s", name);
	}
	for (size_t i = 0; i < LQ_READERS_MAX; i++) {
		snprintf(site.readers[i].name, sizeof(site.readers[i].name), "%s", name);
	}
	return site;
}

/* Every field as large as it gets; text that escapes to six times its length. */
static struct lq_event fullest(enum lq_event_type type)
{
	struct lq_event event = lq_event_make(
		type, (struct lq_wall){.unix_ms = INT64_MAX, .trust = LQ_TRUST_SYNCHRONISED});
	event.door = LQ_DOORS_MAX - 1;
	event.access_point = LQ_ACCESS_POINTS_MAX - 1;
	event.reader = LQ_READERS_MAX - 1;
	event.transaction = (struct lq_transaction){UINT64_MAX, UINT32_MAX};
	event.reason = LQ_REASON_NOT_PERMITTED_AT_THIS_TIME;
	event.state = LQ_CREDENTIAL_REVOKED;
	event.method = LQ_METHOD_UID;
	event.credential = UINT32_MAX;
	event.holder = UINT32_MAX;
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		event.stages_us[i] = UINT32_MAX - 1;
	}
	event.cause = "a_cause_that_is_longer_than_any_of_ours_would_ever_want_to_be";
	event.action = "an_action_that_is_longer_than_any_of_ours_would_want_to_be";
	event.recorded = true;
	event.expected = true;
	event.count = UINT32_MAX;
	event.lost = UINT32_MAX;
	event.waited_ms = UINT32_MAX;
	event.seq = UINT64_MAX;
	memset(event.head_hash, 0xff, sizeof(event.head_hash));
	memset(event.signature, 0xee, sizeof(event.signature));
	memset(event.public_key, 0xdd, sizeof(event.public_key));
	memset(event.actor, '\x01', sizeof(event.actor) - 1);
	char text[2 * LQ_EVENT_TEXT_SIZE];
	memset(text, '\x02', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	lq_event_set_text(&event, text);
	assert_int_equal(strlen(event.text), LQ_EVENT_TEXT_SIZE - 1);
	return event;
}

/* The body as the journal would hold it, parsed. */
static json_t *parsed(const struct lq_event *event, const struct lq_site *site, uint64_t seq)
{
	char body[LQ_EVENT_BODY_MAX];
	size_t length = 0;
	assert_int_equal(lq_event_body(event, site, seq, body, sizeof(body), &length), LQ_OK);
	json_error_t error;
	json_t *root =
		json_loadb(body, length, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
	if (root == NULL) {
		fail_msg("%.*s: %s", (int)length, body, error.text);
	}
	return root;
}

static void assert_text(const json_t *object, const char *key, const char *expected)
{
	const char *text = json_string_value(json_object_get(object, key));
	if (text == NULL) {
		fail_msg("no text %s", key);
	}
	assert_string_equal(text, expected);
}

static void every_type_at_full_size(void **state)
{
	(void)state;
	struct lq_site site = site_of("0123456789abcdefghijklmnopqrstuv");
	size_t longest = 0;
	for (int type = 0; type < LQ_EVENT_COUNT; type++) {
		struct lq_event event = fullest((enum lq_event_type)type);
		char body[LQ_EVENT_BODY_MAX];
		size_t length = 0;
		if (lq_event_body(&event, &site, UINT64_MAX, body, sizeof(body), &length) < 0) {
			fail_msg("%s does not fit", lq_event_name((enum lq_event_type)type));
		}
		longest = length > longest ? length : longest;
		json_decref(parsed(&event, &site, UINT64_MAX));
	}
	print_message("longest: %zu of %u\n", longest, LQ_EVENT_BODY_MAX);
}

static void every_capacity(void **state)
{
	(void)state;
	struct lq_site site = site_of("name");
	for (int type = 0; type < LQ_EVENT_COUNT; type++) {
		struct lq_event event = fullest((enum lq_event_type)type);
		char whole[LQ_EVENT_BODY_MAX];
		size_t length = 0;
		assert_int_equal(lq_event_body(&event, &site, 1, whole, sizeof(whole), &length), 0);
		for (size_t capacity = 0; capacity <= length; capacity++) {
			char *out = test_malloc(capacity + 1);
			out[capacity] = 0x55;
			size_t written = 54321;
			int result = lq_event_body(&event, &site, 1, out, capacity, &written);
			assert_int_equal(result, capacity < length ? LQ_ERR_FULL : LQ_OK);
			assert_int_equal(written, capacity < length ? 54321 : length);
			assert_int_equal(out[capacity], 0x55);
			test_free(out);
		}
	}
}

static void the_envelope(void **state)
{
	(void)state;
	struct lq_site site = site_of("front");
	strcpy(site.space, "space-1");
	for (int i = 0; i < LQ_EVENT_COUNT; i++) {
		enum lq_event_type type = (enum lq_event_type)i;
		struct lq_event event = lq_event_make(
			type, (struct lq_wall){.unix_ms = TIME_MS, .trust = LQ_TRUST_RTC});
		json_t *root = parsed(&event, &site, 42);
		char name[128];
		snprintf(name, sizeof(name), "org.loquet.%s.v1", lq_event_name(type));
		assert_text(root, "type", name);
		assert_text(root, "specversion", "1.0");
		assert_text(root, "id", "front/42");
		assert_text(root, "source", "urn:loquet:space-1:front");
		assert_text(root, "time", "2026-01-05T09:30:00.123Z");
		assert_text(root, "sequence", "00000000000000000042");
		assert_text(root, "loquetclock", "rtc");
		assert_text(root, "datacontenttype", "application/json");
		assert_true(json_is_object(json_object_get(root, "data")));
		assert_int_equal(json_object_size(root), 9);
		json_decref(root);
	}
}

/* Without values, only fields that always say something are written. */
static void absent_values_are_absent(void **state)
{
	(void)state;
	static const char *const always[] = {"reason", "method", "stagesUs", "mode", "recorded",
		"expected", "count", "lost", "waitedMs", "seq", "headSeq", "headHash", "signature",
		"publicKey", "version", "added", "changed", "disabled", "rosterVersion", "parts",
		"persons", "badges"};
	struct lq_site site = site_of("front");
	for (int i = 0; i < LQ_EVENT_COUNT; i++) {
		struct lq_event event = lq_event_make((enum lq_event_type)i, (struct lq_wall){0});
		json_t *root = parsed(&event, &site, 1);
		json_t *data = json_object_get(root, "data");
		size_t left = json_object_size(data);
		for (size_t j = 0; j < sizeof(always) / sizeof(always[0]); j++) {
			left -= json_object_get(data, always[j]) != NULL ? 1 : 0;
		}
		if (left != 0) {
			fail_msg("%s: %s", lq_event_name((enum lq_event_type)i),
				json_dumps(data, JSON_COMPACT));
		}
		json_decref(root);
	}
}

/* What can come about at an access point: by a tap, by an exit that is asked for, by the reader
 * that stands there. A new type is a question to answer here. */
static bool may_come_from_a_side(enum lq_event_type type)
{
	switch (type) {
	case LQ_EVENT_ACCESS_GRANTED:
	case LQ_EVENT_ACCESS_DENIED:
	case LQ_EVENT_ACCESS_TAKEN:
	case LQ_EVENT_ACCESS_NOT_TAKEN:
	case LQ_EVENT_ACCESS_OVERRIDDEN:
	case LQ_EVENT_DOOR_RELEASED:
	case LQ_EVENT_DOOR_RELOCKED:
	case LQ_EVENT_DOOR_OPENED:
	case LQ_EVENT_DOOR_EXIT_REQUESTED:
	case LQ_EVENT_DOOR_MODE_CHANGED: /* for whoever comes first */
	case LQ_EVENT_DOOR_ALARM:        /* a stuck exit button */
	case LQ_EVENT_DOOR_ALARM_ENDED:
	case LQ_EVENT_READER_ONLINE:
	case LQ_EVENT_READER_OFFLINE:
	case LQ_EVENT_READER_FAULT:
	case LQ_EVENT_READER_RESET:
	case LQ_EVENT_READER_LOCKED_OUT:
	case LQ_EVENT_JOURNAL_LATE:
	case LQ_EVENT_ROSTER_CHANGED: /* a badge enrolled by a tap */
		return true;
	case LQ_EVENT_COMMAND_ACCEPTED: /* keys, desks, files, fires, disks and clocks have no side
					 */
	case LQ_EVENT_COMMAND_REFUSED:
	case LQ_EVENT_DOOR_CLOSED:
	case LQ_EVENT_DOOR_FAULT:
	case LQ_EVENT_DOOR_PROPPED:
	case LQ_EVENT_DOOR_PROP_ENDED:
	case LQ_EVENT_CONTROLLER_STARTED:
	case LQ_EVENT_CONTROLLER_STOPPED:
	case LQ_EVENT_JOURNAL_CHECKPOINT:
	case LQ_EVENT_JOURNAL_STALLED:
	case LQ_EVENT_JOURNAL_RESUMED:
	case LQ_EVENT_JOURNAL_RESTARTED:
	case LQ_EVENT_ROSTER_IMPORTED:
	case LQ_EVENT_ROSTER_APPLIED:
	case LQ_EVENT_LINK_SKIPPED:
	case LQ_EVENT_PRESENCE_FORGIVEN:
	case LQ_EVENT_PRESENCE_FROZEN:
	case LQ_EVENT_PRESENCE_THAWED:
	case LQ_EVENT_MAINTAINERS_READ:
	case LQ_EVENT_COUNT:
		return false;
	}
	return false;
}

/* The body of an event of which only the reader is known, or only the access point. */
static json_t *body_from(enum lq_event_type type, uint16_t reader, uint16_t access_point)
{
	struct lq_site site = {.door_count = 2,
		.reader_count = 3,
		.doors = {"front", "yard"},
		.readers = {{.name = "front-in"}, {.name = "yard-in", .door = 1},
			{.name = "yard-out", .door = 1, .direction = LQ_DIRECTION_EXIT}}};
	struct lq_event event = lq_event_make(type, (struct lq_wall){.unix_ms = TIME_MS});
	event.reader = reader;
	event.access_point = access_point;
	json_t *root = parsed(&event, &site, 1);
	json_t *data = json_incref(json_object_get(root, "data"));
	json_decref(root);
	return data;
}

static void assert_direction_of_the_reader(enum lq_event_type type)
{
	static const char *const of_readers[] = {"front/entry", "yard/entry", "yard/exit"};
	for (uint16_t reader = 0; reader < 3; reader++) {
		json_t *data = body_from(type, reader, LQ_NONE);
		if (json_object_get(data, "reader") != NULL) {
			assert_text(data, "accessPoint", of_readers[reader]);
		}
		json_decref(data);
	}
}

static void assert_direction_as_given(enum lq_event_type type)
{
	static const char *const points[] = {
		"front/entry", "front/exit", "yard/entry", "yard/exit"};
	for (uint16_t point = 0; point < 4; point++) {
		json_t *data = body_from(type, LQ_NONE, point);
		if (may_come_from_a_side(type)) {
			assert_text(data, "accessPoint", points[point]);
		} else if (json_object_get(data, "accessPoint") != NULL) {
			fail_msg("%s has a side?", lq_event_name(type));
		}
		json_decref(data);
	}
}

static void direction_is_in_every_event_that_has_one(void **state)
{
	(void)state;
	for (int i = 0; i < LQ_EVENT_COUNT; i++) {
		enum lq_event_type type = (enum lq_event_type)i;
		assert_direction_of_the_reader(type);
		assert_direction_as_given(type);
		json_t *data = body_from(type, LQ_NONE, LQ_NONE);
		assert_null(json_object_get(data, "accessPoint"));
		json_decref(data);
	}
	json_t *both = body_from(LQ_EVENT_ACCESS_DENIED, 0, 3); /* what was said counts */
	assert_text(both, "accessPoint", "yard/exit");
	json_decref(both);
}

static void expect_body(const struct lq_event *event, const char *expected)
{
	struct lq_site site = site_of("front");
	site.readers[0] = (struct lq_site_reader){.name = "front-in"};
	char body[LQ_EVENT_BODY_MAX];
	size_t length = 0;
	assert_int_equal(lq_event_body(event, &site, 7, body, sizeof(body), &length), LQ_OK);
	body[length] = '\0';
	assert_string_equal(body, expected);
}

#define TIMES4(text) text text text text
#define TIMES32(text)                                                                              \
	TIMES4(text)                                                                               \
	TIMES4(text) TIMES4(text) TIMES4(text) TIMES4(text) TIMES4(text) TIMES4(text) TIMES4(text)
#define ENVELOPE(type)                                                                             \
	"{\"specversion\":\"1.0\",\"id\":\"front/7\",\"source\":\"urn:loquet:front:front\","       \
	"\"type\":\"org.loquet." type ".v1\",\"time\":\"2026-01-05T09:30:00.123Z\","               \
	"\"sequence\":\"00000000000000000007\",\"loquetclock\":\"unset\","                         \
	"\"datacontenttype\":\"application/json\",\"data\":"

/* What was published once is never written otherwise: these bytes are a promise. */
static void exact_bodies_of_the_door(void **state)
{
	(void)state;
	const struct lq_wall at = {.unix_ms = TIME_MS};
	struct lq_event event = lq_event_make(LQ_EVENT_ACCESS_GRANTED, at);
	event.door = 0;
	event.access_point = 0;
	event.reader = 0;
	event.transaction = (struct lq_transaction){.run = 12, .number = 3};
	event.reason = LQ_REASON_GRANTED;
	event.credential = 17;
	event.holder = 4294967295;
	event.stages_us[LQ_STAGE_DETECT] = 14000;
	event.stages_us[LQ_STAGE_DECIDE] = 0;
	expect_body(&event,
		ENVELOPE("access.granted") "{\"door\":\"front\",\"accessPoint\":\"front/entry\","
					   "\"zone\":\"front\","
					   "\"reader\":\"front-in\",\"transaction\":\"12-3\","
					   "\"reason\":\"Granted\",\"credential\":\"c17\","
					   "\"holder\":\"m4294967295\",\"method\":\"uid\","
					   "\"stagesUs\":{\"detect\":14000,\"decide\":0}}}");

	event = lq_event_make(LQ_EVENT_ACCESS_DENIED, at);
	event.access_point = 1;
	event.reason = LQ_REASON_CREDENTIAL_NOT_ENABLED;
	event.state = LQ_CREDENTIAL_LOST;
	expect_body(&event,
		ENVELOPE("access.denied") "{\"accessPoint\":\"front/exit\","
					  "\"reason\":\"CredentialNotEnabled\","
					  "\"credentialState\":\"lost\",\"stagesUs\":{}}}");

	event = lq_event_make(LQ_EVENT_DOOR_RELEASED, at);
	event.door = 0;
	event.cause = "access";
	event.recorded = true;
	expect_body(&event, ENVELOPE("door.released") "{\"door\":\"front\",\"stagesUs\":{},"
						      "\"cause\":\"access\",\"recorded\":true}}");

	event = lq_event_make(LQ_EVENT_DOOR_OPENED, at);
	event.door = 0;
	event.credential = 17; /* not a field of this type */
	expect_body(&event, ENVELOPE("door.opened") "{\"door\":\"front\",\"expected\":false}}");

	event = lq_event_make(LQ_EVENT_READER_FAULT, at);
	event.reader = 0;
	event.cause = "io";
	lq_event_set_text(&event, "tty \"gone\"\n");
	expect_body(&event,
		ENVELOPE("reader.fault") "{\"accessPoint\":\"front/entry\",\"reader\":\"front-in\","
					 "\"cause\":\"io\","
					 "\"text\":\"tty \\\"gone\\\"\\u000a\"}}");
}

static void exact_bodies_of_the_controller(void **state)
{
	(void)state;
	const struct lq_wall at = {.unix_ms = TIME_MS};
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, at);
	event.action = "revoke";
	event.credential = 1;
	strcpy(event.actor, "desk");
	expect_body(&event,
		ENVELOPE("roster.changed") "{\"credential\":\"c1\",\"action\":\"revoke\","
					   "\"actor\":\"desk\"}}");

	event = lq_event_make(LQ_EVENT_ROSTER_IMPORTED, at);
	event.action = "members.imported";
	event.added = 3;
	event.disabled = UINT32_MAX;
	strcpy(event.actor, "desk");
	expect_body(&event,
		ENVELOPE("roster.imported") "{\"action\":\"members.imported\",\"actor\":\"desk\","
					    "\"added\":3,\"changed\":0,"
					    "\"disabled\":4294967295}}");

	event = lq_event_make(LQ_EVENT_JOURNAL_RESUMED, at);
	event.count = 5;
	event.lost = 2;
	expect_body(&event, ENVELOPE("journal.resumed") "{\"count\":5,\"lost\":2}}");

	event = lq_event_make(LQ_EVENT_JOURNAL_LATE, at);
	event.waited_ms = 301;
	expect_body(&event, ENVELOPE("journal.late") "{\"waitedMs\":301}}");

	event = lq_event_make(LQ_EVENT_LINK_SKIPPED, at);
	event.seq = UINT64_C(18446744073709551615);
	expect_body(&event, ENVELOPE("link.skipped") "{\"seq\":18446744073709551615}}");

	event = lq_event_make(LQ_EVENT_CONTROLLER_STARTED, at);
	expect_body(&event, ENVELOPE("controller.started") "{\"version\":\"" LQ_VERSION "\"}}");

	event = lq_event_make(LQ_EVENT_JOURNAL_CHECKPOINT, at);
	event.seq = 6;
	memset(event.head_hash, 0x0a, sizeof(event.head_hash));
	memset(event.signature, 0xb0, sizeof(event.signature));
	memset(event.public_key, 0xff, sizeof(event.public_key));
	expect_body(&event, ENVELOPE("journal.checkpoint") "{\"headSeq\":6,\"headHash\":\"" TIMES32(
				    "0a") "\","
					  "\"signature\":\"" TIMES32("b0") TIMES32(
						  "b0") "\","
							"\"publicKey\":\"" TIMES32("ff") "\"}}");
}

static void the_checkpoint_message(void **state)
{
	(void)state;
	struct lq_site site = site_of("c");
	strcpy(site.space, "sp");
	uint8_t hash[32];
	memset(hash, 0xab, sizeof(hash));
	uint8_t message[LQ_CHECKPOINT_MESSAGE_MAX];
	static const char head[] = "loquet checkpoint v1\0sp\0c\0\x01\x02\x03\x04\x05\x06\x07\x08";
	size_t length = lq_checkpoint_message(&site, UINT64_C(0x0102030405060708), hash, message);
	assert_int_equal(length, sizeof(head) - 1 + 32);
	assert_memory_equal(message, head, sizeof(head) - 1);
	assert_memory_equal(message + sizeof(head) - 1, hash, 32);

	/* Two names that together read the same are still two names. */
	struct lq_site other = site_of("");
	strcpy(other.space, "s");
	strcpy(other.controller, "pc");
	uint8_t other_message[LQ_CHECKPOINT_MESSAGE_MAX];
	assert_int_equal(lq_checkpoint_message(&other, 1, hash, other_message), length);
	assert_memory_not_equal(message, other_message, length);

	site = site_of("0123456789abcdefghijklmnopqrstuv");
	assert_in_range(lq_checkpoint_message(&site, UINT64_MAX, hash, message), length,
		LQ_CHECKPOINT_MESSAGE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_at_full_size),
		cmocka_unit_test(every_capacity),
		cmocka_unit_test(the_envelope),
		cmocka_unit_test(absent_values_are_absent),
		cmocka_unit_test(direction_is_in_every_event_that_has_one),
		cmocka_unit_test(exact_bodies_of_the_door),
		cmocka_unit_test(exact_bodies_of_the_controller),
		cmocka_unit_test(the_checkpoint_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

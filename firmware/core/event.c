#include "firmware/core/event.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/json.h"
#include "firmware/core/utf8.h"

#include <string.h>

enum field {
	DOOR = 1 << 0,
	ACCESS_POINT = 1 << 1,
	READER = 1 << 2,
	TRANSACTION = 1 << 3,
	REASON = 1 << 4,
	CREDENTIAL = 1 << 5,
	HOLDER = 1 << 6,
	METHOD = 1 << 7,
	STATE = 1 << 8,
	STAGES = 1 << 9,
	CAUSE = 1 << 10,
	ACTION = 1 << 11,
	ACTOR = 1 << 12,
	RECORDED = 1 << 13,
	EXPECTED = 1 << 14,
	COUNT = 1 << 15,
	LOST = 1 << 16,
	WAITED = 1 << 17,
	SEQ = 1 << 18,
	HEAD = 1 << 19,
	SIGNATURE = 1 << 20,
	PUBLIC_KEY = 1 << 21,
	VERSION = 1 << 22,
	TEXT = 1 << 23,
	MODE = 1 << 24,
	NONCE = 1 << 25,
	IMPORTED = 1 << 26,
	ROSTER = 1 << 27,
	ZONE = 1 << 28,
	PASSBACK = 1 << 29,
	USES = 1 << 30,
};

enum whose { THING, PERSONAL };

static const struct {
	const char *name;
	enum whose whose;
	unsigned fields;
} types[] = {
#define X(id, name_, whose_, fields_) {.name = (name_), .whose = (whose_), .fields = (fields_)},
#include "firmware/core/event.def"
#undef X
};

const char *lq_event_name(enum lq_event_type type)
{
	LQ_ASSERT(type < LQ_EVENT_COUNT);
	return types[type].name;
}

/* "org.loquet.", the name, ".v1". */
static bool is_type(const char *type, size_t length, const char *name)
{
	static const char begin[] = "org.loquet.";
	static const char end[] = ".v1";
	const size_t before = sizeof(begin) - 1;
	const size_t behind = sizeof(end) - 1;
	size_t size = strlen(name);
	return length == before + size + behind && memcmp(type, begin, before) == 0 &&
	       memcmp(type + before, name, size) == 0 &&
	       memcmp(type + before + size, end, behind) == 0;
}

bool lq_event_type_is_personal(const char *type, size_t length)
{
	for (size_t i = 0; i < LQ_EVENT_COUNT; i++) {
		if (is_type(type, length, types[i].name)) {
			return types[i].whose == PERSONAL;
		}
	}
	return true;
}

const char *lq_stage_text(enum lq_stage stage)
{
	switch (stage) {
	case LQ_STAGE_DETECT:
		return "detect";
	case LQ_STAGE_DECIDE:
		return "decide";
	case LQ_STAGE_RECORD:
		return "record";
	case LQ_STAGE_RELAY:
		return "relay";
	case LQ_STAGE_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return "";
}

struct lq_event lq_event_make(enum lq_event_type type, struct lq_wall at)
{
	struct lq_event event = {
		.type = type,
		.at = at,
		.door = LQ_NONE,
		.access_point = LQ_NONE,
		.reader = LQ_NONE,
		.state = LQ_CREDENTIAL_STATE_COUNT,
	};
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		event.stages_us[i] = LQ_STAGE_NONE;
	}
	return event;
}

static void copy_text(char *out, size_t size, const char *text)
{
	size_t length = lq_utf8_fit(text, size - 1);
	memcpy(out, text, length);
	out[length] = '\0';
}

void lq_event_set_text(struct lq_event *event, const char *text)
{
	copy_text(event->text, sizeof(event->text), text);
}

/* Joins up to four pieces into a small buffer; every caller's pieces are bounded by LQ_NAME_SIZE.
 */
static void join(char *out, size_t size, const char *const pieces[4])
{
	size_t at = 0;
	for (int i = 0; i < 4 && pieces[i] != NULL; i++) {
		copy_text(out + at, size - at, pieces[i]);
		at += strlen(out + at);
	}
}

/* Decimal, padded with zeros to `width`. */
static const char *decimal(uint64_t value, int width, char out[21])
{
	char *at = out + 20;
	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0 || out + 20 - at < width);
	return at;
}

static void put_transaction(struct lq_json *json, struct lq_transaction transaction)
{
	char run[21];
	char number[21];
	char text[48];
	join(text, sizeof(text),
		(const char *[4]){decimal(transaction.run, 1, run), "-",
			decimal(transaction.number, 1, number), NULL});
	lq_json_text(json, "transaction", text);
}

/* Roster numbers leave the board as "c17" and "m42", or "p42" where the office keeps the roster:
 * opaque, and told apart at a glance. */
static void put_roster_id(struct lq_json *json, const char *key, const char *prefix, uint32_t id)
{
	char digits[21];
	char text[24];
	join(text, sizeof(text), (const char *[4]){prefix, decimal(id, 1, digits), NULL, NULL});
	lq_json_text(json, key, text);
}

static void put_stages(struct lq_json *json, const uint32_t stages_us[LQ_STAGE_COUNT])
{
	lq_json_open(json, "stagesUs");
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		if (stages_us[i] != LQ_STAGE_NONE) {
			lq_json_number(json, lq_stage_text((enum lq_stage)i), stages_us[i]);
		}
	}
	lq_json_close(json);
}

/* Where nobody said it, a reader knows it: one reader, one access point. */
static uint16_t access_point_of(const struct lq_event *event, const struct lq_site *site)
{
	if (event->access_point != LQ_NONE || event->reader == LQ_NONE) {
		return event->access_point;
	}
	LQ_ASSERT(event->reader < site->reader_count);
	const struct lq_site_reader *reader = &site->readers[event->reader];
	return lq_access_point(reader->door, reader->direction);
}

static void put_place(struct lq_json *json, const struct lq_event *event,
	const struct lq_site *site, unsigned fields)
{
	if ((fields & DOOR) && event->door != LQ_NONE) {
		LQ_ASSERT(event->door < site->door_count);
		lq_json_text(json, "door", site->doors[event->door]);
	}
	uint16_t point = access_point_of(event, site);
	if ((fields & ACCESS_POINT) && point != LQ_NONE) {
		char name[LQ_ACCESS_POINT_NAME_SIZE];
		lq_access_point_name(site, point, name);
		lq_json_text(json, "accessPoint", name);
	}
	if ((fields & ZONE) && event->door != LQ_NONE) {
		lq_json_text(json, "zone", site->zones[event->door]);
	}
	if ((fields & READER) && event->reader != LQ_NONE) {
		LQ_ASSERT(event->reader < site->reader_count);
		lq_json_text(json, "reader", site->readers[event->reader].name);
	}
	if ((fields & TRANSACTION) && event->transaction.number != 0) {
		put_transaction(json, event->transaction);
	}
}

static void put_decision(struct lq_json *json, const struct lq_event *event, unsigned fields)
{
	if (fields & REASON) {
		lq_json_text(json, "reason", lq_reason_name(event->reason));
	}
	if ((fields & CREDENTIAL) && event->credential != 0) {
		put_roster_id(json, "credential", "c", event->credential);
	}
	if ((fields & HOLDER) && event->holder != 0) {
		put_roster_id(json, "holder", event->of_office ? "p" : "m", event->holder);
	}
	if (fields & METHOD) {
		switch (event->method) {
		case LQ_METHOD_UID:
			lq_json_text(json, "method", "uid");
			break;
		}
	}
	if ((fields & STATE) && event->state != LQ_CREDENTIAL_STATE_COUNT) {
		lq_json_text(json, "credentialState", lq_credential_state_text(event->state));
	}
	if ((fields & USES) && event->counted) {
		lq_json_number(json, "usesLeft", event->uses_left);
	}
	if (fields & STAGES) {
		put_stages(json, event->stages_us);
	}
	if ((fields & PASSBACK) && event->passback) {
		lq_json_bool(json, "passback", true);
	}
}

static void put_counts(struct lq_json *json, const struct lq_event *event, unsigned fields)
{
	if (fields & COUNT) {
		lq_json_number(json, "count", event->count);
	}
	if (fields & LOST) {
		lq_json_number(json, "lost", event->lost);
	}
	if (fields & IMPORTED) {
		lq_json_number(json, "added", event->added);
		lq_json_number(json, "changed", event->changed);
		lq_json_number(json, "disabled", event->disabled);
	}
	if (fields & ROSTER) {
		lq_json_number(json, "rosterVersion", event->version);
		lq_json_number(json, "parts", event->count);
		lq_json_number(json, "persons", event->persons);
		lq_json_number(json, "badges", event->badges);
	}
}

static void put_circumstance(struct lq_json *json, const struct lq_event *event, unsigned fields)
{
	if (fields & MODE) {
		lq_json_text(json, "mode", lq_door_mode_text(event->mode));
	}
	if ((fields & CAUSE) && event->cause != NULL) {
		lq_json_text(json, "cause", event->cause);
	}
	if ((fields & ACTION) && event->action != NULL) {
		lq_json_text(json, "action", event->action);
	}
	if ((fields & ACTOR) && event->actor[0] != '\0') {
		lq_json_text(json, "actor", event->actor);
	}
	if (fields & RECORDED) {
		lq_json_bool(json, "recorded", event->recorded);
	}
	if (fields & EXPECTED) {
		lq_json_bool(json, "expected", event->expected);
	}
	put_counts(json, event, fields);
	if (fields & WAITED) {
		lq_json_number(json, "waitedMs", event->waited_ms);
	}
	if (fields & SEQ) {
		lq_json_number(json, "seq", event->seq);
	}
}

static void put_proof(struct lq_json *json, const struct lq_event *event, unsigned fields)
{
	if (fields & HEAD) {
		lq_json_number(json, "headSeq", event->seq);
		lq_json_hex(json, "headHash", event->head_hash, sizeof(event->head_hash));
	}
	if (fields & SIGNATURE) {
		lq_json_hex(json, "signature", event->signature, sizeof(event->signature));
	}
	if (fields & PUBLIC_KEY) {
		lq_json_hex(json, "publicKey", event->public_key, sizeof(event->public_key));
	}
	if (fields & VERSION) {
		lq_json_text(json, "version", LQ_VERSION);
	}
	if ((fields & NONCE) && event->text[0] != '\0') {
		lq_json_text(json, "nonce", event->text);
	}
	if ((fields & TEXT) && event->text[0] != '\0') {
		lq_json_text(json, "text", event->text);
	}
}

static void put_envelope(struct lq_json *json, const struct lq_event *event,
	const struct lq_site *site, uint64_t seq)
{
	char digits[21];
	char text[128];
	lq_json_text(json, "specversion", "1.0");
	join(text, sizeof(text),
		(const char *[4]){site->controller, "/", decimal(seq, 1, digits), NULL});
	lq_json_text(json, "id", text);
	join(text, sizeof(text),
		(const char *[4]){"urn:loquet:", site->space, ":", site->controller});
	lq_json_text(json, "source", text);
	join(text, sizeof(text),
		(const char *[4]){"org.loquet.", lq_event_name(event->type), ".v1", NULL});
	lq_json_text(json, "type", text);
	lq_wall_rfc3339(event->at.unix_ms, text);
	lq_json_text(json, "time", text);
	lq_json_text(json, "sequence", decimal(seq, 20, digits));
	lq_json_text(json, "loquetclock", lq_trust_text(event->at.trust));
	lq_json_text(json, "datacontenttype", "application/json");
}

int lq_event_body(const struct lq_event *event, const struct lq_site *site, uint64_t seq, char *out,
	size_t capacity, size_t *ret_length)
{
	LQ_ASSERT(event->type < LQ_EVENT_COUNT);
	unsigned fields = types[event->type].fields;
	struct lq_json json = lq_json_begin(out, capacity);
	lq_json_open(&json, NULL);
	put_envelope(&json, event, site, seq);
	lq_json_open(&json, "data");
	put_place(&json, event, site, fields);
	put_decision(&json, event, fields);
	put_circumstance(&json, event, fields);
	put_proof(&json, event, fields);
	lq_json_close(&json);
	lq_json_close(&json);
	return lq_json_finish(&json, ret_length);
}

size_t lq_checkpoint_message(const struct lq_site *site, uint64_t head_seq,
	const uint8_t head_hash[32], uint8_t ret_message[LQ_CHECKPOINT_MESSAGE_MAX])
{
	static const char tag[] = "loquet checkpoint v1";
	size_t at = 0;
	const char *const texts[] = {tag, site->space, site->controller};
	for (size_t i = 0; i < 3; i++) {
		size_t length = strlen(texts[i]) + 1;
		memcpy(ret_message + at, texts[i], length);
		at += length;
	}
	for (int shift = 56; shift >= 0; shift -= 8) {
		ret_message[at++] = (uint8_t)(head_seq >> shift);
	}
	memcpy(ret_message + at, head_hash, 32);
	return at + 32;
}

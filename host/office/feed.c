#include "host/office/feed.h"

#include "firmware/core/err.h"
#include "host/cli/when.h"
#include "host/office/event_fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *envelope(const struct lq_fields *fields, const char *key)
{
	return lq_fields_text(fields, LQ_PART_ENVELOPE, key);
}

static const char *data(const struct lq_fields *fields, const char *key)
{
	return lq_fields_text(fields, LQ_PART_DATA, key);
}

static bool copy(char *out, size_t size, const char *text)
{
	size_t length = strnlen(text, size);
	if (length == 0 || length == size) {
		return false;
	}
	memcpy(out, text, length + 1);
	return true;
}

/* True when the text goes on with these words; then `text` is behind them. */
static bool take(const char **text, const char *words)
{
	size_t length = strlen(words);
	bool there = strncmp(*text, words, length) == 0;
	*text += there ? length : 0;
	return there;
}

/* Decimal digits alone, up to INT64_MAX. */
static bool read_number(const char *text, const char **ret_end, uint64_t *ret_value)
{
	char *end = NULL;
	errno = 0;
	if (*text < '0' || *text > '9') {
		return false;
	}
	unsigned long long value = strtoull(text, &end, 10);
	if (errno != 0 || value > INT64_MAX) {
		return false;
	}
	*ret_end = end;
	*ret_value = value;
	return true;
}

static bool read_hex(const char *text, uint8_t *out, size_t count)
{
	if (strlen(text) != 2 * count) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
		char *end = NULL;
		if (strspn(digits, "0123456789abcdef") != 2) {
			return false;
		}
		out[i] = (uint8_t)strtoul(digits, &end, 16);
	}
	return true;
}

static bool is_name(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < LQ_NAME_SIZE &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

/* loquet/1/<space>/<controller>/events */
static bool read_topic(const char *space, const char *topic, char ret_controller[LQ_NAME_SIZE])
{
	const char *name = topic;
	if (!take(&name, "loquet/1/") || !take(&name, space) || !take(&name, "/")) {
		return false;
	}
	size_t size = strcspn(name, "/");
	if (size >= LQ_NAME_SIZE || strcmp(name + size, "/events") != 0) {
		return false;
	}
	memcpy(ret_controller, name, size);
	ret_controller[size] = '\0';
	return is_name(ret_controller);
}

static bool read_envelope(
	const struct lq_fields *fields, const char *space, struct lq_feed_event *event)
{
	const char *id = envelope(fields, "id");
	const char *source = envelope(fields, "source");
	const char *end = "?";
	return take(&id, event->controller) && take(&id, "/") &&
	       read_number(id, &end, &event->seq) && *end == '\0' && event->seq > 0 &&
	       take(&source, "urn:loquet:") && take(&source, space) && take(&source, ":") &&
	       strcmp(source, event->controller) == 0 &&
	       copy(event->type, sizeof(event->type), envelope(fields, "type")) &&
	       lq_when_parse_rfc3339(envelope(fields, "time"), &event->at_ms) == LQ_OK;
}

static enum lq_trust trust_of(const struct lq_fields *fields)
{
	const char *text = envelope(fields, "loquetclock");
	enum lq_trust trust = LQ_TRUST_SYNCHRONISED;
	while (trust > LQ_TRUST_UNSET && strcmp(text, lq_trust_text(trust)) != 0) {
		trust--;
	}
	return trust;
}

static bool find_evidence(const char *type, enum lq_evidence *ret_evidence)
{
	static const char *const types[] = {
		[LQ_EVIDENCE_GRANTED] = "org.loquet.access.granted.v1",
		[LQ_EVIDENCE_TAKEN] = "org.loquet.access.taken.v1",
		[LQ_EVIDENCE_NOT_TAKEN] = "org.loquet.access.not_taken.v1",
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i]) == 0) {
			*ret_evidence = (enum lq_evidence)i;
			return true;
		}
	}
	return false;
}

/* A maintainer's passage has no holder and is nobody's visit. */
static bool has_holder(const struct lq_fields *fields, struct lq_feed_event *event)
{
	const char *text = data(fields, "holder");
	const char *end = "?";
	uint64_t holder = 0;
	bool of_office = *text == 'p';
	if ((*text != 'm' && !of_office) || !read_number(text + 1, &end, &holder) || *end != '\0' ||
		holder == 0 || holder > UINT32_MAX) {
		return false;
	}
	event->holder = (uint32_t)holder;
	event->of_office = of_office;
	return true;
}

static bool read_access_point(const struct lq_fields *fields, struct lq_feed_event *event)
{
	const char *door = data(fields, "door");
	const char *point = data(fields, "accessPoint");
	size_t length = strlen(door);
	if (!is_name(door) || strncmp(point, door, length) != 0) {
		return false;
	}
	const char *zone = data(fields, "zone");
	bool exit = strcmp(point + length, "/exit") == 0;
	event->passage.direction = exit ? LQ_DIRECTION_EXIT : LQ_DIRECTION_ENTRY;
	if (is_name(zone)) {
		(void)copy(event->zone, sizeof(event->zone), zone);
	}
	return copy(event->door, sizeof(event->door), door) &&
	       (exit || strcmp(point + length, "/entry") == 0);
}

static bool read_passage(const struct lq_fields *fields, struct lq_feed_event *event)
{
	const char *end = data(fields, "transaction");
	event->passage.trust = trust_of(fields);
	event->passage.at_ms = event->at_ms;
	return read_access_point(fields, event) && read_number(end, &end, &event->passage.epoch) &&
	       *end == '-' && read_number(end + 1, &end, &event->passage.number) && *end == '\0';
}

static bool read_checkpoint(const struct lq_fields *fields, struct lq_feed_checkpoint *checkpoint)
{
	int64_t head = lq_fields_integer(fields, LQ_PART_DATA, "headSeq");
	checkpoint->head_seq = (uint64_t)head;
	return head >= 0 &&
	       read_hex(data(fields, "headHash"), checkpoint->head_hash,
		       sizeof(checkpoint->head_hash)) &&
	       read_hex(data(fields, "signature"), checkpoint->signature,
		       sizeof(checkpoint->signature)) &&
	       read_hex(data(fields, "publicKey"), checkpoint->public_key,
		       sizeof(checkpoint->public_key));
}

static bool is_type(const struct lq_feed_event *event, const char *type)
{
	return strcmp(event->type, type) == 0;
}

static bool is_again(const struct lq_fields *fields, const struct lq_feed_event *event)
{
	return event->is_passage && event->passage.evidence == LQ_EVIDENCE_GRANTED &&
	       lq_fields_true(fields, LQ_PART_DATA, "passback");
}

/* A badge of nobody's asks for nothing. */
static enum lq_feed_alert read_alert(const struct lq_fields *fields, struct lq_feed_event *event)
{
	if (!is_type(event, "org.loquet.access.denied.v1")) {
		return is_again(fields, event) ? LQ_FEED_IN_AGAIN : LQ_FEED_NO_ALERT;
	}
	const char *state = data(fields, "credentialState");
	bool lost = strcmp(state, "lost") == 0;
	if ((!lost && strcmp(state, "stolen") != 0) || !has_holder(fields, event) ||
		!read_access_point(fields, event)) {
		return LQ_FEED_NO_ALERT;
	}
	return lost ? LQ_FEED_BADGE_LOST : LQ_FEED_BADGE_STOLEN;
}

static bool read_data(const struct lq_fields *fields, struct lq_feed_event *event)
{
	event->restarts = is_type(event, "org.loquet.journal.restarted.v1");
	event->freezes = is_type(event, "org.loquet.presence.frozen.v1");
	event->thaws = is_type(event, "org.loquet.presence.thawed.v1");
	event->is_checkpoint = is_type(event, "org.loquet.journal.checkpoint.v1");
	if (is_type(event, "org.loquet.link.skipped.v1")) {
		int64_t skipped = lq_fields_integer(fields, LQ_PART_DATA, "seq");
		event->skipped = skipped > 0 ? (uint64_t)skipped : 0;
	}
	if (event->is_checkpoint) {
		return read_checkpoint(fields, &event->checkpoint);
	}
	event->is_passage =
		find_evidence(event->type, &event->passage.evidence) && has_holder(fields, event);
	event->alert = read_alert(fields, event);
	return !event->is_passage || read_passage(fields, event);
}

int lq_feed_read(const char *space, const char *topic, const char *body, size_t length,
	struct lq_feed_event *ret_event)
{
	struct lq_feed_event event = {0};
	struct lq_fields fields;
	if (length > LQ_FEED_BODY_MAX || !read_topic(space, topic, event.controller)) {
		return LQ_ERR_INVALID;
	}
	bool sound = lq_fields_read(&fields, body, length) &&
		     read_envelope(&fields, space, &event) && read_data(&fields, &event);
	lq_fields_end(&fields);
	if (!sound) {
		return LQ_ERR_INVALID;
	}
	*ret_event = event;
	return LQ_OK;
}

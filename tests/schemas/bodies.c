/* Writes what the schemas are held against, made by the program's own code:
 *   bodies types      every row of event.def: the type and the names of its fields
 *   bodies reasons    every row of reason.def: the name
 *   bodies stalls     every cause that journal.stalled can have
 *   bodies variants   bodies of every type, in every combination of what may be there and what not
 *   bodies examples   one plausible body a type */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/event.h"

#include <stdio.h>
#include <string.h>

#define EXAMPLE_MS INT64_C(1767261600000) /* 2026-01-01T10:00:00Z */
#define WORDS_MAX  24u
#define SEQ_MAX    (UINT64_C(1) << 53) /* what every JSON reader holds exactly */

/* What the programs write as `cause` or `action`; door.c, doorway.c, inputs.c, opening.c,
 * releases.c, readers.c, roster_sql.c, rules_sql.c. */
static const struct {
	enum lq_event_type type;
	const char *words[WORDS_MAX];
} vocabulary[] = {
	{LQ_EVENT_COMMAND_ACCEPTED,
		{"door.open", "door.mode", "door.prop", "door.fire_confirm", "journal.replay",
			"reader.identify", "badge.enrol-next", "badge.read", "config.reload"}},
	{LQ_EVENT_COMMAND_REFUSED,
		{
#define REFUSAL(id, word, en, fr) word,
#include "firmware/core/order.def"
#undef REFUSAL
		}},
	{LQ_EVENT_DOOR_RELEASED, {"access", "command", "mode", "fire"}},
	{LQ_EVENT_DOOR_RELOCKED,
		{"release_time", "opened", "closed", "mode", "fire_confirmed", "shutdown"}},
	{LQ_EVENT_DOOR_FAULT, {"relay", "inputs"}},
	{LQ_EVENT_DOOR_MODE_CHANGED, {"command", "restart", "schedule", "first_person", "clock"}},
	{LQ_EVENT_DOOR_ALARM, {"forced_open", "pre_alarm", "held_open", "rex_stuck", "tamper",
				      "fire", "ajar", "mismatch"}},
	{LQ_EVENT_DOOR_ALARM_ENDED, {"forced_open", "pre_alarm", "held_open", "rex_stuck", "tamper",
					    "fire", "ajar", "mismatch"}},
	{LQ_EVENT_DOOR_PROP_ENDED, {"time", "command"}},
	{LQ_EVENT_READER_OFFLINE, {"disconnected", "silent"}},
	{LQ_EVENT_READER_FAULT, {"device", "restarted"}},
	{LQ_EVENT_READER_RESET, {"device", "restarted", "silent"}},
	{LQ_EVENT_CONTROLLER_STOPPED, {"signal"}},
	{LQ_EVENT_JOURNAL_STALLED,
		{"input/output failed", "full", "damaged", "in use by another process",
			"out of memory", "exists already", "not supported"}},
	{LQ_EVENT_ROSTER_CHANGED,
		{"member.added", "member.disabled", "member.enabled", "badge.enrolled",
			"badge.enabled", "badge.revoked", "badge.lost", "badge.suspended",
			"badge.stolen", "badge.returned", "badge.damaged", "profile.set",
			"schedule.set", "day.added", "day.removed", "hours.set", "member.changed",
			"badge.changed"}},
	{LQ_EVENT_ROSTER_IMPORTED, {"members.imported", "badges.imported"}},
	{LQ_EVENT_ACCESS_OVERRIDDEN,
		{"CredentialNotFound", "CredentialNotActive", "CredentialExpired",
			"loquet:NoUsesLeft", "NotPermittedAtThisTime", "Unauthorized",
			"loquet:ClockNotTrusted", "loquet:ReaderLockedOut",
			"loquet:AlreadyInside"}},
};

static const char *const no_words[] = {NULL};

static const struct lq_site site = {
	.space = "example-space",
	.controller = "front-board",
	.door_count = 1,
	.reader_count = 1,
	.doors = {"front"},
	.zones = {"space"},
	.readers = {{.name = "front-in", .door = 0, .direction = LQ_DIRECTION_ENTRY}},
};

/* The longest names that there can be. */
static const struct lq_site wide_site = {
	.space = "a-name-of-thirty-two-characters_",
	.controller = "b-name-of-thirty-two-characters_",
	.door_count = 1,
	.reader_count = 1,
	.doors = {"c-name-of-thirty-two-characters_"},
	.zones = {"e-name-of-thirty-two-characters_"},
	.readers = {{.name = "d-name-of-thirty-two-characters_",
		.door = 0,
		.direction = LQ_DIRECTION_EXIT}},
};

static const char *const *words_of(enum lq_event_type type)
{
	for (size_t i = 0; i < sizeof(vocabulary) / sizeof(vocabulary[0]); i++) {
		if (vocabulary[i].type == type) {
			return vocabulary[i].words;
		}
	}
	return no_words;
}

static void put(const struct lq_event *event, const struct lq_site *where, uint64_t seq)
{
	char body[LQ_EVENT_BODY_MAX];
	size_t length = 0;
	LQ_ASSERT(lq_event_body(event, where, seq, body, sizeof(body), &length) == LQ_OK);
	(void)fwrite(body, 1, length, stdout);
	(void)putchar('\n');
}

/* ---- variants ---- */

/* Whether a field that may be absent is there is a bit; so are the yes-or-no fields. */
enum variation {
	WITH_CREDENTIAL = 1 << 0,
	WITH_READER = 1 << 1,
	WITH_TEXT = 1 << 2,
	IS_TRUE = 1 << 3,
	WITH_STAGES = 1 << 4, /* four bits, one a stage */
	VARIATIONS = 1 << 8,
};

/* Everything that a text from outside can do to a body. */
static const char hostile[] = "\"\\/\b\f\n\r\t\x01\x1f\x7f\xff\xc0\x80\xed\xa0\x80\xf5 "
			      "\xe2\x82\xac \xf0\x9f\x9a\xaa </>&";

/* Never foreign: its characters were looked at. */
static const char nonce[] = "AZaz09_-AZaz09_-";

static bool has_nonce(enum lq_event_type type)
{
	return type == LQ_EVENT_COMMAND_ACCEPTED || type == LQ_EVENT_COMMAND_REFUSED ||
	       type == LQ_EVENT_ROSTER_CHANGED;
}

static bool tells_of_people(enum lq_event_type type)
{
	return type == LQ_EVENT_ACCESS_GRANTED || type == LQ_EVENT_PRESENCE_FORGIVEN;
}

static bool text_may_lack(enum lq_event_type type)
{
	return type != LQ_EVENT_DOOR_FAULT && type != LQ_EVENT_LINK_SKIPPED &&
	       type != LQ_EVENT_JOURNAL_RESTARTED;
}

/* Not everything that happens to a door comes from one of its two directions. */
static bool direction_may_lack(enum lq_event_type type)
{
	return type == LQ_EVENT_DOOR_RELEASED || type == LQ_EVENT_DOOR_RELOCKED ||
	       type == LQ_EVENT_DOOR_OPENED || type == LQ_EVENT_DOOR_MODE_CHANGED ||
	       type == LQ_EVENT_DOOR_ALARM || type == LQ_EVENT_DOOR_ALARM_ENDED ||
	       type == LQ_EVENT_JOURNAL_LATE || type == LQ_EVENT_ROSTER_CHANGED;
}

/* The least and the greatest numbers. */
static void vary_numbers(struct lq_event *event, bool greatest)
{
	event->access_point = greatest ? 1 : 0;
	event->transaction = (struct lq_transaction){
		.run = greatest ? SEQ_MAX : 0, .number = greatest ? UINT32_MAX : 1};
	event->recorded = greatest;
	event->expected = greatest;
	event->count = greatest ? UINT32_MAX : 0;
	event->lost = event->count;
	event->added = event->count;
	event->version = greatest ? SEQ_MAX : 1;
	event->persons = event->count;
	event->badges = event->count;
	event->changed = event->count;
	event->disabled = event->count;
	event->waited_ms = event->count;
	event->seq = greatest ? SEQ_MAX : 1;
	memset(event->head_hash, greatest ? 0xff : 0, sizeof(event->head_hash));
	(void)snprintf(event->actor, sizeof(event->actor), "account-%u", event->count);
}

/* Behind the numbers. */
static void vary_place(struct lq_event *event, bool known)
{
	event->door = known || !has_nonce(event->type) ? 0 : LQ_NONE;
	event->reader = 0;
	if (direction_may_lack(event->type) && !known) {
		event->access_point = LQ_NONE;
		event->reader = LQ_NONE;
	}
}

static void vary_stages(struct lq_event *event, unsigned variation, bool greatest)
{
	for (unsigned i = 0; i < LQ_STAGE_COUNT; i++) {
		bool measured = (variation & ((unsigned)WITH_STAGES << i)) != 0;
		uint32_t us = greatest ? UINT32_MAX - 1 : 0;
		event->stages_us[i] = measured ? us : LQ_STAGE_NONE;
	}
}

static struct lq_event vary(enum lq_event_type type, unsigned variation)
{
	bool greatest = (variation & IS_TRUE) != 0;
	struct lq_wall at = {.unix_ms = greatest ? INT64_C(253402300799999) : 0,
		.trust = (enum lq_trust)(variation % 3u)};
	struct lq_event event = lq_event_make(type, at);
	event.mode = (enum lq_door_mode)(variation % LQ_MODE_COUNT);
	if ((variation & WITH_CREDENTIAL) != 0 || tells_of_people(type)) {
		event.credential = greatest ? UINT32_MAX : 1;
		event.holder = greatest ? 1 : UINT32_MAX;
		event.state = (enum lq_credential_state)(variation % LQ_CREDENTIAL_STATE_COUNT);
	}
	if ((variation & WITH_TEXT) != 0 || !text_may_lack(type)) {
		lq_event_set_text(&event, has_nonce(type) ? nonce : greatest ? hostile : "x");
	}
	vary_numbers(&event, greatest);
	vary_place(&event, (variation & WITH_READER) != 0);
	event.counted = (variation & WITH_TEXT) != 0;
	event.uses_left = greatest ? UINT16_MAX : 0;
	if (type == LQ_EVENT_COMMAND_REFUSED && (variation & WITH_CREDENTIAL) == 0) {
		event.actor[0] = '\0';
		event.transaction.number = 0;
	}
	if (type == LQ_EVENT_MAINTAINERS_READ && (variation & WITH_CREDENTIAL) == 0) {
		event.actor[0] = '\0';
	}
	event.passback = (variation & WITH_TEXT) != 0;
	vary_stages(&event, variation, greatest);
	return event;
}

static void put_variants_with_word(enum lq_event_type type, const char *word)
{
	for (unsigned variation = 0; variation < VARIATIONS; variation++) {
		bool full = (variation & IS_TRUE) != 0;
		struct lq_event event = vary(type, variation);
		event.cause = word;
		event.action = word;
		if (type == LQ_EVENT_COMMAND_REFUSED) {
			event.action = event.actor[0] == '\0' ? NULL : "door.open";
		}
		enum lq_reason first = type == LQ_EVENT_ACCESS_GRANTED      ? LQ_REASON_GRANTED
				       : type == LQ_EVENT_ACCESS_OVERRIDDEN ? LQ_REASON_MAINTAINER
									    : (enum lq_reason)0;
		enum lq_reason end = type == LQ_EVENT_ACCESS_DENIED ? LQ_REASON_GRANTED : first + 1;
		for (event.reason = first; event.reason < end; event.reason++) {
			put(&event, full ? &wide_site : &site, full ? SEQ_MAX : 1);
		}
	}
}

static void put_variants(void)
{
	for (int type = 0; type < LQ_EVENT_COUNT; type++) {
		const char *const *words = words_of((enum lq_event_type)type);
		do {
			put_variants_with_word((enum lq_event_type)type, *words);
		} while (*words != NULL && *++words != NULL);
	}
}

/* ---- examples ---- */

static const char *example_text(enum lq_event_type type)
{
	if (type == LQ_EVENT_READER_ONLINE) {
		return "PN532 v1.6";
	}
	if (type == LQ_EVENT_READER_FAULT) {
		return "device: input/output failed";
	}
	if (type == LQ_EVENT_DOOR_FAULT) {
		return lq_err_text(LQ_ERR_IO);
	}
	if (type == LQ_EVENT_JOURNAL_STALLED) {
		return "database or disk is full";
	}
	if (type == LQ_EVENT_JOURNAL_RESTARTED) {
		return "door.db was damaged and set aside";
	}
	if (type == LQ_EVENT_COMMAND_REFUSED) {
		return nonce;
	}
	return type == LQ_EVENT_LINK_SKIPPED ? "the broker takes no message of this size" : "";
}

static void fill(uint8_t *bytes, size_t count, uint8_t from)
{
	for (size_t i = 0; i < count; i++) {
		bytes[i] = (uint8_t)(from + i);
	}
}

/* Where nobody and no reader caused it, there is none. */
static uint16_t example_access_point(enum lq_event_type type)
{
	if (type == LQ_EVENT_DOOR_EXIT_REQUESTED) {
		return 1;
	}
	bool aimless = type == LQ_EVENT_DOOR_MODE_CHANGED || type == LQ_EVENT_DOOR_ALARM ||
		       type == LQ_EVENT_DOOR_ALARM_ENDED || type == LQ_EVENT_ROSTER_CHANGED;
	return aimless ? LQ_NONE : 0;
}

static struct lq_event example(enum lq_event_type type)
{
	struct lq_wall at = {
		.unix_ms = EXAMPLE_MS + 1000 * (int64_t)type, .trust = LQ_TRUST_SYNCHRONISED};
	struct lq_event event = lq_event_make(type, at);
	bool granted = type != LQ_EVENT_ACCESS_DENIED;
	event.door = type == LQ_EVENT_ROSTER_CHANGED ? LQ_NONE : 0;
	event.access_point = example_access_point(type);
	event.reader = event.access_point == LQ_NONE ? LQ_NONE : event.door;
	event.transaction = (struct lq_transaction){.run = 1204, .number = 17};
	event.reason = type == LQ_EVENT_ACCESS_OVERRIDDEN ? LQ_REASON_MAINTAINER
		       : granted                          ? LQ_REASON_GRANTED
							  : LQ_REASON_CREDENTIAL_NOT_ENABLED;
	event.credential = 5;
	event.holder = 3;
	event.state = granted ? LQ_CREDENTIAL_ENABLED : LQ_CREDENTIAL_REVOKED;
	event.stages_us[LQ_STAGE_DETECT] = 14210;
	event.stages_us[LQ_STAGE_DECIDE] = 9;
	if (type == LQ_EVENT_DOOR_RELEASED) {
		event.stages_us[LQ_STAGE_RECORD] = 3120;
		event.stages_us[LQ_STAGE_RELAY] = 21;
	}
	event.cause = words_of(type)[0];
	event.action = type == LQ_EVENT_ROSTER_CHANGED    ? "badge.enrolled"
		       : type == LQ_EVENT_COMMAND_REFUSED ? "door.open"
							  : words_of(type)[0];
	event.recorded = true;
	event.expected = true;
	event.count = type == LQ_EVENT_COMMAND_REFUSED                                      ? 1
		      : type == LQ_EVENT_JOURNAL_STALLED                                    ? 12
		      : type == LQ_EVENT_DOOR_PROPPED || type == LQ_EVENT_READER_LOCKED_OUT ? 30
											    : 0;
	event.added = 12;
	event.version = UINT64_C(1767261600000);
	event.persons = 120;
	event.badges = 131;
	event.changed = 3;
	event.mode = LQ_MODE_BLOCKED;
	event.waited_ms = 300;
	event.seq = 1204;
	fill(event.head_hash, sizeof(event.head_hash), 0x00);
	fill(event.signature, sizeof(event.signature), 0x20);
	fill(event.public_key, sizeof(event.public_key), 0x60);
	(void)snprintf(event.actor, sizeof(event.actor),
		type == LQ_EVENT_COMMAND_REFUSED     ? "office"
		: type == LQ_EVENT_ACCESS_OVERRIDDEN ? "spare-badge"
						     : "account-1000");
	lq_event_set_text(&event, example_text(type));
	return event;
}

static void put_examples(void)
{
	for (int type = 0; type < LQ_EVENT_COUNT; type++) {
		struct lq_event event = example((enum lq_event_type)type);
		put(&event, &site, (uint64_t)1205 + (uint64_t)type);
	}
}

/* ---- tables ---- */

static void put_types(void)
{
	static const char *const rows[][2] = {
#define X(id, name, whose, fields) {name, #fields},
#include "firmware/core/event.def"
#undef X
	};
	for (size_t i = 0; i < LQ_EVENT_COUNT; i++) {
		(void)printf("%s %s\n", rows[i][0], rows[i][1]);
	}
}

static void put_reasons(void)
{
	for (int reason = 0; reason < LQ_REASON_COUNT; reason++) {
		(void)puts(lq_reason_name((enum lq_reason)reason));
	}
}

/* lq_store_fail() makes these of what SQLite answers, lq_store_open() the last. */
static void put_stalls(void)
{
	static const int errors[] = {LQ_ERR_IO, LQ_ERR_FULL, LQ_ERR_CORRUPT, LQ_ERR_BUSY,
		LQ_ERR_NO_MEMORY, LQ_ERR_EXISTS, LQ_ERR_UNSUPPORTED};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		(void)puts(lq_err_text(errors[i]));
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*write)(void);
	} modes[] = {
		{"types", put_types},
		{"reasons", put_reasons},
		{"stalls", put_stalls},
		{"variants", put_variants},
		{"examples", put_examples},
	};
	for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[1], modes[i].name) == 0) {
			modes[i].write();
			return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 1;
		}
	}
	(void)fputs("usage: bodies types|reasons|stalls|variants|examples\n", stderr);
	return 2;
}

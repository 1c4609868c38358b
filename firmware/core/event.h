/* Journal events and their bodies: CloudEvents 1.0 in JSON, written into the caller's buffer.
 * Pure; any thread. */
#ifndef LQ_CORE_EVENT_H
#define LQ_CORE_EVENT_H

#include "firmware/core/decide.h"
#include "firmware/core/door_mode.h"
#include "firmware/core/hours.h"
#include "firmware/core/reason.h"
#include "firmware/core/site.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lq_event_type {
#define X(id, name, whose, fields) LQ_EVENT_##id,
#include "firmware/core/event.def"
#undef X
	LQ_EVENT_COUNT
};

/* The stages of a tap, in order; each lasts from the end of the one before. */
enum lq_stage {
	LQ_STAGE_DETECT, /* start of the poll that found the badge → `present` at loquetd */
	LQ_STAGE_DECIDE, /* look-up and decision */
	LQ_STAGE_RECORD, /* until the disk answered, or was no longer waited for */
	LQ_STAGE_RELAY,  /* until the relay line was set */
	LQ_STAGE_COUNT
};

#define LQ_STAGE_NONE UINT32_MAX

/* Static text: "detect", "decide", "record", "relay". */
const char *lq_stage_text(enum lq_stage stage);

/* Unique on its controller for ever: the journal's head when the program started, and a counter. */
struct lq_transaction {
	uint64_t run;
	uint32_t number; /* 0: none */
};

#define LQ_EVENT_TEXT_SIZE 160u

/* What the store keeps besides the row, in the same transaction. */
enum lq_keep {
	LQ_KEEP_NOTHING,
	LQ_KEEP_ENTERED,   /* `holder` is in the zone behind `door` since `at`, */
	LQ_KEEP_LEFT,      /* … is not in it any more, */
	LQ_KEEP_FORGIVEN,  /* … is forgiven, in every zone */
	LQ_KEEP_FROZEN,    /* who is in now, and everybody is forgiven, */
	LQ_KEEP_THAWED,    /* … no longer */
	LQ_KEEP_FIRE,      /* a fire at `door` waits to be confirmed, */
	LQ_KEEP_FIRE_OVER, /* … no longer */
	LQ_KEEP_PROPPED,   /* `door` may stand open until `keep_ms`, 0: it may not */
};

/* A flat bag of fields: event.def says which of them a type carries. `cause` and `action` are
 * static strings. Zero is "no value" except where a comment says otherwise; lq_event_make() sets
 * the others. */
struct lq_event {
	enum lq_event_type type;
	struct lq_wall at;
	uint16_t door;         /* LQ_NONE: no value */
	uint16_t access_point; /* LQ_NONE: the reader's, or no value */
	uint16_t reader;       /* LQ_NONE: no value */
	struct lq_transaction transaction;
	enum lq_reason reason;
	enum lq_credential_state state; /* LQ_CREDENTIAL_STATE_COUNT: no value */
	enum lq_method method;
	enum lq_door_mode mode;
	uint32_t credential;
	uint32_t holder;
	bool spends;        /* a granted tap changes the credential: kept in door.db */
	bool counted;       /* `uses_left` has a value */
	uint16_t uses_left; /* after it */
	uint32_t stages_us[LQ_STAGE_COUNT]; /* LQ_STAGE_NONE: not measured */
	const char *cause;
	const char *action;
	bool recorded;
	bool expected;
	uint32_t count;
	uint32_t lost;
	uint32_t added;    /* of an import */
	uint32_t changed;  /* of an import */
	uint32_t disabled; /* of an import */
	uint64_t version;  /* of the office's roster; `count` of its parts changed */
	uint32_t persons;  /* in it */
	uint32_t badges;   /* in it */
	bool of_office;    /* the holder is one of the office's persons */
	uint32_t waited_ms;
	uint64_t seq; /* a row that this event speaks of */
	uint8_t head_hash[32];
	uint8_t signature[64];
	uint8_t public_key[32];
	struct lq_hours hours; /* of a door whose mode changed: kept in door.db, not written */
	char actor[LQ_NAME_SIZE];
	char text[LQ_EVENT_TEXT_SIZE];
	bool passback; /* entered, and was in already; false: no value */
	enum lq_keep keep;
	bool keep_released; /* `door` stands released in a fire: kept until LQ_KEEP_FIRE_OVER */
	int64_t keep_ms;    /* of people: who entered until then is no longer in */
};

struct lq_event lq_event_make(enum lq_event_type type, struct lq_wall at);

/* Copies at most LQ_EVENT_TEXT_SIZE - 1 bytes of foreign text; escaping is the body's business. */
void lq_event_set_text(struct lq_event *event, const char *text);

/* "access.granted" and so on. Static. */
const char *lq_event_name(enum lq_event_type type);

/* Whether an event of this type, as it stands on the wire, may tell of a person; one that is not
 * known here may. */
bool lq_event_type_is_personal(const char *type, size_t length);

#define LQ_EVENT_BODY_MAX 2048u

/* Writes the body of `event` as row `seq` of the journal: no terminator, at most
 * LQ_EVENT_BODY_MAX bytes for any event. LQ_ERR_FULL when `capacity` is too small. */
int lq_event_body(const struct lq_event *event, const struct lq_site *site, uint64_t seq, char *out,
	size_t capacity, size_t *ret_length);

#define LQ_CHECKPOINT_MESSAGE_MAX 160u

/* The bytes that a checkpoint signs: a domain tag, space, controller, head number (8 bytes,
 * big-endian) and head hash; names end with a zero byte. Returns their number. */
size_t lq_checkpoint_message(const struct lq_site *site, uint64_t head_seq,
	const uint8_t head_hash[32], uint8_t ret_message[LQ_CHECKPOINT_MESSAGE_MAX]);

#endif

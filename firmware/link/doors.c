#include "firmware/link/doors.h"

#include "firmware/core/assert.h"
#include "firmware/core/door.h"
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "firmware/core/json.h"

#include <jansson.h>
#include <string.h>

#define TYPE_HEAD "org.loquet."
#define TYPE_TAIL ".v1"

/* What an event does to a view; LEAVE keeps what is known. */
enum effect { LEAVE = -1 };

struct rule {
	enum lq_event_type type;
	int mode;
	int contact;
};

static const struct rule rules[] = {
	{LQ_EVENT_DOOR_RELEASED, LQ_DOORS_ACCESSED, LEAVE},
	{LQ_EVENT_DOOR_RELOCKED, LQ_DOORS_LOCKED, LEAVE},
	{LQ_EVENT_DOOR_MODE_CHANGED, LQ_DOORS_MODE_UNKNOWN, LEAVE},
	{LQ_EVENT_DOOR_OPENED, LEAVE, LQ_DOORS_OPEN},
	{LQ_EVENT_DOOR_CLOSED, LEAVE, LQ_DOORS_CLOSED},
	{LQ_EVENT_DOOR_FAULT, LQ_DOORS_MODE_UNKNOWN, LQ_DOORS_CONTACT_UNKNOWN},
	{LQ_EVENT_DOOR_ALARM, LEAVE, LEAVE},
	{LQ_EVENT_DOOR_ALARM_ENDED, LEAVE, LEAVE},
	{LQ_EVENT_CONTROLLER_STARTED, LQ_DOORS_LOCKED, LQ_DOORS_CONTACT_UNKNOWN},
	{LQ_EVENT_CONTROLLER_STOPPED, LQ_DOORS_MODE_UNKNOWN, LQ_DOORS_CONTACT_UNKNOWN},
};

void lq_doors_start(struct lq_doors *doors, const struct lq_site *site)
{
	*doors = (struct lq_doors){.count = site->door_count};
	for (uint16_t i = 0; i < site->door_count; i++) {
		memcpy(doors->doors[i].name, site->doors[i], LQ_NAME_SIZE);
		memcpy(doors->doors[i].zone, site->zones[i], LQ_NAME_SIZE);
		doors->doors[i].changed = true;
	}
}

/* `type` is "org.loquet.<name>.v1". */
static const struct rule *rule_for(const char *type)
{
	size_t head = sizeof(TYPE_HEAD) - 1;
	if (strncmp(type, TYPE_HEAD, head) != 0) {
		return NULL;
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *name = lq_event_name(rules[i].type);
		size_t length = strlen(name);
		if (strncmp(type + head, name, length) == 0 &&
			strcmp(type + head + length, TYPE_TAIL) == 0) {
			return &rules[i];
		}
	}
	return NULL;
}

static void apply(struct lq_doors_view *door, const struct rule *rule, uint64_t seq)
{
	if (rule->mode != LEAVE) {
		door->mode = (enum lq_doors_mode)rule->mode;
	}
	if (rule->contact != LEAVE) {
		door->contact = (enum lq_doors_contact)rule->contact;
	}
	door->seq = seq;
	door->changed = true;
	door->alarms_known = rule->type != LQ_EVENT_CONTROLLER_STOPPED;
	if (rule->type == LQ_EVENT_CONTROLLER_STARTED) {
		door->alarms = 0;
	}
}

static void apply_alarm(struct lq_doors_view *door, bool begins, const char *word)
{
	for (int i = 0; i < LQ_ALARM_COUNT && word != NULL; i++) {
		if (strcmp(word, lq_door_alarm_text((enum lq_door_alarm)i)) == 0) {
			unsigned bit = 1u << (unsigned)i;
			door->alarms = begins ? door->alarms | bit : door->alarms & ~bit;
		}
	}
}

/* A faulty relay says nothing of the contact, and faulty inputs nothing of the relay. */
static struct rule narrowed(const struct rule *rule, const char *cause)
{
	struct rule narrow = *rule;
	if (rule->type == LQ_EVENT_DOOR_FAULT && cause != NULL) {
		narrow.contact = strcmp(cause, "relay") == 0 ? LEAVE : rule->contact;
		narrow.mode = strcmp(cause, "inputs") == 0 ? LEAVE : rule->mode;
	}
	return narrow;
}

static enum lq_doors_mode mode_by_word(const char *word)
{
	enum lq_door_mode mode = LQ_MODE_COUNT;
	if (word == NULL || !lq_door_mode_parse(word, &mode)) {
		return LQ_DOORS_MODE_UNKNOWN;
	}
	switch (mode) {
	case LQ_MODE_LOCKED:
		return LQ_DOORS_LOCKED;
	case LQ_MODE_UNLOCKED:
		return LQ_DOORS_UNLOCKED;
	case LQ_MODE_BLOCKED:
		return LQ_DOORS_BLOCKED;
	case LQ_MODE_LOCKED_DOWN:
		return LQ_DOORS_LOCKED_DOWN;
	case LQ_MODE_LOCKED_OPEN:
		return LQ_DOORS_LOCKED_OPEN;
	case LQ_MODE_COUNT:
		break;
	}
	return LQ_DOORS_MODE_UNKNOWN;
}

/* A passage through a door that is wanted otherwise than Locked does not change what is wanted. */
static struct rule weighed(const struct rule *rule, const struct lq_doors_view *door)
{
	struct rule weighed = *rule;
	bool passage = rule->type == LQ_EVENT_DOOR_RELEASED || rule->type == LQ_EVENT_DOOR_RELOCKED;
	if (passage && door->mode > LQ_DOORS_ACCESSED) {
		weighed.mode = LEAVE;
	}
	return weighed;
}

static void apply_to(
	struct lq_doors *doors, const struct rule *rule, const json_t *data, uint64_t seq)
{
	const char *name = json_string_value(json_object_get(data, "door"));
	struct rule narrow = narrowed(rule, json_string_value(json_object_get(data, "cause")));
	if (rule->type == LQ_EVENT_DOOR_MODE_CHANGED) {
		narrow.mode = (int)mode_by_word(json_string_value(json_object_get(data, "mode")));
	}
	bool all = rule->type == LQ_EVENT_CONTROLLER_STARTED ||
		   rule->type == LQ_EVENT_CONTROLLER_STOPPED;
	bool alarm = rule->type == LQ_EVENT_DOOR_ALARM || rule->type == LQ_EVENT_DOOR_ALARM_ENDED;
	for (uint16_t i = 0; i < doors->count; i++) {
		struct lq_doors_view *door = &doors->doors[i];
		if (!all && (name == NULL || strcmp(name, door->name) != 0)) {
			continue;
		}
		struct rule fitting = weighed(&narrow, door);
		apply(door, &fitting, seq);
		if (alarm) {
			apply_alarm(door, rule->type == LQ_EVENT_DOOR_ALARM,
				json_string_value(json_object_get(data, "cause")));
		}
	}
}

/* Most rows are no concern of ours, and are not parsed. */
static bool may_concern(const char *body, size_t length)
{
	static const char door[] = TYPE_HEAD "door.";
	static const char controller[] = TYPE_HEAD "controller.";
	return memmem(body, length, door, sizeof(door) - 1) != NULL ||
	       memmem(body, length, controller, sizeof(controller) - 1) != NULL;
}

void lq_doors_take(struct lq_doors *doors, uint64_t seq, const char *body, size_t length)
{
	if (!may_concern(body, length)) {
		return;
	}
	json_t *event = json_loadb(body, length, 0, NULL);
	const char *type = json_string_value(json_object_get(event, "type"));
	const struct rule *rule = type != NULL ? rule_for(type) : NULL;
	if (rule != NULL) {
		apply_to(doors, rule, json_object_get(event, "data"), seq);
	}
	json_decref(event);
}

static const char *mode_text(enum lq_doors_mode mode)
{
	switch (mode) {
	case LQ_DOORS_MODE_UNKNOWN:
		return "unknown";
	case LQ_DOORS_LOCKED:
		return "Locked";
	case LQ_DOORS_ACCESSED:
		return "Accessed";
	case LQ_DOORS_UNLOCKED:
		return "Unlocked";
	case LQ_DOORS_BLOCKED:
		return "Blocked";
	case LQ_DOORS_LOCKED_DOWN:
		return "LockedDown";
	case LQ_DOORS_LOCKED_OPEN:
		return "LockedOpen";
	}
	LQ_ASSERT(false);
	return "";
}

static const char *contact_text(enum lq_doors_contact contact)
{
	switch (contact) {
	case LQ_DOORS_CONTACT_UNKNOWN:
		return "unknown";
	case LQ_DOORS_OPEN:
		return "open";
	case LQ_DOORS_CLOSED:
		return "closed";
	}
	LQ_ASSERT(false);
	return "";
}

static void put_alarms(struct lq_json *json, unsigned alarms)
{
	lq_json_open(json, "alarms");
	for (int i = 0; i < LQ_ALARM_COUNT; i++) {
		lq_json_bool(json, lq_door_alarm_text((enum lq_door_alarm)i),
			(alarms & 1u << (unsigned)i) != 0);
	}
	lq_json_close(json);
}

size_t lq_doors_body(const struct lq_doors_view *door, char ret_body[LQ_DOORS_BODY_MAX])
{
	size_t length = 0;
	struct lq_json json = lq_json_begin(ret_body, LQ_DOORS_BODY_MAX);
	lq_json_open(&json, NULL);
	lq_json_text(&json, "door", door->name);
	lq_json_text(&json, "zone", door->zone);
	lq_json_text(&json, "mode", mode_text(door->mode));
	lq_json_text(&json, "contact", contact_text(door->contact));
	if (door->alarms_known) {
		put_alarms(&json, door->alarms);
	}
	lq_json_number(&json, "seq", door->seq);
	lq_json_close(&json);
	int r = lq_json_finish(&json, &length);
	LQ_ASSERT(r == LQ_OK); /* a name of 32 characters needs no escaping */
	return length;
}

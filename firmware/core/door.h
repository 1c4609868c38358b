/* The door: a pure step from one state and one input to the next state and its effects. What is
 * wanted (`mode`), what was commanded of the lock (`released`) and what was observed (`contact`,
 * `lock`) are kept apart. */
#ifndef LQ_CORE_DOOR_H
#define LQ_CORE_DOOR_H

#include "firmware/core/door_mode.h"
#include "firmware/core/event.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

/* What ends a release early; the release time ends it at the latest. */
enum lq_relock_on { LQ_RELOCK_ON_TIMER, LQ_RELOCK_ON_OPEN, LQ_RELOCK_ON_CLOSE };

/* Timings by their ONVIF names (Door Control service), and bounds of our own. */
struct lq_door_settings {
	uint32_t release_ms;          /* ReleaseTime: how long the lock stays released */
	uint32_t open_ms;             /* OpenTime: open for longer is an alarm; 0: never */
	uint32_t extended_release_ms; /* never shorter in effect than release_ms */
	uint32_t extended_open_ms;    /* never shorter in effect than open_ms */
	uint32_t pre_alarm_ms;        /* PreAlarmTime: before open_ms is over; 0: none */
	uint32_t relock_delay_ms;     /* DelayTimeBeforeRelock, behind relock_on */
	uint32_t rex_stuck_ms;        /* an exit input active for longer is stuck; 0: never */
	uint32_t bolt_ms;             /* what the bolt has to follow a command */
	enum lq_relock_on relock_on;
	bool has_contact; /* a door contact is fitted */
};

enum lq_observed { LQ_OBSERVED_UNKNOWN, LQ_OBSERVED_CLOSED, LQ_OBSERVED_OPEN, LQ_OBSERVED_FAULT };

/* By a bolt sensor. */
enum lq_lock { LQ_LOCK_UNKNOWN, LQ_LOCK_LOCKED, LQ_LOCK_UNLOCKED, LQ_LOCK_FAULT };

enum lq_door_alarm {
	LQ_ALARM_FORCED_OPEN, /* it opened and nobody had released it or asked to exit */
	LQ_ALARM_PRE_ALARM,   /* it will have stood open too long soon */
	LQ_ALARM_HELD_OPEN,   /* ONVIF's DoorOpenTooLong */
	LQ_ALARM_REX_STUCK,
	LQ_ALARM_TAMPER,
	LQ_ALARM_FIRE,
	LQ_ALARM_AJAR,     /* closed and locked, but the bolt is not home */
	LQ_ALARM_MISMATCH, /* the bolt does not do what was commanded */
	LQ_ALARM_COUNT
};

/* "forced_open" and so on. Static. */
const char *lq_door_alarm_text(enum lq_door_alarm alarm);

/* Somebody on the way through: what AccessTaken or AccessNotTaken will name. */
struct lq_passage {
	struct lq_transaction transaction;
	uint16_t access_point; /* LQ_NONE: opened from a desk, nobody in particular passes */
	uint32_t credential;
	uint32_t holder;
	bool of_office; /* the holder is one of the office's persons */
	bool extended;  /* the extended times, for who needs them */
};

#define LQ_WAITING_MAX 8u /* passages granted and not yet taken; the oldest makes room */

struct lq_door {
	uint16_t index; /* into lq_site.doors */
	enum lq_door_mode mode;
	bool released; /* commanded */
	bool accessed; /* a passage keeps it released, until relock_at */
	enum lq_observed contact;
	enum lq_lock lock;
	uint16_t alarms;                   /* a bit an enum lq_door_alarm */
	struct lq_mono relock_at;          /* meaningful while accessed */
	const char *relock_cause;          /* and why then */
	struct lq_mono exit_until;         /* an opening until then was announced by REX */
	struct lq_transaction transaction; /* the last that released the door, */
	uint16_t access_point;             /* … and where; LQ_NONE: nowhere in particular */

	bool extended;          /* the passage on its way has the extended times */
	bool watched;           /* stands open, and an alarm comes at held_at */
	struct lq_mono held_at; /* meaningful while watched */
	bool propped;           /* may stand open until propped_until */
	struct lq_mono propped_until;

	bool rex;                    /* the exit input is active */
	struct lq_mono rex_stuck_at; /* meaningful while it is */
	bool fire;                   /* the fire input is active */
	bool fire_hold;              /* it was, and nobody has confirmed its end: nothing relocks */
	enum lq_door_alarm doubt;    /* what the bolt makes of it; LQ_ALARM_COUNT: nothing */
	struct lq_mono doubt_at;     /* when that becomes an alarm */

	uint8_t waiting_count;
	struct lq_passage waiting[LQ_WAITING_MAX];
};

enum lq_door_input_type {
	LQ_DOOR_RELEASE,      /* a grant or a command, already recorded or past its deadline */
	LQ_DOOR_SET_MODE,     /* `mode`, because of `cause`, by `passage.transaction` */
	LQ_DOOR_PROP,         /* may stand open for `prop_ms`, 0: no longer */
	LQ_DOOR_FIRE_CONFIRM, /* a person says that the fire is over; nothing while the input is on
			       */
	LQ_DOOR_CONTACT,      /* levels that were read: `active` is open, */
	LQ_DOOR_REX,          /* … exit asked for, */
	LQ_DOOR_FIRE,         /* … fire, */
	LQ_DOOR_TAMPER,       /* … tampered with, */
	LQ_DOOR_BOLT,         /* … the bolt is home */
	LQ_DOOR_INPUTS_LOST,  /* the levels cannot be read any more */
	LQ_DOOR_TICK,         /* time passed */
	LQ_DOOR_SHUTDOWN,     /* the program ends: lock */
	LQ_DOOR_FIRE_RESUME,  /* it stood released in a fire when the program ended */
};

struct lq_door_input {
	enum lq_door_input_type type;
	bool active;
	enum lq_door_mode mode;
	const char *cause; /* static */
	bool told;         /* the door.mode_changed is in the journal already */
	uint32_t prop_ms;
	struct lq_passage passage;
};

#define LQ_DOOR_EVENTS_MAX (LQ_WAITING_MAX + 12u)

struct lq_door_effects {
	bool set_relay; /* drive the relay to `relay_released` now */
	bool relay_released;
	uint8_t event_count;
	struct lq_event events[LQ_DOOR_EVENTS_MAX];
};

struct lq_door lq_door_make(uint16_t index);

/* A door just made takes up again what held when the program ended: a fire that nobody has
 * confirmed the end of, and the leave to stand open, for `prop_ms` more; 0: none. */
void lq_door_resume(struct lq_door *door, bool fire_hold, uint32_t prop_ms, struct lq_mono now);

/* A release of a door whose mode refuses it changes nothing; its passage is not taken. An exit that
 * was asked for is expected in every mode. */
void lq_door_step(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *ret_effects);

/* When the next LQ_DOOR_TICK is due; false when nothing is pending. */
bool lq_door_deadline(const struct lq_door *door, const struct lq_door_settings *settings,
	struct lq_mono *ret_deadline);

/* Why the door's mode refuses whoever may enter; LQ_REASON_NOT_DECIDED: it does not. */
enum lq_reason lq_door_objection(const struct lq_door *door);

/* The mode as ONVIF would show it now: a Locked door that a passage keeps released is "Accessed".
 * Static. */
const char *lq_door_shown_mode(const struct lq_door *door);

static inline bool lq_door_alarmed(const struct lq_door *door, enum lq_door_alarm alarm)
{
	return (door->alarms & (1u << (unsigned)alarm)) != 0;
}

#endif

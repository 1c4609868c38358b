/* The door's release cycle: a pure step from one state and one input to the next state and its
 * effects. What was commanded (`released`) and what was observed (`contact`) are kept apart. */
#ifndef LQ_CORE_DOOR_H
#define LQ_CORE_DOOR_H

#include "firmware/core/event.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

/* Timings by their ONVIF names (Door Control service). */
struct lq_door_settings {
	uint32_t release_ms; /* ReleaseTime: how long the lock stays released */
	bool has_contact;    /* a door contact is fitted */
};

enum lq_observed { LQ_OBSERVED_UNKNOWN, LQ_OBSERVED_CLOSED, LQ_OBSERVED_OPEN };

/* Somebody on the way through: what AccessTaken or AccessNotTaken will name. */
struct lq_passage {
	struct lq_transaction transaction;
	uint16_t access_point; /* LQ_NONE: opened from a desk, nobody in particular passes */
	uint32_t credential;
	uint32_t holder;
};

#define LQ_WAITING_MAX 8u /* passages granted and not yet taken; the oldest makes room */

struct lq_door {
	uint16_t index; /* into lq_site.doors */
	bool released;  /* commanded */
	enum lq_observed contact;
	struct lq_mono relock_at;          /* meaningful while released */
	struct lq_mono exit_until;         /* an opening until then was announced by REX */
	struct lq_transaction transaction; /* the last that released the door */
	uint8_t waiting_count;
	struct lq_passage waiting[LQ_WAITING_MAX];
};

enum lq_door_input_type {
	LQ_DOOR_RELEASE,  /* a grant or a command, already recorded or past its deadline */
	LQ_DOOR_CONTACT,  /* the contact's level was read: `open` */
	LQ_DOOR_REX,      /* the exit button or sensor became active */
	LQ_DOOR_TICK,     /* time passed */
	LQ_DOOR_SHUTDOWN, /* the program ends: lock */
};

struct lq_door_input {
	enum lq_door_input_type type;
	bool open;
	struct lq_passage passage;
};

#define LQ_DOOR_EVENTS_MAX (LQ_WAITING_MAX + 2u)

struct lq_door_effects {
	bool set_relay; /* drive the relay to `relay_released` now */
	bool relay_released;
	uint8_t event_count;
	struct lq_event events[LQ_DOOR_EVENTS_MAX];
};

struct lq_door lq_door_make(uint16_t index);

void lq_door_step(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *ret_effects);

/* When the next LQ_DOOR_TICK is due; false when nothing is pending. */
bool lq_door_deadline(const struct lq_door *door, struct lq_mono *ret_deadline);

#endif

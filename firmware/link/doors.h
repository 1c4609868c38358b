/* What the journal says of each door now: what was commanded and what was observed, told apart.
 * Pure (jansson aside); one thread.
 *
 * controller.started: the program locks its doors and has observed nothing yet.
 * controller.stopped: nothing is known any more; door.fault: neither is what its cause names.
 * door.mode_changed says what is wanted until the next; a release and a relock tell Locked and
 * Accessed apart, and say nothing more of a door in another mode.
 * An alarm holds until its end is told; which hold is unknown before a start, or a row that speaks
 * of the door. A door that no event speaks of is unknown. */
#ifndef LQ_LINK_DOORS_H
#define LQ_LINK_DOORS_H

#include "firmware/core/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lq_doors_mode {
	LQ_DOORS_MODE_UNKNOWN,
	LQ_DOORS_LOCKED,
	LQ_DOORS_ACCESSED,
	LQ_DOORS_UNLOCKED,
	LQ_DOORS_BLOCKED,
	LQ_DOORS_LOCKED_DOWN,
	LQ_DOORS_LOCKED_OPEN,
};
enum lq_doors_contact { LQ_DOORS_CONTACT_UNKNOWN, LQ_DOORS_OPEN, LQ_DOORS_CLOSED };

#define LQ_DOORS_BODY_MAX 512u

struct lq_doors_view {
	char name[LQ_NAME_SIZE];
	char zone[LQ_NAME_SIZE]; /* behind it */
	enum lq_doors_mode mode;
	enum lq_doors_contact contact;
	bool alarms_known;
	unsigned alarms; /* 1 << enum lq_door_alarm; meaningful when they are known */
	uint64_t seq;    /* of the row that said so last; 0: none */
	bool changed;    /* since it was last cleared by the caller */
};

struct lq_doors {
	uint16_t count;
	struct lq_doors_view doors[LQ_DOORS_MAX];
};

/* Every door of the site is unknown, and counts as changed. */
void lq_doors_start(struct lq_doors *doors, const struct lq_site *site);

/* Takes in row `seq`. Rows that say nothing of a door's state, or that cannot be understood, change
 * nothing. */
void lq_doors_take(struct lq_doors *doors, uint64_t seq, const char *body, size_t length);

/* {"door":"front","zone":"space","mode":"Locked","contact":"closed","alarms":{"forced_open":false,…},"seq":17};
 * mode is one of ONVIF's or unknown, contact is open, closed or unknown, alarms is absent while
 * unknown. Without terminator; returns the length. */
size_t lq_doors_body(const struct lq_doors_view *door, char ret_body[LQ_DOORS_BODY_MAX]);

#endif

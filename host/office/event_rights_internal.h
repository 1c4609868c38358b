/* What the parts of the events' rights share. */
#ifndef LQ_OFFICE_EVENT_RIGHTS_INTERNAL_H
#define LQ_OFFICE_EVENT_RIGHTS_INTERNAL_H

#include "host/office/event_plan.h"
#include "host/office/event_rights.h"
#include "host/office/events.h"

#define LQ_EVENT_WINDOWS_MAX  LQ_EVENTS_AT_ONCE /* the bits of a set */
#define LQ_EVENT_VARIANTS_MAX 512u
#define LQ_EVENT_HASH_BEGIN   UINT64_C(0xcbf29ce484222325)

struct lq_event_window {
	int64_t id;
	int64_t next; /* local minute at which it begins next */
	enum lq_calendar_who who;
	size_t door_count;
	char doors[LQ_CALENDAR_DOORS_MAX][LQ_NAME_SIZE];
	struct lq_plan plan;
};

/* Somebody who registered: for which windows, a bit each. */
struct lq_event_guest {
	int64_t number;
	uint64_t set;
};

/* A profile as it is for those who may come to a set of events. */
struct lq_event_variant {
	char name[LQ_NAME_SIZE];
	char profile[LQ_NAME_SIZE];
	bool any_time;
	uint64_t set;
};

struct lq_event_rights {
	struct lq_db *db;
	int64_t first;                   /* today, in days from 1970-01-01 */
	struct lq_event_window *windows; /* the nearest first */
	size_t window_count;
	size_t left_out;
	uint64_t members;              /* the windows that are open to members */
	struct lq_event_guest *guests; /* by number */
	size_t guest_count;
	struct lq_event_variant *variants;
	size_t variant_count;
};

struct lq_event_lines {
	int (*take)(void *ctx, const char *line);
	void *ctx;
	int failure;
};

/* FNV-1a, 64 bits. */
uint64_t lq_event_hash(uint64_t hash, const void *bytes, size_t length);

void lq_event_say(struct lq_event_lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The special days of a schedule, from place 0 on; returns how many groups they are. */
size_t lq_event_say_plan(
	struct lq_event_lines *lines, const char *schedule, const struct lq_plan *plan);

/* `room`: how many policies the profile may still have. */
void lq_event_say_policies(struct lq_event_lines *lines, const struct lq_event_rights *rights,
	const char *profile, uint64_t set, size_t room);

/* The profiles that persons are published with because of events. */
int lq_event_variants_read(struct lq_event_rights *rights);
int lq_event_variants_say(struct lq_event_lines *lines, const struct lq_event_rights *rights);

/* The hours of doors through which anyone may come. */
int lq_event_hours_say(struct lq_event_lines *lines, struct lq_event_rights *rights);

#endif

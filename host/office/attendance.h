/* Who came through an event's doors while it took place. One thread. */
#ifndef LQ_OFFICE_ATTENDANCE_H
#define LQ_OFFICE_ATTENDANCE_H

#include "host/office/events.h"
#include "host/office/realm.h"

#define LQ_ATTENDANCE_MAX 2000u

struct lq_attendant {
	char realm[LQ_NAME_SIZE];
	int64_t holder;
	int64_t first_ms; /* of the passages */
	int64_t last_ms;
	int64_t passages;
};

struct lq_attendance {
	size_t count;
	struct lq_attendant people[LQ_ATTENDANCE_MAX]; /* in the order of their coming */
	int64_t openings; /* of the doors: somebody may come in who does not badge */
};

/* Of passages whose events are still kept. LQ_OK or an error of the database. */
int lq_attendance_read(struct lq_db *db, const struct lq_calendar_event *event,
	const struct lq_occurrence *occurrence, struct lq_attendance *ret_attendance);

#endif

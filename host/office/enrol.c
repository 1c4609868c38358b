#include "host/office/enrol.h"

#include "firmware/core/err.h"
#include "host/office/people.h"

#include <string.h>

int lq_badge_was_read(struct lq_db *db, const struct lq_sending *sending, int64_t now_ms)
{
	struct lq_person person;
	struct lq_office_badge badge = {.person = sending->person, .uses = LQ_OFFICE_USES_ANY};
	int64_t id = 0;
	memcpy(badge.key, sending->key, sizeof(badge.key));
	int r = lq_person_get(db, sending->person, &person);
	return r == LQ_OK ? lq_office_badge_add(db, &badge, now_ms, &id) : r;
}

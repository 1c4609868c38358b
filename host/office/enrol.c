#include "host/office/enrol.h"

#include "firmware/core/decide.h"
#include "firmware/core/err.h"
#include "host/office/people.h"

#include <string.h>

static int keep(struct lq_db *db, struct lq_office_badge *badge, int64_t now_ms)
{
	struct lq_office_badge known;
	int64_t id = 0;
	int r = lq_office_badge_find(db, badge->key, &known);
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_office_badge_add(db, badge, now_ms, &id);
	}
	if (r != LQ_OK || known.person != 0 || known.state != LQ_CREDENTIAL_ENABLED) {
		return r != LQ_OK ? r : LQ_ERR_EXISTS;
	}
	known.person = badge->person;
	known.valid_from_ms = badge->valid_from_ms;
	known.valid_to_ms = badge->valid_to_ms;
	return lq_office_badge_save(db, &known, now_ms);
}

int lq_badge_was_read(struct lq_db *db, const struct lq_sending *sending, int64_t now_ms)
{
	struct lq_person person; /* may be gone since */
	struct lq_office_badge badge = {.person = sending->person, .uses = LQ_OFFICE_USES_ANY};
	memcpy(badge.key, sending->key, sizeof(badge.key));
	int r = lq_person_get(db, sending->person, &person);
	return r == LQ_OK ? keep(db, &badge, now_ms) : r;
}

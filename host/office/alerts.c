#include "host/office/alerts.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/realm.h"

static const char *word_of(enum lq_feed_alert alert)
{
	switch (alert) {
	case LQ_FEED_BADGE_LOST:
		return "badge_lost";
	case LQ_FEED_BADGE_STOLEN:
		return "badge_stolen";
	case LQ_FEED_IN_AGAIN:
		return "in_again";
	case LQ_FEED_NO_ALERT:
		break;
	}
	LQ_ASSERT(false);
	return "";
}

int lq_alert_add(struct lq_db *db, const struct lq_feed_event *event)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO alert (controller, seq, kind, realm, holder, door, at) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
		"tittiti", event->controller, (int64_t)event->seq, word_of(event->alert),
		event->of_office ? LQ_REALM_OFFICE : event->controller, (int64_t)event->holder,
		event->door, event->at_ms);
	return r < 0 ? (int)r : LQ_OK;
}

/* Who did or looked at what, and who is told. */
#include "firmware/core/err.h"
#include "host/office/api.h"
#include "host/office/office.h"

#include <string.h>

#define LOOK_MS (INT64_C(10) * 60 * 1000)

int lq_audit(
	const struct lq_request *request, const char *act, const char *object, const char *reason)
{
	int64_t r = lq_db_run(request->db,
		"INSERT INTO audit (at, author, act, object, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
		"itttt", request->now_ms, request->caller.name, act, object, reason);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_audit_look(const struct lq_request *request, const char *act, const char *object)
{
	int64_t before = 0;
	int r = lq_db_integer(request->db, &before, 0,
		"SELECT count(*) FROM audit WHERE author = ?1 AND act = ?2 AND object = ?3 "
		"AND at > ?4",
		"ttti", request->caller.name, act, object, request->now_ms - LOOK_MS);
	return r != LQ_OK || before > 0 ? r : lq_audit(request, act, object, "");
}

void lq_announce(const struct lq_request *request, const char *topic)
{
	struct lq_office *office = request->office;
	for (size_t i = 0; office != NULL && i < office->announced_count; i++) {
		if (strcmp(office->announced[i], topic) == 0) {
			return;
		}
	}
	if (office != NULL && office->announced_count < LQ_ANNOUNCEMENTS_MAX) {
		office->announced[office->announced_count++] = topic;
	}
}

#include "host/office/refusals.h"

#include "firmware/core/err.h"
#include "host/office/serve.h"

#include <inttypes.h>
#include <stdio.h>

#define HOUR_MS INT64_C(3600000)

int lq_refusal_note(const struct lq_request *request, struct lq_answer *answer, const char *act,
	int64_t account)
{
	char object[32] = "session";
	char reason[128];
	int64_t count = 0;
	if (account != 0) {
		(void)snprintf(object, sizeof(object), "account/%" PRId64, account);
	}
	int r = lq_db_integer(request->db, &count, 0,
		"SELECT count(*) FROM audit WHERE at > ?1 AND act = ?2 AND object = ?3", "itt",
		request->now_ms - HOUR_MS, act, object);
	if (r != LQ_OK || count >= LQ_REFUSALS_HOUR_MAX) {
		return r;
	}
	/* The last one of an hour says that others may have followed. */
	(void)snprintf(reason, sizeof(reason), "%s%s", request->exchange->address,
		count == LQ_REFUSALS_HOUR_MAX - 1 ? ", and maybe more within this hour" : "");
	r = lq_audit(request, act, object, reason);
	answer->keep = r == LQ_OK;
	return r;
}

int lq_refusals_forget(struct lq_db *db, int64_t before_ms)
{
	int64_t r = lq_db_run(db,
		"DELETE FROM audit WHERE at < ?1 AND act IN ('session.refuse', 'password.refuse', "
		"'first_run.refuse')",
		"i", before_ms);
	return r < 0 ? (int)r : LQ_OK;
}

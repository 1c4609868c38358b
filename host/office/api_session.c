#include "host/office/api_session.h"

#include "firmware/core/err.h"
#include "host/office/access.h"

static int no_session(const struct lq_request *request, struct lq_answer *answer)
{
	int64_t accounts = 0;
	int r = lq_db_integer(request->db, &accounts, 0, "SELECT count(*) FROM account", "");
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	int status = lq_problem(request, answer, 401, "session", NULL, "log in first",
		"ouvrez d’abord une session");
	(void)json_object_set_new(answer->json, "firstRun", json_boolean(accounts == 0));
	return status;
}

static int get_session(const struct lq_request *request, struct lq_answer *answer)
{
	if (request->caller.account == 0) {
		return no_session(request, answer);
	}
	answer->json = json_pack("{s:s, s:o, s:b}", "account", request->caller.name, "scopes",
		lq_scopes_json(request->caller.scopes), "firstRun", 0);
	return 0;
}

const struct lq_route lq_routes_session[] = {
	{"GET", "/api/v1/session", LQ_SCOPE_NOBODY, get_session},
};

const size_t lq_routes_session_count = sizeof(lq_routes_session) / sizeof(lq_routes_session[0]);

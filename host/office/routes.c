#include "host/office/routes.h"

#include "host/office/api_access.h"
#include "host/office/api_people.h"
#include "host/office/api_session.h"
#include "host/office/api_stream.h"

const struct lq_route_list lq_route_lists[] = {
	{"/api/v1", lq_routes_accounts, &lq_routes_accounts_count},
	{"/api/v1", lq_routes_audit, &lq_routes_audit_count},
	{"/api/v1", lq_routes_settings, &lq_routes_settings_count},
	{"/api/v1", lq_routes_tokens, &lq_routes_tokens_count},
	{"/api/v1", lq_routes_people, &lq_routes_people_count},
	{"/api/v1", lq_routes_session, &lq_routes_session_count},
	{"/api/v1", lq_routes_stream, &lq_routes_stream_count},
};

const size_t lq_route_list_count = sizeof(lq_route_lists) / sizeof(lq_route_lists[0]);

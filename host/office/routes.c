#include "host/office/routes.h"

#include "host/office/api_access.h"
#include "host/office/api_alerts.h"
#include "host/office/api_badges.h"
#include "host/office/api_board_members.h"
#include "host/office/api_csv.h"
#include "host/office/api_doors.h"
#include "host/office/api_events.h"
#include "host/office/api_figures.h"
#include "host/office/api_law.h"
#include "host/office/api_metrics.h"
#include "host/office/api_muster.h"
#include "host/office/api_notice.h"
#include "host/office/api_now.h"
#include "host/office/api_people.h"
#include "host/office/api_rules.h"
#include "host/office/api_session.h"
#include "host/office/api_stream.h"
#include "host/office/api_visitors.h"
#include "host/office/api_visits.h"
#include "host/office/api_webhooks.h"
#include "host/office/api_zones.h"

const struct lq_route_list lq_route_lists[] = {
	{"/api/v1", lq_routes_accounts, &lq_routes_accounts_count},
	{"/api/v1", lq_routes_alerts, &lq_routes_alerts_count},
	{"/api/v1", lq_routes_audit, &lq_routes_audit_count},
	{"/api/v1", lq_routes_badges, &lq_routes_badges_count},
	{"/api/v1", lq_routes_board_members, &lq_routes_board_members_count},
	{"/api/v1", lq_routes_csv, &lq_routes_csv_count},
	{"/api/v1", lq_routes_doors, &lq_routes_doors_count},
	{"/api/v1", lq_routes_events, &lq_routes_events_count},
	{"", lq_routes_figures, &lq_routes_figures_count},
	{"", lq_routes_law, &lq_routes_law_count},
	{"", lq_routes_metrics, &lq_routes_metrics_count},
	{"", lq_routes_muster, &lq_routes_muster_count},
	{"", lq_routes_notice, &lq_routes_notice_count},
	{"", lq_routes_now, &lq_routes_now_count},
	{"/api/v1", lq_routes_people, &lq_routes_people_count},
	{"/api/v1", lq_routes_rules, &lq_routes_rules_count},
	{"/api/v1", lq_routes_session, &lq_routes_session_count},
	{"/api/v1", lq_routes_settings, &lq_routes_settings_count},
	{"/api/v1", lq_routes_stream, &lq_routes_stream_count},
	{"/api/v1", lq_routes_tokens, &lq_routes_tokens_count},
	{"", lq_routes_visitors, &lq_routes_visitors_count},
	{"", lq_routes_visits, &lq_routes_visits_count},
	{"/api/v1", lq_routes_webhooks, &lq_routes_webhooks_count},
	{"/api/v1", lq_routes_zones, &lq_routes_zones_count},
};

const size_t lq_route_list_count = sizeof(lq_route_lists) / sizeof(lq_route_lists[0]);

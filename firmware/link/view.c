/* The doors' state topics: the newest state only, whatever the backlog of events. */
#include "firmware/core/err.h"
#include "firmware/link/link_internal.h"

#include <string.h>

#define LOOK_BACK    10000u /* rows: what is older says little of a door's state now */
#define ROWS_AT_ONCE 512u

static void start_over(struct lq_link *link)
{
	struct lq_site site = lq_config_site(link->config);
	lq_doors_start(&link->doors, &site);
}

void lq_view_open(struct lq_link *link)
{
	start_over(link);
}

void lq_view_forget(struct lq_link *link)
{
	start_over(link);
	link->view_next = 0;
	link->view_checked = false;
	link->view_more = true;
}

void lq_view_up(struct lq_link *link)
{
	memset(link->door_mids, 0, sizeof(link->door_mids));
	link->view_checked = false;
	for (uint16_t i = 0; i < link->doors.count; i++) {
		link->doors.doors[i].changed = true;
	}
}

void lq_view_settled(struct lq_link *link, uint16_t mid)
{
	for (uint16_t i = 0; i < link->doors.count; i++) {
		if (link->door_mids[i] == mid) {
			link->door_mids[i] = 0;
		}
	}
}

bool lq_view_busy(const struct lq_link *link)
{
	return link->view_more && lq_session_up(link) &&
	       lq_mono_due(link->journal_retry_at, link->now);
}

static int take_row(void *ctx, const struct lq_row *row)
{
	struct lq_link *link = ctx;
	if (row->body_length > 0) {
		lq_doors_take(&link->doors, row->seq, row->body, row->body_length);
	}
	link->view_next = row->seq + 1;
	return 0;
}

/* Right after the start, and after a long outage, only the journal's last rows are looked at. */
static int check_distance(struct lq_link *link)
{
	uint64_t last = 0;
	int r = lq_follow_last(link->follow, link->outbox.next, &last);
	if (r != LQ_OK) {
		return r;
	}
	if (link->view_next == 0 || last > link->view_next + LOOK_BACK) {
		start_over(link);
		link->view_next = last > LOOK_BACK ? last - LOOK_BACK : 1;
	}
	link->view_checked = true;
	return LQ_OK;
}

static void catch_up(struct lq_link *link)
{
	if (!lq_pump_journal_ready(link)) {
		return;
	}
	int r = link->view_checked ? LQ_OK : check_distance(link);
	uint64_t before = link->view_next;
	if (r == LQ_OK) {
		r = lq_follow_read(link->follow, before, ROWS_AT_ONCE, take_row, link);
	}
	if (r != LQ_OK) {
		lq_pump_journal_failed(link, r);
	} else if (link->view_next == before) {
		link->view_more = false;
	}
}

static void publish(struct lq_link *link, uint16_t index)
{
	char body[LQ_DOORS_BODY_MAX];
	char topic[LQ_TOPIC_SIZE];
	struct lq_doors_view *door = &link->doors.doors[index];
	lq_topics_door(&link->topics, door->name, topic);
	int r = lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = topic,
			.body = body,
			.length = lq_doors_body(door, body),
			.retain = true,
			.content = LQ_BROKER_JSON,
		},
		&link->door_mids[index]);
	door->changed = r == LQ_ERR_CLOSED;
}

void lq_view_run(struct lq_link *link)
{
	if (!lq_session_up(link)) {
		return;
	}
	if (link->view_more) {
		catch_up(link);
	}
	for (uint16_t i = 0; i < link->doors.count && !link->view_more; i++) {
		if (link->doors.doors[i].changed && link->door_mids[i] == 0) {
			publish(link, i);
		}
	}
}

/* The occupancy topic: how many are in, by loquetd's count. The newest only, retained. */
#include "firmware/link/link_internal.h"
#include "firmware/wire/control_wire.h"

#define BODY_MAX LQ_CONTROL_MESSAGE_MAX

void lq_occupancy_take(void *ctx, json_t *counts)
{
	struct lq_link *link = ctx;
	json_decref(link->occupancy.counts);
	link->occupancy.counts = json_incref(counts);
	link->occupancy.changed = true;
}

void lq_occupancy_alone(struct lq_link *link)
{
	json_decref(link->occupancy.counts);
	link->occupancy.counts = NULL;
	link->occupancy.changed = true;
}

void lq_occupancy_up(struct lq_link *link)
{
	link->occupancy.mid = 0;
	link->occupancy.changed = true;
}

void lq_occupancy_settled(struct lq_link *link, uint16_t mid)
{
	if (link->occupancy.mid == mid) {
		link->occupancy.mid = 0;
	}
}

static void publish(struct lq_link *link)
{
	char text[BODY_MAX];
	json_t *counts = link->occupancy.counts;
	json_t *body = json_pack("{s:s}", "loquetd", counts == NULL ? "absent" : "running");
	(void)json_object_update_missing(body, counts);
	size_t length = body == NULL ? 0 : json_dumpb(body, text, sizeof(text), JSON_COMPACT);
	json_decref(body);
	link->occupancy.changed = false;
	if (length == 0 || length > sizeof(text)) {
		return;
	}
	(void)lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = link->topics.occupancy,
			.body = text,
			.length = length,
			.retain = true,
			.content = LQ_BROKER_JSON,
		},
		&link->occupancy.mid);
}

struct lq_mono lq_occupancy_due(const struct lq_link *link)
{
	const struct lq_link_occupancy *occupancy = &link->occupancy;
	if (!lq_session_up(link) || occupancy->mid != 0 || !occupancy->changed) {
		return (struct lq_mono){UINT64_MAX};
	}
	bool hopeful = occupancy->counts == NULL && link->peer.fd >= 0;
	return hopeful && link->now.us < link->health.patience.us ? link->health.patience
								  : link->now;
}

void lq_occupancy_run(struct lq_link *link)
{
	if (lq_mono_due(lq_occupancy_due(link), link->now)) {
		publish(link);
	}
}

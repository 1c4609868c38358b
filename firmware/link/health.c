/* The health topic: loquetd's figures, and the link's own. The newest only, retained. */
#include "firmware/core/err.h"
#include "firmware/link/link_internal.h"
#include "firmware/wire/control_wire.h"

#include <mosquitto.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <time.h>

#define GAP_MS      1000u
#define PATIENCE_MS 2000u
#define BODY_MAX    (LQ_CONTROL_MESSAGE_MAX + 1024u)

static int64_t wall_ms(void)
{
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void lq_health_take(void *ctx, json_t *figures)
{
	struct lq_link *link = ctx;
	json_decref(link->health.figures);
	link->health.figures = json_incref(figures);
	link->health.changed = true;
}

void lq_health_changed(struct lq_link *link)
{
	link->health.changed = true;
}

void lq_health_alone(struct lq_link *link)
{
	json_decref(link->health.figures);
	link->health.figures = NULL;
	link->health.changed = true;
}

void lq_health_expect(struct lq_link *link)
{
	link->health.patience = lq_mono_after_ms(link->now, PATIENCE_MS);
}

void lq_health_up(struct lq_link *link)
{
	lq_health_expect(link);
	link->health.mid = 0;
	link->health.up_ms = wall_ms();
	link->health.published = (struct lq_mono){0};
	link->health.changed = true;
}

void lq_health_settled(struct lq_link *link, uint16_t mid)
{
	if (link->health.mid == mid) {
		link->health.mid = 0;
	}
}

static json_t *link_figures(const struct lq_link *link)
{
	char since[LQ_RFC3339_SIZE];
	uint64_t head =
		link->health.head > link->outbox.cursor ? link->health.head : link->outbox.cursor;
	lq_wall_rfc3339(link->health.up_ms, since);
	return json_pack("{s:s, s:I, s:I, s:I, s:o*}", "connected_since", since, "cursor",
		(json_int_t)link->outbox.cursor, "backlog",
		(json_int_t)(head - link->outbox.cursor), "skipped",
		(json_int_t)link->health.skipped, "lock", lq_latch_figures(link));
}

static json_t *versions(json_t *of_loquetd)
{
	int major = 0;
	int minor = 0;
	int revision = 0;
	char mosquitto[40];
	(void)mosquitto_lib_version(&major, &minor, &revision);
	(void)snprintf(mosquitto, sizeof(mosquitto), "%d.%d.%d", major, minor, revision);
	json_t *versions = json_pack("{s:s, s:s}", "loquet", LQ_VERSION, "mosquitto", mosquitto);
	(void)json_object_update(versions, of_loquetd);
	return versions;
}

static json_t *compose(const struct lq_link *link)
{
	struct statvfs disk;
	json_t *figures = link->health.figures;
	json_t *body = json_pack("{s:s, s:o, s:o}", "loquetd",
		figures == NULL ? "absent" : "running", "link", link_figures(link), "versions",
		versions(json_object_get(figures, "versions")));
	(void)json_object_update_missing(body, figures);
	if (statvfs(link->config->state_dir, &disk) == 0) {
		(void)json_object_set_new(body, "disk",
			json_pack("{s:I}", "free_bytes",
				(json_int_t)disk.f_bavail * (json_int_t)disk.f_frsize));
	}
	return body;
}

static void publish(struct lq_link *link)
{
	char text[BODY_MAX];
	json_t *body = compose(link);
	size_t length = body == NULL ? 0 : json_dumpb(body, text, sizeof(text), JSON_COMPACT);
	json_decref(body);
	link->health.changed = false;
	link->health.published = link->now;
	if (length == 0 || length > sizeof(text)) {
		return;
	}
	(void)lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = link->topics.health,
			.body = text,
			.length = length,
			.retain = true,
			.content = LQ_BROKER_JSON,
		},
		&link->health.mid);
}

struct lq_mono lq_health_due(const struct lq_link *link)
{
	const struct lq_link_health *health = &link->health;
	if (!lq_session_up(link) || health->mid != 0 ||
		(!health->changed && health->figures != NULL)) {
		return (struct lq_mono){UINT64_MAX}; /* loquetd gives the beat */
	}
	struct lq_mono at = link->now;
	if (health->published.us != 0) {
		at = lq_mono_after_ms(health->published,
			health->changed ? GAP_MS : link->config->mqtt.health_s * 1000u);
	}
	bool hopeful = health->figures == NULL && link->peer.fd >= 0;
	return hopeful && at.us < health->patience.us ? health->patience : at;
}

void lq_health_run(struct lq_link *link)
{
	if (lq_mono_due(lq_health_due(link), link->now)) {
		publish(link);
	}
}

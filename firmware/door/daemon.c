/* What every part of the daemon uses: clocks, events into the journal, the one timer. */
#include "firmware/door/daemon.h"

#include "firmware/core/err.h"

#include <time.h>

#define TIMER_SLACK_US 500u

struct lq_mono lq_daemon_mono(const struct lq_daemon *daemon)
{
	return daemon->clock.mono(daemon->clock.ctx);
}

struct lq_wall lq_daemon_wall(struct lq_daemon *daemon)
{
	return lq_floor_step(
		&daemon->floor, daemon->clock.wall(daemon->clock.ctx), lq_daemon_mono(daemon));
}

struct lq_event lq_daemon_event(struct lq_daemon *daemon, enum lq_event_type type)
{
	struct lq_event event = lq_event_make(type, lq_daemon_wall(daemon));
	event.of_office = lq_office_keeps(daemon);
	return event;
}

void lq_daemon_record(struct lq_daemon *daemon, const struct lq_event *event)
{
	const struct lq_job job = {.kind = LQ_JOB_EVENT, .event = *event};
	/* No room: the writer counts it, and the loss is told when the disk answers again. */
	(void)lq_writer_submit(daemon->writer, &job);
}

bool lq_daemon_may_complain(struct lq_daemon *daemon)
{
	if (!lq_budget_spend(&daemon->complaints, lq_daemon_mono(daemon))) {
		daemon->complaints_left_out++;
		return false;
	}
	if (daemon->complaints_left_out > 0) {
		lq_log("%u more of the kind were left out", daemon->complaints_left_out);
		daemon->complaints_left_out = 0;
	}
	return true;
}

void lq_daemon_wake(struct lq_daemon *daemon, struct lq_mono at)
{
	uint64_t armed = UINT64_MAX;
	int enabled = SD_EVENT_OFF;
	(void)sd_event_source_get_enabled(daemon->timer, &enabled);
	(void)sd_event_source_get_time(daemon->timer, &armed);
	if (at.us != UINT64_MAX && (enabled == SD_EVENT_OFF || at.us < armed)) {
		(void)sd_event_source_set_time(daemon->timer, at.us);
		(void)sd_event_source_set_enabled(daemon->timer, SD_EVENT_ONESHOT);
	}
}

void lq_daemon_rearm(struct lq_daemon *daemon)
{
	struct lq_mono office = lq_office_tick(daemon);
	struct lq_mono held = lq_held_tick(daemon);
	const struct lq_mono times[] = {lq_doorway_tick(daemon), lq_control_tick(daemon),
		lq_readers_tick(daemon), office, held, lq_recording_tick(daemon)};
	/* Behind those who change something. */
	const struct lq_mono told[] = {
		lq_health_tick(daemon), lq_occupancy_tick(daemon), lq_orders_tick(daemon)};
	uint64_t next = UINT64_MAX;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		next = times[i].us < next ? times[i].us : next;
	}
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		next = told[i].us < next ? told[i].us : next;
	}
	if (next == UINT64_MAX) {
		(void)sd_event_source_set_enabled(daemon->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(daemon->timer, next);
	(void)sd_event_source_set_enabled(daemon->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t at_us, void *userdata)
{
	(void)source;
	(void)at_us;
	lq_daemon_rearm(userdata);
	return 0;
}

int lq_daemon_make_timer(struct lq_daemon *daemon)
{
	if (sd_event_add_time(daemon->loop, &daemon->timer, CLOCK_MONOTONIC, 0, TIMER_SLACK_US,
		    on_timer, daemon) < 0 ||
		sd_event_source_set_priority(daemon->timer, LQ_PRIORITY_TIMER) < 0 ||
		sd_event_source_set_enabled(daemon->timer, SD_EVENT_OFF) < 0) {
		return LQ_ERR_NO_MEMORY;
	}
	return LQ_OK;
}

/* What every part of the daemon uses: clocks, events into the journal, the one timer. */
#include "firmware/door/daemon.h"

#include "firmware/core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

void lq_log(const char *format, ...)
{
	va_list arguments;
	char text[512];
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "loquetd: %s\n", text);
}

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
	return lq_event_make(type, lq_daemon_wall(daemon));
}

void lq_daemon_record(struct lq_daemon *daemon, const struct lq_event *event)
{
	const struct lq_job job = {.kind = LQ_JOB_EVENT, .event = *event};
	/* No room: the writer counts it, and the loss is told when the disk answers again. */
	(void)lq_writer_submit(daemon->writer, &job);
}

void lq_daemon_rearm(struct lq_daemon *daemon)
{
	struct lq_mono doorway = lq_doorway_tick(daemon);
	struct lq_mono control = lq_control_tick(daemon);
	uint64_t next = doorway.us < control.us ? doorway.us : control.us;
	if (next == UINT64_MAX) {
		(void)sd_event_source_set_enabled(daemon->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(daemon->timer, next);
	(void)sd_event_source_set_enabled(daemon->timer, SD_EVENT_ONESHOT);
}

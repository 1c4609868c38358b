/* The maintainers' badges, as the daemon has them: read at the start, on SIGHUP and when the desk
 * asks; looked at when everything else denies. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"

#include <stdio.h>
#include <string.h>

/* What cannot be read takes nobody's right away: what was read before holds. */
static int take_file(struct lq_daemon *daemon, unsigned *ret_bad)
{
	const char *path = daemon->config->maintainers;
	int r = lq_maintainers_load(path, &daemon->maintainers, ret_bad);
	if (r == LQ_ERR_NOT_FOUND) {
		daemon->maintainers = (struct lq_maintainers){0};
		return LQ_OK;
	}
	if (r == LQ_ERR_INVALID) {
		lq_log("%s is not believed: everybody may write to it; run chmod 640", path);
	} else if (r != LQ_OK) {
		lq_log("%s cannot be read (%s): give it to the group of loquetd, mode 0640", path,
			lq_err_text(r));
	}
	return r;
}

int lq_maintain_read(struct lq_daemon *daemon, const char *actor)
{
	const struct lq_maintainers before = daemon->maintainers;
	unsigned bad = 0;
	int r = take_file(daemon, &bad);
	daemon->maintainers_bad = r != LQ_OK || bad != 0;
	if (bad != 0) {
		lq_log("%s: %u lines were left out, for damage or because there are more than %u",
			daemon->config->maintainers, bad, LQ_MAINTAINERS_MAX);
	}
	if (memcmp(&before, &daemon->maintainers, sizeof(before)) != 0) {
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_MAINTAINERS_READ);
		event.count = (uint32_t)daemon->maintainers.count;
		(void)snprintf(event.actor, sizeof(event.actor), "%s", actor);
		lq_daemon_record(daemon, &event);
	}
	return r;
}

bool lq_maintain_tap(
	struct lq_daemon *daemon, const struct lq_sighting *sighting, struct lq_event *event)
{
	enum lq_reason before = event->reason;
	if (!lq_maintainer_may(before)) {
		return false;
	}
	const struct lq_maintainer *maintainer =
		lq_maintainers_find(&daemon->maintainers, sighting->uid, sighting->uid_len);
	event->reason = lq_decide_maintainer(before, maintainer).reason;
	if (event->reason != LQ_REASON_MAINTAINER) {
		return false;
	}
	event->type = LQ_EVENT_ACCESS_OVERRIDDEN;
	event->cause = lq_reason_name(before);
	memcpy(event->actor, maintainer->name, sizeof(event->actor));
	return true;
}

void lq_maintain_used(struct lq_daemon *daemon, const struct lq_event *event)
{
	const char *door = daemon->site.doors[event->door];
	(void)snprintf(daemon->maintainer_used, sizeof(daemon->maintainer_used), "%s at %s",
		event->actor, door);
	lq_log("a maintainer's badge opens door %s, although everything else says %s: see the "
	       "journal",
		door, event->cause);
}

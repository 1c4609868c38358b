/* loquet.conf read again: on SIGHUP, with the maintainers' badges, and by a signed command. The
 * file is read on the writer's thread, which may wait for the disk. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>

struct lq_reload *lq_reload_new(const struct lq_daemon *daemon)
{
	struct lq_reload *reload = calloc(1, sizeof(*reload));
	if (reload != NULL) {
		reload->path = daemon->config_path;
		reload->speech.language = daemon->config->language;
	}
	return reload;
}

int lq_reload_apply(struct lq_daemon *daemon, struct lq_reload *reload)
{
	int r = reload->result;
	if (r == LQ_OK) {
		r = lq_config_renew(daemon->config, &reload->config, &reload->error);
	}
	if (r != LQ_OK) {
		char text[LQ_CONFIG_ERROR_SIZE];
		lq_config_error_print(reload->path, &reload->error, text, sizeof(text));
		lq_log(lq_in(reload->error.language, "the configuration stays as it was: %s",
			       "la configuration reste ce qu’elle était : %s"),
			text);
		return r;
	}
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		daemon->doors[i].settings = daemon->config->doors[i].settings;
	}
	lq_recording_purge_anew(daemon);
	lq_log("%s was read again", reload->path);
	lq_daemon_rearm(daemon);
	return LQ_OK;
}

/* ---- by signal ---- */

void lq_reload_recorded(struct lq_daemon *daemon, const struct lq_job *job)
{
	struct lq_reload *reload = job->change->reload;
	if (job->error != LQ_OK) {
		lq_log("the configuration stays as it was: the disk did not take the record");
	} else if (lq_reload_apply(daemon, reload) != LQ_OK) {
		struct lq_event event = job->event;
		event.type = LQ_EVENT_COMMAND_REFUSED;
		event.at = lq_daemon_wall(daemon);
		event.cause = lq_refusal_word(LQ_REFUSAL_NOT_POSSIBLE);
		event.count = 1;
		lq_daemon_record(daemon, &event);
	}
	free(reload);
	free(job->change);
}

static void submit(struct lq_daemon *daemon, const char *actor)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	struct lq_reload *reload = lq_reload_new(daemon);
	struct lq_job job = {
		.kind = LQ_JOB_RELOAD,
		.event = lq_daemon_event(daemon, LQ_EVENT_COMMAND_ACCEPTED),
		.change = change,
	};
	job.event.action = lq_order_word(LQ_ORDER_CONFIG_RELOAD);
	job.event.transaction = lq_doorway_transaction(daemon);
	(void)snprintf(job.event.actor, sizeof(job.event.actor), "%s", actor);
	if (change != NULL && reload != NULL) {
		change->reload = reload;
		if (lq_writer_submit(daemon->writer, &job) == LQ_OK) {
			return;
		}
	}
	lq_log("the configuration stays as it was: too much is waiting for the disk");
	free(reload);
	free(change);
}

static int on_hangup(
	sd_event_source *source, const struct signalfd_siginfo *information, void *userdata)
{
	struct lq_daemon *daemon = userdata;
	char actor[LQ_NAME_SIZE];
	(void)source;
	(void)snprintf(actor, sizeof(actor), "account-%u", information->ssi_uid);
	(void)lq_maintain_read(daemon, actor);
	submit(daemon, actor);
	return 0;
}

int lq_reload_listen(struct lq_daemon *daemon)
{
	return sd_event_add_signal(daemon->loop, NULL, SIGHUP, on_hangup, daemon) < 0
		       ? LQ_ERR_NO_MEMORY
		       : LQ_OK;
}

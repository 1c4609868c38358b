/* The journal's side of the loop: what goes to the writer at the start and the end, and what comes
 * back from it. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STOP_PATIENCE_MS 3000u
#define PURGE_FIRST_MS   5000u    /* behind the start: the door comes first */
#define PURGE_EVERY_MS   3600000u /* … when all went well, */
#define PURGE_AGAIN_MS   60000u   /* … and when it did not, or the clock is not set */
#define MS_PER_DAY       INT64_C(86400000)

/* ---- what comes back ---- */

/* A disk that refused is told of though it takes everything again by the time that it is looked at.
 */
static void report_journal(struct lq_daemon *daemon)
{
	struct lq_writer_status status = lq_writer_status(daemon->writer);
	bool stalled = status.stalls != daemon->reported_stalls;
	daemon->reported_stalls = status.stalls;
	if (stalled && !daemon->reported_stalled) {
		daemon->reported_stalled = true;
		lq_health_changed(daemon);
		lq_log("the journal cannot be written (%s): the door goes on, events wait in "
		       "memory; "
		       "check the disk of %s",
			status.text, daemon->config->state_dir);
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_JOURNAL_STALLED);
		event.cause = lq_err_text(status.error);
		event.count = (uint32_t)status.pending;
		lq_event_set_text(&event, status.text);
		lq_daemon_record(daemon, &event);
	}
	if (!status.stalled && (daemon->reported_stalled || status.lost != daemon->reported_lost)) {
		/* A disk that only took its time has lost events, too. */
		daemon->reported_stalled = false;
		lq_health_changed(daemon);
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_JOURNAL_RESUMED);
		event.count = (uint32_t)status.pending;
		event.lost = (uint32_t)(status.lost - daemon->reported_lost);
		daemon->reported_lost = status.lost;
		lq_log("the journal is written again, %u events were lost", event.lost);
		lq_daemon_record(daemon, &event);
	}
	if (status.head != daemon->head) {
		daemon->head = status.head;
		lq_link_tell_head(daemon);
	}
}

void lq_recording_take(struct lq_daemon *daemon)
{
	struct lq_job job;
	while (lq_writer_take(daemon->writer, &job)) {
		if (job.kind == LQ_JOB_ORDER) {
			lq_orders_recorded(daemon, &job);
		} else if (job.kind == LQ_JOB_RELOAD) {
			lq_reload_recorded(daemon, &job);
		} else if (job.kind == LQ_JOB_IMPORT) {
			lq_control_imported(daemon, &job);
		} else if (job.kind == LQ_JOB_OFFICE) {
			lq_office_written(daemon, &job);
		} else if (job.kind == LQ_JOB_OFFICE_RENEW) {
			free(job.change);
		} else if (job.kind != LQ_JOB_EVENT) {
			lq_control_changed(daemon, &job);
		} else if (job.token != 0) {
			lq_doorway_recorded(daemon, job.token);
		}
		if (job.error == LQ_OK && job.seq != 0) {
			lq_control_publish(daemon, &job);
		}
	}
	report_journal(daemon);
}

static int on_writer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	lq_recording_take(userdata);
	return 0;
}

/* ---- starting ---- */

/* For what no later try would mend. */
static const char *advice(const char *folder, int r)
{
	struct stat found;
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, LQ_STORE_FILE);
	if (r != LQ_ERR_IO) {
		return "";
	}
	if (stat(path, &found) == 0 ? !S_ISREG(found.st_mode) : errno == ELOOP) {
		return ". It is no file: move it away, and start loquetd";
	}
	return access(path, R_OK | W_OK) != 0 && errno == EACCES
		       ? ". Give the file to the account of loquetd"
		       : "";
}

static void log_report(struct lq_daemon *daemon, const struct lq_store_report *report, int r)
{
	const char *folder = daemon->config->state_dir;
	if (report->set_aside[0] != '\0') {
		lq_log("%s/%s %s (%s) and set aside as %s; %u badges could be carried "
		       "over. To go back to a backup: stop loquetd, copy the backup to %s/%s, "
		       "start loquetd",
			folder, LQ_STORE_FILE,
			report->foreign ? "is another program's" : "was damaged", report->problem,
			report->set_aside, report->salvaged, folder, LQ_STORE_FILE);
	}
	if (report->lost) {
		lq_log("%s/%s was missing or empty, and this controller had one: it begins "
		       "without members and badges. To go back to a backup: stop loquetd, copy "
		       "the backup to %s/%s, start loquetd",
			folder, LQ_STORE_FILE, folder, LQ_STORE_FILE);
	}
	if (report->lost || report->set_aside[0] != '\0') {
		atomic_store(&daemon->begun_anew, true);
	}
	if (r != LQ_OK && r != daemon->open_told) {
		lq_log("%s/%s cannot be used (%s): %s%s", folder, LQ_STORE_FILE, lq_err_text(r),
			report->problem, advice(folder, r));
	}
	daemon->open_told = r;
}

/* At the start on the loop's thread, afterwards on the writer's; reads only what never changes. */
static int open_store(void *ctx, bool damaged, struct lq_wall now, struct lq_store **ret_store)
{
	struct lq_daemon *daemon = ctx;
	struct lq_store_report report;
	struct lq_store *store = NULL;
	int r = (damaged ? lq_store_replace : lq_store_open)(
		daemon->config->state_dir, &daemon->site, &daemon->keys, now, &store, &report);
	log_report(daemon, &report, r);
	if (r != LQ_OK) {
		return r;
	}
	daemon->keys.made = false; /* from now on, it has a journal */
	lq_store_set_checkpoint_rows(store, daemon->config->checkpoint_rows);
	*ret_store = store;
	return LQ_OK;
}

/* A full disk, or one that cannot be written any more, keeps no door closed: it goes on by what can
 * be read, and the writer tries again. */
static int open_frozen(struct lq_daemon *daemon, struct lq_store **ret_store)
{
	int r = lq_store_open_frozen(daemon->config->state_dir, &daemon->site, ret_store);
	if (r == LQ_OK) {
		lq_log("the door goes on by what can be read of %s/%s, events wait in memory",
			daemon->config->state_dir, LQ_STORE_FILE);
	}
	return r;
}

static int load_rights(struct lq_daemon *daemon, struct lq_store *store, struct lq_head *ret_head)
{
	int r = lq_store_head(store, ret_head);
	if (r == LQ_OK) {
		r = lq_roster_load(store, &daemon->roster);
	}
	if (r == LQ_OK) {
		r = lq_rule_tables_load(store, &daemon->rules);
	}
	if (r == LQ_OK) {
		r = lq_door_modes_load(store, &daemon->site, daemon->kept);
	}
	if (r == LQ_OK) {
		r = lq_door_holds_load(store, &daemon->site, daemon->holds);
	}
	if (r == LQ_OK) {
		r = lq_presence_load(store, &daemon->site, &daemon->presence);
	}
	if (r == LQ_OK) {
		r = lq_presence_load_frozen(
			store, &daemon->site, &daemon->frozen, &daemon->frozen_ms);
	}
	if (r == LQ_OK) {
		r = lq_store_load_nonces(store, &daemon->orders.nonces);
	}
	if (r == LQ_OK) {
		r = lq_office_start(daemon, store);
	}
	if (r != LQ_OK) {
		lq_log("the roster in %s/%s cannot be read (%s): %s", daemon->config->state_dir,
			LQ_STORE_FILE, lq_err_text(r), lq_store_error(store));
	}
	return r;
}

static int open_journal(struct lq_daemon *daemon)
{
	struct lq_store *store = NULL;
	struct lq_head head;
	bool was_new = daemon->keys.made;
	int r = open_store(daemon, false, daemon->clock.wall(daemon->clock.ctx), &store);
	bool frozen = r == LQ_ERR_FULL || r == LQ_ERR_IO;
	if (frozen) {
		r = open_frozen(daemon, &store);
	}
	if (r == LQ_OK) {
		r = load_rights(daemon, store, &head);
	}
	if (r == LQ_OK && frozen) {
		lq_store_close(store);
		store = NULL;
	}
	if (r == LQ_OK) {
		r = lq_writer_start(store, head.seq, open_store, daemon, &daemon->writer);
	}
	if (r != LQ_OK) {
		lq_store_close(store);
		return r;
	}
	if (was_new && head.seq != 0) {
		lq_log("controller.key was missing and made anew: the journal's earlier "
		       "checkpoints hold only for the old one; restore it from the backup");
	}
	daemon->head = head.seq;
	daemon->run = head.seq;
	daemon->floor = (struct lq_floor){.unix_ms = head.unix_ms, .at = lq_daemon_mono(daemon)};
	return LQ_OK;
}

static void record_start(struct lq_daemon *daemon)
{
	struct lq_event started = lq_daemon_event(daemon, LQ_EVENT_CONTROLLER_STARTED);
	struct lq_event checkpoint = lq_daemon_event(daemon, LQ_EVENT_JOURNAL_CHECKPOINT);
	lq_daemon_record(daemon, &started);
	lq_daemon_record(daemon, &checkpoint);
}

int lq_recording_start(struct lq_daemon *daemon)
{
	int r = open_journal(daemon);
	if (r != LQ_OK) {
		return r;
	}
	sd_event_source *source = NULL;
	int fd = lq_writer_fd(daemon->writer);
	if (sd_event_add_io(daemon->loop, &source, fd, EPOLLIN, on_writer, daemon) < 0 ||
		sd_event_source_set_priority(source, LQ_PRIORITY_WRITER) < 0 ||
		sd_event_source_set_floating(source, 1) < 0) {
		return LQ_ERR_NO_MEMORY;
	}
	(void)sd_event_source_unref(source);
	record_start(daemon);
	daemon->purge_next = lq_mono_after_ms(lq_daemon_mono(daemon), PURGE_FIRST_MS);
	return LQ_OK;
}

/* ---- what is too old ---- */

static void tell_purge(struct lq_daemon *daemon, int error)
{
	if (error != daemon->purge_told && error != LQ_OK && error != LQ_ERR_BUSY) {
		lq_log("what is older than retention_days could not be emptied (%s): it is tried "
		       "again every minute",
			lq_err_text(error));
	}
	daemon->purge_told = error;
}

/* A clock that is not set would say that all is old, or nothing. */
struct lq_mono lq_recording_tick(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	if (daemon->writer == NULL) {
		return LQ_FAR_AWAY;
	}
	if (!lq_mono_due(daemon->purge_next, now)) {
		return daemon->purge_next;
	}
	struct lq_writer_status status = lq_writer_status(daemon->writer);
	struct lq_wall wall = lq_daemon_wall(daemon);
	uint32_t wait_ms = PURGE_AGAIN_MS;
	if (daemon->purge_asked && !status.purging) {
		tell_purge(daemon, status.purge_error);
		daemon->purge_asked = false;
		wait_ms = status.purge_error == LQ_OK ? PURGE_EVERY_MS : PURGE_AGAIN_MS;
	} else if (!status.purging && wall.trust != LQ_TRUST_UNSET) {
		lq_writer_purge(
			daemon->writer, wall.unix_ms - daemon->config->retention_days * MS_PER_DAY);
		daemon->purge_asked = true;
	}
	daemon->purge_next = lq_mono_after_ms(now, wait_ms);
	return daemon->purge_next;
}

void lq_recording_purge_anew(struct lq_daemon *daemon)
{
	daemon->purge_asked = false;
	daemon->purge_next = lq_daemon_mono(daemon);
}

void lq_recording_stop(struct lq_daemon *daemon)
{
	if (daemon->writer == NULL) {
		return;
	}
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_CONTROLLER_STOPPED);
	event.cause = "signal";
	lq_daemon_record(daemon, &event);
	size_t lost = lq_writer_stop(daemon->writer, STOP_PATIENCE_MS);
	daemon->writer = NULL;
	if (lost > 0) {
		lq_log("%zu events could not be written before the end", lost);
	}
}

/* A whole roster from outside: the request, the exchange of what memory holds, the answer. */
#include "firmware/core/err.h"
#include "firmware/door/control_internal.h"

#include <malloc.h>
#include <string.h>

#define IMPORT_MS 600000u

static bool take_wish(
	struct lq_control_client *client, json_t *request, struct lq_import_wish *ret_wish)
{
	const char *what = json_string_value(json_object_get(request, "what"));
	bool badges = what != NULL && strcmp(what, "badges") == 0;
	struct lq_import_wish wish = {.kind = badges ? LQ_ROSTER_BADGES : LQ_ROSTER_MEMBERS};
	if (what == NULL || (!badges && strcmp(what, "members") != 0) ||
		!lq_control_take_flag(request, "dry_run", &wish.dry_run) ||
		!lq_control_take_flag(request, "disable_missing", &wish.disable_missing) ||
		client->fd_count != (wish.dry_run ? 2 : 1)) {
		return false;
	}
	wish.rows_fd = client->fds[0];
	wish.outcome_fd = wish.dry_run ? client->fds[1] : -1;
	client->fd_count = 0;
	*ret_wish = wish;
	return true;
}

static void submit_import(struct lq_control_client *client, struct lq_import *import)
{
	struct lq_daemon *daemon = client->daemon;
	struct lq_job job = {.kind = LQ_JOB_IMPORT, .token = client->id, .import = import};
	int r = lq_writer_submit(daemon->writer, &job);
	if (r != LQ_OK) {
		lq_import_free(import);
		lq_control_refuse(
			client, r, "another import is under way: try again when it is over");
		return;
	}
	client->answer_by = lq_mono_after_ms(lq_daemon_mono(daemon), IMPORT_MS);
	client->waiting++;
	lq_daemon_rearm(daemon);
}

void lq_control_roster_import(struct lq_control_client *client, json_t *request)
{
	struct lq_event event = lq_daemon_event(client->daemon, LQ_EVENT_ROSTER_IMPORTED);
	struct lq_import_wish wish;
	struct lq_import *import = NULL;
	memcpy(event.actor, client->actor, sizeof(event.actor));
	if (!take_wish(client, request, &wish)) {
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"what\" must be members or badges, and the rows come along");
		return;
	}
	int r = lq_import_new(&wish, &event, &import);
	if (r != LQ_OK) {
		lq_control_refuse(
			client, r, "the rows are no sealed memory file of at most 250000 rows");
		return;
	}
	if (client->daemon->denies_in_memory) {
		lq_import_free(import);
		lq_control_refuse(client, LQ_ERR_BUSY,
			"a right that was taken away is not on disk yet: say it again first");
		return;
	}
	submit_import(client, import);
}

/* ---- what comes back from the writer ---- */

static json_t *counts_json(struct lq_import_counts counts)
{
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I}", "ok", 1, "added",
		(json_int_t)counts.added, "changed", (json_int_t)counts.changed, "unchanged",
		(json_int_t)counts.unchanged, "missing", (json_int_t)counts.missing, "disabled",
		(json_int_t)counts.disabled);
}

static void refuse_row(struct lq_control_client *client, const struct lq_import *import)
{
	struct lq_import_refusal refusal = lq_import_refusal(import);
	lq_control_send(client,
		json_pack("{s:b, s:s, s:s, s:s, s:I, s:I, s:I}", "ok", 0, "error",
			lq_control_error_word(LQ_ERR_INVALID), "text",
			"a row does not fit the roster", "problem",
			lq_import_problem_text(refusal.problem), "line", (json_int_t)refusal.line,
			"column", (json_int_t)refusal.column, "id", (json_int_t)refusal.id));
}

static void answer_import(struct lq_control_client *client, const struct lq_job *job)
{
	if (job->error == LQ_OK) {
		lq_control_send(client, counts_json(lq_import_counts(job->import)));
	} else if (job->error == LQ_ERR_INVALID) {
		refuse_row(client, job->import);
	} else {
		lq_control_refuse(client, job->error,
			job->error == LQ_ERR_BUSY
				? "the roster was changed meanwhile, and nothing was imported"
				: "the disk did not take it, and nothing was imported: see loquet "
				  "status");
	}
}

static void deny_again(void *ctx, const struct lq_job *job)
{
	if (job->change != NULL) {
		lq_control_deny_at_once(ctx, job->kind, job->change);
	}
}

/* What takes a right away and waits for the disk holds for the new roster, too; so does what badges
 * have spent. */
static void exchange_roster(struct lq_daemon *daemon, struct lq_roster *roster)
{
	lq_roster_free(daemon->roster);
	daemon->roster = roster;
	lq_writer_each_waiting(daemon->writer, deny_again, daemon);
	lq_doorway_spend_all_again(daemon);
}

void lq_control_imported(struct lq_daemon *daemon, const struct lq_job *job)
{
	struct lq_control_client *client = lq_control_client(daemon, job->token);
	struct lq_roster *roster = lq_import_take_roster(job->import);
	if (job->error == LQ_OK && roster != NULL) {
		exchange_roster(daemon, roster);
	} else {
		lq_roster_free(roster);
	}
	if (client != NULL) {
		client->waiting--;
		answer_import(client, job);
	}
	lq_import_free(job->import);
	(void)malloc_trim(0); /* two rosters, the rows and a large cache stood in memory */
}

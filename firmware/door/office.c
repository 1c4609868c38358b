/* The roster that the space's office keeps: which version is wanted, what comes of it through the
 * link, and how old it is. The link is not believed: what it hands over was signed, or is nothing.
 */
#include "firmware/core/err.h"
#include "firmware/door/control_internal.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY_MS     2000u
#define ASK_AGAIN_MS 250u
#define FULL_S       300
#define SAVE_S       900 /* how much newer a signature is before it is written: a crash forgets less */

/* ---- what others ask ---- */

bool lq_office_keeps(const struct lq_daemon *daemon)
{
	return daemon->office.kept.kept;
}

int64_t lq_office_age_s(const struct lq_daemon *daemon, struct lq_wall now)
{
	int64_t age_s = now.unix_ms / 1000 - daemon->office.kept.manifest.iat_s;
	return lq_office_keeps(daemon) && age_s > 0 ? age_s : 0;
}

/* An office that counts signs every minute: of an older word nobody knows whether it still holds,
 * and then nobody is kept out by it. */
static bool is_full_told(const struct lq_daemon *daemon, struct lq_wall now)
{
	const struct lq_office *office = &daemon->office;
	return lq_office_keeps(daemon) && now.unix_ms / 1000 - office->full_s <= FULL_S &&
	       !lq_mono_due(office->full_until, lq_daemon_mono(daemon));
}

static bool is_one_of(const struct lq_office_persons *persons, uint32_t holder)
{
	for (uint16_t i = 0; i < persons->count; i++) {
		if (persons->list[i] == holder) {
			return true;
		}
	}
	return false;
}

static bool is_zone_full(const struct lq_office_full *full, const char *zone)
{
	for (uint16_t i = 0; i < full->zone_count; i++) {
		if (strcmp(full->zones[i], zone) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_anywhere(const struct lq_daemon *daemon, uint32_t holder)
{
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		if (lq_presence_find(&daemon->presence, i, holder) != NULL) {
			return true;
		}
	}
	return is_one_of(&daemon->office.full.inside, holder);
}

bool lq_office_full(
	const struct lq_daemon *daemon, uint16_t door, uint32_t holder, struct lq_wall now)
{
	const struct lq_office_full *full = &daemon->office.full;
	uint16_t zone = lq_zone_of(&daemon->site, door);
	if (!is_full_told(daemon, now) || is_one_of(&full->exempt, holder)) {
		return false;
	}
	return (full->space && !is_anywhere(daemon, holder)) ||
	       (is_zone_full(full, daemon->site.zones[zone]) &&
		       lq_presence_find(&daemon->presence, zone, holder) == NULL);
}

/* The newest word counts, of whatever version it is. */
static void take_full(struct lq_daemon *daemon, const struct lq_office_manifest *manifest)
{
	struct lq_office *office = &daemon->office;
	if (manifest->iat_s >= office->full_s) {
		office->full = manifest->full;
		office->full_s = manifest->iat_s;
		office->full_until = lq_mono_after_ms(lq_daemon_mono(daemon), FULL_S * 1000u);
	}
}

json_t *lq_office_figures(struct lq_daemon *daemon)
{
	const struct lq_office *office = &daemon->office;
	json_t *figures =
		json_pack("{s:I}", "rosterVersion", (json_int_t)office->kept.manifest.version);
	if (office->kept.kept) {
		(void)json_object_set_new(figures, "rosterAge",
			json_integer(lq_office_age_s(daemon, lq_daemon_wall(daemon))));
		(void)json_object_set_new(figures, "rosterContact",
			json_string(lq_contact_word(office->contact.phase)));
	}
	if (office->refusals > 0) {
		(void)json_object_set_new(figures, "rosterRefused",
			json_pack("{s:s, s:I}", "why", lq_office_refusal_word(office->refusal),
				"count", (json_int_t)office->refusals));
	}
	return figures;
}

/* ---- the office's last word ---- */

static void step_contact(struct lq_daemon *daemon, enum lq_contact_input input)
{
	struct lq_contact *contact = &daemon->office.contact;
	struct lq_mono now = lq_daemon_mono(daemon);
	enum lq_contact_phase before = contact->phase;
	lq_contact_step(contact, input, now);
	if (contact->phase == before) {
		return;
	}
	if (contact->phase == LQ_CONTACT_MISSED && lq_office_keeps(daemon)) {
		lq_log("the broker was reached, but not the office's roster: taps go on by what "
		       "is here; does the office run?");
	}
	lq_health_changed(daemon);
	lq_daemon_wake(daemon, now); /* taps may wait for it */
}

static bool is_behind(const struct lq_office *office)
{
	return office->wanted.version > office->kept.manifest.version;
}

void lq_office_contact(struct lq_daemon *daemon, bool made)
{
	if (lq_config_has_office(daemon->config)) {
		step_contact(daemon, made ? LQ_CONTACT_MADE : LQ_CONTACT_LOST);
	}
}

static void refuse(struct lq_daemon *daemon, enum lq_office_refusal refusal)
{
	struct lq_office *office = &daemon->office;
	if (office->refusals == 0 || office->refusal != refusal) {
		lq_log("a roster was refused (%s), nothing was changed: see rosterRefused in the "
		       "health topic",
			lq_office_refusal_word(refusal));
	}
	office->refusal = refusal;
	office->refusals++;
	lq_health_changed(daemon);
}

/* ---- which parts are needed ---- */

static bool is_missing(
	const struct lq_office *office, const struct lq_office_manifest *wanted, uint16_t part)
{
	const struct lq_office_manifest *other =
		office->writing == NULL ? NULL : lq_office_draft_manifest(office->writing);
	bool differs = !lq_office_part_same(wanted, &office->kept.manifest, part) ||
		       (other != NULL && !lq_office_part_same(wanted, other, part));
	return !lq_office_part_empty(wanted, part) &&
	       (differs || lq_office_replaces_all(&office->kept, wanted));
}

static void take_draft(struct lq_daemon *daemon, int fd);

static void ask(struct lq_daemon *daemon)
{
	struct lq_office *office = &daemon->office;
	json_t *missing = json_array();
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		if (is_missing(office, &office->wanted, i)) {
			(void)json_array_append_new(missing, json_integer(i));
		}
	}
	bool none = json_array_size(missing) == 0;
	(void)lq_link_tell(daemon, "roster",
		json_pack("{s:I, s:o}", "version", (json_int_t)office->wanted.version, "missing",
			missing));
	if (none) {
		take_draft(daemon, -1);
	}
}

/* ---- the manifest ---- */

static enum lq_office_refusal read_manifest(
	struct lq_daemon *daemon, int fd, struct lq_office_manifest *ret_manifest)
{
	struct stat found;
	enum lq_office_refusal refusal = LQ_OFFICE_MALFORMED;
	if (fcntl(fd, F_GET_SEALS) < 0 || fstat(fd, &found) != 0 || found.st_size <= 0 ||
		found.st_size > (off_t)LQ_OFFICE_MANIFEST_MAX) {
		return refusal;
	}
	char *text = malloc((size_t)found.st_size);
	if (text != NULL && pread(fd, text, (size_t)found.st_size, 0) == found.st_size) {
		refusal = lq_office_manifest_read(text, (size_t)found.st_size,
			daemon->config->office_key, daemon->site.space, ret_manifest);
	}
	free(text);
	return refusal;
}

/* In memory at once; on disk now and then. */
static void renew(struct lq_daemon *daemon, int64_t iat_s)
{
	struct lq_office *office = &daemon->office;
	struct lq_office_manifest *kept = &office->kept.manifest;
	kept->iat_s = iat_s > kept->iat_s ? iat_s : kept->iat_s;
	if (kept->iat_s - office->saved_s < SAVE_S) {
		return;
	}
	struct lq_job_change *change = calloc(1, sizeof(*change));
	struct lq_job job = {.kind = LQ_JOB_OFFICE_RENEW,
		.event = lq_daemon_event(daemon, LQ_EVENT_ROSTER_APPLIED),
		.change = change};
	if (change == NULL) {
		return;
	}
	change->office_version = kept->version;
	change->office_iat_s = kept->iat_s;
	if (lq_writer_submit(daemon->writer, &job) != LQ_OK) {
		free(change);
		return;
	}
	office->saved_s = kept->iat_s;
}

static bool is_version(const struct lq_office_draft *draft, uint64_t version)
{
	return draft != NULL && lq_office_draft_manifest(draft)->version == version;
}

static void want(struct lq_daemon *daemon, const struct lq_office_manifest *manifest)
{
	struct lq_office *office = &daemon->office;
	if (office->kept.kept && manifest->version == office->kept.manifest.version) {
		renew(daemon, manifest->iat_s);
		return;
	}
	if (manifest->version < office->wanted.version) {
		refuse(daemon, LQ_OFFICE_OLDER);
		return;
	}
	bool coming = is_version(office->reading, manifest->version) ||
		      is_version(office->ready, manifest->version) ||
		      is_version(office->writing, manifest->version);
	office->wanted = *manifest;
	if (!coming) {
		ask(daemon);
	}
}

void lq_office_take_manifest(struct lq_daemon *daemon, int fd, bool current)
{
	struct lq_office_manifest manifest = {.version = 0};
	struct lq_wall now = lq_daemon_wall(daemon);
	if (!lq_config_has_office(daemon->config)) {
		return;
	}
	enum lq_office_refusal refusal = read_manifest(daemon, fd, &manifest);
	if (refusal == LQ_OFFICE_ACCEPTED) {
		refusal = lq_office_manifest_judge(&manifest, &daemon->office.kept,
			now.unix_ms / 1000, now.trust >= daemon->config->clock_trust);
	}
	if (refusal != LQ_OFFICE_ACCEPTED) {
		refuse(daemon, refusal);
		return;
	}
	take_full(daemon, &manifest);
	want(daemon, &manifest);
	/* What a broker kept for the session came soon; later, what comes was said just now. */
	if (current || daemon->office.contact.phase == LQ_CONTACT_MISSED) {
		step_contact(
			daemon, is_behind(&daemon->office) ? LQ_CONTACT_NEWER : LQ_CONTACT_SAME);
	}
}

/* ---- the parts ---- */

static void submit(struct lq_daemon *daemon)
{
	struct lq_office *office = &daemon->office;
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_ROSTER_APPLIED);
	struct lq_job job = {.kind = LQ_JOB_OFFICE, .office = office->ready};
	if (office->ready == NULL || office->writing != NULL) {
		return;
	}
	/* Numbers change their meaning, and a list that is frozen could not be read any more. */
	bool wait = !office->kept.kept && daemon->frozen_ms != 0;
	if (!wait) {
		lq_office_apply_begin(office->ready, &event);
	}
	if (wait || lq_writer_submit(daemon->writer, &job) != LQ_OK) {
		office->retry = lq_mono_after_ms(lq_daemon_mono(daemon), RETRY_MS);
		lq_daemon_wake(daemon, office->retry);
		return;
	}
	office->writing = office->ready;
	office->ready = NULL;
	office->retry = LQ_FAR_AWAY;
}

static void deny(struct lq_daemon *daemon, const struct lq_office_draft *draft)
{
	struct lq_office *office = &daemon->office;
	if (draft != NULL && office->kept.kept) {
		lq_office_draft_deny(draft, &office->kept.manifest,
			lq_office_replaces_all(&office->kept, lq_office_draft_manifest(draft)),
			daemon->rules, daemon->roster);
	}
}

/* Parts of another version may have come while the office changed them: the right ones are not far
 * behind. */
static void ask_soon(struct lq_daemon *daemon)
{
	daemon->office.ask_at = lq_mono_after_ms(lq_daemon_mono(daemon), ASK_AGAIN_MS);
	lq_daemon_wake(daemon, daemon->office.ask_at);
}

static void finish_reading(struct lq_daemon *daemon, int r)
{
	struct lq_office *office = &daemon->office;
	struct lq_office_draft *draft = office->reading;
	office->reading = NULL;
	if (r != LQ_OK) {
		lq_office_draft_free(draft);
		refuse(daemon, r == LQ_ERR_CORRUPT ? LQ_OFFICE_DAMAGED : LQ_OFFICE_CONFLICT);
		if (r == LQ_ERR_CORRUPT) {
			ask_soon(daemon);
		}
		return;
	}
	deny(daemon, draft);
	lq_office_draft_free(office->ready);
	office->ready = draft;
	submit(daemon);
}

/* One part at a time, and the door in between. */
static int on_reading(sd_event_source *source, void *userdata)
{
	struct lq_daemon *daemon = userdata;
	struct lq_office *office = &daemon->office;
	int r = office->reading == NULL ? LQ_OK : lq_office_draft_read(office->reading);
	if (r == 1) {
		(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
		return 0;
	}
	if (office->reading != NULL) {
		finish_reading(daemon, r);
	}
	return 0;
}

static void take_draft(struct lq_daemon *daemon, int fd)
{
	struct lq_office *office = &daemon->office;
	struct lq_office_draft *draft = NULL;
	int r = lq_office_draft_new(&office->wanted, fd, &draft);
	if (r != LQ_OK) {
		refuse(daemon, LQ_OFFICE_DAMAGED);
		return;
	}
	lq_office_draft_free(office->reading);
	office->reading = draft;
	if (office->source == NULL &&
		sd_event_add_defer(daemon->loop, &office->source, on_reading, daemon) < 0) {
		lq_log("the office's roster cannot be read: no memory");
		return;
	}
	(void)sd_event_source_set_enabled(office->source, SD_EVENT_ONESHOT);
}

void lq_office_take_parts(struct lq_daemon *daemon, int fd)
{
	int own = daemon->office.wanted.version == 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own >= 0) {
		take_draft(daemon, own);
	}
}

/* ---- what comes back from the writer ---- */

/* What was forgotten about who is in spoke of other numbers. */
static void change_over(struct lq_daemon *daemon)
{
	daemon->presence.count = 0;
	daemon->presence.unlisted = 0;
	lq_control_end_enrolment(daemon);
}

static void deny_again(struct lq_daemon *daemon)
{
	deny(daemon, daemon->office.ready);
}

static void take_over(struct lq_daemon *daemon, struct lq_office_draft *draft)
{
	struct lq_office *office = &daemon->office;
	struct lq_rule_tables *tables = lq_office_take_tables(draft);
	if (lq_office_exchange(draft, &daemon->roster) != LQ_OK) {
		lq_log("the office's roster is stored but does not fit in memory: restart "
		       "loquetd");
	}
	if (lq_office_applied_first(draft)) {
		change_over(daemon);
	}
	office->kept =
		(struct lq_office_kept){.kept = true, .manifest = *lq_office_draft_manifest(draft)};
	office->saved_s = office->kept.manifest.iat_s;
	lq_doorway_spend_all_again(daemon);
	if (tables != NULL) {
		lq_rule_tables_free(daemon->rules);
		daemon->rules = tables;
		lq_doorway_rules_changed(daemon);
	}
	if (office->wanted.version == office->kept.manifest.version) {
		office->wanted.version = 0;
		office->refusals = 0;
		step_contact(daemon, LQ_CONTACT_LEARNT);
	}
	deny_again(daemon);
	lq_health_changed(daemon);
}

/* What the disk did not take is tried again, unless something newer came. */
static void try_again(struct lq_daemon *daemon, struct lq_office_draft *draft)
{
	struct lq_office *office = &daemon->office;
	if (office->ready != NULL) {
		lq_office_draft_free(draft);
		return;
	}
	office->ready = draft;
	office->retry = lq_mono_after_ms(lq_daemon_mono(daemon), RETRY_MS);
	lq_daemon_wake(daemon, office->retry);
}

/* What is missing for what door.db has by now, unless something newer is on its way. */
static void ask_again(struct lq_daemon *daemon)
{
	const struct lq_office *office = &daemon->office;
	if (office->ready == NULL && office->reading == NULL && office->wanted.version != 0) {
		ask(daemon);
	}
}

void lq_office_written(struct lq_daemon *daemon, const struct lq_job *job)
{
	struct lq_office *office = &daemon->office;
	struct lq_office_draft *draft = office->writing;
	office->writing = NULL;
	if (job->seq != 0) {
		take_over(daemon, draft);
		lq_office_draft_free(draft);
	} else if (job->error == LQ_ERR_INVALID || job->error == LQ_ERR_EXISTS) {
		lq_office_draft_free(draft);
		refuse(daemon, LQ_OFFICE_CONFLICT);
	} else if (job->error == LQ_ERR_NOT_FOUND) {
		lq_office_draft_free(draft);
		ask_again(daemon);
	} else {
		try_again(daemon, draft);
	}
	(void)malloc_trim(0); /* two rosters and the parts stood in memory */
	submit(daemon);
}

struct lq_mono lq_office_tick(struct lq_daemon *daemon)
{
	struct lq_office *office = &daemon->office;
	if (office->ready != NULL && lq_mono_due(office->retry, lq_daemon_mono(daemon))) {
		submit(daemon);
	}
	if (lq_mono_due(office->ask_at, lq_daemon_mono(daemon))) {
		office->ask_at = LQ_FAR_AWAY;
		ask_again(daemon);
	}
	step_contact(daemon, LQ_CONTACT_TICK);
	struct lq_mono next = lq_contact_due(&office->contact);
	struct lq_mono retry = office->ready == NULL ? LQ_FAR_AWAY : office->retry;
	next = retry.us < next.us ? retry : next;
	return next.us < office->ask_at.us ? next : office->ask_at;
}

/* ---- its life ---- */

/* Without the office's key the roster is the controller's own. */
int lq_office_start(struct lq_daemon *daemon, struct lq_store *store)
{
	struct lq_office *office = &daemon->office;
	*office = (struct lq_office){.retry = LQ_FAR_AWAY, .ask_at = LQ_FAR_AWAY};
	int r = lq_office_load(store, &office->kept);
	if (r == LQ_OK && office->kept.kept && !lq_config_has_office(daemon->config)) {
		r = lq_office_release(store);
		office->kept.kept = false;
	}
	office->saved_s = office->kept.manifest.iat_s;
	return r;
}

void lq_office_stop(struct lq_daemon *daemon)
{
	struct lq_office *office = &daemon->office;
	(void)sd_event_source_disable_unref(office->source);
	lq_office_draft_free(office->reading);
	lq_office_draft_free(office->ready);
	lq_office_draft_free(office->writing);
	*office = (struct lq_office){.retry = LQ_FAR_AWAY, .ask_at = LQ_FAR_AWAY};
}

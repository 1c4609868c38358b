/* The operator's socket: requests in, answers and watched events out
 * (firmware/wire/control_wire.h). */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "firmware/wire/control_wire.h"
#include "firmware/wire/seqpacket.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAR_AWAY  ((struct lq_mono){.us = UINT64_MAX})
#define CHANGE_MS 5000u /* the command line waits twice as long */
#define IMPORT_MS 600000u

struct lq_control_client {
	struct lq_daemon *daemon;
	sd_event_source *source;
	int fd;
	uint64_t id;
	bool watching;
	bool lagging;             /* a watcher that misses events */
	unsigned waiting;         /* changes that the disk has not answered */
	struct lq_mono answer_by; /* meaningful while some wait */
	char actor[LQ_NAME_SIZE];
	size_t fd_count; /* of the present request's descriptors, while nobody has taken them */
	int fds[LQ_SEQPACKET_FDS_MAX];
};

/* ---- answers ---- */

static void send_json(struct lq_control_client *client, json_t *message)
{
	static const char failed[] = "{\"ok\":false,\"error\":\"io\","
				     "\"text\":\"the answer could not be written down\"}";
	char text[LQ_CONTROL_MESSAGE_MAX];
	size_t length = message == NULL ? 0 : json_dumpb(message, text, sizeof(text), JSON_COMPACT);
	bool fits = length > 0 && length <= sizeof(text);
	(void)lq_seqpacket_send(
		client->fd, fits ? text : failed, fits ? length : sizeof(failed) - 1);
	json_decref(message);
}

static const char *error_word(int error)
{
	switch ((enum lq_err)error) {
	case LQ_ERR_INVALID:
		return "invalid";
	case LQ_ERR_NOT_FOUND:
		return "not_found";
	case LQ_ERR_EXISTS:
		return "exists";
	case LQ_ERR_FULL:
	case LQ_ERR_NO_MEMORY:
		return "full";
	case LQ_ERR_BUSY:
		return "busy";
	case LQ_ERR_TIMEOUT:
		return "timeout";
	case LQ_ERR_UNSUPPORTED:
		return "unsupported";
	case LQ_OK:
	case LQ_ERR_IO:
	case LQ_ERR_CORRUPT:
	case LQ_ERR_CLOSED:
		return "io";
	}
	return "io";
}

static void refuse(struct lq_control_client *client, int error, const char *text)
{
	send_json(client,
		json_pack("{s:b, s:s, s:s}", "ok", 0, "error", error_word(error), "text", text));
}

static struct lq_control_client *client_by_id(struct lq_daemon *daemon, uint64_t id)
{
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		if (daemon->clients[i] != NULL && daemon->clients[i]->id == id) {
			return daemon->clients[i];
		}
	}
	return NULL;
}

static void end_enrolment(struct lq_daemon *daemon)
{
	free(daemon->enrolment.change);
	daemon->enrolment = (struct lq_enrolment){.client = 0};
}

static void drop_client(struct lq_control_client *client)
{
	struct lq_daemon *daemon = client->daemon;
	if (daemon->enrolment.client == client->id) {
		end_enrolment(daemon);
	}
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		if (daemon->clients[i] == client) {
			daemon->clients[i] = NULL;
		}
	}
	(void)sd_event_source_disable_unref(client->source);
	(void)close(client->fd);
	free(client);
}

/* ---- reading requests ---- */

static bool take_id(json_t *request, const char *key, uint32_t *ret_id)
{
	json_t *value = json_object_get(request, key);
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 1 || number > UINT32_MAX) {
		return false;
	}
	*ret_id = (uint32_t)number;
	return true;
}

static bool take_text(json_t *request, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(request, key));
	if (text == NULL || strlen(text) >= size) {
		return false;
	}
	memcpy(out, text, strlen(text) + 1);
	return true;
}

/* Unix seconds; absent or 0 is `unbounded`. */
static bool take_seconds(
	json_t *request, const char *key, uint32_t unbounded, uint32_t *ret_seconds)
{
	json_t *value = json_object_get(request, key);
	json_int_t number = json_integer_value(value);
	if (value != NULL && (!json_is_integer(value) || number < 0 || number >= UINT32_MAX)) {
		return false;
	}
	*ret_seconds = number == 0 ? unbounded : (uint32_t)number;
	return true;
}

static bool take_uid(json_t *request, struct lq_sighting *ret_sighting)
{
	const char *text = json_string_value(json_object_get(request, "uid"));
	struct lq_sighting sighting = {.cards = 1};
	size_t length = text == NULL ? 0 : strlen(text);
	if (length % 2 != 0 || length > (size_t)2 * LQ_UID_MAX ||
		(text != NULL && strspn(text, "0123456789abcdefABCDEF") != length)) {
		return false;
	}
	sighting.uid_len = (uint8_t)(length / 2);
	for (size_t i = 0; i < sighting.uid_len; i++) {
		const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};
		sighting.uid[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	*ret_sighting = sighting;
	return true;
}

static uint16_t index_by_name(
	json_t *request, const char *key, const char *names, size_t stride, uint16_t count)
{
	const char *wanted = json_string_value(json_object_get(request, key));
	for (uint16_t i = 0; wanted != NULL && i < count; i++) {
		if (strcmp(names + i * stride, wanted) == 0) {
			return i;
		}
	}
	return LQ_NONE;
}

/* ---- requests that change the roster ---- */

/* What takes a right away holds from now on, whatever the disk does: a badge that was stolen does
 * not wait. Its taps are journalled behind the change. */
static void deny_at_once(
	struct lq_daemon *daemon, enum lq_job_kind kind, const struct lq_job_change *change)
{
	if (kind == LQ_JOB_MEMBER_SET_ENABLED && !change->enabled) {
		lq_roster_set_holder_enabled(daemon->roster, change->id, false);
	} else if (kind == LQ_JOB_MEMBER_SET) {
		struct lq_rights_change less = change->rights;
		less.sets_any_time = less.sets_any_time && !less.rights.any_time;
		less.sets_extended_time = false; /* a door that stays open longer harms nobody */
		lq_roster_set_rights(daemon->roster, change->id, &less);
	} else if (kind == LQ_JOB_BADGE_SET_STATE && change->state != LQ_CREDENTIAL_ENABLED) {
		lq_roster_set_state(daemon->roster, change->id, change->state);
	}
}

static bool takes_away(enum lq_job_kind kind, const struct lq_job_change *change)
{
	return (kind == LQ_JOB_MEMBER_SET_ENABLED && !change->enabled) ||
	       (kind == LQ_JOB_BADGE_SET_STATE && change->state != LQ_CREDENTIAL_ENABLED);
}

/* Where the badge was tapped and which door is concerned, or LQ_NONE. */
static void submit_change_at(struct lq_control_client *client, enum lq_job_kind kind,
	struct lq_job_change *change, uint16_t reader, uint16_t door)
{
	struct lq_daemon *daemon = client->daemon;
	if (change != NULL) {
		deny_at_once(daemon, kind, change);
	}
	struct lq_job job = {
		.kind = kind,
		.token = client->id,
		.event = lq_daemon_event(daemon, LQ_EVENT_ROSTER_CHANGED),
		.change = change,
	};
	job.event.reader = reader;
	job.event.door = door;
	memcpy(job.event.actor, client->actor, sizeof(job.event.actor));
	int r = change == NULL ? LQ_ERR_NO_MEMORY : lq_writer_submit(daemon->writer, &job);
	if (r != LQ_OK) {
		free(change);
		refuse(client, r, "too much is waiting for the disk: try again later");
		return;
	}
	client->answer_by = lq_mono_after_ms(lq_daemon_mono(daemon), CHANGE_MS);
	client->waiting++;
	lq_daemon_rearm(daemon);
}

static void submit_change(
	struct lq_control_client *client, enum lq_job_kind kind, struct lq_job_change *change)
{
	submit_change_at(client, kind, change, LQ_NONE, LQ_NONE);
}

/* A right that is set; may be left out. */
static bool take_right(json_t *request, const char *key, bool *ret_sets, bool *ret_value)
{
	json_t *value = json_object_get(request, key);
	if (value != NULL && !json_is_boolean(value)) {
		return false;
	}
	*ret_sets = value != NULL;
	*ret_value = json_is_true(value);
	return true;
}

static bool take_rights(json_t *request, struct lq_rights_change *change)
{
	return take_right(request, "any_time", &change->sets_any_time, &change->rights.any_time) &&
	       take_right(request, "extended_time", &change->sets_extended_time,
		       &change->rights.extended_time);
}

static void do_member_add(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL &&
		(!take_text(request, "name", change->name, sizeof(change->name)) ||
			!take_text(request, "profile", change->profile, sizeof(change->profile)) ||
			!take_rights(request, &change->rights))) {
		free(change);
		refuse(client, LQ_ERR_INVALID,
			"\"name\" (1 to 128 bytes) and \"profile\" (1 to 32 characters) are "
			"needed; \"any_time\" and \"extended_time\" are true or false");
		return;
	}
	submit_change(client, LQ_JOB_MEMBER_ADD, change);
}

static void do_member_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL &&
		(!take_id(request, "member", &change->id) ||
			!take_rights(request, &change->rights) ||
			!(change->rights.sets_any_time || change->rights.sets_extended_time))) {
		free(change);
		refuse(client, LQ_ERR_INVALID,
			"\"member\" must be a member's number, and \"any_time\" or "
			"\"extended_time\" true or false");
		return;
	}
	submit_change(client, LQ_JOB_MEMBER_SET, change);
}

static void set_enabled(struct lq_control_client *client, json_t *request, bool enabled)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && !take_id(request, "member", &change->id)) {
		free(change);
		refuse(client, LQ_ERR_INVALID, "\"member\" must be a member's number");
		return;
	}
	if (change != NULL) {
		change->enabled = enabled;
	}
	submit_change(client, LQ_JOB_MEMBER_SET_ENABLED, change);
}

static void do_member_disable(struct lq_control_client *client, json_t *request)
{
	set_enabled(client, request, false);
}

static void do_member_enable(struct lq_control_client *client, json_t *request)
{
	set_enabled(client, request, true);
}

static enum lq_credential_state wanted_state(json_t *request)
{
	static const struct {
		const char *name;
		enum lq_credential_state state;
	} states[] = {
		{"badge.revoke", LQ_CREDENTIAL_REVOKED},
		{"badge.lost", LQ_CREDENTIAL_LOST},
		{"badge.enable", LQ_CREDENTIAL_ENABLED},
		{"badge.suspend", LQ_CREDENTIAL_SUSPENDED},
		{"badge.stolen", LQ_CREDENTIAL_STOLEN},
		{"badge.returned", LQ_CREDENTIAL_RETURNED},
		{"badge.damaged", LQ_CREDENTIAL_DAMAGED},
	};
	const char *name = json_string_value(json_object_get(request, "do"));
	size_t i = 0;
	while (strcmp(states[i].name, name) != 0) {
		i++;
		LQ_ASSERT(i < sizeof(states) / sizeof(states[0]));
	}
	return states[i].state;
}

static void do_badge_state(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && !take_id(request, "badge", &change->id)) {
		free(change);
		refuse(client, LQ_ERR_INVALID, "\"badge\" must be a badge's number");
		return;
	}
	if (change != NULL) {
		change->state = wanted_state(request);
	}
	if (change != NULL && change->state == LQ_CREDENTIAL_SUSPENDED &&
		!take_seconds(request, "until", 0, &change->until_s)) {
		free(change);
		refuse(client, LQ_ERR_INVALID, "\"until\" must be Unix seconds");
		return;
	}
	submit_change(client, LQ_JOB_BADGE_SET_STATE, change);
}

/* Absent: nothing is set; null: no limit. */
static bool take_limit(json_t *request, const char *key, json_int_t lowest, bool *ret_sets,
	bool *ret_limited, uint16_t *ret_number)
{
	json_t *value = json_object_get(request, key);
	json_int_t number = json_integer_value(value);
	*ret_sets = value != NULL;
	*ret_limited = json_is_integer(value);
	if (value == NULL || json_is_null(value)) {
		return true;
	}
	if (!json_is_integer(value) || number < lowest || number > UINT16_MAX) {
		return false;
	}
	*ret_number = (uint16_t)number;
	return true;
}

static bool take_limits(json_t *request, struct lq_badge_limits *limits)
{
	bool limited = false;
	return take_limit(request, "uses", 0, &limits->sets_uses, &limits->counted,
		       &limits->uses_left) &&
	       take_limit(request, "valid_for_h", 1, &limits->sets_valid_for, &limited,
		       &limits->valid_for_h);
}

#define LIMITS_TEXT                                                                                \
	"\"uses\" must be a number from 0 to 65535, \"valid_for_h\" hours from 1 to 65535; null "  \
	"is no "                                                                                   \
	"limit"

static void do_badge_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL &&
		(!take_id(request, "badge", &change->id) ||
			!take_limits(request, &change->limits) ||
			!(change->limits.sets_uses || change->limits.sets_valid_for))) {
		free(change);
		refuse(client, LQ_ERR_INVALID, "\"badge\" must be a badge's number; " LIMITS_TEXT);
		return;
	}
	submit_change(client, LQ_JOB_BADGE_SET, change);
}

static void wait_for_tap(
	struct lq_control_client *client, json_t *request, struct lq_job_change *change)
{
	struct lq_daemon *daemon = client->daemon;
	json_t *timeout = json_object_get(request, "timeout_s");
	json_int_t seconds = timeout == NULL ? LQ_ENROL_TIMEOUT_S : json_integer_value(timeout);
	uint16_t reader = index_by_name(request, "reader", daemon->site.readers[0].name,
		sizeof(daemon->site.readers[0]), daemon->site.reader_count);
	const char *problem = NULL;
	int error = LQ_ERR_INVALID;
	if (seconds < 1 || seconds > LQ_ENROL_TIMEOUT_S_MAX) {
		problem = "\"timeout_s\" must be a number from 1 to 600";
	} else if (reader == LQ_NONE && json_object_get(request, "reader") != NULL) {
		problem = "no such reader: see loquet status";
		error = LQ_ERR_NOT_FOUND;
	} else if (daemon->enrolment.client != 0) {
		problem = "another enrolment is waiting for its badge: finish it first";
		error = LQ_ERR_BUSY;
	} else if (change != NULL && daemon->keys.blind) {
		problem = "uid.key is lost: restore it from the backup and restart loquetd";
		error = LQ_ERR_IO;
	}
	if (problem != NULL) {
		free(change);
		refuse(client, error, problem);
		return;
	}
	daemon->enrolment = (struct lq_enrolment){
		.client = client->id,
		.reader = reader,
		.door = LQ_NONE,
		.change = change,
		.deadline = lq_mono_after_ms(lq_daemon_mono(daemon), (uint32_t)seconds * 1000u),
	};
	send_json(client, json_pack("{s:b, s:b}", "ok", 1, "waiting", 1));
	lq_daemon_rearm(daemon);
}

static bool take_salt(json_t *request, uint8_t ret_salt[LQ_MAINTAINER_SALT])
{
	const char *text = json_string_value(json_object_get(request, "salt"));
	size_t length = (size_t)2 * LQ_MAINTAINER_SALT;
	if (text == NULL || strlen(text) != length || strspn(text, "0123456789abcdef") != length) {
		return false;
	}
	for (size_t i = 0; i < LQ_MAINTAINER_SALT; i++) {
		const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};
		ret_salt[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

static void do_maintainer_tap(struct lq_control_client *client, json_t *request)
{
	uint8_t salt[LQ_MAINTAINER_SALT];
	struct lq_enrolment *enrolment = &client->daemon->enrolment;
	if (!take_salt(request, salt)) {
		refuse(client, LQ_ERR_INVALID, "\"salt\" must be 32 hexadecimal digits");
		return;
	}
	bool waited = enrolment->client != 0;
	wait_for_tap(client, request, NULL);
	if (!waited && enrolment->client == client->id) {
		memcpy(enrolment->salt, salt, sizeof(salt));
	}
}

bool lq_control_hash(struct lq_daemon *daemon, uint16_t reader, const struct lq_sighting *sighting)
{
	struct lq_enrolment *enrolment = &daemon->enrolment;
	struct lq_control_client *client = client_by_id(daemon, enrolment->client);
	uint8_t hash[LQ_MAINTAINER_HASH];
	char text[2 * LQ_MAINTAINER_HASH + 1];
	if (client == NULL || enrolment->change != NULL ||
		(enrolment->reader != LQ_NONE && enrolment->reader != reader) ||
		lq_maintainer_hash(enrolment->salt, sighting->uid, sighting->uid_len, hash) !=
			LQ_OK) {
		return false;
	}
	for (size_t i = 0; i < sizeof(hash); i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
	}
	*enrolment = (struct lq_enrolment){.client = 0};
	send_json(client, json_pack("{s:b, s:s}", "ok", 1, "hash", text));
	return true;
}

static void do_maintainer_read(struct lq_control_client *client, json_t *request)
{
	(void)request;
	int r = lq_maintain_read(client->daemon, client->actor);
	if (r != LQ_OK) {
		refuse(client, r, "the file of the maintainers cannot be read: see the log");
		return;
	}
	send_json(client, json_pack("{s:b, s:I}", "ok", 1, "badges",
				  (json_int_t)client->daemon->maintainers.count));
}

static void do_badge_enrol(struct lq_control_client *client, json_t *request)
{
	struct lq_sighting sighting = {0};
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change == NULL) {
		submit_change(client, LQ_JOB_BADGE_ENROL, NULL);
		return;
	}
	struct lq_credential *wanted = &change->credential;
	bool given = json_object_get(request, "uid") != NULL;
	const char *problem = NULL;
	if (!take_id(request, "member", &wanted->holder)) {
		problem = "\"member\" must be a member's number";
	} else if (!take_seconds(request, "valid_from", 0, &wanted->valid_from_s) ||
		   !take_seconds(request, "valid_to", LQ_VALID_FOREVER, &wanted->valid_to_s) ||
		   wanted->valid_from_s >= wanted->valid_to_s) {
		problem = "\"valid_from\" and \"valid_to\" must be Unix seconds, the first before "
			  "the second";
	} else if (!take_limits(request, &change->limits)) {
		problem = LIMITS_TEXT;
	} else if (given && !take_uid(request, &sighting)) {
		problem = "\"uid\" must be 8, 14 or 20 hexadecimal digits";
	} else if (given && lq_sighting_objection(&sighting) != LQ_REASON_NOT_DECIDED) {
		problem = lq_reason_text(
			lq_sighting_objection(&sighting), client->daemon->config->language);
	}
	if (problem != NULL) {
		free(change);
		refuse(client, LQ_ERR_INVALID, problem);
		return;
	}
	wanted->counted = change->limits.counted;
	wanted->uses_left = change->limits.uses_left;
	wanted->valid_for_h = change->limits.valid_for_h;
	if (!given) {
		wait_for_tap(client, request, change);
		return;
	}
	if (lq_uid_key(&client->daemon->keys, sighting.uid, sighting.uid_len, wanted->key) !=
		LQ_OK) {
		free(change);
		refuse(client, LQ_ERR_IO, "the badge's number could not be hashed");
		return;
	}
	submit_change(client, LQ_JOB_BADGE_ENROL, change);
}

int lq_control_enrol_next(struct lq_daemon *daemon, uint16_t door, uint32_t member,
	uint32_t timeout_s, const struct lq_event *order)
{
	struct lq_job_change *change =
		daemon->enrolment.client != 0 ? NULL : calloc(1, sizeof(*change));
	if (change == NULL) {
		return daemon->enrolment.client != 0 ? LQ_ERR_BUSY : LQ_ERR_NO_MEMORY;
	}
	change->credential.holder = member;
	change->credential.valid_to_s = LQ_VALID_FOREVER;
	daemon->enrolment = (struct lq_enrolment){
		.client = ++daemon->tokens,
		.ordered = true,
		.reader = LQ_NONE,
		.door = door,
		.change = change,
		.deadline = lq_mono_after_ms(lq_daemon_mono(daemon), timeout_s * 1000u),
		.order = *order,
	};
	lq_daemon_rearm(daemon);
	return LQ_OK;
}

/* Takes over `change`. */
static void submit_ordered(struct lq_daemon *daemon, const struct lq_event *order,
	struct lq_job_change *change, uint16_t reader)
{
	struct lq_job job = {
		.kind = LQ_JOB_BADGE_ENROL,
		.token = ++daemon->tokens,
		.event = *order,
		.change = change,
	};
	job.event.type = LQ_EVENT_ROSTER_CHANGED;
	job.event.at = lq_daemon_wall(daemon);
	job.event.reader = reader;
	change->order = *order;
	change->ordered = true;
	if (lq_writer_submit(daemon->writer, &job) != LQ_OK) {
		lq_orders_failed(daemon, order, LQ_REFUSAL_NOT_RECORDED);
		free(change);
	}
}

bool lq_control_enrol(struct lq_daemon *daemon, uint16_t reader, const uint8_t key[16], bool known)
{
	const struct lq_enrolment enrolment = daemon->enrolment;
	struct lq_control_client *client =
		enrolment.client == 0 ? NULL : client_by_id(daemon, enrolment.client);
	if ((client == NULL && (!enrolment.ordered || known)) || enrolment.change == NULL ||
		(enrolment.reader != LQ_NONE && enrolment.reader != reader) ||
		(enrolment.door != LQ_NONE &&
			enrolment.door != daemon->config->readers[reader].door)) {
		return false;
	}
	memcpy(enrolment.change->credential.key, key, sizeof(enrolment.change->credential.key));
	daemon->enrolment = (struct lq_enrolment){.client = 0};
	if (enrolment.ordered) {
		submit_ordered(daemon, &enrolment.order, enrolment.change, reader);
	} else {
		submit_change_at(client, LQ_JOB_BADGE_ENROL, enrolment.change, reader, LQ_NONE);
	}
	return true;
}

static bool take_policies(json_t *request, struct lq_job_change *change)
{
	json_t *policies = json_object_get(request, "policies");
	change->policy_count = json_array_size(policies);
	if (!json_is_array(policies) || change->policy_count > LQ_POLICIES_MAX) {
		return false;
	}
	for (size_t i = 0; i < change->policy_count; i++) {
		json_t *policy = json_array_get(policies, i);
		struct lq_policy_text *out = &change->policies[i];
		if (!take_text(
			    policy, "access_point", out->access_point, sizeof(out->access_point)) ||
			(json_object_get(policy, "schedule") != NULL &&
				!take_text(policy, "schedule", out->schedule,
					sizeof(out->schedule)))) {
			return false;
		}
	}
	return true;
}

static bool take_name(json_t *request, struct lq_job_change *change)
{
	return take_text(request, "name", change->name, LQ_NAME_SIZE) && change->name[0] != '\0' &&
	       strspn(change->name, "abcdefghijklmnopqrstuvwxyz0123456789_-") ==
		       strlen(change->name);
}

static void do_profile_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && (!take_name(request, change) || !take_policies(request, change))) {
		free(change);
		refuse(client, LQ_ERR_INVALID,
			"\"name\" (1 to 32 of a-z 0-9 _ -) and \"policies\" (at most 32, each with "
			"\"access_point\") are needed");
		return;
	}
	submit_change(client, LQ_JOB_PROFILE_SET, change);
}

/* [from, to] in minutes of a day or a week. */
static bool take_period(json_t *pair, uint16_t end, struct lq_period *ret_period)
{
	json_t *first = json_array_get(pair, 0);
	json_t *second = json_array_get(pair, 1);
	json_int_t from = json_integer_value(first);
	json_int_t to = json_integer_value(second);
	if (json_array_size(pair) != 2 || !json_is_integer(first) || !json_is_integer(second) ||
		from < 0 || from >= end || to < 0 || to > end) {
		return false;
	}
	*ret_period = (struct lq_period){.from = (uint16_t)from, .to = (uint16_t)to};
	return true;
}

static bool take_periods(json_t *request, struct lq_schedule *schedule)
{
	json_t *periods = json_object_get(request, "periods");
	if (!json_is_array(periods) || json_array_size(periods) > LQ_SCHEDULE_PERIODS_MAX) {
		return false;
	}
	schedule->count = (uint8_t)json_array_size(periods);
	for (size_t i = 0; i < schedule->count; i++) {
		if (!take_period(
			    json_array_get(periods, i), LQ_WEEK_MINUTES, &schedule->periods[i])) {
			return false;
		}
	}
	return true;
}

static bool take_special(json_t *value, struct lq_special *special, char *group)
{
	json_t *periods = json_object_get(value, "periods");
	if (!take_text(value, "group", group, LQ_NAME_SIZE) || !json_is_array(periods) ||
		json_array_size(periods) > LQ_SPECIAL_PERIODS_MAX) {
		return false;
	}
	special->count = (uint8_t)json_array_size(periods);
	for (size_t i = 0; i < special->count; i++) {
		if (!take_period(
			    json_array_get(periods, i), LQ_DAY_MINUTES, &special->periods[i])) {
			return false;
		}
	}
	return true;
}

/* May be left out. */
static bool take_specials(json_t *request, struct lq_job_change *change)
{
	json_t *specials = json_object_get(request, "special");
	if (specials != NULL &&
		(!json_is_array(specials) || json_array_size(specials) > LQ_SPECIALS_MAX)) {
		return false;
	}
	change->schedule.special_count = (uint8_t)json_array_size(specials);
	for (size_t i = 0; i < change->schedule.special_count; i++) {
		if (!take_special(json_array_get(specials, i), &change->schedule.specials[i],
			    change->groups[i])) {
			return false;
		}
	}
	return true;
}

static void do_schedule_set(struct lq_control_client *client, json_t *request)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL &&
		(!take_name(request, change) || !take_periods(request, &change->schedule) ||
			!take_specials(request, change))) {
		free(change);
		refuse(client, LQ_ERR_INVALID,
			"\"name\" (1 to 32 of a-z 0-9 _ -) and \"periods\" (at most 28 pairs of "
			"minutes since Monday 00:00) are needed; \"special\" (at most 8) has each "
			"a "
			"\"group\" and \"periods\" (at most 4 pairs of minutes since 00:00)");
		return;
	}
	submit_change(client, LQ_JOB_SCHEDULE_SET, change);
}

/* ---- a whole roster from outside ---- */

static bool take_flag(json_t *request, const char *key, bool *ret_flag)
{
	json_t *value = json_object_get(request, key);
	*ret_flag = json_is_true(value);
	return value == NULL || json_is_boolean(value);
}

static bool take_wish(
	struct lq_control_client *client, json_t *request, struct lq_import_wish *ret_wish)
{
	const char *what = json_string_value(json_object_get(request, "what"));
	bool badges = what != NULL && strcmp(what, "badges") == 0;
	struct lq_import_wish wish = {.kind = badges ? LQ_ROSTER_BADGES : LQ_ROSTER_MEMBERS};
	if (what == NULL || (!badges && strcmp(what, "members") != 0) ||
		!take_flag(request, "dry_run", &wish.dry_run) ||
		!take_flag(request, "disable_missing", &wish.disable_missing) ||
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
		refuse(client, r, "another import is under way: try again when it is over");
		return;
	}
	client->answer_by = lq_mono_after_ms(lq_daemon_mono(daemon), IMPORT_MS);
	client->waiting++;
	lq_daemon_rearm(daemon);
}

static void do_roster_import(struct lq_control_client *client, json_t *request)
{
	struct lq_event event = lq_daemon_event(client->daemon, LQ_EVENT_ROSTER_IMPORTED);
	struct lq_import_wish wish;
	struct lq_import *import = NULL;
	memcpy(event.actor, client->actor, sizeof(event.actor));
	if (!take_wish(client, request, &wish)) {
		refuse(client, LQ_ERR_INVALID,
			"\"what\" must be members or badges, and the rows come along");
		return;
	}
	int r = lq_import_new(&wish, &event, &import);
	if (r != LQ_OK) {
		refuse(client, r, "the rows are no sealed memory file of at most 250000 rows");
		return;
	}
	if (client->daemon->denies_in_memory) {
		lq_import_free(import);
		refuse(client, LQ_ERR_BUSY,
			"a right that was taken away is not on disk yet: say it again first");
		return;
	}
	submit_import(client, import);
}

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
	send_json(
		client, json_pack("{s:b, s:s, s:s, s:s, s:I, s:I, s:I}", "ok", 0, "error",
				error_word(LQ_ERR_INVALID), "text", "a row does not fit the roster",
				"problem", lq_import_problem_text(refusal.problem), "line",
				(json_int_t)refusal.line, "column", (json_int_t)refusal.column,
				"id", (json_int_t)refusal.id));
}

static void answer_import(struct lq_control_client *client, const struct lq_job *job)
{
	if (job->error == LQ_OK) {
		send_json(client, counts_json(lq_import_counts(job->import)));
	} else if (job->error == LQ_ERR_INVALID) {
		refuse_row(client, job->import);
	} else {
		refuse(client, job->error,
			job->error == LQ_ERR_BUSY
				? "the roster was changed meanwhile, and nothing was imported"
				: "the disk did not take it, and nothing was imported: see loquet "
				  "status");
	}
}

static void deny_again(void *ctx, const struct lq_job *job)
{
	if (job->change != NULL) {
		deny_at_once(ctx, job->kind, job->change);
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
	struct lq_control_client *client = client_by_id(daemon, job->token);
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

/* ---- special days ---- */

static bool take_small(json_t *object, const char *key, json_int_t highest, uint16_t *ret_number)
{
	json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);
	if (value != NULL && (!json_is_integer(value) || number < 0 || number > highest)) {
		return false;
	}
	*ret_number = (uint16_t)number;
	return true;
}

static bool take_day(json_t *request, struct lq_job_change *change)
{
	struct lq_day_text *day = &change->day;
	uint16_t month = 0;
	uint16_t day_of_month = 0;
	if (!take_name(request, change) || !take_small(request, "year", 9999, &day->date.year) ||
		!take_small(request, "month", 12, &month) ||
		!take_small(request, "day", 31, &day_of_month) ||
		(json_object_get(request, "label") != NULL &&
			!take_text(request, "label", day->label, sizeof(day->label)))) {
		return false;
	}
	memcpy(day->group, change->name, sizeof(day->group));
	day->date.month = (uint8_t)month;
	day->date.day = (uint8_t)day_of_month;
	return lq_special_day_valid(&day->date);
}

static void change_day(struct lq_control_client *client, json_t *request, enum lq_job_kind kind)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL && !take_day(request, change)) {
		free(change);
		refuse(client, LQ_ERR_INVALID,
			"\"name\" (of a group, 1 to 32 of a-z 0-9 _ -), \"month\" and \"day\" are "
			"needed, \"year\" (0 or left out: every year) and \"label\" may be given");
		return;
	}
	submit_change(client, kind, change);
}

static void do_day_add(struct lq_control_client *client, json_t *request)
{
	change_day(client, request, LQ_JOB_DAY_ADD);
}

static void do_day_remove(struct lq_control_client *client, json_t *request)
{
	change_day(client, request, LQ_JOB_DAY_REMOVE);
}

/* ---- the other requests ---- */

static void do_status(struct lq_control_client *client, json_t *request)
{
	(void)request;
	send_json(client, lq_status(client->daemon));
}

static bool take_door(struct lq_control_client *client, json_t *request, uint16_t *ret_door)
{
	const struct lq_site *site = &client->daemon->site;
	*ret_door = index_by_name(
		request, "door", site->doors[0], sizeof(site->doors[0]), site->door_count);
	if (*ret_door == LQ_NONE) {
		refuse(client, LQ_ERR_NOT_FOUND, "no such door: see loquet status");
		return false;
	}
	return true;
}

static void do_door_open(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	json_t *extended = json_object_get(request, "extended");
	if (!take_door(client, request, &door)) {
		return;
	}
	if (extended != NULL && !json_is_boolean(extended)) {
		refuse(client, LQ_ERR_INVALID, "\"extended\" must be true or false");
		return;
	}
	if (lq_doorway_command(client->daemon, door, json_is_true(extended), client->actor) !=
		LQ_OK) {
		refuse(client, LQ_ERR_BUSY,
			"the door's mode refuses it (Blocked or LockedDown): see loquet status, "
			"and loquet door mode");
		return;
	}
	send_json(client, json_pack("{s:b}", "ok", 1));
}

static void do_door_mode(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	enum lq_door_mode mode = LQ_MODE_LOCKED;
	const char *word = json_string_value(json_object_get(request, "mode"));
	if (!take_door(client, request, &door)) {
		return;
	}
	if (word == NULL || !lq_door_mode_parse(word, &mode)) {
		refuse(client, LQ_ERR_INVALID,
			"\"mode\" must be Locked, Unlocked, Blocked, LockedDown or LockedOpen");
		return;
	}
	lq_doorway_set_mode(client->daemon, door, mode, client->actor);
	send_json(client, json_pack("{s:b}", "ok", 1));
}

static void do_door_hours(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	json_t *first = json_object_get(request, "first_person");
	json_t *schedule = json_object_get(request, "schedule");
	if (!take_door(client, request, &door)) {
		return;
	}
	struct lq_job_change *change = calloc(1, sizeof(*change));
	bool none = schedule == NULL || json_is_null(schedule);
	if (change != NULL &&
		((!none && !take_text(request, "schedule", change->name, LQ_NAME_SIZE)) ||
			(first != NULL && !json_is_boolean(first)))) {
		free(change);
		refuse(client, LQ_ERR_INVALID,
			"\"schedule\" must be a schedule's name, or null for none, and "
			"\"first_person\" true or false");
		return;
	}
	if (change != NULL) {
		change->first_person = json_is_true(first);
	}
	submit_change_at(client, LQ_JOB_DOOR_HOURS, change, LQ_NONE, door);
}

static void do_door_prop(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	json_t *minutes = json_object_get(request, "minutes");
	if (!take_door(client, request, &door)) {
		return;
	}
	if (!json_is_integer(minutes) || json_integer_value(minutes) < 0 ||
		json_integer_value(minutes) > LQ_PROP_MINUTES_MAX) {
		refuse(client, LQ_ERR_INVALID, "\"minutes\" must be a number from 0 to 1440");
		return;
	}
	lq_doorway_prop(client->daemon, door, (uint32_t)json_integer_value(minutes), client->actor);
	send_json(client, json_pack("{s:b}", "ok", 1));
}

static void do_door_fire_confirm(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	if (!take_door(client, request, &door)) {
		return;
	}
	int r = lq_doorway_confirm_fire(client->daemon, door, client->actor);
	if (r != LQ_OK) {
		refuse(client, r,
			r == LQ_ERR_BUSY ? "the fire input is still active"
					 : "no fire waits to be confirmed at this door");
		return;
	}
	send_json(client, json_pack("{s:b}", "ok", 1));
}

static void do_onsite(struct lq_control_client *client, json_t *request)
{
	json_t *after = json_object_get(request, "after");
	json_int_t zone = json_integer_value(json_array_get(after, 0));
	json_int_t member = json_integer_value(json_array_get(after, 1));
	if (after != NULL && (json_array_size(after) != 2 || zone < 0 || zone >= LQ_DOORS_MAX ||
				     member < 0 || member > UINT32_MAX)) {
		refuse(client, LQ_ERR_INVALID, "\"after\" must be a zone's and a member's number");
		return;
	}
	json_t *list = lq_attendance_list(client->daemon,
		json_is_true(json_object_get(request, "frozen")), (uint16_t)zone, (uint32_t)member);
	if (list == NULL) {
		refuse(client, LQ_ERR_NOT_FOUND,
			"no fire waits to be confirmed: nothing is frozen");
		return;
	}
	send_json(client, list);
}

static void do_passback_forgive(struct lq_control_client *client, json_t *request)
{
	uint32_t member = 0;
	if (!take_id(request, "member", &member)) {
		refuse(client, LQ_ERR_INVALID, "\"member\" must be a member's number");
		return;
	}
	if (lq_attendance_forgive(client->daemon, member, client->actor) != LQ_OK) {
		refuse(client, LQ_ERR_NOT_FOUND, "by the badges, this member is not in");
		return;
	}
	send_json(client, json_pack("{s:b}", "ok", 1));
}

static void do_journal_replay(struct lq_control_client *client, json_t *request)
{
	json_t *from = json_object_get(request, "from");
	if (!json_is_integer(from) || json_integer_value(from) < 1) {
		refuse(client, LQ_ERR_INVALID, "\"from\" must be a row's number, from 1");
		return;
	}
	if ((uint64_t)json_integer_value(from) > client->daemon->head) {
		refuse(client, LQ_ERR_NOT_FOUND, "the journal does not reach that row yet");
		return;
	}
	if (lq_link_ask_replay(client->daemon, (uint64_t)json_integer_value(from)) != LQ_OK) {
		refuse(client, LQ_ERR_NOT_FOUND,
			"loquet-link is not running: start it with systemctl start loquet-link");
		return;
	}
	send_json(client, json_pack("{s:b}", "ok", 1));
}

static void do_watch(struct lq_control_client *client, json_t *request)
{
	(void)request;
	client->watching = true;
	send_json(client, json_pack("{s:b, s:b}", "ok", 1, "watching", 1));
}

static const struct {
	const char *name;
	void (*act)(struct lq_control_client *client, json_t *request);
} requests[] = {
	{"status", do_status},
	{"member.add", do_member_add},
	{"member.set", do_member_set},
	{"member.disable", do_member_disable},
	{"member.enable", do_member_enable},
	{"badge.enrol", do_badge_enrol},
	{"badge.set", do_badge_set},
	{"badge.revoke", do_badge_state},
	{"badge.lost", do_badge_state},
	{"badge.enable", do_badge_state},
	{"badge.suspend", do_badge_state},
	{"badge.stolen", do_badge_state},
	{"badge.returned", do_badge_state},
	{"badge.damaged", do_badge_state},
	{"profile.set", do_profile_set},
	{"schedule.set", do_schedule_set},
	{"day.add", do_day_add},
	{"day.remove", do_day_remove},
	{"door.open", do_door_open},
	{"door.mode", do_door_mode},
	{"door.hours", do_door_hours},
	{"door.prop", do_door_prop},
	{"door.fire_confirm", do_door_fire_confirm},
	{"roster.import", do_roster_import},
	{"maintainer.tap", do_maintainer_tap},
	{"maintainer.read", do_maintainer_read},
	{"onsite", do_onsite},
	{"passback.forgive", do_passback_forgive},
	{"journal.replay", do_journal_replay},
	{"watch", do_watch},
};

static void act_on(struct lq_control_client *client, json_t *request)
{
	const char *wanted = json_string_value(json_object_get(request, "do"));
	for (size_t i = 0; wanted != NULL && i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(requests[i].name, wanted) == 0) {
			requests[i].act(client, request);
			return;
		}
	}
	refuse(client, wanted == NULL ? LQ_ERR_INVALID : LQ_ERR_UNSUPPORTED,
		wanted == NULL ? "a request is a JSON object with \"do\""
			       : "this request is not known");
}

/* ---- what comes back from the writer ---- */

static void apply_to_roster(struct lq_daemon *daemon, const struct lq_job *job)
{
	struct lq_job_change *change = job->change;
	switch (job->kind) {
	case LQ_JOB_MEMBER_SET_ENABLED:
		lq_roster_set_holder_enabled(daemon->roster, change->id, change->enabled);
		return;
	case LQ_JOB_MEMBER_SET:
		lq_roster_set_rights(daemon->roster, change->id, &change->rights);
		return;
	case LQ_JOB_BADGE_ENROL:
	case LQ_JOB_BADGE_SET_STATE:
	case LQ_JOB_BADGE_SET:
		lq_doorway_spend_again(daemon, &change->credential);
		if (lq_roster_put(daemon->roster, &change->credential) != LQ_OK) {
			lq_log("badge c%u is stored but does not fit in memory: restart loquetd",
				change->credential.id);
		}
		return;
	case LQ_JOB_PROFILE_SET:
	case LQ_JOB_SCHEDULE_SET:
	case LQ_JOB_DAY_ADD:
	case LQ_JOB_DAY_REMOVE:
	case LQ_JOB_DOOR_HOURS:
		lq_rule_tables_free(daemon->rules);
		daemon->rules = change->tables;
		lq_doorway_rules_changed(daemon);
		return;
	case LQ_JOB_MEMBER_ADD:
	case LQ_JOB_ORDER:
	case LQ_JOB_RELOAD:
	case LQ_JOB_EVENT:
	case LQ_JOB_IMPORT:
		return;
	}
}

static const char *change_problem(const struct lq_job *job)
{
	switch ((enum lq_err)job->error) {
	case LQ_ERR_NOT_FOUND:
		switch (job->kind) {
		case LQ_JOB_MEMBER_ADD:
			return "no such profile: \"always\" is built in, loquet profile set makes "
			       "others";
		case LQ_JOB_BADGE_SET_STATE:
		case LQ_JOB_BADGE_SET:
			return "no such badge: see loquet badge list";
		case LQ_JOB_PROFILE_SET:
			return "no such access point or schedule: see loquet status and loquet "
			       "schedule set";
		case LQ_JOB_SCHEDULE_SET:
			return "no such group of special days: loquet day add makes it";
		case LQ_JOB_DOOR_HOURS:
			return "no such schedule: loquet schedule set makes it";
		case LQ_JOB_DAY_REMOVE:
			return "no such special day: see loquet day list";
		case LQ_JOB_MEMBER_SET_ENABLED:
		case LQ_JOB_MEMBER_SET:
		case LQ_JOB_BADGE_ENROL:
		case LQ_JOB_DAY_ADD:
		case LQ_JOB_ORDER:
		case LQ_JOB_RELOAD:
		case LQ_JOB_EVENT:
		case LQ_JOB_IMPORT:
			return "no such member: see loquet member list";
		}
		break;
	case LQ_ERR_EXISTS:
		return "this badge is enrolled already: see loquet badge list";
	case LQ_ERR_INVALID:
		return "not a valid value; the profile \"always\" cannot be changed";
	case LQ_ERR_FULL:
		return "the disk, or the table, is full: make room and try again";
	case LQ_OK:
	case LQ_ERR_IO:
	case LQ_ERR_TIMEOUT:
	case LQ_ERR_NO_MEMORY:
	case LQ_ERR_CORRUPT:
	case LQ_ERR_BUSY:
	case LQ_ERR_UNSUPPORTED:
	case LQ_ERR_CLOSED:
		break;
	}
	return "the disk did not take it: see loquet status, and try again (what takes a right "
	       "away "
	       "holds already, until loquetd ends)";
}

static void answer_change(struct lq_control_client *client, const struct lq_job *job)
{
	if (job->error != LQ_OK) {
		refuse(client, job->error, change_problem(job));
	} else if (job->kind == LQ_JOB_MEMBER_ADD) {
		send_json(client,
			json_pack("{s:b, s:I}", "ok", 1, "member", (json_int_t)job->change->id));
	} else if (job->kind == LQ_JOB_BADGE_ENROL) {
		send_json(client, json_pack("{s:b, s:I}", "ok", 1, "badge",
					  (json_int_t)job->change->credential.id));
	} else {
		send_json(client, json_pack("{s:b}", "ok", 1));
	}
}

void lq_control_changed(struct lq_daemon *daemon, const struct lq_job *job)
{
	struct lq_control_client *client = client_by_id(daemon, job->token);
	if (job->error == LQ_OK) {
		apply_to_roster(daemon, job);
	} else if (job->error != LQ_ERR_NOT_FOUND && takes_away(job->kind, job->change)) {
		daemon->denies_in_memory = true;
	}
	if (client != NULL) {
		client->waiting--;
		answer_change(client, job);
	}
	if (job->error != LQ_OK && job->change->ordered) {
		lq_orders_failed(daemon, &job->change->order, LQ_REFUSAL_NOT_POSSIBLE);
	}
	free(job->change);
}

void lq_control_publish(struct lq_daemon *daemon, const struct lq_job *job)
{
	char message[LQ_EVENT_BODY_MAX + 64];
	size_t length = 0;
	if (job->event.type == LQ_EVENT_JOURNAL_CHECKPOINT) {
		return; /* its seal is made where the row is written; unsealed, it would be a lie */
	}
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		struct lq_control_client *client = daemon->clients[i];
		if (client == NULL || !client->watching) {
			continue;
		}
		if (length == 0) {
			int start = snprintf(message, sizeof(message),
				"{\"seq\":%llu,\"event\":", (unsigned long long)job->seq);
			if (lq_event_body(&job->event, &daemon->site, job->seq, message + start,
				    sizeof(message) - (size_t)start - 1, &length) != LQ_OK) {
				return;
			}
			length += (size_t)start;
			message[length++] = '}';
		}
		bool missed = lq_seqpacket_send(client->fd, message, length) == LQ_ERR_FULL;
		if (missed && !client->lagging) {
			lq_log("a watcher does not keep up: it misses events from %llu on",
				(unsigned long long)job->seq);
		}
		client->lagging = missed;
	}
}

/* Gives up on the disk, not on the changes: they are made when it answers, and nobody is told. */
static void end_waiting(struct lq_control_client *client)
{
	struct lq_daemon *daemon = client->daemon;
	uint64_t id = ++daemon->tokens;
	if (daemon->enrolment.client == client->id) {
		daemon->enrolment.client = id;
	}
	client->id = id;
	for (; client->waiting > 0; client->waiting--) {
		refuse(client, LQ_ERR_IO,
			"the disk does not answer; the change is made when it does: see loquet "
			"status");
	}
}

static struct lq_mono tick_changes(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	struct lq_mono next = FAR_AWAY;
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		struct lq_control_client *client = daemon->clients[i];
		if (client == NULL || client->waiting == 0) {
			continue;
		}
		if (lq_mono_due(client->answer_by, now)) {
			end_waiting(client);
		} else if (client->answer_by.us < next.us) {
			next = client->answer_by;
		}
	}
	return next;
}

static struct lq_mono tick_enrolment(struct lq_daemon *daemon)
{
	struct lq_enrolment *enrolment = &daemon->enrolment;
	if (enrolment->client == 0) {
		return FAR_AWAY;
	}
	if (!lq_mono_due(enrolment->deadline, lq_daemon_mono(daemon))) {
		return enrolment->deadline;
	}
	struct lq_control_client *client = client_by_id(daemon, enrolment->client);
	if (client != NULL) {
		refuse(client, LQ_ERR_TIMEOUT, "loquetd stopped waiting for it");
	} else if (enrolment->ordered) {
		lq_orders_failed(daemon, &enrolment->order, LQ_REFUSAL_TIMED_OUT);
	}
	end_enrolment(daemon);
	return FAR_AWAY;
}

struct lq_mono lq_control_tick(struct lq_daemon *daemon)
{
	struct lq_mono changes = tick_changes(daemon);
	struct lq_mono enrolment = tick_enrolment(daemon);
	return changes.us < enrolment.us ? changes : enrolment;
}

/* ---- connections ---- */

/* Those that no request has taken. */
static void drop_descriptors(struct lq_control_client *client)
{
	while (client->fd_count > 0) {
		(void)close(client->fds[--client->fd_count]);
	}
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_control_client *client = userdata;
	char text[LQ_CONTROL_MESSAGE_MAX];
	(void)source;
	(void)events;
	int length =
		lq_seqpacket_receive_with(fd, text, sizeof(text), client->fds, &client->fd_count);
	if (length > 0) {
		json_t *request = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
		act_on(client, request);
		json_decref(request);
	} else if (length == LQ_ERR_FULL) {
		refuse(client, LQ_ERR_INVALID, "the request is longer than 16384 bytes");
	}
	drop_descriptors(client);
	if (length < 0 && length != LQ_ERR_FULL) {
		drop_client(client);
	}
	return 0;
}

/* Asks for nothing any more, so that its place can be given away. */
static bool is_idle(const struct lq_control_client *client)
{
	return !client->watching && client->waiting == 0 &&
	       client->daemon->enrolment.client != client->id;
}

/* A free place, made if need be by hanging up on whoever has idled longest. */
static struct lq_control_client **find_place(struct lq_daemon *daemon)
{
	struct lq_control_client **longest = NULL;
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		struct lq_control_client **place = &daemon->clients[i];
		if (*place == NULL) {
			return place;
		}
		if (is_idle(*place) && (longest == NULL || (*place)->id < (*longest)->id)) {
			longest = place;
		}
	}
	if (longest != NULL) {
		drop_client(*longest);
	}
	return longest;
}

static struct lq_control_client *make_client(struct lq_daemon *daemon, int fd)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t size = sizeof(peer);
	struct lq_control_client **place = find_place(daemon);
	struct lq_control_client *client = place == NULL ? NULL : calloc(1, sizeof(*client));
	if (client == NULL) {
		return NULL;
	}
	client->daemon = daemon;
	client->fd = fd;
	client->id = ++daemon->tokens;
	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	(void)snprintf(client->actor, sizeof(client->actor), "account-%u", peer.uid);
	*place = client;
	return client;
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_daemon *daemon = userdata;
	(void)source;
	(void)events;
	int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client_fd < 0) {
		return 0;
	}
	struct lq_control_client *client = make_client(daemon, client_fd);
	if (client == NULL) {
		lq_log("too many watch or wait on the operator's socket: one more was turned away");
		(void)close(client_fd);
		return 0;
	}
	if (sd_event_add_io(daemon->loop, &client->source, client_fd, EPOLLIN, on_client, client) <
		0) {
		drop_client(client);
	}
	return 0;
}

int lq_control_listen(struct lq_daemon *daemon)
{
	int r = lq_seqpacket_listen(
		daemon->config->runtime_dir, LQ_CONTROL_SOCKET, 0660, &daemon->control_fd);
	if (r != LQ_OK) {
		return r;
	}
	return sd_event_add_io(
		       daemon->loop, NULL, daemon->control_fd, EPOLLIN, on_connect, daemon) < 0
		       ? LQ_ERR_NO_MEMORY
		       : LQ_OK;
}

void lq_control_close(struct lq_daemon *daemon)
{
	end_enrolment(daemon);
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		if (daemon->clients[i] != NULL) {
			drop_client(daemon->clients[i]);
		}
	}
}

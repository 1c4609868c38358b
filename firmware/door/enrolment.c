/* Whoever waits for a tap: a badge to be enrolled, by the desk or by a signed command, the key of
 * one for whoever keeps the roster elsewhere, or the hash of a maintainer's. */
#include "firmware/core/err.h"
#include "firmware/door/control_internal.h"
#include "firmware/wire/control_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lq_control_end_enrolment(struct lq_daemon *daemon)
{
	free(daemon->enrolment.change);
	daemon->enrolment = (struct lq_enrolment){.client = 0};
}

void lq_control_await_tap(struct lq_control_client *client)
{
	struct lq_daemon *daemon = client->daemon;
	struct lq_enrolment *enrolment = &daemon->enrolment;
	if (enrolment->client != client->id || !enrolment->looking) {
		/* It was ended meanwhile. */
		lq_control_refuse(client, LQ_ERR_BUSY, LQ_CONTROL_OFFICE_TEXT);
		return;
	}
	enrolment->looking = false;
	enrolment->deadline = lq_mono_after_ms(lq_daemon_mono(daemon), enrolment->for_s * 1000u);
	lq_control_send(client, json_pack("{s:b, s:b}", "ok", 1, "waiting", 1));
	lq_daemon_rearm(daemon);
}

bool lq_control_end_look_up(struct lq_control_client *client)
{
	const struct lq_enrolment *enrolment = &client->daemon->enrolment;
	bool looking = enrolment->client == client->id && enrolment->looking;
	if (looking) {
		lq_control_end_enrolment(client->daemon);
	}
	return looking;
}

/* The writer's thread has the members. */
static void look_up_holder(struct lq_control_client *client, const struct lq_job_change *enrolment)
{
	unsigned waiting = client->waiting;
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change != NULL) {
		change->credential.holder = enrolment->credential.holder;
	}
	lq_control_submit(client, LQ_JOB_MEMBER_FIND, change);
	if (client->waiting == waiting) {
		(void)lq_control_end_look_up(client);
	}
}

static void wait_for_tap(
	struct lq_control_client *client, json_t *request, struct lq_job_change *change)
{
	struct lq_daemon *daemon = client->daemon;
	json_t *timeout = json_object_get(request, "timeout_s");
	json_int_t seconds = timeout == NULL ? LQ_ENROL_TIMEOUT_S : json_integer_value(timeout);
	uint16_t reader = lq_control_index_by_name(request, "reader", daemon->site.readers[0].name,
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
		lq_control_refuse(client, error, problem);
		return;
	}
	daemon->enrolment = (struct lq_enrolment){
		.client = client->id,
		.reader = reader,
		.door = LQ_NONE,
		.change = change,
		.looking = true,
		.for_s = (uint32_t)seconds,
		.deadline = LQ_FAR_AWAY,
	};
	if (change == NULL) {
		lq_control_await_tap(client);
	} else {
		look_up_holder(client, change);
	}
}

struct lq_mono lq_control_tick_enrolment(struct lq_daemon *daemon)
{
	struct lq_enrolment *enrolment = &daemon->enrolment;
	if (enrolment->client == 0) {
		return LQ_FAR_AWAY;
	}
	if (!lq_mono_due(enrolment->deadline, lq_daemon_mono(daemon))) {
		return enrolment->deadline;
	}
	struct lq_control_client *client = lq_control_client(daemon, enrolment->client);
	if (client != NULL) {
		lq_control_refuse(client, LQ_ERR_TIMEOUT, "loquetd stopped waiting for it");
	} else if (enrolment->asked != 0) {
		lq_orders_refuse(daemon, enrolment->asked, LQ_REFUSAL_TIMED_OUT, &enrolment->order);
	} else if (enrolment->ordered) {
		lq_orders_failed(daemon, &enrolment->order, LQ_REFUSAL_TIMED_OUT);
	}
	lq_control_end_enrolment(daemon);
	return LQ_FAR_AWAY;
}

/* ---- maintainers ---- */

void lq_control_maintainer_tap(struct lq_control_client *client, json_t *request)
{
	uint8_t salt[LQ_MAINTAINER_SALT];
	struct lq_enrolment *enrolment = &client->daemon->enrolment;
	if (!lq_control_take_salt(request, salt)) {
		lq_control_refuse(client, LQ_ERR_INVALID, "\"salt\" must be 32 hexadecimal digits");
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
	struct lq_control_client *client = lq_control_client(daemon, enrolment->client);
	uint8_t hash[LQ_MAINTAINER_HASH];
	char text[2 * LQ_MAINTAINER_HASH + 1];
	if (client == NULL || enrolment->change != NULL || enrolment->looking ||
		(enrolment->reader != LQ_NONE && enrolment->reader != reader) ||
		lq_maintainer_hash(enrolment->salt, sighting->uid, sighting->uid_len, hash) !=
			LQ_OK) {
		return false;
	}
	for (size_t i = 0; i < sizeof(hash); i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
	}
	*enrolment = (struct lq_enrolment){.client = 0};
	lq_control_send(client, json_pack("{s:b, s:s}", "ok", 1, "hash", text));
	return true;
}

/* ---- badges ---- */

void lq_control_badge_enrol(struct lq_control_client *client, json_t *request)
{
	struct lq_sighting sighting = {0};
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change == NULL) {
		lq_control_submit(client, LQ_JOB_BADGE_ENROL, NULL);
		return;
	}
	struct lq_credential *wanted = &change->credential;
	bool given = json_object_get(request, "uid") != NULL;
	const char *problem = NULL;
	if (!lq_control_take_id(request, "member", &wanted->holder)) {
		problem = "\"member\" must be a member's number";
	} else if (!lq_control_take_seconds(request, "valid_from", 0, &wanted->valid_from_s) ||
		   !lq_control_take_seconds(
			   request, "valid_to", LQ_VALID_FOREVER, &wanted->valid_to_s) ||
		   wanted->valid_from_s >= wanted->valid_to_s) {
		problem = "\"valid_from\" and \"valid_to\" must be Unix seconds, the first before "
			  "the second";
	} else if (!lq_control_take_limits(request, &change->limits)) {
		problem = LQ_CONTROL_LIMITS_TEXT;
	} else if (change->limits.counted && change->limits.uses_left == 0) {
		problem = "\"uses\" must be at least 1: the badge would have expired at once";
	} else if (given && !lq_control_take_uid(request, &sighting)) {
		problem = "\"uid\" must be 8, 14 or 20 hexadecimal digits";
	} else if (given && lq_sighting_objection(&sighting) != LQ_REASON_NOT_DECIDED) {
		problem = lq_reason_text(
			lq_sighting_objection(&sighting), client->daemon->config->language);
	}
	if (problem != NULL) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID, problem);
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
		lq_control_refuse(client, LQ_ERR_IO, "the badge's number could not be hashed");
		return;
	}
	lq_control_submit(client, LQ_JOB_BADGE_ENROL, change);
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

int lq_control_read_next(struct lq_daemon *daemon, uint16_t door, uint16_t reader,
	uint32_t timeout_s, uint64_t asked, const struct lq_event *order)
{
	if (daemon->enrolment.client != 0 || daemon->keys.blind) {
		return LQ_ERR_BUSY;
	}
	daemon->enrolment = (struct lq_enrolment){
		.client = ++daemon->tokens,
		.ordered = true,
		.asked = asked,
		.reader = reader,
		.door = door,
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
		enrolment.client == 0 ? NULL : lq_control_client(daemon, enrolment.client);
	if ((client == NULL && (!enrolment.ordered || known)) || enrolment.looking ||
		(enrolment.change == NULL && enrolment.asked == 0) ||
		(enrolment.reader != LQ_NONE && enrolment.reader != reader) ||
		(enrolment.door != LQ_NONE &&
			enrolment.door != daemon->config->readers[reader].door)) {
		return false;
	}
	daemon->enrolment = (struct lq_enrolment){.client = 0};
	if (enrolment.asked != 0) {
		lq_orders_badge_read(daemon, enrolment.asked, &enrolment.order, key);
		return true;
	}
	memcpy(enrolment.change->credential.key, key, sizeof(enrolment.change->credential.key));
	if (enrolment.ordered) {
		submit_ordered(daemon, &enrolment.order, enrolment.change, reader);
	} else {
		lq_control_submit_at(client, LQ_JOB_BADGE_ENROL, enrolment.change, reader, LQ_NONE);
	}
	return true;
}

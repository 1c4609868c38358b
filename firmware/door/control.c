/* The operator's socket: who is connected, which function answers a request, and what those who
 * watch are told (firmware/wire/control_wire.h). */
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "firmware/door/control_internal.h"
#include "firmware/wire/control_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- answers ---- */

void lq_control_send(struct lq_control_client *client, json_t *message)
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

const char *lq_control_error_word(int error)
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

void lq_control_refuse(struct lq_control_client *client, int error, const char *text)
{
	lq_control_send(client, json_pack("{s:b, s:s, s:s}", "ok", 0, "error",
					lq_control_error_word(error), "text", text));
}

struct lq_control_client *lq_control_client(struct lq_daemon *daemon, uint64_t id)
{
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		if (daemon->clients[i] != NULL && daemon->clients[i]->id == id) {
			return daemon->clients[i];
		}
	}
	return NULL;
}

static void drop_client(struct lq_control_client *client)
{
	struct lq_daemon *daemon = client->daemon;
	if (daemon->enrolment.client == client->id) {
		lq_control_end_enrolment(daemon);
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

/* ---- requests ---- */

static const struct {
	const char *name;
	void (*act)(struct lq_control_client *client, json_t *request);
	bool of_roster;     /* not where the office keeps it */
	const char *fields; /* that it may have besides "do" */
} requests[] = {
	{"status", lq_control_status, false, ""},
	{"member.add", lq_control_member_add, true, "name profile any_time extended_time"},
	{"member.set", lq_control_member_set, true, "member any_time extended_time"},
	{"member.disable", lq_control_member_disable, true, "member"},
	{"member.enable", lq_control_member_enable, true, "member"},
	{"badge.enrol", lq_control_badge_enrol, true,
		"member uid valid_from valid_to uses valid_for_h reader timeout_s"},
	{"badge.set", lq_control_badge_set, true, "badge uses valid_for_h"},
	{"badge.revoke", lq_control_badge_state, true, "badge"},
	{"badge.lost", lq_control_badge_state, true, "badge"},
	{"badge.enable", lq_control_badge_state, true, "badge"},
	{"badge.suspend", lq_control_badge_state, true, "badge until"},
	{"badge.stolen", lq_control_badge_state, true, "badge"},
	{"badge.returned", lq_control_badge_state, true, "badge"},
	{"badge.damaged", lq_control_badge_state, true, "badge"},
	{"profile.set", lq_control_profile_set, true, "name policies"},
	{"schedule.set", lq_control_schedule_set, true, "name periods special"},
	{"day.add", lq_control_day_add, true, "name year month day label"},
	{"day.remove", lq_control_day_remove, true, "name year month day label"},
	{"door.open", lq_control_door_open, false, "door extended"},
	{"door.mode", lq_control_door_mode, false, "door mode"},
	{"door.hours", lq_control_door_hours, true, "door schedule first_person"},
	{"door.prop", lq_control_door_prop, false, "door minutes"},
	{"door.fire_confirm", lq_control_door_fire_confirm, false, "door"},
	{"roster.import", lq_control_roster_import, true, "what dry_run disable_missing"},
	{"maintainer.tap", lq_control_maintainer_tap, false, "salt reader timeout_s"},
	{"maintainer.read", lq_control_maintainer_read, false, ""},
	{"onsite", lq_control_onsite, false, "after frozen"},
	{"passback.forgive", lq_control_passback_forgive, false, "member"},
	{"journal.replay", lq_control_journal_replay, false, "from"},
	{"watch", lq_control_watch, false, ""},
};

/* A field that nobody reads is a wish that nobody grants. */
static bool has_stray_field(struct lq_control_client *client, json_t *request, size_t row)
{
	char text[160];
	const char *stray = lq_control_stray_field(request, requests[row].fields);
	if (stray == NULL) {
		return false;
	}
	(void)snprintf(text, sizeof(text), "\"%.*s\" is no field of %s%s%s",
		(int)lq_utf8_fit(stray, 32), stray, requests[row].name,
		requests[row].fields[0] == '\0' ? ", which has none" : ", but ",
		requests[row].fields);
	lq_control_refuse(client, LQ_ERR_INVALID, text);
	return true;
}

static void act_on(struct lq_control_client *client, json_t *request)
{
	const char *wanted = json_string_value(json_object_get(request, "do"));
	for (size_t i = 0; wanted != NULL && i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(requests[i].name, wanted) != 0) {
			continue;
		}
		if (requests[i].of_roster && lq_office_keeps(client->daemon)) {
			lq_control_refuse(client, LQ_ERR_BUSY, LQ_CONTROL_OFFICE_TEXT);
			return;
		}
		if (!has_stray_field(client, request, i)) {
			requests[i].act(client, request);
		}
		return;
	}
	lq_control_refuse(client, wanted == NULL ? LQ_ERR_INVALID : LQ_ERR_UNSUPPORTED,
		wanted == NULL ? "a request is a JSON object with \"do\""
			       : "this request is not known");
}

/* ---- what comes back from the writer ---- */

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
	if (lq_control_end_look_up(client)) {
		client->waiting--;
		lq_control_refuse(client, LQ_ERR_IO,
			"the disk does not answer, and nobody is enrolled: see loquet status");
	}
	if (daemon->enrolment.client == client->id) {
		daemon->enrolment.client = id;
	}
	client->id = id;
	for (; client->waiting > 0; client->waiting--) {
		lq_control_refuse(client, LQ_ERR_IO,
			"the disk does not answer; the change is made when it does: see loquet "
			"status");
	}
}

static struct lq_mono tick_changes(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	struct lq_mono next = LQ_FAR_AWAY;
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

struct lq_mono lq_control_tick(struct lq_daemon *daemon)
{
	struct lq_mono changes = tick_changes(daemon);
	struct lq_mono enrolment = lq_control_tick_enrolment(daemon);
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
		lq_control_refuse(client, LQ_ERR_INVALID, "the request is longer than 16384 bytes");
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
		if (lq_daemon_may_complain(daemon)) {
			lq_log("too many watch or wait on the operator's socket: one more was "
			       "turned away");
		}
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
	lq_control_end_enrolment(daemon);
	for (size_t i = 0; i < LQ_CLIENTS_MAX; i++) {
		if (daemon->clients[i] != NULL) {
			drop_client(daemon->clients[i]);
		}
	}
}

#include "host/office/listen.h"

#include "firmware/core/err.h"
#include "hal/linux/linux_entropy.h"
#include "hal/linux/linux_linger.h"
#include "host/office/access.h"
#include "host/office/accounts.h"
#include "host/office/arrivals.h"
#include "host/office/books.h"
#include "host/office/clock.h"
#include "host/office/dial.h"
#include "host/office/doors.h"
#include "host/office/enrol.h"
#include "host/office/http.h"
#include "host/office/leftovers.h"
#include "host/office/office_key.h"
#include "host/office/own_board.h"
#include "host/office/post.h"
#include "host/office/replay.h"
#include "host/office/roster_publish.h"
#include "host/office/roster_watch.h"
#include "host/office/space_state.h"
#include "host/office/space_topic.h"
#include "host/office/visits.h"
#include "host/office/webhook_turn.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define QOS           1
#define TURN_MS       1000
#define PAUSE_MS      1000
#define LINGER_MS     500u
#define PASSWORD_SIZE 256u
#define TOPICS        5
#define TOPIC_SIZE    64u

struct listener {
	const struct lq_cli *cli;
	struct lq_books *books;
	struct lq_post *post;
	struct lq_doors *doors;
	struct lq_publisher *publisher;
	struct lq_roster_watch watch;
	int unpublished; /* why the roster was not published in the last turn */
	struct lq_office office;
	struct lq_arrivals arrivals;
	struct lq_http *http;     /* NULL: no page */
	struct mosquitto *client; /* NULL: no broker */
	struct lq_dial dial;      /* while it runs, the client is its own */
	int failure;              /* of the books: nothing is acknowledged any more */
	char topics[TOPICS][TOPIC_SIZE];
	struct lq_space_topic occupancy;
	struct lq_space_rules rules;
	int64_t rules_ms; /* since when they are known, 0: not yet */
	struct lq_replay replay;
	struct lq_own_board own_board;
	struct lq_webhook_post webhooks;
};

/* Behind loquet/1/<space>/. The first is what the office cannot be without. */
static const char *const topic_ends[TOPICS] = {
	"+/events", "+/command/response", "+/state", "+/health", "+/doors/+/state"};

static void say_finding(
	const struct listener *l, const struct lq_feed_event *event, enum lq_books_finding finding)
{
	unsigned long long seq = event->seq;
	switch (finding) {
	case LQ_BOOKS_NEW:
	case LQ_BOOKS_KNOWN:
		break;
	case LQ_BOOKS_CONFLICT:
		lq_say(stderr,
			lq_tr(l->cli,
				"loquet-office: %s/%llu came again with other words: the first "
				"stay",
				"loquet-office : %s/%llu est revenu avec un autre contenu : le "
				"premier reste"),
			event->controller, seq);
		break;
	case LQ_BOOKS_GAP:
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: rows before %s/%llu are missing",
				"loquet-office : il manque des lignes avant %s/%llu"),
			event->controller, seq);
		break;
	case LQ_BOOKS_BROKEN:
		lq_say(stderr,
			lq_tr(l->cli,
				"loquet-office: %s/%llu: the signature does not hold for what came",
				"loquet-office : %s/%llu : la signature ne vaut pas pour ce qui "
				"est "
				"arrivé"),
			event->controller, seq);
		break;
	}
}

/* Parts loquet/1/<space>/<controller>/<end>; `ret_end` points into the topic. */
static bool split_topic(const struct listener *l, const char *topic,
	char ret_controller[LQ_NAME_SIZE], const char **ret_end)
{
	char begin[16 + LQ_NAME_SIZE];
	size_t skip = (size_t)snprintf(begin, sizeof(begin), "loquet/1/%s/", l->cli->config.space);
	if (strncmp(topic, begin, skip) != 0) {
		return false;
	}
	size_t length = strcspn(topic + skip, "/");
	if (length == 0 || length >= LQ_NAME_SIZE || topic[skip + length] != '/') {
		return false;
	}
	memcpy(ret_controller, topic + skip, length);
	ret_controller[length] = '\0';
	*ret_end = topic + skip + length + 1;
	return true;
}

/* Pages show with the doors whether their journals are whole. */
static void note_finding(struct listener *l, enum lq_books_finding finding)
{
	switch (finding) {
	case LQ_BOOKS_NEW:
	case LQ_BOOKS_KNOWN:
	case LQ_BOOKS_CONFLICT:
		break;
	case LQ_BOOKS_GAP:
	case LQ_BOOKS_BROKEN:
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		break;
	}
}

/* What is no event of ours would come again for ever: it is told of and acknowledged. */
static void take_event(struct listener *l, const char *topic, const char *body, size_t length)
{
	struct lq_feed_event event;
	enum lq_books_finding finding = LQ_BOOKS_NEW;
	if (lq_feed_read(l->cli->config.space, topic, body, length, &event) != LQ_OK) {
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: not an event, on %s: left out",
				"loquet-office : pas un événement, sur %s : laissé de côté"),
			topic);
		return;
	}
	l->failure = lq_books_begin(l->books);
	if (l->failure == LQ_OK) {
		l->failure = lq_books_take(l->books, &event, body, length, &finding);
	}
	if (l->failure == LQ_OK) {
		say_finding(l, &event, finding);
		note_finding(l, finding);
	}
	if (l->failure == LQ_OK && finding != LQ_BOOKS_KNOWN && finding != LQ_BOOKS_CONFLICT) {
		l->failure = lq_arrivals_note(&l->arrivals, l->office.db, &event,
			lq_books_zone(l->books, &event), lq_office_now_ms());
		l->failure = l->failure == LQ_OK
				     ? lq_books_tell(l->books, &event, lq_office_now_ms())
				     : l->failure;
	}
}

/* A badge that was read for somebody becomes theirs. */
static void enrol(struct listener *l, const struct lq_sending *sending)
{
	int r = lq_books_begin(l->books);
	r = r == LQ_OK ? lq_badge_was_read(lq_books_db(l->books), sending, lq_office_now_ms()) : r;
	if (r == LQ_ERR_EXISTS) {
		lq_post_fail(l->post, sending->id, "exists",
			lq_tr(l->cli, "this badge is enrolled already",
				"ce badge est déjà attribué"));
	} else if (r == LQ_ERR_NOT_FOUND) {
		lq_post_fail(l->post, sending->id, "not_found",
			lq_tr(l->cli, "there is nobody of that number", "personne n’a ce numéro"));
	} else {
		l->failure = r;
	}
}

static void take_answer(struct listener *l, const char *controller,
	const struct mosquitto_message *message, size_t length)
{
	const struct lq_sending *sending =
		lq_post_answer(l->post, controller, message->payload, length, lq_office_now_ms());
	if (sending != NULL) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_COMMANDS);
	}
	if (sending != NULL && sending->has_key && sending->person != 0) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_PEOPLE);
		enrol(l, sending);
	}
}

static void hear_version(struct listener *l, const char *controller)
{
	const json_t *health = lq_doors_health(l->doors, controller);
	int64_t version = json_integer_value(json_object_get(health, "rosterVersion"));
	lq_publisher_heard(l->publisher, version, lq_office_now_ms());
}

/* False when it is no picture of a door or controller. */
static bool take_picture(struct listener *l, const char *controller, const char *end,
	const struct mosquitto_message *message, size_t length)
{
	switch (lq_doors_take(l->doors, controller, end, message->payload, length)) {
	case LQ_DOORS_STRANGE:
		return false;
	case LQ_DOORS_AS_BEFORE:
		break;
	case LQ_DOORS_ALARMED:
		lq_arrivals_add(&l->arrivals, LQ_NEWS_ALARMS);
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		break;
	case LQ_DOORS_CHANGED:
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		hear_version(l, controller);
		break;
	}
	return true;
}

static void on_message(struct mosquitto *client, void *ctx, const struct mosquitto_message *message)
{
	struct listener *l = ctx;
	char controller[LQ_NAME_SIZE];
	const char *end = NULL;
	size_t length = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;
	(void)client;
	if (l->failure != LQ_OK ||
		(split_topic(l, message->topic, controller, &end) &&
			take_picture(l, controller, end, message, length)) ||
		message->retain) {
		return;
	}
	if (end != NULL && strcmp(end, "command/response") == 0) {
		take_answer(l, controller, message, length);
	} else {
		take_event(l, message->topic, message->payload, length);
	}
}

static void on_connect(struct mosquitto *client, void *ctx, int code, int flags,
	const mosquitto_property *properties)
{
	struct listener *l = ctx;
	char *topics[TOPICS];
	(void)flags;
	(void)properties;
	for (int i = 0; i < TOPICS; i++) {
		topics[i] = l->topics[i];
	}
	if (code == 0) {
		(void)mosquitto_subscribe_multiple(client, NULL, TOPICS, topics, QOS, 0, NULL);
		lq_space_state_tell(client, l->cli->config.space, true);
		lq_space_topic_reset(&l->occupancy);
	}
}

static void on_subscribe(
	struct mosquitto *client, void *ctx, int mid, int count, const int *granted)
{
	struct listener *l = ctx;
	(void)client;
	(void)mid;
	for (int i = 0; i < count && i < TOPICS; i++) {
		if (granted[i] != QOS) {
			lq_say(stderr,
				lq_tr(l->cli, "loquet-office: the broker refuses %s",
					"loquet-office : le courtier refuse %s"),
				l->topics[i]);
		}
	}
	if (count == TOPICS && granted[0] == QOS) {
		lq_post_set_up(l->post, true);
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		lq_publisher_up(l->publisher);
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: connected", "loquet-office : connecté"));
		(void)sd_notify(0, "READY=1");
	}
}

/* ---- the connection ---- */

static const char *or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static bool read_password(const char *path, char ret_password[PASSWORD_SIZE])
{
	FILE *file = fopen(path, "re");
	bool read = file != NULL && fgets(ret_password, PASSWORD_SIZE, file) != NULL;
	if (file != NULL) {
		(void)fclose(file);
	}
	if (read) {
		ret_password[strcspn(ret_password, "\r\n")] = '\0';
	}
	return read;
}

static int set_rights(struct mosquitto *client, const struct lq_config_mqtt *mqtt)
{
	char password[PASSWORD_SIZE] = "";
	int code = MOSQ_ERR_SUCCESS;
	if (mqtt->password_file[0] != '\0' && !read_password(mqtt->password_file, password)) {
		return MOSQ_ERR_INVAL;
	}
	if (mqtt->username[0] != '\0') {
		code = mosquitto_username_pw_set(client, mqtt->username, or_null(password));
	}
	explicit_bzero(password, sizeof(password));
	if (code == MOSQ_ERR_SUCCESS && mqtt->ca_file[0] != '\0') {
		code = mosquitto_tls_set(client, mqtt->ca_file, NULL, or_null(mqtt->cert_file),
			or_null(mqtt->key_file), NULL);
	}
	return code;
}

/* To an unthreaded client the library writes the acknowledgement of a message before it hands the
 * message over. Told that threads are at work, it leaves all writing to mosquitto_loop_write(),
 * which is called once the books are on disk. */
static struct mosquitto *make_client(struct listener *l)
{
	const struct lq_config *config = &l->cli->config;
	char id[16 + LQ_NAME_SIZE];
	(void)snprintf(id, sizeof(id), "loquet-office-%s", config->space);
	struct mosquitto *client = mosquitto_new(id, false, l);
	if (client == NULL) {
		return NULL;
	}
	int version = config->mqtt.protocol == LQ_MQTT_5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
	if (mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, version) != MOSQ_ERR_SUCCESS ||
		mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, (int)config->mqtt.window) !=
			MOSQ_ERR_SUCCESS ||
		mosquitto_threaded_set(client, true) != MOSQ_ERR_SUCCESS ||
		set_rights(client, &config->mqtt) != MOSQ_ERR_SUCCESS ||
		!lq_space_state_will(client, config->space)) {
		mosquitto_destroy(client);
		return NULL;
	}
	mosquitto_connect_v5_callback_set(client, on_connect);
	mosquitto_subscribe_callback_set(client, on_subscribe);
	mosquitto_message_callback_set(client, on_message);
	return client;
}

/* Waits, serves the page, and tells what the broker's socket is ready for. True when the time has
 * come to end. */
static bool wait_for_turn(struct listener *l, int stop_fd, int timeout_ms, short *ret_revents)
{
	bool ours = l->client != NULL && !l->dial.running;
	int fd = ours ? mosquitto_socket(l->client) : -1;
	bool writing = fd >= 0 && mosquitto_want_write(l->client);
	struct pollfd entries[] = {
		{.fd = stop_fd, .events = POLLIN},
		{.fd = fd, .events = writing ? POLLIN | POLLOUT : POLLIN},
		{.fd = l->http != NULL ? lq_http_fd(l->http) : -1, .events = POLLIN},
		{.fd = lq_webhook_post_fd(&l->webhooks), .events = POLLIN},
		{.fd = lq_dial_fd(&l->dial), .events = POLLIN},
	};
	timeout_ms = l->http != NULL ? lq_http_timeout(l->http, timeout_ms) : timeout_ms;
	timeout_ms = lq_webhook_post_timeout(&l->webhooks, timeout_ms);
	(void)sd_notify(0, "WATCHDOG=1");
	int ready = poll(entries, sizeof(entries) / sizeof(entries[0]), timeout_ms);
	if (l->http != NULL) {
		lq_http_run(l->http);
	}
	*ret_revents = 0;
	if (ready > 0) {
		*ret_revents = entries[1].revents;
	}
	return ready > 0 && entries[0].revents != 0;
}

static void tell_left_out(struct listener *l, size_t count)
{
	if (count > 0 && count != l->office.events_left_out) {
		lq_say(stderr,
			lq_tr(l->cli,
				"loquet-office: %zu events of the next days are more than doors "
				"take: nobody comes in by them yet",
				"loquet-office : %zu événements des prochains jours sont de trop "
				"pour les portes : ils n’ouvrent encore à personne"),
			count);
	}
	l->office.events_left_out = count;
}

/* What is not published now is tried again in the next turn. */
static void publish_roster(struct listener *l)
{
	lq_publisher_full(l->publisher, &l->occupancy.full);
	if (lq_roster_watch(
		    &l->watch, l->doors, lq_publisher_version(l->publisher), lq_office_mono_ms())) {
		lq_publisher_up(l->publisher);
	}
	int r = lq_publisher_turn(l->publisher, lq_office_now_ms());
	if (r != LQ_OK && r != l->unpublished) {
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: the roster cannot be published: %s",
				"loquet-office : les droits ne peuvent être publiés : %s"),
			lq_err_text(r));
	}
	l->unpublished = r;
	tell_left_out(l, lq_publisher_left_out(l->publisher));
}

/* False: the library cannot take it now. What it never will, such as a part that is longer than the
 * broker allows, is told of and dropped: everything waits behind it. */
static bool send_parcel(struct listener *l, const struct lq_parcel *parcel)
{
	int code = mosquitto_publish(l->client, NULL, parcel->topic, (int)parcel->length,
		parcel->bytes, QOS, parcel->retain);
	if (code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_NOMEM) {
		return false;
	}
	if (code != MOSQ_ERR_SUCCESS) {
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: %s, %zu bytes, cannot be sent: %s",
				"loquet-office : %s, %zu octets, ne peut être envoyé : %s"),
			parcel->topic, parcel->length, mosquitto_strerror(code));
	}
	return true;
}

static void send_parcels(struct listener *l)
{
	const struct lq_parcel *parcel = lq_post_next(l->post);
	for (; lq_post_is_up(l->post) && parcel != NULL; parcel = lq_post_next(l->post)) {
		if (!send_parcel(l, parcel)) {
			return;
		}
		lq_post_done(l->post);
	}
}

/* What this process set holds for the next event; what another did, a second later. */
static void take_rules(struct listener *l)
{
	int64_t now = lq_office_mono_ms();
	if (l->rules_ms == 0 || now - l->rules_ms >= TURN_MS || l->office.rules_changed) {
		l->office.rules_changed = false;
		l->rules = lq_space_rules_load(lq_books_db(l->books));
		l->rules_ms = now;
		lq_books_use(l->books, &l->rules.visits);
	}
}

static int keep(struct listener *l)
{
	take_rules(l);
	lq_webhook_post_turn(&l->webhooks, &l->office, &l->rules, lq_office_now_ms());
	return lq_books_keep(l->books, l->rules.retention_days, lq_office_now_ms());
}

/* How many are in. `client` NULL: nobody but the pages is told. */
static int count(struct listener *l, struct mosquitto *client)
{
	int r = lq_space_topic_tick(&l->occupancy, l->cli->config.space, lq_books_db(l->books),
		&l->rules, client, lq_office_now_ms());
	if (l->occupancy.changed) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_NOW);
	}
	l->occupancy.changed = false;
	return r;
}

/* What is done with the books once they are on disk, and what others are told of them. */
static int tell(struct listener *l)
{
	struct lq_db *db = lq_books_db(l->books);
	int r = keep(l);
	r = r == LQ_OK ? lq_replay_turn(&l->replay, db, l->post, lq_office_now_ms()) : r;
	return r == LQ_OK ? count(l, l->client) : r;
}

static void tell_pages(struct listener *l)
{
	if (lq_post_expire(l->post, lq_office_now_ms()) > 0) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_COMMANDS);
	}
	lq_arrivals_tell(&l->arrivals, &l->office.stream);
}

static bool has_more(int fd)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};
	return poll(&entry, 1, 0) > 0;
}

/* All that the broker sends without an answer: so many rows go to the disk at once. The library
 * reads one packet a call. */
static int read_window(struct listener *l)
{
	int code = MOSQ_ERR_SUCCESS;
	uint32_t packets = 0;
	do {
		code = mosquitto_loop_read(l->client, 1);
	} while (code == MOSQ_ERR_SUCCESS && ++packets < l->cli->config.mqtt.window &&
		 l->failure == LQ_OK && has_more(mosquitto_socket(l->client)));
	return code;
}

static int serve(struct listener *l, short revents)
{
	take_rules(l);
	int code = revents & (POLLIN | POLLERR | POLLHUP) ? read_window(l) : MOSQ_ERR_SUCCESS;
	if (l->failure == LQ_OK) {
		l->failure = lq_books_commit(l->books);
	}
	if (l->failure == LQ_OK) {
		l->failure = tell(l);
	}
	if (l->failure != LQ_OK) {
		return MOSQ_ERR_UNKNOWN;
	}
	tell_pages(l);
	publish_roster(l);
	send_parcels(l);
	if (code == MOSQ_ERR_SUCCESS && mosquitto_want_write(l->client)) {
		code = mosquitto_loop_write(l->client, 1);
	}
	return code == MOSQ_ERR_SUCCESS ? mosquitto_loop_misc(l->client) : code;
}

static void lose_broker(struct listener *l)
{
	bool was_up = lq_post_is_up(l->post);
	lq_post_set_up(l->post, false);
	if (lq_doors_lose(l->doors) || was_up) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
	}
}

static int take_own(void *ctx, const char *body, size_t length)
{
	struct listener *l = ctx;
	const struct lq_config *config = &l->cli->config;
	char topic[sizeof("loquet/1///events") + (size_t)2 * LQ_NAME_SIZE];
	(void)snprintf(
		topic, sizeof(topic), "loquet/1/%s/%s/events", config->space, config->controller);
	take_event(l, topic, body, length);
	return l->failure;
}

static int read_own_board(struct listener *l)
{
	int r = lq_own_board_turn(
		&l->own_board, &l->cli->config, lq_books_db(l->books), take_own, l);
	return r == LQ_OK ? lq_books_commit(l->books) : r;
}

/* A turn without a broker. True when the end has come. */
static bool idle(struct listener *l, int stop_fd, int timeout_ms)
{
	short revents = 0;
	l->failure = read_own_board(l);
	l->failure = l->failure == LQ_OK ? keep(l) : l->failure;
	l->failure = l->failure == LQ_OK ? count(l, NULL) : l->failure;
	tell_pages(l);
	return wait_for_turn(l, stop_fd, timeout_ms, &revents);
}

/* True when the end has come meanwhile. What the own board told while nobody listened is no gap. */
static bool dial(struct listener *l, int stop_fd)
{
	l->failure = read_own_board(l);
	if (l->failure != LQ_OK) {
		return true;
	}
	lq_dial_begin(&l->dial, l->client, &l->cli->config.mqtt);
	while (!lq_dial_is_over(&l->dial)) {
		if (l->failure != LQ_OK || idle(l, stop_fd, TURN_MS)) {
			return true;
		}
	}
	errno = l->dial.error;
	return false;
}

static void say_goodbye(struct listener *l)
{
	int kept = lq_linux_keep(mosquitto_socket(l->client));
	lq_space_state_tell(l->client, l->cli->config.space, false);
	(void)mosquitto_disconnect(l->client);
	(void)mosquitto_loop_write(l->client, 1);
	(void)lq_linux_linger(kept, LINGER_MS);
}

/* Until the connection is lost, the books fail or the end has come: true for the last. */
static bool converse(struct listener *l, int stop_fd)
{
	short revents = 0;
	if (dial(l, stop_fd)) {
		return l->failure == LQ_OK;
	}
	int code = l->dial.code;
	while (code == MOSQ_ERR_SUCCESS && mosquitto_socket(l->client) >= 0) {
		if (wait_for_turn(l, stop_fd, TURN_MS, &revents)) {
			say_goodbye(l);
			return true;
		}
		code = serve(l, revents);
	}
	lose_broker(l);
	if (l->failure == LQ_OK) {
		// NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
		const char *why =
			code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: no connection: %s",
				"loquet-office : pas de connexion : %s"),
			why);
	}
	return false;
}

/* Serves the page alone for `pause_ms`; without end when that is negative. True when the end has
 * come. */
static bool pause_for(struct listener *l, int stop_fd, int64_t pause_ms)
{
	int64_t began_ms = lq_office_mono_ms();
	int64_t passed_ms = 0;
	while (l->failure == LQ_OK && (pause_ms < 0 || passed_ms < pause_ms)) {
		int64_t left_ms = pause_ms < 0 ? TURN_MS : pause_ms - passed_ms;
		if (idle(l, stop_fd, (int)left_ms)) {
			return true;
		}
		passed_ms = lq_office_mono_ms() - began_ms;
	}
	return false;
}

static int listen_to(struct listener *l, int stop_fd)
{
	bool ended = false;
	if (l->client == NULL) {
		(void)sd_notify(0, "READY=1");
		ended = pause_for(l, stop_fd, -1);
	}
	while (!ended && l->failure == LQ_OK) {
		ended = converse(l, stop_fd) || pause_for(l, stop_fd, PAUSE_MS);
	}
	return ended ? LQ_EXIT_OK
		     : lq_fail(l->cli, LQ_EXIT_IO, "io", "office.db: %s", lq_books_error(l->books));
}

/* While there is no account, whoever comes first could make one: it takes this machine, or the code
 * from its log. */
static int offer_first_run(struct listener *l)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	int64_t accounts = 0;
	uint64_t run = (uint64_t)lq_office_now_ms();
	int r = lq_account_count(l->office.db, &accounts);
	r = r == LQ_OK ? lq_access_secret(secret) : r;
	if (r != LQ_OK) {
		return r;
	}
	lq_stream_begin(&l->office.stream, run);
	if (accounts == 0) {
		(void)snprintf(l->office.first_code, sizeof(l->office.first_code), "%.10s", secret);
		lq_say(stderr,
			lq_tr(l->cli,
				"loquet-office: there is no account yet: make the first at "
				"http://%s:%u "
				"on this machine, or elsewhere with the code %s",
				"loquet-office : il n’y a pas encore de compte : créez le premier "
				"sur "
				"http://%s:%u depuis cette machine, ou ailleurs avec le code %s"),
			l->cli->config.office.listen, (unsigned)l->cli->config.office.port,
			l->office.first_code);
	}
	return LQ_OK;
}

static int start_page(struct listener *l)
{
	const struct lq_config_office *config = &l->cli->config.office;
	if (config->port == 0) {
		return LQ_EXIT_OK;
	}
	int r = offer_first_run(l);
	r = r == LQ_OK ? lq_http_start(&l->office, &l->http) : r;
	if (r == LQ_ERR_INVALID) {
		return lq_fail(l->cli, LQ_EXIT_USAGE, "config",
			lq_tr(l->cli, "[office] listen = %s is not an IP address",
				"[office] listen = %s n’est pas une adresse IP"),
			config->listen);
	}
	return r == LQ_OK ? LQ_EXIT_OK
			  : lq_fail(l->cli, LQ_EXIT_IO, "io",
				    lq_tr(l->cli, "no page at %s, port %u: %s",
					    "pas de page à %s, port %u : %s"),
				    config->listen, (unsigned)config->port, lq_err_text(r));
}

static int start_webhooks(struct listener *l)
{
	int r = lq_webhook_post_begin(&l->webhooks);
	return r == LQ_OK ? LQ_EXIT_OK
			  : lq_fail(l->cli, LQ_EXIT_IO, "io", "webhooks: %s", lq_err_text(r));
}

static int start_client(struct listener *l)
{
	if (l->cli->config.mqtt.host[0] == '\0') {
		return LQ_EXIT_OK;
	}
	l->client = make_client(l);
	return l->client != NULL ? LQ_EXIT_OK
				 : lq_fail(l->cli, LQ_EXIT_USAGE, "config",
					   lq_tr(l->cli, "a file of [mqtt] cannot be used",
						   "un fichier de [mqtt] est inutilisable"));
}

static int open_books(struct listener *l)
{
	int r = lq_books_open(&l->cli->config, LQ_DB_KEEP, &l->books);
	if (r != LQ_OK) {
		const char *why = l->books != NULL ? lq_books_error(l->books) : lq_err_text(r);
		return lq_fail(l->cli, LQ_EXIT_IO, "io", "office.db: %s", why);
	}
	lq_leftovers_clear(l->cli->config.state_dir);
	l->office.config = &l->cli->config;
	l->office.db = lq_books_db(l->books);
	return LQ_EXIT_OK;
}

/* The configuration may have another cut-off or time zone than when the office last ran. */
static int cut_days(struct listener *l)
{
	take_rules(l);
	int r = lq_books_begin(l->books);
	r = r == LQ_OK ? lq_visits_cut(l->office.db, &l->rules.visits, l->cli->config.day_cut) : r;
	r = r == LQ_OK ? lq_books_commit(l->books) : r;
	return r == LQ_OK ? LQ_EXIT_OK
			  : lq_fail(l->cli, LQ_EXIT_IO, "io", "office.db: %s",
				    lq_books_error(l->books));
}

static int make_post(const struct lq_cli *cli, struct lq_post **ret_post)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_keys key = {0};
	int r = lq_office_key_load(cli->config.state_dir, &entropy, &key);
	r = r == LQ_OK ? lq_post_new(cli->config.space, &key, &entropy, ret_post) : r;
	lq_keys_wipe(&key);
	return r;
}

static int open_post(struct listener *l)
{
	int r = make_post(l->cli, &l->post);
	r = r == LQ_OK ? lq_doors_new(&l->doors) : r;
	if (r == LQ_OK) {
		r = lq_publisher_new(l->office.db, l->post, l->cli->config.space, &l->publisher);
	}
	l->office.post = l->post;
	l->office.doors = l->doors;
	return r == LQ_OK ? LQ_EXIT_OK
			  : lq_fail(l->cli, LQ_EXIT_IO, "io", "office.key: %s", lq_err_text(r));
}

int lq_office_listen(const struct lq_cli *cli, int stop_fd)
{
	static struct listener listener;
	listener.cli = cli;
	for (int i = 0; i < TOPICS; i++) {
		(void)snprintf(listener.topics[i], TOPIC_SIZE, "loquet/1/%s/%s", cli->config.space,
			topic_ends[i]);
	}
	(void)mosquitto_lib_init();
	int r = open_books(&listener);
	r = r == LQ_EXIT_OK ? cut_days(&listener) : r;
	r = r == LQ_EXIT_OK ? open_post(&listener) : r;
	r = r == LQ_EXIT_OK ? start_page(&listener) : r;
	r = r == LQ_EXIT_OK ? start_webhooks(&listener) : r;
	r = r == LQ_EXIT_OK ? start_client(&listener) : r;
	r = r == LQ_EXIT_OK ? listen_to(&listener, stop_fd) : r;
	lq_http_stop(listener.http);
	lq_webhook_post_end(&listener.webhooks);
	lq_shared_forget(&listener.office.shared);
	/* One that still dials goes with the program. */
	if (!listener.dial.running) {
		mosquitto_destroy(listener.client);
		(void)mosquitto_lib_cleanup();
	}
	lq_publisher_free(listener.publisher);
	lq_doors_free(listener.doors);
	lq_post_free(listener.post);
	lq_space_topic_end(&listener.occupancy);
	lq_books_close(listener.books);
	return r;
}

#include "firmware/core/err.h"
#include "hal/linux/linux_entropy.h"
#include "host/office/access.h"
#include "host/office/accounts.h"
#include "host/office/broker_client.h"
#include "host/office/leftovers.h"
#include "host/office/listen_internal.h"
#include "host/office/office_key.h"
#include "host/office/space_state.h"
#include "host/office/visits.h"

#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define QOS      1
#define TURN_MS  1000
#define PAUSE_MS 1000

/* Behind loquet/1/<space>/. The first is what the office cannot be without. */
static const char *const topic_ends[LQ_LISTEN_TOPICS] = {
	"+/events", "+/command/response", "+/state", "+/health", "+/doors/+/state"};

static void on_message(struct mosquitto *client, void *ctx, const struct mosquitto_message *message)
{
	(void)client;
	lq_incoming_take(ctx, message);
}

static void on_connect(struct mosquitto *client, void *ctx, int code, int flags,
	const mosquitto_property *properties)
{
	struct lq_listener *l = ctx;
	char *topics[LQ_LISTEN_TOPICS];
	(void)flags;
	(void)properties;
	for (int i = 0; i < LQ_LISTEN_TOPICS; i++) {
		topics[i] = l->topics[i];
	}
	if (code == 0) {
		(void)mosquitto_subscribe_multiple(
			client, NULL, LQ_LISTEN_TOPICS, topics, QOS, 0, NULL);
		lq_space_state_tell(client, l->cli->config.space, true);
		lq_space_topic_reset(&l->occupancy);
	}
}

static void on_subscribe(
	struct mosquitto *client, void *ctx, int mid, int count, const int *granted)
{
	struct lq_listener *l = ctx;
	(void)client;
	(void)mid;
	for (int i = 0; i < count && i < LQ_LISTEN_TOPICS; i++) {
		if (granted[i] != QOS) {
			lq_say(stderr,
				lq_tr(l->cli, "loquet-office: the broker refuses %s",
					"loquet-office : le courtier refuse %s"),
				l->topics[i]);
		}
	}
	if (count == LQ_LISTEN_TOPICS && granted[0] == QOS) {
		lq_post_set_up(l->post, true);
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		lq_publisher_up(l->publisher);
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: connected", "loquet-office : connecté"));
		(void)sd_notify(0, "READY=1");
	}
}

/* Waits, serves the page, and tells what the broker's socket is ready for. True when the time has
 * come to end. */
static bool wait_for_turn(struct lq_listener *l, int stop_fd, int timeout_ms, short *ret_revents)
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

static void tell_left_out(struct lq_listener *l, size_t count)
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
static void publish_roster(struct lq_listener *l)
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
static bool send_parcel(struct lq_listener *l, const struct lq_parcel *parcel)
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

static void send_parcels(struct lq_listener *l)
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
static void take_rules(struct lq_listener *l)
{
	int64_t now = lq_office_mono_ms();
	if (l->rules_ms == 0 || now - l->rules_ms >= TURN_MS || l->office.rules_changed) {
		l->office.rules_changed = false;
		l->rules = lq_space_rules_load(lq_books_db(l->books));
		l->rules_ms = now;
		lq_books_use(l->books, &l->rules.visits);
	}
}

static int keep(struct lq_listener *l)
{
	take_rules(l);
	lq_webhook_post_turn(&l->webhooks, &l->office, &l->rules, lq_office_now_ms());
	return lq_books_keep(l->books, l->rules.retention_days, lq_office_now_ms());
}

/* How many are in. `client` NULL: nobody but the pages is told. */
static int count(struct lq_listener *l, struct mosquitto *client)
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
static int tell(struct lq_listener *l)
{
	struct lq_db *db = lq_books_db(l->books);
	int r = keep(l);
	r = r == LQ_OK ? lq_replay_turn(&l->replay, db, l->post, lq_office_now_ms()) : r;
	return r == LQ_OK ? count(l, l->client) : r;
}

static void tell_pages(struct lq_listener *l)
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
static int read_window(struct lq_listener *l)
{
	int code = MOSQ_ERR_SUCCESS;
	uint32_t packets = 0;
	do {
		code = mosquitto_loop_read(l->client, 1);
	} while (code == MOSQ_ERR_SUCCESS && ++packets < l->cli->config.mqtt.window &&
		 l->failure == LQ_OK && has_more(mosquitto_socket(l->client)));
	return code;
}

static int serve(struct lq_listener *l, short revents)
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

static void lose_broker(struct lq_listener *l)
{
	bool was_up = lq_post_is_up(l->post);
	lq_post_set_up(l->post, false);
	if (lq_doors_lose(l->doors) || was_up) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
	}
}

static int take_own(void *ctx, const char *body, size_t length)
{
	struct lq_listener *l = ctx;
	const struct lq_config *config = &l->cli->config;
	char topic[sizeof("loquet/1///events") + (size_t)2 * LQ_NAME_SIZE];
	(void)snprintf(
		topic, sizeof(topic), "loquet/1/%s/%s/events", config->space, config->controller);
	lq_incoming_event(l, topic, body, length);
	return l->failure;
}

static int read_own_board(struct lq_listener *l)
{
	int r = lq_own_board_turn(
		&l->own_board, &l->cli->config, lq_books_db(l->books), take_own, l);
	return r == LQ_OK ? lq_books_commit(l->books) : r;
}

/* A turn without a broker. True when the end has come. */
static bool idle(struct lq_listener *l, int stop_fd, int timeout_ms)
{
	short revents = 0;
	l->failure = read_own_board(l);
	l->failure = l->failure == LQ_OK ? keep(l) : l->failure;
	l->failure = l->failure == LQ_OK ? count(l, NULL) : l->failure;
	tell_pages(l);
	return wait_for_turn(l, stop_fd, timeout_ms, &revents);
}

/* True when the end has come meanwhile. What the own board told while nobody listened is no gap. */
static bool dial(struct lq_listener *l, int stop_fd)
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

/* Until the connection is lost, the books fail or the end has come: true for the last. */
static bool converse(struct lq_listener *l, int stop_fd)
{
	short revents = 0;
	if (dial(l, stop_fd)) {
		return l->failure == LQ_OK;
	}
	int code = l->dial.code;
	while (code == MOSQ_ERR_SUCCESS && mosquitto_socket(l->client) >= 0) {
		if (wait_for_turn(l, stop_fd, TURN_MS, &revents)) {
			lq_broker_client_leave(l->client, l->cli->config.space);
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
static bool pause_for(struct lq_listener *l, int stop_fd, int64_t pause_ms)
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

static int listen_to(struct lq_listener *l, int stop_fd)
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
static int offer_first_run(struct lq_listener *l)
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

static int start_page(struct lq_listener *l)
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

static int start_webhooks(struct lq_listener *l)
{
	int r = lq_webhook_post_begin(&l->webhooks);
	return r == LQ_OK ? LQ_EXIT_OK
			  : lq_fail(l->cli, LQ_EXIT_IO, "io", "webhooks: %s", lq_err_text(r));
}

static int start_client(struct lq_listener *l)
{
	if (l->cli->config.mqtt.host[0] == '\0') {
		return LQ_EXIT_OK;
	}
	l->client = lq_broker_client_new(&l->cli->config, l);
	if (l->client != NULL) {
		mosquitto_connect_v5_callback_set(l->client, on_connect);
		mosquitto_subscribe_callback_set(l->client, on_subscribe);
		mosquitto_message_callback_set(l->client, on_message);
	}
	return l->client != NULL ? LQ_EXIT_OK
				 : lq_fail(l->cli, LQ_EXIT_USAGE, "config",
					   lq_tr(l->cli, "a file of [mqtt] cannot be used",
						   "un fichier de [mqtt] est inutilisable"));
}

static int open_books(struct lq_listener *l)
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
static int cut_days(struct lq_listener *l)
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

static int open_post(struct lq_listener *l)
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
	static struct lq_listener listener;
	listener.cli = cli;
	for (int i = 0; i < LQ_LISTEN_TOPICS; i++) {
		(void)snprintf(listener.topics[i], LQ_LISTEN_TOPIC_SIZE, "loquet/1/%s/%s",
			cli->config.space, topic_ends[i]);
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

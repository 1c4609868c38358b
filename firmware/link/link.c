#include "firmware/link/link.h"

#include "firmware/core/err.h"
#include "firmware/link/link_internal.h"
#include "firmware/link/log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define SERVICE_MS    1000u  /* keep-alive is counted in seconds */
#define LOOK_ALONE_MS 1000u  /* when loquetd is not there to tell of new rows */
#define LOOK_TOLD_MS  30000u /* when it is */

/* Of refused commands loquetd hears one by one, then in numbers. */
#define REFUSED_BURST     20u
#define REFUSED_REFILL_MS 1000u

enum { POLL_STOP, POLL_BROKER, POLL_PEER, POLL_COUNT };

static struct lq_mono read_clock(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct lq_mono){(uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u};
}

void lq_link_tell(struct lq_link *link, const char *text)
{
	if (strcmp(link->status, text) == 0) {
		return;
	}
	(void)snprintf(link->status, sizeof(link->status), "%s", text);
	lq_log("%s", text);
	lq_peer_tell_status(&link->peer, lq_session_up(link), text);
	(void)sd_notifyf(0, "STATUS=%s", text);
}

void lq_link_look(struct lq_link *link)
{
	link->more = true;
	link->view_more = true;
}

int lq_link_open(const struct lq_config *config, const char *password, struct lq_link **ret_link)
{
	int r = LQ_ERR_NO_MEMORY;
	struct lq_link *link = calloc(1, sizeof(*link));
	if (link == NULL) {
		goto out;
	}
	link->config = config;
	(void)snprintf(link->status, sizeof(link->status), "not connected yet");
	link->topics = lq_topics_make(config->space, config->controller);
	link->refused = lq_tally_make(REFUSED_BURST, REFUSED_REFILL_MS, read_clock());
	lq_peer_start(&link->peer, config->runtime_dir);
	lq_view_open(link);
	lq_latch_open(link);
	lq_discovery_open(link);
	lq_roster_open(link);
	r = lq_pump_open(link);
	if (r == LQ_OK && config->mqtt.host[0] != '\0') {
		r = lq_session_open(link, password);
	}
	if (r == LQ_OK) {
		*ret_link = link;
		link = NULL;
	}
out:
	(void)lq_link_close(link);
	return r;
}

bool lq_link_close(struct lq_link *link)
{
	if (link == NULL) {
		return true;
	}
	if (link->broker != NULL && lq_broker_phase(link->broker) == LQ_BROKER_DIALLING) {
		return false;
	}
	lq_broker_close(link->broker);
	lq_follow_end(link->follow);
	lq_peer_end(&link->peer);
	lq_latch_close(link);
	lq_roster_close(link);
	json_decref(link->health.figures);
	json_decref(link->occupancy.counts);
	free(link);
	return true;
}

/* ---- the loop ---- */

static void earlier(struct lq_mono *at, struct lq_mono other)
{
	if (other.us < at->us) {
		*at = other;
	}
}

/* When there is something to do even if nothing happens. */
static struct lq_mono next_deadline(const struct lq_link *link, uint64_t watchdog_us)
{
	struct lq_mono at = {UINT64_MAX};
	if (watchdog_us != 0) {
		earlier(&at, (struct lq_mono){link->now.us + watchdog_us / 2});
	}
	if (link->broker == NULL) {
		return at;
	}
	if (lq_pump_busy(link) || lq_view_busy(link)) {
		return link->now;
	}
	if (link->peer.fd < 0) {
		earlier(&at, link->peer.retry_at);
	} else {
		earlier(&at, lq_tally_due(&link->refused));
	}
	if (!link->attempting) {
		earlier(&at, link->retry_at);
	} else if (lq_broker_phase(link->broker) != LQ_BROKER_DIALLING) {
		earlier(&at, lq_mono_after_ms(link->now, SERVICE_MS));
	}
	if (lq_session_up(link)) {
		earlier(&at, link->look_at);
		earlier(&at, lq_health_due(link));
		earlier(&at, lq_roster_due(link));
		earlier(&at, lq_occupancy_due(link));
		if (!lq_mono_due(link->journal_retry_at, link->now)) {
			earlier(&at, link->journal_retry_at);
		}
	}
	if (link->outbox.cursor > link->saved.seq) {
		earlier(&at, link->save_at);
	}
	return at;
}

static int timeout_ms(struct lq_mono at, struct lq_mono now)
{
	if (at.us == UINT64_MAX) {
		return -1;
	}
	uint64_t ms = at.us <= now.us ? 0 : (at.us - now.us + 999) / 1000;
	return ms > 60000 ? 60000 : (int)ms;
}

/* Sleeps until something happens or is due. */
static void wait_for_work(struct lq_link *link, int stop_fd, uint64_t watchdog_us,
	struct pollfd ret_polled[POLL_COUNT])
{
	ret_polled[POLL_STOP] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
	ret_polled[POLL_BROKER] =
		link->broker != NULL ? lq_broker_pollfd(link->broker) : (struct pollfd){.fd = -1};
	ret_polled[POLL_PEER] = lq_peer_pollfd(&link->peer);
	struct lq_mono at = next_deadline(link, watchdog_us);
	if (poll(ret_polled, POLL_COUNT, timeout_ms(at, read_clock())) < 0) {
		for (int i = 0; i < POLL_COUNT; i++) {
			ret_polled[i].revents = 0;
		}
	}
	link->now = read_clock();
}

static void replay_for_loquetd(struct lq_link *link, uint64_t from)
{
	int r = lq_pump_replay(link, from);
	if (r != LQ_OK) {
		char text[LQ_LINK_TEXT_SIZE];
		(void)snprintf(text, sizeof(text), "no replay from row %" PRIu64 ": %s", from,
			lq_err_text(r));
		lq_link_tell(link, text);
	}
}

static void listen_to_loquetd(struct lq_link *link, short revents)
{
	if (lq_peer_connect(&link->peer, link->now)) {
		lq_peer_tell_status(&link->peer, lq_session_up(link), link->status);
		lq_peer_tell_cursor(&link->peer, link->saved.seq);
		lq_health_expect(link);
		lq_roster_hand_manifest(link);
		lq_link_look(link);
	} else if (revents != 0) {
		const struct lq_peer_handler handler = {.ctx = link,
			.answer = lq_answer_order,
			.health = lq_health_take,
			.roster = lq_roster_asked,
			.occupancy = lq_occupancy_take};
		struct lq_peer_words words = lq_peer_receive(&link->peer, link->now, &handler);
		link->health.head = words.head > link->health.head ? words.head : link->health.head;
		if (link->peer.fd < 0) {
			lq_health_alone(link);
			lq_occupancy_alone(link);
		}
		if (words.head >= link->outbox.next || words.head >= link->view_next) {
			lq_link_look(link);
		}
		if (words.replay != 0) {
			replay_for_loquetd(link, words.replay);
		}
	}
}

/* Rows that nobody told of. */
static void look_around(struct lq_link *link)
{
	if (lq_mono_due(link->look_at, link->now)) {
		link->look_at = lq_mono_after_ms(
			link->now, link->peer.fd >= 0 ? LOOK_TOLD_MS : LOOK_ALONE_MS);
		lq_link_look(link);
	}
}

static void work(struct lq_link *link, const struct pollfd polled[POLL_COUNT])
{
	listen_to_loquetd(link, polled[POLL_PEER].revents);
	lq_session_run(link, polled[POLL_BROKER].revents);
	lq_answer_expire(link);
	lq_answer_tell_refused(link);
	look_around(link);
	lq_pump_run(link);
	lq_view_run(link);
	lq_health_run(link);
	lq_roster_run(link);
	lq_occupancy_run(link);
	lq_pump_save(link, false);
}

/* What is on its way may still arrive, nothing new is sent. */
static void say_goodbye(struct lq_link *link)
{
	struct lq_mono until = lq_mono_after_ms(link->now, LQ_LINK_GOODBYE_MS);
	lq_session_say_goodbye(link);
	while (lq_session_up(link) && !lq_session_settled(link) && !lq_mono_due(until, link->now)) {
		struct pollfd polled = lq_broker_pollfd(link->broker);
		(void)poll(&polled, 1, timeout_ms(until, link->now));
		link->now = read_clock();
		lq_session_run(link, polled.revents);
	}
	if (lq_session_up(link)) {
		lq_broker_leave(link->broker);
	}
}

int lq_link_run(struct lq_link *link, int stop_fd)
{
	struct pollfd polled[POLL_COUNT];
	uint64_t watchdog_us = 0;
	if (sd_watchdog_enabled(0, &watchdog_us) <= 0) {
		watchdog_us = 0;
	}
	link->now = read_clock();
	(void)sd_notify(0, "READY=1");
	if (link->broker == NULL) {
		lq_link_tell(link, "no broker is set: nothing is published");
	}
	do {
		wait_for_work(link, stop_fd, watchdog_us, polled);
		if (watchdog_us != 0) {
			(void)sd_notify(0, "WATCHDOG=1");
		}
		if (link->broker != NULL) {
			work(link, polled);
		}
	} while (polled[POLL_STOP].revents == 0);
	(void)sd_notify(0, "STOPPING=1");
	say_goodbye(link);
	lq_pump_save(link, true);
	return LQ_OK;
}

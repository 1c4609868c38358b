#include "firmware/reader/worker.h"

#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "firmware/reader/backoff.h"
#include "firmware/reader/beat.h"
#include "firmware/reader/log.h"
#include "firmware/reader/presence.h"
#include "firmware/reader/tally.h"
#include "firmware/reader/uplink.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAK_ISO_DEP 0x20u

#define REOPEN_FIRST_MS    50u
#define REOPEN_GREATEST_MS 500u
#define REPORT_MS          10000u
#define BEAT_MS            100u
/* Between two looks at the field: spares the processor, costs a tap half of it. While a badge is
 * there the looks take longer, so the next badge waits for no pause, unless somebody left theirs.
 */
#define PAUSE_EMPTY_MS  7
#define PAUSE_BADGE_MS  0
#define PAUSE_LEFT_MS   20
#define PAUSE_CLOSED_MS 50
#define LEFT_AFTER_MS   2000u
/* After a badge that speaks APDUs came, and after each of its answers, the next look would end the
 * session: loquetd gets this long to begin, or to go on. */
#define HOLD_MS 50u
/* An APDU ends before the supervisor takes this process for hung. */
#define APDU_MAX_MS (LQ_BEAT_MAX_MS - 600u)

struct worker {
	const struct lq_worker_settings *settings;
	const struct lq_worker_past *past;
	int beat_fd;
	int stop_fd;
	struct lq_uplink uplink;
	struct lq_tally tally;
	struct lq_mono report_at;
	struct lq_mono beat_at;

	bool open;
	bool ready;   /* open, and it has looked at the field since */
	bool failing; /* a fault was told, and the device has not been ready since */
	struct lq_reader reader;
	char chip[LQ_WORKER_CHIP_SIZE];
	struct lq_backoff reopen;
	struct lq_mono reopen_at;

	struct lq_presence presence;
	struct lq_mono hold_until;
	bool saw_something;       /* at the last look */
	bool door_spoke;          /* the connection may have something to read */
	struct lq_reader_msg tap; /* PRESENT of the tap in progress, numbered by presence */
	bool tap_told;            /* on some connection */
	uint32_t taps_before;     /* numbers of presence that precede this connection */
};

static struct lq_mono mono_now(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct lq_mono){(uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u};
}

static struct lq_reader_msg message(enum lq_reader_msg_type type)
{
	struct lq_reader_msg msg;
	memset(&msg, 0, sizeof(msg)); /* padding too: it crosses to another process */
	msg.type = type;
	msg.version = LQ_READER_WIRE_VERSION;
	return msg;
}

static void beat(struct worker *worker, uint32_t silence_ms, struct lq_mono now)
{
	struct lq_beat sent = {
		.silence_ms = (uint16_t)silence_ms,
		.device_open = worker->ready ? 1 : 0,
		.door_connected = worker->uplink.fd >= 0 ? 1 : 0,
	};
	/* A pipe that is full holds beats enough. */
	ssize_t ignored = write(worker->beat_fd, &sent, sizeof(sent));
	(void)ignored;
	worker->beat_at = lq_mono_after_ms(now, BEAT_MS);
}

static void tell_ready(struct worker *worker)
{
	struct lq_reader_msg msg = message(LQ_MSG_READY);
	(void)snprintf(msg.text, sizeof(msg.text), "%s", worker->chip);
	(void)lq_uplink_send(&worker->uplink, &msg);
}

static void tell_tap(struct worker *worker)
{
	struct lq_reader_msg msg = worker->tap;
	msg.tap -= worker->taps_before;
	worker->tap_told = lq_uplink_send(&worker->uplink, &msg);
}

/* A badge that lies on the reader since before is no new tap, unless nobody was told of it. */
static void greet(struct worker *worker)
{
	struct lq_reader_msg msg = message(LQ_MSG_HELLO);
	bool untold = worker->presence.tap != 0 && !worker->tap_told;
	msg.restarts = worker->past->restarts;
	(void)snprintf(msg.name, sizeof(msg.name), "%s", worker->settings->name);
	(void)snprintf(msg.text, sizeof(msg.text), "%s", worker->past->last_end);
	msg.byte_count = (uint32_t)strnlen(worker->settings->library, sizeof(msg.bytes));
	memcpy(msg.bytes, worker->settings->library, msg.byte_count);
	(void)lq_uplink_send(&worker->uplink, &msg);
	if (worker->ready) {
		tell_ready(worker);
	}
	worker->taps_before = worker->presence.taps - (untold ? 1 : 0);
	if (untold) {
		tell_tap(worker);
	}
}

static void close_device(struct worker *worker)
{
	beat(worker, LQ_BEAT_POLL_MS, mono_now());
	worker->reader.close(worker->reader.ctx);
	worker->open = false;
	worker->ready = false;
}

static void tell_fault(struct worker *worker, int error, const char *what)
{
	if (worker->failing) {
		return;
	}
	struct lq_reader_msg msg = message(LQ_MSG_FAULT);
	msg.error = error;
	(void)snprintf(msg.text, sizeof(msg.text), "%s: %s", what, lq_err_text(error));
	(void)lq_uplink_send(&worker->uplink, &msg);
	lq_reader_log(worker->settings->name,
		"%s (%s), %s; check the reader's cable and supply, it is opened again by itself",
		what, lq_err_text(error), worker->settings->device);
	worker->failing = true;
	worker->tally.faults++;
}

static void fail_device(struct worker *worker, int error)
{
	tell_fault(worker, error, "the reader failed");
	close_device(worker);
	worker->reopen_at = lq_mono_after_ms(mono_now(), lq_backoff_fail(&worker->reopen));
}

static void open_device(struct worker *worker, struct lq_mono now)
{
	beat(worker, LQ_BEAT_OPEN_MS, now);
	int r = worker->settings->open(worker->settings->device, &worker->reader, worker->chip);
	if (r != LQ_OK) {
		tell_fault(worker, r, "the reader cannot be opened");
		worker->reopen_at = lq_mono_after_ms(mono_now(), lq_backoff_fail(&worker->reopen));
		return;
	}
	worker->open = true;
}

/* A device that opens is not yet one that works. */
static void be_ready(struct worker *worker)
{
	lq_backoff_succeed(&worker->reopen);
	if (worker->ready) {
		return;
	}
	worker->ready = true;
	worker->failing = false;
	lq_reader_log(
		worker->settings->name, "%s is ready, %s", worker->settings->device, worker->chip);
	tell_ready(worker);
}

/* GONE for a tap that began before this connection would name one that loquetd never saw. */
static void end_tap(struct worker *worker, uint32_t tap)
{
	if (tap > worker->taps_before && worker->tap_told) {
		struct lq_reader_msg msg = message(LQ_MSG_GONE);
		msg.tap = tap - worker->taps_before;
		(void)lq_uplink_send(&worker->uplink, &msg);
	}
}

static void begin_tap(struct worker *worker, uint32_t tap, const struct lq_sighting *sighting,
	struct lq_mono began, struct lq_mono seen)
{
	struct lq_reader_msg msg = message(LQ_MSG_PRESENT);
	msg.tap = tap;
	msg.poll_us = began.us;
	msg.seen_us = seen.us;
	msg.cards = sighting->cards;
	msg.uid_len = sighting->uid_len;
	memcpy(msg.uid, sighting->uid, sizeof(msg.uid));
	msg.sak = sighting->sak;
	memcpy(msg.atqa, sighting->atqa, sizeof(msg.atqa));
	msg.malformed = sighting->malformed ? 1 : 0;
	worker->tap = msg;
	worker->tally.cards++;
	tell_tap(worker);
	if (sighting->cards == 1 && !sighting->malformed && (sighting->sak & SAK_ISO_DEP) != 0) {
		worker->hold_until = lq_mono_after_ms(seen, HOLD_MS);
	}
}

static void look(struct worker *worker)
{
	struct lq_sighting sighting;
	struct lq_mono began = mono_now();
	int r = worker->reader.poll(worker->reader.ctx, &sighting);
	struct lq_mono seen = mono_now();
	if (r < 0) {
		fail_device(worker, r);
		return;
	}
	be_ready(worker);
	worker->saw_something = r == 1;
	lq_tally_poll(&worker->tally, lq_mono_elapsed_us(began, seen));
	struct lq_presence_change change =
		lq_presence_look(&worker->presence, r == 1 ? &sighting : NULL, seen);
	if (change.ended != 0) {
		end_tap(worker, change.ended);
	}
	if (change.begun != 0) {
		begin_tap(worker, change.begun, &sighting, began, seen);
	}
}

static bool is_device_error(int r)
{
	return r == LQ_ERR_IO || r == LQ_ERR_CLOSED;
}

static void serve_apdu(struct worker *worker, const struct lq_reader_msg *asked)
{
	struct lq_reader_msg msg = message(LQ_MSG_APDU_ANSWER);
	int r = LQ_ERR_NOT_FOUND;
	msg.tap = asked->tap;
	if (worker->open && worker->presence.tap != 0 &&
		asked->tap == worker->presence.tap - worker->taps_before) {
		uint32_t deadline_ms =
			asked->deadline_ms < APDU_MAX_MS ? asked->deadline_ms : APDU_MAX_MS;
		beat(worker, LQ_BEAT_MAX_MS, mono_now());
		r = worker->reader.transceive(worker->reader.ctx, asked->bytes, asked->byte_count,
			msg.bytes, sizeof(msg.bytes), deadline_ms);
		worker->hold_until = lq_mono_after_ms(mono_now(), r < 0 ? 0 : HOLD_MS);
	}
	msg.byte_count = r < 0 ? 0 : (uint32_t)r;
	msg.error = r < 0 ? r : LQ_OK;
	(void)lq_uplink_send(&worker->uplink, &msg);
	if (is_device_error(r)) {
		fail_device(worker, r);
	}
}

static void serve_door(struct worker *worker)
{
	struct lq_reader_msg msg;
	if (!worker->door_spoke || !lq_uplink_receive(&worker->uplink, &msg)) {
		return;
	}
	if (msg.type == LQ_MSG_APDU) {
		serve_apdu(worker, &msg);
	} else {
		lq_uplink_close(&worker->uplink);
	}
}

static void report(struct worker *worker, struct lq_mono now)
{
	struct lq_reader_msg msg = message(LQ_MSG_STATISTICS);
	msg.statistics = lq_tally_report(&worker->tally);
	(void)lq_uplink_send(&worker->uplink, &msg);
	worker->report_at = lq_mono_after_ms(now, REPORT_MS);
}

static void step(struct worker *worker)
{
	struct lq_mono now = mono_now();
	if (lq_mono_due(worker->beat_at, now)) {
		beat(worker, LQ_BEAT_POLL_MS, now);
	}
	if (lq_uplink_connect(&worker->uplink, now)) {
		greet(worker);
	}
	if (!worker->open && lq_mono_due(worker->reopen_at, now)) {
		open_device(worker, now);
	}
	serve_door(worker);
	if (worker->open && lq_mono_due(worker->hold_until, now)) {
		look(worker);
	}
	if (lq_mono_due(worker->report_at, now)) {
		report(worker, now);
	}
}

static int pause_ms(const struct worker *worker)
{
	struct lq_mono now = mono_now();
	if (!worker->open) {
		return PAUSE_CLOSED_MS;
	}
	if (!lq_mono_due(worker->hold_until, now)) {
		return (int)(lq_mono_elapsed_us(now, worker->hold_until) / 1000u) + 1;
	}
	if (!worker->saw_something) {
		return PAUSE_EMPTY_MS;
	}
	struct lq_mono left_at =
		lq_mono_after_ms((struct lq_mono){worker->tap.seen_us}, LEFT_AFTER_MS);
	return lq_mono_due(left_at, now) ? PAUSE_LEFT_MS : PAUSE_BADGE_MS;
}

/* Rests until the next look, or until there is something to do. True to go on, false to stop. */
static bool rest(struct worker *worker)
{
	struct pollfd fds[] = {
		{.fd = worker->stop_fd, .events = POLLIN},
		{.fd = worker->uplink.fd, .events = POLLIN},
	};
	int r = poll(fds, 2, pause_ms(worker));
	worker->door_spoke = r > 0 && fds[1].revents != 0;
	return r <= 0 || (fds[0].revents & POLLIN) == 0;
}

int lq_worker_run(const struct lq_worker_settings *settings, const struct lq_worker_past *past,
	int beat_fd, int stop_fd)
{
	struct worker worker = {
		.settings = settings,
		.past = past,
		.beat_fd = beat_fd,
		.stop_fd = stop_fd,
		.uplink = lq_uplink_make(settings->runtime_dir, settings->name),
		.reopen = {.first_ms = REOPEN_FIRST_MS, .greatest_ms = REOPEN_GREATEST_MS},
		.report_at = lq_mono_after_ms(mono_now(), REPORT_MS),
	};
	do {
		step(&worker);
	} while (rest(&worker));
	if (worker.open) {
		close_device(&worker);
	}
	lq_uplink_close(&worker.uplink);
	return 0;
}

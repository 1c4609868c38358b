/* Plays the reader for a running loquetd: shows badges of the roster and takes the time from the
 * message to the moment when the relay's file says "1". inotify tells of it, so the time holds one
 * more wake-up than a person at the door waits for. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/wire/reader_wire.h"
#include "firmware/wire/seqpacket.h"
#include "tests/bench/badges.h"
#include "tests/bench/samples.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 30000

struct bench {
	int door_fd;
	int relay_fd;
	int notify_fd;
	uint64_t random;
};

static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_tap: %s\n", what);
	exit(EXIT_FAILURE);
}

static void send_message(struct bench *bench, struct lq_reader_msg *msg)
{
	if (lq_seqpacket_send(bench->door_fd, msg, sizeof(*msg)) != LQ_OK) {
		fail("loquetd hung up");
	}
}

static void greet(struct bench *bench)
{
	struct lq_reader_msg msg = {
		.type = LQ_MSG_HELLO, .version = LQ_READER_WIRE_VERSION, .name = "front-in"};
	send_message(bench, &msg);
	msg.type = LQ_MSG_READY;
	send_message(bench, &msg);
}

static void open_relay(struct bench *bench, const char *path)
{
	bench->relay_fd = open(path, O_RDONLY | O_CLOEXEC);
	bench->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (bench->relay_fd < 0 || bench->notify_fd < 0 ||
		inotify_add_watch(bench->notify_fd, path, IN_MODIFY) < 0) {
		fail("the relay's file cannot be watched");
	}
}

static char relay_level(const struct bench *bench)
{
	char level = '\0';
	if (pread(bench->relay_fd, &level, 1, 0) != 1) {
		fail("the relay's file cannot be read");
	}
	return level;
}

static void wait_for_relay(const struct bench *bench, char level)
{
	char events[1024];
	while (relay_level(bench) != level) {
		struct pollfd waited = {.fd = bench->notify_fd, .events = POLLIN};
		if (poll(&waited, 1, PATIENCE_MS) != 1) {
			fail("the relay did not move");
		}
		while (read(bench->notify_fd, events, sizeof(events)) > 0) {
		}
	}
}

static void rest(struct bench *bench)
{
	struct timespec pause = {
		.tv_nsec = 1000000 + (long)(next_random(&bench->random) % 20000000)};
	(void)nanosleep(&pause, NULL);
}

static uint64_t time_tap(struct bench *bench, uint32_t tap, uint64_t badge)
{
	struct lq_reader_msg msg = {
		.type = LQ_MSG_PRESENT, .tap = tap, .cards = 1, .uid_len = BADGE_UID_SIZE};
	badge_uid(badge, msg.uid);
	uint64_t began = now_ns();
	msg.poll_us = msg.seen_us = began / 1000;
	send_message(bench, &msg);
	wait_for_relay(bench, '1');
	return now_ns() - began;
}

int main(int argc, char **argv)
{
	struct bench bench = {.random = 1};
	if (argc != 5) {
		(void)fputs("usage: bench_tap RUNTIME_DIR RELAY_FILE BADGES TAPS\n", stderr);
		return 2;
	}
	uint64_t badges = strtoull(argv[3], NULL, 10);
	uint32_t taps = (uint32_t)strtoul(argv[4], NULL, 10);
	struct samples samples = samples_make(taps);
	if (lq_seqpacket_connect(argv[1], LQ_READER_SOCKET, &bench.door_fd) != LQ_OK) {
		fail("loquetd does not listen");
	}
	open_relay(&bench, argv[2]);
	greet(&bench);
	for (uint32_t tap = 1; tap <= taps; tap++) {
		wait_for_relay(&bench, '0');
		rest(&bench);
		samples_add(&samples, time_tap(&bench, tap, next_random(&bench.random) % badges));
	}
	samples_print(&samples);
	(void)printf("\n");
	samples_free(&samples);
	return 0;
}

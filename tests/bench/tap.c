/* Plays the reader for a running loquetd: shows badges of the roster and takes the time from the
 * message to the moment when the relay's file says "1". inotify tells of it, so the time holds one
 * more wake-up than a person at the door waits for. The barest program that could do it takes
 * turns. */
#include "firmware/core/err.h"
#include "firmware/wire/reader_wire.h"
#include "firmware/wire/seqpacket.h"
#include "tests/bench/badges.h"
#include "tests/bench/chain.h"
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

/* Whoever answers taps, and the file in which the answer appears. */
struct contender {
	int fd;
	int file_fd;
	int notify_fd;
	struct samples samples;
};

static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_tap: %s\n", what);
	exit(EXIT_FAILURE);
}

static void send_message(const struct contender *contender, const struct lq_reader_msg *msg)
{
	if (lq_seqpacket_send(contender->fd, msg, sizeof(*msg)) != LQ_OK) {
		fail("nobody takes the message");
	}
}

static void greet(const struct contender *door)
{
	struct lq_reader_msg msg = {
		.type = LQ_MSG_HELLO, .version = LQ_READER_WIRE_VERSION, .name = "front-in"};
	send_message(door, &msg);
	msg.type = LQ_MSG_READY;
	send_message(door, &msg);
}

static struct contender make_contender(int fd, const char *path, size_t taps)
{
	struct contender made = {
		.fd = fd,
		.file_fd = open(path, O_RDONLY | O_CLOEXEC),
		.notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
		.samples = samples_make(taps),
	};
	if (made.file_fd < 0 || made.notify_fd < 0 ||
		inotify_add_watch(made.notify_fd, path, IN_MODIFY) < 0) {
		fail("the relay's file cannot be watched");
	}
	return made;
}

static char level_of(const struct contender *contender)
{
	char level = '\0';
	if (pread(contender->file_fd, &level, 1, 0) != 1) {
		fail("the relay's file cannot be read");
	}
	return level;
}

static void wait_for_level(const struct contender *contender, char level)
{
	char events[1024];
	while (level_of(contender) != level) {
		struct pollfd waited = {.fd = contender->notify_fd, .events = POLLIN};
		if (poll(&waited, 1, PATIENCE_MS) != 1) {
			fail("the relay did not move");
		}
		while (read(contender->notify_fd, events, sizeof(events)) > 0) {
		}
	}
}

/* Long enough for the journal to have written what the lock did before: the door is idle. */
static void rest(uint64_t *random)
{
	struct timespec pause = {.tv_nsec = 15000000 + (long)(next_random(random) % 20000000)};
	(void)nanosleep(&pause, NULL);
}

static void time_message(struct contender *contender, struct lq_reader_msg *msg)
{
	uint64_t began = now_ns();
	msg->poll_us = msg->seen_us = began / 1000;
	send_message(contender, msg);
	wait_for_level(contender, '1');
	samples_add(&contender->samples, now_ns() - began);
}

static void time_tap(struct contender *door, uint32_t tap, uint64_t badge)
{
	struct lq_reader_msg msg = {
		.type = LQ_MSG_PRESENT, .tap = tap, .cards = 1, .uid_len = BADGE_UID_SIZE};
	badge_uid(badge, msg.uid);
	time_message(door, &msg);
}

/* The chain writes the first byte of what it gets. */
static void time_bare(struct contender *bare)
{
	struct lq_reader_msg msg = {.type = '0'};
	send_message(bare, &msg);
	wait_for_level(bare, '0');
	msg.type = '1';
	time_message(bare, &msg);
}

int main(int argc, char **argv)
{
	uint64_t random = 1;
	int door_fd = -1;
	if (argc != 6) {
		(void)fputs(
			"usage: bench_tap RUNTIME_DIR RELAY_FILE BARE_FILE BADGES TAPS\n", stderr);
		return 2;
	}
	uint64_t badges = strtoull(argv[4], NULL, 10);
	uint32_t taps = (uint32_t)strtoul(argv[5], NULL, 10);
	int bare_fd = chain_start(argv[3]);
	if (bare_fd < 0 || lq_seqpacket_connect(argv[1], LQ_READER_SOCKET, &door_fd) != LQ_OK) {
		fail("loquetd does not listen");
	}
	struct contender bare = make_contender(bare_fd, argv[3], taps);
	struct contender door = make_contender(door_fd, argv[2], taps);
	greet(&door);
	for (uint32_t tap = 1; tap <= taps; tap++) {
		wait_for_level(&door, '0');
		rest(&random);
		time_tap(&door, tap, next_random(&random) % badges);
		rest(&random);
		time_bare(&bare);
	}
	(void)printf("{\"loquet\":");
	samples_print(&door.samples);
	(void)printf(",\"bare\":");
	samples_print(&bare.samples);
	(void)printf("}\n");
	samples_free(&door.samples);
	samples_free(&bare.samples);
	return 0;
}

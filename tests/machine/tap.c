/* A reader for one tap: says hello, shows a badge, leaves. Days of a travelling clock would be days
 * of polling to a real one.
 *   tap FOLDER READER UID */
#include "firmware/core/err.h"
#include "firmware/wire/reader_wire.h"
#include "firmware/wire/seqpacket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool parse_uid(const char *text, struct lq_reader_msg *tap)
{
	while (text[0] != '\0' && text[1] != '\0' && tap->uid_len < sizeof(tap->uid)) {
		const char digits[] = {text[0], text[1], '\0'};
		char *end = NULL;
		tap->uid[tap->uid_len++] = (uint8_t)strtoul(digits, &end, 16);
		if (*end != '\0') {
			return false;
		}
		text += 2;
	}
	return *text == '\0';
}

int main(int argc, char **argv)
{
	struct lq_reader_msg hello = {.type = LQ_MSG_HELLO, .version = LQ_READER_WIRE_VERSION};
	struct lq_reader_msg ready = {.type = LQ_MSG_READY, .text = "one tap"};
	struct lq_reader_msg tap = {.type = LQ_MSG_PRESENT, .tap = 1, .cards = 1};
	struct timespec now;
	int fd = -1;
	if (argc != 4 || strlen(argv[2]) >= sizeof(hello.name) || !parse_uid(argv[3], &tap)) {
		(void)fputs("usage: tap FOLDER READER UID\n", stderr);
		return 2;
	}
	memcpy(hello.name, argv[2], strlen(argv[2]));
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	tap.poll_us = (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
	tap.seen_us = tap.poll_us;
	return lq_seqpacket_connect(argv[1], LQ_READER_SOCKET, &fd) == LQ_OK &&
			       lq_seqpacket_send(fd, &hello, sizeof(hello)) == LQ_OK &&
			       lq_seqpacket_send(fd, &ready, sizeof(ready)) == LQ_OK &&
			       lq_seqpacket_send(fd, &tap, sizeof(tap)) == LQ_OK
		       ? 0
		       : 1;
}

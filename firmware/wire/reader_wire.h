/* What loquet-reader and loquetd say to each other over <runtime_dir>/reader.sock: a SOCK_SEQPACKET
 * socket on which loquetd listens, one connection for each reader, one message a packet, each of
 * them exactly sizeof(struct lq_reader_msg) bytes in host order (both ends run on one machine).
 * loquetd believes nothing: lq_reader_msg_decode() checks every field. Pure; any thread. */
#ifndef LQ_WIRE_READER_WIRE_H
#define LQ_WIRE_READER_WIRE_H

#include "firmware/core/identifier.h"
#include "firmware/core/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_READER_WIRE_VERSION 1u
#define LQ_READER_SOCKET       "reader.sock"
#define LQ_WIRE_APDU_MAX       262u
#define LQ_WIRE_TEXT_SIZE      96u

enum lq_reader_msg_type {
	LQ_MSG_HELLO = 1, /* reader → door, first: version, name, restarts, text = how the last one
			     ended, bytes = libnfc's version */
	LQ_MSG_READY,     /* reader → door: the device is open; text = chip */
	LQ_MSG_PRESENT,   /* reader → door: a badge came; tap, sighting, poll_us, seen_us */
	LQ_MSG_GONE,      /* reader → door: that badge left; tap */
	LQ_MSG_FAULT, /* reader → door: the device failed and is being reopened; error, text */
	LQ_MSG_STATISTICS,  /* reader → door, every 10 s: statistics; also proves that the reader
			       lives */
	LQ_MSG_APDU,        /* door → reader: tap, deadline_ms, bytes */
	LQ_MSG_APDU_ANSWER, /* reader → door: tap, error (LQ_OK: bytes hold the answer) */
	LQ_MSG_TYPE_END
};

struct lq_reader_statistics {
	uint64_t polls;
	uint64_t cards;
	uint64_t faults;
	uint32_t poll_us_median;
	uint32_t poll_us_max;
};

struct lq_reader_msg {
	uint32_t type; /* enum lq_reader_msg_type */
	uint32_t version;
	uint32_t tap;  /* numbers presentations on this connection, from 1 */
	int32_t error; /* enum lq_err */
	uint32_t restarts;
	uint32_t deadline_ms;
	uint64_t poll_us; /* CLOCK_MONOTONIC, start of the poll that found the badge */
	uint64_t seen_us; /* CLOCK_MONOTONIC, end of that poll */
	uint32_t byte_count;
	uint8_t cards;
	uint8_t uid_len;
	uint8_t uid[LQ_UID_MAX];
	uint8_t sak;
	uint8_t atqa[2];
	uint8_t malformed;
	char name[LQ_NAME_SIZE];
	char text[LQ_WIRE_TEXT_SIZE];
	uint8_t bytes[LQ_WIRE_APDU_MAX];
	struct lq_reader_statistics statistics;
};

/* Copies and checks one packet: exact length, known type, terminated texts, counts within bounds,
 * booleans 0 or 1. LQ_ERR_INVALID otherwise. */
int lq_reader_msg_decode(const void *packet, size_t length, struct lq_reader_msg *ret_msg);

struct lq_sighting lq_reader_msg_sighting(const struct lq_reader_msg *msg);

#endif

/*
 * The whole simulated reader, pure: bytes from the host with the time they were written, bytes to
 * the host with the time they may be read. Joins the paced line, the frame parser, the chip and the
 * faults.
 *
 * Use: lq_pn532_sim_write() what the host wrote; lq_pn532_sim_run() whenever lq_pn532_sim_due() is
 * reached, then lq_pn532_sim_read() until it returns 0.
 */
#ifndef LQ_SIM_PN532_SIM_H
#define LQ_SIM_PN532_SIM_H

#include "hal/sim/pn532/chip.h"
#include "hal/sim/pn532/fault.h"
#include "hal/sim/pn532/frame.h"
#include "hal/sim/pn532/pace.h"

struct lq_pn532_stats {
	uint32_t command[256]; /* by code */
	uint32_t bad_frames;
	uint32_t aborts; /* ACK from the host */
	uint32_t polls;  /* InListPassiveTarget answered, whatever was found */
	uint32_t faults; /* times a fault has bitten */
};

struct lq_pn532_sim {
	struct lq_pace from_host;
	struct lq_pace to_host;
	struct lq_pn532_parser parser;
	struct lq_pn532_chip chip;
	struct lq_pn532_fault fault;
	struct lq_pn532_stats stats;
	size_t last_len; /* the last frame sent, for the host's NACK */
	uint8_t last[LQ_PN532_FAULT_FRAME_MAX];
};

void lq_pn532_sim_init(struct lq_pn532_sim *sim, uint64_t seed);

/* 8N1 at `baud` both ways from now on; 0: bytes take no time. */
void lq_pn532_sim_pace(struct lq_pn532_sim *sim, uint32_t baud);

/* Bytes on their way in either direction are lost; the chip restarts asleep, the cards stay where
 * they are. */
void lq_pn532_sim_power_cycle(struct lq_pn532_sim *sim);

/* Bytes that the host may still write before those on the line have passed. */
size_t lq_pn532_sim_room(const struct lq_pn532_sim *sim);

/* The host wrote `len` bytes; what exceeds the room is lost, as on a line without flow control. */
void lq_pn532_sim_write(
	struct lq_pn532_sim *sim, const uint8_t *bytes, size_t len, uint64_t now_us);

/* Lets everything happen that is due at `now_us`, in order. */
void lq_pn532_sim_run(struct lq_pn532_sim *sim, uint64_t now_us);

/* Takes up to `cap` bytes that have reached the host by `now_us`. */
size_t lq_pn532_sim_read(struct lq_pn532_sim *sim, uint64_t now_us, uint8_t *out, size_t cap);

/* When something happens next, or LQ_PN532_NEVER. */
uint64_t lq_pn532_sim_due(const struct lq_pn532_sim *sim);

#endif

/* A simulator under test with a clock of its own: asks, waits until the answer is there, says when.
 */
#ifndef LQ_TESTS_PN532SIM_BENCH_H
#define LQ_TESTS_PN532SIM_BENCH_H

#include "hal/sim/pn532/sim.h"

struct bench {
	struct lq_pn532_sim sim;
	uint64_t now_us;
	size_t len; /* what the chip sent since the last question, ACK and all */
	uint8_t got[2048];
};

/* Awake, as after the wake-up preamble. */
void bench_init(struct bench *bench, uint32_t baud, bool air);

/* `spec` as in the control protocol: "0 type=desfire uid=04112233445566". */
void bench_present(struct bench *bench, const char *spec);

/* Writes the frame of `data` (hex, from the TFI on) and forgets what was sent before. */
void bench_ask(struct bench *bench, const char *data);

/* The same for data that is not hex. */
void bench_frame(struct bench *bench, const uint8_t *data, size_t len);

void bench_write(struct bench *bench, const uint8_t *bytes, size_t len);

/* Lets time pass up to `until_us` (or until nothing is due), collecting what the chip sends. */
void bench_run(struct bench *bench, uint64_t until_us);

/* ask and run to the end; returns the microseconds from the first byte to the last. */
uint64_t bench_talk(struct bench *bench, const char *data);

/* What was got is an ACK and the frame of `data` (hex, from the TFI on). */
void bench_expect(const struct bench *bench, const char *data);

void bench_expect_raw(const struct bench *bench, const char *bytes);

#endif

/*
 * One direction of a serial line: a bounded queue whose bytes fall due as the baud rate lets them
 * pass (8N1: ten bits a byte). Pure; times are microseconds of whatever monotonic clock the caller
 * uses.
 */
#ifndef LQ_SIM_PN532_PACE_H
#define LQ_SIM_PN532_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_PACE_CAP   1024u
#define LQ_PACE_NEVER UINT64_MAX

struct lq_pace {
	uint32_t baud; /* 0: bytes pass at once */
	size_t head;
	size_t count;
	uint64_t free_us; /* the line is busy until then */
	uint8_t byte[LQ_PACE_CAP];
	uint64_t due_us[LQ_PACE_CAP];
};

/* Returns how many bytes were taken: the rest did not fit. */
size_t lq_pace_push(struct lq_pace *line, const uint8_t *bytes, size_t len, uint64_t at_us);

/* Takes the next byte if it is due at `now_us`; `ret_due_us` is when it passed. */
bool lq_pace_pop(struct lq_pace *line, uint64_t now_us, uint8_t *ret_byte, uint64_t *ret_due_us);

/* When the next byte is due, or LQ_PACE_NEVER. */
uint64_t lq_pace_due(const struct lq_pace *line);

void lq_pace_clear(struct lq_pace *line);

#endif

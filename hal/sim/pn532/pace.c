#include "hal/sim/pn532/pace.h"

#define BITS_PER_BYTE_US 10000000u

static uint64_t line_time_us(uint32_t baud, size_t bytes)
{
	return baud == 0 ? 0 : (uint64_t)bytes * BITS_PER_BYTE_US / baud;
}

size_t lq_pace_push(struct lq_pace *line, const uint8_t *bytes, size_t len, uint64_t at_us)
{
	uint64_t start = at_us > line->free_us ? at_us : line->free_us;
	size_t room = LQ_PACE_CAP - line->count;
	size_t taken = len < room ? len : room;

	for (size_t i = 0; i < taken; i++) {
		size_t at = (line->head + line->count) % LQ_PACE_CAP;

		line->byte[at] = bytes[i];
		line->due_us[at] = start + line_time_us(line->baud, i + 1);
		line->count++;
	}
	if (taken > 0) {
		line->free_us = start + line_time_us(line->baud, taken);
	}
	return taken;
}

bool lq_pace_pop(struct lq_pace *line, uint64_t now_us, uint8_t *ret_byte, uint64_t *ret_due_us)
{
	if (line->count == 0 || line->due_us[line->head] > now_us) {
		return false;
	}
	*ret_byte = line->byte[line->head];
	*ret_due_us = line->due_us[line->head];
	line->head = (line->head + 1) % LQ_PACE_CAP;
	line->count--;
	return true;
}

uint64_t lq_pace_due(const struct lq_pace *line)
{
	return line->count == 0 ? LQ_PACE_NEVER : line->due_us[line->head];
}

void lq_pace_clear(struct lq_pace *line)
{
	line->head = 0;
	line->count = 0;
	line->free_us = 0;
}

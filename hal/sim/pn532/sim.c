#include "hal/sim/pn532/sim.h"

#include <string.h>

#define WAKE_UP 0x55u

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void lq_pn532_sim_init(struct lq_pn532_sim *sim, uint64_t seed)
{
	memset(sim, 0, sizeof(*sim));
	lq_pn532_parser_init(&sim->parser);
	lq_pn532_chip_init(&sim->chip, seed);
}

void lq_pn532_sim_pace(struct lq_pn532_sim *sim, uint32_t baud)
{
	sim->from_host.baud = baud;
	sim->to_host.baud = baud;
}

void lq_pn532_sim_power_cycle(struct lq_pn532_sim *sim)
{
	lq_pace_clear(&sim->from_host);
	lq_pace_clear(&sim->to_host);
	lq_pn532_parser_init(&sim->parser);
	lq_pn532_chip_power_cycle(&sim->chip);
	sim->last_len = 0;
}

size_t lq_pn532_sim_room(const struct lq_pn532_sim *sim)
{
	return LQ_PACE_CAP - sim->from_host.count;
}

void lq_pn532_sim_write(struct lq_pn532_sim *sim, const uint8_t *bytes, size_t len, uint64_t now_us)
{
	(void)lq_pace_push(&sim->from_host, bytes, len, now_us);
}

static void transmit(struct lq_pn532_sim *sim, const uint8_t *bytes, size_t len, uint64_t at_us)
{
	(void)lq_pace_push(&sim->to_host, bytes, len, at_us);
}

static void bite(struct lq_pn532_sim *sim)
{
	sim->stats.faults++;
	if (sim->fault.once) {
		sim->fault.kind = LQ_PN532_FAULT_NONE;
	}
}

/* Faults that leave the command without an answer. */
static bool swallowed(struct lq_pn532_sim *sim, enum lq_pn532_fault_kind kind, uint64_t at_us)
{
	if (kind == LQ_PN532_FAULT_NACK) {
		transmit(sim, lq_pn532_nack, LQ_PN532_CONTROL_LEN, at_us);
	} else if (kind == LQ_PN532_FAULT_HANG_AFTER_ACK) {
		transmit(sim, lq_pn532_ack, LQ_PN532_CONTROL_LEN, at_us);
	} else if (kind != LQ_PN532_FAULT_HANG) {
		return false;
	}
	lq_pn532_chip_abort(&sim->chip);
	bite(sim);
	return true;
}

static void on_command(struct lq_pn532_sim *sim, uint64_t at_us)
{
	const struct lq_pn532_parser *frame = &sim->parser;
	uint8_t code = frame->len >= 2 ? frame->data[1] : 0;
	bool hit = lq_pn532_fault_hits(&sim->fault, code);
	uint64_t start_us = at_us;

	sim->stats.command[code]++;
	if (hit && swallowed(sim, sim->fault.kind, at_us)) {
		return;
	}
	if (!hit || sim->fault.kind != LQ_PN532_FAULT_NO_ACK) {
		transmit(sim, lq_pn532_ack, LQ_PN532_CONTROL_LEN, at_us);
		start_us = sim->to_host.free_us;
	}
	lq_pn532_chip_command(&sim->chip, frame->data, frame->len, start_us);
}

static void on_answer(struct lq_pn532_sim *sim, uint64_t at_us)
{
	struct lq_pn532_answer *answer = &sim->chip.answer;
	bool hit = lq_pn532_fault_hits(&sim->fault, sim->chip.code);

	if (hit) {
		lq_pn532_fault_content(&sim->fault, answer);
	}
	if (answer->syntax_error) {
		memcpy(sim->last, lq_pn532_error, LQ_PN532_ERROR_LEN);
		sim->last_len = LQ_PN532_ERROR_LEN;
	} else {
		sim->last_len = lq_pn532_frame_write(
			sim->last, sizeof(sim->last), answer->data, answer->len);
	}
	if (hit) {
		sim->last_len = lq_pn532_fault_frame(
			&sim->fault, sim->last, sim->last_len, &sim->chip.random);
		if (sim->fault.kind == LQ_PN532_FAULT_SLOW) {
			at_us += (uint64_t)sim->fault.number * 1000u;
		}
		bite(sim);
	}
	if (sim->chip.code == LQ_PN532_CODE_IN_LIST_PASSIVE_TARGET) {
		sim->stats.polls++;
	}
	transmit(sim, sim->last, sim->last_len, at_us);
}

static void on_byte(struct lq_pn532_sim *sim, uint8_t byte, uint64_t at_us)
{
	if (sim->chip.asleep) {
		if (byte == WAKE_UP) {
			lq_pn532_parser_init(&sim->parser);
			lq_pn532_chip_wake(&sim->chip);
		}
		return;
	}
	switch (lq_pn532_parser_feed(&sim->parser, byte)) {
	case LQ_PN532_EVENT_DATA:
		on_command(sim, at_us);
		break;
	case LQ_PN532_EVENT_ACK:
		sim->stats.aborts++;
		lq_pn532_chip_abort(&sim->chip);
		break;
	case LQ_PN532_EVENT_NACK:
		transmit(sim, sim->last, sim->last_len, at_us);
		break;
	case LQ_PN532_EVENT_BAD:
	case LQ_PN532_EVENT_ERROR:
		sim->stats.bad_frames++;
		break;
	case LQ_PN532_EVENT_NONE:
		break;
	}
}

void lq_pn532_sim_run(struct lq_pn532_sim *sim, uint64_t now_us)
{
	for (;;) {
		uint64_t byte_us = lq_pace_due(&sim->from_host);
		uint64_t chip_us = lq_pn532_chip_due(&sim->chip);
		uint64_t at_us = 0;
		uint8_t byte = 0;

		if (earlier(byte_us, chip_us) > now_us) {
			return;
		}
		if (chip_us <= byte_us) {
			if (lq_pn532_chip_advance(&sim->chip)) {
				on_answer(sim, chip_us);
			}
		} else if (lq_pace_pop(&sim->from_host, now_us, &byte, &at_us)) {
			on_byte(sim, byte, at_us);
		}
	}
}

size_t lq_pn532_sim_read(struct lq_pn532_sim *sim, uint64_t now_us, uint8_t *out, size_t cap)
{
	uint64_t due_us = 0;
	size_t len = 0;

	while (len < cap && lq_pace_pop(&sim->to_host, now_us, &out[len], &due_us)) {
		len++;
	}
	return len;
}

uint64_t lq_pn532_sim_due(const struct lq_pn532_sim *sim)
{
	uint64_t line_us = earlier(lq_pace_due(&sim->from_host), lq_pace_due(&sim->to_host));

	return earlier(line_us, lq_pn532_chip_due(&sim->chip));
}

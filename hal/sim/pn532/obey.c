#include "hal/sim/pn532/obey.h"

#include "firmware/core/err.h"

#include <inttypes.h>
#include <stdio.h>

struct line {
	char *text;
	size_t len;
};

/* Moves on by what snprintf said it needed, as far as there is room. */
static void advance(struct line *line, int n)
{
	size_t room = LQ_OBEY_ANSWER_MAX - line->len;

	if (n > 0) {
		line->len += (size_t)n < room ? (size_t)n : room - 1;
	}
}

#define ADD(line, ...)                                                                             \
	advance((line), snprintf((line)->text + (line)->len, LQ_OBEY_ANSWER_MAX - (line)->len,     \
				__VA_ARGS__))

static void present(
	struct lq_obey *obey, const struct lq_pn532_order *order, uint64_t now_us, struct line *out)
{
	struct lq_pn532_chip *chip = &obey->sim->chip;
	struct lq_sim_card card;
	const char *why = NULL;

	if (chip->slot[order->slot].present) {
		ADD(out, "error slot %u has a card", order->slot);
		return;
	}
	why = lq_sim_card_init(&card, &order->card, &chip->random);
	if (why != NULL) {
		ADD(out, "error %s", why);
		return;
	}
	lq_pn532_chip_present(chip, order->slot, &card);
	ADD(out, "ok at_us=%" PRIu64 " uid=", now_us);
	for (size_t i = 0; i < card.uid_len; i++) {
		ADD(out, "%02x", card.uid[i]);
	}
}

static void remove_cards(
	struct lq_obey *obey, const struct lq_pn532_order *order, uint64_t now_us, struct line *out)
{
	struct lq_pn532_chip *chip = &obey->sim->chip;

	if (!order->all && !chip->slot[order->slot].present) {
		ADD(out, "error slot %u has no card", order->slot);
		return;
	}
	for (uint8_t i = 0; i < LQ_PN532_SLOTS; i++) {
		if (chip->slot[i].present && (order->all || i == order->slot)) {
			lq_pn532_chip_remove(chip, i, now_us);
		}
	}
	ADD(out, "ok at_us=%" PRIu64, now_us);
}

static void list_faults(struct line *out)
{
	ADD(out, "ok");
	for (size_t i = 0; i < LQ_PN532_FAULT_COUNT; i++) {
		ADD(out, " %s%s", lq_pn532_fault_table[i].name,
			lq_pn532_fault_table[i].greatest > 0 ? "=N" : "");
	}
}

static void plug(struct lq_obey *obey, struct line *out)
{
	int err = LQ_OK;

	if (obey->port->fd >= 0) {
		ADD(out, "error it is plugged in");
		return;
	}
	err = lq_port_plug(obey->port);
	if (err != LQ_OK) {
		ADD(out, "error %s", lq_err_text(err));
		return;
	}
	ADD(out, "ok %s", obey->port->name);
}

static void unplug(struct lq_obey *obey, struct line *out)
{
	if (obey->port->fd < 0) {
		ADD(out, "error it is unplugged");
		return;
	}
	lq_port_unplug(obey->port);
	lq_pn532_sim_power_cycle(obey->sim);
	ADD(out, "ok");
}

static void stats(const struct lq_obey *obey, uint64_t now_us, struct line *out)
{
	const struct lq_pn532_stats *s = &obey->sim->stats;
	const struct lq_pn532_chip *chip = &obey->sim->chip;
	unsigned cards = 0;

	for (size_t i = 0; i < LQ_PN532_SLOTS; i++) {
		cards += chip->slot[i].present ? 1 : 0;
	}
	ADD(out, "ok uptime_ms=%" PRIu64, (now_us - obey->started_us) / 1000);
	ADD(out, " polls=%" PRIu32 " exchanges=%" PRIu32, s->polls, chip->exchanges);
	ADD(out, " bad_frames=%" PRIu32 " aborts=%" PRIu32, s->bad_frames, s->aborts);
	ADD(out, " faults=%" PRIu32 " cards=%u", s->faults, cards);
	for (size_t i = 0; i < sizeof(s->command) / sizeof(s->command[0]); i++) {
		if (s->command[i] > 0) {
			ADD(out, " cmd_%02zx=%" PRIu32, i, s->command[i]);
		}
	}
}

void lq_obey(struct lq_obey *obey, const struct lq_pn532_order *order, uint64_t now_us,
	char ret_answer[LQ_OBEY_ANSWER_MAX])
{
	struct line out = {.text = ret_answer, .len = 0};

	ret_answer[0] = '\0';
	switch (order->verb) {
	case LQ_PN532_PRESENT:
		present(obey, order, now_us, &out);
		return;
	case LQ_PN532_REMOVE:
		remove_cards(obey, order, now_us, &out);
		return;
	case LQ_PN532_FAULT_LIST:
		list_faults(&out);
		return;
	case LQ_PN532_UNPLUG:
		unplug(obey, &out);
		return;
	case LQ_PN532_PLUG:
		plug(obey, &out);
		return;
	case LQ_PN532_STATS:
		stats(obey, now_us, &out);
		return;
	case LQ_PN532_TEAR:
		lq_pn532_chip_tear(&obey->sim->chip, order->tear, order->number);
		break;
	case LQ_PN532_FAULT:
		obey->sim->fault = order->fault;
		break;
	case LQ_PN532_PACE:
		lq_pn532_sim_pace(obey->sim, order->number);
		break;
	case LQ_PN532_AIR:
		obey->sim->chip.air = order->on;
		break;
	case LQ_PN532_QUIT:
		obey->quit = true;
		break;
	case LQ_PN532_WAIT_POLL:
		break;
	}
	ADD(&out, "ok");
}

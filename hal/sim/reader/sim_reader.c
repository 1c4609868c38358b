#include "hal/sim/reader/sim_reader.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <stdlib.h>
#include <string.h>

struct lq_sim_reader {
	bool plugged;
	bool open;
	bool failed;
	uint32_t delay_ms;
	uint32_t random;
	bool there[LQ_SIM_READER_SLOTS];
	struct lq_sim_badge badges[LQ_SIM_READER_SLOTS];
	bool known;
	size_t known_slot;
	uint32_t presented[LQ_SIM_READER_SLOTS]; /* counts presentations, to tell them apart */
	uint32_t known_presented;
};

static uint8_t next_random(struct lq_sim_reader *sim)
{
	sim->random = sim->random * 1664525u + 1013904223u;
	return (uint8_t)(sim->random >> 24);
}

static struct lq_sighting describe(struct lq_sim_reader *sim, const struct lq_sim_badge *badge)
{
	struct lq_sighting sighting = {.malformed = badge->malformed};
	if (badge->malformed) {
		return sighting;
	}
	sighting.sak = badge->sak;
	memcpy(sighting.atqa, badge->atqa, sizeof(sighting.atqa));
	sighting.uid_len = badge->random ? 4 : badge->uid_len;
	memcpy(sighting.uid, badge->uid, badge->uid_len);
	if (badge->random) {
		sighting.uid[0] = 0x08;
		for (size_t i = 1; i < 4; i++) {
			sighting.uid[i] = next_random(sim);
		}
	}
	return sighting;
}

static int reader_poll(void *ctx, struct lq_sighting *ret_sighting)
{
	struct lq_sim_reader *sim = ctx;
	struct lq_sighting sighting = {0};
	uint8_t cards = 0;
	size_t slot = 0;
	if (sim->failed) {
		return LQ_ERR_IO;
	}
	for (size_t i = 0; i < LQ_SIM_READER_SLOTS; i++) {
		if (sim->there[i] && ++cards == 1) {
			sighting = describe(sim, &sim->badges[i]);
			slot = i;
		}
	}
	if (cards == 0) {
		return 0;
	}
	if (cards == 1 && !sighting.malformed) {
		sim->known = true;
		sim->known_slot = slot;
		sim->known_presented = sim->presented[slot];
	}
	sighting.cards = cards;
	*ret_sighting = sighting;
	return 1;
}

static int reader_transceive(void *ctx, const uint8_t *command, size_t length, uint8_t *ret_answer,
	size_t capacity, uint32_t deadline_ms)
{
	struct lq_sim_reader *sim = ctx;
	uint8_t answer[LQ_APDU_MAX];
	if (length == 0 || length > LQ_APDU_MAX || !sim->known) {
		return LQ_ERR_INVALID;
	}
	if (sim->failed) {
		return LQ_ERR_IO;
	}
	const struct lq_sim_badge *badge = &sim->badges[sim->known_slot];
	if (!sim->there[sim->known_slot] || badge->answer == NULL ||
		sim->presented[sim->known_slot] != sim->known_presented) {
		return LQ_ERR_NOT_FOUND;
	}
	int count = badge->answer(badge->ctx, command, length, answer, sizeof(answer));
	if (sim->delay_ms > deadline_ms) {
		return LQ_ERR_TIMEOUT;
	}
	if (count < 0) {
		return LQ_ERR_NOT_FOUND;
	}
	if ((size_t)count > capacity) {
		return LQ_ERR_FULL;
	}
	if (count > 0) {
		memcpy(ret_answer, answer, (size_t)count);
	}
	return count;
}

static void reader_close(void *ctx)
{
	struct lq_sim_reader *sim = ctx;
	sim->open = false;
	sim->failed = false;
	sim->known = false;
}

int lq_sim_reader_new(struct lq_sim_reader **ret_sim)
{
	struct lq_sim_reader *sim = calloc(1, sizeof(*sim));
	if (sim == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	sim->plugged = true;
	*ret_sim = sim;
	return LQ_OK;
}

void lq_sim_reader_free(struct lq_sim_reader *sim)
{
	LQ_ASSERT(sim == NULL || !sim->open);
	free(sim);
}

int lq_sim_reader_open(struct lq_sim_reader *sim, struct lq_reader *ret_reader)
{
	if (!sim->plugged) {
		return LQ_ERR_IO;
	}
	if (sim->open) {
		return LQ_ERR_BUSY;
	}
	sim->open = true;
	*ret_reader = (struct lq_reader){
		.ctx = sim,
		.poll = reader_poll,
		.transceive = reader_transceive,
		.close = reader_close,
	};
	return LQ_OK;
}

void lq_sim_reader_present(struct lq_sim_reader *sim, size_t slot, const struct lq_sim_badge *badge)
{
	LQ_ASSERT(slot < LQ_SIM_READER_SLOTS);
	LQ_ASSERT(badge->uid_len <= LQ_UID_MAX);
	sim->badges[slot] = *badge;
	sim->there[slot] = true;
	sim->presented[slot]++;
}

void lq_sim_reader_remove(struct lq_sim_reader *sim, size_t slot)
{
	LQ_ASSERT(slot < LQ_SIM_READER_SLOTS);
	sim->there[slot] = false;
}

void lq_sim_reader_delay(struct lq_sim_reader *sim, uint32_t ms)
{
	sim->delay_ms = ms;
}

void lq_sim_reader_unplug(struct lq_sim_reader *sim)
{
	sim->plugged = false;
	sim->failed = sim->open;
}

void lq_sim_reader_plug(struct lq_sim_reader *sim)
{
	sim->plugged = true;
}

#include "firmware/core/err.h"
#include "hal/sim/reader/sim_reader.h"
#include "tests/contract/reader/world.h"
#include "tests/lib/cmocka.h"

#include <string.h>

#define SAK_ISO_DEP 0x20u

static struct lq_sim_reader *sim;
static bool garbled;

static int sim_open(struct lq_reader *ret_reader)
{
	return lq_sim_reader_open(sim, ret_reader);
}

static int answer(
	void *ctx, const uint8_t *apdu, size_t length, uint8_t *ret_answer, size_t capacity)
{
	static const uint8_t no[] = {0x91, 0x7E};
	(void)ctx;
	assert_true(capacity >= sizeof(no));
	bool hello = length == sizeof(world_hello) && memcmp(apdu, world_hello, length) == 0;
	memcpy(ret_answer, hello ? world_welcome : no, sizeof(no));
	return sizeof(no);
}

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void sim_present(size_t slot, const struct world_card *card)
{
	struct lq_sim_badge badge = {
		.sak = card->sak,
		.atqa = {card->atqa[0], card->atqa[1]},
		.random = card->uid == NULL,
		.malformed = garbled,
		.answer = (card->sak & SAK_ISO_DEP) != 0 ? answer : NULL,
	};
	for (const char *at = card->uid; at != NULL && *at != '\0'; at += 2) {
		badge.uid[badge.uid_len++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
	}
	lq_sim_reader_present(sim, slot, &badge);
}

static void sim_remove(size_t slot)
{
	lq_sim_reader_remove(sim, slot);
}

static void sim_clear(void)
{
	for (size_t slot = 0; slot < LQ_SIM_READER_SLOTS; slot++) {
		lq_sim_reader_remove(sim, slot);
	}
}

static void sim_garble(bool on)
{
	garbled = on;
}

static void sim_delay(unsigned int ms)
{
	lq_sim_reader_delay(sim, ms);
}

static void sim_plug(bool in)
{
	if (in) {
		lq_sim_reader_plug(sim);
	} else {
		lq_sim_reader_unplug(sim);
	}
}

static void sim_end(void)
{
	lq_sim_reader_free(sim);
}

struct world sim_world(void)
{
	assert_int_equal(lq_sim_reader_new(&sim), LQ_OK);
	return (struct world){
		.name = "reader contract: twin",
		.open = sim_open,
		.present = sim_present,
		.remove = sim_remove,
		.clear = sim_clear,
		.garble = sim_garble,
		.delay = sim_delay,
		.plug = sim_plug,
		.end = sim_end,
	};
}

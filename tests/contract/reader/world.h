/* The air in front of a reader: one world for each adapter, so that one suite runs over both. */
#ifndef LQ_TESTS_READER_WORLD_H
#define LQ_TESTS_READER_WORLD_H

#include "hal/reader.h"

#include <stdbool.h>

/* Speaks APDUs when its SAK says so (bit 5): answers WORLD_HELLO with WORLD_WELCOME and everything
 * else with two bytes. */
struct world_card {
	const char *uid; /* hexadecimal; NULL: a phone, with a random one */
	uint8_t sak;
	uint8_t atqa[2];
};

/* A DESFire's SelectApplication of the card itself, wrapped. */
extern const uint8_t world_hello[9];
extern const uint8_t world_welcome[2];

struct world {
	const char *name;
	int (*open)(struct lq_reader *ret_reader);
	void (*present)(size_t slot, const struct world_card *card); /* slot 0 or 1 */
	void (*remove)(size_t slot);
	void (*clear)(void);            /* both slots */
	void (*garble)(bool on);        /* what badges answer to a search does not add up */
	void (*delay)(unsigned int ms); /* of each APDU */
	void (*plug)(bool in);
	void (*end)(void); /* ends what belongs to the world; the reader is closed */
};

struct world sim_world(void);
struct world libnfc_world(const char *simulator);

#endif

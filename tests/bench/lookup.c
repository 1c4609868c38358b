/* How long a badge takes from its UID to the decision, in a small roster and in a large one, in
 * turns. One half of the badges is known. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/roster.h"
#include "tests/bench/badges.h"
#include "tests/bench/samples.h"

#include <stdio.h>
#include <stdlib.h>

static const struct lq_keys keys = {.uid_secret = {1, 2, 3, 4, 5, 6, 7, 8}};
static const struct lq_profile always = {
	.policy_count = 1, .policies = {{LQ_ANY_ACCESS_POINT, LQ_SCHEDULE_ALWAYS}}};
static const struct lq_rules rules = {.profiles = &always, .profile_count = 1, .uid_badges = true};

struct contender {
	uint32_t size;
	struct lq_roster *roster;
	struct samples samples;
};

static struct contender make_contender(uint32_t size, size_t lookups)
{
	struct contender made = {.size = size, .samples = samples_make(lookups)};
	int r = lq_roster_new(&made.roster);
	LQ_ASSERT(r == LQ_OK && lq_roster_reserve(made.roster, size) == LQ_OK);
	for (uint32_t i = 0; i < size; i++) {
		struct lq_credential credential = {
			.id = i + 1,
			.holder = i + 1,
			.valid_to_s = LQ_VALID_FOREVER,
			.holder_enabled = true,
		};
		uint8_t uid[BADGE_UID_SIZE];
		badge_uid(i, uid);
		r = lq_uid_key(&keys, uid, sizeof(uid), credential.key);
		LQ_ASSERT(r == LQ_OK && lq_roster_put(made.roster, &credential) == LQ_OK);
	}
	return made;
}

static enum lq_reason decide(const struct lq_roster *roster, const struct lq_sighting *sighting)
{
	const struct lq_wall now = {.unix_ms = 1767225600000, .trust = LQ_TRUST_RTC};
	uint8_t key[16];
	int r = lq_uid_key(&keys, sighting->uid, sighting->uid_len, key);
	LQ_ASSERT(r == LQ_OK);
	return lq_decide(sighting, 0, lq_roster_find(roster, key), &rules, now).reason;
}

static void look_up(struct contender *contender, uint64_t *random)
{
	/* The unknown half begins where the known one ends. */
	uint64_t number = next_random(random) % (2 * (uint64_t)contender->size);
	struct lq_sighting sighting = {.cards = 1, .uid_len = BADGE_UID_SIZE};
	badge_uid(number, sighting.uid);
	uint64_t began = now_ns();
	enum lq_reason reason = decide(contender->roster, &sighting);
	samples_add(&contender->samples, now_ns() - began);
	LQ_ASSERT((reason == LQ_REASON_GRANTED) == (number < contender->size));
}

static void print_round(struct contender *small, struct contender *large, bool first)
{
	(void)printf("%s{\"small\":", first ? "" : ",");
	samples_print(&small->samples);
	(void)printf(",\"large\":");
	samples_print(&large->samples);
	(void)printf("}");
	small->samples.count = large->samples.count = 0;
}

int main(int argc, char **argv)
{
	uint64_t random = 1;
	if (argc != 5) {
		(void)fputs("usage: bench_lookup ROUNDS LOOKUPS SMALL LARGE\n", stderr);
		return 2;
	}
	size_t rounds = strtoul(argv[1], NULL, 10);
	size_t lookups = strtoul(argv[2], NULL, 10);
	struct contender small = make_contender((uint32_t)strtoul(argv[3], NULL, 10), lookups);
	struct contender large = make_contender((uint32_t)strtoul(argv[4], NULL, 10), lookups);
	(void)printf("[");
	for (size_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < lookups; i++) {
			look_up(&small, &random);
			look_up(&large, &random);
		}
		print_round(&small, &large, round == 0);
	}
	(void)printf("]\n");
	lq_roster_free(small.roster);
	lq_roster_free(large.roster);
	samples_free(&small.samples);
	samples_free(&large.samples);
	return 0;
}

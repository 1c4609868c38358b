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

int main(int argc, char **argv)
{
	uint64_t random = 1;
	if (argc != 4) {
		(void)fputs("usage: bench_lookup LOOKUPS SMALL LARGE\n", stderr);
		return 2;
	}
	size_t lookups = strtoul(argv[1], NULL, 10);
	struct contender contenders[2];
	for (int i = 0; i < 2; i++) {
		contenders[i] = make_contender((uint32_t)strtoul(argv[2 + i], NULL, 10), lookups);
	}
	for (size_t i = 0; i < 2 * lookups; i++) {
		look_up(&contenders[i % 2], &random);
	}
	(void)printf("{\"small\":");
	samples_print(&contenders[0].samples);
	(void)printf(",\"large\":");
	samples_print(&contenders[1].samples);
	(void)printf("}\n");
	for (int i = 0; i < 2; i++) {
		lq_roster_free(contenders[i].roster);
		samples_free(&contenders[i].samples);
	}
	return 0;
}

/* The decision over every combination of what it weighs, against the order of
 * firmware/core/decide.h written down a second time, as a list of conditions. */
#include "firmware/core/decide.h"
#include "firmware/core/site.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

#define NOW_S        UINT32_C(1767605400) /* Monday 2026-01-05 09:30 UTC */
#define ACCESS_POINT 3
#define OTHER_POINT  4

/* The schedules: one that holds now, one that does not. */
static const struct lq_schedule schedules[] = {
	{.count = 1, .periods = {{.from = 9 * 60, .to = 10 * 60}}},
	{.count = 1, .periods = {{.from = 10 * 60, .to = 9 * 60 + 30}}},
};
enum { HOLDS, DOES_NOT_HOLD, NO_SUCH_SCHEDULE };

static const struct lq_policy policies[] = {
	{.access_point = ACCESS_POINT, .schedule = LQ_SCHEDULE_ALWAYS},
	{.access_point = ACCESS_POINT, .schedule = HOLDS},
	{.access_point = ACCESS_POINT, .schedule = DOES_NOT_HOLD},
	{.access_point = ACCESS_POINT, .schedule = NO_SUCH_SCHEDULE},
	{.access_point = OTHER_POINT, .schedule = LQ_SCHEDULE_ALWAYS},
	{.access_point = LQ_ANY_ACCESS_POINT, .schedule = LQ_SCHEDULE_ALWAYS},
	{.access_point = LQ_ANY_ACCESS_POINT, .schedule = HOLDS},
	{.access_point = LQ_ANY_ACCESS_POINT, .schedule = DOES_NOT_HOLD},
};
#define POLICIES (sizeof(policies) / sizeof(policies[0]))
#define PROFILES (1 + POLICIES + POLICIES * POLICIES)

/* No policy, each alone, each pair; and behind the last a trap, which would open everything. */
static struct lq_profile profiles[PROFILES + 1];

static const uint32_t from_choices[] = {0, NOW_S - 1, NOW_S, NOW_S + 1};
static const uint32_t to_choices[] = {LQ_VALID_FOREVER, NOW_S - 1, NOW_S, NOW_S + 1};

static const struct lq_sighting sightings[] = {
	{.cards = 1, .uid_len = 7, .uid = {4, 1, 2, 3, 4, 5, 6}},
	{.cards = 2, .uid_len = 7, .uid = {4, 1, 2, 3, 4, 5, 6}},
	{.cards = 0},
	{.cards = 1, .uid_len = 4},
	{.cards = 1, .uid_len = 4, .uid = {8, 1, 2, 3}},
	{.cards = 1, .uid_len = 5, .uid = {4, 1, 2, 3, 4}},
	{.cards = 1, .uid_len = 7, .uid = {4, 1, 2, 3, 4, 5, 6}, .malformed = true},
	{.cards = 1, .uid_len = 7, .uid = {4, 1, 2, 3, 4, 5, 6}, .age_ms = 6000},
};
static const enum lq_reason sighting_reasons[] = {LQ_REASON_GRANTED, LQ_REASON_SEVERAL_CARDS,
	LQ_REASON_BAD_IDENTIFIER, LQ_REASON_EMPTY_IDENTIFIER, LQ_REASON_RANDOM_IDENTIFIER,
	LQ_REASON_BAD_IDENTIFIER, LQ_REASON_BAD_IDENTIFIER, LQ_REASON_TOO_LATE};
#define SIGHTINGS (sizeof(sightings) / sizeof(sightings[0]))

struct question {
	size_t sighting;
	bool uid_badges;
	bool known;
	struct lq_credential credential;
	enum lq_trust trust;
	enum lq_trust trust_min;
};

static size_t how_many(const struct lq_profile *profile, uint16_t schedule)
{
	size_t count = 0;
	for (size_t i = 0; i < profile->policy_count; i++) {
		const struct lq_policy *policy = &profile->policies[i];
		if (policy->access_point != OTHER_POINT && policy->schedule == schedule) {
			count++;
		}
	}
	return count;
}

static enum lq_reason expected(const struct question *question)
{
	static const struct lq_profile none = {0};
	const struct lq_credential *credential = &question->credential;
	const struct lq_profile *profile =
		credential->profile < PROFILES ? &profiles[credential->profile] : &none;
	bool trusted = question->trust >= question->trust_min;
	bool spanned = credential->valid_from_s != 0 ||
		       credential->valid_to_s != LQ_VALID_FOREVER || credential->valid_for_h != 0;
	bool back = credential->state == LQ_CREDENTIAL_SUSPENDED && trusted &&
		    credential->suspended_until_s != 0 && credential->suspended_until_s <= NOW_S;
	bool holds = how_many(profile, HOLDS) > 0;
	bool timed = holds || how_many(profile, DOES_NOT_HOLD) > 0;
	bool always = how_many(profile, LQ_SCHEDULE_ALWAYS) > 0 || (credential->any_time && timed);
	const struct {
		bool objection;
		enum lq_reason reason;
	} list[] = {
		{question->sighting != 0, sighting_reasons[question->sighting]},
		{!question->uid_badges, LQ_REASON_METHOD_NOT_ALLOWED},
		{!question->known, LQ_REASON_CREDENTIAL_NOT_FOUND},
		{credential->state != LQ_CREDENTIAL_ENABLED && !back,
			LQ_REASON_CREDENTIAL_NOT_ENABLED},
		{!credential->holder_enabled, LQ_REASON_HOLDER_DISABLED},
		{spanned && !trusted, LQ_REASON_CLOCK_NOT_TRUSTED},
		{credential->valid_from_s > NOW_S, LQ_REASON_CREDENTIAL_NOT_ACTIVE},
		{credential->valid_to_s <= NOW_S, LQ_REASON_CREDENTIAL_EXPIRED},
		{credential->counted && credential->uses_left == 0, LQ_REASON_NO_USES_LEFT},
		{!always && !timed, LQ_REASON_UNAUTHORIZED},
		{!always && !trusted, LQ_REASON_CLOCK_NOT_TRUSTED},
		{!always && !holds, LQ_REASON_NOT_PERMITTED_AT_THIS_TIME},
		{true, LQ_REASON_GRANTED},
	};
	size_t first = 0;
	while (!list[first].objection) {
		first++;
	}
	return list[first].reason;
}

static enum lq_reason answered(const struct question *question)
{
	const struct lq_rules rules = {
		.profiles = profiles,
		.schedules = schedules,
		.profile_count = PROFILES,
		.schedule_count = 2,
		.clock_trust_min = question->trust_min,
		.uid_badges = question->uid_badges,
	};
	const struct lq_wall now = {
		.unix_ms = (int64_t)NOW_S * 1000, .utc_offset_s = 0, .trust = question->trust};
	return lq_decide(&sightings[question->sighting], ACCESS_POINT,
		question->known ? &question->credential : NULL, &rules, now)
		.reason;
}

static size_t seen[LQ_REASON_COUNT];

static void ask(const struct question *question)
{
	enum lq_reason reason = answered(question);
	if (reason != expected(question)) {
		const struct lq_credential *credential = &question->credential;
		fail_msg("sighting %zu, uid_badges %d, known %d, state %u, holder %d, from %u, to "
			 "%u, profile %u, trust %d of %d: %s instead of %s",
			question->sighting, question->uid_badges, question->known,
			credential->state, credential->holder_enabled, credential->valid_from_s,
			credential->valid_to_s, credential->profile, (int)question->trust,
			(int)question->trust_min, lq_reason_name(reason),
			lq_reason_name(expected(question)));
	}
	seen[reason]++;
}

#define STATES (LQ_CREDENTIAL_STATE_COUNT + 1)

/* Picks one of `count` from what is left of a number. */
static size_t digit(size_t *number, size_t count)
{
	size_t picked = *number % count;
	*number /= count;
	return picked;
}

/* What wears a badge out, and the ends of a suspension: one after the other. */
static const struct lq_credential limits[] = {
	{.id = 0},
	{.counted = true, .uses_left = 1, .suspended_until_s = NOW_S},
	{.counted = true, .suspended_until_s = NOW_S + 1},
	{.valid_for_h = 1, .suspended_until_s = NOW_S - 1},
};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

static struct question question_of(size_t number)
{
	struct question question = {0};
	size_t limit = digit(&number, LIMITS);
	question.sighting = digit(&number, SIGHTINGS);
	question.uid_badges = digit(&number, 2) == 1;
	question.known = digit(&number, 2) == 1;
	question.trust = (enum lq_trust)digit(&number, 3);
	question.trust_min = (enum lq_trust)digit(&number, 3);
	question.credential = (struct lq_credential){
		.id = 1,
		.holder = 2,
		.state = (uint8_t)digit(&number, STATES), /* the last: a number that no state has */
		.holder_enabled = digit(&number, 2) == 1,
		.any_time = digit(&number, 2) == 1,
		.valid_from_s = from_choices[digit(&number, 4)],
		.valid_to_s = to_choices[digit(&number, 4)],
		.suspended_until_s = limits[limit].suspended_until_s,
		.counted = limits[limit].counted,
		.uses_left = limits[limit].uses_left,
		.valid_for_h = limits[limit].valid_for_h,
		.profile = (uint16_t)number, /* PROFILES itself: there is no such profile */
	};
	return question;
}

static void every_combination(void **state)
{
	(void)state;
	size_t all = LIMITS * SIGHTINGS * 2 * 2 * 3 * 3 * STATES * 2 * 2 * 4 * 4 * (PROFILES + 1);
	for (size_t number = 0; number < all; number++) {
		struct question question = question_of(number);
		ask(&question);
	}
	for (int reason = 0; reason < LQ_REASON_COUNT; reason++) {
		bool possible =
			reason != LQ_REASON_NOT_DECIDED && reason != LQ_REASON_ENROLLED &&
			reason != LQ_REASON_DOOR_BLOCKED && reason != LQ_REASON_DOOR_LOCKED_DOWN &&
			reason != LQ_REASON_NOT_RECORDED && reason != LQ_REASON_READER_LOCKED_OUT &&
			reason != LQ_REASON_ALREADY_INSIDE && reason != LQ_REASON_ROSTER_STALE &&
			reason != LQ_REASON_SPACE_FULL && reason != LQ_REASON_MAINTAINER;
		if ((seen[reason] > 0) != possible) {
			fail_msg("%s: %zu times", lq_reason_name((enum lq_reason)reason),
				seen[reason]);
		}
	}
}

/* A profile whose count is beyond its policies (a damaged table) is not read past its end. */
static void a_count_too_large(void **state)
{
	(void)state;
	struct lq_profile profile = {.policy_count = UINT8_MAX};
	for (size_t i = 0; i < LQ_POLICIES_MAX; i++) {
		profile.policies[i].access_point = OTHER_POINT;
	}
	const struct lq_rules rules = {
		.profiles = &profile, .profile_count = 1, .uid_badges = true};
	const struct lq_credential credential = {
		.valid_to_s = LQ_VALID_FOREVER, .holder_enabled = true};
	struct lq_decision decision = lq_decide(&sightings[0], ACCESS_POINT, &credential, &rules,
		(struct lq_wall){.unix_ms = (int64_t)NOW_S * 1000});
	assert_int_equal(decision.reason, LQ_REASON_UNAUTHORIZED);
}

/* Whatever else is wrong is told first, and nobody is kept from leaving. */
static void no_room_keeps_out_and_not_in(void **state)
{
	(void)state;
	struct lq_profile profile = {.policy_count = 1,
		.policies = {
			{.access_point = LQ_ANY_ACCESS_POINT, .schedule = LQ_SCHEDULE_ALWAYS}}};
	struct lq_rules rules = {.profiles = &profile, .profile_count = 1, .uid_badges = true};
	struct lq_credential credential = {.valid_to_s = LQ_VALID_FOREVER, .holder_enabled = true};
	const struct lq_wall now = {.unix_ms = (int64_t)NOW_S * 1000};
	for (uint16_t door = 0; door < 3; door++) {
		uint16_t in = lq_access_point(door, LQ_DIRECTION_ENTRY);
		uint16_t out = lq_access_point(door, LQ_DIRECTION_EXIT);
		rules.full = true;
		assert_int_equal(lq_decide(&sightings[0], in, &credential, &rules, now).reason,
			LQ_REASON_SPACE_FULL);
		assert_int_equal(lq_decide(&sightings[0], out, &credential, &rules, now).reason,
			LQ_REASON_GRANTED);
		rules.full = false;
		assert_int_equal(lq_decide(&sightings[0], in, &credential, &rules, now).reason,
			LQ_REASON_GRANTED);
	}
	rules.full = true;
	credential.state = LQ_CREDENTIAL_LOST;
	assert_int_equal(lq_decide(&sightings[0], 0, &credential, &rules, now).reason,
		LQ_REASON_CREDENTIAL_NOT_ENABLED);
}

static void what_a_granted_tap_takes(void **state)
{
	(void)state;
	const struct lq_wall now = {.unix_ms = (int64_t)NOW_S * 1000 + 999};
	struct lq_credential credential = {.valid_to_s = LQ_VALID_FOREVER};
	assert_false(lq_credential_spends(&credential));
	lq_credential_spend(&credential, now);
	assert_int_equal(credential.valid_to_s, LQ_VALID_FOREVER);
	credential.counted = true;
	credential.uses_left = 1;
	assert_true(lq_credential_spends(&credential));
	lq_credential_spend(&credential, now);
	assert_int_equal(credential.uses_left, 0);
	lq_credential_spend(&credential, now);
	assert_int_equal(credential.uses_left, 0);
	struct lq_credential month = {.valid_to_s = LQ_VALID_FOREVER, .valid_for_h = 720};
	assert_true(lq_credential_spends(&month));
	lq_credential_spend(&month, now);
	assert_int_equal(month.valid_to_s, NOW_S + 720 * 3600);
	assert_false(lq_credential_spends(&month));
	struct lq_credential bounded = {.valid_to_s = NOW_S + 10, .valid_for_h = UINT16_MAX};
	lq_credential_spend(&bounded, now);
	assert_int_equal(bounded.valid_to_s, NOW_S + 10);
	assert_int_equal(bounded.valid_for_h, 0);
}

static void an_undecided_decision_is_a_denial(void **state)
{
	(void)state;
	struct lq_decision decision = {0};
	assert_int_not_equal(decision.reason, LQ_REASON_GRANTED);
}

static int make_profiles(void **state)
{
	(void)state;
	profiles[PROFILES] = (struct lq_profile){.policy_count = 1, .policies = {policies[0]}};
	for (size_t i = 0; i < POLICIES; i++) {
		profiles[1 + i] = (struct lq_profile){.policy_count = 1, .policies = {policies[i]}};
		for (size_t j = 0; j < POLICIES; j++) {
			profiles[1 + POLICIES + i * POLICIES + j] = (struct lq_profile){
				.policy_count = 2, .policies = {policies[i], policies[j]}};
		}
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination),
		cmocka_unit_test(a_count_too_large),
		cmocka_unit_test(no_room_keeps_out_and_not_in),
		cmocka_unit_test(what_a_granted_tap_takes),
		cmocka_unit_test(an_undecided_decision_is_a_denial),
	};
	return cmocka_run_group_tests(tests, make_profiles, NULL);
}

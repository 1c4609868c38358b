/* What must hold of the core whatever it is given. Each run has its own seed, printed at its start.
 */
#include "firmware/core/decide.h"
#include "firmware/core/door.h"
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <jansson.h>
#include <string.h>

#define HISTORIES LQ_RUNS(300)
#define STEPS     500
#define DECISIONS LQ_RUNS(300000)
#define EVENTS    LQ_RUNS(30000)

static struct lq_random chance;

static uint32_t below(uint32_t bound)
{
	return lq_random_below(&chance, bound);
}

static bool coin(void)
{
	return below(2) == 1;
}

static void any_bytes(void *out, size_t count)
{
	unsigned char *bytes = out;
	for (size_t i = 0; i < count; i++) {
		bytes[i] = (unsigned char)below(256);
	}
}

static struct lq_site site_of(void)
{
	struct lq_site site = {.space = "space",
		.controller = "board",
		.door_count = LQ_DOORS_MAX,
		.reader_count = LQ_READERS_MAX};
	for (unsigned i = 0; i < LQ_DOORS_MAX; i++) {
		snprintf(site.doors[i], sizeof(site.doors[i]), "door-%u", i);
	}
	for (unsigned i = 0; i < LQ_READERS_MAX; i++) {
		snprintf(site.readers[i].name, sizeof(site.readers[i].name), "reader-%u", i);
	}
	return site;
}

static json_t *body_of(const struct lq_event *event)
{
	static struct lq_site site;
	if (site.door_count == 0) {
		site = site_of();
	}
	char body[LQ_EVENT_BODY_MAX];
	char again[LQ_EVENT_BODY_MAX];
	size_t length = 0;
	size_t length_again = 0;
	uint64_t seq = lq_random_next(&chance);
	assert_int_equal(lq_event_body(event, &site, seq, body, sizeof(body), &length), LQ_OK);
	assert_int_equal(lq_event_body(event, &site, seq, again, length, &length_again), LQ_OK);
	assert_int_equal(length, length_again);
	assert_memory_equal(body, again, length);
	json_error_t error;
	json_t *root =
		json_loadb(body, length, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
	if (root == NULL) {
		fail_msg("%s in %.*s", error.text, (int)length, body);
	}
	return root;
}

/* One door over a long time, seen as a subscriber and the lock see it. */
struct history {
	struct lq_door door;
	struct lq_door_settings settings;
	struct lq_mono now;
	bool relay;
	uint64_t locked_by_us;  /* the latest moment at which the lock must be locked again */
	uint8_t settled[STEPS]; /* by transaction */
	bool granted[STEPS];
};

static void hear(struct history *history, const struct lq_event *event)
{
	json_t *root = body_of(event);
	const char *type = json_string_value(json_object_get(root, "type"));
	bool settles = strcmp(type, "org.loquet.access.taken.v1") == 0 ||
		       strcmp(type, "org.loquet.access.not_taken.v1") == 0;
	if (settles) {
		const char *transaction = json_string_value(
			json_object_get(json_object_get(root, "data"), "transaction"));
		assert_non_null(transaction);
		assert_memory_equal(transaction, "77-", 3);
		unsigned long number = strtoul(transaction + 3, NULL, 10);
		assert_in_range(number, 1, STEPS - 1);
		assert_true(history->granted[number]);
		assert_int_equal(history->settled[number], 0);
		history->settled[number] = 1;
	}
	json_decref(root);
}

static void live(struct history *history, const struct lq_door_input *input)
{
	struct lq_door twin = history->door;
	struct lq_door_effects effects;
	struct lq_door_effects again;
	memset(&effects, 0x11, sizeof(effects));
	memset(&again, 0xee, sizeof(again));
	struct lq_wall wall = {.unix_ms = 1767605400000};
	lq_door_step(&history->door, &history->settings, input, history->now, wall, &effects);
	lq_door_step(&twin, &history->settings, input, history->now, wall, &again);
	assert_int_equal(effects.event_count, again.event_count);
	assert_int_equal(effects.set_relay, again.set_relay);
	for (uint8_t i = 0; i < effects.event_count; i++) {
		assert_int_equal(effects.events[i].type, again.events[i].type);
		hear(history, &effects.events[i]);
	}
	if (effects.set_relay) {
		history->relay = effects.relay_released;
	}
	assert_int_equal(history->relay, history->door.released);
	if (input->type == LQ_DOOR_RELEASE) {
		assert_true(history->relay);
		history->locked_by_us =
			history->now.us + history->settings.release_ms * UINT64_C(1000);
	} else {
		assert_false(effects.set_relay && effects.relay_released);
	}
}

/* As the daemon does it: no deadline is passed by without a tick. */
static void pass(struct history *history, uint64_t us)
{
	struct lq_mono until = {history->now.us + us};
	struct lq_mono deadline;
	while (lq_door_deadline(&history->door, &history->settings, &deadline) &&
		deadline.us <= until.us) {
		history->now = deadline;
		live(history, &(struct lq_door_input){.type = LQ_DOOR_TICK});
	}
	history->now = until;
	assert_true(!history->relay || history->now.us < history->locked_by_us);
}

static struct lq_door_input any_input(struct history *history, uint32_t number)
{
	static const enum lq_door_input_type types[] = {LQ_DOOR_RELEASE, LQ_DOOR_RELEASE,
		LQ_DOOR_CONTACT, LQ_DOOR_CONTACT, LQ_DOOR_REX, LQ_DOOR_TICK, LQ_DOOR_SHUTDOWN};
	struct lq_door_input input = {.type = types[below(coin() ? 6 : 7)], .active = coin()};
	if (input.type == LQ_DOOR_RELEASE) {
		bool somebody = below(4) != 0;
		input.passage = (struct lq_passage){
			.transaction = {.run = 77, .number = number},
			.access_point = somebody ? (uint16_t)below(LQ_ACCESS_POINTS_MAX) : LQ_NONE,
			.credential = below(3),
			.holder = below(3),
		};
		history->granted[number] = somebody;
	}
	return input;
}

static void live_long(struct history *history)
{
	uint32_t busy = 1 + below(8);
	for (uint32_t step = 1; step < STEPS; step++) {
		struct lq_door_input input = any_input(history, step);
		live(history, &input);
		pass(history, below(history->settings.release_ms * 1000u / busy));
	}
	live(history, &(struct lq_door_input){.type = LQ_DOOR_SHUTDOWN});
	assert_false(history->relay);
}

static void assert_settled(const struct history *history, int name)
{
	for (uint32_t number = 1; number < STEPS; number++) {
		bool due = history->granted[number] && history->settings.has_contact;
		if (history->settled[number] != (due ? 1 : 0)) {
			fail_msg("history %d, transaction %u: settled %u times", name, number,
				history->settled[number]);
		}
	}
}

static void every_passage_is_settled_once(void **state)
{
	(void)state;
	for (int i = 0; i < HISTORIES; i++) {
		struct history history = {
			.door = lq_door_make((uint16_t)below(LQ_DOORS_MAX)),
			.settings = {.release_ms = 100 + below(10000),
				.has_contact = below(4) != 0},
			.now = {.us = lq_random_next(&chance) >> 2},
		};
		live_long(&history);
		assert_settled(&history, i);
	}
}

/* Everything that a decision rests on, some of it nonsense. */
struct case_of_decision {
	struct lq_sighting sighting;
	struct lq_credential credential;
	struct lq_profile profiles[3];
	struct lq_schedule schedules[3];
	struct lq_rules rules;
	struct lq_wall now;
	uint16_t access_point;
};

static void any_profile(struct lq_profile *profile)
{
	profile->policy_count = (uint8_t)below(5);
	for (uint8_t i = 0; i < profile->policy_count; i++) {
		profile->policies[i] = (struct lq_policy){
			.access_point = coin() ? LQ_ANY_ACCESS_POINT : (uint16_t)below(4),
			.schedule = coin() ? LQ_SCHEDULE_ALWAYS : (uint16_t)below(5),
		};
	}
}

static void any_case(struct case_of_decision *made)
{
	memset(made, 0, sizeof(*made));
	made->sighting = (struct lq_sighting){.cards = 1, .uid_len = coin() ? 7 : 4};
	any_bytes(made->sighting.uid, sizeof(made->sighting.uid));
	if (below(8) == 0) {
		made->sighting.cards = (uint8_t)below(256);
		made->sighting.uid_len = (uint8_t)below(256);
		made->sighting.malformed = coin();
	}
	made->now = (struct lq_wall){
		.unix_ms = lq_random_between(&chance, 0, INT64_C(4000000000000)),
		.utc_offset_s = (int32_t)lq_random_between(&chance, -50400, 50400),
		.trust = (enum lq_trust)below(3),
	};
	uint32_t now_s = (uint32_t)(made->now.unix_ms / 1000);
	made->credential = (struct lq_credential){
		.id = 1,
		.holder = 1,
		.state = (uint8_t)(below(6) == 0 ? below(256) : LQ_CREDENTIAL_ENABLED),
		.holder_enabled = below(6) != 0,
		.valid_from_s = coin() ? 0 : now_s - below(100) + below(30),
		.valid_to_s = coin() ? LQ_VALID_FOREVER : now_s + below(100) - below(30),
		.profile = (uint16_t)below(4),
	};
	for (size_t i = 0; i < 3; i++) {
		any_profile(&made->profiles[i]);
		made->schedules[i].count = (uint8_t)below(4);
		for (uint8_t j = 0; j < made->schedules[i].count; j++) {
			made->schedules[i].periods[j] = (struct lq_period){
				(uint16_t)below(LQ_WEEK_MINUTES), (uint16_t)below(LQ_WEEK_MINUTES)};
		}
	}
	made->rules = (struct lq_rules){
		.profile_count = 3,
		.schedule_count = 3,
		.clock_trust_min = (enum lq_trust)below(3),
		.uid_badges = below(8) != 0,
	};
	made->access_point = (uint16_t)below(4);
}

static enum lq_reason decided(struct case_of_decision *given)
{
	given->rules.profiles = given->profiles;
	given->rules.schedules = given->schedules;
	struct lq_decision first = lq_decide(&given->sighting, given->access_point,
		&given->credential, &given->rules, given->now);
	struct lq_decision second = lq_decide(&given->sighting, given->access_point,
		&given->credential, &given->rules, given->now);
	assert_int_equal(first.reason, second.reason);
	return first.reason;
}

/* Takes something away that a grant may rest on; true when nothing can be granted any more. */
static bool take_away(struct case_of_decision *given, uint32_t what)
{
	struct lq_profile *profile = &given->profiles[given->credential.profile % 3];
	switch (what) {
	case 0:
		given->credential.state = (uint8_t)(1 + below(255));
		return true;
	case 1:
		given->credential.holder_enabled = false;
		return true;
	case 2:
		given->rules.uid_badges = false;
		return true;
	case 3:
		given->sighting.cards = (uint8_t)(given->sighting.cards == 1 ? below(2) * 2 : 2);
		return true;
	case 4:
		given->credential.profile = (uint16_t)(3 + below(9));
		return true;
	case 5:
		profile->policy_count =
			(uint8_t)(profile->policy_count - (profile->policy_count > 0));
		return false;
	case 6:
		given->now.trust = LQ_TRUST_UNSET;
		return false;
	case 7:
		given->rules.clock_trust_min = LQ_TRUST_SYNCHRONISED;
		return false;
	case 8:
		given->rules.schedule_count = (uint16_t)below(3);
		return false;
	}
	return false;
}

static void taking_away_never_grants(void **state)
{
	(void)state;
	size_t grants = 0;
	size_t lost = 0;
	for (int i = 0; i < DECISIONS; i++) {
		struct case_of_decision given;
		any_case(&given);
		bool before = decided(&given) == LQ_REASON_GRANTED;
		uint32_t what = below(9);
		bool none = take_away(&given, what);
		bool after = decided(&given) == LQ_REASON_GRANTED;
		if ((after && !before) || (after && none)) {
			fail_msg("case %d: granted without %u", i, what);
		}
		grants += before ? 1 : 0;
		lost += before && !after ? 1 : 0;
	}
	print_message("%zu of %d granted, %zu of them no more\n", grants, DECISIONS, lost);
	assert_true(grants > DECISIONS / 20);
	assert_true(lost > DECISIONS / 100);
}

static struct lq_event any_event(void)
{
	static const char *const words[] = {NULL, "", "release_time", "io", "\"", "\\\n"};
	struct lq_event event = lq_event_make((enum lq_event_type)below(LQ_EVENT_COUNT),
		(struct lq_wall){.unix_ms = (int64_t)lq_random_next(&chance),
			.trust = (enum lq_trust)below(3)});
	event.door = coin() ? LQ_NONE : (uint16_t)below(LQ_DOORS_MAX);
	event.access_point = coin() ? LQ_NONE : (uint16_t)below(LQ_ACCESS_POINTS_MAX);
	event.reader = coin() ? LQ_NONE : (uint16_t)below(LQ_READERS_MAX);
	event.transaction.run = lq_random_next(&chance);
	event.transaction.number = coin() ? 0 : below(UINT32_MAX);
	event.reason = (enum lq_reason)below(LQ_REASON_COUNT);
	event.state = (enum lq_credential_state)below(LQ_CREDENTIAL_STATE_COUNT + 1);
	event.credential = coin() ? 0 : below(UINT32_MAX);
	event.holder = coin() ? 0 : below(UINT32_MAX);
	any_bytes(event.stages_us, sizeof(event.stages_us));
	event.cause = words[below(6)];
	event.action = words[below(6)];
	event.recorded = coin();
	event.expected = coin();
	any_bytes(event.head_hash, sizeof(event.head_hash));
	any_bytes(event.signature, sizeof(event.signature));
	event.seq = lq_random_next(&chance);
	any_bytes(event.actor, sizeof(event.actor) - 1);
	char text[LQ_EVENT_TEXT_SIZE + 40];
	any_bytes(text, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	lq_event_set_text(&event, text);
	return event;
}

static void any_event_is_json(void **state)
{
	(void)state;
	for (int i = 0; i < EVENTS; i++) {
		struct lq_event event = any_event();
		json_t *root = body_of(&event);
		const char *time = json_string_value(json_object_get(root, "time"));
		assert_non_null(time);
		assert_int_equal(strlen(time), LQ_RFC3339_SIZE - 1);
		assert_true(json_is_object(json_object_get(root, "data")));
		json_decref(root);
	}
}

int main(void)
{
	chance = lq_random_begin("property.core");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_passage_is_settled_once),
		cmocka_unit_test(taking_away_never_grants),
		cmocka_unit_test(any_event_is_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

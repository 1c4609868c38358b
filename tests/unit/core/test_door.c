/* The door's step over every state that it can reach, with every input, beside a small model that
 * was written apart: the model keeps one list of what the step must do and say. Time goes in
 * seconds here; the release time is two of them.
 *
 * What holds in every step holds in every history: each passage that a step takes in, it hands on
 * to the next state or settles, once. */
#include "firmware/core/door.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_US  UINT64_C(1000000)
#define RELEASE_S  2
#define RELEASE_MS (RELEASE_S * 1000u)
#define DOOR       3
#define ENTRY      6
#define EXIT       7

/* What the door does next, and what it says, in order. */
struct said {
	enum lq_event_type type;
	uint32_t transaction; /* 0: it names none */
	const char *cause;
	bool expected;
	uint16_t way; /* LQ_NONE: neither, or it cannot be known */
};

struct model {
	enum lq_observed contact;
	int relock_in;        /* seconds; meaningful while released */
	int exit_for;         /* seconds that an opening stays announced */
	uint32_t waiting[16]; /* transactions */
	uint16_t way[16];     /* LQ_NONE: nobody in particular */
	unsigned waiting_count;
	uint32_t last; /* transaction that released, */
	uint16_t last_way;
	bool released;
	bool forced;
};

struct answer {
	bool set_relay;
	unsigned count;
	struct said said[32];
};

enum what { GRANT, GRANT_OUT, COMMAND, OPENS, CLOSES, EXIT_ASKED, TIME_PASSES, ENDS, WHATS };

static void say(struct answer *answer, enum lq_event_type type, uint32_t transaction,
	const char *cause, uint16_t way)
{
	answer->said[answer->count++] = (struct said){type, transaction, cause, false, way};
}

/* The first of those waiting goes, with a word about it if it is anybody's. */
static void settle_first(struct model *model, enum lq_event_type type, struct answer *answer)
{
	if (model->way[0] != LQ_NONE) {
		say(answer, type, model->waiting[0], NULL, model->way[0]);
	}
	model->waiting_count--;
	memmove(model->waiting, model->waiting + 1, sizeof(model->waiting) - sizeof(uint32_t));
	memmove(model->way, model->way + 1, sizeof(model->way) - sizeof(uint16_t));
}

static void model_release(struct model *model, bool has_contact, uint16_t way, uint32_t transaction,
	struct answer *answer)
{
	answer->set_relay = true;
	model->released = true;
	model->relock_in = RELEASE_S;
	model->last = transaction;
	model->last_way = way;
	say(answer, LQ_EVENT_DOOR_RELEASED, transaction, way == LQ_NONE ? "command" : "access",
		way);
	if (!has_contact) {
		return;
	}
	if (model->waiting_count == 8) {
		settle_first(model, LQ_EVENT_ACCESS_NOT_TAKEN, answer);
	}
	model->waiting[model->waiting_count] = transaction;
	model->way[model->waiting_count++] = way;
	if (model->contact == LQ_OBSERVED_OPEN) { /* whoever is let in walks in */
		settle_first(model, LQ_EVENT_ACCESS_TAKEN, answer);
	}
}

static void model_relock(struct model *model, const char *cause, struct answer *answer)
{
	answer->set_relay = true;
	if (!model->released) {
		return;
	}
	model->released = false;
	while (model->waiting_count > 0) {
		settle_first(model, LQ_EVENT_ACCESS_NOT_TAKEN, answer);
	}
	say(answer, LQ_EVENT_DOOR_RELOCKED, model->last, cause, model->last_way);
}

/* Whoever may be coming through, if they all go the same way. */
static uint16_t way_of_all(const struct model *model)
{
	unsigned in = 0;
	unsigned out = model->exit_for > 0 ? 1 : 0;
	unsigned unclear = 0;
	for (unsigned i = 0; i < model->waiting_count; i++) {
		in += model->way[i] == ENTRY;
		out += model->way[i] == EXIT;
		unclear += model->way[i] == LQ_NONE;
	}
	if (unclear > 0 || (in > 0 && out > 0)) {
		return LQ_NONE;
	}
	return in > 0 ? ENTRY : out > 0 ? EXIT : LQ_NONE;
}

static void model_contact(struct model *model, bool open, struct answer *answer)
{
	enum lq_observed before = model->contact;
	model->contact = open ? LQ_OBSERVED_OPEN : LQ_OBSERVED_CLOSED;
	if (!open && before != LQ_OBSERVED_CLOSED) {
		say(answer, LQ_EVENT_DOOR_CLOSED, 0, NULL, LQ_NONE);
		if (model->forced) {
			say(answer, LQ_EVENT_DOOR_ALARM_ENDED, 0, "forced_open", LQ_NONE);
		}
		model->forced = false;
	}
	if (open && before != LQ_OBSERVED_OPEN) {
		say(answer, LQ_EVENT_DOOR_OPENED, 0, NULL, way_of_all(model));
		answer->said[answer->count - 1].expected = model->released || model->exit_for > 0;
		while (model->waiting_count > 0) {
			settle_first(model, LQ_EVENT_ACCESS_TAKEN, answer);
		}
		if (before == LQ_OBSERVED_CLOSED && !model->released && model->exit_for <= 0) {
			model->forced = true;
			say(answer, LQ_EVENT_DOOR_ALARM, 0, "forced_open", LQ_NONE);
		}
	}
}

static struct answer model_step(
	struct model *model, bool has_contact, enum what what, uint32_t transaction)
{
	struct answer answer = {0};
	switch (what) {
	case GRANT:
		model_release(model, has_contact, ENTRY, transaction, &answer);
		break;
	case GRANT_OUT:
		model_release(model, has_contact, EXIT, transaction, &answer);
		break;
	case COMMAND:
		model_release(model, has_contact, LQ_NONE, transaction, &answer);
		break;
	case OPENS:
		model_contact(model, true, &answer);
		break;
	case CLOSES:
		model_contact(model, false, &answer);
		break;
	case EXIT_ASKED:
		model->exit_for = RELEASE_S;
		say(&answer, LQ_EVENT_DOOR_EXIT_REQUESTED, 0, NULL, EXIT);
		break;
	case TIME_PASSES:
		if (model->released && model->relock_in <= 0) {
			model_relock(model, "release_time", &answer);
		}
		break;
	case ENDS:
		model_relock(model, "shutdown", &answer);
		break;
	case WHATS:
		break;
	}
	return answer;
}

/* A state reached, and when. */
struct place {
	struct lq_door door;
	struct model model;
	uint64_t now_us;
};

static uint32_t next_transaction = 1;

static struct lq_door_input input_of(enum what what, uint32_t transaction)
{
	static const enum lq_door_input_type types[] = {LQ_DOOR_RELEASE, LQ_DOOR_RELEASE,
		LQ_DOOR_RELEASE, LQ_DOOR_CONTACT, LQ_DOOR_CONTACT, LQ_DOOR_REX, LQ_DOOR_TICK,
		LQ_DOOR_SHUTDOWN};
	struct lq_door_input input = {
		.type = types[what], .active = what == OPENS || what == EXIT_ASKED};
	if (what == GRANT || what == GRANT_OUT || what == COMMAND) {
		input.passage = (struct lq_passage){
			.transaction = {.run = 9, .number = transaction},
			.access_point = what == GRANT       ? ENTRY
					: what == GRANT_OUT ? EXIT
							    : LQ_NONE,
			.credential = transaction + 100,
			.holder = transaction + 200,
		};
	}
	return input;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void compare_event(const struct lq_event *event, const struct said *said)
{
	assert_int_equal(event->type, said->type);
	assert_int_equal(event->door, DOOR);
	assert_int_equal(event->transaction.number, said->transaction);
	assert_true(same_text(event->cause, said->cause));
	assert_int_equal(event->expected, said->expected);
	assert_int_equal(event->access_point, said->way);
	assert_true(event->at.unix_ms == 777);
	if (said->type == LQ_EVENT_ACCESS_TAKEN || said->type == LQ_EVENT_ACCESS_NOT_TAKEN) {
		assert_int_equal(event->credential, said->transaction + 100);
		assert_int_equal(event->holder, said->transaction + 200);
		assert_int_equal(event->transaction.run, 9);
	}
}

static const struct lq_door_settings *settings_of(bool has_contact)
{
	static const struct lq_door_settings settings[] = {
		{.release_ms = RELEASE_MS}, {.release_ms = RELEASE_MS, .has_contact = true}};
	return &settings[has_contact ? 1 : 0];
}

static void compare_state(const struct place *place)
{
	const struct lq_door *door = &place->door;
	const struct model *model = &place->model;
	assert_int_equal(door->released, model->released);
	assert_int_equal(door->contact, model->contact);
	assert_int_equal(door->waiting_count, model->waiting_count);
	for (unsigned i = 0; i < model->waiting_count; i++) {
		assert_int_equal(door->waiting[i].transaction.number, model->waiting[i]);
	}
	/* Nobody waits at a locked door, and a released one always has an end. */
	assert_true(door->released || door->waiting_count == 0);
	struct lq_mono deadline = {.us = 4242};
	if (lq_door_deadline(door, settings_of(false), &deadline)) {
		assert_true(door->released);
		assert_true(deadline.us <= place->now_us + RELEASE_S * SECOND_US);
	} else {
		assert_false(door->released);
		assert_true(deadline.us == 4242);
	}
}

/* Time that passes without the door's knowing. */
static void pass(struct place *place, int seconds)
{
	place->now_us += (uint64_t)seconds * SECOND_US;
	place->model.relock_in -= seconds;
	place->model.exit_for -= seconds;
}

static void step(struct place *place, bool has_contact, enum what what)
{
	uint32_t transaction = next_transaction++;
	struct lq_door_input input = input_of(what, transaction);
	bool was_released = place->door.released;
	unsigned held = place->model.waiting_count;

	struct lq_door_effects effects;
	memset(&effects, 0xa5, sizeof(effects));
	lq_door_step(&place->door, settings_of(has_contact), &input,
		(struct lq_mono){place->now_us}, (struct lq_wall){.unix_ms = 777}, &effects);
	if (what == EXIT_ASKED) { /* the button is let go of at once, and that says nothing */
		struct lq_door_effects after;
		input.active = false;
		lq_door_step(&place->door, settings_of(has_contact), &input,
			(struct lq_mono){place->now_us}, (struct lq_wall){.unix_ms = 777}, &after);
		assert_int_equal(after.event_count, 0);
		assert_false(after.set_relay);
	}
	struct answer answer = model_step(&place->model, has_contact, what, transaction);

	assert_int_equal(effects.event_count, answer.count);
	unsigned settled = 0;
	for (unsigned i = 0; i < answer.count; i++) {
		compare_event(&effects.events[i], &answer.said[i]);
		settled += effects.events[i].type == LQ_EVENT_ACCESS_TAKEN ||
					   effects.events[i].type == LQ_EVENT_ACCESS_NOT_TAKEN
				   ? 1
				   : 0;
	}
	assert_int_equal(effects.set_relay, answer.set_relay);
	assert_int_equal(effects.relay_released, place->model.released);
	compare_state(place);

	/* Only a release releases, and time or the end locks. */
	if (what != GRANT && what != GRANT_OUT && what != COMMAND) {
		assert_true(was_released || !place->door.released);
		assert_false(effects.set_relay && effects.relay_released);
	}
	if (what == ENDS) {
		assert_true(effects.set_relay);
		assert_false(effects.relay_released);
	}
	unsigned came = has_contact && (what == GRANT || what == GRANT_OUT) ? 1 : 0;
	assert_true(settled <= held + came);
}

/* What tells states apart: transactions only by which way they lead. */
static uint32_t number_of(const struct place *place)
{
	const struct model *model = &place->model;
	uint32_t waiting = 1;
	for (unsigned i = 0; i < model->waiting_count; i++) {
		uint16_t way = model->way[i];
		waiting = waiting * 3 + (way == LQ_NONE ? 2u : (uint32_t)way - ENTRY);
	}
	uint32_t relock = 0;
	if (model->released) {
		relock = model->relock_in > 0 ? (uint32_t)model->relock_in + 1 : 1;
	}
	uint32_t exit = model->exit_for > 0 ? (uint32_t)model->exit_for : 0;
	uint32_t rest = (exit * 2) + (model->forced ? 1 : 0);
	return ((waiting * 3 + (uint32_t)model->contact) * 4 + relock) * 6 + rest;
}

#define ROWS    9841u /* up to 8 that wait, each for one of three ways */
#define NUMBERS ((size_t)2 * 6561 * 3 * 4 * 6)
#define ROOM    ((size_t)ROWS * 2 * 3 * 3 + 100)

static size_t walk(bool has_contact)
{
	bool *seen = test_calloc(NUMBERS, sizeof(bool));
	struct place *queue = test_calloc(ROOM, sizeof(*queue));
	size_t end = 1;
	queue[0] = (struct place){.door = lq_door_make(DOOR), .now_us = 1000 * SECOND_US};
	compare_state(&queue[0]);
	seen[number_of(&queue[0])] = true;
	for (size_t at = 0; at < end; at++) {
		for (int choice = 0; choice < WHATS * (RELEASE_S + 1); choice++) {
			struct place place = queue[at];
			pass(&place, choice / WHATS);
			step(&place, has_contact, (enum what)(choice % WHATS));
			uint32_t number = number_of(&place);
			assert_true(number < NUMBERS);
			if (!seen[number]) {
				seen[number] = true;
				assert_true(end < ROOM);
				queue[end++] = place;
			}
		}
	}
	test_free(queue);
	test_free(seen);
	return end;
}

static void with_a_contact(void **state)
{
	(void)state;
	size_t states = walk(true);
	print_message("%zu states\n", states);
	/* Locked: 3 contacts, 3 announcements. Released and open: nobody waits. Released and not
	 * open: every row of up to 8 that wait, 2 contacts, 3 relocks, 3 announcements; a few of
	 * these cannot be reached. A walk that stays at home is noticed. */
	assert_in_range(states, 150000, 12 + 18 + ROWS * 2 * 3 * 3);
}

static void without_a_contact(void **state)
{
	(void)state;
	size_t states = walk(false);
	print_message("%zu states\n", states);
	assert_in_range(states, 20, 36 + 12); /* forced: open, and any of the rest */
}

/* A clock that stands at its end does not overflow into an early relock. */
static void the_end_of_time(void **state)
{
	(void)state;
	const struct lq_door_settings settings = {.release_ms = 600000};
	struct lq_door door = lq_door_make(0);
	struct lq_door_input input = input_of(GRANT, 1);
	struct lq_door_effects effects;
	const struct lq_mono end = {UINT64_MAX - 5};
	lq_door_step(&door, &settings, &input, end, (struct lq_wall){0}, &effects);
	struct lq_mono deadline = {0};
	assert_true(lq_door_deadline(&door, &settings, &deadline));
	assert_true(deadline.us == UINT64_MAX);
	input = input_of(TIME_PASSES, 0);
	lq_door_step(&door, &settings, &input, end, (struct lq_wall){0}, &effects);
	assert_false(effects.set_relay);
	assert_true(door.released);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_a_contact),
		cmocka_unit_test(without_a_contact),
		cmocka_unit_test(the_end_of_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

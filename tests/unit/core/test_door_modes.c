/* Every state of a door that can be reached, with every input, held against promises that are
 * written without knowledge of how the door keeps them: the watcher sees only inputs, effects and
 * the time. It sees a door that breaks its promises, too: the last tests break it on purpose. */
#include "firmware/core/door.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US UINT64_C(1000000)
#define NEVER     UINT64_MAX

/* Short times in seconds, so that few of them pass before everything has happened. */
static const struct lq_door_settings base = {
	.release_ms = 1000,
	.extended_release_ms = 2000,
	.open_ms = 2000,
	.extended_open_ms = 3000,
	.pre_alarm_ms = 1000,
	.rex_stuck_ms = 2000,
	.bolt_ms = 1000,
	.has_contact = true,
};

enum what {
	TAP,
	TAP_EXTENDED,
	COMMAND,
	TO_LOCKED,
	TO_UNLOCKED,
	TO_BLOCKED,
	TO_LOCKED_DOWN,
	TO_LOCKED_OPEN,
	PROP,
	UNPROP,
	CONFIRM,
	OPENS,
	CLOSES,
	EXIT_ON,
	EXIT_OFF,
	FIRE_ON,
	FIRE_OFF,
	TAMPER_ON,
	TAMPER_OFF,
	BOLT_HOME,
	BOLT_BACK,
	LOST,
	SECOND,
	ENDS,
	WHATS
};

/* What an onlooker knows. */
struct watcher {
	bool relay;
	enum lq_door_mode mode;
	uint64_t locked_by_us; /* the latest that a passage may keep it released */
	uint64_t exit_until_us;
	bool exit_on;
	bool fire;
	bool held; /* by a fire that nobody has confirmed the end of */
	enum lq_observed contact;
	uint64_t open_since_us; /* as far as an alarm is concerned; NEVER: not */
	uint64_t propped_until_us;
	uint64_t exit_since_us;
	uint16_t alarms; /* begun and not ended, by what was said */
};

struct place {
	struct lq_door door;
	struct watcher watcher;
	uint64_t now_us;
};

typedef void (*step_function)(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *ret_effects);

static struct lq_door_input input_of(enum what what)
{
	static const struct lq_passage somebody = {
		.transaction = {1, 1}, .access_point = 2, .credential = 3, .holder = 4};
	static const struct lq_passage desk = {.transaction = {1, 2}, .access_point = LQ_NONE};
	struct lq_door_input inputs[WHATS] = {
		[TAP] = {.type = LQ_DOOR_RELEASE, .passage = somebody},
		[TAP_EXTENDED] = {.type = LQ_DOOR_RELEASE, .passage = somebody},
		[COMMAND] = {.type = LQ_DOOR_RELEASE, .passage = desk},
		[PROP] = {.type = LQ_DOOR_PROP, .prop_ms = 3000},
		[UNPROP] = {.type = LQ_DOOR_PROP},
		[CONFIRM] = {.type = LQ_DOOR_FIRE_CONFIRM},
		[OPENS] = {.type = LQ_DOOR_CONTACT, .active = true},
		[CLOSES] = {.type = LQ_DOOR_CONTACT},
		[EXIT_ON] = {.type = LQ_DOOR_REX, .active = true},
		[EXIT_OFF] = {.type = LQ_DOOR_REX},
		[FIRE_ON] = {.type = LQ_DOOR_FIRE, .active = true},
		[FIRE_OFF] = {.type = LQ_DOOR_FIRE},
		[TAMPER_ON] = {.type = LQ_DOOR_TAMPER, .active = true},
		[TAMPER_OFF] = {.type = LQ_DOOR_TAMPER},
		[BOLT_HOME] = {.type = LQ_DOOR_BOLT, .active = true},
		[BOLT_BACK] = {.type = LQ_DOOR_BOLT},
		[LOST] = {.type = LQ_DOOR_INPUTS_LOST},
		[SECOND] = {.type = LQ_DOOR_TICK},
		[ENDS] = {.type = LQ_DOOR_SHUTDOWN},
	};
	for (int what_mode = TO_LOCKED; what_mode <= TO_LOCKED_OPEN; what_mode++) {
		inputs[what_mode] = (struct lq_door_input){.type = LQ_DOOR_SET_MODE,
			.mode = (enum lq_door_mode)(what_mode - TO_LOCKED),
			.cause = "command",
			.passage = desk};
	}
	inputs[TAP_EXTENDED].passage.extended = true;
	return inputs[what];
}

/* ---- the promises ---- */

static bool refuses(enum lq_door_mode mode)
{
	return mode == LQ_MODE_BLOCKED || mode == LQ_MODE_LOCKED_DOWN;
}

static void note_release(struct watcher *watcher, enum what what, uint64_t now_us)
{
	uint64_t by = now_us + (what == TAP_EXTENDED ? 2 : 1) * SECOND_US;
	if (!refuses(watcher->mode) && by > watcher->locked_by_us) {
		watcher->locked_by_us = by;
	}
}

static void note_exit(struct watcher *watcher, bool on, uint64_t now_us)
{
	if (on && !watcher->exit_on) {
		watcher->exit_until_us = now_us + SECOND_US;
		watcher->exit_since_us = now_us;
	}
	watcher->exit_on = on;
}

static void note_mode(struct watcher *watcher, enum lq_door_mode mode)
{
	watcher->mode = mode;
	watcher->locked_by_us = refuses(mode) ? 0 : watcher->locked_by_us;
}

/* What an onlooker makes of the input before anything is done about it. */
static void note_input(struct watcher *watcher, enum what what, uint64_t now_us)
{
	switch (what) {
	case TAP:
	case TAP_EXTENDED:
	case COMMAND:
		note_release(watcher, what, now_us);
		return;
	case TO_LOCKED:
	case TO_UNLOCKED:
	case TO_BLOCKED:
	case TO_LOCKED_DOWN:
	case TO_LOCKED_OPEN:
		note_mode(watcher, (enum lq_door_mode)(what - TO_LOCKED));
		return;
	case EXIT_ON:
	case EXIT_OFF:
		note_exit(watcher, what == EXIT_ON, now_us);
		return;
	case FIRE_ON:
	case FIRE_OFF:
		watcher->fire = what == FIRE_ON;
		watcher->held = watcher->held || watcher->fire;
		return;
	case CONFIRM:
		watcher->held = watcher->held && watcher->fire;
		return;
	case LOST:
		watcher->exit_on = false;
		watcher->contact = LQ_OBSERVED_FAULT;
		return;
	case PROP:
	case UNPROP:
		watcher->propped_until_us = what == PROP ? now_us + 3 * SECOND_US : 0;
		return;
	case OPENS:
	case CLOSES:
		watcher->contact = what == OPENS ? LQ_OBSERVED_OPEN : LQ_OBSERVED_CLOSED;
		return;
	case ENDS:
		watcher->locked_by_us = 0;
		return;
	case TAMPER_ON:
	case TAMPER_OFF:
	case BOLT_HOME:
	case BOLT_BACK:
	case SECOND:
	case WHATS:
		return;
	}
}

static bool says(const struct lq_door_effects *effects, enum lq_event_type type)
{
	for (unsigned i = 0; i < effects->event_count; i++) {
		if (effects->events[i].type == type && effects->events[i].transaction.number != 0 &&
			effects->events[i].cause != NULL) {
			return true;
		}
	}
	return false;
}

static const char *check_relay(const struct watcher *before, const struct watcher *after,
	const struct lq_door_effects *effects, enum what what, uint64_t now_us)
{
	bool opens = what == TAP || what == TAP_EXTENDED || what == COMMAND ||
		     what == TO_UNLOCKED || what == TO_LOCKED_OPEN;
	bool stands = after->mode == LQ_MODE_UNLOCKED || after->mode == LQ_MODE_LOCKED_OPEN;
	if (after->relay && !before->relay) {
		if (!says(effects, LQ_EVENT_DOOR_RELEASED)) {
			return "released without a journalled cause";
		}
		if (!opens) {
			return "released by what releases nothing";
		}
		if (after->mode == LQ_MODE_BLOCKED || after->mode == LQ_MODE_LOCKED_DOWN) {
			return "released in a mode that refuses";
		}
	}
	if (before->relay && !after->relay) {
		if (!says(effects, LQ_EVENT_DOOR_RELOCKED)) {
			return "locked without a word";
		}
		if (after->held && what != ENDS) {
			return "locked during a fire";
		}
	}
	if (what == SECOND && after->relay && !stands && !after->held &&
		now_us >= after->locked_by_us) {
		return "not locked by its bound";
	}
	if ((what == TO_BLOCKED || what == TO_LOCKED_DOWN) && after->relay && !after->held) {
		return "a mode that refuses leaves it released";
	}
	if (stands && !after->relay && what != ENDS && opens) {
		return "a mode that releases leaves it locked";
	}
	return NULL;
}

/* Whoever asked to exit, or walks through a released door, is expected: in every mode. */
static const char *check_opening(const struct watcher *before,
	const struct lq_door_effects *effects, uint64_t now_us, bool *ret_expected)
{
	for (unsigned i = 0; i < effects->event_count; i++) {
		const struct lq_event *event = &effects->events[i];
		if (event->type != LQ_EVENT_DOOR_OPENED) {
			continue;
		}
		*ret_expected = event->expected;
		bool due = before->relay || before->held || before->exit_on ||
			   now_us < before->exit_until_us;
		if (due != event->expected) {
			return due ? "an exit was not expected" : "an intruder was expected";
		}
	}
	return NULL;
}

/* Alarms begin and end in turns, and what was said is what the door shows. */
static const char *check_turns(
	struct watcher *watcher, const struct lq_door *door, const struct lq_door_effects *effects)
{
	for (unsigned i = 0; i < effects->event_count; i++) {
		const struct lq_event *event = &effects->events[i];
		bool begins = event->type == LQ_EVENT_DOOR_ALARM;
		for (int alarm = 0; alarm < LQ_ALARM_COUNT; alarm++) {
			uint16_t bit = (uint16_t)(1u << (unsigned)alarm);
			if ((!begins && event->type != LQ_EVENT_DOOR_ALARM_ENDED) ||
				strcmp(event->cause,
					lq_door_alarm_text((enum lq_door_alarm)alarm)) != 0) {
				continue;
			}
			if (((watcher->alarms & bit) != 0) == begins) {
				return "an alarm begins or ends twice";
			}
			watcher->alarms ^= bit;
		}
	}
	return watcher->alarms == door->alarms ? NULL : "an alarm changed without a word";
}

static bool has(const struct watcher *watcher, enum lq_door_alarm alarm)
{
	return (watcher->alarms & (1u << (unsigned)alarm)) != 0;
}

static const char *check_alarms(const struct watcher *before, struct watcher *after, enum what what,
	bool expected, uint64_t now_us)
{
	bool open = after->contact == LQ_OBSERVED_OPEN;
	bool meant = after->held || after->mode == LQ_MODE_UNLOCKED ||
		     after->mode == LQ_MODE_LOCKED_OPEN;
	if (what == OPENS && before->contact == LQ_OBSERVED_CLOSED && !expected &&
		!has(after, LQ_ALARM_FORCED_OPEN)) {
		return "forced, and no alarm";
	}
	if ((!open || meant) && has(after, LQ_ALARM_FORCED_OPEN)) {
		return "a forced door that is not open";
	}
	bool counts = open && !meant && now_us >= after->propped_until_us;
	if (what == SECOND || !counts) {
		bool since = after->open_since_us != NEVER;
		after->open_since_us = !counts ? NEVER : since ? after->open_since_us : now_us;
	} else if (after->open_since_us == NEVER) {
		after->open_since_us = now_us;
	}
	if (has(after, LQ_ALARM_HELD_OPEN) && !open) {
		return "held open, and closed";
	}
	if (what == SECOND && after->open_since_us != NEVER &&
		now_us >= after->open_since_us + 3 * SECOND_US && !has(after, LQ_ALARM_HELD_OPEN)) {
		return "held open for long, and no alarm";
	}
	if (what == SECOND && has(after, LQ_ALARM_HELD_OPEN) && !has(before, LQ_ALARM_HELD_OPEN) &&
		now_us < after->open_since_us + 2 * SECOND_US) {
		return "an alarm before its time";
	}
	return NULL;
}

static const char *check_levels(const struct watcher *after, enum what what, uint64_t now_us)
{
	if (what == SECOND && after->exit_on && now_us >= after->exit_since_us + 2 * SECOND_US &&
		!has(after, LQ_ALARM_REX_STUCK)) {
		return "a stuck exit button, and no alarm";
	}
	if (!after->exit_on && has(after, LQ_ALARM_REX_STUCK)) {
		return "an exit button that is stuck and not pressed";
	}
	return has(after, LQ_ALARM_FIRE) == after->fire ? NULL : "fire and its alarm differ";
}

static const char *try_input(struct place *place, const struct lq_door_settings *settings,
	step_function step, enum what what)
{
	struct lq_door_effects effects;
	struct lq_door_input input = input_of(what);
	struct watcher before = place->watcher;
	struct watcher *after = &place->watcher;
	bool expected = true;
	place->now_us += what == SECOND ? SECOND_US : 0;
	memset(&effects, 0xa5, sizeof(effects));
	step(&place->door, settings, &input, (struct lq_mono){place->now_us},
		(struct lq_wall){.unix_ms = 777}, &effects);
	after->relay = effects.set_relay ? effects.relay_released : after->relay;
	note_input(after, what, place->now_us);
	bool refused = before.mode == LQ_MODE_BLOCKED || before.mode == LQ_MODE_LOCKED_DOWN;
	if (what == TAP_EXTENDED && !refused) {
		after->open_since_us = after->open_since_us == NEVER ? NEVER : place->now_us;
	}
	const char *wrong = after->relay == place->door.released ? NULL : "the relay is elsewhere";
	wrong = wrong != NULL ? wrong : check_relay(&before, after, &effects, what, place->now_us);
	wrong = wrong != NULL ? wrong : check_opening(&before, &effects, place->now_us, &expected);
	wrong = wrong != NULL ? wrong : check_turns(after, &place->door, &effects);
	wrong = wrong != NULL ? wrong : check_alarms(&before, after, what, expected, place->now_us);
	return wrong != NULL ? wrong : check_levels(after, what, place->now_us);
}

/* The daemon ticks at every deadline: one that is over would never be served. */
static const char *check_deadline(
	const struct place *place, const struct lq_door_settings *settings, enum what what)
{
	struct lq_mono deadline = {0};
	if (!lq_door_deadline(&place->door, settings, &deadline)) {
		return place->door.accessed ? "a passage without an end" : NULL;
	}
	if (what == SECOND && deadline.us <= place->now_us) {
		return "a tick that leaves something due: the loop would spin";
	}
	return deadline.us <= place->now_us + 3 * SECOND_US ? NULL : "a deadline too far";
}

/* ---- the walk ---- */

/* What tells two states apart, in times that are left. */
struct key {
	uint64_t words[4];
};

static uint64_t left(uint64_t at_us, uint64_t now_us, bool counts)
{
	uint64_t seconds = at_us > now_us ? (at_us - now_us) / SECOND_US : 0;
	return counts ? (seconds > 6 ? 7 : seconds + 1) : 0;
}

static struct key key_of(const struct place *place)
{
	const struct lq_door *d = &place->door;
	const struct watcher *w = &place->watcher;
	uint64_t now = place->now_us;
	uint64_t flags = (uint64_t)d->mode | (uint64_t)d->contact << 3 | (uint64_t)d->lock << 5 |
			 (uint64_t)d->alarms << 8 | (uint64_t)d->doubt << 16 |
			 (uint64_t)d->released << 20 | (uint64_t)d->accessed << 21 |
			 (uint64_t)d->extended << 22 | (uint64_t)d->watched << 23 |
			 (uint64_t)d->propped << 24 | (uint64_t)d->rex << 25 |
			 (uint64_t)d->fire << 26 | (uint64_t)d->fire_hold << 27 |
			 (uint64_t)(d->waiting_count > 0) << 28;
	uint64_t since = w->open_since_us == NEVER ? 0 : (now - w->open_since_us) / SECOND_US + 1;
	uint64_t times = left(d->relock_at.us, now, d->accessed) |
			 left(d->held_at.us, now, d->watched) << 4 |
			 left(d->propped_until.us, now, d->propped) << 8 |
			 left(d->rex_stuck_at.us, now, d->rex) << 12 |
			 left(d->exit_until.us, now, true) << 16 |
			 left(d->doubt_at.us, now, d->doubt != LQ_ALARM_COUNT) << 20 |
			 left(w->locked_by_us, now, true) << 24 | (since > 6 ? 7 : since) << 28;
	return (struct key){{flags, times, 0, 0}};
}

#define SLOTS (UINT64_C(1) << 22)
#define ROOM  1500000

/* What a walk needs room for, for one walk after the other: a sanitizer makes such memory dear. */
static struct {
	struct key *seen;
	struct place *queue;
	uint64_t walks;
} room;

static int make_room(void **state)
{
	(void)state;
	room.seen = calloc(SLOTS, sizeof(*room.seen));
	room.queue = calloc(ROOM, sizeof(*room.queue));
	return room.seen != NULL && room.queue != NULL ? 0 : -1;
}

static int give_room_back(void **state)
{
	(void)state;
	free(room.queue);
	free(room.seen);
	return 0;
}

struct walk {
	const struct lq_door_settings *settings;
	step_function step;
	uint64_t number; /* from 1; what earlier walks have seen does not count */
	struct key *seen;
	struct place *queue;
	size_t end;
	const char *wrong;
};

static bool first_seen(struct walk *walk, const struct place *place)
{
	struct key key = key_of(place);
	key.words[3] = walk->number;
	uint64_t hash = (key.words[0] * UINT64_C(0x9e3779b97f4a7c15)) ^
			(key.words[1] * UINT64_C(0xc2b2ae3d27d4eb4f));
	for (uint64_t i = hash >> 20;; i++) {
		struct key *slot = &walk->seen[i % SLOTS];
		if (slot->words[3] != walk->number) {
			*slot = key;
			return true;
		}
		if (memcmp(slot, &key, sizeof(key)) == 0) {
			return false;
		}
	}
}

static void visit(struct walk *walk, const struct place *from, const bool *inputs)
{
	for (int what = 0; what < WHATS && walk->wrong == NULL; what++) {
		struct place place = *from;
		if (!inputs[what]) {
			continue;
		}
		walk->wrong = try_input(&place, walk->settings, walk->step, (enum what)what);
		if (walk->wrong == NULL) {
			walk->wrong = check_deadline(&place, walk->settings, (enum what)what);
		}
		/* Who waits is the other test's matter: here it is one, or nobody. */
		place.door.waiting_count = place.door.waiting_count > 0 ? 1 : 0;
		if (walk->wrong == NULL && what != ENDS && first_seen(walk, &place)) {
			assert_true(walk->end < ROOM);
			walk->queue[walk->end++] = place;
		}
	}
}

/* Doors of a program that ended in a fire (perhaps released), with leave to stand open, or both. */
static void add_resumed(struct walk *walk)
{
	static const struct lq_door_input released = {
		.type = LQ_DOOR_FIRE_RESUME, .passage = {.transaction = {1, 3}}};
	struct lq_door_effects effects;
	for (unsigned i = 1; i < 8; i++) {
		struct place place = walk->queue[0];
		bool propped = (i & 2) != 0;
		place.watcher.held = (i & 1) != 0;
		place.watcher.propped_until_us = propped ? place.now_us + 3 * SECOND_US : 0;
		lq_door_resume(&place.door, place.watcher.held, propped ? 3000 : 0,
			(struct lq_mono){place.now_us});
		if (i == 5 || i == 7) {
			place.watcher.relay = true;
			walk->step(&place.door, walk->settings, &released,
				(struct lq_mono){place.now_us}, (struct lq_wall){0}, &effects);
			assert_true(effects.set_relay && effects.relay_released);
			assert_string_equal(effects.events[0].cause, "fire");
		}
		if (first_seen(walk, &place)) {
			walk->queue[walk->end++] = place;
		}
	}
}

/* The first promise that is broken, or NULL when none is in any state. */
static const char *walk_all(const struct lq_door_settings *settings, step_function step,
	const bool *inputs, size_t *ret_states)
{
	struct walk walk = {.settings = settings,
		.step = step,
		.number = ++room.walks,
		.seen = room.seen,
		.queue = room.queue,
		.end = 1};
	walk.queue[0] = (struct place){.door = lq_door_make(0), .now_us = 1000 * SECOND_US};
	walk.queue[0].watcher.open_since_us = NEVER;
	(void)first_seen(&walk, &walk.queue[0]);
	add_resumed(&walk);
	for (size_t at = 0; at < walk.end && walk.wrong == NULL; at++) {
		visit(&walk, &walk.queue[at], inputs);
	}
	*ret_states = walk.end;
	return walk.wrong;
}

/* Every input but those that have nothing to do with one another: a walk for the lock and its
 * alarms, and one for what the bolt, the tamper line and lost inputs add to the lock. */
static void choose(bool inputs[WHATS], const enum what *left_out, size_t count)
{
	for (int i = 0; i < WHATS; i++) {
		inputs[i] = true;
	}
	for (size_t i = 0; i < count; i++) {
		inputs[left_out[i]] = false;
	}
}

static const enum what without_bolt[] = {TAMPER_ON, TAMPER_OFF, BOLT_HOME, BOLT_BACK, LOST};
static const enum what without_exit[] = {
	EXIT_ON, EXIT_OFF, PROP, UNPROP, TAP_EXTENDED, TO_LOCKED_DOWN, TO_LOCKED_OPEN};

static void assert_kept(const struct lq_door_settings *settings, const bool *inputs, size_t least)
{
	size_t states = 0;
	const char *wrong = walk_all(settings, lq_door_step, inputs, &states);
	print_message("%zu states\n", states);
	if (wrong != NULL) {
		fail_msg("%s", wrong);
	}
	assert_true(states >= least);
}

static void the_lock_keeps_its_promises(void **state)
{
	(void)state;
	bool inputs[WHATS];
	choose(inputs, without_bolt, sizeof(without_bolt) / sizeof(without_bolt[0]));
	assert_kept(&base, inputs, 4000);
	choose(inputs, NULL, 0);
	assert_kept(&base, inputs, 40000);
}

static void whatever_relocks_it(void **state)
{
	(void)state;
	bool inputs[WHATS];
	choose(inputs, without_exit, sizeof(without_exit) / sizeof(without_exit[0]));
	for (int when = LQ_RELOCK_ON_TIMER; when <= (int)LQ_RELOCK_ON_CLOSE; when++) {
		struct lq_door_settings settings = base;
		settings.relock_on = (enum lq_relock_on)when;
		assert_kept(&settings, inputs, 1000);
	}
	struct lq_door_settings blind = base;
	blind.has_contact = false;
	inputs[OPENS] = inputs[CLOSES] = false;
	assert_kept(&blind, inputs, 300);
}

/* ---- doors that break their promises ---- */

static void forgets_to_lock(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	struct lq_door before = *door;
	lq_door_step(door, settings, input, now, wall, effects);
	if (input->type == LQ_DOOR_TICK && before.released && !door->released) {
		*door = before;
		effects->set_relay = false;
		effects->event_count = 0;
	}
}

static void opens_when_blocked(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	enum lq_door_mode mode = door->mode;
	if (input->type == LQ_DOOR_RELEASE && mode == LQ_MODE_BLOCKED) {
		door->mode = LQ_MODE_LOCKED;
	}
	lq_door_step(door, settings, input, now, wall, effects);
	if (input->type == LQ_DOOR_RELEASE) {
		door->mode = mode;
	}
}

static void locks_in_a_fire(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	bool held = door->fire_hold;
	door->fire_hold = held && input->type != LQ_DOOR_TICK;
	lq_door_step(door, settings, input, now, wall, effects);
	door->fire_hold = door->fire_hold || (held && input->type == LQ_DOOR_TICK);
}

static void releases_in_silence(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	lq_door_step(door, settings, input, now, wall, effects);
	if (input->type == LQ_DOOR_SET_MODE) {
		effects->event_count = 0;
	}
}

static void forgets_exits(struct lq_door *door, const struct lq_door_settings *settings,
	const struct lq_door_input *input, struct lq_mono now, struct lq_wall wall,
	struct lq_door_effects *effects)
{
	if (door->mode == LQ_MODE_LOCKED_DOWN) {
		door->rex = false;
		door->exit_until = (struct lq_mono){0};
	}
	lq_door_step(door, settings, input, now, wall, effects);
}

static void broken_doors_are_found(void **state)
{
	static const struct {
		step_function step;
		const char *wrong;
	} doors[] = {
		{forgets_to_lock, "not locked by its bound"},
		{opens_when_blocked, "released in a mode that refuses"},
		{locks_in_a_fire, "locked during a fire"},
		{releases_in_silence, "released without a journalled cause"},
		{forgets_exits, "an exit was not expected"},
	};
	bool inputs[WHATS];
	(void)state;
	choose(inputs, without_bolt, sizeof(without_bolt) / sizeof(without_bolt[0]));
	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		size_t states = 0;
		const char *wrong = walk_all(&base, doors[i].step, inputs, &states);
		assert_non_null(wrong);
		assert_string_equal(wrong, doors[i].wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lock_keeps_its_promises),
		cmocka_unit_test(whatever_relocks_it),
		cmocka_unit_test(broken_doors_are_found),
	};
	return cmocka_run_group_tests(tests, make_room, give_room_back);
}

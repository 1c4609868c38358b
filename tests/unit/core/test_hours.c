/* Opening hours over long stories, against an oracle that remembers nothing but the story itself:
 * at each moment it looks back at who set what by hand, which periods were entered, and who came.
 * Restarts, which forget everything that the journal did not tell, must make no difference. */
#include "firmware/core/hours.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define STORIES   250
#define MOMENTS   500
#define HORIZON   60000          /* minutes that a story lasts at most: six weeks */
#define FIRST_DAY INT64_C(20454) /* Thursday 2026-01-01 */
#define FIRST     (FIRST_DAY * 1440)

struct moment {
	int64_t minute; /* since FIRST */
	bool trusted;
	int run;   /* of open minutes; 0: none. As it was seen, that is, by a trusted clock */
	bool hand; /* somebody set the mode */
	enum lq_door_mode mode;
	bool came;
};

struct story {
	struct lq_schedule schedule;
	struct lq_special_day day;
	bool first_person;
	bool has_schedule;
	int runs[HORIZON]; /* by minute: the number of the run of open minutes, 0: closed */
	struct moment moments[MOMENTS];
	int count;
};

/* What the program holds, and what of it is on disk. */
struct program {
	struct lq_hours hours;
	enum lq_door_mode mode;
	struct lq_hours kept_hours;
	enum lq_door_mode kept_mode;
};

static struct lq_random chance;

static uint32_t below(uint32_t bound)
{
	return lq_random_below(&chance, bound);
}

static struct lq_calendar calendar_of(const struct story *story)
{
	return (struct lq_calendar){.days = &story->day, .count = 1};
}

/* ---- the oracle ---- */

static bool emergency(enum lq_door_mode mode)
{
	return mode != LQ_MODE_LOCKED && mode != LQ_MODE_UNLOCKED;
}

/* The last moment at which somebody set the mode, -1: none. */
static int last_hand(const struct story *story)
{
	int at = story->count - 1;
	while (at >= 0 && !story->moments[at].hand) {
		at--;
	}
	return at;
}

/* Whether, behind the moment `since`, another run was seen than in it. Where the clock could not
 * say which that was, it was the next that is seen. */
static bool edge_behind(const struct story *story, int since)
{
	bool known = false;
	int run = 0;
	for (int i = since < 0 ? 0 : since; i < story->count; i++) {
		const struct moment *moment = &story->moments[i];
		if (moment->trusted && known && moment->run != run) {
			return true;
		}
		known = known || moment->trusted;
		run = moment->trusted ? moment->run : run;
	}
	return since < 0 && run != 0;
}

/* Whether a member came since the present run was entered. */
static bool came_in(const struct story *story, int run)
{
	for (int i = story->count - 1; i >= 0; i--) {
		const struct moment *moment = &story->moments[i];
		if (moment->trusted && moment->run != run) {
			return false;
		}
		if (moment->trusted && moment->came) {
			return true;
		}
	}
	return false;
}

static enum lq_door_mode expected(const struct story *story)
{
	const struct moment *now = &story->moments[story->count - 1];
	int hand = last_hand(story);
	if (hand >= 0 && (emergency(story->moments[hand].mode) || !edge_behind(story, hand))) {
		return story->moments[hand].mode;
	}
	bool open =
		now->trusted && now->run != 0 && (!story->first_person || came_in(story, now->run));
	return open ? LQ_MODE_UNLOCKED : LQ_MODE_LOCKED;
}

/* ---- the program ---- */

static void keep(struct program *program)
{
	program->kept_hours = program->hours;
	program->kept_hours.seen = 0;
	program->kept_mode = program->mode;
}

static void look(
	struct program *program, const struct story *story, const struct moment *moment, bool came)
{
	const struct lq_calendar calendar = calendar_of(story);
	const struct lq_hours_rule rule = {
		.schedule = story->has_schedule ? &story->schedule : NULL,
		.calendar = &calendar,
		.first_person = story->first_person};
	struct lq_wall now = {.unix_ms = (FIRST + moment->minute) * 60000 + below(60000)};
	enum lq_hours_wish wish =
		lq_hours_step(&program->hours, &rule, program->mode, now, moment->trusted, came);
	if (wish == LQ_HOURS_UNLOCK || wish == LQ_HOURS_LOCK) {
		bool unlock = wish == LQ_HOURS_UNLOCK;
		assert_int_equal(program->mode, unlock ? LQ_MODE_LOCKED : LQ_MODE_UNLOCKED);
		program->mode = unlock ? LQ_MODE_UNLOCKED : LQ_MODE_LOCKED;
	}
	if (wish != LQ_HOURS_AS_IT_IS) {
		keep(program);
	}
	struct lq_hours again = program->hours;
	assert_int_equal(lq_hours_step(&again, &rule, program->mode, now, moment->trusted, false),
		LQ_HOURS_AS_IT_IS);
}

static void live(struct program *program, const struct story *story, const struct moment *moment)
{
	if (below(20) == 0) {
		program->hours = program->kept_hours;
		program->mode = program->kept_mode;
	}
	look(program, story, moment, false);
	if (moment->hand) {
		lq_hours_hold(&program->hours, moment->trusted);
		program->mode = moment->mode;
		keep(program);
	}
	if (moment->came) {
		look(program, story, moment, true);
	}
}

/* ---- stories ---- */

static void number_runs(struct story *story)
{
	const struct lq_calendar calendar = calendar_of(story);
	int run = 0;
	bool before = false;
	for (int64_t minute = 0; minute < HORIZON; minute++) {
		bool open = story->has_schedule &&
			    lq_schedule_contains_local(&story->schedule, &calendar, FIRST + minute);
		run += open && !before ? 1 : 0;
		story->runs[minute] = open ? run : 0;
		before = open;
	}
}

static void begin_story(struct story *story)
{
	memset(story, 0, sizeof(*story));
	story->first_person = below(2) == 0;
	story->has_schedule = below(15) != 0;
	story->schedule.count = (uint8_t)(below(8) == 0 ? 1 : 1 + below(6));
	for (uint8_t i = 0; i < story->schedule.count; i++) {
		uint32_t from = below(LQ_WEEK_MINUTES);
		story->schedule.periods[i] = (struct lq_period){.from = (uint16_t)from,
			.to = (uint16_t)((from + 30 + below(900)) % LQ_WEEK_MINUTES)};
	}
	if (below(6) == 0) { /* always open, but for a day */
		story->schedule.count = 1;
		story->schedule.periods[0] = (struct lq_period){0, LQ_WEEK_MINUTES};
	}
	story->schedule.special_count = 1;
	story->schedule.specials[0].group = 1;
	story->day =
		(struct lq_special_day){.group = 1, .month = 1, .day = (uint8_t)(2 + below(20))};
	number_runs(story);
}

static int64_t pause_before_next(void)
{
	switch (below(4)) {
	case 0:
		return 1;
	case 1:
		return 0;
	case 2:
		return below(40);
	default:
		return below(700);
	}
}

static const char *mode_before(const struct story *story)
{
	int hand = last_hand(story);
	return hand < 0 ? "nothing" : lq_door_mode_text(story->moments[hand].mode);
}

static unsigned seen[LQ_MODE_COUNT];

static void compare(int number, const struct story *story, const struct program *program)
{
	const struct moment *moment = &story->moments[story->count - 1];
	enum lq_door_mode wanted = expected(story);
	seen[wanted]++;
	if (program->mode != wanted) {
		fail_msg("story %d, moment %d, minute %d (run %d, trusted %d, came %d, first %d): "
			 "%s, not %s; by hand: %s",
			number, story->count - 1, (int)moment->minute, moment->run, moment->trusted,
			moment->came, story->first_person, lq_door_mode_text(program->mode),
			lq_door_mode_text(wanted), mode_before(story));
	}
}

static void live_story(int number)
{
	static struct story story;
	struct program program = {.mode = LQ_MODE_LOCKED};
	int64_t minute = 0;
	bool trusted = true;
	begin_story(&story);
	for (; story.count < MOMENTS && minute < HORIZON; minute += pause_before_next()) {
		trusted = below(25) == 0 ? !trusted : trusted;
		struct moment moment = {.minute = minute,
			.trusted = trusted,
			.run = story.runs[minute],
			.hand = below(40) == 0,
			.mode = (enum lq_door_mode)below(LQ_MODE_COUNT),
			.came = below(8) == 0};
		story.moments[story.count++] = moment;
		live(&program, &story, &moment);
		compare(number, &story, &program);
	}
}

static void stories(void **state)
{
	(void)state;
	chance = lq_random_begin("unit.core.hours");
	for (int i = 0; i < STORIES; i++) {
		live_story(i);
	}
	for (int mode = 0; mode < LQ_MODE_COUNT; mode++) {
		assert_in_range(seen[mode], 100, UINT32_MAX);
	}
}

/* A board that is switched off in the evening and on again in the morning, in another period of the
 * same hours: somebody has to come anew. */
static void a_new_period_after_a_night_without_power(void **state)
{
	(void)state;
	const struct lq_calendar none = {0};
	struct lq_schedule days = {.count = 7};
	for (uint16_t day = 0; day < 7; day++) {
		days.periods[day] = (struct lq_period){
			(uint16_t)(day * 1440u + 480u), (uint16_t)(day * 1440u + 1200u)};
	}
	const struct lq_hours_rule rule = {
		.schedule = &days, .calendar = &none, .first_person = true};
	struct lq_hours hours = {0};
	struct lq_wall noon = {.unix_ms = (FIRST + 720) * 60000};
	assert_int_equal(
		lq_hours_step(&hours, &rule, LQ_MODE_LOCKED, noon, true, false), LQ_HOURS_AS_IT_IS);
	assert_int_equal(
		lq_hours_step(&hours, &rule, LQ_MODE_LOCKED, noon, true, true), LQ_HOURS_UNLOCK);
	hours.seen = 0;
	assert_int_equal(lq_hours_step(&hours, &rule, LQ_MODE_UNLOCKED, noon, true, false),
		LQ_HOURS_AS_IT_IS);
	hours.seen = 0;
	noon.unix_ms += INT64_C(86400000);
	assert_int_equal(
		lq_hours_step(&hours, &rule, LQ_MODE_UNLOCKED, noon, true, false), LQ_HOURS_LOCK);
	assert_int_equal(
		lq_hours_step(&hours, &rule, LQ_MODE_LOCKED, noon, true, true), LQ_HOURS_UNLOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories),
		cmocka_unit_test(a_new_period_after_a_night_without_power),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

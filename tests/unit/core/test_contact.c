/* Whether taps are held for the office's last word: every story of so many steps, held against a
 * second way of telling, which keeps nothing but the list of what happened. */
#include "firmware/core/contact.h"
#include "tests/lib/cmocka.h"

#include <string.h>

#define STEPS   7u
#define HALF_US UINT64_C(500000)
#define BOOT_US UINT64_C(1000000000)

/* Times pass by more than what is waited for, and by less. */
enum what { MADE, LOST, SAME, NEWER, LEARNT, SHORT, LONG, WHATS };

struct happening {
	enum what what;
	uint64_t at_us;
};

struct story {
	struct happening list[STEPS];
	unsigned count;
};

/* ---- the second way of telling ---- */

static bool within(uint64_t from_us, uint32_t ms, uint64_t at_us)
{
	return at_us < from_us + ms * UINT64_C(1000);
}

/* The last happening of this kind behind `after`; STEPS: none. */
static unsigned last(const struct story *story, enum what what, unsigned after)
{
	for (unsigned i = story->count; i > after; i--) {
		if (story->list[i - 1].what == what) {
			return i - 1;
		}
	}
	return STEPS;
}

/* The broker was reached then, and has been there since; STEPS: it is not there. */
static unsigned reached(const struct story *story)
{
	unsigned first = STEPS;
	for (unsigned i = 0; i < story->count; i++) {
		if (story->list[i].what == LOST) {
			first = STEPS;
		} else if (story->list[i].what == MADE && first == STEPS) {
			first = i;
		}
	}
	return first;
}

/* The word that is being learnt: the first newer one while the roster was not known to be the
 * office's last, within its time; STEPS: none. */
static unsigned learning(const struct story *story, unsigned contact)
{
	unsigned word = STEPS;
	bool current = false;
	for (unsigned i = contact; i < story->count; i++) {
		const struct happening *here = &story->list[i];
		if (word != STEPS &&
			!within(story->list[word].at_us, LQ_CONTACT_LEARN_MS, here->at_us)) {
			word = STEPS; /* given up */
		}
		if (here->what == SAME || (here->what == LEARNT && word != STEPS)) {
			word = STEPS;
			current = true;
		} else if (here->what == NEWER && word == STEPS && !current) {
			word = i;
		}
	}
	return word;
}

/* Whether anything of the office was heard on this contact. */
static bool heard(const struct story *story, unsigned contact)
{
	return last(story, SAME, contact) != STEPS || last(story, NEWER, contact) != STEPS;
}

static bool told(const struct story *story, bool changes, uint64_t since_us, uint64_t now_us)
{
	unsigned contact = reached(story);
	if (contact == STEPS || !within(since_us, LQ_CONTACT_TAP_MS, now_us)) {
		return false;
	}
	if (!heard(story, contact)) {
		return within(story->list[contact].at_us, LQ_CONTACT_WORD_MS, now_us);
	}
	unsigned word = learning(story, contact);
	return word != STEPS && within(story->list[word].at_us, LQ_CONTACT_LEARN_MS, now_us) &&
	       changes;
}

/* ---- the walk ---- */

static void do_it(struct lq_contact *contact, enum what what, struct lq_mono now)
{
	static const enum lq_contact_input inputs[] = {
		[MADE] = LQ_CONTACT_MADE,
		[LOST] = LQ_CONTACT_LOST,
		[SAME] = LQ_CONTACT_SAME,
		[NEWER] = LQ_CONTACT_NEWER,
		[LEARNT] = LQ_CONTACT_LEARNT,
		[SHORT] = LQ_CONTACT_TICK,
		[LONG] = LQ_CONTACT_TICK,
	};
	lq_contact_step(contact, inputs[what], now);
}

static void compare(
	const struct story *story, const struct lq_contact *contact, uint64_t now_us, bool ticked)
{
	struct lq_mono now = {now_us};
	for (uint64_t age = 0; age < 6; age++) {
		struct lq_mono since = {now_us - age * HALF_US};
		for (int changes = 0; changes < 2; changes++) {
			bool holds = lq_contact_holds(contact, changes != 0, since, now);
			assert_int_equal(holds, told(story, changes != 0, since.us, now_us));
			assert_true(!holds || !lq_mono_due(lq_contact_until(contact, since), now));
		}
	}
	assert_true(!ticked || !lq_mono_due(lq_contact_due(contact), now));
}

static unsigned long walk(struct story *story, struct lq_contact contact, uint64_t now_us)
{
	unsigned long stories = 1;
	if (story->count == STEPS) {
		return stories;
	}
	for (enum what what = MADE; what < WHATS; what++) {
		struct lq_contact next = contact;
		uint64_t at_us = now_us + (what == SHORT         ? 3 * HALF_US
						  : what == LONG ? 60 * HALF_US
								 : 0);
		story->list[story->count++] = (struct happening){what, at_us};
		if (what == SHORT || what == LONG) { /* time alone ends what is held */
			compare(story, &next, at_us, false);
		}
		do_it(&next, what, (struct lq_mono){at_us});
		compare(story, &next, at_us, true);
		stories += walk(story, next, at_us);
		story->count--;
	}
	return stories;
}

static void every_story_is_told_alike(void **state)
{
	struct story story = {.count = 0};
	(void)state;
	unsigned long stories =
		walk(&story, (struct lq_contact){.phase = LQ_CONTACT_AWAY}, BOOT_US);
	print_message("%lu stories\n", stories);
}

static void a_tap_waits_for_the_word_and_for_what_it_changes(void **state)
{
	struct lq_contact contact = {.phase = LQ_CONTACT_AWAY};
	struct lq_mono now = {BOOT_US};
	(void)state;
	assert_false(lq_contact_holds(&contact, true, now, now));
	lq_contact_step(&contact, LQ_CONTACT_MADE, now);
	assert_true(lq_contact_holds(&contact, false, now, now));
	lq_contact_step(&contact, LQ_CONTACT_NEWER, now);
	assert_false(lq_contact_holds(&contact, false, now, now));
	assert_true(lq_contact_holds(&contact, true, now, now));
	lq_contact_step(&contact, LQ_CONTACT_LEARNT, now);
	assert_false(lq_contact_holds(&contact, true, now, now));
	assert_string_equal(lq_contact_word(contact.phase), "current");
	lq_contact_step(&contact, LQ_CONTACT_NEWER, now); /* told as it happens */
	assert_false(lq_contact_holds(&contact, true, now, now));
}

static void a_server_that_hangs_keeps_nobody_out(void **state)
{
	struct lq_contact contact = {.phase = LQ_CONTACT_AWAY};
	struct lq_mono now = {BOOT_US};
	(void)state;
	lq_contact_step(&contact, LQ_CONTACT_MADE, now);
	struct lq_mono late = lq_mono_after_ms(now, LQ_CONTACT_WORD_MS);
	assert_int_equal(lq_contact_until(&contact, now).us, late.us);
	assert_false(lq_contact_holds(&contact, true, now, late));
	assert_false(lq_contact_holds(&contact, true, late, late));
	lq_contact_step(&contact, LQ_CONTACT_TICK, late);
	assert_string_equal(lq_contact_word(contact.phase), "missed");
	lq_contact_step(&contact, LQ_CONTACT_NEWER, late); /* the office is back */
	assert_true(lq_contact_holds(&contact, true, late, late));
	struct lq_mono later = lq_mono_after_ms(late, LQ_CONTACT_TAP_MS);
	assert_false(lq_contact_holds(&contact, true, late, later));
	assert_true(lq_contact_holds(&contact, true, later, later));
	struct lq_mono end = lq_mono_after_ms(late, LQ_CONTACT_LEARN_MS);
	assert_false(lq_contact_holds(&contact, true, end, end));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_story_is_told_alike),
		cmocka_unit_test(a_tap_waits_for_the_word_and_for_what_it_changes),
		cmocka_unit_test(a_server_that_hangs_keeps_nobody_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

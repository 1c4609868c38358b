#include "firmware/core/contact.h"

#include "firmware/core/assert.h"

static struct lq_contact await(struct lq_mono now)
{
	return (struct lq_contact){
		.phase = LQ_CONTACT_AWAITED, .until = lq_mono_after_ms(now, LQ_CONTACT_WORD_MS)};
}

/* A door that was current is told of changes as they come, and holds nobody. */
static struct lq_contact learn(const struct lq_contact *contact, struct lq_mono now)
{
	bool anew = contact->phase == LQ_CONTACT_AWAITED || contact->phase == LQ_CONTACT_MISSED;
	return anew ? (struct lq_contact){.phase = LQ_CONTACT_LEARNING,
			      .until = lq_mono_after_ms(now, LQ_CONTACT_LEARN_MS)}
		    : *contact;
}

struct lq_mono lq_contact_due(const struct lq_contact *contact)
{
	bool waits = contact->phase == LQ_CONTACT_AWAITED || contact->phase == LQ_CONTACT_LEARNING;
	return waits ? contact->until : (struct lq_mono){.us = UINT64_MAX};
}

static void give_up_late(struct lq_contact *contact, struct lq_mono now)
{
	if (lq_mono_due(lq_contact_due(contact), now)) {
		*contact = (struct lq_contact){.phase = LQ_CONTACT_MISSED};
	}
}

void lq_contact_step(struct lq_contact *contact, enum lq_contact_input input, struct lq_mono now)
{
	give_up_late(contact, now);
	bool away = contact->phase == LQ_CONTACT_AWAY;
	switch (input) {
	case LQ_CONTACT_MADE:
		*contact = away ? await(now) : *contact;
		return;
	case LQ_CONTACT_LOST:
		*contact = (struct lq_contact){.phase = LQ_CONTACT_AWAY};
		return;
	case LQ_CONTACT_SAME:
		contact->phase = away ? LQ_CONTACT_AWAY : LQ_CONTACT_CURRENT;
		return;
	case LQ_CONTACT_NEWER:
		*contact = learn(contact, now);
		return;
	case LQ_CONTACT_LEARNT:
		if (contact->phase == LQ_CONTACT_LEARNING) {
			contact->phase = LQ_CONTACT_CURRENT;
		}
		return;
	case LQ_CONTACT_TICK:
		return;
	}
	LQ_ASSERT(false);
}

bool lq_contact_holds(
	const struct lq_contact *contact, bool changes, struct lq_mono since, struct lq_mono now)
{
	if (lq_mono_due(lq_contact_until(contact, since), now)) {
		return false;
	}
	switch (contact->phase) {
	case LQ_CONTACT_AWAITED:
		return true;
	case LQ_CONTACT_LEARNING:
		return changes;
	case LQ_CONTACT_AWAY:
	case LQ_CONTACT_CURRENT:
	case LQ_CONTACT_MISSED:
		return false;
	}
	LQ_ASSERT(false);
	return false;
}

struct lq_mono lq_contact_until(const struct lq_contact *contact, struct lq_mono since)
{
	struct lq_mono patience = lq_mono_after_ms(since, LQ_CONTACT_TAP_MS);
	struct lq_mono due = lq_contact_due(contact);
	return due.us < patience.us ? due : patience;
}

const char *lq_contact_word(enum lq_contact_phase phase)
{
	static const char *const words[] = {
		[LQ_CONTACT_AWAY] = "away",
		[LQ_CONTACT_AWAITED] = "awaited",
		[LQ_CONTACT_LEARNING] = "learning",
		[LQ_CONTACT_CURRENT] = "current",
		[LQ_CONTACT_MISSED] = "missed",
	};
	return words[phase];
}

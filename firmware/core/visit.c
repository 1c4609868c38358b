#include "firmware/core/visit.h"

#include "firmware/core/assert.h"

#include <string.h>

#define FINAL_AFTER_MS (INT64_C(24) * 3600 * 1000)

struct lq_visit_settings lq_visit_settings_usual(void)
{
	return (struct lq_visit_settings){.rejoin_s = 25 * 3600,
		.double_tap_s = 60,
		.halves = LQ_HALVES_BY_CLOCK,
		.half_at_min = 13 * 60 + 30,
		.half_day_s = 5 * 3600,
		.tolerance_s = 45 * 60};
}

/* ---- the sheet ---- */

static bool is_before(const struct lq_visit_tap *tap, const struct lq_visit_event *event)
{
	return tap->epoch < event->epoch ||
	       (tap->epoch == event->epoch && tap->number < event->number);
}

/* NULL: it comes after everything that a full sheet keeps. */
static struct lq_visit_tap *place(struct lq_visit_sheet *sheet, const struct lq_visit_event *event)
{
	uint32_t at = 0;
	while (at < sheet->count && is_before(&sheet->taps[at], event)) {
		at++;
	}
	if (at == LQ_VISIT_TAPS_MAX) {
		return NULL;
	}
	struct lq_visit_tap *tap = &sheet->taps[at];
	if (at < sheet->count && tap->epoch == event->epoch && tap->number == event->number) {
		return tap;
	}
	if (sheet->count < LQ_VISIT_TAPS_MAX) {
		sheet->count++;
	}
	memmove(tap + 1, tap, (sheet->count - at - 1) * sizeof(*tap));
	*tap = (struct lq_visit_tap){.epoch = event->epoch,
		.number = event->number,
		.direction = event->direction,
		.trust = event->trust};
	return tap;
}

/* A transaction has one event of a kind: should there be two, the earlier counts. */
static void note_moment(bool *told, int64_t *moment_ms, int64_t at_ms)
{
	if (!*told || at_ms < *moment_ms) {
		*moment_ms = at_ms;
	}
	*told = true;
}

static bool is_same(const struct lq_visit_tap *a, const struct lq_visit_tap *b)
{
	return a->granted == b->granted && a->taken == b->taken && a->not_taken == b->not_taken &&
	       a->granted_ms == b->granted_ms && a->taken_ms == b->taken_ms &&
	       a->direction == b->direction && a->trust == b->trust;
}

bool lq_visit_note(struct lq_visit_sheet *sheet, const struct lq_visit_event *event)
{
	struct lq_visit_tap *tap = place(sheet, event);
	if (tap == NULL) {
		return false;
	}
	struct lq_visit_tap before = *tap;
	if (event->trust < tap->trust) {
		tap->trust = event->trust;
	}
	if (event->direction > tap->direction) {
		tap->direction = event->direction;
	}
	switch (event->evidence) {
	case LQ_EVIDENCE_GRANTED:
		note_moment(&tap->granted, &tap->granted_ms, event->at_ms);
		break;
	case LQ_EVIDENCE_TAKEN:
		note_moment(&tap->taken, &tap->taken_ms, event->at_ms);
		break;
	case LQ_EVIDENCE_NOT_TAKEN:
		tap->not_taken = true;
		break;
	}
	return !is_same(&before, tap);
}

bool lq_visit_passage(const struct lq_visit_tap *tap, int64_t *ret_at_ms)
{
	if (tap->taken) {
		*ret_at_ms = tap->taken_ms;
		return true;
	}
	if (tap->granted && !tap->not_taken) {
		*ret_at_ms = tap->granted_ms;
		return true;
	}
	return false;
}

/* ---- the visits ---- */

struct passage {
	int64_t at_ms;
	uint32_t tap;
};

/* The first of the day behind `last`, by time and then by transaction. */
static bool next_passage(const struct lq_visit_sheet *sheet, const struct lq_business_day *day,
	const struct passage *last, struct passage *ret_next)
{
	bool found = false;
	for (uint32_t i = 0; i < sheet->count; i++) {
		int64_t at_ms = 0;
		if (!lq_visit_passage(&sheet->taps[i], &at_ms) || at_ms < day->begins_ms ||
			at_ms >= day->ends_ms) {
			continue;
		}
		bool behind = at_ms > last->at_ms || (at_ms == last->at_ms && i > last->tap);
		if (behind && (!found || at_ms < ret_next->at_ms)) {
			*ret_next = (struct passage){.at_ms = at_ms, .tap = i};
			found = true;
		}
	}
	return found;
}

struct making {
	const struct lq_visit_sheet *sheet;
	const struct lq_visit_settings *settings;
	struct lq_visit *visits;
	uint32_t count;
	uint32_t strays;
};

static void stretch(struct lq_visit *visit, const struct lq_visit_tap *tap, int64_t at_ms)
{
	visit->seen_ms = at_ms;
	visit->passages++;
	visit->assumed = visit->assumed || !tap->taken;
	if (tap->trust < visit->trust) {
		visit->trust = tap->trust;
	}
}

static bool was_said_to_be_out(const struct making *m, const struct lq_visit *last, int64_t at_ms)
{
	bool said = false;
	for (uint32_t i = 0; i < m->sheet->sayings && last != NULL; i++) {
		int64_t said_ms = m->sheet->said_out_ms[i];
		said = said || (said_ms >= last->seen_ms && said_ms < at_ms);
	}
	return said;
}

static void enter(struct making *m, const struct lq_visit_tap *tap, int64_t at_ms)
{
	struct lq_visit *visit = m->count > 0 ? &m->visits[m->count - 1] : NULL;
	bool joins =
		visit != NULL && !was_said_to_be_out(m, visit, at_ms) &&
		(!visit->left || at_ms - visit->seen_ms <= m->settings->rejoin_s * INT64_C(1000));
	if (!joins) {
		visit = &m->visits[m->count++];
		*visit = (struct lq_visit){.began_ms = at_ms, .trust = tap->trust};
	} else if (visit->left) {
		visit->absent_ms += at_ms - visit->seen_ms;
	}
	stretch(visit, tap, at_ms);
	visit->left = false;
}

static void leave(struct making *m, const struct lq_visit_tap *tap, int64_t at_ms)
{
	struct lq_visit *visit = m->count > 0 ? &m->visits[m->count - 1] : NULL;
	if (visit == NULL || visit->left) {
		m->strays++;
		return;
	}
	stretch(visit, tap, at_ms);
	visit->left = true;
}

static void pass(struct making *m, const struct lq_visit_tap *tap, int64_t at_ms)
{
	const struct lq_visit *last = m->count > 0 ? &m->visits[m->count - 1] : NULL;
	bool toggles = m->settings->second_tap_ends && last != NULL;
	if (toggles && at_ms - last->seen_ms <= m->settings->double_tap_s * INT64_C(1000)) {
		return;
	}
	bool in = last != NULL && !last->left && !was_said_to_be_out(m, last, at_ms);
	if (tap->direction == LQ_DIRECTION_EXIT || (toggles && in)) {
		leave(m, tap, at_ms);
	} else {
		enter(m, tap, at_ms);
	}
}

uint32_t lq_visit_derive(const struct lq_visit_sheet *sheet, const struct lq_business_day *day,
	const struct lq_visit_settings *settings, struct lq_visit ret_visits[LQ_VISITS_MAX],
	uint32_t *ret_strays)
{
	struct making making = {.sheet = sheet, .settings = settings, .visits = ret_visits};
	struct passage passage = {.at_ms = INT64_MIN};
	struct passage next;
	LQ_ASSERT(sheet->count <= LQ_VISIT_TAPS_MAX);
	LQ_ASSERT(sheet->sayings <= LQ_VISIT_SAYINGS_MAX);
	while (next_passage(sheet, day, &passage, &next)) {
		passage = next;
		pass(&making, &sheet->taps[passage.tap], passage.at_ms);
	}
	*ret_strays = making.strays;
	return making.count;
}

enum lq_visit_state lq_visit_state(
	const struct lq_visit *visit, const struct lq_business_day *day, int64_t now_ms)
{
	if (visit->left) {
		return LQ_VISIT_LEFT;
	}
	return now_ms < day->ends_ms ? LQ_VISIT_OPEN : LQ_VISIT_CUT_OFF;
}

bool lq_visit_final(const struct lq_visit *visit, const struct lq_business_day *day, int64_t now_ms)
{
	int64_t ended_ms = visit->left ? visit->seen_ms : day->ends_ms;
	return now_ms >= ended_ms + FINAL_AFTER_MS;
}

static bool is_day_by_clock(const struct lq_visit *visit, const struct lq_business_day *day,
	const struct lq_visit_settings *settings)
{
	int64_t tolerance_ms = settings->tolerance_s * INT64_C(1000);
	if (visit->began_ms >= day->half_ms || visit->seen_ms < day->half_ms) {
		return false;
	}
	int64_t after_ms = visit->seen_ms - day->half_ms;
	return day->half_ms - visit->began_ms >= tolerance_ms &&
	       (!visit->left || after_ms >= tolerance_ms);
}

uint32_t lq_visit_half_days(const struct lq_visit *visit, const struct lq_business_day *day,
	const struct lq_visit_settings *settings)
{
	bool whole = false;
	switch (settings->halves) {
	case LQ_HALVES_BY_CLOCK:
		whole = is_day_by_clock(visit, day, settings);
		break;
	case LQ_HALVES_BY_DURATION:
		whole = visit->seen_ms - visit->began_ms > settings->half_day_s * INT64_C(1000);
		break;
	}
	return whole ? 2 : 1;
}

uint32_t lq_visit_occupancy(const struct lq_visit *visits, uint32_t count,
	const struct lq_business_day *day, int64_t now_ms)
{
	uint32_t people = 0;
	for (uint32_t i = 0; i < count; i++) {
		people += lq_visit_state(&visits[i], day, now_ms) == LQ_VISIT_OPEN ? 1 : 0;
	}
	return people;
}

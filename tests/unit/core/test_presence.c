/* Who is in: held against a plain table of pairs and a calendar that counts days one by one. */
#include "firmware/core/presence.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define ZONES   3u
#define HOLDERS 40u
#define HOUR_MS (INT64_C(3600) * 1000)

/* 2026-11-24, a Tuesday, at midnight UTC. */
#define MIDNIGHT_MS INT64_C(1795478400000)

static const struct lq_day four_o_clock = {.cut_hour = 4, .trust = LQ_TRUST_RTC};

static struct lq_wall at_hour(int64_t hours)
{
	return (struct lq_wall){.unix_ms = MIDNIGHT_MS + hours * HOUR_MS, .trust = LQ_TRUST_RTC};
}

/* ---- the table ---- */

struct plain {
	bool in;
	bool forgiven;
	int64_t since_ms;
};

static void assert_same(const struct lq_presence *presence, struct plain plain[ZONES][HOLDERS])
{
	uint32_t count = 0;
	for (uint16_t zone = 0; zone < ZONES; zone++) {
		for (uint32_t holder = 1; holder < HOLDERS; holder++) {
			const struct plain *expected = &plain[zone][holder];
			const struct lq_present *found = lq_presence_find(presence, zone, holder);
			assert_int_equal(found != NULL, expected->in);
			uint32_t behind = lq_presence_behind(presence, zone, holder);
			if (found == NULL) {
				assert_int_equal(behind, count);
				continue;
			}
			assert_ptr_equal(found, &presence->list[count]);
			assert_int_equal(behind, count + 1);
			assert_int_equal(found->since_ms, expected->since_ms);
			assert_int_equal(found->forgiven, expected->forgiven);
			count++;
		}
	}
	assert_int_equal(presence->count, count);
}

static void forgive(
	struct lq_presence *presence, struct plain plain[ZONES][HOLDERS], uint32_t holder)
{
	bool any = false;
	for (uint16_t zone = 0; zone < ZONES; zone++) {
		plain[zone][holder].forgiven = true;
		any = any || plain[zone][holder].in;
	}
	assert_int_equal(lq_presence_forgive(presence, holder), any);
}

static void the_table_is_what_a_plain_one_would_be(void **state)
{
	static struct lq_presence presence;
	static struct plain plain[ZONES][HOLDERS];
	struct lq_random chance = lq_random_begin("presence");
	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint16_t zone = (uint16_t)lq_random_below(&chance, ZONES);
		uint32_t holder = 1 + lq_random_below(&chance, HOLDERS - 1);
		uint32_t what = lq_random_below(&chance, 5);
		if (what < 2) {
			assert_true(lq_presence_enter(&presence, zone, holder, i));
			plain[zone][holder] = (struct plain){true, false, i};
		} else if (what < 4) {
			lq_presence_leave(&presence, zone, holder);
			plain[zone][holder].in = false;
		} else {
			forgive(&presence, plain, holder);
		}
		if (i % 16 == 0) {
			assert_same(&presence, plain);
		}
	}
}

static void a_full_table_counts_who_finds_no_room_and_loses_nobody(void **state)
{
	static struct lq_presence presence;
	(void)state;
	for (uint32_t i = 0; i < LQ_PRESENT_MAX; i++) {
		assert_true(lq_presence_enter(&presence, 0, LQ_PRESENT_MAX - i, 1));
	}
	assert_false(lq_presence_enter(&presence, 0, LQ_PRESENT_MAX + 1, 1));
	assert_true(lq_presence_enter(&presence, 0, 7, 2));
	assert_int_equal(presence.unlisted, 1);
	assert_int_equal(presence.count, LQ_PRESENT_MAX);
	lq_presence_leave(&presence, 0, 1);
	assert_true(lq_presence_enter(&presence, 0, LQ_PRESENT_MAX + 1, 1));
	assert_non_null(lq_presence_find(&presence, 0, LQ_PRESENT_MAX + 1));
	assert_null(lq_presence_find(&presence, 0, 1));
}

static void a_person_in_several_zones_counts_once(void **state)
{
	static struct lq_presence presence;
	(void)state;
	assert_int_equal(lq_presence_people(&presence), 0);
	for (uint16_t zone = 0; zone < 3; zone++) {
		for (uint32_t holder = 1; holder <= 4; holder++) {
			if (zone == 0 || holder % zone == 0) {
				(void)lq_presence_enter(&presence, zone, holder, 1);
			}
		}
	}
	(void)lq_presence_enter(&presence, 2, 77, 1);
	assert_int_equal(lq_presence_people(&presence), 5);
	lq_presence_forgive_all(&presence);
	for (uint32_t i = 0; i < presence.count; i++) {
		assert_true(presence.list[i].forgiven);
	}
}

/* ---- the day ---- */

/* Whether the local clock shows `cut_hour` o'clock at some whole hour in (since + 5 h - 1, now]:
 * every hour is looked at. */
static bool cut_since(int64_t since_h, int64_t now_h, int64_t offset_h, uint32_t cut_hour)
{
	for (int64_t hour = since_h + 5; hour <= now_h; hour++) {
		if ((hour + offset_h + 2400) % 24 == cut_hour) {
			return true;
		}
	}
	return false;
}

static void assert_cut(int64_t since_h, int64_t now_h, int64_t offset_h, uint32_t cut_hour)
{
	const struct lq_day day = {cut_hour, LQ_TRUST_RTC};
	int64_t since_ms = MIDNIGHT_MS + since_h * HOUR_MS;
	struct lq_wall now = at_hour(now_h);
	now.utc_offset_s = (int32_t)(offset_h * 3600);
	bool cut = cut_since(since_h, now_h, offset_h, cut_hour);
	assert_int_equal(lq_presence_over(since_ms, &day, now), cut);
	assert_int_equal(since_ms <= lq_presence_limit_ms(&day, now), cut);
}

static void a_day_is_cut_at_its_hour_and_not_too_soon(void **state)
{
	(void)state;
	for (uint32_t cut = 0; cut < 24; cut++) {
		for (int64_t offset = -11; offset <= 14; offset += 5) {
			for (int64_t i = 0; i < 24 * INT64_C(60); i++) {
				assert_cut(i / 60, i / 60 + i % 60, offset, cut);
			}
		}
	}
}

static void a_forgotten_exit_ends_and_a_night_at_work_does_not(void **state)
{
	static struct lq_presence presence;
	(void)state;
	(void)lq_presence_enter(&presence, 0, 1, at_hour(9).unix_ms);
	(void)lq_presence_enter(&presence, 0, 2, at_hour(24).unix_ms);
	lq_presence_sweep(&presence, &four_o_clock, at_hour(27));
	assert_int_equal(presence.count, 2);
	lq_presence_sweep(&presence, &four_o_clock, at_hour(28));
	assert_null(lq_presence_find(&presence, 0, 1));
	assert_non_null(lq_presence_find(&presence, 0, 2));
	struct lq_wall doubtful = at_hour(99);
	doubtful.trust = LQ_TRUST_UNSET;
	lq_presence_sweep(&presence, &four_o_clock, doubtful);
	assert_int_equal(presence.count, 1);
	lq_presence_sweep(&presence, &four_o_clock, at_hour(52));
	assert_int_equal(presence.count, 0);
}

/* ---- entering twice ---- */

struct entry {
	enum lq_passback rule;
	enum lq_trust trust;
	uint32_t reset_s;
	int64_t inside_ms;
	bool forgiven;
};

static enum lq_passback_verdict judge(const struct entry *entry)
{
	const struct lq_passback_settings settings = {entry->rule, entry->reset_s};
	struct lq_present present = {.holder = 1, .forgiven = entry->forgiven};
	struct lq_wall now = at_hour(14);
	now.trust = entry->trust;
	present.since_ms = now.unix_ms - entry->inside_ms;
	return lq_passback_judge(&present, &settings, &four_o_clock, now);
}

static enum lq_passback_verdict due(const struct entry *entry)
{
	bool good = entry->trust >= LQ_TRUST_RTC;
	bool over = good && entry->inside_ms == 30 * HOUR_MS;
	bool reset = good && entry->reset_s != 0 && entry->inside_ms >= 600000;
	if (over || reset || entry->forgiven || entry->rule == LQ_PASSBACK_OFF) {
		return LQ_PASSBACK_CLEAR;
	}
	return entry->rule == LQ_PASSBACK_HARD && good ? LQ_PASSBACK_DENY : LQ_PASSBACK_FLAG;
}

/* Every combination. */
static void entering_twice_is_flagged_or_denied_unless_it_is_forgiven(void **state)
{
	static const int64_t inside[] = {0, 599999, 600000, 9 * HOUR_MS, 30 * HOUR_MS};
	unsigned seen[3] = {0};
	(void)state;
	for (unsigned i = 0; i < 3 * 3 * 2 * 2 * 5; i++) {
		const struct entry entry = {
			.rule = (enum lq_passback)(i % 3),
			.trust = (enum lq_trust)(i / 3 % 3),
			.reset_s = i / 9 % 2 == 0 ? 0 : 600,
			.forgiven = i / 18 % 2 == 1,
			.inside_ms = inside[i / 36],
		};
		assert_int_equal(judge(&entry), due(&entry));
		seen[judge(&entry)]++;
	}
	assert_true(seen[LQ_PASSBACK_CLEAR] > 0 && seen[LQ_PASSBACK_FLAG] > 0 &&
		    seen[LQ_PASSBACK_DENY] > 0);
	const struct lq_passback_settings hard = {LQ_PASSBACK_HARD, 0};
	assert_int_equal(
		lq_passback_judge(NULL, &hard, &four_o_clock, at_hour(1)), LQ_PASSBACK_CLEAR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_what_a_plain_one_would_be),
		cmocka_unit_test(a_full_table_counts_who_finds_no_room_and_loses_nobody),
		cmocka_unit_test(a_person_in_several_zones_counts_once),
		cmocka_unit_test(a_day_is_cut_at_its_hour_and_not_too_soon),
		cmocka_unit_test(a_forgotten_exit_ends_and_a_night_at_work_does_not),
		cmocka_unit_test(entering_twice_is_flagged_or_denied_unless_it_is_forgiven),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

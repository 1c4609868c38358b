#include "host/office/space_rules.h"

#include "host/office/settings.h"

struct lq_space_rules lq_space_rules_usual(void)
{
	return (struct lq_space_rules){.visits = lq_visit_settings_usual(), .retention_days = 90};
}

struct lq_space_rules lq_space_rules_load(struct lq_db *db)
{
	struct lq_space_rules rules = lq_space_rules_usual();
	rules.visits.rejoin_s = 60 * (uint32_t)lq_setting_integer(db, LQ_SETTING_REJOIN_MIN);
	rules.visits.second_tap_ends = lq_setting_integer(db, LQ_SETTING_SECOND_TAP_ENDS) != 0;
	rules.visits.halves = (enum lq_halves)lq_setting_integer(db, LQ_SETTING_HALF_DAY_RULE);
	rules.visits.half_at_min = (uint32_t)lq_setting_integer(db, LQ_SETTING_HALF_DAY_AT);
	rules.visits.half_day_s = (uint32_t)lq_setting_integer(db, LQ_SETTING_HALF_DAY_S);
	rules.visits.tolerance_s = 60 * (uint32_t)lq_setting_integer(db, LQ_SETTING_TOLERANCE_MIN);
	rules.exits_badged = lq_setting_integer(db, LQ_SETTING_EXITS_BADGED) != 0;
	rules.capacity.soft = lq_setting_integer(db, LQ_SETTING_CAPACITY_SOFT);
	rules.capacity.legal = lq_setting_integer(db, LQ_SETTING_CAPACITY_LEGAL);
	rules.deny_entry = lq_setting_integer(db, LQ_SETTING_DENY_ENTRY) != 0;
	rules.capacity.staff_counted = lq_setting_integer(db, LQ_SETTING_STAFF_COUNTED) != 0;
	rules.retention_days = lq_setting_integer(db, LQ_SETTING_RETENTION_DAYS);
	return rules;
}

/* A second tap is an exit, though no reader for exits tells of it. */
bool lq_space_at_least(const struct lq_space_rules *rules, bool exits)
{
	return !rules->exits_badged || !(exits || rules->visits.second_tap_ends);
}

enum lq_capacity lq_capacity_state(const struct lq_limits *limits, int64_t others, int64_t staff)
{
	int64_t people = others + (limits->staff_counted ? staff : 0);
	if (limits->legal > 0 && people >= limits->legal) {
		return LQ_CAPACITY_LEGAL;
	}
	return limits->soft > 0 && people >= limits->soft ? LQ_CAPACITY_SOFT : LQ_CAPACITY_OK;
}

const char *lq_capacity_text(enum lq_capacity capacity)
{
	switch (capacity) {
	case LQ_CAPACITY_OK:
		return "ok";
	case LQ_CAPACITY_SOFT:
		return "soft";
	case LQ_CAPACITY_LEGAL:
		return "legal";
	}
	return "?";
}

#include "host/office/space_rules.h"

struct lq_space_rules lq_space_rules_usual(void)
{
	return (struct lq_space_rules){.visits = lq_visit_settings_usual(), .retention_days = 90};
}

enum lq_capacity lq_capacity_state(
	const struct lq_space_rules *rules, int64_t others, int64_t staff)
{
	int64_t people = others + (rules->staff_counted ? staff : 0);
	if (rules->capacity_legal > 0 && people >= rules->capacity_legal) {
		return LQ_CAPACITY_LEGAL;
	}
	return rules->capacity_soft > 0 && people >= rules->capacity_soft ? LQ_CAPACITY_SOFT
									  : LQ_CAPACITY_OK;
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

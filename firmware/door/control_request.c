/* Reads what a request says: JSON from outside, every field with its bounds. */
#include "firmware/door/control_internal.h"

#include <stdlib.h>
#include <string.h>

static bool is_word_of(const char *word, const char *words)
{
	size_t length = strlen(word);
	while (*words != '\0') {
		size_t next = strcspn(words, " ");
		if (next == length && memcmp(words, word, length) == 0) {
			return true;
		}
		words += next;
		words += strspn(words, " ");
	}
	return false;
}

const char *lq_control_stray_field(json_t *object, const char *known)
{
	void *at = json_object_iter(object);
	while (at != NULL && (strcmp(json_object_iter_key(at), "do") == 0 ||
				     is_word_of(json_object_iter_key(at), known))) {
		at = json_object_iter_next(object, at);
	}
	return at == NULL ? NULL : json_object_iter_key(at);
}

bool lq_control_take_id(json_t *request, const char *key, uint32_t *ret_id)
{
	json_t *value = json_object_get(request, key);
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 1 || number > UINT32_MAX) {
		return false;
	}
	*ret_id = (uint32_t)number;
	return true;
}

bool lq_control_take_text(json_t *request, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(request, key));
	if (text == NULL || strlen(text) >= size) {
		return false;
	}
	memcpy(out, text, strlen(text) + 1);
	return true;
}

bool lq_control_take_seconds(
	json_t *request, const char *key, uint32_t unbounded, uint32_t *ret_seconds)
{
	json_t *value = json_object_get(request, key);
	json_int_t number = json_integer_value(value);
	if (value != NULL && (!json_is_integer(value) || number < 0 || number >= UINT32_MAX)) {
		return false;
	}
	*ret_seconds = number == 0 ? unbounded : (uint32_t)number;
	return true;
}

bool lq_control_take_uid(json_t *request, struct lq_sighting *ret_sighting)
{
	const char *text = json_string_value(json_object_get(request, "uid"));
	struct lq_sighting sighting = {.cards = 1};
	size_t length = text == NULL ? 0 : strlen(text);
	if (length % 2 != 0 || length > (size_t)2 * LQ_UID_MAX ||
		(text != NULL && strspn(text, "0123456789abcdefABCDEF") != length)) {
		return false;
	}
	sighting.uid_len = (uint8_t)(length / 2);
	for (size_t i = 0; i < sighting.uid_len; i++) {
		const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};
		sighting.uid[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	*ret_sighting = sighting;
	return true;
}

bool lq_control_take_salt(json_t *request, uint8_t ret_salt[LQ_MAINTAINER_SALT])
{
	const char *text = json_string_value(json_object_get(request, "salt"));
	size_t length = (size_t)2 * LQ_MAINTAINER_SALT;
	if (text == NULL || strlen(text) != length || strspn(text, "0123456789abcdef") != length) {
		return false;
	}
	for (size_t i = 0; i < LQ_MAINTAINER_SALT; i++) {
		const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};
		ret_salt[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

uint16_t lq_control_index_by_name(
	json_t *request, const char *key, const char *names, size_t stride, uint16_t count)
{
	const char *wanted = json_string_value(json_object_get(request, key));
	for (uint16_t i = 0; wanted != NULL && i < count; i++) {
		if (strcmp(names + i * stride, wanted) == 0) {
			return i;
		}
	}
	return LQ_NONE;
}

bool lq_control_take_flag(json_t *request, const char *key, bool *ret_flag)
{
	json_t *value = json_object_get(request, key);
	*ret_flag = json_is_true(value);
	return value == NULL || json_is_boolean(value);
}

/* ---- members and badges ---- */

/* A right that is set; may be left out. */
static bool take_right(json_t *request, const char *key, bool *ret_sets, bool *ret_value)
{
	json_t *value = json_object_get(request, key);
	if (value != NULL && !json_is_boolean(value)) {
		return false;
	}
	*ret_sets = value != NULL;
	*ret_value = json_is_true(value);
	return true;
}

bool lq_control_take_rights(json_t *request, struct lq_rights_change *change)
{
	return take_right(request, "any_time", &change->sets_any_time, &change->rights.any_time) &&
	       take_right(request, "extended_time", &change->sets_extended_time,
		       &change->rights.extended_time);
}

/* Absent: nothing is set; null: no limit. */
static bool take_limit(json_t *request, const char *key, json_int_t lowest, bool *ret_sets,
	bool *ret_limited, uint16_t *ret_number)
{
	json_t *value = json_object_get(request, key);
	json_int_t number = json_integer_value(value);
	*ret_sets = value != NULL;
	*ret_limited = json_is_integer(value);
	if (value == NULL || json_is_null(value)) {
		return true;
	}
	if (!json_is_integer(value) || number < lowest || number > UINT16_MAX) {
		return false;
	}
	*ret_number = (uint16_t)number;
	return true;
}

bool lq_control_take_limits(json_t *request, struct lq_badge_limits *limits)
{
	bool limited = false;
	return take_limit(request, "uses", 0, &limits->sets_uses, &limits->counted,
		       &limits->uses_left) &&
	       take_limit(request, "valid_for_h", 1, &limits->sets_valid_for, &limited,
		       &limits->valid_for_h);
}

/* ---- profiles, schedules, special days ---- */

bool lq_control_take_name(json_t *request, struct lq_job_change *change)
{
	return lq_control_take_text(request, "name", change->name, LQ_NAME_SIZE) &&
	       change->name[0] != '\0' &&
	       strspn(change->name, "abcdefghijklmnopqrstuvwxyz0123456789_-") ==
		       strlen(change->name);
}

bool lq_control_take_policies(json_t *request, struct lq_job_change *change)
{
	json_t *policies = json_object_get(request, "policies");
	change->policy_count = json_array_size(policies);
	if (!json_is_array(policies) || change->policy_count > LQ_POLICIES_MAX) {
		return false;
	}
	for (size_t i = 0; i < change->policy_count; i++) {
		json_t *policy = json_array_get(policies, i);
		struct lq_policy_text *out = &change->policies[i];
		if (!lq_control_take_text(
			    policy, "access_point", out->access_point, sizeof(out->access_point)) ||
			(json_object_get(policy, "schedule") != NULL &&
				!lq_control_take_text(policy, "schedule", out->schedule,
					sizeof(out->schedule))) ||
			lq_control_stray_field(policy, "access_point schedule") != NULL) {
			return false;
		}
	}
	return true;
}

/* [from, to] in minutes of a day or a week. */
static bool take_period(json_t *pair, uint16_t end, struct lq_period *ret_period)
{
	json_t *first = json_array_get(pair, 0);
	json_t *second = json_array_get(pair, 1);
	json_int_t from = json_integer_value(first);
	json_int_t to = json_integer_value(second);
	if (json_array_size(pair) != 2 || !json_is_integer(first) || !json_is_integer(second) ||
		from < 0 || from >= end || to < 0 || to > end) {
		return false;
	}
	*ret_period = (struct lq_period){.from = (uint16_t)from, .to = (uint16_t)to};
	return true;
}

bool lq_control_take_periods(json_t *request, struct lq_schedule *schedule)
{
	json_t *periods = json_object_get(request, "periods");
	if (!json_is_array(periods) || json_array_size(periods) > LQ_SCHEDULE_PERIODS_MAX) {
		return false;
	}
	schedule->count = (uint8_t)json_array_size(periods);
	for (size_t i = 0; i < schedule->count; i++) {
		if (!take_period(
			    json_array_get(periods, i), LQ_WEEK_MINUTES, &schedule->periods[i])) {
			return false;
		}
	}
	return true;
}

static bool take_special(json_t *value, struct lq_special *special, char *group)
{
	json_t *periods = json_object_get(value, "periods");
	if (!lq_control_take_text(value, "group", group, LQ_NAME_SIZE) || !json_is_array(periods) ||
		json_array_size(periods) > LQ_SPECIAL_PERIODS_MAX ||
		lq_control_stray_field(value, "group periods") != NULL) {
		return false;
	}
	special->count = (uint8_t)json_array_size(periods);
	for (size_t i = 0; i < special->count; i++) {
		if (!take_period(
			    json_array_get(periods, i), LQ_DAY_MINUTES, &special->periods[i])) {
			return false;
		}
	}
	return true;
}

bool lq_control_take_specials(json_t *request, struct lq_job_change *change)
{
	json_t *specials = json_object_get(request, "special");
	if (specials != NULL &&
		(!json_is_array(specials) || json_array_size(specials) > LQ_SPECIALS_MAX)) {
		return false;
	}
	change->schedule.special_count = (uint8_t)json_array_size(specials);
	for (size_t i = 0; i < change->schedule.special_count; i++) {
		if (!take_special(json_array_get(specials, i), &change->schedule.specials[i],
			    change->groups[i])) {
			return false;
		}
	}
	return true;
}

static bool take_small(json_t *object, const char *key, json_int_t highest, uint16_t *ret_number)
{
	json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);
	if (value != NULL && (!json_is_integer(value) || number < 0 || number > highest)) {
		return false;
	}
	*ret_number = (uint16_t)number;
	return true;
}

bool lq_control_take_day(json_t *request, struct lq_job_change *change)
{
	struct lq_day_text *day = &change->day;
	uint16_t month = 0;
	uint16_t day_of_month = 0;
	if (!lq_control_take_name(request, change) ||
		!take_small(request, "year", 9999, &day->date.year) ||
		!take_small(request, "month", 12, &month) ||
		!take_small(request, "day", 31, &day_of_month) ||
		(json_object_get(request, "label") != NULL &&
			!lq_control_take_text(request, "label", day->label, sizeof(day->label)))) {
		return false;
	}
	memcpy(day->group, change->name, sizeof(day->group));
	day->date.month = (uint8_t)month;
	day->date.day = (uint8_t)day_of_month;
	return lq_special_day_valid(&day->date);
}

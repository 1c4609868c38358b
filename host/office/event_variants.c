/* Profiles for whoever may come to more, or to less, than the profile they have. */
#include "firmware/core/decide.h"
#include "firmware/core/err.h"
#include "host/office/event_rights_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t set_of(const struct lq_event_rights *rights, int64_t number, bool member)
{
	size_t low = 0;
	size_t high = rights->guest_count;
	uint64_t set = member ? rights->members : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (rights->guests[middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	bool found = low < rights->guest_count && rights->guests[low].number == number;
	return found ? set | rights->guests[low].set : set;
}

/* Whom no schedule binds, an event's would not either: they get their own ways in without one. */
static bool needs_variant(const struct lq_event_rights *rights, uint64_t set, bool any_time)
{
	return set != rights->members || (any_time && set != 0);
}

static const struct lq_event_variant *find_variant(
	const struct lq_event_rights *rights, const char *profile, bool any_time, uint64_t set)
{
	for (size_t i = 0; i < rights->variant_count; i++) {
		const struct lq_event_variant *variant = &rights->variants[i];
		if (variant->set == set && variant->any_time == any_time &&
			strcmp(variant->profile, profile) == 0) {
			return variant;
		}
	}
	return NULL;
}

/* The name tells what is in it, so that it stays while that does. */
static void name_variant(const struct lq_event_rights *rights, struct lq_event_variant *variant)
{
	uint64_t hash =
		lq_event_hash(LQ_EVENT_HASH_BEGIN, variant->profile, strlen(variant->profile) + 1);
	hash = lq_event_hash(hash, &(uint8_t){variant->any_time}, 1);
	for (size_t i = 0; i < rights->window_count; i++) {
		if ((variant->set >> i & 1u) != 0) {
			hash = lq_event_hash(
				hash, &rights->windows[i].id, sizeof(rights->windows[i].id));
		}
	}
	(void)snprintf(variant->name, sizeof(variant->name), LQ_EVENT_PREFIX "p%016llx",
		(unsigned long long)hash);
}

static int add_variant(
	struct lq_event_rights *rights, const char *profile, bool any_time, uint64_t set)
{
	if (!needs_variant(rights, set, any_time) ||
		find_variant(rights, profile, any_time, set) != NULL ||
		rights->variant_count == LQ_EVENT_VARIANTS_MAX) {
		return LQ_OK;
	}
	struct lq_event_variant *grown =
		realloc(rights->variants, (rights->variant_count + 1) * sizeof(*rights->variants));
	if (grown == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	rights->variants = grown;
	struct lq_event_variant *variant = &grown[rights->variant_count++];
	*variant = (struct lq_event_variant){.any_time = any_time, .set = set};
	(void)snprintf(variant->profile, sizeof(variant->profile), "%s", profile);
	name_variant(rights, variant);
	return LQ_OK;
}

/* Of those who registered, one by one. */
static int read_registered(struct lq_event_rights *rights)
{
	int r = LQ_OK;
	for (size_t i = 0; i < rights->guest_count && r == LQ_OK; i++) {
		struct lq_rows *rows = NULL;
		int64_t number = rights->guests[i].number;
		r = lq_db_query(rights->db, &rows,
			"SELECT profile, kind, any_time FROM person WHERE number = ?1", "i",
			number);
		if (r != LQ_OK) {
			break;
		}
		r = lq_rows_next(rows);
		if (r == 1) {
			bool member = strcmp(lq_rows_text(rows, 1), "guest") != 0;
			r = add_variant(rights, lq_rows_text(rows, 0),
				lq_rows_integer(rows, 2) != 0, set_of(rights, number, member));
		}
		lq_rows_end(rows);
	}
	return r;
}

/* Of everybody else: guests, and whom no schedule binds. */
static int read_others(struct lq_event_rights *rights)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(rights->db, &rows,
		"SELECT DISTINCT profile, any_time, CASE WHEN kind = 'guest' THEN 0 ELSE 1 END "
		"FROM person WHERE kind = 'guest' OR any_time = 1 ORDER BY 1, 2, 3",
		"");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		bool member = lq_rows_integer(rows, 2) != 0;
		int added = add_variant(rights, lq_rows_text(rows, 0),
			lq_rows_integer(rows, 1) != 0, member ? rights->members : 0);
		if (added != LQ_OK) {
			r = added;
			break;
		}
	}
	lq_rows_end(rows);
	return r;
}

int lq_event_variants_read(struct lq_event_rights *rights)
{
	int r = rights->members != 0 ? read_others(rights) : LQ_OK;
	return r == LQ_OK ? read_registered(rights) : r;
}

/* ---- lines ---- */

/* The policies of the profile itself; returns how many, or an error. */
static int say_own_policies(struct lq_event_lines *lines, const struct lq_event_rights *rights,
	const struct lq_event_variant *variant)
{
	struct lq_rows *rows = NULL;
	int count = 0;
	int r = lq_db_query(rights->db, &rows,
		"SELECT access_point, schedule FROM policy WHERE profile = ?1 ORDER BY place", "t",
		variant->profile);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		bool always = lq_rows_is_null(rows, 1) || (variant->any_time && variant->set != 0);
		lq_event_say(lines, "policy\t%s\t%s\t%s", variant->name, lq_rows_text(rows, 0),
			always ? "-" : lq_rows_text(rows, 1));
		count++;
	}
	lq_rows_end(rows);
	return r < 0 ? r : count;
}

static size_t room_beside(int64_t policies)
{
	return policies < (int64_t)LQ_POLICIES_MAX ? LQ_POLICIES_MAX - (size_t)policies : 0;
}

/* What is open to members comes to the profiles as they are. */
static int say_members_policies(struct lq_event_lines *lines, const struct lq_event_rights *rights)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(rights->db, &rows,
		"SELECT p.name, count(q.place) FROM profile p LEFT JOIN policy q "
		"ON q.profile = p.name GROUP BY p.name ORDER BY p.name",
		"");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		lq_event_say_policies(lines, rights, lq_rows_text(rows, 0), rights->members,
			room_beside(lq_rows_integer(rows, 1)));
	}
	lq_rows_end(rows);
	return r;
}

int lq_event_variants_say(struct lq_event_lines *lines, const struct lq_event_rights *rights)
{
	int r = rights->members != 0 ? say_members_policies(lines, rights) : LQ_OK;
	for (size_t i = 0; i < rights->variant_count && r >= 0; i++) {
		const struct lq_event_variant *variant = &rights->variants[i];
		lq_event_say(lines, "profile\t%s", variant->name);
		r = say_own_policies(lines, rights, variant);
		if (r >= 0) {
			lq_event_say_policies(
				lines, rights, variant->name, variant->set, room_beside(r));
		}
	}
	return r < 0 ? r : LQ_OK;
}

void lq_event_rights_person(const struct lq_event_rights *rights, struct lq_event_person *person)
{
	uint64_t set = set_of(rights, person->number, person->member);
	const struct lq_event_variant *variant =
		needs_variant(rights, set, person->any_time)
			? find_variant(rights, person->profile, person->any_time, set)
			: NULL;
	if (variant != NULL) {
		(void)snprintf(person->profile, LQ_NAME_SIZE, "%s", variant->name);
		person->any_time = person->any_time && set == 0;
	}
}

#include "host/office/api_badges.h"

#include "firmware/core/err.h"
#include "host/cli/words.h"
#include "host/office/api_doors.h"
#include "host/office/api_people.h"
#include "host/office/badge_uid.h"
#include "host/office/body.h"
#include "host/office/doors.h"
#include "host/office/office.h"
#include "host/office/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECT_SIZE 32u
#define UID_SIZE    33u
#define USES_MAX    65535
#define HOURS_MAX   65535

static const char *const state_words[] = {
	"enabled", "revoked", "lost", "suspended", "stolen", "returned", "damaged", NULL};

struct wish {
	struct lq_office_badge badge;
	char uid[UID_SIZE];
	struct lq_badge_place place;
};

enum { STATE, LABEL, VALID_FROM, VALID_TO, USES, VALID_FOR, SUSPENDED_UNTIL, UID, DOOR, READER };

#define AT(member)                                                                                 \
	.offset = offsetof(struct wish, member), .size = sizeof(((struct wish *)0)->member)

static const struct lq_field fields[] = {
	[STATE] = {.key = "state", .type = LQ_FIELD_WORD, AT(badge.state), .words = state_words},
	[LABEL] = {.key = "label", .type = LQ_FIELD_LABEL, AT(badge.label)},
	[VALID_FROM] = {.key = "validFrom", .type = LQ_FIELD_TIME, AT(badge.valid_from_ms)},
	[VALID_TO] = {.key = "validTo", .type = LQ_FIELD_TIME, AT(badge.valid_to_ms)},
	[USES] = {.key = "uses",
		.type = LQ_FIELD_NUMBER,
		AT(badge.uses),
		.max = USES_MAX,
		.none = LQ_OFFICE_USES_ANY},
	[VALID_FOR] = {.key = "validFor",
		.type = LQ_FIELD_NUMBER,
		AT(badge.valid_for_h),
		.min = 1,
		.max = HOURS_MAX},
	[SUSPENDED_UNTIL] = {.key = "suspendedUntil",
		.type = LQ_FIELD_TIME,
		AT(badge.suspended_until_ms)},
	[UID] = {.key = "uid", .type = LQ_FIELD_TEXT, AT(uid)},
	[DOOR] = {.key = "door", .type = LQ_FIELD_TEXT, AT(place.door)},
	[READER] = {.key = "reader", .type = LQ_FIELD_NAME, AT(place.reader)},
};

#define FIELDS        (sizeof(fields) / sizeof(fields[0]))
#define CHANGE_FIELDS ((size_t)UID) /* a badge stays the one that it is */

static json_t *badge_json(const struct lq_office_badge *badge)
{
	char person[OBJECT_SIZE] = "";
	if (badge->person != 0) {
		(void)snprintf(person, sizeof(person), "p%" PRId64, badge->person);
	}
	json_t *item = json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:o}", "id", (json_int_t)badge->id,
		"person", lq_json_label(person), "label", lq_json_label(badge->label), "state",
		lq_credential_state_text((enum lq_credential_state)badge->state), "validFrom",
		lq_json_time(badge->valid_from_ms), "validTo", lq_json_time(badge->valid_to_ms),
		"suspendedUntil", lq_json_time(badge->suspended_until_ms));
	(void)json_object_set_new(item, "uses",
		badge->uses == LQ_OFFICE_USES_ANY ? json_null() : json_integer(badge->uses));
	(void)json_object_set_new(item, "validFor",
		badge->valid_for_h == 0 ? json_null() : json_integer(badge->valid_for_h));
	return item;
}

static int add_item(void *ctx, const struct lq_office_badge *badge)
{
	return json_array_append_new(ctx, badge_json(badge)) == 0 ? LQ_OK : LQ_ERR_NO_MEMORY;
}

int lq_api_badges_list(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_person person = {.number = 0};
	int status = lq_api_person(request, answer, &person);
	if (status != 0) {
		return status;
	}
	json_t *items = json_array();
	int r = lq_office_badge_list(request->db, person.number, add_item, items);
	if (r != LQ_OK) {
		json_decref(items);
		return lq_problem_db(request, answer, r);
	}
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return answer->status = 200;
}

/* ---- enrolling ---- */

static int check_span(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_office_badge *badge)
{
	if (badge->valid_to_ms != 0 && badge->valid_to_ms <= badge->valid_from_ms) {
		return lq_problem(request, answer, 400, "span", "/validTo",
			"validTo: it would end before it begins",
			"validTo : elle finirait avant de commencer");
	}
	return 0;
}

static int read_uid(const char *text, struct lq_sighting *ret_sighting)
{
	char digits[LQ_UID_TEXT_SIZE];
	struct lq_sighting sighting = {.cards = 1};
	if (lq_word_uid(text, digits) != LQ_OK) {
		return LQ_ERR_INVALID;
	}
	sighting.uid_len = (uint8_t)(strlen(digits) / 2);
	for (size_t i = 0; i < sighting.uid_len; i++) {
		const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
		sighting.uid[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	*ret_sighting = sighting;
	return lq_sighting_objection(&sighting) == LQ_REASON_NOT_DECIDED ? LQ_OK : LQ_ERR_INVALID;
}

static int note(const struct lq_request *request, const char *act, int64_t person)
{
	char object[OBJECT_SIZE];
	(void)snprintf(object, sizeof(object), "person/%" PRId64, person);
	lq_announce(request, "people");
	return lq_audit(request, act, object, "");
}

static int finish(const struct lq_request *request, struct lq_answer *answer, const char *act,
	int64_t id, int status)
{
	struct lq_office_badge badge = {.id = 0};
	int r = lq_office_badge_get(request->db, id, &badge);
	r = r == LQ_OK ? note(request, act, badge.person) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	answer->json = badge_json(&badge);
	return answer->status = status;
}

static int enrol_uid(const struct lq_request *request, struct lq_answer *answer, struct wish *wish)
{
	struct lq_sighting sighting = {.cards = 0};
	int64_t id = 0;
	if (read_uid(wish->uid, &sighting) != LQ_OK) {
		return lq_problem(request, answer, 400, "invalid", "/uid",
			"uid: expected 4, 7 or 10 bytes in hexadecimal that stay the same: not all "
			"zero, and no random number (4 bytes that begin with 08)",
			"uid : attendu 4, 7 ou 10 octets en hexadécimal qui restent les mêmes : ni "
			"tous nuls, ni numéro aléatoire (4 octets qui commencent par 08)");
	}
	int r = lq_badge_uid_key(request->config, sighting.uid, sighting.uid_len, wish->badge.key);
	if (r != LQ_OK) {
		return lq_badge_no_uid_key(request, answer);
	}
	r = lq_office_badge_add(request->db, &wish->badge, request->now_ms, &id);
	if (r == LQ_ERR_EXISTS) {
		return lq_problem(request, answer, 409, "exists", "/uid",
			"this badge is enrolled already", "ce badge est déjà attribué");
	}
	return r == LQ_OK ? finish(request, answer, "badge.enrol", id, 201)
			  : lq_problem_db(request, answer, r);
}

/* "front", or "front-board/front" where several have that name. */
static const struct lq_door_seen *find_door(const struct lq_doors *doors, const char *text)
{
	char controller[2 * LQ_NAME_SIZE];
	const char *slash = strchr(text, '/');
	if (slash == NULL) {
		return lq_doors_find(doors, NULL, text);
	}
	(void)snprintf(controller, sizeof(controller), "%.*s", (int)(slash - text), text);
	return lq_doors_find(doors, controller, slash + 1);
}

/* "": any. */
static bool has_reader(
	const struct lq_doors *doors, const struct lq_door_seen *seen, const char *name)
{
	const json_t *health = lq_doors_health(doors, seen->controller);
	const json_t *readers = json_object_get(health, "readers");
	bool found = name[0] == '\0';
	for (size_t i = 0; i < json_array_size(readers) && !found; i++) {
		const json_t *reader = json_array_get(readers, i);
		const char *at = json_string_value(json_object_get(reader, "door"));
		const char *called = json_string_value(json_object_get(reader, "name"));
		found = at != NULL && called != NULL && strcmp(at, seen->door) == 0 &&
			strcmp(called, name) == 0;
	}
	return found;
}

int lq_api_badges_at_door(const struct lq_request *request, struct lq_answer *answer,
	int64_t person, const struct lq_badge_place *place)
{
	const struct lq_office *office = request->office;
	const struct lq_door_seen *seen = find_door(office->doors, place->door);
	if (seen == NULL) {
		return lq_problem(request, answer, 404, "not_found", "/door",
			"no controller tells of such a door, or more than one does: name it "
			"controller/door",
			"aucun contrôleur ne parle de cette porte, ou plusieurs : la nommer "
			"contrôleur/porte");
	}
	if (!has_reader(office->doors, seen, place->reader)) {
		return lq_problem(request, answer, 404, "not_found", "/reader",
			"the door tells of no such reader", "la porte n’a pas ce lecteur");
	}
	int r = note(request, "badge.enrol", person);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	const struct lq_sending_wish sending = {
		.controller = seen->controller,
		.door = seen->door,
		.kind = LQ_ORDER_BADGE_READ,
		.arguments =
			place->reader[0] == '\0'
				? NULL
				: json_pack("{s:s}", lq_argument_word(LQ_ARGUMENT_INDEX_READER),
					  place->reader),
		.person = person,
		.by = request->caller.name,
	};
	return lq_api_send(request, answer, &sending);
}

int lq_api_badges_add(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_person person = {.number = 0};
	struct wish wish = {.badge = {.uses = LQ_OFFICE_USES_ANY}};
	uint32_t given = 0;
	int status = lq_api_person(request, answer, &person);
	status =
		status == 0 ? lq_body_read(request, answer, fields, FIELDS, &wish, &given) : status;
	status = status == 0 ? check_span(request, answer, &wish.badge) : status;
	if (status != 0) {
		return status;
	}
	wish.badge.person = person.number;
	if ((given & ~LQ_GIVEN(READER)) == LQ_GIVEN(DOOR)) {
		return lq_api_badges_at_door(request, answer, person.number, &wish.place);
	}
	if ((given & (LQ_GIVEN(UID) | LQ_GIVEN(DOOR) | LQ_GIVEN(READER))) != LQ_GIVEN(UID)) {
		return lq_problem(request, answer, 400, "needed", NULL,
			"either uid is needed, or door alone, perhaps with reader",
			"il faut soit uid, soit door seul, éventuellement avec reader");
	}
	return enrol_uid(request, answer, &wish);
}

/* ---- changing ---- */

int lq_api_badges_change(const struct lq_request *request, struct lq_answer *answer)
{
	struct wish wish = {.badge = {.id = 0}};
	uint32_t given = 0;
	int r = lq_office_badge_get(
		request->db, lq_parse_number(request->parameters[0]), &wish.badge);
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"there is no badge of that number", "aucun badge n’a ce numéro");
	}
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	int status = lq_body_read(request, answer, fields, CHANGE_FIELDS, &wish, &given);
	status = status == 0 ? check_span(request, answer, &wish.badge) : status;
	if (status != 0) {
		return status;
	}
	r = lq_office_badge_save(request->db, &wish.badge, request->now_ms);
	return r == LQ_OK ? finish(request, answer, "badge.change", wish.badge.id, 200)
			  : lq_problem_db(request, answer, r);
}

const struct lq_route lq_routes_badges[] = {
	{"GET", "/people/{person}/badges", LQ_SCOPE_PEOPLE, lq_api_badges_list},
	{"POST", "/people/{person}/badges", LQ_SCOPE_PEOPLE, lq_api_badges_add},
	{"PATCH", "/badges/{badge}", LQ_SCOPE_PEOPLE, lq_api_badges_change},
};

const size_t lq_routes_badges_count = sizeof(lq_routes_badges) / sizeof(lq_routes_badges[0]);

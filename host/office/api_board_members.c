#include "host/office/api_board_members.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/people.h"
#include "host/office/realm.h"

#include <inttypes.h>
#include <stdio.h>

const struct lq_route lq_routes_board_members[] = {
	{"PUT", "/board-members/{controller}/{member}", LQ_SCOPE_PEOPLE, lq_api_board_members_name},
};

const size_t lq_routes_board_members_count =
	sizeof(lq_routes_board_members) / sizeof(lq_routes_board_members[0]);

struct naming {
	char name[LQ_MEMBER_NAME_SIZE]; /* empty: none any more */
};

static const struct lq_field fields[] = {
	{.key = "name",
		.type = LQ_FIELD_LABEL,
		.offset = offsetof(struct naming, name),
		.size = LQ_MEMBER_NAME_SIZE},
};

/* "front-board" and "m12"; LQ_ERR_NOT_FOUND when no such board was heard. */
static int find_member(const struct lq_request *request, struct lq_somebody *ret_member)
{
	char text[LQ_PERSON_TEXT_SIZE];
	bool known = false;
	int length = snprintf(
		text, sizeof(text), "%s/%s", request->parameters[0], request->parameters[1]);
	if (length < 0 || (size_t)length >= sizeof(text) ||
		lq_person_parse(text, ret_member) != LQ_OK) {
		return LQ_ERR_NOT_FOUND;
	}
	int r = lq_person_known(request->db, ret_member, &known);
	return r == LQ_OK && !known ? LQ_ERR_NOT_FOUND : r;
}

static int64_t keep_name(
	struct lq_db *db, const struct lq_somebody *member, const struct naming *naming)
{
	if (naming->name[0] == '\0') {
		return lq_db_run(db, "DELETE FROM board_member WHERE realm = ?1 AND holder = ?2",
			"ti", member->realm, member->holder);
	}
	return lq_db_run(db,
		"INSERT INTO board_member (realm, holder, name) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (realm, holder) DO UPDATE SET name = excluded.name",
		"tit", member->realm, member->holder, naming->name);
}

int lq_api_board_members_name(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_somebody member;
	struct naming naming = {.name = ""};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, fields, 1, &naming, &given);
	status = status == 0 ? lq_body_need(request, answer, fields, 1, 1, given) : status;
	if (status != 0) {
		return status;
	}
	int found = find_member(request, &member);
	if (found == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"no board with such a member was heard",
			"aucune carte connue n’a ce membre");
	}
	char object[8 + LQ_PERSON_TEXT_SIZE];
	int64_t r = found == LQ_OK ? keep_name(request->db, &member, &naming) : found;
	(void)snprintf(object, sizeof(object), "person/%s/m%" PRId64, member.realm, member.holder);
	r = r < 0 ? r : lq_audit(request, "board_member.name", object, "");
	if (r < 0) {
		return lq_problem_db(request, answer, (int)r);
	}
	lq_announce(request, "people");
	lq_announce(request, "visits");
	lq_announce(request, "now");
	return answer->status = 204;
}

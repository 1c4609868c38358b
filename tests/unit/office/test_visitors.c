/* Guests for a time, with badges of the pool. */
#include "firmware/core/decide.h"
#include "firmware/core/err.h"
#include "host/office/api_visitors.h"
#include "host/office/enrol.h"
#include "host/office/people.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <string.h>

#define WINDOW "\"from\":\"2026-12-01T09:00:00Z\",\"to\":\"2026-12-01T17:00:00Z\""

static const char *text(const char *key)
{
	const char *value = json_string_value(json_object_get(stub.answer.json, key));
	return value != NULL ? value : "";
}

static const char *visitor(void)
{
	static char person[24];
	play_person(1, "Ada Example", "member", false, false);
	play_now("2026-12-01 09:00");
	assert_int_equal(CALL(lq_api_visitors_add,
				 "{\"name\":\"Vi Example\",\"host\":\"p1\"," WINDOW
				 ",\"purpose\":\"a tour\"}",
				 NULL),
		201);
	(void)snprintf(person, sizeof(person), "%s", text("person"));
	return person;
}

static int64_t badge_of_pool(void)
{
	struct lq_office_badge badge = {.key = {1}, .uses = LQ_OFFICE_USES_ANY};
	int64_t id = 0;
	assert_int_equal(lq_office_badge_add(stub.db, &badge, 1, &id), LQ_OK);
	return id;
}

static struct lq_office_badge badge_now(int64_t id)
{
	struct lq_office_badge badge;
	assert_int_equal(lq_office_badge_get(stub.db, id, &badge), LQ_OK);
	return badge;
}

static void a_visitor_is_a_guest_for_a_time(void **state)
{
	struct lq_person person;
	(void)state;
	const char *number = visitor();
	assert_string_equal(number, "p2");
	assert_string_equal(stub.audit, "visitor.add person/2 a tour\n");
	assert_string_equal(stub.answer.location, "/api/v1/visitors/p2");
	assert_int_equal(lq_person_get(stub.db, 2, &person), LQ_OK);
	assert_int_equal(person.kind, LQ_PERSON_GUEST);
	assert_int_equal(CALL(lq_api_visitors_list, NULL, NULL), 200);
	assert_int_equal(json_array_size(json_object_get(stub.answer.json, "items")), 1);
	play_now("2026-12-01 18:00");
	assert_int_equal(CALL(lq_api_visitors_list, NULL, NULL), 200);
	assert_int_equal(json_array_size(json_object_get(stub.answer.json, "items")), 0);
}

static void the_badge_is_theirs_for_that_time(void **state)
{
	char body[64];
	(void)state;
	int64_t id = badge_of_pool();
	const char *number = visitor();
	(void)snprintf(body, sizeof(body), "{\"badge\":%lld}", (long long)id);
	assert_int_equal(CALL(lq_api_visitors_badge, body, number), 200);
	assert_int_equal(badge_now(id).person, 2);
	assert_int_equal(badge_now(id).valid_to_ms, play_at("2026-12-01 18:00"));
	assert_int_equal(CALL(lq_api_visitors_badge, body, number), 409);
	assert_string_equal(stub.problem, "not_in_pool");
	assert_int_equal(
		CALL(lq_api_visitors_change, "{\"to\":\"2026-12-01T18:00:00Z\"}", number), 200);
	assert_int_equal(badge_now(id).valid_to_ms, play_at("2026-12-01 19:00"));
	assert_int_equal(CALL(lq_api_visitors_end, NULL, number), 200);
	assert_string_equal(stub.audit, "visitor.end person/2 a tour\n");
	assert_int_equal(badge_now(id).person, 0);
	assert_int_equal(badge_now(id).valid_to_ms, 0);
	assert_string_equal(text("to"), "2026-12-01T08:00:00.000Z");
}

static void a_badge_of_the_pool_is_presented_at_a_door(void **state)
{
	struct lq_sending sending = {.person = 2, .key = {1}};
	(void)state;
	int64_t id = badge_of_pool();
	(void)visitor();
	assert_int_equal(lq_badge_was_read(stub.db, &sending, 5), LQ_OK);
	assert_int_equal(badge_now(id).person, 2);
	assert_int_equal(badge_now(id).valid_from_ms, play_at("2026-12-01 10:00"));
	assert_int_equal(badge_now(id).valid_to_ms, play_at("2026-12-01 18:00"));
	assert_int_equal(lq_badge_was_read(stub.db, &sending, 5), LQ_ERR_EXISTS);
	/* A new one is theirs for their time alone, and a member's for ever. */
	sending.key[0] = 2;
	assert_int_equal(lq_badge_was_read(stub.db, &sending, 5), LQ_OK);
	assert_int_equal(badge_now(id + 1).valid_to_ms, play_at("2026-12-01 18:00"));
	sending = (struct lq_sending){.person = 1, .key = {3}};
	assert_int_equal(lq_badge_was_read(stub.db, &sending, 5), LQ_OK);
	assert_int_equal(badge_now(id + 2).valid_to_ms, 0);
	/* One that was lost stays lost. */
	assert_int_equal(CALL(lq_api_visitors_end, NULL, "p2"), 200);
	struct lq_office_badge lost = badge_now(id);
	lost.state = LQ_CREDENTIAL_LOST;
	assert_int_equal(lq_office_badge_save(stub.db, &lost, 6), LQ_OK);
	sending = (struct lq_sending){.person = 1, .key = {1}};
	assert_int_equal(lq_badge_was_read(stub.db, &sending, 7), LQ_ERR_EXISTS);
}

/* However it was enrolled, and whatever is said of it later. */
static void a_guests_badge_ends_with_the_visit(void **state)
{
	(void)state;
	(void)visitor();
	int64_t until_ms = play_at("2026-12-01 18:00");
	struct lq_office_badge badge = {.person = 2, .key = {7}, .uses = LQ_OFFICE_USES_ANY};
	int64_t id = 0;
	assert_int_equal(lq_office_badge_add(stub.db, &badge, 1, &id), LQ_OK);
	assert_int_equal(badge_now(id).valid_from_ms, play_at("2026-12-01 10:00"));
	assert_int_equal(badge_now(id).valid_to_ms, until_ms);
	badge = badge_now(id);
	badge.valid_to_ms = until_ms + 3600000;
	assert_int_equal(lq_office_badge_save(stub.db, &badge, 2), LQ_OK);
	assert_int_equal(badge_now(id).valid_to_ms, until_ms);
	badge.valid_to_ms = until_ms - 3600000;
	assert_int_equal(lq_office_badge_save(stub.db, &badge, 2), LQ_OK);
	assert_int_equal(badge_now(id).valid_to_ms, until_ms - 3600000);
}

static void wrong_ones_are_refused(void **state)
{
	static const struct {
		const char *body;
		const char *word;
		const char *pointer;
	} cases[] = {
		{"{}", "needed", "/name"},
		{"{\"name\":\"V\",\"purpose\":\"x\"," WINDOW ",\"host\":\"p9\"}", "unknown_person",
			"/host"},
		{"{\"name\":\"V\",\"purpose\":\"x\"," WINDOW ",\"host\":\"Ada\"}", "invalid",
			"/host"},
		{"{\"name\":\"V\",\"purpose\":\"x\"," WINDOW ",\"profile\":\"none\"}",
			"unknown_profile", "/profile"},
		{"{\"name\":\"V\",\"purpose\":\"x\",\"from\":\"2026-12-01T09:00:00Z\","
		 "\"to\":\"2026-12-01T09:00:00Z\"}",
			"invalid", "/to"},
		{"{\"name\":\"V\",\"purpose\":\"x\",\"from\":\"2026-12-01T09:00:00Z\","
		 "\"to\":\"2028-12-01T09:00:00Z\"}",
			"invalid", "/to"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(CALL(lq_api_visitors_add, cases[i].body, NULL), 400);
		assert_string_equal(stub.problem, cases[i].word);
		assert_string_equal(stub.pointer, cases[i].pointer);
	}
	assert_int_equal(CALL(lq_api_visitors_change, "{}", "p1"), 404);
	assert_int_equal(CALL(lq_api_visitors_end, NULL, "Ada"), 404);
	const char *number = visitor();
	assert_int_equal(CALL(lq_api_visitors_badge, "{}", number), 400);
	assert_int_equal(CALL(lq_api_visitors_badge, "{\"badge\":7}", number), 409);
	assert_int_equal(CALL(lq_api_visitors_change, "{\"name\":\"W\"}", number), 400);
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, play_begin, play_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAYED(a_visitor_is_a_guest_for_a_time),
		PLAYED(the_badge_is_theirs_for_that_time),
		PLAYED(a_badge_of_the_pool_is_presented_at_a_door),
		PLAYED(a_guests_badge_ends_with_the_visit),
		PLAYED(wrong_ones_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The roster from the office's tables to what the broker is given. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "hal/linux/linux_entropy.h"
#include "host/office/events.h"
#include "host/office/local_time.h"
#include "host/office/roster_publish.h"
#include "host/office/roster_read.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/stub_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_MS INT64_C(1800000000000)

static struct lq_post *post;
static struct lq_publisher *publisher;

static void run(const char *sql)
{
	assert_true(lq_db_run(stub.db, sql, "") >= 0);
}

static int begin(void **state)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_keys key = {0};
	int r = stub_begin(state);
	r = r == LQ_OK ? lq_post_new("demo", &key, &entropy, &post) : r;
	r = r == LQ_OK ? lq_publisher_new(stub.db, post, "demo", &publisher) : r;
	if (r == LQ_OK) {
		lq_post_set_up(post, true);
	}
	return r;
}

static int end(void **state)
{
	lq_publisher_free(publisher);
	lq_post_free(post);
	return stub_end(state);
}

static void expect_part(unsigned index, const char *text)
{
	struct lq_part part = {0};
	assert_int_equal(lq_roster_read(stub.db, NULL, index, &part), LQ_OK);
	assert_string_equal(part.text != NULL ? part.text : "", text);
	lq_part_free(&part);
}

static void test_rules(void **state)
{
	(void)state;
	run("INSERT INTO schedule (name) VALUES ('open')");
	run("INSERT INTO schedule (name) VALUES ('none')");
	run("INSERT INTO period (schedule, from_minute, to_minute) VALUES ('open', 1920, 2500)");
	run("INSERT INTO period (schedule, from_minute, to_minute) VALUES ('open', 480, 1060)");
	run("INSERT INTO special_group (name) VALUES ('holidays')");
	run("INSERT INTO special_group (name) VALUES ('short')");
	run("INSERT INTO special_day (special, year, month, day) VALUES ('holidays', 0, 12, 25)");
	run("INSERT INTO special_day (special, year, month, day) VALUES ('short', 2026, 5, 15)");
	run("INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
	    "VALUES ('open', 'short', 1, 540, 720)");
	run("INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
	    "VALUES ('open', 'short', 1, 780, 900)");
	run("INSERT INTO schedule_special (schedule, special, place, from_minute, to_minute) "
	    "VALUES ('open', 'holidays', 0, -1, -1)");
	run("INSERT INTO profile (name) VALUES ('desk')");
	run("INSERT INTO policy (profile, access_point, schedule, place) "
	    "VALUES ('desk', 'front/entry', 'open', 0)");
	run("INSERT INTO door_hours (door, schedule, first_person) VALUES ('front', 'open', 1)");
	expect_part(0, "hours\tfront\topen\t1\n"
		       "policy\talways\t*\t-\n"
		       "policy\tdesk\tfront/entry\topen\n"
		       "profile\talways\n"
		       "profile\tdesk\n"
		       "schedule\tnone\t\n"
		       "schedule\topen\t480-1060,1920-2500\n"
		       "schedule-special\topen\tholidays\t0\tclosed\n"
		       "schedule-special\topen\tshort\t1\t540-720,780-900\n"
		       "special\tholidays\t0000-12-25\n"
		       "special\tshort\t2026-05-15\n");
}

static int64_t add_person(const char *name)
{
	struct lq_person person = {.name = "", .profile = "always", .enabled = true};
	int64_t number = 0;
	(void)snprintf(person.name, sizeof(person.name), "%s", name);
	assert_int_equal(lq_person_add(stub.db, &person, NOW_MS, &number), LQ_OK);
	return number;
}

static void add_badge(struct lq_office_badge badge)
{
	int64_t id = 0;
	assert_int_equal(lq_office_badge_add(stub.db, &badge, NOW_MS, &id), LQ_OK);
}

static void test_persons(void **state)
{
	(void)state;
	assert_int_equal(add_person("Ada"), 1);
	assert_int_equal(add_person("Bob"), 2);
	add_badge((struct lq_office_badge){
		.person = 1, .key = {0xab}, .uses = LQ_OFFICE_USES_ANY, .valid_to_ms = 999});
	add_badge((struct lq_office_badge){.person = 1,
		.key = {2},
		.state = LQ_CREDENTIAL_LOST,
		.uses = 3,
		.valid_from_ms = 1001,
		.valid_to_ms = 5999,
		.valid_for_h = 12,
		.suspended_until_ms = 7000});
	add_badge((struct lq_office_badge){.key = {3}, .uses = LQ_OFFICE_USES_ANY});
	run("UPDATE person SET enabled = 0, extended_time = 1 WHERE number = 2");
	expect_part(1, "");
	expect_part(2, "p\t1\talways\t1\t0\t0\n"
		       "b\t1\tab000000000000000000000000000000\tenabled\t0\t1\t-\t0\t0\n"
		       "b\t2\t02000000000000000000000000000000\tlost\t2\t5\t3\t12\t7\n");
	expect_part(3, "p\t2\talways\t0\t0\t1\n");
	run("UPDATE person SET erased = 1 WHERE number = 2");
	expect_part(3, "");
}

/* ---- publishing ---- */

/* Topics behind loquet/1/demo/roster/, with commas, of what waits; forgets them. The empty ones are
 * left out. */
static const char *take_topics(void)
{
	static char out[512];
	const struct lq_parcel *parcel;
	size_t length = 0;
	out[0] = '\0';
	while ((parcel = lq_post_next(post)) != NULL) {
		assert_true(parcel->retain);
		if (parcel->length > 0) {
			length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%s",
				length > 0 ? "," : "",
				parcel->topic + strlen("loquet/1/demo/roster/"));
			assert_true(length < sizeof(out));
		}
		lq_post_done(post);
	}
	return out;
}

static int64_t version(void)
{
	int64_t value = 0;
	assert_int_equal(
		lq_db_integer(stub.db, &value, 0, "SELECT version FROM roster_version", ""), LQ_OK);
	return value;
}

static const char *turn(int64_t now_ms)
{
	assert_int_equal(lq_publisher_turn(publisher, now_ms), LQ_OK);
	return take_topics();
}

static void test_publishes_what_changed(void **state)
{
	(void)state;
	assert_int_equal(add_person("Ada"), 1);
	assert_string_equal(turn(NOW_MS), "part/0,part/2,manifest");
	assert_int_equal(version(), NOW_MS);
	assert_string_equal(turn(NOW_MS + 1), "");
	assert_int_equal(add_person("Bob"), 2);
	assert_string_equal(turn(NOW_MS + 2), "part/3,manifest");
	assert_int_equal(version(), NOW_MS + 2);
	assert_int_equal(lq_roster_due_person(stub.db, 1), LQ_OK);
	assert_string_equal(turn(NOW_MS + 3), "");
	assert_string_equal(turn(NOW_MS + 2 + LQ_MANIFEST_EVERY_MS), "manifest");
	assert_int_equal(version(), NOW_MS + 2);
}

static void test_version_never_goes_back(void **state)
{
	(void)state;
	(void)turn(NOW_MS);
	assert_int_equal(add_person("Ada"), 1);
	(void)turn(NOW_MS - 5000);
	assert_int_equal(version(), NOW_MS + 1);
}

static void test_older_books_that_were_put_back_go_out_anew(void **state)
{
	(void)state;
	assert_int_equal(add_person("Ada"), 1);
	(void)turn(NOW_MS);
	lq_publisher_heard(publisher, NOW_MS, NOW_MS);
	assert_string_equal(turn(NOW_MS + 1), "");
	/* what nobody said: more than a day ahead */
	lq_publisher_heard(publisher, NOW_MS + 86400001, NOW_MS);
	assert_string_equal(turn(NOW_MS + 2), "");
	/* a door has what was said after these books were kept */
	lq_publisher_heard(publisher, NOW_MS + 5, NOW_MS);
	lq_publisher_heard(publisher, NOW_MS + 3, NOW_MS);
	assert_string_equal(turn(NOW_MS + 10), "manifest");
	assert_int_equal(version(), NOW_MS + 10);
	assert_string_equal(turn(NOW_MS + 11), "");
	/* by a clock that was put back, and not twice within a minute */
	lq_publisher_heard(publisher, NOW_MS + 500000, NOW_MS);
	assert_string_equal(turn(NOW_MS + 12), "");
	assert_string_equal(turn(NOW_MS + 10 + LQ_MANIFEST_EVERY_MS), "manifest");
	assert_int_equal(version(), NOW_MS + 500001);
}

static void test_everything_again_to_another_broker(void **state)
{
	(void)state;
	assert_int_equal(add_person("Ada"), 1);
	(void)turn(NOW_MS);
	lq_post_set_up(post, false);
	assert_int_equal(add_person("Bob"), 2);
	assert_string_equal(turn(NOW_MS + 1), "");
	lq_post_set_up(post, true);
	lq_publisher_up(publisher);
	assert_string_equal(turn(NOW_MS + 2), "part/0,part/2,part/3,manifest");
	lq_publisher_up(publisher);
	assert_string_equal(turn(NOW_MS + 3), "part/0,part/2,part/3,manifest");
	assert_int_equal(version(), NOW_MS + 2);
}

static size_t count_of(const char *text, const char *begin)
{
	size_t count = 0;
	for (const char *at = text; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1) {
		count += strncmp(at, begin, strlen(begin)) == 0;
	}
	return count;
}

/* The text of part 0 as it was published; forgets what waits. */
static char *take_rules(int64_t now_ms)
{
	const struct lq_parcel *parcel;
	char *rules = NULL;
	assert_int_equal(lq_publisher_turn(publisher, now_ms), LQ_OK);
	while ((parcel = lq_post_next(post)) != NULL) {
		if (strcmp(parcel->topic, "loquet/1/demo/roster/part/0") == 0) {
			free(rules);
			rules = strndup((const char *)parcel->bytes, parcel->length);
		}
		lq_post_done(post);
	}
	assert_non_null(rules);
	return rules;
}

static void keep_event(int64_t day)
{
	static struct lq_calendar_event event;
	memset(&event, 0, sizeof(event));
	event.who = LQ_CALENDAR_REGISTERED;
	(void)snprintf(event.title, sizeof(event.title), "Example");
	event.when.from = lq_local_minute_of(NOW_MS) / 1440 * 1440 + day * 1440 + 600;
	event.when.to = event.when.from + 60;
	event.door_count = 1;
	(void)snprintf(event.doors[0], LQ_NAME_SIZE, "front");
	event.people[event.person_count++] = 1;
	assert_int_equal(lq_calendar_keep(stub.db, &event, 1), LQ_OK);
}

/* A door keeps 1024 dates, and would drop the last of them: the space's own. */
static void test_events_have_what_is_left(void **state)
{
	(void)state;
	assert_int_equal(add_person("Ada"), 1);
	run("INSERT INTO special_group (name) VALUES ('holidays')");
	for (int i = 0; i < 1020; i++) {
		assert_int_equal(lq_db_run(stub.db,
					 "INSERT INTO special_day (special, year, month, day) "
					 "VALUES ('holidays', ?1, 1, 1)",
					 "i", (int64_t)2000 + i),
			1);
	}
	for (int day = 1; day <= 7; day++) {
		keep_event(day);
	}
	char *rules = take_rules(NOW_MS);
	assert_int_equal(count_of(rules, "special\tholidays\t"), 1020);
	assert_int_equal(count_of(rules, "special\t"), 1024);
	assert_int_equal(lq_publisher_left_out(publisher), 3);
	assert_int_equal(count_of(rules, "schedule\tevent-"), 4);
	assert_int_equal(count_of(rules, "schedule\tevent-4\t"), 1); /* the nearest ones */
	free(rules);

	run("DELETE FROM special_day WHERE year < 2500");
	assert_int_equal(lq_roster_due_rules(stub.db), LQ_OK);
	rules = take_rules(NOW_MS + 1);
	assert_int_equal(count_of(rules, "schedule\tevent-"), 7);
	assert_int_equal(lq_publisher_left_out(publisher), 0);
	free(rules);
}

static void test_manifest(void **state)
{
	const struct lq_parcel *parcel;
	uint8_t payload[32768];
	char text[32768];
	size_t count = 0;
	json_int_t number = 0;
	(void)state;
	assert_int_equal(add_person("Ada"), 1);
	assert_int_equal(lq_publisher_turn(publisher, NOW_MS), LQ_OK);
	while ((parcel = lq_post_next(post)) != NULL && strstr(parcel->topic, "manifest") == NULL) {
		lq_post_done(post);
	}
	if (parcel == NULL) {
		fail();
		return;
	}
	(void)snprintf(
		text, sizeof(text), "%.*s", (int)parcel->length, (const char *)parcel->bytes);
	char *begins = strchr(text, '.') + 1;
	size_t length = strcspn(begins, ".");
	assert_int_equal(
		lq_base64url_decode(begins, length, payload, sizeof(payload), &count), LQ_OK);
	json_t *root = json_loadb((const char *)payload, count, 0, NULL);
	json_t *parts = json_object_get(root, "parts");
	assert_string_equal(json_string_value(json_object_get(root, "iss")), "demo");
	number = json_integer_value(json_object_get(root, "version"));
	assert_int_equal(number, NOW_MS);
	assert_int_equal(json_integer_value(json_object_get(root, "iat")), NOW_MS / 1000);
	assert_int_equal(json_array_size(parts), 257);
	assert_string_equal(json_string_value(json_array_get(parts, 1)), "");
	/* printf 'p\t1\talways\t1\t0\t0\n' | sha256sum */
	assert_string_equal(json_string_value(json_array_get(parts, 2)),
		"2cb326207d07e98bd078e060f7c543af83b1c619915214827d14ea126b20a753");
	json_decref(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rules),
		TEST(test_persons),
		TEST(test_publishes_what_changed),
		TEST(test_version_never_goes_back),
		TEST(test_older_books_that_were_put_back_go_out_anew),
		TEST(test_everything_again_to_another_broker),
		TEST(test_manifest),
		TEST(test_events_have_what_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

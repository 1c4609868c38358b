/* What goes back for a request, without the network. */
#include "firmware/core/err.h"
#include "host/office/access.h"
#include "host/office/accounts.h"
#include "host/office/books_internal.h"
#include "host/office/db_internal.h"
#include "host/office/doors.h"
#include "host/office/serve.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PASSWORD "correct horse"

static struct {
	struct lq_config config;
	struct lq_office office;
	const struct lq_db_adapter *sound;
	struct lq_db_adapter broken;
	struct lq_reply reply;
	char cookie[160];
	const char *address;
} t;

/* A disk that takes nothing more. */
static int refuse_to_commit(struct lq_db *db, const char *sql)
{
	if (strcmp(sql, "COMMIT") == 0) {
		(void)snprintf(db->error, sizeof(db->error), "the disk is full");
		return LQ_ERR_FULL;
	}
	return t.sound->execute(db, sql);
}

static void serve(const char *method, const char *target, const char *body)
{
	const struct lq_exchange exchange = {
		.method = method,
		.target = target,
		.target_length = strlen(target),
		.address = t.address,
		.cookie = t.cookie,
		.content_type = "application/json",
		.body = body,
		.body_length = body != NULL ? strlen(body) : 0,
	};
	lq_reply_free(&t.reply);
	lq_serve(&t.office, &exchange, &t.reply);
}

static void log_in(void)
{
	serve("POST", "/api/v1/session", "{\"name\":\"ada\",\"password\":\"" PASSWORD "\"}");
}

static void begin_session(void)
{
	log_in();
	assert_int_equal(t.reply.status, 200);
	char *end = strchr(t.reply.answer.cookie, ';');
	assert_non_null(end);
	(void)snprintf(t.cookie, sizeof(t.cookie), "%.*s", (int)(end - t.reply.answer.cookie),
		t.reply.answer.cookie);
}

static int set_up(void **state)
{
	struct lq_account account = {.name = "ada", .role = "manager", .language = "en"};
	(void)state;
	memset(&t, 0, sizeof(t));
	t.address = "192.0.2.1";
	t.office.config = &t.config;
	assert_int_equal(lq_doors_new(&t.office.doors), LQ_OK);
	assert_int_equal(lq_db_open_sqlite(":memory:", LQ_DB_KEEP, &t.office.db), LQ_OK);
	assert_int_equal(
		lq_db_migrate(t.office.db, lq_office_migrations, lq_office_migration_count), LQ_OK);
	assert_int_equal(lq_password_make(PASSWORD, &account.password), LQ_OK);
	assert_int_equal(lq_account_add(t.office.db, &account, 1, &account.id), LQ_OK);
	t.sound = t.office.db->adapter;
	t.broken = *t.sound;
	t.broken.execute = refuse_to_commit;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lq_reply_free(&t.reply);
	lq_shared_forget(&t.office.shared);
	lq_db_close(t.office.db);
	lq_doors_free(t.office.doors);
	return 0;
}

static void expect_refusal_alone(void)
{
	assert_int_equal(t.reply.status, 503);
	assert_non_null(strstr(t.reply.answer.text, "urn:loquet:problem:database"));
	assert_string_equal(t.reply.answer.type, "application/problem+json");
	assert_string_equal(t.reply.answer.cookie, "");
	assert_string_equal(t.reply.answer.location, "");
	assert_string_equal(t.reply.answer.filename, "");
	assert_false(t.reply.answer.stream);
}

static void what_was_not_kept_is_not_answered(void **state)
{
	(void)state;
	t.office.db->adapter = &t.broken;
	log_in();
	expect_refusal_alone();

	t.office.db->adapter = t.sound;
	begin_session();

	t.office.db->adapter = &t.broken;
	serve("GET", "/api/v1/stream", NULL);
	expect_refusal_alone();
	serve("GET", "/api/v1/people.csv", NULL);
	expect_refusal_alone();
	serve("GET", "/api/v1/now", NULL);
	expect_refusal_alone();

	t.office.db->adapter = t.sound;
	serve("GET", "/api/v1/stream", NULL);
	assert_int_equal(t.reply.status, 200);
	assert_true(t.reply.answer.stream);
}

/* Somebody who guesses from one address is not to keep the account's owner out, at another. */
static void who_guesses_keeps_nobody_else_out(void **state)
{
	struct timespec now;
	(void)state;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	for (int i = 0; i < 30; i++) {
		int64_t at_ms = (now.tv_sec - 10) * INT64_C(1000);
		lq_throttle_failed(&t.office.throttle, "address:192.0.2.7", at_ms);
		lq_throttle_failed(&t.office.throttle, "account:ada", at_ms);
	}
	t.address = "192.0.2.7";
	log_in();
	assert_int_equal(t.reply.status, 429);
	assert_true(t.reply.answer.retry_after_s > LQ_THROTTLE_SOME_S);
	t.address = "192.0.2.1";
	log_in();
	assert_int_equal(t.reply.status, 200);
}

static void fail_to_log_in(const char *address)
{
	t.address = address;
	serve("POST", "/api/v1/session", "{\"name\":\"eve\",\"password\":\"wrong horse\"}");
}

static void who_guesses_has_many_addresses(void **state)
{
	static const char *const same[] = {"2001:db8:0:7::1", "2001:db8:0:7:a::2",
		"2001:db8:0:7:ffff:ffff:ffff:ffff", "2001:db8:0:7::"};
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		fail_to_log_in(same[i]);
		assert_int_equal(t.reply.status, 401);
	}
	/* So that no slow machine waits for long enough. */
	for (size_t i = 0; i < LQ_THROTTLE_KEYS; i++) {
		t.office.throttle.entries[i].failures *= 10;
	}
	t.address = "2001:db8:0:7:1::9";
	log_in();
	assert_int_equal(t.reply.status, 429);
	t.address = "2001:db8:0:8::1";
	log_in();
	assert_int_equal(t.reply.status, 200);
}

/* A session ends when nothing was asked under it for long, also where a page stands open. */
static void a_page_that_listens_asks_nothing(void **state)
{
	const int64_t while_ago_ms = 3600 * INT64_C(1000);
	int64_t used_ms = 0;
	int64_t then_ms = 0;
	(void)state;
	begin_session();
	assert_int_equal(
		lq_db_run(t.office.db, "UPDATE login SET used = used - ?1", "i", while_ago_ms), 1);
	assert_int_equal(
		lq_db_integer(t.office.db, &then_ms, 0, "SELECT used FROM login", ""), LQ_OK);
	const struct lq_exchange page = {.cookie = t.cookie};
	assert_true(lq_serve_still(&t.office, &page));
	assert_int_equal(
		lq_db_integer(t.office.db, &used_ms, 0, "SELECT used FROM login", ""), LQ_OK);
	assert_int_equal(used_ms, then_ms);
	serve("GET", "/api/v1/session", NULL);
	assert_int_equal(t.reply.status, 200);
	assert_int_equal(
		lq_db_integer(t.office.db, &used_ms, 0, "SELECT used FROM login", ""), LQ_OK);
	assert_true(used_ms > then_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_was_not_kept_is_not_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			who_guesses_keeps_nobody_else_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_guesses_has_many_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_page_that_listens_asks_nothing, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Hashes of passwords, made beside the server's thread. */
#include "firmware/core/err.h"
#include "host/office/deriver.h"
#include "host/office/serve.h"
#include "tests/lib/cmocka.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define MANY (LQ_DERIVER_MAX + 4)

static struct lq_deriver *deriver;
static struct lq_derivation derivations[MANY];

static int begin(void **state)
{
	(void)state;
	memset(derivations, 0, sizeof(derivations));
	return lq_deriver_new(&deriver);
}

static int end(void **state)
{
	(void)state;
	lq_deriver_free(deriver);
	return 0;
}

/* A cheap one: N = 2^4. */
static struct lq_derivation *question(size_t i)
{
	struct lq_derivation *derivation = &derivations[i];
	derivation->wanted = true;
	derivation->now.password = (struct lq_password){.cost = 4, .block = 8, .parallel = 1};
	derivation->now.password.salt[0] = (uint8_t)i;
	(void)snprintf(derivation->now.text, sizeof(derivation->now.text), "password %zu", i);
	(void)snprintf(derivation->asker, sizeof(derivation->asker), "address:%zu", i);
	return derivation;
}

static struct lq_derivation *wait_for_one(void)
{
	struct pollfd entry = {.fd = lq_deriver_fd(deriver), .events = POLLIN};
	struct lq_derivation *taken = lq_deriver_take(deriver);
	while (taken == NULL) {
		assert_int_equal(poll(&entry, 1, 60000), 1);
		taken = lq_deriver_take(deriver);
	}
	return taken;
}

static void test_answers_come_in_the_order_of_the_questions(void **state)
{
	(void)state;
	for (size_t i = 0; i < LQ_DERIVER_MAX; i++) {
		assert_int_equal(lq_deriver_put(deriver, question(i)), LQ_OK);
	}
	for (size_t i = 0; i < LQ_DERIVER_MAX; i++) {
		struct lq_password expected = {.cost = 4, .block = 8, .parallel = 1};
		expected.salt[0] = (uint8_t)i;
		assert_ptr_equal(wait_for_one(), &derivations[i]);
		assert_true(derivations[i].now.done && !derivations[i].wanted);
		assert_int_equal(derivations[i].now.result, LQ_OK);
		assert_int_equal(lq_password_derive(&expected, derivations[i].now.text), LQ_OK);
		assert_true(lq_password_same(&expected, &derivations[i].now.password));
	}
	assert_null(lq_deriver_take(deriver));
}

static void test_what_is_not_taken_counts_until_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < LQ_DERIVER_MAX; i++) {
		assert_int_equal(lq_deriver_put(deriver, question(i)), LQ_OK);
	}
	struct lq_derivation *late = question(LQ_DERIVER_MAX);
	assert_int_equal(lq_deriver_put(deriver, late), LQ_ERR_FULL);
	assert_true(late->wanted);
	(void)wait_for_one();
	assert_int_equal(lq_deriver_put(deriver, late), LQ_OK);
}

static void test_nobody_takes_all_the_room(void **state)
{
	(void)state;
	for (size_t i = 0; i <= LQ_DERIVER_EACH; i++) {
		(void)snprintf(question(i)->asker, LQ_THROTTLE_KEY_SIZE, "address:one");
		assert_int_equal(lq_deriver_put(deriver, &derivations[i]),
			i < LQ_DERIVER_EACH ? LQ_OK : LQ_ERR_FULL);
	}
	assert_int_equal(lq_deriver_put(deriver, question(LQ_DERIVER_EACH + 1)), LQ_OK);
}

static void test_a_damaged_figure_is_told(void **state)
{
	(void)state;
	question(0)->now.password.cost = 63;
	assert_int_equal(lq_deriver_put(deriver, &derivations[0]), LQ_OK);
	assert_ptr_equal(wait_for_one(), &derivations[0]);
	assert_int_equal(derivations[0].now.result, LQ_ERR_CORRUPT);
}

static void test_who_waits_at_the_end_is_told(void **state)
{
	size_t closed = 0;
	(void)state;
	for (size_t i = 0; i < LQ_DERIVER_MAX; i++) {
		question(i)->now.password.cost = 14;
		assert_int_equal(lq_deriver_put(deriver, &derivations[i]), LQ_OK);
	}
	lq_deriver_stop(deriver);
	for (size_t i = 0; i < LQ_DERIVER_MAX; i++) {
		assert_ptr_equal(lq_deriver_take(deriver), &derivations[i]);
		assert_true(derivations[i].now.done);
		closed += derivations[i].now.result == LQ_ERR_CLOSED;
		assert_true(derivations[i].now.result == (closed > 0 ? LQ_ERR_CLOSED : LQ_OK));
	}
	assert_int_equal(lq_deriver_put(deriver, question(0)), LQ_ERR_CLOSED);
}

/* ---- what a call is told ---- */

static int hold(struct lq_derivation *derivation, const struct lq_password *password,
	const char *text, bool *ret_holds)
{
	const struct lq_exchange exchange = {.address = "192.0.2.1", .derivation = derivation};
	const struct lq_request request = {.exchange = &exchange};
	return lq_derivation_holds(&request, password, text, ret_holds);
}

static void answer(struct lq_derivation *derivation)
{
	assert_true(derivation->wanted && !derivation->now.done);
	derivation->now.result =
		lq_password_derive(&derivation->now.password, derivation->now.text);
	derivation->wanted = false;
	derivation->now.done = true;
}

static void test_a_second_time_the_question_has_an_answer(void **state)
{
	struct lq_derivation derivation = {.wanted = false};
	struct lq_password password;
	bool holds = false;
	(void)state;
	assert_int_equal(lq_password_make("correct horse", &password), LQ_OK);
	assert_int_equal(hold(&derivation, &password, "correct horse", &holds), LQ_ERR_BUSY);
	assert_string_equal(derivation.asker, "address:192.0.2.1");
	answer(&derivation);
	assert_int_equal(hold(&derivation, &password, "correct horse", &holds), LQ_OK);
	assert_true(holds);
	/* What was asked of another password says nothing of this one. */
	assert_int_equal(hold(&derivation, &password, "wrong horse", &holds), LQ_ERR_BUSY);
	answer(&derivation);
	assert_int_equal(hold(&derivation, &password, "wrong horse", &holds), LQ_OK);
	assert_false(holds);
	password.salt[0] ^= 1;
	assert_int_equal(hold(&derivation, &password, "wrong horse", &holds), LQ_ERR_BUSY);
}

static void test_nobodys_password_is_as_much_work_and_never_right(void **state)
{
	struct lq_derivation derivation = {.wanted = false};
	bool holds = true;
	(void)state;
	assert_int_equal(hold(&derivation, NULL, "anything at all", &holds), LQ_ERR_BUSY);
	assert_int_equal(derivation.now.password.cost, 15);
	answer(&derivation);
	assert_int_equal(hold(&derivation, NULL, "anything at all", &holds), LQ_OK);
	assert_false(holds);
}

static void test_a_new_password_is_made_once(void **state)
{
	struct lq_derivation derivation = {.wanted = false};
	const struct lq_exchange exchange = {.address = "192.0.2.1", .derivation = &derivation};
	const struct lq_request request = {.exchange = &exchange};
	struct lq_password password;
	(void)state;
	assert_int_equal(lq_derivation_make(&request, "correct horse", &password), LQ_ERR_BUSY);
	answer(&derivation);
	assert_int_equal(lq_derivation_make(&request, "correct horse", &password), LQ_OK);
	assert_memory_equal(&password, &derivation.now.password, sizeof(password));
	struct lq_password again = password;
	assert_int_equal(lq_password_derive(&again, "correct horse"), LQ_OK);
	assert_true(lq_password_same(&again, &password));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_answers_come_in_the_order_of_the_questions, begin, end),
		cmocka_unit_test_setup_teardown(
			test_what_is_not_taken_counts_until_it_is, begin, end),
		cmocka_unit_test_setup_teardown(test_nobody_takes_all_the_room, begin, end),
		cmocka_unit_test_setup_teardown(test_a_damaged_figure_is_told, begin, end),
		cmocka_unit_test_setup_teardown(test_who_waits_at_the_end_is_told, begin, end),
		cmocka_unit_test(test_a_second_time_the_question_has_an_answer),
		cmocka_unit_test(test_nobodys_password_is_as_much_work_and_never_right),
		cmocka_unit_test(test_a_new_password_is_made_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Back-off, tally and device lock. */
#include "firmware/core/err.h"
#include "firmware/reader/backoff.h"
#include "firmware/reader/device_lock.h"
#include "firmware/reader/tally.h"
#include "tests/lib/cmocka.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void waits_double_up_to_their_limit(void **state)
{
	struct lq_backoff backoff = {.first_ms = 50, .greatest_ms = 500};
	const uint32_t waits[] = {50, 100, 200, 400, 500, 500, 500};
	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
			assert_int_equal(lq_backoff_fail(&backoff), waits[i]);
		}
		lq_backoff_succeed(&backoff);
	}
}

static void waits_do_not_overflow(void **state)
{
	struct lq_backoff backoff = {.first_ms = 1, .greatest_ms = UINT32_MAX};
	uint32_t last = 0;
	(void)state;
	for (int i = 0; i < 100; i++) {
		uint32_t wait = lq_backoff_fail(&backoff);
		assert_true(wait >= last);
		last = wait;
	}
	assert_int_equal(last, UINT32_MAX);
}

static void nothing_was_polled(void **state)
{
	struct lq_tally tally = {0};
	struct lq_reader_statistics report = lq_tally_report(&tally);
	(void)state;
	assert_int_equal(report.polls, 0);
	assert_int_equal(report.poll_us_median, 0);
	assert_int_equal(report.poll_us_max, 0);
}

static void a_report_covers_what_came_since_the_last(void **state)
{
	struct lq_tally tally = {.cards = 3, .faults = 2};
	(void)state;
	for (int i = 0; i < 60; i++) {
		lq_tally_poll(&tally, 20100);
	}
	for (int i = 0; i < 41; i++) {
		lq_tally_poll(&tally, 90000);
	}
	struct lq_reader_statistics report = lq_tally_report(&tally);
	assert_int_equal(report.polls, 101);
	assert_int_equal(report.cards, 3);
	assert_int_equal(report.faults, 2);
	assert_int_equal(report.poll_us_median, 20500);
	assert_int_equal(report.poll_us_max, 90000);
	lq_tally_poll(&tally, 7);
	report = lq_tally_report(&tally);
	assert_int_equal(report.polls, 102);
	assert_int_equal(report.poll_us_median, 7);
	assert_int_equal(report.poll_us_max, 7);
}

static void the_median_is_the_middle_one(void **state)
{
	(void)state;
	for (uint32_t slow = 0; slow <= 9; slow++) {
		struct lq_tally tally = {0};
		for (uint32_t i = 0; i < 9; i++) {
			lq_tally_poll(&tally, i < slow ? 30200 : 10200);
		}
		assert_int_equal(lq_tally_report(&tally).poll_us_median, slow == 9   ? 30200
									 : slow >= 5 ? 30200
									 : slow == 0 ? 10200
										     : 10500);
	}
}

static void polls_longer_than_any_bucket(void **state)
{
	struct lq_tally tally = {0};
	(void)state;
	lq_tally_poll(&tally, UINT32_MAX);
	struct lq_reader_statistics report = lq_tally_report(&tally);
	assert_int_equal(report.poll_us_median, UINT32_MAX);
	assert_int_equal(report.poll_us_max, UINT32_MAX);
}

static char folder[] = "/tmp/device_lock.XXXXXX";

static int lock(const char *device)
{
	int fd = -1;
	int r = lq_device_lock(folder, device, &fd);
	return r == LQ_OK ? fd : r;
}

static void a_device_has_one_user(void **state)
{
	char link_name[sizeof(folder) + 16];
	char by_link[sizeof(link_name) + 32];
	(void)state;
	(void)snprintf(link_name, sizeof(link_name), "%s/reader", folder);
	(void)snprintf(by_link, sizeof(by_link), "pn532_uart:%s:9600", link_name);
	assert_int_equal(symlink("/dev/null", link_name), 0);
	int fd = lock("pn532_uart:/dev/null");
	assert_true(fd >= 0);
	assert_int_equal(lock("pn532_uart:/dev/null"), LQ_ERR_BUSY);
	assert_int_equal(lock("pn532_uart:/dev/null:115200"), LQ_ERR_BUSY);
	assert_int_equal(lock(by_link), LQ_ERR_BUSY);
	int other = lock("pn532_uart:/dev/zero");
	assert_true(other >= 0);
	(void)close(other);
	(void)close(fd);
	fd = lock(by_link);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(unlink(link_name), 0);
}

static void a_lock_outlives_its_parent_but_not_its_children(void **state)
{
	(void)state;
	int fd = lock("pn532_uart:/dev/null");
	int hold[2];
	assert_true(fd >= 0);
	assert_int_equal(pipe(hold), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char byte = 0;
		(void)close(hold[1]);
		_exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
	}
	(void)close(hold[0]);
	(void)close(fd);
	assert_int_equal(lock("pn532_uart:/dev/null"), LQ_ERR_BUSY);
	(void)close(hold[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	fd = lock("pn532_uart:/dev/null");
	assert_true(fd >= 0);
	(void)close(fd);
}

static void a_folder_that_is_not_there(void **state)
{
	int fd = -1;
	char deep[5000];
	(void)state;
	assert_int_equal(
		lq_device_lock("/nonexistent/folder", "pn532_uart:/dev/null", &fd), LQ_ERR_IO);
	memset(deep, '/', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(lq_device_lock(deep, "pn532_uart:/dev/null", &fd), LQ_ERR_INVALID);
	assert_int_equal(fd, -1);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
	(void)state;
	DIR *entries = opendir(folder);
	assert_non_null(entries);
	for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
		if (entry->d_name[0] != '.') {
			assert_int_equal(unlinkat(dirfd(entries), entry->d_name, 0), 0);
		}
	}
	(void)closedir(entries);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_their_limit),
		cmocka_unit_test(waits_do_not_overflow),
		cmocka_unit_test(nothing_was_polled),
		cmocka_unit_test(a_report_covers_what_came_since_the_last),
		cmocka_unit_test(the_median_is_the_middle_one),
		cmocka_unit_test(polls_longer_than_any_bucket),
		cmocka_unit_test(a_device_has_one_user),
		cmocka_unit_test(a_lock_outlives_its_parent_but_not_its_children),
		cmocka_unit_test(a_folder_that_is_not_there),
	};
	return cmocka_run_group_tests_name(
		"reader's small parts", tests, make_folder, remove_folder);
}

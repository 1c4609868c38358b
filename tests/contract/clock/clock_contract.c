/* What hal/clock.h promises, over the clock that the command line names: linux or sim. */
#include "firmware/core/err.h"
#include "hal/linux/linux_clock.h"
#include "hal/sim/clock/sim_clock.h"
#include "tests/lib/cmocka.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READS 50000

static bool simulated;
static struct lq_sim_clock *sim;
static struct lq_clock lq;

static struct lq_mono mono(void)
{
	return lq.mono(lq.ctx);
}

static struct lq_wall wall(void)
{
	return lq.wall(lq.ctx);
}

static void pass_ms(uint32_t ms)
{
	if (simulated) {
		lq_sim_clock_advance_ms(sim, ms);
		return;
	}
	struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	assert_int_equal(clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL), 0);
}

static void monotonic_time_never_goes_back(void **state)
{
	(void)state;
	struct lq_mono last = mono();
	for (int i = 0; i < READS; i++) {
		struct lq_mono now = mono();
		assert_true(now.us >= last.us);
		last = now;
	}
}

static void time_passes(void **state)
{
	(void)state;
	struct lq_mono mono_before = mono();
	struct lq_wall wall_before = wall();
	pass_ms(60);
	assert_true(lq_mono_elapsed_us(mono_before, mono()) >= 60000);
	assert_true(wall().unix_ms != wall_before.unix_ms);
}

static void another_process_sees_the_same(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	struct lq_mono before = mono();
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct lq_mono now = mono();
		_exit(write(ends[1], &now, sizeof(now)) == sizeof(now) ? 0 : 1);
	}
	struct lq_mono seen = {0};
	assert_int_equal(read(ends[0], &seen, sizeof(seen)), sizeof(seen));
	struct lq_mono after = mono();
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(before.us <= seen.us && seen.us <= after.us);
	close(ends[0]);
	close(ends[1]);
}

static void wall_time_is_whole(void **state)
{
	(void)state;
	struct lq_wall now = wall();
	assert_true(now.trust == LQ_TRUST_UNSET || now.trust == LQ_TRUST_RTC ||
		    now.trust == LQ_TRUST_SYNCHRONISED);
	assert_int_equal(now.utc_offset_s, 7 * 3600); /* Asia/Bangkok, for a century now */
}

static void *read_often(void *ret_failures)
{
	unsigned long failures = 0;
	struct lq_mono last = mono();
	for (int i = 0; i < READS / 4; i++) {
		struct lq_mono now = mono();
		struct lq_wall date = wall();
		failures += now.us < last.us ? 1 : 0;
		failures += date.utc_offset_s != 7 * 3600 ? 1 : 0;
		last = now;
	}
	*(unsigned long *)ret_failures = failures;
	return NULL;
}

static void any_thread_may_read(void **state)
{
	(void)state;
	pthread_t threads[4];
	unsigned long failures[4] = {1, 1, 1, 1};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, read_often, &failures[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(failures[i], 0);
	}
}

static int open_clock(void **state)
{
	(void)state;
	if (!simulated) {
		return lq_linux_clock_open("Asia/Bangkok", &lq);
	}
	struct lq_wall date = {
		.unix_ms = 1767225600000, .utc_offset_s = 7 * 3600, .trust = LQ_TRUST_RTC};
	int result = lq_sim_clock_open((struct lq_mono){.us = 5000000}, date, &sim);
	if (result == LQ_OK) {
		lq = lq_sim_clock_port(sim);
	}
	return result;
}

static int close_clock(void **state)
{
	(void)state;
	if (simulated) {
		lq_sim_clock_close(sim);
	} else {
		lq_linux_clock_close(&lq);
	}
	return 0;
}

int main(int argc, char **argv)
{
	simulated = argc == 2 && strcmp(argv[1], "sim") == 0;
	if (!simulated && (argc != 2 || strcmp(argv[1], "linux") != 0)) {
		fprintf(stderr, "usage: %s linux | sim\n", argv[0]);
		return 2;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monotonic_time_never_goes_back),
		cmocka_unit_test(time_passes),
		cmocka_unit_test(another_process_sees_the_same),
		cmocka_unit_test(wall_time_is_whole),
		cmocka_unit_test(any_thread_may_read),
	};
	return cmocka_run_group_tests_name(argv[1], tests, open_clock, close_clock);
}

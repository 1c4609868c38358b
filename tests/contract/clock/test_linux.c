/* The machine's clock and entropy with the kernel's answers in the test's hands: zones, changes of
 * daylight saving time, trust, what is cached, and a kernel that gives random bytes in crumbs. */
#include "firmware/core/err.h"
#include "hal/linux/linux_clock.h"
#include "hal/linux/linux_entropy.h"
#include "tests/lib/cmocka.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/timex.h>
#include <time.h>

#define SOME_DAY   INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define FAR_FUTURE INT64_C(4102444800) /* 2100-01-01T00:00:00Z */
#define BUILT      ((int64_t)LQ_BUILD_YEAR_BEGIN_S)

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_now);
int __wrap_adjtimex(struct timex *state);
ssize_t __wrap_getrandom(void *out, size_t count, unsigned flags);
struct tm *__wrap_localtime_r(const time_t *time, struct tm *ret_date);
struct tm *__real_localtime_r(const time_t *time, struct tm *ret_date);

static struct timespec machine_wall;
static struct timespec machine_mono;
static bool machine_synchronised;
static int adjtimex_calls;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_now)
{
	*ret_now = id == CLOCK_MONOTONIC ? machine_mono : machine_wall;
	return 0;
}

int __wrap_adjtimex(struct timex *state)
{
	assert_int_equal(state->modes, 0);
	adjtimex_calls++;
	state->status = machine_synchronised ? 0 : STA_UNSYNC;
	return machine_synchronised ? TIME_OK : TIME_ERROR;
}

static int localtime_calls;

struct tm *__wrap_localtime_r(const time_t *time, struct tm *ret_date)
{
	localtime_calls++;
	return __real_localtime_r(time, ret_date);
}

static struct lq_clock opened(const char *zone)
{
	struct lq_clock clock;
	assert_int_equal(lq_linux_clock_open(zone, &clock), LQ_OK);
	return clock;
}

static struct lq_wall wall_at(const struct lq_clock *clock, int64_t unix_s)
{
	machine_wall = (struct timespec){.tv_sec = unix_s};
	machine_mono.tv_sec += 2;
	return clock->wall(clock->ctx);
}

static void zones_that_are_none(void **state)
{
	(void)state;
	static const char *const names[] = {"", "Europe", "Europe/", "Europe/Pariss",
		"europe/paris", "/usr/share/zoneinfo/UTC", "../zoneinfo/UTC", "Europe/../UTC",
		"./UTC", "Europe/Paris ", ":UTC", "UTC0", "zone.tab", "tzdata.zi", "leapseconds",
		"Europe/Paris\n", "\xc3\xa9"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct lq_clock clock;
		struct lq_clock before;
		memset(&clock, 0xa5, sizeof(clock));
		before = clock;
		if (lq_linux_clock_open(names[i], &clock) != LQ_ERR_NOT_FOUND) {
			fail_msg("\"%s\" is a zone", names[i]);
		}
		assert_memory_equal(&clock, &before, sizeof(clock));
	}
}

/* 2026: changes at 01:00 UTC on 29 March and 25 October. */
static void daylight_saving_changes_to_the_second(void **state)
{
	(void)state;
	static const struct {
		int64_t unix_s;
		int32_t offset_s;
	} rows[] = {
		{1774745999, 3600},
		{1774746000, 7200},
		{1774745999, 3600}, /* the wall clock may step back */
		{1774746059, 7200},
		{1792889999, 7200},
		{1792890000, 3600},
		{1792890001, 3600},
	};
	struct lq_clock clock = opened("Europe/Paris");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lq_wall now = wall_at(&clock, rows[i].unix_s);
		assert_int_equal(now.utc_offset_s, rows[i].offset_s);
		assert_true(now.unix_ms == rows[i].unix_s * 1000);
	}
	lq_linux_clock_close(&clock);
	assert_null(clock.ctx);
}

static void zones_that_do_not_change(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		int32_t offset_s;
	} rows[] = {
		{"UTC", 0},
		{"Etc/GMT+12", -12 * 3600},
		{"America/Phoenix", -7 * 3600},
		{"Asia/Kolkata", 19800},
		{"Asia/Kathmandu", 20700},
		{"Pacific/Kiritimati", 14 * 3600},
		{"America/Argentina/Buenos_Aires", -3 * 3600},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lq_clock clock = opened(rows[i].zone);
		assert_int_equal(wall_at(&clock, SOME_DAY).utc_offset_s, rows[i].offset_s);
		lq_linux_clock_close(&clock);
	}
}

static void milliseconds(void **state)
{
	(void)state;
	struct lq_clock clock = opened("UTC");
	machine_wall = (struct timespec){.tv_sec = SOME_DAY, .tv_nsec = 999999999};
	assert_true(clock.wall(clock.ctx).unix_ms == SOME_DAY * 1000 + 999);
	machine_wall = (struct timespec){.tv_sec = -1, .tv_nsec = 1000000};
	assert_true(clock.wall(clock.ctx).unix_ms == -999);
	machine_mono = (struct timespec){.tv_sec = 3, .tv_nsec = 1999};
	assert_true(clock.mono(clock.ctx).us == 3000001);
	lq_linux_clock_close(&clock);
}

static void trust(void **state)
{
	(void)state;
	struct lq_clock clock = opened("UTC");
	machine_synchronised = true;
	assert_int_equal(wall_at(&clock, FAR_FUTURE).trust, LQ_TRUST_SYNCHRONISED);
	machine_synchronised = false;
	assert_int_equal(wall_at(&clock, FAR_FUTURE).trust, LQ_TRUST_RTC);
	assert_int_equal(wall_at(&clock, BUILT).trust, LQ_TRUST_RTC);
	assert_int_equal(wall_at(&clock, BUILT - 1).trust, LQ_TRUST_UNSET);
	assert_int_equal(wall_at(&clock, 0).trust, LQ_TRUST_UNSET);
	lq_linux_clock_close(&clock);
}

static void the_build_year_begins_in_january(void **state)
{
	(void)state;
	struct tm date;
	time_t built = (time_t)BUILT;
	assert_non_null(gmtime_r(&built, &date));
	assert_int_equal(date.tm_yday, 0);
	assert_int_equal(date.tm_hour, 0);
	assert_int_equal(date.tm_min, 0);
	assert_int_equal(date.tm_sec, 0);
	assert_true(date.tm_year >= 2026 - 1900);
}

static void trust_is_looked_up_once_a_second(void **state)
{
	(void)state;
	struct lq_clock clock = opened("UTC");
	machine_mono = (struct timespec){.tv_sec = 1000};
	machine_wall = (struct timespec){.tv_sec = FAR_FUTURE};
	machine_synchronised = true;
	adjtimex_calls = 0;
	assert_int_equal(clock.wall(clock.ctx).trust, LQ_TRUST_SYNCHRONISED);
	assert_int_equal(adjtimex_calls, 1);

	machine_synchronised = false;
	for (int i = 0; i < 100; i++) {
		machine_mono.tv_nsec = 9999999L * i;
		assert_int_equal(clock.wall(clock.ctx).trust, LQ_TRUST_SYNCHRONISED);
	}
	assert_int_equal(adjtimex_calls, 1);
	machine_mono = (struct timespec){.tv_sec = 1001};
	assert_int_equal(clock.wall(clock.ctx).trust, LQ_TRUST_RTC);
	assert_int_equal(adjtimex_calls, 2);
	lq_linux_clock_close(&clock);
}

static void the_offset_is_looked_up_once_a_minute(void **state)
{
	(void)state;
	struct lq_clock clock = opened("Asia/Kolkata");
	localtime_calls = 0;
	for (int64_t second = 0; second < 60; second++) {
		assert_int_equal(wall_at(&clock, SOME_DAY + second).utc_offset_s, 19800);
	}
	assert_int_equal(localtime_calls, 1);
	wall_at(&clock, SOME_DAY + 60);
	assert_int_equal(localtime_calls, 2);
	wall_at(&clock, SOME_DAY + 59);
	assert_int_equal(localtime_calls, 3);
	lq_linux_clock_close(&clock);
}

/* What getrandom() does, call by call: bytes given, or an errno. */
struct crumb {
	ssize_t bytes;
	int error;
};

static const struct crumb *crumbs;

ssize_t __wrap_getrandom(void *out, size_t count, unsigned flags)
{
	assert_int_equal(flags, 0);
	struct crumb crumb = *crumbs++;
	if (crumb.error != 0) {
		errno = crumb.error;
		return -1;
	}
	assert_true((size_t)crumb.bytes <= count);
	memset(out, 0xa5, (size_t)crumb.bytes);
	return crumb.bytes;
}

static void random_bytes_in_crumbs(void **state)
{
	(void)state;
	static const struct crumb some[] = {{3, 0}, {0, EINTR}, {1, 0}, {4, 0}};
	struct lq_entropy entropy = lq_linux_entropy();
	uint8_t bytes[9] = {0};
	crumbs = some;
	assert_int_equal(entropy.fill(entropy.ctx, bytes, 8), LQ_OK);
	assert_ptr_equal(crumbs, some + 4);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(bytes[i], 0xa5);
	}
	assert_int_equal(bytes[8], 0);
	assert_int_equal(entropy.fill(entropy.ctx, bytes, 0), LQ_OK);
}

static void random_bytes_that_fail(void **state)
{
	(void)state;
	static const struct crumb errors[] = {{5, 0}, {0, ENOSYS}};
	static const struct crumb nothing[] = {{5, 0}, {0, 0}, {3, 0}};
	static const uint8_t zeros[8] = {0};
	struct lq_entropy entropy = lq_linux_entropy();
	uint8_t bytes[8];
	crumbs = errors;
	memset(bytes, 1, sizeof(bytes));
	assert_int_equal(entropy.fill(entropy.ctx, bytes, 8), LQ_ERR_IO);
	assert_memory_equal(bytes, zeros, 8);
	crumbs = nothing;
	memset(bytes, 1, sizeof(bytes));
	assert_int_equal(entropy.fill(entropy.ctx, bytes, 8), LQ_ERR_IO);
	assert_memory_equal(bytes, zeros, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_that_are_none),
		cmocka_unit_test(daylight_saving_changes_to_the_second),
		cmocka_unit_test(zones_that_do_not_change),
		cmocka_unit_test(milliseconds),
		cmocka_unit_test(trust),
		cmocka_unit_test(the_build_year_begins_in_january),
		cmocka_unit_test(trust_is_looked_up_once_a_second),
		cmocka_unit_test(the_offset_is_looked_up_once_a_minute),
		cmocka_unit_test(random_bytes_in_crumbs),
		cmocka_unit_test(random_bytes_that_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "firmware/core/err.h"
#include "host/cli/schedule_text.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

/* "480-1200 …": minutes since Monday 00:00. */
static void write_periods(const struct lq_schedule *schedule, char *out, size_t size)
{
	out[0] = '\0';
	for (uint8_t i = 0; i < schedule->count; i++) {
		size_t length = strlen(out);
		(void)snprintf(out + length, size - length, "%s%u-%u", i == 0 ? "" : " ",
			schedule->periods[i].from, schedule->periods[i].to);
	}
}

static void texts_mean_minutes_of_the_week(void **state)
{
	static const struct {
		const char *text;
		const char *periods;
	} cases[] = {
		{"mon 08:00-20:00", "480-1200"},
		{"tue 08:00-20:00", "1920-2640"},
		{"mon-fri 08:00-20:00", "480-1200 1920-2640 3360-4080 4800-5520 6240-6960"},
		{"lun-ven 08:00-20:00", "480-1200 1920-2640 3360-4080 4800-5520 6240-6960"},
		{"mar 09:00-10:00", "1980-2040"},
		{"mer 09:00-10:00", "3420-3480"},
		{"jeu 09:00-10:00", "4860-4920"},
		{"dim 09:00-10:00", "9180-9240"},
		{"MON 08:00-20:00", "480-1200"},
		{"Monday 08:00-20:00", "480-1200"},
		{"Samedi 08:00-09:00", "7680-7740"},
		{"mon,wed 08:00-09:00", "480-540 3360-3420"},
		{"wed,mon 08:00-09:00", "480-540 3360-3420"},
		{"mon,mon-tue 08:00-09:00", "480-540 1920-1980"},
		{"mon, wed 08:00-09:00, 10:00-11:00", "480-540 600-660 3360-3420 3480-3540"},
		{"mon 08:00-12:00,13:00-17:00", "480-720 780-1020"},
		/* past midnight */
		{"sat 22:00-02:00", "8520-8760"},
		{"mon 23:59-00:00", "1439-1440"},
		/* past the end of the week */
		{"sun 22:00-02:00", "9960-120"},
		{"sat-mon 10:00-11:00", "600-660 7800-7860 9240-9300"},
		{"fri-tue 00:00-00:01", "0-1 1440-1441 5760-5761 7200-7201 8640-8641"},
		/* whole days; the week's last minute is followed by its first */
		{"mon 00:00-24:00", "0-1440"},
		{"sun 00:00-24:00", "8640-0"},
		{"sun 23:59-24:00", "10079-0"},
		{"  mon\t08:00-09:00  ", "480-540"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_schedule schedule = {0};
		struct lq_schedule_error error;
		char periods[512];
		int r = lq_schedule_text_add(cases[i].text, &schedule, &error);
		write_periods(&schedule, periods, sizeof(periods));
		if (r != LQ_OK || strcmp(periods, cases[i].periods) != 0) {
			fail_msg("'%s' gave %d, %s; expected %s", cases[i].text, r, periods,
				cases[i].periods);
		}
	}
}

static void texts_add_up(void **state)
{
	struct lq_schedule schedule = {0};
	struct lq_schedule_error error;
	char periods[512];
	(void)state;
	assert_int_equal(LQ_OK, lq_schedule_text_add("mon 08:00-09:00", &schedule, &error));
	assert_int_equal(LQ_OK, lq_schedule_text_add("sat 22:00-02:00", &schedule, &error));
	write_periods(&schedule, periods, sizeof(periods));
	assert_string_equal("480-540 8520-8760", periods);
}

static void a_text_that_says_no_hours_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		enum lq_schedule_problem problem;
		size_t at;
	} cases[] = {
		{"", LQ_SCHEDULE_DAY, 0},
		{"08:00-20:00", LQ_SCHEDULE_DAY, 0},
		{"mo 08:00-20:00", LQ_SCHEDULE_DAY, 0},
		{"mond 08:00-20:00", LQ_SCHEDULE_DAY, 0},
		{"mon- 08:00-20:00", LQ_SCHEDULE_DAY, 4},
		{"mon-08:00 20:00", LQ_SCHEDULE_DAY, 4},
		{"mon,,tue 08:00-09:00", LQ_SCHEDULE_DAY, 4},
		{"mon-fri", LQ_SCHEDULE_TIME, 7},
		{"mon 8:00-20:00", LQ_SCHEDULE_TIME, 4},
		{"mon 08:00", LQ_SCHEDULE_TIME, 4},
		{"mon 08:00-", LQ_SCHEDULE_TIME, 4},
		{"mon 08:60-20:00", LQ_SCHEDULE_TIME, 4},
		{"mon 24:00-20:00", LQ_SCHEDULE_TIME, 4},
		{"mon 08:00-24:01", LQ_SCHEDULE_TIME, 4},
		{"mon 08:00-25:00", LQ_SCHEDULE_TIME, 4},
		{"mon 08h00-20h00", LQ_SCHEDULE_TIME, 4},
		{"mon 08:00-09:00,", LQ_SCHEDULE_TIME, 16},
		{"mon 08:00-08:00", LQ_SCHEDULE_EMPTY, 4},
		{"mon 08:00-09:00 tue", LQ_SCHEDULE_REST, 16},
		{"mon 08:00-09:000", LQ_SCHEDULE_REST, 15},
		{"mon-sun 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00",
			LQ_SCHEDULE_FULL, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_schedule schedule = {.count = 1, .periods = {{.from = 5, .to = 6}}};
		struct lq_schedule_error error = {0};
		int r = lq_schedule_text_add(cases[i].text, &schedule, &error);
		if (r != LQ_ERR_INVALID || error.problem != cases[i].problem ||
			error.at != cases[i].at || schedule.count != 1) {
			fail_msg("'%s' gave %d, problem %d at %zu", cases[i].text, r,
				(int)error.problem, error.at);
		}
	}
}

static void a_week_holds_28_periods_and_no_more(void **state)
{
	struct lq_schedule schedule = {0};
	struct lq_schedule_error error;
	(void)state;
	assert_int_equal(LQ_OK,
		lq_schedule_text_add("mon-sun 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00",
			&schedule, &error));
	assert_int_equal(28, schedule.count);
	assert_int_equal(
		LQ_ERR_INVALID, lq_schedule_text_add("mon 10:00-11:00", &schedule, &error));
	assert_int_equal(LQ_SCHEDULE_FULL, error.problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_mean_minutes_of_the_week),
		cmocka_unit_test(texts_add_up),
		cmocka_unit_test(a_text_that_says_no_hours_is_refused_with_its_place),
		cmocka_unit_test(a_week_holds_28_periods_and_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

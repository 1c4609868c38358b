/* A log that nobody reads stops nobody. */
#include "firmware/door/daemon.h"
#include "tests/lib/cmocka.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINES 5000u

static void a_full_log_drops_lines_and_tells_how_many(void **state)
{
	static char text[1u << 17];
	int ends[2];
	int kept = dup(STDERR_FILENO);
	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(kept >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	/* Were one of them to wait, the test would not end. */
	for (unsigned i = 0; i < LINES; i++) {
		lq_log("line %u", i);
	}
	ssize_t length = read(ends[0], text, sizeof(text) - 1);
	lq_log("the next one");
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	assert_true(length > 0);
	ssize_t more = read(ends[0], text + length, sizeof(text) - 1 - (size_t)length);
	assert_true(more > 0);
	text[length + more] = '\0';

	unsigned shown = 0;
	for (char *line = strstr(text, "loquetd: line"); line != NULL;
		line = strstr(line + 1, "loquetd: line")) {
		shown++;
	}
	char expected[128];
	assert_in_range(shown, 1, LINES - 1);
	(void)snprintf(expected, sizeof(expected),
		"loquetd: %u lines were dropped here\nloquetd: the next one\n", LINES - shown);
	assert_string_equal(text + length, expected);
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(kept);
}

static void an_overlong_line_is_cut_and_ends(void **state)
{
	char text[2048];
	char filler[1024];
	int ends[2];
	int kept = dup(STDERR_FILENO);
	(void)state;
	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	assert_int_equal(pipe(ends), 0);
	assert_true(kept >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	lq_log("%s", filler);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	assert_int_equal(read(ends[0], text, sizeof(text)), 512);
	assert_int_equal(text[511], '\n');
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_log_drops_lines_and_tells_how_many),
		cmocka_unit_test(an_overlong_line_is_cut_and_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What hal/lines.h promises, over whichever adapter the command line names:
 *   lines_contract sim FOLDER
 *   lines_contract gpiod CHIP SYSFS_FOLDER    a gpio-sim chip of at least 8 lines, nobody's */
#include "firmware/core/err.h"
#include "tests/contract/lines/world.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <dirent.h>
#include <poll.h>
#include <string.h>

/* How long a change may take to arrive before the test gives up. */
#define PATIENCE_MS 10000

static struct world world;

static struct lq_lines_settings settings_of(const struct lq_line_wiring wiring[LQ_LINE_COUNT])
{
	struct lq_lines_settings settings;
	memset(&settings, 0, sizeof(settings));
	memcpy(settings.chip, world.chip, sizeof(settings.chip));
	memcpy(settings.wiring, wiring, sizeof(settings.wiring));
	return settings;
}

/* Both polarities of both directions, and an output that is not wired. */
static struct lq_lines_settings usual(void)
{
	return settings_of((const struct lq_line_wiring[LQ_LINE_COUNT]){
		[LQ_LINE_RELAY] = {.offset = 0},
		[LQ_LINE_LED_GREEN] = {.offset = 1, .active_low = true},
		[LQ_LINE_LED_RED] = {.offset = LQ_LINE_UNUSED},
		[LQ_LINE_BUZZER] = {.offset = 2},
		[LQ_LINE_RESET] = {.offset = LQ_LINE_UNUSED},
		[LQ_LINE_CONTACT] = {.offset = 3, .active_low = true},
		[LQ_LINE_REX] = {.offset = 4},
		[LQ_LINE_BOLT] = {.offset = LQ_LINE_UNUSED},
		[LQ_LINE_FIRE] = {.offset = LQ_LINE_UNUSED},
		[LQ_LINE_TAMPER] = {.offset = LQ_LINE_UNUSED},
	});
}

static const enum lq_line outputs[] = {LQ_LINE_RELAY, LQ_LINE_LED_GREEN, LQ_LINE_BUZZER};
static const enum lq_line inputs[] = {LQ_LINE_CONTACT, LQ_LINE_REX};

static struct lq_lines opened(const struct lq_lines_settings *settings)
{
	struct lq_lines lines;
	char text[LQ_LINES_TEXT_SIZE] = "";
	int result = world.open(settings, &lines, text);
	if (result < 0) {
		fail_msg("opening failed: %d, %s", result, text);
	}
	return lines;
}

/* An adapter with every input inactive, whatever the test before left on the wires. */
static struct lq_lines opened_at_rest(const struct lq_lines_settings *settings);

static bool level(const struct lq_lines *lines, enum lq_line line)
{
	bool active = false;
	assert_int_equal(lines->get(lines->ctx, line, &active), LQ_OK);
	return active;
}

static void set(const struct lq_lines *lines, enum lq_line line, bool active)
{
	assert_int_equal(lines->set(lines->ctx, line, active), LQ_OK);
}

static bool readable(const struct lq_lines *lines, int timeout_ms)
{
	int fds[LQ_LINE_COUNT];
	struct pollfd polled[LQ_LINE_COUNT];
	int count = lines->fds(lines->ctx, fds);
	assert_in_range(count, 0, LQ_LINE_COUNT);
	for (int i = 0; i < count; i++) {
		polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	}
	return poll(polled, (nfds_t)count, timeout_ms) > 0;
}

static bool take(const struct lq_lines *lines, struct lq_line_change *ret_change)
{
	int result = lines->next_change(lines->ctx, ret_change);
	assert_in_range(result, 0, 1);
	return result == 1;
}

/* Waits for the next change. A descriptor may be readable for nothing. */
static struct lq_line_change awaited(const struct lq_lines *lines)
{
	struct lq_line_change change;
	while (!take(lines, &change)) {
		if (!readable(lines, PATIENCE_MS)) {
			fail_msg("no change within %d ms", PATIENCE_MS);
		}
	}
	return change;
}

static void expect_change(const struct lq_lines *lines, enum lq_line line, bool active)
{
	struct lq_line_change change = awaited(lines);
	assert_int_equal(change.line, line);
	assert_int_equal(change.active, active);
}

static void expect_no_change(const struct lq_lines *lines)
{
	struct lq_line_change change;
	assert_false(take(lines, &change));
}

static void drive(const struct lq_lines_settings *settings, enum lq_line line, bool active)
{
	world.drive(&world, settings, line, active);
}

static struct lq_lines opened_at_rest(const struct lq_lines_settings *settings)
{
	struct lq_lines lines = opened(settings);
	for (size_t i = 0; i < 2; i++) {
		bool before = level(&lines, inputs[i]);
		drive(settings, inputs[i], false);
		if (before) {
			expect_change(&lines, inputs[i], false);
		}
	}
	return lines;
}

static void outputs_begin_inactive(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened(&settings);
	for (size_t i = 0; i < 3; i++) {
		assert_false(level(&lines, outputs[i]));
		assert_false(world.shown(&world, &settings, outputs[i]));
	}
	lines.close(lines.ctx);
}

static void an_output_alone_is_driven(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened(&settings);
	for (size_t i = 0; i < 3; i++) {
		for (int again = 0; again < 2; again++) {
			set(&lines, outputs[i], true);
			for (size_t j = 0; j < 3; j++) {
				assert_int_equal(level(&lines, outputs[j]), i == j);
				assert_int_equal(
					world.shown(&world, &settings, outputs[j]), i == j);
			}
		}
		set(&lines, outputs[i], false);
		assert_false(level(&lines, outputs[i]));
		assert_false(world.shown(&world, &settings, outputs[i]));
	}
	lines.close(lines.ctx);
}

static void what_is_not_wired_or_not_an_output(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened(&settings);
	bool active = true;
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		assert_int_equal(lines.wired(lines.ctx, (enum lq_line)line),
			settings.wiring[line].offset != LQ_LINE_UNUSED);
	}
	assert_int_equal(lines.set(lines.ctx, LQ_LINE_LED_RED, true), LQ_OK);
	assert_int_equal(lines.get(lines.ctx, LQ_LINE_LED_RED, &active), LQ_ERR_NOT_FOUND);
	assert_true(active);
	assert_int_equal(lines.set(lines.ctx, LQ_LINE_CONTACT, true), LQ_ERR_INVALID);
	assert_int_equal(lines.set(lines.ctx, LQ_LINE_REX, false), LQ_ERR_INVALID);
	expect_no_change(&lines);
	lines.close(lines.ctx);

	settings.wiring[LQ_LINE_CONTACT].offset = LQ_LINE_UNUSED;
	settings.wiring[LQ_LINE_REX].offset = LQ_LINE_UNUSED;
	lines = opened(&settings);
	int fds[LQ_LINE_COUNT];
	assert_int_equal(lines.fds(lines.ctx, fds), 0);
	assert_int_equal(lines.set(lines.ctx, LQ_LINE_CONTACT, true), LQ_ERR_INVALID);
	assert_int_equal(lines.get(lines.ctx, LQ_LINE_CONTACT, &active), LQ_ERR_NOT_FOUND);
	expect_no_change(&lines);
	lines.close(lines.ctx);
}

static void changes_are_reported_once(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened_at_rest(&settings);
	expect_no_change(&lines);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 2; i++) {
			for (int active = 1; active >= 0; active--) {
				drive(&settings, inputs[i], active == 1);
				assert_true(readable(&lines, PATIENCE_MS));
				expect_change(&lines, inputs[i], active == 1);
				expect_no_change(&lines);
				assert_int_equal(level(&lines, inputs[i]), active == 1);
				drive(&settings, inputs[i], active == 1);
				expect_no_change(&lines);
			}
		}
	}
	lines.close(lines.ctx);
}

static void a_look_does_not_swallow_a_change(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened_at_rest(&settings);
	for (int active = 1; active >= 0; active--) {
		drive(&settings, LQ_LINE_CONTACT, active == 1);
		assert_true(readable(&lines, PATIENCE_MS));
		assert_int_equal(level(&lines, LQ_LINE_CONTACT), active == 1);
		assert_false(level(&lines, LQ_LINE_REX));
		assert_true(readable(&lines, PATIENCE_MS));
		expect_change(&lines, LQ_LINE_CONTACT, active == 1);
		expect_no_change(&lines);
	}
	lines.close(lines.ctx);
}

static void both_inputs_at_once(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened_at_rest(&settings);
	drive(&settings, LQ_LINE_REX, true);
	drive(&settings, LQ_LINE_CONTACT, true);
	struct lq_line_change first = awaited(&lines);
	struct lq_line_change second = awaited(&lines);
	assert_true(first.active && second.active);
	assert_int_not_equal(first.line, second.line);
	expect_no_change(&lines);
	lines.close(lines.ctx);
}

/* What an input shows at the opening is known without a change. */
static void a_level_from_before_is_no_change(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened_at_rest(&settings);
	drive(&settings, LQ_LINE_REX, true);
	expect_change(&lines, LQ_LINE_REX, true);
	lines.close(lines.ctx);

	lines = opened(&settings);
	assert_int_equal(level(&lines, LQ_LINE_REX), world.chip_is_real);
	expect_no_change(&lines);
	lines.close(lines.ctx);
}

/* However many edges get lost, what is reported alternates and ends with the truth. */
static void flutter_ends_with_the_truth(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened_at_rest(&settings);
	bool reported = false;
	for (int edge = 1; edge <= 99; edge++) {
		drive(&settings, LQ_LINE_CONTACT, edge % 2 == 1);
		if (edge % 7 == 0) { /* the socket of the simulation holds ten */
			struct lq_line_change change;
			while (take(&lines, &change)) {
				assert_int_not_equal(change.active, reported);
				reported = change.active;
			}
		}
	}
	while (!reported || readable(&lines, 100)) {
		struct lq_line_change change;
		if (take(&lines, &change)) {
			assert_int_equal(change.line, LQ_LINE_CONTACT);
			assert_int_not_equal(change.active, reported);
			reported = change.active;
		} else {
			assert_true(reported || readable(&lines, PATIENCE_MS));
		}
	}
	assert_true(level(&lines, LQ_LINE_CONTACT));
	lines.close(lines.ctx);
}

/* Outputs and inputs do not disturb each other. */
static void any_order(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("contract.lines");
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened_at_rest(&settings);
	bool model[LQ_LINE_COUNT] = {false};
	for (int i = 0; i < 200; i++) {
		enum lq_line line = outputs[lq_random_below(&random, 3)];
		model[line] = lq_random_below(&random, 2) == 1;
		set(&lines, line, model[line]);
		if (i % 4 == 0) {
			line = inputs[lq_random_below(&random, 2)];
			model[line] = !model[line];
			drive(&settings, line, model[line]);
			expect_change(&lines, line, model[line]);
		}
		for (size_t j = 0; j < 3; j++) {
			assert_int_equal(level(&lines, outputs[j]), model[outputs[j]]);
			assert_int_equal(
				world.shown(&world, &settings, outputs[j]), model[outputs[j]]);
		}
		for (size_t j = 0; j < 2; j++) {
			assert_int_equal(level(&lines, inputs[j]), model[inputs[j]]);
		}
	}
	lines.close(lines.ctx);
}

static void expect_failure(
	const struct lq_lines_settings *settings, int err, const char *word, const char *other)
{
	struct lq_lines lines;
	struct lq_lines before;
	char text[LQ_LINES_TEXT_SIZE] = "";
	memset(&lines, 0xa5, sizeof(lines));
	before = lines;
	assert_int_equal(world.open(settings, &lines, text), err);
	assert_memory_equal(&lines, &before, sizeof(lines));
	if (strstr(text, word) == NULL || strstr(text, other) == NULL) {
		fail_msg("\"%s\" names neither %s nor %s", text, word, other);
	}
	print_message("%s\n", text);
}

static void a_line_has_one_user(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened_at_rest(&settings);
	expect_failure(&settings, LQ_ERR_BUSY, "in", "another");
	set(&lines, LQ_LINE_RELAY, true);
	assert_true(world.shown(&world, &settings, LQ_LINE_RELAY));
	drive(&settings, LQ_LINE_CONTACT, true);
	expect_change(&lines, LQ_LINE_CONTACT, true);
	lines.close(lines.ctx);

	settings.wiring[LQ_LINE_BUZZER].offset = 0;
	expect_failure(&settings, LQ_ERR_BUSY, "buzzer", "line 0");
	/* What was taken before the failure is free again. */
	settings.wiring[LQ_LINE_BUZZER].offset = 2;
	lines = opened(&settings);
	lines.close(lines.ctx);
}

static void what_is_not_there(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	strcpy(settings.chip, "/nowhere/such-a-chip");
	expect_failure(&settings, LQ_ERR_NOT_FOUND, "/nowhere/such-a-chip", "No such file");
	settings = usual();
	settings.wiring[LQ_LINE_REX].offset = -2;
	expect_failure(&settings, LQ_ERR_INVALID, "rex", "-2");
	settings.wiring[LQ_LINE_REX].offset = 1023;
	if (world.chip_is_real) {
		expect_failure(&settings, LQ_ERR_INVALID, "rex", "no line 1023");
	}
	settings = usual();
	strcpy(settings.chip, "/dev/null");
	expect_failure(&settings, LQ_ERR_INVALID, "/dev/null", "ot a");
	settings = usual();
	struct lq_lines lines = opened(&settings);
	lines.close(lines.ctx);
}

static void one_input_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct lq_lines_settings settings = usual();
		settings.wiring[inputs[1 - i]].offset = LQ_LINE_UNUSED;
		struct lq_lines lines = opened(&settings);
		bool before = level(&lines, inputs[i]);
		drive(&settings, inputs[i], !before);
		assert_true(readable(&lines, PATIENCE_MS));
		expect_change(&lines, inputs[i], !before);
		lines.close(lines.ctx);
	}
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while (readdir(folder) != NULL) {
		count++;
	}
	closedir(folder);
	return count;
}

/* Neither a life nor a failure keeps a descriptor. */
static void nothing_is_left_open(void **state)
{
	(void)state;
	unsigned before = open_descriptors();
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened(&settings);
	assert_true(open_descriptors() > before);
	lines.close(lines.ctx);
	assert_int_equal(open_descriptors(), before);
	a_line_has_one_user(state);
	what_is_not_there(state);
	assert_int_equal(open_descriptors(), before);
}

/* Last: it closes with every output active, and a meter on the lines sees them fall. */
static void outputs_end_inactive(void **state)
{
	(void)state;
	struct lq_lines_settings settings = usual();
	struct lq_lines lines = opened(&settings);
	for (size_t i = 0; i < 3; i++) {
		set(&lines, outputs[i], true);
	}
	lines.close(lines.ctx);
	lines = opened(&settings);
	for (size_t i = 0; i < 3; i++) {
		assert_false(world.shown(&world, &settings, outputs[i]));
		set(&lines, outputs[i], true);
	}
	lines.close(lines.ctx);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "sim") == 0) {
		world = sim_world(argv[2]);
	} else if (argc == 4 && strcmp(argv[1], "gpiod") == 0) {
		world = gpiod_world(argv[2], argv[3]);
	} else {
		fprintf(stderr, "usage: %s sim FOLDER | gpiod CHIP SYSFS_FOLDER\n", argv[0]);
		return 2;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outputs_begin_inactive),
		cmocka_unit_test(an_output_alone_is_driven),
		cmocka_unit_test(what_is_not_wired_or_not_an_output),
		cmocka_unit_test(changes_are_reported_once),
		cmocka_unit_test(a_look_does_not_swallow_a_change),
		cmocka_unit_test(both_inputs_at_once),
		cmocka_unit_test(a_level_from_before_is_no_change),
		cmocka_unit_test(flutter_ends_with_the_truth),
		cmocka_unit_test(any_order),
		cmocka_unit_test(a_line_has_one_user),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(one_input_alone),
		cmocka_unit_test(nothing_is_left_open),
		cmocka_unit_test(outputs_end_inactive),
	};
	return cmocka_run_group_tests_name(world.name, tests, NULL, NULL);
}

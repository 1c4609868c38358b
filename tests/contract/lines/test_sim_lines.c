/* What the simulated lines promise beyond the port: the folder, its files and its socket. */
#include "firmware/core/err.h"
#include "hal/sim/lines/sim_lines.h"
#include "tests/lib/cmocka.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char parent[] = "/tmp/loquet-lines-XXXXXX";

static struct lq_lines_settings settings_of(const char *name)
{
	struct lq_lines_settings settings = {
		.wiring = {
			[LQ_LINE_RELAY] = {.offset = 17, .active_low = true},
			[LQ_LINE_LED_GREEN] = {.offset = LQ_LINE_UNUSED},
			[LQ_LINE_LED_RED] = {.offset = LQ_LINE_UNUSED},
			[LQ_LINE_BUZZER] = {.offset = LQ_LINE_UNUSED},
			[LQ_LINE_CONTACT] = {.offset = 27, .active_low = true},
			[LQ_LINE_REX] = {.offset = LQ_LINE_UNUSED},
			[LQ_LINE_BOLT] = {.offset = LQ_LINE_UNUSED},
			[LQ_LINE_FIRE] = {.offset = LQ_LINE_UNUSED},
			[LQ_LINE_TAMPER] = {.offset = LQ_LINE_UNUSED},
		}};
	snprintf(settings.chip, sizeof(settings.chip), "%s/%s", parent, name);
	return settings;
}

static const char *path_of(const struct lq_lines_settings *settings, const char *name)
{
	static char path[200];
	snprintf(path, sizeof(path), "%s/%s", settings->chip, name);
	return path;
}

static struct lq_lines opened(const struct lq_lines_settings *settings)
{
	struct lq_lines lines;
	char text[LQ_LINES_TEXT_SIZE] = "";
	if (lq_sim_lines_open(settings, &lines, text) < 0) {
		fail_msg("%s", text);
	}
	return lines;
}

static int socket_at(struct sockaddr_un *ret_address, const struct lq_lines_settings *settings)
{
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "%.96s/%s", settings->chip,
		LQ_SIM_LINES_SOCKET);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	return fd;
}

static void say(const struct lq_lines_settings *settings, const char *text, size_t length)
{
	struct sockaddr_un address;
	int fd = socket_at(&address, settings);
	assert_int_equal(
		sendto(fd, text, length, 0, (const struct sockaddr *)&address, sizeof(address)),
		length);
	close(fd);
}

static void files_come_and_go(void **state)
{
	(void)state;
	struct lq_lines_settings settings = settings_of("door");
	struct lq_lines lines = opened(&settings);
	assert_int_equal(access(path_of(&settings, "relay"), F_OK), 0);
	assert_int_equal(access(path_of(&settings, "lines.sock"), F_OK), 0);
	assert_int_not_equal(access(path_of(&settings, "led_green"), F_OK), 0);
	assert_int_not_equal(access(path_of(&settings, "contact"), F_OK), 0);

	/* One who keeps the file open sees every level, the last as well. */
	char text[8] = {0};
	int fd = open(path_of(&settings, "relay"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 2);
	assert_string_equal(text, "0\n");
	assert_int_equal(lines.set(lines.ctx, LQ_LINE_RELAY, true), LQ_OK);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 2);
	assert_string_equal(text, "1\n");
	lines.close(lines.ctx);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 2);
	assert_string_equal(text, "0\n");
	close(fd);
	assert_int_not_equal(access(settings.chip, F_OK), 0);
}

static void a_folder_that_was_there_stays(void **state)
{
	(void)state;
	struct lq_lines_settings settings = settings_of("kept");
	assert_int_equal(mkdir(settings.chip, 0755), 0);
	struct lq_lines lines = opened(&settings);
	lines.close(lines.ctx);
	assert_int_equal(rmdir(settings.chip), 0); /* it is empty, too */
}

static void nonsense_is_ignored(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "contact", "contact ", "contact 2", "contact 11",
		"contact  1", " contact 1", "CONTACT 1", "contact=1", "rex 1", "relay 1", "1",
		"contact 1 and more than any sensible message holds"};
	struct lq_lines_settings settings = settings_of("door");
	struct lq_lines lines = opened(&settings);
	struct lq_line_change change;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		say(&settings, texts[i], strlen(texts[i]));
		assert_int_equal(lines.next_change(lines.ctx, &change), 0);
	}
	say(&settings, "contact 1\n", 10);
	assert_int_equal(lines.next_change(lines.ctx, &change), 1);
	assert_int_equal(change.line, LQ_LINE_CONTACT);
	assert_true(change.active);
	lines.close(lines.ctx);
}

static void a_dead_program_leaves_no_trouble(void **state)
{
	(void)state;
	struct lq_lines_settings settings = settings_of("door");
	assert_int_equal(mkdir(settings.chip, 0755), 0);
	struct sockaddr_un address;
	int fd = socket_at(&address, &settings);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	fd = open(path_of(&settings, "relay"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(write(fd, "1\nleft behind", 13), 13);
	close(fd);

	struct lq_lines lines = opened(&settings);
	char text[16] = {0};
	fd = open(path_of(&settings, "relay"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 2);
	assert_string_equal(text, "0\n");
	close(fd);
	lines.close(lines.ctx);
	assert_int_equal(rmdir(settings.chip), 0);
}

static void the_path_must_fit(void **state)
{
	(void)state;
	struct lq_lines_settings settings = settings_of("");
	size_t length = strlen(settings.chip);
	memset(settings.chip + length, 'x', 97 - length);
	struct lq_lines lines;
	char text[LQ_LINES_TEXT_SIZE] = "";
	assert_int_equal(lq_sim_lines_open(&settings, &lines, text), LQ_ERR_INVALID);
	assert_non_null(strstr(text, "the path is longer than 96 bytes"));
	settings.chip[96] = '\0';
	lines = opened(&settings);
	lines.close(lines.ctx);
}

static int make_parent(void **state)
{
	(void)state;
	return mkdtemp(parent) == NULL ? -1 : 0;
}

static int remove_parent(void **state)
{
	(void)state;
	return rmdir(parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_and_go),
		cmocka_unit_test(a_folder_that_was_there_stays),
		cmocka_unit_test(nonsense_is_ignored),
		cmocka_unit_test(a_dead_program_leaves_no_trouble),
		cmocka_unit_test(the_path_must_fit),
	};
	return cmocka_run_group_tests(tests, make_parent, remove_parent);
}

#include "hal/sim/lines/sim_lines.h"
#include "tests/contract/lines/world.h"
#include "tests/lib/cmocka.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void drive(struct world *world, const struct lq_lines_settings *settings, enum lq_line line,
	bool active)
{
	(void)settings;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%.96s/lines.sock", world->chip);
	char text[32];
	int length = snprintf(text, sizeof(text), "%s %d", lq_line_name(line), active ? 1 : 0);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(sendto(fd, text, (size_t)length, 0, (const struct sockaddr *)&address,
				 sizeof(address)),
		length);
	close(fd);
}

static bool shown(struct world *world, const struct lq_lines_settings *settings, enum lq_line line)
{
	(void)settings;
	char path[160];
	char text[4] = {0};
	snprintf(path, sizeof(path), "%s/%s", world->chip, lq_line_name(line));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text) - 1), 2);
	close(fd);
	assert_int_equal(text[1], '\n');
	assert_true(text[0] == '0' || text[0] == '1');
	return text[0] == '1';
}

struct world sim_world(const char *folder)
{
	struct world world = {
		.name = "sim", .open = lq_sim_lines_open, .drive = drive, .shown = shown};
	snprintf(world.chip, sizeof(world.chip), "%s", folder);
	return world;
}

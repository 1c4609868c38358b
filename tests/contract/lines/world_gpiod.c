/* A chip of the kernel's gpio-sim: its lines are files in sysfs (Documentation/admin-guide/gpio/
 * gpio-sim.rst), whose levels are physical. */
#include "hal/gpiod/gpiod_lines.h"
#include "tests/contract/lines/world.h"
#include "tests/lib/cmocka.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int open_attribute(
	const struct world *world, const struct lq_line_wiring *wiring, const char *name, int flags)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/sim_gpio%d/%s", world->folder, wiring->offset, name);
	int fd = open(path, flags | O_CLOEXEC);
	if (fd < 0) {
		fail_msg("%s cannot be opened", path);
	}
	return fd;
}

static bool physical(const struct world *world, const struct lq_line_wiring *wiring)
{
	char value = '?';
	int fd = open_attribute(world, wiring, "value", O_RDONLY);
	assert_int_equal(read(fd, &value, 1), 1);
	close(fd);
	return value == '1';
}

static void drive(struct world *world, const struct lq_lines_settings *settings, enum lq_line line,
	bool active)
{
	const struct lq_line_wiring *wiring = &settings->wiring[line];
	const char *pull = active != wiring->active_low ? "pull-up" : "pull-down";
	int fd = open_attribute(world, wiring, "pull", O_WRONLY);
	assert_int_equal(write(fd, pull, strlen(pull)), strlen(pull));
	close(fd);
}

static bool shown(struct world *world, const struct lq_lines_settings *settings, enum lq_line line)
{
	const struct lq_line_wiring *wiring = &settings->wiring[line];
	return physical(world, wiring) != wiring->active_low;
}

struct world gpiod_world(const char *chip, const char *sysfs_folder)
{
	struct world world = {.name = "gpiod",
		.chip_is_real = true,
		.open = lq_gpiod_lines_open,
		.drive = drive,
		.shown = shown};
	snprintf(world.chip, sizeof(world.chip), "%s", chip);
	snprintf(world.folder, sizeof(world.folder), "%s", sysfs_folder);
	return world;
}

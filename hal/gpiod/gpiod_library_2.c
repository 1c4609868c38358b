#include "hal/gpiod/gpiod_library.h"

#include <dirent.h>
#include <errno.h>
#include <gpiod.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE (sizeof("/dev/") + NAME_MAX)

struct lq_gpiod {
	struct gpiod_chip *chip;
	struct gpiod_chip_info *info;
	struct gpiod_edge_event_buffer *edges;
	struct {
		struct gpiod_line_request *request; /* of this line alone; NULL: not taken */
		unsigned offset;
	} lines[LQ_LINE_COUNT];
};

/* Version 2 opens by path alone; the other ways to name a chip are those of version 1, in its
 * order, so that a configuration means the same to both. */

static struct gpiod_chip *open_device(const char *prefix, const char *name)
{
	char path[PATH_SIZE];
	int length = snprintf(path, sizeof(path), "/dev/%s%s", prefix, name);
	if (length < 0 || (size_t)length >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return gpiod_chip_open(path);
}

static bool has_label(struct gpiod_chip *chip, const char *label)
{
	struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
	bool same = info != NULL && strcmp(gpiod_chip_info_get_label(info), label) == 0;
	gpiod_chip_info_free(info);
	return same;
}

static struct gpiod_chip *find_label(DIR *devices, const char *label)
{
	const struct dirent *entry;
	while ((entry = readdir(devices)) != NULL) {
		if (strncmp(entry->d_name, "gpiochip", strlen("gpiochip")) != 0) {
			continue;
		}
		struct gpiod_chip *chip = open_device("", entry->d_name);
		if (chip != NULL && has_label(chip, label)) {
			return chip;
		}
		if (chip != NULL) {
			gpiod_chip_close(chip);
		}
	}
	return NULL;
}

static struct gpiod_chip *open_label(const char *label)
{
	DIR *devices = opendir("/dev");
	if (devices == NULL) {
		return NULL;
	}
	struct gpiod_chip *chip = find_label(devices, label);
	closedir(devices);
	return chip;
}

static bool is_number(const char *name)
{
	size_t length = strlen(name);
	return length > 0 && strspn(name, "0123456789") == length;
}

static struct gpiod_chip *open_chip(const char *name)
{
	if (is_number(name)) {
		return open_device("gpiochip", name);
	}
	struct gpiod_chip *chip = open_label(name);
	if (chip != NULL) {
		return chip;
	}
	return strchr(name, '/') != NULL ? gpiod_chip_open(name) : open_device("", name);
}

struct lq_gpiod *lq_gpiod_open(const char *chip)
{
	struct lq_gpiod *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		return NULL;
	}
	self->chip = open_chip(chip);
	self->info = self->chip == NULL ? NULL : gpiod_chip_get_info(self->chip);
	self->edges =
		self->info == NULL ? NULL : gpiod_edge_event_buffer_new(LQ_GPIOD_EDGES_AT_ONCE);
	if (self->edges == NULL) {
		int error = errno;
		lq_gpiod_close(self);
		errno = error;
		return NULL;
	}
	return self;
}

void lq_gpiod_close(struct lq_gpiod *self)
{
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		if (self->lines[line].request != NULL) {
			gpiod_line_request_release(self->lines[line].request);
		}
	}
	gpiod_edge_event_buffer_free(self->edges);
	gpiod_chip_info_free(self->info);
	if (self->chip != NULL) {
		gpiod_chip_close(self->chip);
	}
	free(self);
}

const char *lq_gpiod_chip_name(struct lq_gpiod *self)
{
	return gpiod_chip_info_get_name(self->info);
}

unsigned lq_gpiod_line_count(struct lq_gpiod *self)
{
	return (unsigned)gpiod_chip_info_get_num_lines(self->info);
}

static int describe(struct gpiod_line_settings *settings, enum lq_line line, bool active_low)
{
	gpiod_line_settings_set_active_low(settings, active_low);
	if (lq_line_is_output(line)) {
		return gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
	}
	int result = gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
	return result < 0 ? result
			  : gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
}

int lq_gpiod_take(struct lq_gpiod *self, enum lq_line line, const struct lq_line_wiring *wiring)
{
	unsigned offset = (unsigned)wiring->offset;
	struct gpiod_request_config *request = gpiod_request_config_new();
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	struct gpiod_line_config *config = gpiod_line_config_new();
	if (request != NULL && settings != NULL && config != NULL &&
		describe(settings, line, wiring->active_low) == 0 &&
		gpiod_line_config_add_line_settings(config, &offset, 1, settings) == 0) {
		gpiod_request_config_set_consumer(request, LQ_GPIOD_CONSUMER);
		self->lines[line].offset = offset;
		self->lines[line].request = gpiod_chip_request_lines(self->chip, request, config);
	}
	int error = errno;
	gpiod_line_config_free(config);
	gpiod_line_settings_free(settings);
	gpiod_request_config_free(request);
	errno = error;
	return self->lines[line].request != NULL ? 0 : -1;
}

bool lq_gpiod_taken(const struct lq_gpiod *self, enum lq_line line)
{
	return self->lines[line].request != NULL;
}

void lq_gpiod_user(struct lq_gpiod *self, unsigned offset, char ret_user[LQ_GPIOD_USER_SIZE])
{
	struct gpiod_line_info *info = gpiod_chip_get_line_info(self->chip, offset);
	const char *user = info == NULL ? NULL : gpiod_line_info_get_consumer(info);
	snprintf(ret_user, LQ_GPIOD_USER_SIZE, "%s", user == NULL ? "" : user);
	gpiod_line_info_free(info);
}

int lq_gpiod_set(struct lq_gpiod *self, enum lq_line line, bool active)
{
	return gpiod_line_request_set_value(self->lines[line].request, self->lines[line].offset,
		active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
}

int lq_gpiod_get(struct lq_gpiod *self, enum lq_line line)
{
	return gpiod_line_request_get_value(self->lines[line].request, self->lines[line].offset);
}

int lq_gpiod_fd(struct lq_gpiod *self, enum lq_line line)
{
	return gpiod_line_request_get_fd(self->lines[line].request);
}

int lq_gpiod_read_edges(struct lq_gpiod *self, enum lq_line line)
{
	return gpiod_line_request_read_edge_events(
		self->lines[line].request, self->edges, LQ_GPIOD_EDGES_AT_ONCE);
}

const char *lq_gpiod_library_version(void)
{
	return gpiod_api_version();
}

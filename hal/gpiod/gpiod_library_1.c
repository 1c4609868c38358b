#include "hal/gpiod/gpiod_library.h"

#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>

struct lq_gpiod {
	struct gpiod_chip *chip;
	struct gpiod_line *lines[LQ_LINE_COUNT]; /* the chip's; NULL: not taken */
};

struct lq_gpiod *lq_gpiod_open(const char *chip)
{
	struct lq_gpiod *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		return NULL;
	}
	self->chip = gpiod_chip_open_lookup(chip);
	if (self->chip == NULL) {
		free(self);
		return NULL;
	}
	return self;
}

void lq_gpiod_close(struct lq_gpiod *self)
{
	gpiod_chip_close(self->chip);
	free(self);
}

const char *lq_gpiod_chip_name(struct lq_gpiod *self)
{
	return gpiod_chip_name(self->chip);
}

unsigned lq_gpiod_line_count(struct lq_gpiod *self)
{
	return gpiod_chip_num_lines(self->chip);
}

int lq_gpiod_take(struct lq_gpiod *self, enum lq_line line, const struct lq_line_wiring *wiring)
{
	struct gpiod_line *handle = gpiod_chip_get_line(self->chip, (unsigned)wiring->offset);
	if (handle == NULL) {
		return -1;
	}
	const struct gpiod_line_request_config request = {
		.consumer = LQ_GPIOD_CONSUMER,
		.request_type = lq_line_is_output(line) ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT
							: GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
		.flags = wiring->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
	};
	if (gpiod_line_request(handle, &request, 0) < 0) {
		return -1;
	}
	self->lines[line] = handle;
	return 0;
}

bool lq_gpiod_taken(const struct lq_gpiod *self, enum lq_line line)
{
	return self->lines[line] != NULL;
}

void lq_gpiod_user(struct lq_gpiod *self, unsigned offset, char ret_user[LQ_GPIOD_USER_SIZE])
{
	struct gpiod_line *line = gpiod_chip_get_line(self->chip, offset);
	const char *user = line == NULL ? NULL : gpiod_line_consumer(line);
	snprintf(ret_user, LQ_GPIOD_USER_SIZE, "%s", user == NULL ? "" : user);
}

int lq_gpiod_set(struct lq_gpiod *self, enum lq_line line, bool active)
{
	return gpiod_line_set_value(self->lines[line], active ? 1 : 0);
}

int lq_gpiod_get(struct lq_gpiod *self, enum lq_line line)
{
	return gpiod_line_get_value(self->lines[line]);
}

int lq_gpiod_fd(struct lq_gpiod *self, enum lq_line line)
{
	return gpiod_line_event_get_fd(self->lines[line]);
}

int lq_gpiod_read_edges(struct lq_gpiod *self, enum lq_line line)
{
	struct gpiod_line_event edges[LQ_GPIOD_EDGES_AT_ONCE];
	int fd = gpiod_line_event_get_fd(self->lines[line]);
	return gpiod_line_event_read_fd_multiple(fd, edges, LQ_GPIOD_EDGES_AT_ONCE);
}

const char *lq_gpiod_library_version(void)
{
	return gpiod_version_string();
}

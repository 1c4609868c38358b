#include "hal/gpiod/gpiod_lines.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many as the kernel queues for a line (include/linux/kfifo in gpiolib-cdev). */
#define EDGES_AT_ONCE 16u

struct gpiod_lines {
	struct gpiod_chip *chip;
	struct gpiod_line *lines[LQ_LINE_COUNT]; /* NULL: not wired */
	bool reported[LQ_LINE_COUNT];
};

static int set_line(void *ctx, enum lq_line line, bool active)
{
	struct gpiod_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	if (!lq_line_is_output(line)) {
		return LQ_ERR_INVALID;
	}
	if (self->lines[line] == NULL) {
		return LQ_OK;
	}
	return gpiod_line_set_value(self->lines[line], active ? 1 : 0) < 0 ? LQ_ERR_IO : LQ_OK;
}

static int get_line(void *ctx, enum lq_line line, bool *ret_active)
{
	struct gpiod_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	if (self->lines[line] == NULL) {
		return LQ_ERR_NOT_FOUND;
	}
	int value = gpiod_line_get_value(self->lines[line]);
	if (value < 0) {
		return LQ_ERR_IO;
	}
	*ret_active = value != 0;
	return LQ_OK;
}

static bool wired(void *ctx, enum lq_line line)
{
	struct gpiod_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	return self->lines[line] != NULL;
}

static bool watched(const struct gpiod_lines *self, enum lq_line line)
{
	return self->lines[line] != NULL && !lq_line_is_output(line);
}

static int fds(void *ctx, int ret_fds[LQ_LINE_COUNT])
{
	struct gpiod_lines *self = ctx;
	int count = 0;
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		if (watched(self, (enum lq_line)line)) {
			ret_fds[count++] = gpiod_line_event_get_fd(self->lines[line]);
		}
	}
	return count;
}

/* Forgets what edges are queued: they only say that it is time to look. At most one queueful, so
 * that a fluttering line cannot hold the caller; the rest keeps the descriptor readable. */
static int forget_edges(struct gpiod_line *line)
{
	struct gpiod_line_event edges[EDGES_AT_ONCE];
	int fd = gpiod_line_event_get_fd(line);
	if (gpiod_line_event_read_fd_multiple(fd, edges, EDGES_AT_ONCE) < 0 && errno != EAGAIN &&
		errno != EINTR) {
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

static int next_change(void *ctx, struct lq_line_change *ret_change)
{
	struct gpiod_lines *self = ctx;
	for (int i = 0; i < LQ_LINE_COUNT; i++) {
		enum lq_line line = (enum lq_line)i;
		if (!watched(self, line)) {
			continue;
		}
		/* In this order, an edge after the look is still queued. */
		bool active = false;
		int result = forget_edges(self->lines[line]);
		if (result == LQ_OK) {
			result = get_line(self, line, &active);
		}
		if (result < 0) {
			return result;
		}
		if (active != self->reported[line]) {
			self->reported[line] = active;
			*ret_change = (struct lq_line_change){.line = line, .active = active};
			return 1;
		}
	}
	return 0;
}

static void close_lines(void *ctx)
{
	struct gpiod_lines *self = ctx;
	for (int i = 0; i < LQ_LINE_COUNT; i++) {
		if (self->lines[i] != NULL && lq_line_is_output((enum lq_line)i)) {
			gpiod_line_set_value(self->lines[i], 0);
		}
	}
	if (self->chip != NULL) {
		gpiod_chip_close(self->chip); /* releases its lines */
	}
	free(self);
}

static int open_chip(struct gpiod_lines *self, const char *name, char *ret_text)
{
	self->chip = gpiod_chip_open_lookup(name);
	if (self->chip != NULL) {
		return LQ_OK;
	}
	int error = errno;
	const char *advice = "";
	int result = LQ_ERR_IO;
	if (error == ENOENT) {
		advice = "; gpiodetect lists the chips of this machine";
		result = LQ_ERR_NOT_FOUND;
	} else if (error == EACCES || error == EPERM) {
		advice = "; the user must be in the group that owns it";
	} else if (error == ENOTTY || error == EINVAL || error == ENODEV) {
		advice = "; it is not a GPIO chip, gpiodetect lists those of this machine";
		result = LQ_ERR_INVALID;
	}
	snprintf(ret_text, LQ_LINES_TEXT_SIZE, "chip %s: %s%s", name, strerror(error), advice);
	return result;
}

static int explain_refusal(
	struct gpiod_lines *self, enum lq_line line, struct gpiod_line *handle, char *ret_text)
{
	int error = errno;
	const char *user = NULL;
	if (error == EBUSY && gpiod_line_update(handle) == 0) {
		user = gpiod_line_consumer(handle);
	}
	snprintf(ret_text, LQ_LINES_TEXT_SIZE, "%s: line %u of %s: %s%s%s%s", lq_line_name(line),
		gpiod_line_offset(handle), gpiod_chip_name(self->chip), strerror(error),
		user != NULL ? ", used by " : "", user != NULL ? user : "",
		error == EBUSY ? "; end that program or wire another line" : "");
	return error == EBUSY ? LQ_ERR_BUSY : LQ_ERR_IO;
}

static int take_line(struct gpiod_lines *self, enum lq_line line,
	const struct lq_line_wiring *wiring, char *ret_text)
{
	unsigned count = gpiod_chip_num_lines(self->chip);
	if (wiring->offset < 0 || (unsigned)wiring->offset >= count) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE,
			"%s: there is no line %d: %s has the lines 0 to %u", lq_line_name(line),
			wiring->offset, gpiod_chip_name(self->chip), count - 1);
		return LQ_ERR_INVALID;
	}
	struct gpiod_line *handle = gpiod_chip_get_line(self->chip, (unsigned)wiring->offset);
	if (handle == NULL) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE, "%s: line %d of %s: %s", lq_line_name(line),
			wiring->offset, gpiod_chip_name(self->chip), strerror(errno));
		return LQ_ERR_IO;
	}
	const struct gpiod_line_request_config request = {
		.consumer = "loquet",
		.request_type = lq_line_is_output(line) ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT
							: GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
		.flags = wiring->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
	};
	if (gpiod_line_request(handle, &request, 0) < 0) {
		return explain_refusal(self, line, handle, ret_text);
	}
	self->lines[line] = handle;
	return LQ_OK;
}

/* The level at opening, and reads that never wait. */
static int watch_line(struct gpiod_lines *self, enum lq_line line, char *ret_text)
{
	int fd = gpiod_line_event_get_fd(self->lines[line]);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		get_line(self, line, &self->reported[line]) < 0) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE, "%s: line %u of %s cannot be read: %s",
			lq_line_name(line), gpiod_line_offset(self->lines[line]),
			gpiod_chip_name(self->chip), strerror(errno));
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

static int take_all(
	struct gpiod_lines *self, const struct lq_lines_settings *settings, char *ret_text)
{
	int result = open_chip(self, settings->chip, ret_text);
	for (int i = 0; i < LQ_LINE_COUNT && result == LQ_OK; i++) {
		enum lq_line line = (enum lq_line)i;
		if (settings->wiring[i].offset == LQ_LINE_UNUSED) {
			continue;
		}
		result = take_line(self, line, &settings->wiring[i], ret_text);
		if (result == LQ_OK && !lq_line_is_output(line)) {
			result = watch_line(self, line, ret_text);
		}
	}
	return result;
}

int lq_gpiod_lines_open(const struct lq_lines_settings *settings, struct lq_lines *ret_lines,
	char ret_text[LQ_LINES_TEXT_SIZE])
{
	struct gpiod_lines *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE, "out of memory");
		return LQ_ERR_NO_MEMORY;
	}
	int result = take_all(self, settings, ret_text);
	if (result < 0) {
		close_lines(self);
		return result;
	}
	*ret_lines = (struct lq_lines){
		.ctx = self,
		.set = set_line,
		.get = get_line,
		.wired = wired,
		.fds = fds,
		.next_change = next_change,
		.close = close_lines,
	};
	return LQ_OK;
}

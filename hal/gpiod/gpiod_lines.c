#include "hal/gpiod/gpiod_lines.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "hal/gpiod/gpiod_library.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gpiod_lines {
	struct lq_gpiod *gpiod;
	bool reported[LQ_LINE_COUNT];
};

static bool wired(void *ctx, enum lq_line line)
{
	struct gpiod_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	return lq_gpiod_taken(self->gpiod, line);
}

static int set_line(void *ctx, enum lq_line line, bool active)
{
	struct gpiod_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	if (!lq_line_is_output(line)) {
		return LQ_ERR_INVALID;
	}
	if (!wired(self, line)) {
		return LQ_OK;
	}
	return lq_gpiod_set(self->gpiod, line, active) < 0 ? LQ_ERR_IO : LQ_OK;
}

static int get_line(void *ctx, enum lq_line line, bool *ret_active)
{
	struct gpiod_lines *self = ctx;
	if (!wired(self, line)) {
		return LQ_ERR_NOT_FOUND;
	}
	int value = lq_gpiod_get(self->gpiod, line);
	if (value < 0) {
		return LQ_ERR_IO;
	}
	*ret_active = value != 0;
	return LQ_OK;
}

static bool watched(struct gpiod_lines *self, enum lq_line line)
{
	return wired(self, line) && !lq_line_is_output(line);
}

static int fds(void *ctx, int ret_fds[LQ_LINE_COUNT])
{
	struct gpiod_lines *self = ctx;
	int count = 0;
	for (int i = 0; i < LQ_LINE_COUNT; i++) {
		enum lq_line line = (enum lq_line)i;
		if (watched(self, line)) {
			ret_fds[count++] = lq_gpiod_fd(self->gpiod, line);
		}
	}
	return count;
}

/* Forgets what edges are queued: they only say that it is time to look. At most one queueful, so
 * that a fluttering line cannot hold the caller; the rest keeps the descriptor readable. */
static int forget_edges(struct gpiod_lines *self, enum lq_line line)
{
	if (lq_gpiod_read_edges(self->gpiod, line) < 0 && errno != EAGAIN && errno != EINTR) {
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
		int result = forget_edges(self, line);
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
		enum lq_line line = (enum lq_line)i;
		if (wired(self, line) && lq_line_is_output(line)) {
			lq_gpiod_set(self->gpiod, line, false);
		}
	}
	lq_gpiod_close(self->gpiod);
	free(self);
}

static int explain_chip(const char *name, int error, char *ret_text)
{
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
	} else if (error == ENOMEM) {
		result = LQ_ERR_NO_MEMORY;
	}
	snprintf(ret_text, LQ_LINES_TEXT_SIZE, "chip %s: %s%s", name, strerror(error), advice);
	return result;
}

static int explain_refusal(struct lq_gpiod *gpiod, enum lq_line line, int offset, char *ret_text)
{
	int error = errno;
	char user[LQ_GPIOD_USER_SIZE] = "";
	if (error == EBUSY) {
		lq_gpiod_user(gpiod, (unsigned)offset, user);
	}
	snprintf(ret_text, LQ_LINES_TEXT_SIZE, "%s: line %d of %s: %s%s%s%s", lq_line_name(line),
		offset, lq_gpiod_chip_name(gpiod), strerror(error),
		user[0] != '\0' ? ", used by " : "", user,
		error == EBUSY ? "; end that program or wire another line" : "");
	return error == EBUSY ? LQ_ERR_BUSY : LQ_ERR_IO;
}

static int take_line(struct lq_gpiod *gpiod, enum lq_line line, const struct lq_line_wiring *wiring,
	char *ret_text)
{
	unsigned count = lq_gpiod_line_count(gpiod);
	if (wiring->offset < 0 || (unsigned)wiring->offset >= count) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE,
			"%s: there is no line %d: %s has the lines 0 to %u", lq_line_name(line),
			wiring->offset, lq_gpiod_chip_name(gpiod), count - 1);
		return LQ_ERR_INVALID;
	}
	if (lq_gpiod_take(gpiod, line, wiring) < 0) {
		return explain_refusal(gpiod, line, wiring->offset, ret_text);
	}
	return LQ_OK;
}

/* The level at opening, and reads that never wait. */
static int watch_line(struct gpiod_lines *self, enum lq_line line, int offset, char *ret_text)
{
	int fd = lq_gpiod_fd(self->gpiod, line);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		get_line(self, line, &self->reported[line]) < 0) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE, "%s: line %d of %s cannot be read: %s",
			lq_line_name(line), offset, lq_gpiod_chip_name(self->gpiod),
			strerror(errno));
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

static int take_all(
	struct gpiod_lines *self, const struct lq_lines_settings *settings, char *ret_text)
{
	int result = LQ_OK;
	for (int i = 0; i < LQ_LINE_COUNT && result == LQ_OK; i++) {
		enum lq_line line = (enum lq_line)i;
		const struct lq_line_wiring *wiring = &settings->wiring[i];
		if (wiring->offset == LQ_LINE_UNUSED) {
			continue;
		}
		result = take_line(self->gpiod, line, wiring, ret_text);
		if (result == LQ_OK && !lq_line_is_output(line)) {
			result = watch_line(self, line, wiring->offset, ret_text);
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
	self->gpiod = lq_gpiod_open(settings->chip);
	if (self->gpiod == NULL) {
		int error = errno;
		free(self);
		return explain_chip(settings->chip, error, ret_text);
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

const char *lq_gpiod_version(void)
{
	return lq_gpiod_library_version();
}

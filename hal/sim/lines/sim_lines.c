#include "hal/sim/lines/sim_lines.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NO_FD    (-1)
#define LOOK_MAX 64 /* datagrams; a sender cannot hold the caller */

struct sim_lines {
	char folder[sizeof(((struct lq_lines_settings *)NULL)->chip)];
	bool folder_made;
	int folder_fd; /* locked: one user at a time */
	int socket_fd;
	int wake_fd; /* readable while a change was seen but not taken */
	bool wired[LQ_LINE_COUNT];
	int output_fds[LQ_LINE_COUNT];
	bool level[LQ_LINE_COUNT];
	bool reported[LQ_LINE_COUNT];
};

static int set_line(void *ctx, enum lq_line line, bool active)
{
	struct sim_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	if (!lq_line_is_output(line)) {
		return LQ_ERR_INVALID;
	}
	if (!self->wired[line]) {
		return LQ_OK;
	}
	if (pwrite(self->output_fds[line], active ? "1" : "0", 1, 0) != 1) {
		return LQ_ERR_IO;
	}
	self->level[line] = active;
	return LQ_OK;
}

/* Takes one datagram: 1, or 0 when none waits. */
static int take_datagram(struct sim_lines *self)
{
	char text[32];
	ssize_t length = recv(self->socket_fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (length < 0) {
		return errno == EAGAIN || errno == EINTR ? 0 : LQ_ERR_IO;
	}
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (int i = LQ_LINE_CONTACT; i < LQ_LINE_COUNT; i++) {
		const char *name = lq_line_name((enum lq_line)i);
		size_t end = strlen(name);
		if (self->wired[i] && strncmp(text, name, end) == 0 &&
			(strcmp(text + end, " 0") == 0 || strcmp(text + end, " 1") == 0)) {
			self->level[i] = text[end + 1] == '1';
		}
	}
	return 1;
}

static bool change_seen(const struct sim_lines *self, enum lq_line *ret_line)
{
	for (int i = LQ_LINE_CONTACT; i < LQ_LINE_COUNT; i++) {
		if (self->level[i] != self->reported[i]) {
			*ret_line = (enum lq_line)i;
			return true;
		}
	}
	return false;
}

/* A look must not swallow the change that next_change() owes: the socket is then empty, so another
 * descriptor becomes readable. */
static int look(struct sim_lines *self)
{
	int taken = 1;
	for (int i = 0; i < LOOK_MAX && taken == 1; i++) {
		taken = take_datagram(self);
	}
	enum lq_line line;
	if (taken >= 0 && change_seen(self, &line) && eventfd_write(self->wake_fd, 1) < 0) {
		return LQ_ERR_IO;
	}
	return taken < 0 ? taken : LQ_OK;
}

static int get_line(void *ctx, enum lq_line line, bool *ret_active)
{
	struct sim_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	if (!self->wired[line]) {
		return LQ_ERR_NOT_FOUND;
	}
	int result = look(self);
	if (result < 0) {
		return result;
	}
	*ret_active = self->level[line];
	return LQ_OK;
}

static bool wired(void *ctx, enum lq_line line)
{
	struct sim_lines *self = ctx;
	LQ_ASSERT(line < LQ_LINE_COUNT);
	return self->wired[line];
}

static int fds(void *ctx, int ret_fds[LQ_LINE_COUNT])
{
	struct sim_lines *self = ctx;
	bool any = false;
	for (int i = LQ_LINE_CONTACT; i < LQ_LINE_COUNT; i++) {
		any = any || self->wired[i];
	}
	if (!any) {
		return 0;
	}
	ret_fds[0] = self->socket_fd;
	ret_fds[1] = self->wake_fd;
	return 2;
}

static int next_change(void *ctx, struct lq_line_change *ret_change)
{
	struct sim_lines *self = ctx;
	enum lq_line line;
	while (!change_seen(self, &line)) {
		eventfd_t seen;
		(void)eventfd_read(self->wake_fd, &seen);
		int taken = take_datagram(self);
		if (taken <= 0) {
			return taken;
		}
	}
	self->reported[line] = self->level[line];
	*ret_change = (struct lq_line_change){.line = line, .active = self->level[line]};
	return 1;
}

static void close_fd(int fd)
{
	if (fd != NO_FD) {
		close(fd);
	}
}

static void close_lines(void *ctx)
{
	struct sim_lines *self = ctx;
	for (int i = 0; i < LQ_LINE_COUNT; i++) {
		if (self->output_fds[i] != NO_FD) {
			(void)set_line(self, (enum lq_line)i, false);
			close(self->output_fds[i]);
			unlinkat(self->folder_fd, lq_line_name((enum lq_line)i), 0);
		}
	}
	if (self->socket_fd != NO_FD) {
		close(self->socket_fd);
		unlinkat(self->folder_fd, LQ_SIM_LINES_SOCKET, 0);
	}
	close_fd(self->wake_fd);
	if (self->folder_made) {
		rmdir(self->folder);
	}
	close_fd(self->folder_fd);
	free(self);
}

static int explain(const struct sim_lines *self, const char *what, int error, char *ret_text)
{
	snprintf(ret_text, LQ_LINES_TEXT_SIZE, "%s in folder %s: %s", what, self->folder,
		strerror(error));
	return LQ_ERR_IO;
}

static int check_wiring(const struct lq_lines_settings *settings, char *ret_text)
{
	for (int i = 0; i < LQ_LINE_COUNT; i++) {
		int offset = settings->wiring[i].offset;
		if (offset == LQ_LINE_UNUSED) {
			continue;
		}
		if (offset < 0) {
			snprintf(ret_text, LQ_LINES_TEXT_SIZE, "%s: there is no line %d",
				lq_line_name((enum lq_line)i), offset);
			return LQ_ERR_INVALID;
		}
		for (int j = 0; j < i; j++) {
			if (settings->wiring[j].offset == offset) {
				snprintf(ret_text, LQ_LINES_TEXT_SIZE,
					"%s: line %d is the %s already; wire another line",
					lq_line_name((enum lq_line)i), offset,
					lq_line_name((enum lq_line)j));
				return LQ_ERR_BUSY;
			}
		}
	}
	return LQ_OK;
}

static int open_folder(struct sim_lines *self, char *ret_text)
{
	self->folder_made = mkdir(self->folder, 0755) == 0;
	self->folder_fd = open(self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (self->folder_fd < 0) {
		int error = errno;
		self->folder_fd = NO_FD;
		snprintf(ret_text, LQ_LINES_TEXT_SIZE, "folder %s: %s", self->folder,
			strerror(error));
		return error == ENOENT    ? LQ_ERR_NOT_FOUND
		       : error == ENOTDIR ? LQ_ERR_INVALID
					  : LQ_ERR_IO;
	}
	if (flock(self->folder_fd, LOCK_EX | LOCK_NB) < 0) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE,
			"folder %s is in use; end that program or name another folder",
			self->folder);
		return errno == EWOULDBLOCK ? LQ_ERR_BUSY : LQ_ERR_IO;
	}
	return LQ_OK;
}

static int open_socket(struct sim_lines *self, char *ret_text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", self->folder,
		LQ_SIM_LINES_SOCKET);
	if (length < 0 || (size_t)length >= sizeof(address.sun_path)) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE,
			"folder %s: the path is longer than %zu bytes", self->folder,
			sizeof(address.sun_path) - sizeof("/" LQ_SIM_LINES_SOCKET));
		return LQ_ERR_INVALID;
	}
	/* The folder is ours: a socket in it was left by a program that died. */
	unlinkat(self->folder_fd, LQ_SIM_LINES_SOCKET, 0);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return explain(self, LQ_SIM_LINES_SOCKET, errno, ret_text);
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = errno;
		close(fd);
		return explain(self, LQ_SIM_LINES_SOCKET, error, ret_text);
	}
	self->socket_fd = fd;
	self->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (self->wake_fd < 0) {
		self->wake_fd = NO_FD;
		return explain(self, "eventfd", errno, ret_text);
	}
	return LQ_OK;
}

static int open_output(struct sim_lines *self, enum lq_line line, char *ret_text)
{
	const char *name = lq_line_name(line);
	int fd = openat(
		self->folder_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		return explain(self, name, errno, ret_text);
	}
	self->output_fds[line] = fd;
	return write(fd, "0\n", 2) == 2 ? LQ_OK : explain(self, name, errno, ret_text);
}

static int open_all(
	struct sim_lines *self, const struct lq_lines_settings *settings, char *ret_text)
{
	int result = check_wiring(settings, ret_text);
	if (result == LQ_OK) {
		result = open_folder(self, ret_text);
	}
	if (result == LQ_OK) {
		result = open_socket(self, ret_text);
	}
	for (int i = 0; i < LQ_LINE_COUNT && result == LQ_OK; i++) {
		self->wired[i] = settings->wiring[i].offset != LQ_LINE_UNUSED;
		if (self->wired[i] && lq_line_is_output((enum lq_line)i)) {
			result = open_output(self, (enum lq_line)i, ret_text);
		}
	}
	return result;
}

int lq_sim_lines_open(const struct lq_lines_settings *settings, struct lq_lines *ret_lines,
	char ret_text[LQ_LINES_TEXT_SIZE])
{
	struct sim_lines *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		snprintf(ret_text, LQ_LINES_TEXT_SIZE, "out of memory");
		return LQ_ERR_NO_MEMORY;
	}
	memcpy(self->folder, settings->chip, sizeof(self->folder));
	self->folder_fd = self->socket_fd = self->wake_fd = NO_FD;
	for (int i = 0; i < LQ_LINE_COUNT; i++) {
		self->output_fds[i] = NO_FD;
	}
	int result = open_all(self, settings, ret_text);
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

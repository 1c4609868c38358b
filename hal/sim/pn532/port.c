#include "hal/sim/pn532/port.h"

#include "firmware/core/err.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)

static int make_raw(int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &tio) != 0) {
		return LQ_ERR_IO;
	}
	cfmakeraw(&tio);
	return tcsetattr(fd, TCSANOW, &tio) == 0 ? LQ_OK : LQ_ERR_IO;
}

static int open_given(struct lq_port *port)
{
	int n = snprintf(port->name, sizeof(port->name), "%s", port->tty);

	if (n < 0 || (size_t)n >= sizeof(port->name)) {
		return LQ_ERR_INVALID;
	}
	port->fd = open(port->tty, OPEN_FLAGS);
	return port->fd < 0 ? LQ_ERR_IO : make_raw(port->fd);
}

static int open_pty(struct lq_port *port)
{
	port->fd = posix_openpt(OPEN_FLAGS);
	if (port->fd < 0 || grantpt(port->fd) != 0 || unlockpt(port->fd) != 0 ||
		ptsname_r(port->fd, port->name, sizeof(port->name)) != 0) {
		return LQ_ERR_IO;
	}
	port->slave = open(port->name, OPEN_FLAGS);
	return port->slave < 0 ? LQ_ERR_IO : make_raw(port->slave);
}

/* Atomically, so that a host that looks meanwhile sees the old link, the new one or none. */
static int make_link(const struct lq_port *port)
{
	char fresh[PATH_MAX];
	int n = 0;

	if (port->link == NULL) {
		return LQ_OK;
	}
	n = snprintf(fresh, sizeof(fresh), "%s.new", port->link);
	if (n < 0 || (size_t)n >= sizeof(fresh)) {
		return LQ_ERR_INVALID;
	}
	(void)unlink(fresh);
	if (symlink(port->name, fresh) != 0) {
		return LQ_ERR_IO;
	}
	if (rename(fresh, port->link) != 0) {
		(void)unlink(fresh);
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

static void close_fds(struct lq_port *port)
{
	if (port->slave >= 0) {
		(void)close(port->slave);
		port->slave = -1;
	}
	if (port->fd >= 0) {
		(void)close(port->fd);
		port->fd = -1;
	}
}

int lq_port_plug(struct lq_port *port)
{
	int err = port->tty != NULL ? open_given(port) : open_pty(port);

	if (err == LQ_OK) {
		err = make_link(port);
	}
	if (err != LQ_OK) {
		close_fds(port);
	}
	return err;
}

/* Ours only while it still names our tty. */
static void remove_link(const struct lq_port *port)
{
	char target[sizeof(port->name)] = {0};

	if (port->link != NULL && readlink(port->link, target, sizeof(target) - 1) > 0 &&
		strcmp(target, port->name) == 0) {
		(void)unlink(port->link);
	}
}

void lq_port_unplug(struct lq_port *port)
{
	if (port->fd < 0) {
		return;
	}
	remove_link(port);
	close_fds(port);
}

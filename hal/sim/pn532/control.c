#include "hal/sim/pn532/control.h"

#include "firmware/core/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX 8192u

/* A socket file without a listener is left over from a run that was killed. */
static bool is_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool refused = false;

	if (fd >= 0) {
		refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
			  errno == ECONNREFUSED;
		(void)close(fd);
	}
	return refused;
}

static int bind_to(int fd, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len >= sizeof(address.sun_path)) {
		return LQ_ERR_INVALID;
	}
	memcpy(address.sun_path, path, len + 1);
	if (is_stale(&address)) {
		(void)unlink(path);
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		return errno == EADDRINUSE ? LQ_ERR_BUSY : LQ_ERR_IO;
	}
	if (listen(fd, SOMAXCONN) != 0) {
		(void)unlink(path);
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

int lq_control_open(struct lq_control *control, const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = fd < 0 ? LQ_ERR_IO : bind_to(fd, path);

	if (err != LQ_OK) {
		if (fd >= 0) {
			(void)close(fd);
		}
		return err;
	}
	memset(control, 0, sizeof(*control));
	control->path = path;
	control->listener = fd;
	for (size_t i = 0; i < LQ_CONTROL_CONNECTIONS; i++) {
		control->connection[i].fd = -1;
	}
	return LQ_OK;
}

static void hang_up(struct lq_control_connection *connection)
{
	if (connection->fd >= 0) {
		(void)close(connection->fd);
	}
	memset(connection, 0, sizeof(*connection));
	connection->fd = -1;
}

void lq_control_close(struct lq_control *control)
{
	for (size_t i = 0; i < LQ_CONTROL_CONNECTIONS; i++) {
		hang_up(&control->connection[i]);
	}
	(void)close(control->listener);
	(void)unlink(control->path);
}

void lq_control_fill(
	const struct lq_control *control, struct pollfd poll[LQ_CONTROL_CONNECTIONS + 1])
{
	poll[0] = (struct pollfd){.fd = control->listener, .events = POLLIN};
	for (size_t i = 0; i < LQ_CONTROL_CONNECTIONS; i++) {
		bool full = control->connection[i].len == sizeof(control->connection[i].text);

		poll[i + 1] = (struct pollfd){
			.fd = control->connection[i].fd, .events = full ? 0 : POLLIN};
	}
}

/* Who finds no place is hung up on. */
static void seat(struct lq_control *control, int fd)
{
	for (size_t i = 0; i < LQ_CONTROL_CONNECTIONS; i++) {
		if (control->connection[i].fd < 0) {
			control->connection[i].fd = fd;
			return;
		}
	}
	(void)close(fd);
}

static void accept_all(struct lq_control *control)
{
	for (;;) {
		int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			return;
		}
		seat(control, fd);
	}
}

static void receive(struct lq_control_connection *connection)
{
	size_t room = sizeof(connection->text) - connection->len;
	ssize_t got = 0;

	if (room > 0) {
		got = recv(connection->fd, connection->text + connection->len, room, 0);
	}
	if (got > 0) {
		connection->len += (size_t)got;
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		hang_up(connection);
	}
}

void lq_control_ready(
	struct lq_control *control, const struct pollfd poll[LQ_CONTROL_CONNECTIONS + 1])
{
	for (size_t i = 0; i < LQ_CONTROL_CONNECTIONS; i++) {
		if (poll[i + 1].fd >= 0 && poll[i + 1].revents != 0) {
			receive(&control->connection[i]);
		}
	}
	if (poll[0].revents != 0) {
		accept_all(control);
	}
}

bool lq_control_line(struct lq_control_connection *connection, char ret_line[LQ_PN532_ORDER_MAX])
{
	char *end = memchr(connection->text, '\n', connection->len);
	size_t len = 0;

	if (connection->fd < 0 || connection->waiting) {
		return false;
	}
	if (end == NULL) {
		if (connection->len == sizeof(connection->text)) {
			lq_control_answer(connection, "error line is too long");
			hang_up(connection);
		}
		return false;
	}
	len = (size_t)(end - connection->text);
	memcpy(ret_line, connection->text, len);
	ret_line[len] = '\0';
	connection->len -= len + 1;
	memmove(connection->text, end + 1, connection->len);
	return true;
}

void lq_control_answer(struct lq_control_connection *connection, const char *line)
{
	char text[ANSWER_MAX];
	int len = snprintf(text, sizeof(text), "%s\n", line);

	if (connection->fd < 0) {
		return;
	}
	if (len < 0 || (size_t)len >= sizeof(text) ||
		send(connection->fd, text, (size_t)len, MSG_NOSIGNAL) != len) {
		hang_up(connection);
	}
}

#include "firmware/wire/seqpacket.h"

#include "firmware/core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

static int make_address(const char *folder, const char *name, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", folder, name);
	if (length < 0 || (size_t)length >= sizeof(address.sun_path)) {
		return LQ_ERR_INVALID;
	}
	*ret_address = address;
	return LQ_OK;
}

static int connect_error(int error)
{
	if (error == ENOENT || error == ECONNREFUSED) {
		return LQ_ERR_NOT_FOUND;
	}
	return error == EAGAIN ? LQ_ERR_BUSY : LQ_ERR_IO;
}

static int connect_to(const struct sockaddr_un *address, int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	/* A listener whose queue is full must not hold us up; afterwards the descriptor blocks. */
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
		fcntl(fd, F_SETFL, 0) != 0) {
		int r = connect_error(errno);
		(void)close(fd);
		return r;
	}
	*ret_fd = fd;
	return LQ_OK;
}

/* A socket file outlives a killed program; only a refused connection proves that it is dead. */
static int remove_stale(const struct sockaddr_un *address)
{
	int fd = -1;
	int r = connect_to(address, &fd);
	if (r == LQ_OK) {
		(void)close(fd);
		return LQ_ERR_BUSY;
	}
	if (r == LQ_ERR_NOT_FOUND) {
		(void)unlink(address->sun_path);
		return LQ_OK;
	}
	return r;
}

int lq_seqpacket_listen(const char *folder, const char *name, mode_t mode, int *ret_fd)
{
	struct sockaddr_un address;
	int r = make_address(folder, name, &address);
	if (r == LQ_OK) {
		r = remove_stale(&address);
	}
	if (r != LQ_OK) {
		return r;
	}
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
		chmod(address.sun_path, mode) != 0 || listen(fd, BACKLOG) != 0) {
		(void)close(fd);
		return LQ_ERR_IO;
	}
	*ret_fd = fd;
	return LQ_OK;
}

int lq_seqpacket_connect(const char *folder, const char *name, int *ret_fd)
{
	struct sockaddr_un address;
	int r = make_address(folder, name, &address);
	return r == LQ_OK ? connect_to(&address, ret_fd) : r;
}

int lq_seqpacket_send(int fd, const void *message, size_t length)
{
	ssize_t sent = 0;
	do {
		sent = send(fd, message, length, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0) {
		return (size_t)sent == length ? LQ_OK : LQ_ERR_IO;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK) {
		return LQ_ERR_FULL;
	}
	return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? LQ_ERR_CLOSED
									  : LQ_ERR_IO;
}

int lq_seqpacket_receive(int fd, void *buffer, size_t capacity)
{
	ssize_t got = 0;
	do {
		got = recv(fd, buffer, capacity, MSG_TRUNC);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return 0;
		}
		return errno == ECONNRESET ? LQ_ERR_CLOSED : LQ_ERR_IO;
	}
	if (got == 0) {
		return LQ_ERR_CLOSED;
	}
	return (size_t)got > capacity ? LQ_ERR_FULL : (int)got;
}

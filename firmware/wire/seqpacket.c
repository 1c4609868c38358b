#include "firmware/wire/seqpacket.h"

#include "firmware/core/assert.h"
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

/* Room for the descriptors of one message, aligned. */
union ancillary {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(LQ_SEQPACKET_FDS_MAX * sizeof(int))];
};

int lq_seqpacket_send_with(int fd, const void *message, size_t length, const int *fds, size_t count)
{
	union ancillary room = {0};
	union {
		const void *in;
		void *out;
	} bytes = {.in = message}; /* an iovec is for both directions */
	struct iovec part = {.iov_base = bytes.out, .iov_len = length};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t sent = 0;
	LQ_ASSERT(count <= LQ_SEQPACKET_FDS_MAX);
	if (count > 0) {
		header.msg_control = room.bytes;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	}
	do {
		sent = sendmsg(fd, &header, MSG_NOSIGNAL);
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

int lq_seqpacket_send(int fd, const void *message, size_t length)
{
	return lq_seqpacket_send_with(fd, message, length, NULL, 0);
}

/* The kernel has made them ours already, however many there is room for. */
static void take_fds(struct msghdr *header, int ret_fds[LQ_SEQPACKET_FDS_MAX], size_t *ret_count)
{
	for (struct cmsghdr *at = CMSG_FIRSTHDR(header); at != NULL; at = CMSG_NXTHDR(header, at)) {
		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		size_t bytes = at->cmsg_len - CMSG_LEN(0);
		LQ_ASSERT(*ret_count == 0 && bytes <= LQ_SEQPACKET_FDS_MAX * sizeof(int));
		memcpy(ret_fds, CMSG_DATA(at), bytes);
		*ret_count = bytes / sizeof(int);
	}
}

int lq_seqpacket_receive_with(
	int fd, void *buffer, size_t capacity, int ret_fds[LQ_SEQPACKET_FDS_MAX], size_t *ret_count)
{
	union ancillary room = {0};
	struct iovec part = {.iov_base = buffer, .iov_len = capacity};
	struct msghdr header = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes)};
	ssize_t got = 0;
	*ret_count = 0;
	do {
		got = recvmsg(fd, &header, MSG_TRUNC | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return 0;
		}
		return errno == ECONNRESET ? LQ_ERR_CLOSED : LQ_ERR_IO;
	}
	take_fds(&header, ret_fds, ret_count);
	if (got == 0) {
		return LQ_ERR_CLOSED;
	}
	return (size_t)got > capacity ? LQ_ERR_FULL : (int)got;
}

int lq_seqpacket_receive(int fd, void *buffer, size_t capacity)
{
	int fds[LQ_SEQPACKET_FDS_MAX];
	size_t count = 0;
	int r = lq_seqpacket_receive_with(fd, buffer, capacity, fds, &count);
	for (size_t i = 0; i < count; i++) {
		(void)close(fds[i]);
	}
	return r;
}

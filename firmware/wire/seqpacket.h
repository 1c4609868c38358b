/* SOCK_SEQPACKET sockets in the runtime folder: message boundaries kept, peers known. */
#ifndef LQ_WIRE_SEQPACKET_H
#define LQ_WIRE_SEQPACKET_H

#include <stddef.h>
#include <sys/types.h>

/* Listens on <folder>/<name>, non-blocking, close-on-exec. A socket file that nobody listens on any
 * more is replaced; LQ_ERR_BUSY when somebody does. `mode` are the file's permission bits. The
 * caller owns the descriptor and unlinks the path. */
int lq_seqpacket_listen(const char *folder, const char *name, mode_t mode, int *ret_fd);

/* Connects to <folder>/<name>; the descriptor blocks and is the caller's. Does not wait:
 * LQ_ERR_NOT_FOUND when nobody listens, LQ_ERR_BUSY when the listener does not keep up, LQ_ERR_IO
 * otherwise. */
int lq_seqpacket_connect(const char *folder, const char *name, int *ret_fd);

/* Sends one whole message. LQ_ERR_FULL when a non-blocking peer does not keep up, LQ_ERR_CLOSED
 * when it is gone. Raises no SIGPIPE. */
int lq_seqpacket_send(int fd, const void *message, size_t length);

/* Receives one whole message: its length; 0 when a non-blocking socket has none; LQ_ERR_CLOSED when
 * the peer is gone; LQ_ERR_FULL when the message exceeds `capacity` (it is dropped). */
int lq_seqpacket_receive(int fd, void *buffer, size_t capacity);

#define LQ_SEQPACKET_FDS_MAX 2u

/* As the two above, with descriptors that travel along. lq_seqpacket_receive_with() gives the
 * receiver its own, close-on-exec, whatever it returns: `ret_fds` holds `*ret_count` of them. */
int lq_seqpacket_send_with(
	int fd, const void *message, size_t length, const int *fds, size_t count);
int lq_seqpacket_receive_with(int fd, void *buffer, size_t capacity,
	int ret_fds[LQ_SEQPACKET_FDS_MAX], size_t *ret_count);

#endif

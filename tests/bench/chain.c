#include "tests/bench/chain.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_MAX 1024

static bool make_pair(int ret_fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) == 0;
}

/* Stands for the thread that waits for the disk. */
_Noreturn static void answer_forever(int fd)
{
	char byte = '\0';
	while (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) == 1) {
	}
	_exit(EXIT_SUCCESS);
}

_Noreturn static void serve_forever(int packets_fd, int helper_fd, int file_fd)
{
	char packet[PACKET_MAX];
	char byte = '\0';
	while (recv(packets_fd, packet, sizeof(packet), 0) > 0 &&
		write(helper_fd, packet, 1) == 1 && read(helper_fd, &byte, 1) == 1 &&
		pwrite(file_fd, &byte, 1, 0) == 1) {
	}
	_exit(EXIT_SUCCESS);
}

static bool start_processes(const int packets[2], const int helper[2], int file_fd)
{
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(packets[0]);
		(void)close(packets[1]);
		(void)close(helper[0]);
		answer_forever(helper[1]);
	}
	if (pid < 0) {
		return false;
	}
	pid = fork();
	if (pid == 0) {
		(void)close(packets[0]);
		(void)close(helper[1]);
		serve_forever(packets[1], helper[0], file_fd);
	}
	return pid > 0;
}

int chain_start(const char *path)
{
	int packets[2];
	int helper[2];
	int file_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file_fd < 0 || write(file_fd, "0", 1) != 1 || !make_pair(packets) ||
		!make_pair(helper) || !start_processes(packets, helper, file_fd)) {
		return -1;
	}
	(void)close(packets[1]);
	(void)close(helper[0]);
	(void)close(helper[1]);
	(void)close(file_fd);
	return packets[0];
}

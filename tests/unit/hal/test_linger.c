#include "hal/linux/linux_linger.h"
#include "tests/lib/cmocka.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LAST_WORDS "and that was all"
#define UNREAD     ((size_t)32 * 1024) /* more than a look takes away */

struct peer {
	int fd;
	char heard[sizeof(LAST_WORDS)];
	ssize_t end; /* of the last read: 0 in good order */
};

/* A TCP connection over loopback: the near end, and the far one in `ret_peer`. */
static int connection(struct peer *ret_peer)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int near = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(near, (struct sockaddr *)&address, size), 0);
	*ret_peer = (struct peer){.fd = accept(server, NULL, NULL), .end = -1};
	assert_true(ret_peer->fd >= 0);
	assert_int_equal(close(server), 0);
	return near;
}

static void *listen_to_the_end(void *ctx)
{
	struct peer *peer = ctx;
	size_t length = 0;
	while (length < sizeof(peer->heard)) {
		peer->end = read(peer->fd, peer->heard + length, sizeof(peer->heard) - length);
		if (peer->end <= 0) {
			break;
		}
		length += (size_t)peer->end;
	}
	(void)close(peer->fd);
	return NULL;
}

static void the_last_words_arrive_past_what_nobody_read(void **state)
{
	static char unread[UNREAD];
	struct peer peer;
	pthread_t thread;
	(void)state;
	int near = connection(&peer);
	assert_int_equal(send(peer.fd, unread, sizeof(unread), 0), sizeof(unread));
	int kept = lq_linux_keep(near);
	assert_true(kept >= 0);
	assert_int_equal(send(near, LAST_WORDS, sizeof(LAST_WORDS) - 1, 0), sizeof(LAST_WORDS) - 1);
	assert_int_equal(close(near), 0); /* as the library does */
	assert_int_equal(pthread_create(&thread, NULL, listen_to_the_end, &peer), 0);
	assert_true(lq_linux_linger(kept, 60000));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(peer.end, 0);
	assert_string_equal(peer.heard, LAST_WORDS);
}

static void nobody_is_waited_for_without_end(void **state)
{
	struct peer peer;
	(void)state;
	int near = connection(&peer);
	assert_false(lq_linux_linger(near, 20));
	assert_int_equal(close(near), -1); /* it is closed already */
	assert_int_equal(close(peer.fd), 0);
}

static void nothing_is_no_connection(void **state)
{
	(void)state;
	assert_int_equal(lq_linux_keep(-1), -1);
	assert_false(lq_linux_linger(-1, 60000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_words_arrive_past_what_nobody_read),
		cmocka_unit_test(nobody_is_waited_for_without_end),
		cmocka_unit_test(nothing_is_no_connection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The plainest libmosquitto publisher: one thread, one connection, a window of messages on their
 * way, and the cheapest way to wait (the library's own loop is slower). Publishes the lines of a
 * file at QoS 1 and prints the seconds from the broker's greeting to its last acknowledgement. The
 * yardstick for loquet-link. */
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench {
	const char *topic;
	char *at; /* the next line */
	char *end;
	int window;
	int in_flight;
	bool greeted;
	double began;
};

static double seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_connect(struct mosquitto *client, void *ctx, int code)
{
	struct bench *bench = ctx;
	(void)client;
	bench->greeted = code == 0;
	bench->began = seconds();
}

static void on_publish(struct mosquitto *client, void *ctx, int mid)
{
	struct bench *bench = ctx;
	(void)client;
	(void)mid;
	bench->in_flight--;
}

static bool publish_line(struct mosquitto *client, struct bench *bench)
{
	char *newline = memchr(bench->at, '\n', (size_t)(bench->end - bench->at));
	if (newline == NULL) {
		return false;
	}
	int length = (int)(newline - bench->at);
	if (mosquitto_publish(client, NULL, bench->topic, length, bench->at, 1, false) != 0) {
		return false;
	}
	bench->at = newline + 1;
	bench->in_flight++;
	return true;
}

static bool wait_and_work(struct mosquitto *client)
{
	struct pollfd socket = {.fd = mosquitto_socket(client), .events = POLLIN};
	if (mosquitto_want_write(client)) {
		socket.events = POLLIN | POLLOUT;
	}
	if (poll(&socket, 1, 1000) < 0) {
		return false;
	}
	bool good = true;
	if (socket.revents & (POLLIN | POLLERR | POLLHUP)) {
		good = mosquitto_loop_read(client, 1) == MOSQ_ERR_SUCCESS;
	}
	if (good && mosquitto_want_write(client)) {
		good = mosquitto_loop_write(client, 1) == MOSQ_ERR_SUCCESS;
	}
	return good && mosquitto_loop_misc(client) == MOSQ_ERR_SUCCESS;
}

static bool run(struct mosquitto *client, struct bench *bench)
{
	while (!bench->greeted || bench->in_flight > 0 || bench->at < bench->end) {
		while (bench->greeted && bench->in_flight < bench->window &&
			bench->at < bench->end) {
			if (!publish_line(client, bench)) {
				return false;
			}
		}
		if (!wait_and_work(client)) {
			return false;
		}
	}
	return true;
}

static bool load(const char *path, struct bench *bench)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		return false;
	}
	long size = ftell(file);
	rewind(file);
	bench->at = size > 0 ? malloc((size_t)size) : NULL;
	bool good = bench->at != NULL && fread(bench->at, 1, (size_t)size, file) == (size_t)size;
	bench->end = bench->at + size;
	(void)fclose(file);
	return good;
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	if (argc != 5 || !load(argv[4], &bench)) {
		(void)fputs("usage: bare_publisher PORT WINDOW TOPIC FILE\n", stderr);
		return 2;
	}
	int port = (int)strtol(argv[1], NULL, 10);
	bench.window = (int)strtol(argv[2], NULL, 10);
	bench.topic = argv[3];
	(void)mosquitto_lib_init();
	struct mosquitto *client = mosquitto_new("bare", true, &bench);
	(void)mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	(void)mosquitto_max_inflight_messages_set(client, (unsigned)bench.window);
	mosquitto_connect_callback_set(client, on_connect);
	mosquitto_publish_callback_set(client, on_publish);
	if (mosquitto_connect(client, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS ||
		!run(client, &bench)) {
		(void)fputs("bare_publisher: the connection failed\n", stderr);
		return 1;
	}
	(void)printf("%.6f\n", seconds() - bench.began);
	(void)mosquitto_disconnect(client);
	mosquitto_destroy(client);
	(void)mosquitto_lib_cleanup();
	return 0;
}

#include "tests/unit/door/rig.h"

#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "hal/linux/linux_entropy.h"
#include "hal/sim/lines/sim_lines.h"
#include "tests/lib/cmocka.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_US 60000000
#define WAIT_US     20000
#define PEEK_US     1000

#define CONFIG_TEXT_MAX 2048u

const uint8_t rig_uid[7] = {4, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6};

static const char config_text[] =
	"[controller]\nspace = demo\ncontroller = board\ntime_zone = Etc/UTC\n"
	"state_dir = %s/state\nruntime_dir = %s/run\nmaintainers = %s/maintainers\n%s\n"
	"[door front]\nlines = sim\nchip = %s/front\nrelay = 0\n"
	"led_green = 1\nled_red = 2\nbuzzer = 3\ncontact = 4\nrex = 5\n"
	"bolt = 6\nfire = 7\ntamper = 8\n"
	"release_ms = 2000\ndebounce_ms = 0\n"
	"[door back]\nlines = sim\nchip = %s/back\nrelay = 0\n"
	"[reader front-in]\ndoor = front\ndevice = pn532_uart:/a\nuid_badges = yes\nreset = !9\n"
	"[reader front-out]\ndoor = front\ndirection = exit\ndevice = pn532_uart:/b\n"
	"uid_badges = yes\n"
	"[reader back-in]\ndoor = back\ndevice = pn532_uart:/c\nuid_badges = yes\n";

/* Far behind what the machine counts: the loop's timer does not fire by itself. */
static const struct lq_mono boot = {.us = UINT64_C(1000000000000000)};
static const struct lq_wall monday = {.unix_ms = INT64_C(1790000000000), .trust = LQ_TRUST_RTC};

/* ---- lines between the daemon and the real twin ---- */

static int set_line(void *ctx, enum lq_line line, bool active)
{
	struct rig_lines *lines = ctx;
	if (line == LQ_LINE_RELAY) {
		lines->relay_orders++;
		if (lines->stuck) {
			return LQ_ERR_IO;
		}
	}
	return lines->real.set(lines->real.ctx, line, active);
}

static int get_line(void *ctx, enum lq_line line, bool *ret_active)
{
	struct rig_lines *lines = ctx;
	return lines->real.get(lines->real.ctx, line, ret_active);
}

static bool line_wired(void *ctx, enum lq_line line)
{
	struct rig_lines *lines = ctx;
	return lines->real.wired(lines->real.ctx, line);
}

static int line_fds(void *ctx, int ret_fds[LQ_LINE_COUNT])
{
	struct rig_lines *lines = ctx;
	return lines->real.fds(lines->real.ctx, ret_fds);
}

static int next_change(void *ctx, struct lq_line_change *ret_change)
{
	struct rig_lines *lines = ctx;
	if (lines->flutter) {
		lines->level = !lines->level;
		*ret_change =
			(struct lq_line_change){.line = LQ_LINE_CONTACT, .active = lines->level};
		return 1;
	}
	int r = lines->inputs_fail ? LQ_ERR_IO
				   : lines->real.next_change(lines->real.ctx, ret_change);
	return lines->deaf && r == 1 ? 0 : r;
}

static void close_lines(void *ctx)
{
	struct rig_lines *lines = ctx;
	lines->real.close(lines->real.ctx);
}

static void step_between(struct rig *rig, uint16_t door)
{
	struct rig_lines *lines = &rig->lines[door];
	*lines = (struct rig_lines){.real = rig->daemon.doors[door].lines};
	rig->daemon.doors[door].lines = (struct lq_lines){
		.ctx = lines,
		.set = set_line,
		.get = get_line,
		.wired = line_wired,
		.fds = line_fds,
		.next_change = next_change,
		.close = close_lines,
	};
}

/* ---- life ---- */

static size_t make_config(
	const struct rig *rig, const char *settings, char ret_text[CONFIG_TEXT_MAX])
{
	int length = snprintf(ret_text, CONFIG_TEXT_MAX, config_text, rig->folder, rig->folder,
		rig->folder, settings, rig->folder, rig->folder);
	assert_in_range(length, 1, CONFIG_TEXT_MAX - 1);
	return (size_t)length;
}

void rig_write_config(struct rig *rig, const char *settings)
{
	char text[CONFIG_TEXT_MAX];
	size_t length = make_config(rig, settings, text);
	FILE *file = fopen(rig->config_path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void parse_config(struct rig *rig, const char *settings)
{
	char text[CONFIG_TEXT_MAX];
	struct lq_config_error error;
	size_t length = make_config(rig, settings, text);
	if (lq_config_parse(text, length, (struct lq_speech){.language = LQ_LANGUAGE_EN},
		    &rig->config, &error) != LQ_OK) {
		fail_msg("%zu: %s", error.line, error.message);
	}
}

static void start(struct rig *rig)
{
	sigset_t signals;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGHUP);
	assert_int_equal(sigprocmask(SIG_BLOCK, &signals, NULL), 0);
	struct lq_daemon *daemon = &rig->daemon;
	struct lq_entropy entropy = lq_linux_entropy();
	*daemon = (struct lq_daemon){.config = &rig->config,
		.config_path = rig->config_path,
		.site = lq_config_site(&rig->config),
		.clock = lq_sim_clock_port(rig->clock),
		.reader_fd = -1,
		.control_fd = -1,
		.link_fd = -1};
	assert_int_equal(lq_keys_load(rig->config.state_dir, &entropy, &daemon->keys), LQ_OK);
	assert_true(sd_event_new(&daemon->loop) >= 0);
	assert_int_equal(lq_daemon_make_timer(daemon), LQ_OK);
	assert_int_equal(lq_recording_start(daemon), LQ_OK);
	lq_orders_start(daemon);
	(void)lq_maintain_read(daemon, "");
	assert_int_equal(lq_reload_listen(daemon), LQ_OK);
	lq_health_start(daemon);
	lq_occupancy_start(daemon);
	assert_int_equal(lq_doorway_open(daemon), LQ_OK);
	step_between(rig, 0);
	step_between(rig, 1);
	assert_int_equal(lq_readers_open(daemon), LQ_OK);
	assert_int_equal(lq_readers_listen(daemon), LQ_OK);
	assert_int_equal(lq_control_listen(daemon), LQ_OK);
	assert_int_equal(lq_link_listen(daemon), LQ_OK);
}

static void close_fd(int *fd)
{
	(void)close(*fd);
	*fd = -1;
}

static void stop(struct rig *rig)
{
	struct lq_daemon *daemon = &rig->daemon;
	lq_readers_close(daemon);
	lq_doorway_close(daemon);
	lq_control_close(daemon);
	lq_link_close(daemon);
	lq_recording_stop(daemon);
	lq_office_stop(daemon);
	lq_roster_free(daemon->roster);
	lq_rule_tables_free(daemon->rules);
	close_fd(&daemon->reader_fd);
	close_fd(&daemon->control_fd);
	close_fd(&daemon->link_fd);
	(void)sd_event_source_unref(daemon->timer);
	(void)sd_event_unref(daemon->loop);
}

static void enrol_one(struct rig *rig)
{
	json_decref(rig_ask(rig, -1,
		"{\"do\":\"member.add\",\"name\":\"Ada Example\","
		"\"profile\":\"always\"}"));
	json_decref(rig_ask(rig, -1,
		"{\"do\":\"badge.enrol\",\"member\":1,"
		"\"uid\":\"04a1b2c3d4e5f6\"}"));
}

struct rig *rig_open(const char *settings)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	assert_non_null(rig);
	(void)snprintf(rig->folder, sizeof(rig->folder), "/tmp/lq-door-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	(void)snprintf(rig->config_path, sizeof(rig->config_path), "%s/loquet.conf", rig->folder);
	parse_config(rig, settings);
	assert_int_equal(mkdir(rig->config.state_dir, 0700), 0);
	assert_int_equal(mkdir(rig->config.runtime_dir, 0700), 0);
	assert_int_equal(lq_sim_clock_open(boot, monday, &rig->clock), LQ_OK);
	start(rig);
	enrol_one(rig);
	return rig;
}

void rig_stop(struct rig *rig)
{
	stop(rig);
}

void rig_start(struct rig *rig)
{
	start(rig);
}

void rig_restart(struct rig *rig)
{
	stop(rig);
	start(rig);
}

void rig_close(struct rig *rig)
{
	char command[96];
	stop(rig);
	lq_sim_clock_close(rig->clock);
	(void)snprintf(command, sizeof(command), "rm -r %s", rig->folder);
	assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder
	free(rig);
}

/* ---- time ---- */

void rig_turn(struct rig *rig)
{
	while (sd_event_run(rig->daemon.loop, 0) > 0) {
	}
	lq_daemon_rearm(&rig->daemon);
}

static void note_job(void *ctx, const struct lq_job *job)
{
	(void)job;
	*(bool *)ctx = true;
}

/* What is on the disk already may still have to come back from the writer's thread. */
static bool anything_waits(const struct rig *rig)
{
	bool found = false;
	lq_writer_each_waiting(rig->daemon.writer, note_job, &found);
	return found;
}

void rig_settle(struct rig *rig)
{
	for (int waited = 0; waited < PATIENCE_US; waited += 1000) {
		rig_turn(rig);
		if (!anything_waits(rig) && sd_event_run(rig->daemon.loop, WAIT_US) == 0) {
			return;
		}
		(void)usleep(1000);
	}
	fail_msg("the daemon did not come to rest");
}

void rig_advance(struct rig *rig, uint32_t ms)
{
	lq_sim_clock_advance_ms(rig->clock, ms);
	rig_turn(rig);
}

/* ---- use ---- */

void rig_hold_disk(struct rig *rig)
{
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/door.db", rig->config.state_dir);
	assert_int_equal(sqlite3_open(path, &rig->holder), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(rig->holder, 20000), SQLITE_OK);
	assert_int_equal(sqlite3_exec(rig->holder, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
}

void rig_let_disk(struct rig *rig)
{
	assert_int_equal(sqlite3_exec(rig->holder, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(rig->holder), SQLITE_OK);
}

void rig_drive(struct rig *rig, const char *door, const char *order)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s/%s", rig->folder, door,
		LQ_SIM_LINES_SOCKET);
	assert_int_equal(sendto(fd, order, strlen(order), 0, (const struct sockaddr *)&address,
				 sizeof(address)),
		strlen(order));
	(void)close(fd);
}

void rig_tap(struct rig *rig, uint16_t reader, const uint8_t uid[7])
{
	struct lq_mono now = lq_daemon_mono(&rig->daemon);
	struct lq_reader_msg msg = {
		.type = LQ_MSG_PRESENT, .tap = 1, .cards = 1, .uid_len = 7, .poll_us = now.us};
	memcpy(msg.uid, uid, 7);
	lq_doorway_tap(&rig->daemon, reader, &msg, now);
}

bool rig_relay(struct rig *rig, uint16_t door)
{
	bool active = false;
	struct lq_lines *lines = &rig->daemon.doors[door].lines;
	assert_int_equal(lines->get(lines->ctx, LQ_LINE_RELAY, &active), LQ_OK);
	return active;
}

bool rig_reset(struct rig *rig)
{
	bool active = false;
	struct lq_lines *lines = &rig->daemon.readers[0].lines;
	assert_int_equal(lines->get(lines->ctx, LQ_LINE_RESET, &active), LQ_OK);
	return active;
}

int rig_connect(struct rig *rig, const char *name)
{
	const struct timeval limit = {.tv_sec = 0, .tv_usec = PEEK_US};
	int fd = -1;
	assert_int_equal(lq_seqpacket_connect(rig->config.runtime_dir, name, &fd), LQ_OK);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	rig_turn(rig);
	return fd;
}

/* A message's length, or LQ_ERR_CLOSED. */
static int receive(struct rig *rig, int fd, char *text, size_t size)
{
	for (int waited = 0; waited < PATIENCE_US; waited += PEEK_US) {
		rig_turn(rig);
		int length = lq_seqpacket_receive(fd, text, size);
		if (length != 0) {
			return length;
		}
	}
	fail_msg("no answer came");
	return LQ_ERR_TIMEOUT;
}

json_t *rig_receive(struct rig *rig, int fd)
{
	char text[LQ_EVENT_BODY_MAX * 8];
	int length = receive(rig, fd, text, sizeof(text));
	if (length == LQ_ERR_CLOSED) {
		return NULL;
	}
	assert_true(length > 0);
	json_t *message = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(message);
	return message;
}

bool rig_hung_up(struct rig *rig, int fd)
{
	char text[LQ_EVENT_BODY_MAX * 8];
	int length = 0;
	do {
		length = receive(rig, fd, text, sizeof(text));
	} while (length > 0);
	return length == LQ_ERR_CLOSED;
}

json_t *rig_ask(struct rig *rig, int fd, const char *request)
{
	int own = fd >= 0 ? fd : rig_connect(rig, "control.sock");
	assert_int_equal(lq_seqpacket_send(own, request, strlen(request)), LQ_OK);
	json_t *answer = rig_receive(rig, own);
	if (fd < 0) {
		(void)close(own);
		rig_turn(rig);
	}
	return answer;
}

/* ---- the journal ---- */

struct reading {
	const char *type;
	unsigned count;
	json_t *last;
	char *types;
	size_t length;
	char time[LQ_RFC3339_SIZE];
};

static int take_row(void *ctx, const struct lq_row *row)
{
	struct reading *reading = ctx;
	if (row->body_length == 0) {
		return 0; /* purged */
	}
	json_t *body = json_loadb(row->body, row->body_length, 0, NULL);
	assert_non_null(body);
	const char *type = json_string_value(json_object_get(body, "type"));
	char noun[64] = "";
	(void)snprintf(noun, sizeof(noun), "%.*s",
		(int)(strlen(type) - strlen("org.loquet.") - strlen(".v1")),
		type + strlen("org.loquet."));
	const char *time = json_string_value(json_object_get(body, "time"));
	assert_true(strcmp(time, reading->time) >= 0);
	(void)snprintf(reading->time, sizeof(reading->time), "%s", time);
	if (reading->types != NULL) {
		int length = snprintf(
			reading->types + reading->length, 65536 - reading->length, "%s ", noun);
		reading->length += (size_t)length;
		assert_true(reading->length < 65536);
	}
	if (reading->type != NULL && strcmp(noun, reading->type) == 0) {
		reading->count++;
		json_decref(reading->last);
		reading->last = json_incref(json_object_get(body, "data"));
	}
	json_decref(body);
	return 0;
}

static void read_journal(struct rig *rig, struct reading *reading)
{
	struct lq_store *store = NULL;
	rig_settle(rig);
	assert_int_equal(lq_store_open_readonly(rig->config.state_dir, &store), LQ_OK);
	assert_int_equal(lq_store_read(store, 0, 0, take_row, reading), LQ_OK);
	lq_store_close(store);
}

char *rig_types(struct rig *rig)
{
	struct reading reading = {.types = calloc(1, 65536)};
	assert_non_null(reading.types);
	read_journal(rig, &reading);
	return reading.types;
}

unsigned rig_count(struct rig *rig, const char *type)
{
	struct reading reading = {.type = type};
	read_journal(rig, &reading);
	json_decref(reading.last);
	return reading.count;
}

void rig_assert_times_in_order(struct rig *rig)
{
	struct reading reading = {0};
	read_journal(rig, &reading);
}

json_t *rig_last(struct rig *rig, const char *type)
{
	struct reading reading = {.type = type};
	read_journal(rig, &reading);
	assert_non_null(reading.last);
	return reading.last;
}

/* libnfc's reader, with loquet-pn532sim at the other end of its serial port. */
#include "hal/libnfc/libnfc_reader.h"
#include "tests/contract/reader/world.h"
#include "tests/lib/cmocka.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/reader_contract.XXXXXX";
static char connstring[sizeof(folder) + 32];
static pid_t simulator_pid;
static FILE *control;

static void order(const char *line)
{
	char answer[512];
	assert_true(fprintf(control, "%s\n", line) > 0);
	assert_int_equal(fflush(control), 0);
	assert_non_null(fgets(answer, sizeof(answer), control));
	if (strncmp(answer, "ok", 2) != 0) {
		fail_msg("%s: %s", line, answer);
	}
}

static int libnfc_open(struct lq_reader *ret_reader)
{
	char chip[LQ_CHIP_TEXT_SIZE] = "";
	int r = lq_libnfc_reader_open(connstring, ret_reader, chip);
	if (r == 0) {
		assert_string_equal(chip, "PN532 v1.6");
	}
	return r;
}

static void libnfc_present(size_t slot, const struct world_card *card)
{
	char line[128];
	if (card->uid == NULL) {
		(void)snprintf(line, sizeof(line), "present %zu type=phone", slot);
	} else {
		const char *type = (card->sak & 0x20u) != 0 ? "desfire" : "raw";
		(void)snprintf(line, sizeof(line),
			"present %zu type=%s uid=%s sak=%02x atqa=%02x%02x", slot, type, card->uid,
			card->sak, card->atqa[0], card->atqa[1]);
	}
	order(line);
}

static void libnfc_remove(size_t slot)
{
	char line[32];
	(void)snprintf(line, sizeof(line), "remove %zu", slot);
	order(line);
}

static void libnfc_clear(void)
{
	order("remove all");
}

static void libnfc_garble(bool on)
{
	order(on ? "fault uid-len 200 on=4a" : "fault none");
}

static void libnfc_delay(unsigned int ms)
{
	char line[64];
	(void)snprintf(line, sizeof(line), ms == 0 ? "fault none" : "fault slow %u on=40", ms);
	order(line);
}

static void libnfc_plug(bool in)
{
	order(in ? "plug" : "unplug");
}

static void libnfc_end(void)
{
	int status = -1;
	char path[sizeof(folder) + 16];
	(void)fprintf(control, "quit\n");
	(void)fclose(control);
	assert_int_equal(waitpid(simulator_pid, &status, 0), simulator_pid);
	assert_int_equal(status, 0);
	(void)snprintf(path, sizeof(path), "%s/control", folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/reader", folder);
	(void)unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

/* Returns once the program has said that its port can be opened. */
static void start(const char *program, const char *link_path, const char *control_path)
{
	int said[2];
	char line[256] = "";
	assert_int_equal(pipe(said), 0);
	simulator_pid = fork();
	assert_true(simulator_pid >= 0);
	if (simulator_pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(said[1], STDOUT_FILENO);
		(void)execl(program, program, "--link", link_path, "--control", control_path,
			(char *)NULL);
		_exit(127);
	}
	(void)close(said[1]);
	FILE *words = fdopen(said[0], "r");
	assert_non_null(words);
	if (fgets(line, sizeof(line), words) == NULL || strncmp(line, "ready ", 6) != 0) {
		fail_msg("%s did not start: %s", program, line);
	}
	(void)fclose(words);
}

static void connect_control(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	control = fdopen(fd, "r+");
	assert_non_null(control);
}

struct world libnfc_world(const char *simulator)
{
	char control_path[sizeof(folder) + 16];
	assert_non_null(mkdtemp(folder));
	(void)snprintf(connstring, sizeof(connstring), "pn532_uart:%s/reader", folder);
	(void)snprintf(control_path, sizeof(control_path), "%s/control", folder);
	start(simulator, strchr(connstring, ':') + 1, control_path);
	connect_control(control_path);
	return (struct world){
		.name = "reader contract: libnfc",
		.open = libnfc_open,
		.present = libnfc_present,
		.remove = libnfc_remove,
		.clear = libnfc_clear,
		.garble = libnfc_garble,
		.delay = libnfc_delay,
		.plug = libnfc_plug,
		.end = libnfc_end,
	};
}

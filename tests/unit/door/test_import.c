/* A roster from outside, as the loop sees it: what opens afterwards, and what never does meanwhile.
 */
#include "firmware/core/err.h"
#include "firmware/wire/control_wire.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRONT_IN 0
#define MANY     50000u /* more than are done while somebody asks for something else */
#define MEMBERS  "{\"do\":\"roster.import\",\"what\":\"members\"}"
#define LOST     "{\"do\":\"badge.lost\",\"badge\":1}"
#define BADGES   "{\"do\":\"roster.import\",\"what\":\"badges\"}"

static const uint8_t new_uid[7] = {4, 7, 7, 7, 7, 7, 7};

static int set_up(void **state)
{
	*state = rig_open("");
	return 0;
}

static int tear_down(void **state)
{
	rig_close(*state);
	return 0;
}

static int seal(const struct lq_roster_row *rows, size_t count)
{
	int fd = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, rows, count * sizeof(*rows)), count * sizeof(*rows));
	assert_int_equal(
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
		0);
	return fd;
}

/* Asks for an import; the answer comes later. */
static void send_rows(struct rig *rig, int fd, const char *request,
	const struct lq_roster_row *rows, size_t count)
{
	int rows_fd = seal(rows, count);
	assert_int_equal(lq_seqpacket_send_with(fd, request, strlen(request), &rows_fd, 1), LQ_OK);
	assert_int_equal(close(rows_fd), 0);
	rig_turn(rig);
}

static struct lq_roster_row badge_row(void)
{
	struct lq_roster_row row = {.line = 2, .holder = 1, .valid_to_s = LQ_VALID_FOREVER};
	row.given = LQ_GIVEN(LQ_BADGE_UID) | LQ_GIVEN(LQ_BADGE_MEMBER);
	row.uid.length = sizeof(new_uid);
	memcpy(row.uid.bytes, new_uid, sizeof(new_uid));
	return row;
}

static struct lq_roster_row *many_members(void)
{
	struct lq_roster_row *rows = calloc(MANY, sizeof(*rows));
	assert_non_null(rows);
	for (uint32_t i = 0; i < MANY; i++) {
		rows[i].line = i + 2;
		rows[i].valid_to_s = LQ_VALID_FOREVER;
		rows[i].given = LQ_GIVEN(LQ_MEMBER_EXTERNAL_ID) | LQ_GIVEN(LQ_MEMBER_NAME) |
				LQ_GIVEN(LQ_MEMBER_PROFILE);
		(void)snprintf(rows[i].external_id, sizeof(rows[i].external_id), "E-%u", i);
		(void)snprintf(rows[i].name, sizeof(rows[i].name), "Example %u", i);
		(void)snprintf(rows[i].profile, sizeof(rows[i].profile), "always");
	}
	return rows;
}

/* The word of the next answer; "ok" where it is one. The caller's. */
static char *next_word(struct rig *rig, int fd)
{
	json_t *answer = rig_receive(rig, fd);
	assert_non_null(answer);
	const char *error = json_string_value(json_object_get(answer, "error"));
	char *word = strdup(error == NULL ? "ok" : error);
	json_decref(answer);
	return word;
}

static void assert_word(struct rig *rig, int fd, const char *expected)
{
	char *word = next_word(rig, fd);
	assert_string_equal(word, expected);
	free(word);
}

static void assert_tap(struct rig *rig, const uint8_t uid[7], bool opens)
{
	rig_tap(rig, FRONT_IN, uid);
	rig_settle(rig);
	assert_int_equal(rig_relay(rig, 0), opens);
	rig_advance(rig, 10000);
	rig_settle(rig);
}

static void an_imported_badge_opens_and_the_others_go_on(void **state)
{
	struct rig *rig = *state;
	const struct lq_roster_row row = badge_row();
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	assert_tap(rig, new_uid, false);
	send_rows(rig, fd, BADGES, &row, 1);
	assert_word(rig, fd, "ok");
	assert_tap(rig, new_uid, true);
	assert_tap(rig, rig_uid, true);
	assert_int_equal(rig_count(rig, "roster.imported"), 1);
	rig_assert_times_in_order(rig);
	rig_restart(rig);
	assert_tap(rig, new_uid, true);
	(void)close(fd);
}

/* One that had begun by then is refused: the roster that it looked at is no more. */
static bool lose_during_import(
	struct rig *rig, const struct lq_roster_row *rows, useconds_t pause_us)
{
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	int other = rig_connect(rig, LQ_CONTROL_SOCKET);
	unsigned before = rig_count(rig, "roster.imported");
	send_rows(rig, fd, MEMBERS, rows, MANY);
	(void)usleep(pause_us);
	assert_int_equal(lq_seqpacket_send(other, LOST, strlen(LOST)), LQ_OK);
	rig_turn(rig);
	rig_tap(rig, FRONT_IN, rig_uid);
	rig_turn(rig);
	assert_false(rig_relay(rig, 0));
	assert_word(rig, other, "ok");
	char *word = next_word(rig, fd);
	bool refused = strcmp(word, "busy") == 0;
	assert_true(refused || strcmp(word, "ok") == 0);
	free(word);
	assert_tap(rig, rig_uid, false);
	assert_true(!refused || rig_count(rig, "roster.imported") == before);
	(void)close(fd);
	(void)close(other);
	rig_turn(rig);
	return refused;
}

static void a_badge_that_is_lost_meanwhile_stays_lost(void **state)
{
	struct rig *rig = *state;
	struct lq_roster_row *rows = many_members();
	bool refused = false;
	for (useconds_t turn = 0; turn < 50 && !refused; turn++) {
		json_t *answer = rig_ask(rig, -1, "{\"do\":\"badge.enable\",\"badge\":1}");
		assert_true(json_is_true(json_object_get(answer, "ok")));
		json_decref(answer);
		refused = lose_during_import(rig, rows, turn * 1000);
	}
	assert_true(refused);
	/* and it can be said again */
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	send_rows(rig, fd, MEMBERS, rows, 10);
	assert_word(rig, fd, "ok");
	assert_tap(rig, rig_uid, false);
	free(rows);
	(void)close(fd);
}

static void one_import_at_a_time(void **state)
{
	struct rig *rig = *state;
	struct lq_roster_row *rows = many_members();
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	int other = rig_connect(rig, LQ_CONTROL_SOCKET);
	send_rows(rig, fd, MEMBERS, rows, MANY);
	send_rows(rig, other, MEMBERS, rows, 1);
	assert_word(rig, other, "busy");
	free(rows);
	(void)close(fd);
	(void)close(other);
	/* who asked has gone, and loquetd ends: tear_down() */
}

static unsigned count_descriptors(void)
{
	unsigned count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while (readdir(folder) != NULL) { // NOLINT(concurrency-mt-unsafe): its own folder
		count++;
	}
	(void)closedir(folder);
	return count;
}

static void descriptors_that_nobody_asked_for_are_closed(void **state)
{
	static const struct {
		const char *request;
		size_t fds;
		const char *word;
	} cases[] = {
		{"{\"do\":\"status\"}", 2, "ok"},
		{"no request", 1, "invalid"},
		{MEMBERS, 0, "invalid"},
		{MEMBERS, 2, "invalid"},
		{MEMBERS, 1, "invalid"}, /* a pipe */
		{"{\"do\":\"roster.import\",\"what\":\"members\",\"dry_run\":true}", 1, "invalid"},
		{"{\"do\":\"roster.import\",\"what\":\"members\",\"dry_run\":true}", 2, "invalid"},
		{"{\"do\":\"roster.import\",\"what\":\"doors\"}", 1, "invalid"},
		{"{\"do\":\"roster.import\",\"what\":\"badges\",\"dry_run\":1}", 1, "invalid"},
	};
	struct rig *rig = *state;
	int ends[2];
	int fd = rig_connect(rig, LQ_CONTROL_SOCKET);
	assert_int_equal(pipe(ends), 0);
	rig_turn(rig);
	unsigned before = count_descriptors();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lq_seqpacket_send_with(fd, cases[i].request,
					 strlen(cases[i].request), ends, cases[i].fds),
			LQ_OK);
		assert_word(rig, fd, cases[i].word);
		assert_int_equal(count_descriptors(), before);
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_imported_badge_opens_and_the_others_go_on),
		TEST(a_badge_that_is_lost_meanwhile_stays_lost),
		TEST(one_import_at_a_time),
		TEST(descriptors_that_nobody_asked_for_are_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

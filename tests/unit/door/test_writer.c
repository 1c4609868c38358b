/* The journal's thread over a real store: order, back-pressure, endings, damage. */
#include "firmware/core/err.h"
#include "firmware/door/writer.h"
#include "hal/linux/linux_entropy.h"
#include "tests/lib/cmocka.h"

#include <fcntl.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 30000

struct bench {
	char folder[64];
	struct lq_site site;
	struct lq_keys keys;
	struct lq_writer *writer;
	sqlite3 *holder;
	unsigned failing_reopens; /* touched by the writer's thread alone, once it runs */
	unsigned reopens;
	unsigned replaced;
};

static const struct lq_wall morning = {.unix_ms = INT64_C(1789000000000), .trust = LQ_TRUST_RTC};

static int reopen(void *ctx, bool damaged, struct lq_wall now, struct lq_store **ret_store)
{
	struct bench *bench = ctx;
	struct lq_store_report report;
	bench->reopens++;
	if (bench->failing_reopens > 0) {
		bench->failing_reopens--;
		return LQ_ERR_FULL;
	}
	bench->replaced += damaged ? 1 : 0;
	return (damaged ? lq_store_replace : lq_store_open)(
		bench->folder, &bench->site, &bench->keys, now, ret_store, &report);
}

static void start(struct bench *bench)
{
	struct lq_store *store = NULL;
	struct lq_head head;
	struct lq_store_report report;
	assert_int_equal(
		lq_store_open(bench->folder, &bench->site, &bench->keys, morning, &store, &report),
		LQ_OK);
	assert_int_equal(lq_store_head(store, &head), LQ_OK);
	lq_store_set_checkpoint_rows(store, 1000000);
	assert_int_equal(lq_writer_start(store, head.seq, reopen, bench, &bench->writer), LQ_OK);
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct lq_entropy entropy = lq_linux_entropy();
	assert_non_null(bench);
	(void)snprintf(bench->folder, sizeof(bench->folder), "/tmp/lq-writer-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	bench->site = (struct lq_site){
		.space = "demo", .controller = "board", .door_count = 1, .doors = {"front"}};
	assert_int_equal(lq_keys_load(bench->folder, &entropy, &bench->keys), LQ_OK);
	start(bench);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	char command[96];
	if (bench->writer != NULL) {
		(void)lq_writer_stop(bench->writer, PATIENCE_MS);
	}
	(void)snprintf(command, sizeof(command), "rm -r %s", bench->folder);
	int r = system(command); // NOLINT(cert-env33-c): our own folder
	free(bench);
	return r;
}

static void path_of(const struct bench *bench, char ret_path[128])
{
	(void)snprintf(ret_path, 128, "%s/door.db", bench->folder);
}

/* Somebody else holds the write lock. */
static void hold(struct bench *bench)
{
	char path[128];
	path_of(bench, path);
	assert_int_equal(sqlite3_open(path, &bench->holder), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(bench->holder, PATIENCE_MS), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(bench->holder, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
}

static void let(struct bench *bench)
{
	assert_int_equal(sqlite3_exec(bench->holder, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(bench->holder), SQLITE_OK);
}

static int submit(struct bench *bench, uint64_t token)
{
	struct lq_job job = {.kind = LQ_JOB_EVENT,
		.token = token,
		.event = lq_event_make(LQ_EVENT_DOOR_CLOSED, morning)};
	job.event.door = 0;
	return lq_writer_submit(bench->writer, &job);
}

static struct lq_job take(struct bench *bench)
{
	struct lq_job job;
	struct pollfd fd = {.fd = lq_writer_fd(bench->writer), .events = POLLIN};
	while (!lq_writer_take(bench->writer, &job)) {
		assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
	}
	return job;
}

static struct lq_writer_status wait_until_stalled(struct bench *bench, bool stalled)
{
	struct lq_writer_status status = lq_writer_status(bench->writer);
	for (int i = 0; i < PATIENCE_MS && status.stalled != stalled; i++) {
		(void)usleep(1000);
		status = lq_writer_status(bench->writer);
	}
	assert_int_equal(status.stalled, stalled);
	return status;
}

static uint64_t rows_of(struct bench *bench)
{
	struct lq_store *store = NULL;
	struct lq_verdict verdict;
	assert_int_equal(lq_store_open_readonly(bench->folder, &store), LQ_OK);
	assert_int_equal(
		lq_store_verify(store, &bench->site, bench->keys.sign_public, &verdict), LQ_OK);
	lq_store_close(store);
	return verdict.rows;
}

/* ---- tests ---- */

static void jobs_come_back_in_order_with_their_numbers(void **state)
{
	struct bench *bench = *state;
	uint64_t taken = 0;
	for (uint64_t i = 1; i <= 500; i++) {
		assert_int_equal(submit(bench, i), LQ_OK);
		struct lq_job job;
		while (i % 7 == 0 && lq_writer_take(bench->writer, &job)) {
			assert_int_equal(job.token, ++taken);
			assert_int_equal(job.seq, taken);
		}
	}
	while (taken < 500) {
		struct lq_job job = take(bench);
		assert_int_equal(job.token, ++taken);
		assert_int_equal(job.seq, taken);
		assert_int_equal(job.error, LQ_OK);
	}
	struct lq_writer_status status = lq_writer_status(bench->writer);
	assert_int_equal(status.pending, 0);
	assert_int_equal(status.head, 500);
	assert_int_equal(status.lost, 0);
}

/* Each way of looking out, with and without its job: nobody sleeps through one, and the lookout
 * never says that an answer is there when none can be taken. */
static void a_lookout_misses_no_job_and_invents_no_answer(void **state)
{
	struct bench *bench = *state;
	for (uint64_t i = 1; i <= 300; i++) {
		struct lq_job job = {.kind = LQ_JOB_EVENT};
		if (i % 3 != 0) {
			lq_writer_expect(bench->writer);
		}
		(void)usleep(i % 5 == 0 ? 700 : 0); /* past the lookout's end */
		assert_int_equal(submit(bench, i), LQ_OK);
		if (i % 2 == 0 && lq_writer_look_out(bench->writer)) {
			assert_true(lq_writer_take(bench->writer, &job));
		} else {
			job = take(bench);
		}
		assert_int_equal(job.seq, i);
		assert_false(lq_writer_take(bench->writer, &job));
	}
}

/* The disk is busy: the lookout ends, and the answer comes as ever. */
static void a_lookout_ends_when_no_answer_comes(void **state)
{
	struct bench *bench = *state;
	hold(bench);
	assert_int_equal(submit(bench, 1), LQ_OK);
	assert_false(lq_writer_look_out(bench->writer));
	let(bench);
	assert_int_equal(take(bench).seq, 1);
}

static void changes_and_events_keep_their_order(void **state)
{
	struct bench *bench = *state;
	struct lq_job_change change = {.profile = "always", .name = "Ada Example"};
	struct lq_job job = {.kind = LQ_JOB_MEMBER_ADD,
		.token = 2,
		.event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, morning),
		.change = &change};
	hold(bench);
	assert_int_equal(submit(bench, 1), LQ_OK);
	assert_int_equal(lq_writer_submit(bench->writer, &job), LQ_OK);
	assert_int_equal(submit(bench, 3), LQ_OK);
	let(bench);
	for (uint64_t i = 1; i <= 3; i++) {
		job = take(bench);
		assert_int_equal(job.token, i);
		assert_int_equal(job.seq, i);
	}
	assert_int_equal(change.id, 1);
}

static void a_full_queue_refuses_counts_and_loses_nothing_it_took(void **state)
{
	struct bench *bench = *state;
	uint64_t accepted = 0;
	hold(bench);
	while (submit(bench, accepted + 1) == LQ_OK) {
		accepted++;
	}
	assert_in_range(accepted, LQ_WRITER_JOBS_MAX, LQ_WRITER_JOBS_MAX);
	assert_int_equal(submit(bench, 9999), LQ_ERR_FULL);
	struct lq_job_change change = {.profile = "always", .name = "Ada Example"};
	struct lq_job job = {.kind = LQ_JOB_MEMBER_ADD, .change = &change};
	assert_int_equal(lq_writer_submit(bench->writer, &job), LQ_ERR_FULL);
	struct lq_writer_status status = lq_writer_status(bench->writer);
	assert_int_equal(status.lost, 2); /* events only: a change is answered */
	assert_int_equal(status.pending, LQ_WRITER_JOBS_MAX);
	let(bench);
	for (uint64_t i = 1; i <= accepted; i++) {
		assert_int_equal(take(bench).token, i);
	}
	assert_int_equal(submit(bench, 1), LQ_OK);
	assert_int_equal(take(bench).seq, accepted + 1);
}

static void a_disk_that_refuses_is_told_and_tried_again(void **state)
{
	struct bench *bench = *state;
	hold(bench);
	assert_int_equal(submit(bench, 1), LQ_OK);
	struct lq_writer_status status = wait_until_stalled(bench, true);
	assert_int_equal(status.error, LQ_ERR_BUSY);
	assert_string_not_equal(status.text, "");
	assert_true(status.waited_ms > 0);
	let(bench);
	assert_int_equal(take(bench).seq, 1);
	status = wait_until_stalled(bench, false);
	assert_int_equal(status.stalls, 1);
	assert_int_equal(status.waited_ms, 0);
}

static void stopping_writes_what_is_queued(void **state)
{
	struct bench *bench = *state;
	for (uint64_t i = 1; i <= 300; i++) {
		assert_int_equal(submit(bench, i), LQ_OK);
	}
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	bench->writer = NULL;
	assert_int_equal(rows_of(bench), 300);
}

/* It gives up after one more try, and says how much it gave up. */
static void stopping_gives_up_on_a_disk_that_refuses(void **state)
{
	struct bench *bench = *state;
	hold(bench);
	assert_int_equal(submit(bench, 1), LQ_OK);
	assert_int_equal(submit(bench, 2), LQ_OK);
	(void)wait_until_stalled(bench, true);
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 2);
	bench->writer = NULL;
	let(bench);
	assert_int_equal(rows_of(bench), 0);
}

/* The list of free pages (bytes 32 to 39 of the file) leads nowhere: what an opening looks at is
 * sound, but the journal cannot grow. */
static void damage(struct bench *bench)
{
	static const uint8_t nowhere[8] = {0, 0x7f, 0xff, 0xff, 0, 0, 0, 5};
	char path[128];
	path_of(bench, path);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, nowhere, sizeof(nowhere), 32), sizeof(nowhere));
	assert_int_equal(close(fd), 0);
}

/* Nothing that was queued is lost, and no number is used twice. */
static void damage_that_only_an_append_meets_leads_to_a_new_file(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(submit(bench, 1), LQ_OK);
	(void)take(bench);
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	damage(bench);
	start(bench);
	bench->failing_reopens = 3; /* the disk is full as well, for a while */
	uint64_t last = 1;
	unsigned jumps = 0;
	for (uint64_t i = 2; i <= 60; i++) {
		assert_int_equal(submit(bench, i), LQ_OK);
		struct lq_job job = take(bench);
		assert_int_equal(job.token, i);
		if (job.seq != last + 1) {
			assert_true(job.seq > 1700000000u);
			jumps++;
		}
		last = job.seq;
	}
	assert_int_equal(jumps, 1);
	assert_int_equal(lq_writer_status(bench->writer).head, last);
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	bench->writer = NULL;
	assert_int_equal(bench->replaced, 1);
	assert_int_equal(bench->reopens, 4);
	(void)rows_of(bench);
}

/* Somebody else appended a row: the end is looked up again. */
static void a_number_that_is_taken_does_not_stop_the_journal(void **state)
{
	struct bench *bench = *state;
	struct lq_store *other = NULL;
	struct lq_store_report report;
	struct lq_event event = lq_event_make(LQ_EVENT_DOOR_CLOSED, morning);
	event.door = 0;
	assert_int_equal(submit(bench, 1), LQ_OK);
	(void)take(bench);
	assert_int_equal(
		lq_store_open(bench->folder, &bench->site, &bench->keys, morning, &other, &report),
		LQ_OK);
	assert_int_equal(lq_store_append(other, &event, 1, NULL), LQ_OK);
	lq_store_close(other);
	assert_int_equal(submit(bench, 2), LQ_OK);
	assert_int_equal(take(bench).seq, 3);
	assert_int_equal(rows_of(bench), 3);
}

/* A start on a full disk: the store comes later. */
static void a_store_that_cannot_be_opened_yet_is_opened_when_it_can(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	bench->failing_reopens = 2;
	assert_int_equal(lq_writer_start(NULL, 0, reopen, bench, &bench->writer), LQ_OK);
	struct lq_job_change change = {.profile = "always", .name = "Ada Example"};
	struct lq_job job = {.kind = LQ_JOB_MEMBER_ADD,
		.event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, morning),
		.change = &change};
	assert_int_equal(lq_writer_submit(bench->writer, &job), LQ_OK);
	assert_int_equal(take(bench).error, LQ_ERR_FULL);
	assert_int_equal(submit(bench, 1), LQ_OK);
	assert_int_equal(take(bench).seq, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* ---- a purge ---- */

#define OLD_ROWS  40000
#define PARTS     8
#define PART_MS   (OLD_ROWS / PARTS)
#define OLD_BATCH 500

/* A row each millisecond, and each tells of a person. */
static void fill_with_old_rows(struct bench *bench)
{
	struct lq_event *events = calloc(OLD_BATCH, sizeof(*events));
	struct lq_store *store = NULL;
	struct lq_store_report report;
	assert_non_null(events);
	assert_int_equal(
		lq_store_open(bench->folder, &bench->site, &bench->keys, morning, &store, &report),
		LQ_OK);
	for (int from = 0; from < OLD_ROWS; from += OLD_BATCH) {
		for (int i = 0; i < OLD_BATCH; i++) {
			struct lq_wall at = morning;
			at.unix_ms += from + i - OLD_ROWS;
			events[i] = lq_event_make(LQ_EVENT_ACCESS_DENIED, at);
			events[i].holder = 17;
		}
		assert_int_equal(lq_store_append(store, events, OLD_BATCH, NULL), LQ_OK);
	}
	lq_store_close(store);
	free(events);
}

static int count_empty(void *ctx, const struct lq_row *row)
{
	unsigned *empty = ctx;
	*empty += row->body_length == 0 ? 1 : 0;
	return 0;
}

static unsigned empty_rows(struct bench *bench)
{
	struct lq_store *store = NULL;
	unsigned empty = 0;
	assert_int_equal(lq_store_open_readonly(bench->folder, &store), LQ_OK);
	assert_int_equal(lq_store_read(store, 0, 0, count_empty, &empty), LQ_OK);
	lq_store_close(store);
	return empty;
}

/* Between any two of its steps, whoever came is served: so several come by while it goes on. */
static void a_purge_of_a_big_journal_lets_the_taps_by(void **state)
{
	struct bench *bench = *state;
	unsigned served = 0;
	uint64_t token = 0;
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	fill_with_old_rows(bench);
	start(bench);
	for (int part = 1; part <= PARTS; part++) {
		struct lq_writer_status status;
		lq_writer_purge(
			bench->writer, morning.unix_ms - OLD_ROWS + (int64_t)part * PART_MS);
		do {
			assert_int_equal(submit(bench, ++token), LQ_OK);
			struct lq_job job = take(bench);
			assert_int_equal(job.token, token);
			assert_int_equal(job.error, LQ_OK);
			status = lq_writer_status(bench->writer);
			served += status.purging ? 1 : 0;
		} while (status.purging);
		assert_int_equal(status.purge_error, LQ_OK);
		assert_int_equal(empty_rows(bench), (unsigned)part * PART_MS);
	}
	assert_in_range(served, PARTS, 100000);
	assert_int_equal(rows_of(bench), OLD_ROWS + OLD_ROWS / 1000 + token);
}

/* It is gone on with at the next start. */
static void an_end_does_not_wait_for_a_purge(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	fill_with_old_rows(bench);
	start(bench);
	lq_writer_purge(bench->writer, morning.unix_ms);
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	bench->writer = NULL;
	assert_in_range(empty_rows(bench), 0, OLD_ROWS - 1);
	start(bench);
	lq_writer_purge(bench->writer, morning.unix_ms);
	for (int i = 0; i < PATIENCE_MS && lq_writer_status(bench->writer).purging; i++) {
		(void)usleep(1000);
	}
	assert_int_equal(empty_rows(bench), OLD_ROWS);
}

static void a_purge_of_a_store_that_is_not_open_is_told(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(lq_writer_stop(bench->writer, PATIENCE_MS), 0);
	assert_int_equal(lq_writer_start(NULL, 0, reopen, bench, &bench->writer), LQ_OK);
	lq_writer_purge(bench->writer, morning.unix_ms);
	for (int i = 0; i < PATIENCE_MS && lq_writer_status(bench->writer).purging; i++) {
		(void)usleep(1000);
	}
	assert_int_equal(lq_writer_status(bench->writer).purge_error, LQ_ERR_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_come_back_in_order_with_their_numbers),
		TEST(a_lookout_misses_no_job_and_invents_no_answer),
		TEST(a_lookout_ends_when_no_answer_comes),
		TEST(changes_and_events_keep_their_order),
		TEST(a_full_queue_refuses_counts_and_loses_nothing_it_took),
		TEST(a_disk_that_refuses_is_told_and_tried_again),
		TEST(stopping_writes_what_is_queued),
		TEST(stopping_gives_up_on_a_disk_that_refuses),
		TEST(damage_that_only_an_append_meets_leads_to_a_new_file),
		TEST(a_number_that_is_taken_does_not_stop_the_journal),
		TEST(a_store_that_cannot_be_opened_yet_is_opened_when_it_can),
		TEST(a_purge_of_a_big_journal_lets_the_taps_by),
		TEST(an_end_does_not_wait_for_a_purge),
		TEST(a_purge_of_a_store_that_is_not_open_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

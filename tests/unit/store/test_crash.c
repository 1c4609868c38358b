/* A program that dies at any moment: what it had acknowledged is there, in order, without a gap. */
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"
#include "tests/unit/store/bench.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS     40
#define BATCH_MAX 8u

/* ---- the program that dies ---- */

static void must(bool condition)
{
	if (!condition) {
		_exit(1);
	}
}

static void tell(int pipe_fd, uint64_t seq)
{
	must(write(pipe_fd, &seq, sizeof(seq)) == sizeof(seq));
}

static void append_some(struct bench *bench, struct lq_random *random, int pipe_fd)
{
	struct lq_event events[BATCH_MAX];
	uint64_t seqs[BATCH_MAX];
	struct lq_head head;
	size_t count = 1 + lq_random_below(random, BATCH_MAX);
	for (size_t i = 0; i < count; i++) {
		events[i] = lq_event_make(LQ_EVENT_JOURNAL_RESUMED, bench_morning);
		events[i].count = lq_random_below(random, UINT32_MAX);
	}
	must(lq_store_append(bench->store, events, count, seqs) == LQ_OK);
	must(lq_store_head(bench->store, &head) == LQ_OK);
	tell(pipe_fd, head.seq);
}

static void change_something(struct bench *bench, int pipe_fd)
{
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	struct lq_head head;
	uint32_t id = 0;
	must(lq_member_add(bench->store, "Ada Example", "always", &event, &id) == LQ_OK);
	must(lq_store_head(bench->store, &head) == LQ_OK);
	tell(pipe_fd, head.seq);
}

static void live_until_killed(struct bench *bench, struct lq_random random, int pipe_fd)
{
	struct lq_store_report report;
	must(lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning, &bench->store,
		     &report) == LQ_OK);
	must(report.set_aside[0] == '\0');
	lq_store_set_checkpoint_rows(bench->store, 1 + lq_random_below(&random, 10));
	tell(pipe_fd, 0);
	for (;;) {
		switch (lq_random_below(&random, 8)) {
		case 0:
			change_something(bench, pipe_fd);
			break;
		case 1:
			lq_store_tidy(bench->store);
			break;
		default:
			append_some(bench, &random, pipe_fd);
		}
	}
}

/* ---- who kills it ---- */

static uint64_t acknowledged(int pipe_fd, uint64_t before)
{
	uint64_t seq = 0;
	while (read(pipe_fd, &seq, sizeof(seq)) == sizeof(seq)) {
		before = seq > before ? seq : before;
	}
	return before;
}

/* Returns the last acknowledged number. */
static uint64_t run_and_kill(struct bench *bench, struct lq_random *random, uint64_t before)
{
	int ends[2];
	int status = 0;
	uint64_t opened = 1;
	uint64_t first = 0;
	assert_int_equal(pipe(ends), 0);
	struct lq_random own = {.state = lq_random_next(random)};
	useconds_t pause_us = lq_random_below(random, 40000);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(ends[0]);
		live_until_killed(bench, own, ends[1]);
	}
	(void)close(ends[1]);
	if (lq_random_below(random, 8) != 0) { /* mostly not while it opens */
		assert_int_equal(read(ends[0], &opened, sizeof(opened)), sizeof(opened));
		assert_int_equal(opened, 0);
		if (lq_random_below(random, 2) !=
			0) { /* and not always before a row, however slow */
			assert_int_equal(read(ends[0], &first, sizeof(first)), sizeof(first));
		}
	}
	(void)usleep(pause_us);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	uint64_t last = acknowledged(ends[0], first > before ? first : before);
	(void)close(ends[0]);
	return last;
}

static int check_row(void *ctx, const struct lq_row *row)
{
	uint64_t *next = ctx;
	char wanted[64];
	assert_int_equal(row->seq, *next);
	json_t *body = json_loadb(row->body, row->body_length, 0, NULL);
	assert_non_null(body);
	(void)snprintf(wanted, sizeof(wanted), "board/%llu", (unsigned long long)row->seq);
	assert_string_equal(json_string_value(json_object_get(body, "id")), wanted);
	json_decref(body);
	++*next;
	return 0;
}

/* Rows from `next` on are taken apart; the chain tells of those before. */
static void assert_whole(struct bench *bench, uint64_t acknowledged_seq, uint64_t next)
{
	struct lq_store_report report;
	struct lq_verdict verdict;
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	assert_string_equal(report.set_aside, "");
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	assert_true(verdict.last_seq >= acknowledged_seq);
	assert_int_equal(verdict.rows, verdict.last_seq);
	assert_int_equal(lq_store_read(bench->store, next, 0, check_row, &next), LQ_OK);
	assert_int_equal(next, verdict.last_seq + 1);
	lq_store_close(bench->store);
	bench->store = NULL;
}

static void nothing_acknowledged_is_missing_after_a_kill(void **state)
{
	struct bench *bench = *state;
	struct lq_random random = lq_random_begin("crash");
	uint64_t last = 0;
	unsigned grew = 0;
	lq_store_close(bench->store);
	bench->store = NULL;
	/* The child opens it as an old one does. */
	bench->keys.made = true;
	for (int i = 0; i < KILLS; i++) {
		uint64_t before = last;
		last = run_and_kill(bench, &random, last);
		assert_whole(bench, last, i + 1 < KILLS ? before + 1 : 1);
		grew += last > before ? 1 : 0;
	}
	assert_true(grew > KILLS / 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_acknowledged_is_missing_after_a_kill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

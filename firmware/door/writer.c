#include "firmware/door/writer.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/retention.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX      32u
#define RETRY_MS_FIRST 100u
#define RETRY_MS_LAST  1000u
#define REST_MS        1000u /* without a job, before the store is tidied */
/* How long one thread looks out for the other's answer without sleeping: about what a decision and
 * a commit in memory take. Sleeping processors wake late, a busy one answers at once. */
#define LOOKOUT_US    500u
#define MS_TO_NS(ms)  ((long)(ms)*1000000L)
#define NS_PER_S      1000000000L
#define STEP_US       16000u /* what a step of an import should take: a tap may have to wait for it */
#define STEP_ROWS_MIN 64u
#define STEP_ROWS_MAX 2048u
#define REST_SHARE    8u

enum import_stage { IMPORT_NONE, IMPORT_GOING, IMPORT_OVER };

/* A ring: [done, written) came back, [written, tail) are being written or wait. */
struct lq_writer {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake; /* CLOCK_MONOTONIC */
	pthread_cond_t idle; /* CLOCK_MONOTONIC */
	int fd;
	bool stop;
	bool ended;
	size_t done;
	size_t written;
	size_t tail;
	struct lq_job *jobs;
	struct lq_writer_status status;
	uint64_t asked_us; /* CLOCK_MONOTONIC; 0: the disk owes no answer */
	bool expected;     /* a job is about to come */
	bool lookout;      /* there is a processor for each thread */
	atomic_size_t submissions;
	atomic_size_t answers;
	enum import_stage stage;
	struct lq_job import;    /* the thread's while it is going */
	size_t import_at;        /* once it is over: it comes back before the job at this index */
	int64_t purge_before_ms; /* meaningful while status.purging */

	size_t answers_seen; /* the loop's own: before its last job */

	/* the thread's own */
	struct lq_store *store; /* NULL: to be opened */
	bool damaged;           /* it is to be replaced */
	lq_writer_reopen reopen;
	void *reopen_ctx;
	bool importing; /* it has begun */
	bool overtaken; /* the roster has changed since it began */
	bool spent;     /* likewise, a badge of it */
	uint32_t step_rows;
	uint32_t purge_rows; /* likewise, of a purge */
};

static struct lq_job *job_at(struct lq_writer *writer, size_t index)
{
	return &writer->jobs[index % LQ_WRITER_JOBS_MAX];
}

static void notify(struct lq_writer *writer)
{
	uint64_t one = 1;
	ssize_t written = write(writer->fd, &one, sizeof(one));
	(void)written; /* the counter is full: the loop will be woken all the same */
}

static uint64_t now_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* True when `counter` has moved from `seen` before the lookout ends. */
static bool moves_soon(const atomic_size_t *counter, size_t seen)
{
	uint64_t until = now_us() + LOOKOUT_US;
	bool moved = atomic_load(counter) != seen;
	while (!moved && now_us() < until) {
		(void)sched_yield(); /* the other thread may have been put on this processor */
		moved = atomic_load(counter) != seen;
	}
	return moved;
}

static struct timespec deadline_after(uint32_t ms)
{
	struct timespec at;
	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += MS_TO_NS(ms % 1000);
	if (at.tv_nsec >= NS_PER_S) {
		at.tv_nsec -= NS_PER_S;
		at.tv_sec++;
	}
	return at;
}

/* ---- the thread ---- */

static int open_store(struct lq_writer *writer, struct lq_wall now)
{
	if (writer->store != NULL) {
		return LQ_OK;
	}
	int r = writer->reopen(writer->reopen_ctx, writer->damaged, now, &writer->store);
	writer->damaged = r == LQ_OK ? false : writer->damaged;
	return r;
}

/* Damage calls for another file. A number that is taken means that somebody else wrote: the end of
 * the journal has to be looked up again. A file that was taken away stands in its place again. */
static void doubt_store(struct lq_writer *writer, int error)
{
	if (error != LQ_ERR_CORRUPT && error != LQ_ERR_EXISTS && error != LQ_ERR_CLOSED) {
		return;
	}
	lq_store_close(writer->store);
	writer->store = NULL;
	writer->overtaken = true;
	writer->damaged = writer->damaged || error == LQ_ERR_CORRUPT;
}

static int try_change(struct lq_writer *writer, struct lq_job *job, struct lq_head *ret_before)
{
	int r = open_store(writer, job->event.at);
	if (r == LQ_OK) {
		(void)lq_store_head(writer->store, ret_before);
		r = lq_job_apply(writer->store, job);
	}
	if (r == LQ_ERR_CORRUPT || r == LQ_ERR_CLOSED) {
		doubt_store(writer, r);
	}
	return r;
}

static void run_change(struct lq_writer *writer, struct lq_job *job)
{
	struct lq_head before = {0};
	job->error = try_change(writer, job, &before);
	if (job->error == LQ_ERR_CLOSED) {
		job->error = try_change(writer, job, &before);
	}
	if (job->error != LQ_OK || job->kind == LQ_JOB_OFFICE_RENEW ||
		job->kind == LQ_JOB_MEMBER_FIND) {
		return;
	}
	job->seq = before.seq + 1; /* a checkpoint may stand behind it */
	struct lq_reload *reload = job->change->reload;
	if (reload != NULL) {
		reload->result = lq_config_load(
			reload->path, reload->speech, &reload->config, &reload->error);
	}
	writer->overtaken =
		writer->overtaken || (job->kind != LQ_JOB_ORDER && job->kind != LQ_JOB_RELOAD);
	if (lq_job_changes_rules(job->kind)) {
		job->error = lq_rule_tables_load(writer->store, &job->change->tables);
	}
}

static int run_events(struct lq_writer *writer, size_t from, size_t count)
{
	struct lq_event events[BATCH_MAX];
	uint64_t seqs[BATCH_MAX];
	LQ_ASSERT(count > 0 && count <= BATCH_MAX);
	for (size_t i = 0; i < count; i++) {
		events[i] = job_at(writer, from + i)->event;
	}
	int r = open_store(writer, events[0].at);
	if (r == LQ_OK) {
		r = lq_store_append(writer->store, events, count, seqs);
	}
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		job_at(writer, from + i)->seq = seqs[i];
		writer->spent = writer->spent || events[i].spends;
	}
	return r;
}

/* Jobs between `written` and `tail` are the thread's: the loop does not touch them, so they are
 * used without the lock. */
static size_t batch_size(struct lq_writer *writer, size_t from, size_t tail)
{
	size_t count = 0;
	while (from + count < tail && count < BATCH_MAX &&
		job_at(writer, from + count)->kind == LQ_JOB_EVENT) {
		count++;
	}
	return count;
}

static void set_stalled(struct lq_writer *writer, int error)
{
	struct lq_writer_status *status = &writer->status;
	pthread_mutex_lock(&writer->mutex);
	if (error != LQ_OK) {
		status->stalls += status->stalled ? 0 : 1;
		status->error = error;
		(void)snprintf(status->text, sizeof(status->text), "%.120s",
			writer->store != NULL ? lq_store_error(writer->store)
					      : "door.db cannot be opened");
	}
	status->stalled = error != LQ_OK;
	pthread_mutex_unlock(&writer->mutex);
	notify(writer);
}

/* Waits before the next try; false when the program is ending. */
static bool wait_to_retry(struct lq_writer *writer, uint32_t ms)
{
	struct timespec until = deadline_after(ms);
	pthread_mutex_lock(&writer->mutex);
	int r = 0;
	while (!writer->stop && r == 0) {
		r = pthread_cond_timedwait(&writer->wake, &writer->mutex, &until);
	}
	bool again = !writer->stop;
	pthread_mutex_unlock(&writer->mutex);
	return again;
}

static bool append_until_done(struct lq_writer *writer, size_t from, size_t count)
{
	uint32_t retry_ms = RETRY_MS_FIRST;
	bool stalled = false;
	for (;;) {
		int r = run_events(writer, from, count);
		if (r == LQ_OK) {
			if (stalled) {
				set_stalled(writer, LQ_OK);
			}
			return true;
		}
		stalled = true;
		set_stalled(writer, r);
		doubt_store(writer, r);
		if (!wait_to_retry(writer, retry_ms)) {
			return false;
		}
		retry_ms = 2 * retry_ms > RETRY_MS_LAST ? RETRY_MS_LAST : 2 * retry_ms;
	}
}

/* Writes the next batch; false when it had to be given up because the program ends. */
static bool write_batch(struct lq_writer *writer, size_t from, size_t tail)
{
	struct lq_head head = {0};
	size_t count = batch_size(writer, from, tail);
	bool done = true;
	if (count > 0) {
		done = append_until_done(writer, from, count);
	} else {
		count = 1;
		run_change(writer, job_at(writer, from));
	}
	if (!done) {
		return false;
	}
	if (writer->store != NULL) {
		(void)lq_store_head(writer->store, &head);
	}
	pthread_mutex_lock(&writer->mutex);
	writer->written = from + count;
	writer->asked_us = 0;
	writer->status.head = head.seq != 0 ? head.seq : writer->status.head;
	(void)atomic_fetch_add(&writer->answers, 1);
	pthread_mutex_unlock(&writer->mutex);
	notify(writer);
	return true;
}

/* Called and returns with the lock held. */
static void look_out(struct lq_writer *writer)
{
	size_t seen = atomic_load(&writer->submissions);
	writer->expected = false;
	pthread_mutex_unlock(&writer->mutex);
	(void)moves_soon(&writer->submissions, seen);
	pthread_mutex_lock(&writer->mutex);
}

/* ---- an import, between the other jobs ---- */

/* A slow disk makes the steps shorter, a fast one longer. */
static uint32_t pace(uint32_t rows, uint64_t took_us)
{
	if (took_us > STEP_US) {
		rows = rows / 2 < STEP_ROWS_MIN ? STEP_ROWS_MIN : rows / 2;
	} else if (took_us < STEP_US / 2) {
		rows = 2 * rows > STEP_ROWS_MAX ? STEP_ROWS_MAX : 2 * rows;
	}
	return rows;
}

static bool is_wanted(void *ctx)
{
	struct lq_writer *writer = ctx;
	pthread_mutex_lock(&writer->mutex);
	bool wanted = writer->written != writer->tail || writer->stop;
	pthread_mutex_unlock(&writer->mutex);
	return wanted;
}

/* What the steps so far went by must still hold. */
static int step_import(struct lq_writer *writer, bool stopping)
{
	if (!writer->importing) {
		writer->importing = true;
		writer->overtaken = false;
		writer->spent = false;
		writer->step_rows = STEP_ROWS_MIN;
	}
	bool office = writer->import.kind == LQ_JOB_OFFICE; /* it follows what is spent */
	if (writer->overtaken || (writer->spent && !office) || writer->store == NULL || stopping) {
		return stopping ? LQ_ERR_TIMEOUT : LQ_ERR_BUSY;
	}
	uint64_t began = now_us();
	const struct lq_import_pace step = {
		.rows = writer->step_rows, .wanted = is_wanted, .ctx = writer};
	int r = office ? lq_office_apply_step(writer->import.office, writer->store, &step)
		       : lq_import_step(writer->import.import, writer->store, &step);
	writer->step_rows = pace(writer->step_rows, now_us() - began);
	return r == LQ_ERR_BUSY ? LQ_ERR_IO : r; /* somebody else holds the file, not the roster */
}

static void end_import(struct lq_writer *writer, int r)
{
	struct lq_job *job = &writer->import;
	struct lq_head head = {0};
	bool office = job->kind == LQ_JOB_OFFICE;
	if (r != LQ_OK && writer->store != NULL && office) {
		lq_office_apply_abandon(job->office, writer->store);
	} else if (r != LQ_OK && writer->store != NULL) {
		lq_import_abandon(job->import, writer->store);
	}
	doubt_store(writer, r);
	writer->importing = false;
	job->error = r;
	(void)(office ? lq_office_applied_event(job->office, &job->event, &job->seq)
		      : lq_import_event(job->import, &job->event, &job->seq));
	if (writer->store != NULL) {
		(void)lq_store_head(writer->store, &head);
	}
	pthread_mutex_lock(&writer->mutex);
	writer->stage = IMPORT_OVER;
	writer->import_at = writer->written;
	writer->status.head = head.seq != 0 ? head.seq : writer->status.head;
	pthread_mutex_unlock(&writer->mutex);
	notify(writer);
}

/* Leaves the processor to whoever brings the next job: a door may have only one. */
static void rest(struct lq_writer *writer, uint64_t us)
{
	struct timespec until = deadline_after((uint32_t)(us / 1000));
	pthread_mutex_lock(&writer->mutex);
	if (!writer->stop && writer->written == writer->tail) {
		(void)pthread_cond_timedwait(&writer->wake, &writer->mutex, &until);
	}
	pthread_mutex_unlock(&writer->mutex);
}

static void go_on_importing(struct lq_writer *writer, bool stopping)
{
	uint64_t began = now_us();
	int r = step_import(writer, stopping);
	if (r == 1) {
		rest(writer, (now_us() - began) / REST_SHARE);
	} else {
		end_import(writer, r);
	}
}

/* ---- what is too old, when nothing else is to be done ---- */

static void end_purge(struct lq_writer *writer, int r)
{
	pthread_mutex_lock(&writer->mutex);
	writer->status.purging = false;
	writer->status.purge_error = r;
	pthread_mutex_unlock(&writer->mutex);
	notify(writer);
}

static void go_on_purging(struct lq_writer *writer, int64_t before_ms)
{
	if (writer->store == NULL) {
		end_purge(writer, LQ_ERR_CLOSED);
		return;
	}
	uint64_t began = now_us();
	int r = lq_store_purge_step(writer->store, before_ms, writer->purge_rows);
	uint64_t took_us = now_us() - began;
	writer->purge_rows = pace(writer->purge_rows, took_us);
	if (r == 1) {
		rest(writer, took_us);
		return;
	}
	doubt_store(writer, r);
	end_purge(writer, r);
}

/* Called with the lock held. */
static bool has_work(const struct lq_writer *writer)
{
	return writer->written != writer->tail || writer->stage == IMPORT_GOING ||
	       (writer->status.purging && !writer->stop);
}

/* True when there is a job; false when the program ends and none is left. Called and returns with
 * the lock held. */
static bool wait_for_job(struct lq_writer *writer)
{
	while (!writer->stop && !has_work(writer)) {
		if (writer->expected) {
			look_out(writer);
			continue;
		}
		if (writer->store == NULL || !lq_store_tidy_due(writer->store)) {
			pthread_cond_wait(&writer->wake, &writer->mutex);
			continue;
		}
		struct timespec until = deadline_after(REST_MS);
		if (pthread_cond_timedwait(&writer->wake, &writer->mutex, &until) == ETIMEDOUT) {
			pthread_mutex_unlock(&writer->mutex);
			lq_store_tidy(writer->store);
			pthread_mutex_lock(&writer->mutex);
		}
	}
	return has_work(writer);
}

static void *run(void *ctx)
{
	struct lq_writer *writer = ctx;
	pthread_mutex_lock(&writer->mutex);
	bool going = true;
	while (going && wait_for_job(writer)) {
		size_t from = writer->written;
		size_t tail = writer->tail;
		bool importing = writer->stage == IMPORT_GOING;
		bool stopping = writer->stop;
		int64_t before_ms = writer->purge_before_ms;
		writer->asked_us = now_us();
		pthread_mutex_unlock(&writer->mutex);
		if (from != tail) {
			going = write_batch(writer, from, tail);
		}
		if (importing) {
			go_on_importing(writer, stopping || !going);
		} else if (from == tail) {
			go_on_purging(writer, before_ms);
		}
		pthread_mutex_lock(&writer->mutex);
		writer->asked_us = 0;
	}
	writer->ended = true;
	pthread_cond_signal(&writer->idle);
	pthread_mutex_unlock(&writer->mutex);
	return NULL;
}

/* ---- the loop's side ---- */

static int init_sync(struct lq_writer *writer)
{
	pthread_condattr_t attributes;
	if (pthread_condattr_init(&attributes) != 0) {
		return LQ_ERR_NO_MEMORY;
	}
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	int failed = pthread_mutex_init(&writer->mutex, NULL) +
		     pthread_cond_init(&writer->wake, &attributes) +
		     pthread_cond_init(&writer->idle, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	return failed == 0 ? LQ_OK : LQ_ERR_NO_MEMORY;
}

static bool several_processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1;
}

/* Signals are the loop's business. */
static int start_thread(struct lq_writer *writer)
{
	sigset_t all;
	sigset_t before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int r = pthread_create(&writer->thread, NULL, run, writer);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r == 0 ? LQ_OK : LQ_ERR_NO_MEMORY;
}

static void free_writer(struct lq_writer *writer)
{
	if (writer->fd >= 0) {
		(void)close(writer->fd);
	}
	free(writer->jobs);
	free(writer);
}

int lq_writer_start(struct lq_store *store, uint64_t head, lq_writer_reopen reopen,
	void *reopen_ctx, struct lq_writer **ret_writer)
{
	struct lq_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	/* calloc of this size leaves the pages untouched until they are used. */
	writer->jobs = calloc(LQ_WRITER_JOBS_MAX, sizeof(*writer->jobs));
	writer->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	writer->store = store;
	writer->reopen = reopen;
	writer->reopen_ctx = reopen_ctx;
	writer->status.head = head;
	writer->lookout = several_processors();
	writer->purge_rows = STEP_ROWS_MIN;
	int r = writer->jobs == NULL || writer->fd < 0 ? LQ_ERR_NO_MEMORY : init_sync(writer);
	if (r == LQ_OK) {
		r = start_thread(writer);
	}
	if (r != LQ_OK) {
		free_writer(writer);
		return r;
	}
	*ret_writer = writer;
	return LQ_OK;
}

int lq_writer_fd(const struct lq_writer *writer)
{
	return writer->fd;
}

void lq_writer_expect(struct lq_writer *writer)
{
	if (!writer->lookout) {
		return;
	}
	pthread_mutex_lock(&writer->mutex);
	writer->expected = true;
	pthread_mutex_unlock(&writer->mutex);
	pthread_cond_signal(&writer->wake);
}

static int submit_import(struct lq_writer *writer, const struct lq_job *job)
{
	if (writer->stage != IMPORT_NONE) {
		return LQ_ERR_BUSY;
	}
	writer->import = *job;
	writer->stage = IMPORT_GOING;
	return LQ_OK;
}

int lq_writer_submit(struct lq_writer *writer, const struct lq_job *job)
{
	int r = LQ_OK;
	pthread_mutex_lock(&writer->mutex);
	if (job->kind == LQ_JOB_IMPORT || job->kind == LQ_JOB_OFFICE) {
		r = submit_import(writer, job);
	} else if (writer->tail - writer->done >= LQ_WRITER_JOBS_MAX) {
		writer->status.lost += job->kind == LQ_JOB_EVENT ? 1 : 0;
		r = LQ_ERR_FULL;
	} else {
		*job_at(writer, writer->tail) = *job;
		writer->tail++;
	}
	writer->expected = false;
	writer->answers_seen = atomic_load(&writer->answers);
	(void)atomic_fetch_add(&writer->submissions, 1);
	pthread_mutex_unlock(&writer->mutex);
	/* Behind the lock, or the thread would wake only to wait for it. */
	pthread_cond_signal(&writer->wake);
	return r;
}

void lq_writer_purge(struct lq_writer *writer, int64_t before_ms)
{
	pthread_mutex_lock(&writer->mutex);
	writer->purge_before_ms = before_ms;
	writer->status.purging = true;
	pthread_mutex_unlock(&writer->mutex);
	pthread_cond_signal(&writer->wake);
}

bool lq_writer_look_out(struct lq_writer *writer)
{
	return writer->lookout && moves_soon(&writer->answers, writer->answers_seen);
}

bool lq_writer_take(struct lq_writer *writer, struct lq_job *ret_job)
{
	pthread_mutex_lock(&writer->mutex);
	bool found = writer->done < writer->written;
	if (writer->stage == IMPORT_OVER && writer->done == writer->import_at) {
		*ret_job = writer->import;
		writer->stage = IMPORT_NONE;
		found = true;
	} else if (found) {
		*ret_job = *job_at(writer, writer->done);
		writer->done++;
		if (writer->done == writer->tail && writer->stage != IMPORT_OVER) {
			/* Start over at the front: an idle door touches few pages. */
			writer->done = writer->written = writer->tail = 0;
		}
	} else {
		uint64_t count = 0;
		ssize_t got = read(writer->fd, &count, sizeof(count));
		(void)got; /* empty already: nothing to clear */
	}
	pthread_mutex_unlock(&writer->mutex);
	return found;
}

void lq_writer_each_waiting(
	struct lq_writer *writer, void (*each)(void *ctx, const struct lq_job *job), void *ctx)
{
	pthread_mutex_lock(&writer->mutex);
	for (size_t i = writer->done; i < writer->tail; i++) {
		each(ctx, job_at(writer, i));
	}
	pthread_mutex_unlock(&writer->mutex);
}

struct lq_writer_status lq_writer_status(struct lq_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	struct lq_writer_status status = writer->status;
	status.pending = writer->tail - writer->written;
	status.waited_ms = writer->asked_us == 0
				   ? 0
				   : lq_mono_elapsed_us((struct lq_mono){writer->asked_us},
					     (struct lq_mono){now_us()}) /
					     1000;
	pthread_mutex_unlock(&writer->mutex);
	return status;
}

size_t lq_writer_stop(struct lq_writer *writer, uint32_t patience_ms)
{
	struct timespec until = deadline_after(patience_ms);
	pthread_mutex_lock(&writer->mutex);
	writer->stop = true;
	pthread_cond_signal(&writer->wake);
	int r = 0;
	while (!writer->ended && r == 0) {
		r = pthread_cond_timedwait(&writer->idle, &writer->mutex, &until);
	}
	bool ended = writer->ended;
	size_t given_up = writer->tail - writer->written;
	pthread_mutex_unlock(&writer->mutex);
	if (!ended) {
		/* The thread hangs in the kernel: the process is about to end, and it with it. */
		return given_up;
	}
	(void)pthread_join(writer->thread, NULL);
	(void)pthread_cond_destroy(&writer->wake);
	(void)pthread_cond_destroy(&writer->idle);
	(void)pthread_mutex_destroy(&writer->mutex);
	lq_store_close(writer->store);
	lq_import_free(writer->stage == IMPORT_NONE ? NULL : writer->import.import);
	free_writer(writer);
	return given_up;
}

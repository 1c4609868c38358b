/* The journal's own thread: SQLite waits for the disk there, so that a slow disk never stops the
 * door. Jobs go in and come back in order. The functions below are the loop's; none blocks, except
 * lq_writer_stop(). */
#ifndef LQ_DOOR_WRITER_H
#define LQ_DOOR_WRITER_H

#include "firmware/door/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Events that may wait for the disk. Beyond it they are lost, counted and reported. */
#define LQ_WRITER_JOBS_MAX 4096u

struct lq_writer_status {
	size_t pending;
	uint64_t head;
	uint64_t lost;      /* events that found no room, since start */
	uint32_t waited_ms; /* since the disk was last asked, and has not answered */
	bool stalled;       /* the disk refuses */
	uint32_t stalls;    /* how often it began to, since start */
	int error;          /* why, the last time */
	char text[128];     /* SQLite's words for it */
	bool purging;       /* what is too old is being emptied */
	int purge_error;    /* how it ended last */
};

struct lq_writer;

/* Opens the store again, or one in place of what showed damage. `now` is the time of the event that
 * will be written first. Called on the writer's thread, until it succeeds. */
typedef int (*lq_writer_reopen)(
	void *ctx, bool damaged, struct lq_wall now, struct lq_store **ret_store);

/* Takes over `store`, whose head is `head`; NULL: it could not be opened yet. The thread starts at
 * once. */
int lq_writer_start(struct lq_store *store, uint64_t head, lq_writer_reopen reopen,
	void *reopen_ctx, struct lq_writer **ret_writer);

/* Readable when jobs came back or the status changed. */
int lq_writer_fd(const struct lq_writer *writer);

/* A job is about to be submitted: the thread wakes now, and for a moment does not sleep. */
void lq_writer_expect(struct lq_writer *writer);

/* Copies `job` into the queue. LQ_ERR_FULL when there is no room (counted as lost for an event),
 * LQ_ERR_BUSY while there is another import or roster. An import ends with LQ_ERR_BUSY when another
 * job changes a member or a badge meanwhile. */
int lq_writer_submit(struct lq_writer *writer, const struct lq_job *job);

/* Empties what tells of persons and is older, between the jobs and never before one. */
void lq_writer_purge(struct lq_writer *writer, int64_t before_ms);

/* Waits for the last job's answer, for a moment and without sleeping; true when it came. False at
 * once where there is but one processor. */
bool lq_writer_look_out(struct lq_writer *writer);

/* Takes one finished job: true, `ret_job` written. Call until false. */
bool lq_writer_take(struct lq_writer *writer, struct lq_job *ret_job);

/* Calls `each` for every job that was submitted and has not been taken. */
void lq_writer_each_waiting(
	struct lq_writer *writer, void (*each)(void *ctx, const struct lq_job *job), void *ctx);

struct lq_writer_status lq_writer_status(struct lq_writer *writer);

/* Finishes what is queued, within `patience_ms` when the disk does not answer, and ends. The store
 * is closed. Returns the number of jobs that were given up. */
size_t lq_writer_stop(struct lq_writer *writer, uint32_t patience_ms);

#endif

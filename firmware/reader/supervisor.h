/* Keeps one worker running, for ever: replaces it when it ends, and ends it when it hangs. */
#ifndef LQ_READER_SUPERVISOR_H
#define LQ_READER_SUPERVISOR_H

#include "firmware/reader/worker.h"

/* Forks the worker and returns the program's exit status once SIGTERM or SIGINT has come and the
 * worker is gone. Call before any thread is started; takes over SIGTERM, SIGINT and SIGCHLD. */
int lq_supervise(const struct lq_worker_settings *settings);

#endif

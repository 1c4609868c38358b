/* The barest program that could answer a tap: the same message through the same kind of socket, one
 * hand-over to a second thread of control and back, one byte into a file; no badge, no journal.
 * What it takes is the machine's, not Loquet's. */
#ifndef LQ_BENCH_CHAIN_H
#define LQ_BENCH_CHAIN_H

/* Forks it; it ends when the returned descriptor is closed. A byte of each packet sent to it goes
 * to the front of the file at `path`, which is made and holds "0". -1 on failure. */
int chain_start(const char *path);

#endif

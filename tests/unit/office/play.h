/* What doors tell, written as they write it and taken up by the books of the stub. */
#ifndef LQ_TESTS_PLAY_H
#define LQ_TESTS_PLAY_H

#include "firmware/core/visit.h"
#include "host/office/books.h"

#include <stdbool.h>
#include <stdint.h>

/* cmocka's setup and teardown: the stub's database with books over it. */
int play_begin(void **state);
int play_end(void **state);

/* The same with a database in a file of its own. */
int play_begin_in_file(void **state);
int play_end_in_file(void **state);

/* Whether the bytes of the text stand anywhere in that file or beside it. */
bool play_stands(const char *text);

/* Makes visits by these rules from now on. */
void play_settings(const struct lq_visit_settings *settings);

/* They stand over stub.db; whoever gives the stub another database gives it to them, too. */
struct lq_books *play_books(void);

/* The present moment of the stub. "2026-12-01 08:00", local time. */
int64_t play_at(const char *local);
void play_now(const char *local);

/* From here on rows are taken up in one transaction, which is committed or taken back at the end.
 */
void play_together(void);
void play_commit(void);
void play_rollback(void);

/* The program that kept the books is gone with all it had in mind, and starts anew. */
void play_dies(void);

/* The controller's next row: `data` is the inside of its JSON object. */
enum lq_books_finding play_event(
	const char *controller, const char *type, int64_t at_ms, const char *data);

/* Any row of its numbers; the next one follows the greatest. */
enum lq_books_finding play_row(
	const char *controller, uint64_t seq, const char *type, int64_t at_ms, const char *data);

/* Goes through the door: granted and taken, in a transaction of their own. `holder` is "p12" or
 * "m12". */
void play_enters(const char *controller, const char *holder, const char *local);
void play_leaves(const char *controller, const char *holder, const char *local);

enum play_way { PLAY_IN, PLAY_OUT };
void play_passes(const char *controller, const char *holder, enum play_way way, int64_t at_ms);

/* A row of the table of people. */
void play_person(int64_t number, const char *name, const char *kind, bool hidden, bool board);

#endif

/* What tells of persons beside the books, once they were put back from a backup. */
#ifndef LQ_OFFICE_LEFTOVERS_H
#define LQ_OFFICE_LEFTOVERS_H

#include <stdint.h>

#define LQ_RESTORE_FILE "office.restore" /* a copy, while a backup is put back */

/* Removes what a restore left that was killed; one that runs goes on. */
void lq_leftovers_clear(const char *folder);

/* Removes damaged books that were put aside when nobody has written to them since `before_ms`. */
void lq_leftovers_forget(const char *folder, int64_t before_ms);

#endif

/* Names as they are searched and sorted. Pure; any thread. */
#ifndef LQ_OFFICE_FOLD_H
#define LQ_OFFICE_FOLD_H

#include <stddef.h>

/* Small letters without accents and single blanks for whatever is neither letter nor digit, so that
 * no pattern of SQL is left in it: "Zoé  O’Brien-Łoś" is "zoe o brien los". Scripts that are not
 * known here stay as they are. Never longer than `text`, which is UTF-8; cut at `size`. */
void lq_fold(const char *text, char *out, size_t size);

#endif

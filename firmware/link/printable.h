/* Foreign text on its way to a log or a message. Pure. */
#ifndef LQ_LINK_PRINTABLE_H
#define LQ_LINK_PRINTABLE_H

#include <stddef.h>

/* Copies `text` as printable ASCII: everything else becomes '?'. Cuts to fit `size` (>= 1). */
void lq_printable(char *out, size_t size, const char *text);

#endif

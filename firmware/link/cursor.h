/* The link's durable place in the journal: the last row that the broker has, with that row's chain
 * hash, so that a cursor is never taken for a place in another journal. */
#ifndef LQ_LINK_CURSOR_H
#define LQ_LINK_CURSOR_H

#include "firmware/store/store.h"

#include <stddef.h>
#include <stdint.h>

#define LQ_CURSOR_FILE     "link.cursor"
#define LQ_CURSOR_TEXT_MAX 128u

struct lq_cursor {
	uint64_t seq; /* 0: before the first row */
	uint8_t hash[LQ_HASH_SIZE];
};

/* Writes "loquet-link 1 <seq> <hash>\n"; returns its length. */
size_t lq_cursor_format(const struct lq_cursor *cursor, char ret_text[LQ_CURSOR_TEXT_MAX]);

/* LQ_ERR_CORRUPT for anything that lq_cursor_format() does not write. */
int lq_cursor_parse(const char *text, size_t length, struct lq_cursor *ret_cursor);

/* Reads <folder>/link.cursor. LQ_ERR_NOT_FOUND when there is none, LQ_ERR_CORRUPT when it is
 * damaged, LQ_ERR_IO (with errno) when it cannot be read. */
int lq_cursor_load(const char *folder, struct lq_cursor *ret_cursor);

/* Replaces <folder>/link.cursor. A power cut leaves the old or the new one, whole; the old one only
 * means that some rows are published again. LQ_ERR_IO with errno. */
int lq_cursor_save(const char *folder, const struct lq_cursor *cursor);

/* Renames the file to link.cursor.aside (replacing an older one). LQ_ERR_IO with errno. */
int lq_cursor_set_aside(const char *folder);

#endif

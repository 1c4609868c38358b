/* The files of host/web, as the build found them. Constant. */
#ifndef LQ_OFFICE_WEB_FILES_H
#define LQ_OFFICE_WEB_FILES_H

#include <stddef.h>

struct lq_web_file {
	const char *path; /* "view_now.js" */
	const char *tag;  /* of this content, quoted as in an ETag */
	const unsigned char *bytes;
	size_t length;
	const unsigned char *packed; /* the same in gzip */
	size_t packed_length;
};

extern const struct lq_web_file lq_web_files[];
extern const size_t lq_web_file_count;

/* The file of a path without its leading /: "" is index.html, "board" is board.html. NULL: none. */
const struct lq_web_file *lq_web_file_find(const char *path);

/* What a browser is told that the file is. Static. */
const char *lq_web_file_type(const struct lq_web_file *file);

#endif

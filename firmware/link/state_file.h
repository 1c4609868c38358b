/* Small files in the state folder. */
#ifndef LQ_LINK_STATE_FILE_H
#define LQ_LINK_STATE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#define LQ_STATE_PATH_SIZE 256u

/* "<folder>/<name><tail>"; LQ_ERR_IO (ENAMETOOLONG) when that is too long. */
int lq_state_path(
	const char *folder, const char *name, const char *tail, char ret_path[LQ_STATE_PATH_SIZE]);

/* Replaces the file; a power cut leaves the old or the new one, whole. LQ_ERR_IO with errno. */
int lq_state_save(const char *folder, const char *name, const char *text, size_t length);

/* Reads at most `size` bytes: their number, LQ_ERR_NOT_FOUND, or LQ_ERR_IO with errno. */
ssize_t lq_state_load(const char *folder, const char *name, char *ret_text, size_t size);

#endif

/* The state folder itself. Any thread. */
#ifndef LQ_STORE_FOLDER_H
#define LQ_STORE_FOLDER_H

#include <stdint.h>

/* Waits until the disk has what was made, renamed or removed in the folder. LQ_ERR_IO. */
int lq_folder_sync(const char *folder);

/* When the file or folder was last changed, Unix seconds; 0 when there is none. */
int64_t lq_changed_s(const char *path);

#endif

#include "host/office/leftovers.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096u

void lq_leftovers_clear(const char *folder)
{
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%s/" LQ_RESTORE_FILE, folder);
	(void)unlink(path);
}

void lq_leftovers_forget(const char *folder, int64_t before_ms)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[PATH_SIZE];
	struct stat file;
	(void)snprintf(path, sizeof(path), "%s/office.db.damaged", folder);
	if (stat(path, &file) != 0 || (int64_t)file.st_mtime * 1000 >= before_ms) {
		return;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/office.db.damaged%s", folder, ends[i]);
		(void)unlink(path);
	}
}

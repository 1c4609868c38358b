#include "firmware/store/folder.h"

#include "firmware/core/err.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int lq_folder_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	int r = fsync(fd) == 0 ? LQ_OK : LQ_ERR_IO;
	(void)close(fd);
	return r;
}

int64_t lq_changed_s(const char *path)
{
	struct stat found;
	return stat(path, &found) == 0 && found.st_mtim.tv_sec > 0 ? found.st_mtim.tv_sec : 0;
}

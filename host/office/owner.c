#include "host/office/owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096u

void lq_give_to_owner(const char *path)
{
	char folder[PATH_SIZE];
	struct stat owner;
	if (geteuid() != 0 || snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder)) {
		return;
	}
	char *end = strrchr(folder, '/');
	if (end != NULL) {
		*end = '\0';
	}
	if (end != NULL && stat(end > folder ? folder : "/", &owner) == 0) {
		(void)!fchownat(AT_FDCWD, path, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW);
	}
}

/* Loaded in front of libc: a disk that says "done" and has done nothing. Under it, the power-cut
 * test has to find losses; otherwise it could find none anywhere. */
#include <unistd.h>

int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

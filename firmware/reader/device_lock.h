/* One program for each device: libnfc's own lock on a serial port does not work, and two programs
 * on one port take each other's answers. */
#ifndef LQ_READER_DEVICE_LOCK_H
#define LQ_READER_DEVICE_LOCK_H

/* Locks `device` (a libnfc connection string; links in its path are followed) by a file in
 * `folder`, until the process and its children are gone. The file stays: removing it would let two
 * in. LQ_ERR_BUSY when another program holds it, LQ_ERR_IO when the file cannot be made, errno
 * telling why. The descriptor is the caller's, to keep. */
int lq_device_lock(const char *folder, const char *device, int *ret_fd);

#endif

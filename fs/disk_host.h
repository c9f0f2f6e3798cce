// The disk of the host's tools: an image in a file.
#ifndef FS_DISK_HOST_H
#define FS_DISK_HOST_H

#include <inc/types.h>

// What disk_host_open says, instead of errno's numbers, when a machine has the image.
#define DISK_IN_USE -1

// Opens an image for disk_init and all that follows; with create, makes a new one of
// nblocks blocks of zeroes. 0, DISK_IN_USE, or a number of errno.
int disk_host_open(const char *path, bool create, uint32_t nblocks);

// Makes it nblocks long. 0, or a number of errno.
int disk_host_resize(uint32_t nblocks);

// Closes it. 0, or a number of errno: what was written may not be there.
int disk_host_close(void);

// The number of errno of the first operation that failed with -E_IO, or 0.
int disk_host_errno(void);

#endif

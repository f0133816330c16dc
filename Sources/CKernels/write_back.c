// Early writing of what the system holds back for a file.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "write_back.h"
#include <errno.h>
#include <fcntl.h>

int mneme_write_back(int descriptor) {
#ifdef SYNC_FILE_RANGE_WRITE
    unsigned flags =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    return sync_file_range(descriptor, 0, 0, flags) == 0 ? 0 : errno;
#else
    (void)descriptor;
    return 0;
#endif
}

#ifndef MNEME_WRITE_BACK_H
#define MNEME_WRITE_BACK_H

/// Has what was written to a file go to the disk, and waits until it has left (sync_file_range(2),
/// which C libraries declare for GNU sources alone). Returns 0, or the system's error number.
int mneme_write_back(int descriptor);

#endif

#ifndef MNEME_GUARD_H
#define MNEME_GUARD_H
#include <stddef.h>
#include <stdint.h>

/// Copies `count` bytes out of a mapped file. Returns 0, or -1 when the pages behind `source` could
/// not be read (the kernel's SIGBUS is caught here and nowhere else).
int mneme_guarded_copy(void *_Nonnull destination, const void *_Nonnull source, size_t count);

/// Reads one byte of every page of the range, so that a later unguarded read finds them present.
/// Returns 0, or -1 when a page could not be read.
int mneme_guarded_touch(const void *_Nonnull source, size_t count);

/// As `mneme_guarded_touch` for `places` of `count` bytes each, in one guard. Returns how many could
/// be read: all, or the index of the first that could not.
size_t mneme_guarded_touch_all(
    const void *_Nonnull const *_Nonnull places, size_t place_count, size_t count);

#endif

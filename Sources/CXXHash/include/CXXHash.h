// XXH3-64 of the xxHash header, inlined and compiled for the widest vectors at hand.
#ifndef MNEME_CXXHASH_H
#define MNEME_CXXHASH_H
#include <stddef.h>
#include <stdint.h>

/// XXH3-64 with a seed over `length` bytes.
uint64_t mneme_xxh3(const void *_Nullable bytes, size_t length, uint64_t seed);

#endif

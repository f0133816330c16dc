// XXH3-64 of the xxHash header, inlined and compiled for the widest vectors at hand.
#ifndef MNEME_CXXHASH_H
#define MNEME_CXXHASH_H
#include <stddef.h>
#include <stdint.h>

/// XXH3-64 with a seed over `length` bytes.
uint64_t mneme_xxh3(const void *_Nullable bytes, size_t length, uint64_t seed);

/// XXH3-64, seed 0, of bytes that come in pieces.
typedef struct mneme_xxh3_stream mneme_xxh3_stream;

/// A stream without bytes; null where there is no memory.
mneme_xxh3_stream *_Nullable mneme_xxh3_begin(void);

/// Adds a piece.
void mneme_xxh3_add(mneme_xxh3_stream *_Nonnull stream, const void *_Nullable bytes, size_t length);

/// The hash of all pieces so far.
uint64_t mneme_xxh3_value(const mneme_xxh3_stream *_Nonnull stream);

/// Gives the stream back.
void mneme_xxh3_end(mneme_xxh3_stream *_Nonnull stream);

#endif

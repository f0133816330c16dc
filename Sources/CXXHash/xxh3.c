// The whole hash is compiled twice where the machine may differ: baseline and AVX2. Debian's shared
// library is SSE2 only; the header inlined with AVX2 takes a third of the time.
#include "CXXHash.h"

#if defined(__x86_64__)
uint64_t mneme_xxh3_avx2(const void *bytes, size_t length, uint64_t seed);
uint64_t mneme_xxh3_baseline(const void *bytes, size_t length, uint64_t seed);

uint64_t mneme_xxh3(const void *bytes, size_t length, uint64_t seed) {
    // Short inputs never reach the vector loop.
    if (length > 240 && __builtin_cpu_supports("avx2"))
        return mneme_xxh3_avx2(bytes, length, seed);
    return mneme_xxh3_baseline(bytes, length, seed);
}

void mneme_xxh3_add_avx2(mneme_xxh3_stream *stream, const void *bytes, size_t length);
void mneme_xxh3_add_baseline(mneme_xxh3_stream *stream, const void *bytes, size_t length);

void mneme_xxh3_add(mneme_xxh3_stream *stream, const void *bytes, size_t length) {
    if (__builtin_cpu_supports("avx2"))
        mneme_xxh3_add_avx2(stream, bytes, length);
    else
        mneme_xxh3_add_baseline(stream, bytes, length);
}
#else
uint64_t mneme_xxh3_baseline(const void *bytes, size_t length, uint64_t seed);
void mneme_xxh3_add_baseline(mneme_xxh3_stream *stream, const void *bytes, size_t length);

uint64_t mneme_xxh3(const void *bytes, size_t length, uint64_t seed) {
    return mneme_xxh3_baseline(bytes, length, seed);
}

void mneme_xxh3_add(mneme_xxh3_stream *stream, const void *bytes, size_t length) {
    mneme_xxh3_add_baseline(stream, bytes, length);
}
#endif

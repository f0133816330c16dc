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
#else
uint64_t mneme_xxh3_baseline(const void *bytes, size_t length, uint64_t seed);

uint64_t mneme_xxh3(const void *bytes, size_t length, uint64_t seed) {
    return mneme_xxh3_baseline(bytes, length, seed);
}
#endif

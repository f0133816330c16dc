#include <stddef.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define XXH_VECTOR 2 /* XXH_AVX2 */
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t mneme_xxh3_avx2(const void *bytes, size_t length, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, length, seed);
}

typedef struct mneme_xxh3_stream mneme_xxh3_stream;

void mneme_xxh3_add_avx2(mneme_xxh3_stream *stream, const void *bytes, size_t length) {
    XXH3_64bits_update((XXH3_state_t *)stream, bytes, length);
}
#pragma clang attribute pop
#endif

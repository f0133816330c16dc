#include <stddef.h>
#include <stdint.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t mneme_xxh3_baseline(const void *bytes, size_t length, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, length, seed);
}

// Streams: begun and ended here; the pieces go where whole inputs do.
typedef struct mneme_xxh3_stream mneme_xxh3_stream;

mneme_xxh3_stream *mneme_xxh3_begin(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state) XXH3_64bits_reset(state);
    return (mneme_xxh3_stream *)state;
}

void mneme_xxh3_end(mneme_xxh3_stream *stream) { XXH3_freeState((XXH3_state_t *)stream); }

void mneme_xxh3_add_baseline(mneme_xxh3_stream *stream, const void *bytes, size_t length) {
    XXH3_64bits_update((XXH3_state_t *)stream, bytes, length);
}

uint64_t mneme_xxh3_value(const mneme_xxh3_stream *stream) {
    return XXH3_64bits_digest((const XXH3_state_t *)stream);
}

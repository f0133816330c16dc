#ifndef MNEME_CODE_LANES_H
#define MNEME_CODE_LANES_H
#include <stddef.h>
#include <stdint.h>

/// Turns a code into lanes as a query has them: twice its levels, which are whole numbers. Returns
/// their sum. `lanes` has 128 bytes for every 64 bytes of code, begun or whole; those of no
/// dimension are left as they are.
static inline int32_t mneme_code_lanes(
    const uint8_t *_Nonnull code, size_t byte_count, int8_t *_Nonnull lanes) {
    int32_t sum = 0;
    for (size_t start = 0; start < byte_count; start += 64) {
        size_t count = byte_count - start < 64 ? byte_count - start : 64;
        int8_t *low = lanes + 2 * start, *high = low + 64;
        for (size_t i = 0; i < count; i++) {
            low[i] = (int8_t)(2 * (code[start + i] & 15) - 15);
            high[i] = (int8_t)(2 * (code[start + i] >> 4) - 15);
        }
        for (size_t i = 0; i < count; i++) sum += low[i] + high[i];
    }
    return sum;
}

#endif

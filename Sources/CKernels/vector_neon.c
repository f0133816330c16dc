// Kernels for NEON: what every aarch64 has, no dot product extension.
#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>
#include "vector_bodies.h"

static int32_t code_sum(const mneme_code_query *query, const uint8_t *code) {
    const uint8x16_t low_mask = vdupq_n_u8(0x0f);
    int32x4_t total = vdupq_n_s32(0);
    size_t bytes = query->code_byte_count;
    for (size_t at = 0; at < bytes; at += 16) {
        const int8_t *lanes = query->lanes + at / 64 * 128 + at % 64;
        uint8x16_t codes = vld1q_u8(code + at);
        int8x16_t low = vreinterpretq_s8_u8(vandq_u8(codes, low_mask));
        int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(codes, 4));
        int8x16_t low_lanes = vld1q_s8(lanes), high_lanes = vld1q_s8(lanes + 64);
        // At most 4 * 15 * 127 in 16 bits: no overflow.
        int16x8_t sums = vmull_s8(vget_low_s8(low), vget_low_s8(low_lanes));
        sums = vmlal_s8(sums, vget_high_s8(low), vget_high_s8(low_lanes));
        sums = vmlal_s8(sums, vget_low_s8(high), vget_low_s8(high_lanes));
        sums = vmlal_s8(sums, vget_high_s8(high), vget_high_s8(high_lanes));
        total = vpadalq_s16(total, sums);
    }
    return vaddvq_s32(total);
}

BODY float32x4_t row_lanes(int format, const uint8_t *row, size_t index) {
    if (format == mneme_rows_float16)
        return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(row + 2 * index)));
    return vreinterpretq_f32_u8(vld1q_u8(row + 4 * index));
}

BODY void score_rows(int operation, int format, const float *query, size_t dimension,
                     const void *const *rows, size_t count, float *scores, float *norms) {
    const size_t ahead = 4, byte_count = dimension * (format == mneme_rows_float16 ? 2 : 4);
    for (size_t row = 0; row < count; row++) {
        if (row + ahead < count)
            for (size_t byte = 0; byte < byte_count; byte += 64)
                __builtin_prefetch((const char *)rows[row + ahead] + byte);
        const uint8_t *bytes = rows[row];
        float32x4_t sums = vdupq_n_f32(0), squares = sums;
        size_t i = 0;
        for (; i + 4 <= dimension; i += 4) {
            float32x4_t value = row_lanes(format, bytes, i), wanted = vld1q_f32(query + i);
            if (operation == mneme_rows_squared_distance) {
                float32x4_t difference = vsubq_f32(wanted, value);
                sums = vfmaq_f32(sums, difference, difference);
            } else {
                sums = vfmaq_f32(sums, wanted, value);
                squares = vfmaq_f32(squares, value, value);
            }
        }
        float sum = vaddvq_f32(sums), norm = vaddvq_f32(squares);
        for (; i < dimension; i++) {
            float value = row_element(format, bytes, i), difference = query[i] - value;
            sum += operation == mneme_rows_squared_distance ? difference * difference
                                                            : query[i] * value;
            norm += value * value;
        }
        scores[row] = sum;
        if (operation == mneme_rows_dot_and_norm) norms[row] = norm;
    }
}

static void bytes_dot(const int8_t *query, size_t byte_count, const uint8_t *const *rows,
                      size_t count, int32_t *dots) {
    const uint8x16_t flip = vdupq_n_u8(0x80);
    for (size_t row = 0; row < count; row++) {
        int32x4_t total = vdupq_n_s32(0);
        for (size_t i = 0; i < byte_count; i += 16) {
            int8x16_t wanted = vld1q_s8(query + i);
            int8x16_t value = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(rows[row] + i), flip));
            total = vpadalq_s16(total, vmull_s8(vget_low_s8(wanted), vget_low_s8(value)));
            total = vpadalq_s16(total, vmull_s8(vget_high_s8(wanted), vget_high_s8(value)));
        }
        dots[row] = vaddvq_s32(total);
    }
}

BODY void row_floats(int format, const void *row, size_t dimension, float *values) {
    size_t i = 0;
    for (; i + 4 <= dimension; i += 4) vst1q_f32(values + i, row_lanes(format, row, i));
    for (; i < dimension; i++) values[i] = row_element(format, row, i);
}

#define SET_NAME "neon"
#include "vector_narrow.h"
#include "vector_set.h"
const mneme_vector_kernels mneme_vector_kernels_neon = SET_OF_KERNELS;
#endif

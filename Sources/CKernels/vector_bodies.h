// Bodies that every set compiles for its own target: rotation, coding and the quantised query. They
// work on 16 lanes at a time whatever the target's registers hold, never fuse a product with a sum,
// and add in one order, so that every set yields the same bits (formats/vector-codes.md).
#ifndef MNEME_VECTOR_BODIES_H
#define MNEME_VECTOR_BODIES_H
#include "vector_sets.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpsabi"
#endif

#define BODY static inline __attribute__((always_inline))

typedef float lanes_float __attribute__((vector_size(64)));
typedef float lanes_float_anywhere __attribute__((vector_size(64), aligned(4)));
typedef int32_t lanes_int __attribute__((vector_size(64)));
typedef uint32_t lanes_bits_anywhere __attribute__((vector_size(64), aligned(4)));
typedef uint32_t lanes_bits __attribute__((vector_size(64)));
typedef uint8_t lanes_byte_anywhere __attribute__((vector_size(16), aligned(1)));
typedef int8_t lanes_signed_anywhere __attribute__((vector_size(16), aligned(1)));

BODY lanes_float load_lanes(const float *from) { return *(const lanes_float_anywhere *)from; }
BODY void store_lanes(float *to, lanes_float value) { *(lanes_float_anywhere *)to = value; }

BODY float sum_of_lanes(lanes_float v) {
    float halves[16], sum;
    store_lanes(halves, v);
    for (int width = 8; width >= 1; width /= 2)
        for (int lane = 0; lane < width; lane++) halves[lane] = halves[lane] + halves[lane + width];
    sum = halves[0];
    return sum;
}

#define BUTTERFLY(v, W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, WA, WB, WC, WD, WE, WF, H)           \
    do {                                                                                           \
        lanes_float swapped = __builtin_shufflevector(                                             \
            v, v, W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, WA, WB, WC, WD, WE, WF);                 \
        lanes_float added = v + swapped, taken = swapped - v;                                      \
        v = __builtin_shufflevector(                                                               \
            added, taken, 0 + 16 * !!(0 & H), 1 + 16 * !!(1 & H), 2 + 16 * !!(2 & H),              \
            3 + 16 * !!(3 & H), 4 + 16 * !!(4 & H), 5 + 16 * !!(5 & H), 6 + 16 * !!(6 & H),        \
            7 + 16 * !!(7 & H), 8 + 16 * !!(8 & H), 9 + 16 * !!(9 & H), 10 + 16 * !!(10 & H),      \
            11 + 16 * !!(11 & H), 12 + 16 * !!(12 & H), 13 + 16 * !!(13 & H),                      \
            14 + 16 * !!(14 & H), 15 + 16 * !!(15 & H));                                           \
    } while (0)

/// Signs, scale and the four stages that stay inside 16 lanes.
BODY void hadamard_inside(float *x, size_t window, const uint32_t *signs, float scale) {
    for (size_t i = 0; i < window; i += 16) {
        lanes_bits bits = (lanes_bits)load_lanes(x + i) ^ *(const lanes_bits_anywhere *)(signs + i);
        lanes_float v = (lanes_float)bits * scale;
        BUTTERFLY(v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14, 1);
        BUTTERFLY(v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2);
        BUTTERFLY(v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11, 4);
        BUTTERFLY(v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        store_lanes(x + i, v);
    }
}

/// The stages from 16 up, two at a time.
BODY void hadamard_across(float *x, size_t window) {
    size_t h = 16;
    for (; h * 2 < window; h *= 4)
        for (size_t start = 0; start < window; start += 4 * h)
            for (size_t i = start; i < start + h; i += 16) {
                lanes_float a = load_lanes(x + i), b = load_lanes(x + i + h);
                lanes_float c = load_lanes(x + i + 2 * h), d = load_lanes(x + i + 3 * h);
                lanes_float ab = a + b, a_b = a - b, cd = c + d, c_d = c - d;
                store_lanes(x + i, ab + cd);
                store_lanes(x + i + h, a_b + c_d);
                store_lanes(x + i + 2 * h, ab - cd);
                store_lanes(x + i + 3 * h, a_b - c_d);
            }
    if (h < window)
        for (size_t i = 0; i < h; i += 16) {
            lanes_float a = load_lanes(x + i), b = load_lanes(x + i + h);
            store_lanes(x + i, a + b);
            store_lanes(x + i + h, a - b);
        }
}

BODY void rotate_body(float *x, size_t count, const uint32_t *signs) {
    size_t window = 64;
    while (window * 2 <= count) window *= 2;
    float scale = 1.0f / sqrtf((float)window);
    for (int round = 0; round < mneme_rotation_rounds; round++) {
        size_t start = round % 2 ? count - window : 0;
        hadamard_inside(x + start, window, signs + (size_t)round * count + start, scale);
        hadamard_across(x + start, window);
        if (window == count) continue;
        // Both halves meet; two rounds make the factor 1/2 that is exact.
        float factor = round % 2 ? 0.5f : 1.0f;
        for (size_t i = 0; i < count / 2; i += 16) {
            lanes_float a = load_lanes(x + i), b = load_lanes(x + i + count / 2);
            lanes_float sum = a + b, difference = a - b;
            store_lanes(x + i, sum * factor);
            store_lanes(x + i + count / 2, difference * factor);
        }
    }
}

BODY lanes_float codes_of(lanes_float values, float inverse) {
    lanes_float scaled = values * inverse;
    lanes_float shifted = scaled + 8.0f;
    lanes_float least = {0}, most = least + 15.5f;
    shifted = __builtin_elementwise_max(__builtin_elementwise_min(shifted, most), least);
    return __builtin_convertvector(__builtin_convertvector(shifted, lanes_int), lanes_float);
}

BODY void try_step(const float *x, size_t count, float step, float *correlation, float *squares) {
    float inverse = 1.0f / step;
    lanes_float products = {0}, levels = {0};
    for (size_t i = 0; i < count; i += 16) {
        lanes_float values = load_lanes(x + i), level = codes_of(values, inverse) - 7.5f;
        lanes_float product = level * values, square = level * level;
        products = products + product;
        levels = levels + square;
    }
    *correlation = sum_of_lanes(products);
    *squares = sum_of_lanes(levels);
}

/// Steps tried, in deviations of the vector: 0.26, 0.28 … 0.40, then one fitted to the best of them.
enum { step_grid = 8, step_fits = 1 };

BODY mneme_code_sums encode_body(const float *x, size_t count, uint8_t *code) {
    mneme_code_sums sums = {0, 0};
    lanes_float total = {0};
    for (size_t i = 0; i < count; i += 16) {
        lanes_float values = load_lanes(x + i), square = values * values;
        total = total + square;
    }
    sums.squares = sum_of_lanes(total);
    float deviation = sqrtf(sums.squares / (float)count);
    if (!(deviation > 1e-18f)) {
        memset(code, 0x88, count / 2);
        sums.squares = 0;
        return sums;
    }
    float best_step = deviation, best_squares = 1;
    for (int attempt = 0; attempt < step_grid + step_fits; attempt++) {
        float factor = (float)(26 + 2 * attempt) / 100.0f, correlation, squares;
        float step = attempt < step_grid ? deviation * factor : sums.correlation / best_squares;
        try_step(x, count, step, &correlation, &squares);
        // The greater cosine between levels and vector wins; the first of equals.
        double challenge = (double)correlation * correlation * best_squares;
        double record = (double)sums.correlation * sums.correlation * squares;
        if (challenge > record) {
            best_step = step;
            sums.correlation = correlation;
            best_squares = squares;
        }
    }
    float inverse = 1.0f / best_step;
    for (size_t done = 0; done < count; done += 128) {
        size_t half = count - done < 128 ? 32 : 64;
        for (size_t i = 0; i < half; i += 16) {
            lanes_int low = __builtin_convertvector(
                codes_of(load_lanes(x + done + i), inverse), lanes_int);
            lanes_int high = __builtin_convertvector(
                codes_of(load_lanes(x + done + half + i), inverse), lanes_int);
            *(lanes_byte_anywhere *)(code + done / 2 + i) =
                __builtin_convertvector(low | (high << 4), lanes_byte_anywhere);
        }
    }
    return sums;
}

BODY float quantise_body(const float *x, size_t count, int8_t *lanes, int32_t *sum) {
    lanes_float most = {0};
    for (size_t i = 0; i < count; i += 16) {
        lanes_float v = load_lanes(x + i);
        most = __builtin_elementwise_max(most, __builtin_elementwise_max(v, -v));
    }
    float greatest = 0;
    for (int lane = 0; lane < 16; lane++)
        if (most[lane] > greatest) greatest = most[lane];
    float inverse = greatest > 1e-30f ? 127.0f / greatest : 0.0f;
    lanes_int sums = {0};
    const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to the nearest integer.
    for (size_t done = 0; done < count; done += 128) {
        size_t half = count - done < 128 ? 32 : 64;
        if (half == 32) memset(lanes + done, 0, 128);
        for (size_t part = 0; part < 2; part++)
            for (size_t i = 0; i < half; i += 16) {
                lanes_float scaled = load_lanes(x + done + part * half + i) * inverse;
                lanes_float raised = scaled + magic;
                lanes_int whole = __builtin_convertvector(raised - magic, lanes_int);
                sums = sums + whole;
                *(lanes_signed_anywhere *)(lanes + done + part * 64 + i) =
                    __builtin_convertvector(whole, lanes_signed_anywhere);
            }
    }
    int32_t total = 0;
    for (int lane = 0; lane < 16; lane++) total += sums[lane];
    *sum = total;
    return greatest > 1e-30f ? greatest / 127.0f : 0.0f;
}

/// The score of one entry, from the sum of its codes times the lanes.
BODY float finish_score(const mneme_code_query *query, int32_t sum, float scale, float bias) {
    float value = (float)(2 * sum - query->correction) * query->scale;
    value = value * scale;
    value = value - bias;
    return value - query->offset;
}

BODY float half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = half & 0x7fff, bits;
    float value;
    if (rest >= 0x7c00) {
        bits = sign | 0x7f800000 | (rest & 0x3ff) << 13;
    } else if (rest >= 0x0400) {
        bits = sign | ((rest << 13) + (112u << 23));
    } else {
        value = (float)rest * 0x1p-24f;
        memcpy(&bits, &value, 4);
        bits |= sign;
    }
    memcpy(&value, &bits, 4);
    return value;
}

BODY float row_element(int format, const void *row, size_t index) {
    if (format == mneme_rows_float16) {
        uint16_t half;
        memcpy(&half, (const uint8_t *)row + 2 * index, 2);
        return half_to_float(half);
    }
    float value;
    memcpy(&value, (const uint8_t *)row + 4 * index, 4);
    return value;
}

#endif

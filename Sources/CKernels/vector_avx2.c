// Kernels for AVX2 with FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "vector_bodies.h"

BODY int32_t sum_of_eight(__m256i v) {
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
    return _mm_cvtsi128_si32(half);
}

static int32_t code_sum(const mneme_code_query *query, const uint8_t *code) {
    const __m256i low_mask = _mm256_set1_epi8(0x0f), ones = _mm256_set1_epi16(1);
    __m256i total = _mm256_setzero_si256();
    size_t bytes = query->code_byte_count;
    for (size_t at = 0; at < bytes; at += 32) {
        const int8_t *lanes = query->lanes + at / 64 * 128 + at % 64;
        __m256i codes = _mm256_loadu_si256((const __m256i *)(code + at));
        __m256i low = _mm256_and_si256(codes, low_mask);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(codes, 4), low_mask);
        // At most 4 * 15 * 127 in 16 bits: no saturation.
        __m256i pairs = _mm256_add_epi16(
            _mm256_maddubs_epi16(low, _mm256_loadu_si256((const __m256i *)lanes)),
            _mm256_maddubs_epi16(high, _mm256_loadu_si256((const __m256i *)(lanes + 64))));
        total = _mm256_add_epi32(total, _mm256_madd_epi16(pairs, ones));
    }
    return sum_of_eight(total);
}

BODY float sum_of_floats(__m256 v) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    half = _mm_add_ss(half, _mm_shuffle_ps(half, half, 1));
    return _mm_cvtss_f32(half);
}

BODY __m256 row_lanes(int format, const uint8_t *row, size_t index) {
    if (format == mneme_rows_float16)
        return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(row + 2 * index)));
    return _mm256_loadu_ps((const float *)(row + 4 * index));
}

BODY void score_rows(int operation, int format, const float *query, size_t dimension,
                     const void *const *rows, size_t count, float *scores, float *norms) {
    const size_t ahead = 4, byte_count = dimension * (format == mneme_rows_float16 ? 2 : 4);
    for (size_t row = 0; row < count; row++) {
        if (row + ahead < count)
            for (size_t byte = 0; byte < byte_count; byte += 64)
                _mm_prefetch((const char *)rows[row + ahead] + byte, _MM_HINT_T0);
        const uint8_t *bytes = rows[row];
        __m256 sums[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        __m256 squares[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        size_t i = 0;
        for (; i + 8 <= dimension; i += 8) {
            size_t lane = i / 8 % 2;
            __m256 value = row_lanes(format, bytes, i), wanted = _mm256_loadu_ps(query + i);
            if (operation == mneme_rows_squared_distance) {
                __m256 difference = _mm256_sub_ps(wanted, value);
                sums[lane] = _mm256_fmadd_ps(difference, difference, sums[lane]);
            } else {
                sums[lane] = _mm256_fmadd_ps(wanted, value, sums[lane]);
                if (operation == mneme_rows_dot_and_norm)
                    squares[lane] = _mm256_fmadd_ps(value, value, squares[lane]);
            }
        }
        float sum = sum_of_floats(_mm256_add_ps(sums[0], sums[1]));
        float norm = sum_of_floats(_mm256_add_ps(squares[0], squares[1]));
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
    const __m256i flip = _mm256_set1_epi8((char)0x80);
    for (size_t row = 0; row < count; row++) {
        __m256i total = _mm256_setzero_si256();
        for (size_t i = 0; i < byte_count; i += 32) {
            __m256i wanted = _mm256_loadu_si256((const __m256i *)(query + i));
            __m256i value = _mm256_xor_si256(
                _mm256_loadu_si256((const __m256i *)(rows[row] + i)), flip);
            __m256i low = _mm256_madd_epi16(
                _mm256_cvtepi8_epi16(_mm256_castsi256_si128(wanted)),
                _mm256_cvtepi8_epi16(_mm256_castsi256_si128(value)));
            __m256i high = _mm256_madd_epi16(
                _mm256_cvtepi8_epi16(_mm256_extracti128_si256(wanted, 1)),
                _mm256_cvtepi8_epi16(_mm256_extracti128_si256(value, 1)));
            total = _mm256_add_epi32(total, _mm256_add_epi32(low, high));
        }
        dots[row] = sum_of_eight(total);
    }
}

BODY void row_floats(int format, const void *row, size_t dimension, float *values) {
    size_t i = 0;
    for (; i + 8 <= dimension; i += 8) _mm256_storeu_ps(values + i, row_lanes(format, row, i));
    for (; i < dimension; i++) values[i] = row_element(format, row, i);
}

#define SET_NAME "avx2"
#include "vector_narrow.h"
#include "vector_set.h"
#pragma clang attribute pop
const mneme_vector_kernels mneme_vector_kernels_avx2 = SET_OF_KERNELS;
#endif

// Kernels for AVX-512 with VNNI.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"),          \
                   min_vector_width(512))),                                                        \
    apply_to = function)
#include "vector_bodies.h"

/// Where a kernel finds its codes.
enum { in_block, by_index, by_pointer };

typedef struct places {
    const uint8_t *block;
    const uint32_t *indices;
    const uint8_t *const *pointers;
} places;

BODY const uint8_t *place_of(int kind, const places *from, size_t stride, size_t i) {
    if (kind == by_pointer) return from->pointers[i];
    return from->block + (kind == by_index ? from->indices[i] : i) * stride;
}

BODY size_t least_of(size_t one, size_t other) { return one < other ? one : other; }

/// Four codes: each 128-bit part of the result holds four partial sums, one a code.
///
/// From `ahead`, unless it is NULL, as many bytes are fetched line by line between the loads: in
/// one go they would fill the buffers that loads wait for.
BODY __m512i quad_sums(const __m512i *lanes, size_t bytes, const uint8_t *const codes[4],
                       const uint8_t *ahead) {
    const __m512i low_mask = _mm512_set1_epi8(0x0f);
    __m512i low_sums[4], high_sums[4];
    for (size_t i = 0; i < 4; i++) low_sums[i] = high_sums[i] = _mm512_setzero_si512();
    for (size_t at = 0; at < bytes; at += 64, lanes += 2) {
        __m512i low = lanes[0], high = lanes[1];
        for (size_t i = 0; i < 4; i++) {
            __m512i code = at + 64 <= bytes ? _mm512_loadu_si512(codes[i] + at)
                                            : _mm512_maskz_loadu_epi64(0x0f, codes[i] + at);
            if (ahead) _mm_prefetch((const char *)ahead + at + i * bytes, _MM_HINT_T0);
            low_sums[i] =
                _mm512_dpbusd_epi32(low_sums[i], _mm512_and_si512(code, low_mask), low);
            high_sums[i] =
                _mm512_dpbusd_epi32(high_sums[i], _mm512_andnot_si512(low_mask, code), high);
        }
    }
    // The high nibbles were left where they are, sixteen times too heavy: exact to undo.
    for (size_t i = 0; i < 4; i++)
        low_sums[i] = _mm512_add_epi32(low_sums[i], _mm512_srai_epi32(high_sums[i], 4));
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(low_sums[0], low_sums[1]),
                                  _mm512_unpackhi_epi32(low_sums[0], low_sums[1]));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(low_sums[2], low_sums[3]),
                                  _mm512_unpackhi_epi32(low_sums[2], low_sums[3]));
    return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

/// Up to sixteen codes from `first` on, `count` of them: the sums of codes times lanes.
BODY __m512i group_sums(const __m512i *lanes, size_t bytes, int kind, const places *from,
                        size_t first, size_t count, const uint8_t *ahead) {
    __m512i quads[4];
#pragma clang loop unroll(full)
    for (size_t quad = 0; quad < 4; quad++) {
        size_t i = 4 * quad;
        if (i >= count) {
            quads[quad] = _mm512_setzero_si512();
            continue;
        }
        const uint8_t *codes[4];
        for (size_t one = 0; one < 4; one++)
            codes[one] = place_of(kind, from, bytes, first + least_of(i + one, count - 1));
        quads[quad] = quad_sums(lanes, bytes, codes, ahead ? ahead + i * bytes : NULL);
    }
    __m512i even = _mm512_add_epi32(_mm512_shuffle_i32x4(quads[0], quads[1], 0x88),
                                    _mm512_shuffle_i32x4(quads[0], quads[1], 0xdd));
    __m512i odd = _mm512_add_epi32(_mm512_shuffle_i32x4(quads[2], quads[3], 0x88),
                                   _mm512_shuffle_i32x4(quads[2], quads[3], 0xdd));
    return _mm512_add_epi32(_mm512_shuffle_i32x4(even, odd, 0x88),
                            _mm512_shuffle_i32x4(even, odd, 0xdd));
}

BODY __m512 group_scores(const mneme_code_query *query, __m512i sums, __m512 scales,
                         __m512 biases) {
    __m512i centred = _mm512_sub_epi32(_mm512_add_epi32(sums, sums),
                                       _mm512_set1_epi32(query->correction));
    __m512 scores = _mm512_mul_ps(_mm512_cvtepi32_ps(centred), _mm512_set1_ps(query->scale));
    scores = _mm512_mul_ps(scores, scales);
    scores = _mm512_sub_ps(scores, biases);
    return _mm512_sub_ps(scores, _mm512_set1_ps(query->offset));
}

BODY __mmask16 mask_of(size_t rest) {
    return rest >= 16 ? (__mmask16)0xffff : (__mmask16)((1u << rest) - 1);
}

BODY void score_all(const mneme_code_query *query, const __m512i *lanes, size_t bytes, int kind,
                    const places *from, const float *scales, const float *biases, size_t count,
                    float *scores) {
    for (size_t first = 0; first < count; first += 16) {
        size_t rest = count - first;
        __mmask16 mask = mask_of(rest);
        __m512i sums = rest >= 16 ? group_sums(lanes, bytes, kind, from, first, 16, NULL)
                                  : group_sums(lanes, bytes, kind, from, first, rest, NULL);
        __m512 scale, bias;
        if (kind == by_index) {
            __m512i index = _mm512_maskz_loadu_epi32(mask, from->indices + first);
            scale = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, index, scales, 4);
            bias = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, index, biases, 4);
        } else {
            scale = _mm512_maskz_loadu_ps(mask, scales + first);
            bias = _mm512_maskz_loadu_ps(mask, biases + first);
        }
        _mm512_mask_storeu_ps(scores + first, mask, group_scores(query, sums, scale, bias));
    }
}

BODY size_t scan_all(const mneme_code_query *query, const __m512i *lanes, size_t bytes,
                     const uint8_t *codes, const float *scales, const float *biases, size_t count,
                     float threshold, const uint8_t *next, float *scores, uint32_t *indices) {
    places from = {.block = codes};
    const __m512 least = _mm512_set1_ps(threshold);
    const __m512i ascending =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    // Where nothing follows, the lines are fetched that are being looked at.
    const uint8_t *ahead = next ? next : codes;
    size_t passed = 0;
    for (size_t first = 0; first < count; first += 16) {
        size_t rest = count - first;
        __mmask16 mask = mask_of(rest);
        const uint8_t *fetched = ahead + first * bytes;
        __m512i sums = rest >= 16
                           ? group_sums(lanes, bytes, in_block, &from, first, 16, fetched)
                           : group_sums(lanes, bytes, in_block, &from, first, rest, fetched);
        __m512 values = group_scores(query, sums, _mm512_maskz_loadu_ps(mask, scales + first),
                                     _mm512_maskz_loadu_ps(mask, biases + first));
        __mmask16 above = _mm512_mask_cmp_ps_mask(mask, values, least, _CMP_GT_OQ);
        if (__builtin_expect(above != 0, 0)) {
            __m512i index = _mm512_add_epi32(ascending, _mm512_set1_epi32((int)first));
            _mm512_storeu_ps(scores + passed, _mm512_maskz_compress_ps(above, values));
            _mm512_storeu_si512(indices + passed, _mm512_maskz_compress_epi32(above, index));
            passed += (size_t)__builtin_popcount(above);
        }
    }
    return passed;
}

/// Does something with the query's lanes, at a length of codes that is known where the something
/// is compiled: then its loops are unrolled, and the lanes stay in registers. Others take the same
/// way with loops.
#define AT_LENGTH(DO)                                                                              \
    do {                                                                                           \
        const __m512i *all = (const __m512i *)query->lanes;                                        \
        if (query->code_byte_count == 192) {                                                       \
            const __m512i lanes[6] = {all[0], all[1], all[2], all[3], all[4], all[5]};             \
            DO(lanes, 192);                                                                        \
        } else if (query->code_byte_count == 384) {                                                \
            const __m512i lanes[12] = {all[0], all[1], all[2], all[3], all[4],  all[5],            \
                                       all[6], all[7], all[8], all[9], all[10], all[11]};          \
            DO(lanes, 384);                                                                        \
        } else {                                                                                   \
            DO(all, query->code_byte_count);                                                       \
        }                                                                                          \
    } while (0)

static void codes_score(const mneme_code_query *query, const uint8_t *codes, const float *scales,
                        const float *biases, size_t count, float *scores) {
    places from = {.block = codes};
#define SCORE(LANES, BYTES)                                                                        \
    score_all(query, LANES, BYTES, in_block, &from, scales, biases, count, scores)
    AT_LENGTH(SCORE);
#undef SCORE
}

static void codes_score_indices(const mneme_code_query *query, const uint8_t *codes,
                                const float *scales, const float *biases, const uint32_t *indices,
                                size_t count, float *scores) {
    places from = {.block = codes, .indices = indices};
#define SCORE(LANES, BYTES)                                                                        \
    score_all(query, LANES, BYTES, by_index, &from, scales, biases, count, scores)
    AT_LENGTH(SCORE);
#undef SCORE
}

static void codes_score_pointers(const mneme_code_query *query, const uint8_t *const *codes,
                                 const float *scales, const float *biases, size_t count,
                                 float *scores) {
    places from = {.pointers = codes};
#define SCORE(LANES, BYTES)                                                                        \
    score_all(query, LANES, BYTES, by_pointer, &from, scales, biases, count, scores)
    AT_LENGTH(SCORE);
#undef SCORE
}

static size_t codes_scan(const mneme_code_query *query, const uint8_t *codes, const float *scales,
                         const float *biases, size_t count, float threshold, const uint8_t *next,
                         float *scores, uint32_t *indices) {
#define SCAN(LANES, BYTES)                                                                         \
    return scan_all(query, LANES, BYTES, codes, scales, biases, count, threshold, next, scores,    \
                    indices)
    AT_LENGTH(SCAN);
#undef SCAN
}

BODY __m512 row_lanes(int format, const uint8_t *row, size_t index, __mmask16 mask) {
    if (format == mneme_rows_float16)
        return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, row + 2 * index));
    return _mm512_maskz_loadu_ps(mask, row + 4 * index);
}

BODY void score_rows(int operation, int format, const float *query, size_t dimension,
                     const void *const *rows, size_t count, float *scores, float *norms) {
    const size_t ahead = 4, byte_count = dimension * (format == mneme_rows_float16 ? 2 : 4);
    for (size_t row = 0; row < ahead && row < count; row++)
        for (size_t byte = 0; byte < byte_count; byte += 64)
            _mm_prefetch((const char *)rows[row] + byte, _MM_HINT_T0);
    for (size_t row = 0; row < count; row++) {
        if (row + ahead < count)
            for (size_t byte = 0; byte < byte_count; byte += 64)
                _mm_prefetch((const char *)rows[row + ahead] + byte, _MM_HINT_T0);
        const uint8_t *bytes = rows[row];
        __m512 sums[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
        __m512 squares[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
        for (size_t i = 0; i < dimension; i += 16) {
            size_t lane = i / 16 % 2;
            __mmask16 mask = mask_of(dimension - i);
            __m512 value = row_lanes(format, bytes, i, mask);
            __m512 wanted = _mm512_maskz_loadu_ps(mask, query + i);
            if (operation == mneme_rows_squared_distance) {
                __m512 difference = _mm512_sub_ps(wanted, value);
                sums[lane] = _mm512_fmadd_ps(difference, difference, sums[lane]);
            } else {
                sums[lane] = _mm512_fmadd_ps(wanted, value, sums[lane]);
                if (operation == mneme_rows_dot_and_norm)
                    squares[lane] = _mm512_fmadd_ps(value, value, squares[lane]);
            }
        }
        scores[row] = _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
        if (operation == mneme_rows_dot_and_norm)
            norms[row] = _mm512_reduce_add_ps(_mm512_add_ps(squares[0], squares[1]));
    }
}

static void bytes_dot(const int8_t *query, size_t byte_count, const uint8_t *const *rows,
                      size_t count, int32_t *dots) {
    __m512i weight = _mm512_setzero_si512(), ones = _mm512_set1_epi8(1);
    for (size_t i = 0; i < byte_count; i += 64)
        weight = _mm512_dpbusd_epi32(weight, ones, _mm512_loadu_si512(query + i));
    int32_t correction = 128 * _mm512_reduce_add_epi32(weight);
    const size_t ahead = 8;
    for (size_t row = 0; row < count; row++) {
        if (row + ahead < count)
            for (size_t byte = 0; byte < byte_count; byte += 64)
                _mm_prefetch((const char *)rows[row + ahead] + byte, _MM_HINT_T0);
        __m512i sum = _mm512_setzero_si512();
        for (size_t i = 0; i < byte_count; i += 64)
            sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(rows[row] + i),
                                      _mm512_loadu_si512(query + i));
        dots[row] = _mm512_reduce_add_epi32(sum) - correction;
    }
}

static float load(int format, const void *row, size_t dimension, float *values) {
    __m512 total = _mm512_setzero_ps();
    for (size_t i = 0; i < dimension; i += 16) {
        __mmask16 mask = mask_of(dimension - i);
        __m512 value = row_lanes(format, row, i, mask), square = _mm512_mul_ps(value, value);
        total = _mm512_add_ps(total, square);
        _mm512_mask_storeu_ps(values + i, mask, value);
    }
    return sum_of_lanes((lanes_float)total);
}

#define SET_NAME "avx512vnni"
#include "vector_set.h"
#pragma clang attribute pop
const mneme_vector_kernels mneme_vector_kernels_avx512 = SET_OF_KERNELS;
#endif

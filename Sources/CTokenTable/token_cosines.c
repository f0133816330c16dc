// Cosines of tokens' rows with the vectors of a question's words. Products are summed in integers,
// so every machine comes to the same bytes.
#include "CTokenTable.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { DIMENSION = 256, LANES = MNEME_COSINE_LANES };

// What a sum of products comes to: the share of the cosine's 255 steps, none below zero.
static inline uint8_t step(int32_t sum, float scale) {
    float share = (float)sum * scale;
    if (!(share > 0)) return 0;
    return share >= 255 ? 255 : (uint8_t)(share + 0.5f);
}

static inline __attribute__((always_inline)) void cosines(
    const int8_t *row, float row_scale, const int8_t *words, const float *scales,
    size_t word_count, uint8_t *cosines) {
    for (size_t word = 0; word < word_count; word++) {
        const int8_t *other = words + word * DIMENSION;
        int32_t sum = 0;
        for (int column = 0; column < DIMENSION; column++) sum += row[column] * other[column];
        cosines[word] = step(sum, row_scale * scales[word]);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void cosines_avx2(
    const int8_t *row, float row_scale, const int8_t *words, const float *scales,
    size_t word_count, uint8_t *steps) {
    cosines(row, row_scale, words, scales, word_count, steps);
}

// Signed times signed by an instruction for unsigned times signed: the row is raised by 128, and
// 128 times the word's sum taken off again.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) static void cosines_vnni(
    const int8_t *row, float row_scale, const int8_t *words, const float *scales,
    size_t word_count, uint8_t *steps) {
    const __m512i high = _mm512_set1_epi8((char)0x80);
    __m512i raised[4];
    for (int part = 0; part < 4; part++)
        raised[part] = _mm512_xor_si512(_mm512_loadu_si512(row + 64 * part), high);
    for (size_t word = 0; word < word_count; word++) {
        const int8_t *other = words + word * DIMENSION;
        __m512i sum = _mm512_setzero_si512(), offset = _mm512_setzero_si512();
        for (int part = 0; part < 4; part++) {
            __m512i factor = _mm512_loadu_si512(other + 64 * part);
            sum = _mm512_dpbusd_epi32(sum, raised[part], factor);
            offset = _mm512_dpbusd_epi32(offset, high, factor);
        }
        steps[word] = step(
            _mm512_reduce_add_epi32(_mm512_sub_epi32(sum, offset)), row_scale * scales[word]);
    }
}
#endif

void mneme_token_cosines(
    const uint16_t *tokens, size_t count, const float *row_scales, const int8_t *words,
    const float *scales, size_t word_count, uint8_t *steps) {
    memset(steps, 0, count * LANES);
    if (word_count > LANES) word_count = LANES;
    void (*of_row)(const int8_t *, float, const int8_t *, const float *, size_t, uint8_t *) =
        cosines;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw"))
        of_row = cosines_vnni;
    else if (__builtin_cpu_supports("avx2"))
        of_row = cosines_avx2;
#endif
    for (size_t index = 0; index < count; index++) {
        const int8_t *row = mneme_token_row(tokens[index]);
        if (row)
            of_row(row, row_scales[tokens[index]], words, scales, word_count, steps + LANES * index);
    }
}

void mneme_token_cosines_plainly(
    const uint16_t *tokens, size_t count, const float *row_scales, const int8_t *words,
    const float *scales, size_t word_count, uint8_t *steps) {
    memset(steps, 0, count * LANES);
    if (word_count > LANES) word_count = LANES;
    for (size_t index = 0; index < count; index++) {
        const int8_t *row = mneme_token_row(tokens[index]);
        if (!row) continue;
        cosines(
            row, row_scales[tokens[index]], words, scales, word_count, steps + LANES * index);
    }
}

void mneme_token_squares(uint32_t *squares) {
    for (uint32_t token = 0; token < mneme_token_count(); token++) {
        const int8_t *row = mneme_token_row((uint16_t)token);
        uint32_t sum = 0;
        for (int column = 0; column < DIMENSION; column++)
            sum += (uint32_t)(row[column] * row[column]);
        squares[token] = sum;
    }
}

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

// The sum of each of eight registers of sixteen numbers.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) static inline __m256i
sums_of_eight(const __m512i *of) {
    __m256i half[LANES];
    for (int word = 0; word < LANES; word++)
        half[word] = _mm256_add_epi32(
            _mm512_castsi512_si256(of[word]), _mm512_extracti64x4_epi64(of[word], 1));
    __m256i four[4];
    for (int pair = 0; pair < 4; pair++)
        four[pair] = _mm256_hadd_epi32(half[2 * pair], half[2 * pair + 1]);
    __m256i low = _mm256_hadd_epi32(four[0], four[1]), high = _mm256_hadd_epi32(four[2], four[3]);
    return _mm256_add_epi32(
        _mm256_permute2x128_si256(low, high, 0x20), _mm256_permute2x128_si256(low, high, 0x31));
}

// Signed times signed by an instruction for unsigned times signed: the row is raised by 128, and
// 128 times the word's sum taken off again. Words that are not there are zeros.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) static void all_vnni(
    const uint16_t *tokens, size_t count, const float *row_scales, const int8_t *words,
    const float *scales, size_t word_count, uint8_t *steps) {
    const __m512i high = _mm512_set1_epi8((char)0x80);
    __m512i lanes[LANES][4], offsets[LANES];
    float scale[LANES] = {0};
    for (size_t word = 0; word < LANES; word++) {
        offsets[word] = _mm512_setzero_si512();
        for (int part = 0; part < 4; part++) {
            lanes[word][part] = word < word_count
                                    ? _mm512_loadu_si512(words + word * DIMENSION + 64 * part)
                                    : _mm512_setzero_si512();
            offsets[word] = _mm512_dpbusd_epi32(offsets[word], high, lanes[word][part]);
        }
        if (word < word_count) scale[word] = scales[word];
    }
    const __m256i offset = sums_of_eight(offsets);
    const __m256 word_scales = _mm256_loadu_ps(scale);
    enum { AHEAD = 8 };
    for (size_t index = 0; index < count; index++) {
        if (index + AHEAD < count) {
            const int8_t *later = mneme_token_row(tokens[index + AHEAD]);
            if (later)
                for (int part = 0; part < 4; part++) __builtin_prefetch(later + 64 * part);
        }
        const int8_t *row = mneme_token_row(tokens[index]);
        if (!row) continue;
        __m512i sums[LANES];
        for (int word = 0; word < LANES; word++) sums[word] = _mm512_setzero_si512();
        for (int part = 0; part < 4; part++) {
            __m512i raised = _mm512_xor_si512(_mm512_loadu_si512(row + 64 * part), high);
            for (int word = 0; word < LANES; word++)
                sums[word] = _mm512_dpbusd_epi32(sums[word], raised, lanes[word][part]);
        }
        __m256 share = _mm256_mul_ps(
            _mm256_cvtepi32_ps(_mm256_sub_epi32(sums_of_eight(sums), offset)),
            _mm256_mul_ps(_mm256_set1_ps(row_scales[tokens[index]]), word_scales));
        share = _mm256_min_ps(_mm256_max_ps(share, _mm256_setzero_ps()), _mm256_set1_ps(255));
        __m256i whole = _mm256_cvttps_epi32(_mm256_add_ps(share, _mm256_set1_ps(0.5f)));
        __m128i narrow = _mm_packus_epi32(
            _mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
        _mm_storel_epi64(
            (__m128i *)(steps + LANES * index), _mm_packus_epi16(narrow, _mm_setzero_si128()));
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
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")) {
        all_vnni(tokens, count, row_scales, words, scales, word_count, steps);
        return;
    }
    if (__builtin_cpu_supports("avx2"))
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

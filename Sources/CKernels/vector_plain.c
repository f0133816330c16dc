// Kernels in plain C: the definition that the other sets are held against, and what runs where none
// of them can.
#include "vector_bodies.h"

static int32_t code_sum(const mneme_code_query *query, const uint8_t *code) {
    int32_t sum = 0;
    for (size_t i = 0; i < query->code_byte_count; i++) {
        const int8_t *lanes = query->lanes + i / 64 * 128 + i % 64;
        sum += (code[i] & 0x0f) * lanes[0] + (code[i] >> 4) * lanes[64];
    }
    return sum;
}

static void codes_score(const mneme_code_query *query, const uint8_t *codes, const float *scales,
                        const float *biases, size_t count, float *scores) {
    for (size_t i = 0; i < count; i++)
        scores[i] = finish_score(
            query, code_sum(query, codes + i * query->code_byte_count), scales[i], biases[i]);
}

static size_t codes_scan(const mneme_code_query *query, const uint8_t *codes, const float *scales,
                         const float *biases, size_t count, float threshold, const uint8_t *next,
                         float *scores, uint32_t *indices) {
    size_t passed = 0;
    (void)next;
    for (size_t i = 0; i < count; i++) {
        float score = finish_score(
            query, code_sum(query, codes + i * query->code_byte_count), scales[i], biases[i]);
        if (score > threshold) {
            scores[passed] = score;
            indices[passed++] = (uint32_t)i;
        }
    }
    return passed;
}

static void codes_score_indices(const mneme_code_query *query, const uint8_t *codes,
                                const float *scales, const float *biases, const uint32_t *indices,
                                size_t count, float *scores) {
    for (size_t i = 0; i < count; i++) {
        size_t index = indices[i];
        scores[i] = finish_score(query, code_sum(query, codes + index * query->code_byte_count),
                                 scales[index], biases[index]);
    }
}

static void codes_score_pointers(const mneme_code_query *query, const uint8_t *const *codes,
                                 const float *scales, const float *biases, size_t count,
                                 float *scores) {
    for (size_t i = 0; i < count; i++)
        scores[i] = finish_score(query, code_sum(query, codes[i]), scales[i], biases[i]);
}

static void rows_score(int operation, int format, const float *query, size_t dimension,
                       const void *const *rows, size_t count, float *scores, float *norms) {
    for (size_t row = 0; row < count; row++) {
        float sums[4] = {0}, squares[4] = {0};
        for (size_t i = 0; i < dimension; i++) {
            float value = row_element(format, rows[row], i);
            float difference = query[i] - value;
            if (operation == mneme_rows_squared_distance) {
                sums[i % 4] += difference * difference;
            } else {
                sums[i % 4] += query[i] * value;
                squares[i % 4] += value * value;
            }
        }
        scores[row] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        if (operation == mneme_rows_dot_and_norm)
            norms[row] = (squares[0] + squares[1]) + (squares[2] + squares[3]);
    }
}

static void bytes_dot(const int8_t *query, size_t byte_count, const uint8_t *const *rows,
                      size_t count, int32_t *dots) {
    for (size_t row = 0; row < count; row++) {
        int32_t sum = 0;
        for (size_t i = 0; i < byte_count; i++) sum += query[i] * ((int)rows[row][i] - 128);
        dots[row] = sum;
    }
}

static void rotate(float *values, size_t count, const uint32_t *signs) {
    rotate_body(values, count, signs);
}

static mneme_code_sums encode(const float *values, size_t count, uint8_t *code) {
    return encode_body(values, count, code);
}

static float quantise(const float *values, size_t count, int8_t *lanes, int32_t *sum) {
    return quantise_body(values, count, lanes, sum);
}

static float load(int format, const void *row, size_t dimension, float *values) {
    float squares[16] = {0};
    lanes_float total;
    for (size_t i = 0; i < dimension; i++) {
        float value = row_element(format, row, i), square = value * value;
        values[i] = value;
        squares[i % 16] = squares[i % 16] + square;
    }
    total = load_lanes(squares);
    return sum_of_lanes(total);
}

const mneme_vector_kernels mneme_vector_kernels_plain = {
    .name = "plain",
    .codes_score = codes_score,
    .codes_scan = codes_scan,
    .codes_score_indices = codes_score_indices,
    .codes_score_pointers = codes_score_pointers,
    .rows_score = rows_score,
    .bytes_dot = bytes_dot,
    .rotate = rotate,
    .encode = encode,
    .quantise = quantise,
    .load = load,
};

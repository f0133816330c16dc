// The end of every file with a set of kernels: row scores for each operation and format, the bodies
// compiled for the file's target, and the table. No include guard: each set includes it once.
#include "vector_sets.h"

static void rows_score(int operation, int format, const float *query, size_t dimension,
                       const void *const *rows, size_t count, float *scores, float *norms) {
#define ROWS(OPERATION, FORMAT)                                                                    \
    if (operation == OPERATION && format == FORMAT)                                                \
        return score_rows(OPERATION, FORMAT, query, dimension, rows, count, scores, norms)
    ROWS(mneme_rows_dot, mneme_rows_float32);
    ROWS(mneme_rows_dot, mneme_rows_float16);
    ROWS(mneme_rows_dot_and_norm, mneme_rows_float32);
    ROWS(mneme_rows_dot_and_norm, mneme_rows_float16);
    ROWS(mneme_rows_squared_distance, mneme_rows_float32);
    ROWS(mneme_rows_squared_distance, mneme_rows_float16);
#undef ROWS
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

#define SET_OF_KERNELS                                                                             \
    {                                                                                              \
        .name = SET_NAME,                                                                          \
        .codes_score = codes_score,                                                                \
        .codes_scan = codes_scan,                                                                  \
        .codes_score_indices = codes_score_indices,                                                \
        .codes_score_pointers = codes_score_pointers,                                              \
        .rows_score = rows_score,                                                                  \
        .bytes_dot = bytes_dot,                                                                    \
        .rotate = rotate,                                                                          \
        .encode = encode,                                                                          \
        .quantise = quantise,                                                                      \
        .load = load,                                                                              \
    }

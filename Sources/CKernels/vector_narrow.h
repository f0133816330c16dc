// What the sets share that score one code at a time: they define `code_sum` and `row_floats`, this
// file makes the kernels of them. No include guard: each such set includes it once.

static void codes_score(const mneme_code_query *query, const uint8_t *codes, const float *scales,
                        const float *biases, size_t count, float *scores) {
    for (size_t i = 0; i < count; i++)
        scores[i] = finish_score(
            query, code_sum(query, codes + i * query->code_byte_count), scales[i], biases[i]);
}

static size_t codes_scan(const mneme_code_query *query, const uint8_t *codes, const float *scales,
                         const float *biases, size_t count, float threshold, const uint8_t *next,
                         float *scores, uint32_t *indices) {
    size_t passed = 0, stride = query->code_byte_count;
    for (size_t i = 0; i < count; i++) {
        if (next)
            for (size_t byte = 0; byte < stride; byte += 64)
                __builtin_prefetch(next + i * stride + byte);
        float score = finish_score(
            query, code_sum(query, codes + i * query->code_byte_count), scales[i], biases[i]);
        scores[passed] = score;
        indices[passed] = (uint32_t)i;
        passed += score > threshold;
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

static float load(int format, const void *row, size_t dimension, float *values) {
    row_floats(format, row, dimension, values);
    lanes_float total = {0};
    size_t i = 0;
    for (; i + 16 <= dimension; i += 16) {
        lanes_float value = load_lanes(values + i), square = value * value;
        total = total + square;
    }
    if (i < dimension) {
        float rest[16] = {0};
        memcpy(rest, values + i, (dimension - i) * sizeof(float));
        lanes_float value = load_lanes(rest), square = value * value;
        total = total + square;
    }
    return sum_of_lanes(total);
}

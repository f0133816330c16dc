// Reads the table in place. It is part of the program's text, so its header is trusted; what comes
// from callers (token numbers, scalars, words) is not.
#include "CTokenTable.h"
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the table is read in place and little-endian"
#endif

struct header {
    uint8_t magic[8];
    uint32_t version, token_count, dimension;
    float scale;
    uint32_t weight_bits, longest_token, slot_bits, block_count, fold_count;
    uint32_t token_ends, token_bytes, slots, fold_index, fold_blocks, folds, fold_bytes, weights;
    uint32_t rows, byte_count;
};

_Static_assert(sizeof(struct header) == 84, "the header of formats/token-table.md");

enum { FIRST_FOLD = 4, DIMENSION = 256, NO_TOKEN = 0xFFFF, LONGEST_TOKEN = 64 };

extern const uint8_t mneme_token_table[] __attribute__((visibility("hidden")));

static const struct header *header(void) { return (const struct header *)mneme_token_table; }

#define SECTION(type, name) ((const type *)(mneme_token_table + header()->name))

const uint8_t *mneme_token_table_bytes(void) { return mneme_token_table; }

size_t mneme_token_table_size(void) { return header()->byte_count; }

uint32_t mneme_token_count(void) { return header()->token_count; }

uint32_t mneme_token_dimension(void) { return header()->dimension; }

uint32_t mneme_token_weight_bits(void) { return header()->weight_bits; }

const uint8_t *mneme_token_text(uint32_t token, size_t *count) {
    *count = 0;
    if (token >= header()->token_count) return NULL;
    const uint32_t *ends = SECTION(uint32_t, token_ends);
    *count = ends[token + 1] - ends[token];
    return SECTION(uint8_t, token_bytes) + ends[token];
}

struct mneme_fold mneme_fold_scalar(uint32_t scalar) {
    struct mneme_fold fold = {NULL, 0, MNEME_FOLD_DROPPED};
    if (scalar > 0x10FFFF) return fold;
    uint32_t block = SECTION(uint16_t, fold_index)[scalar >> 7];
    uint32_t code = SECTION(uint16_t, fold_blocks)[block << 7 | (scalar & 127)];
    if (code < FIRST_FOLD) {
        fold.kind = code;
        return fold;
    }
    uint32_t entry = SECTION(uint32_t, folds)[code - FIRST_FOLD];
    fold.bytes = SECTION(uint8_t, fold_bytes) + (entry & 0xFFFFFF);
    fold.count = entry >> 24 & 127;
    fold.kind = entry >> 31 ? MNEME_FOLD_ALONE : MNEME_FOLD_WORD;
    return fold;
}

// FNV-1a, whose value after a prefix is the start for every longer one.
static const uint32_t EMPTY_HASH = 0x811C9DC5u;

static inline uint32_t extended(uint32_t hash, uint8_t byte) { return (hash ^ byte) * 0x01000193u; }

// The token spelled by `prefix` (`##` or nothing) and `length` bytes, or NO_TOKEN.
static inline uint32_t find(
    uint32_t hash, uint32_t prefix, const uint8_t *bytes, size_t length) {
    const struct header *head = header();
    const uint16_t *slots = SECTION(uint16_t, slots);
    const uint32_t *ends = SECTION(uint32_t, token_ends);
    const uint8_t *texts = SECTION(uint8_t, token_bytes);
    uint32_t last = (1u << head->slot_bits) - 1;
    uint32_t slot = hash * 0x9E3779B1u >> (32 - head->slot_bits);
    for (uint32_t token; (token = slots[slot]) != NO_TOKEN; slot = (slot + 1) & last) {
        const uint8_t *text = texts + ends[token];
        if (ends[token + 1] - ends[token] != prefix + length) continue;
        if (prefix && (text[0] != '#' || text[1] != '#')) continue;
        if (memcmp(text + prefix, bytes, length) == 0) return token;
    }
    return NO_TOKEN;
}

size_t mneme_word_pieces(const uint8_t *word, size_t length, uint16_t *pieces) {
    uint32_t hashes[LONGEST_TOKEN];
    size_t count = 0, start = 0;
    while (start < length) {
        uint32_t prefix = start ? 2 : 0;
        uint32_t hash = EMPTY_HASH, token = NO_TOKEN;
        if (prefix) hash = extended(extended(hash, '#'), '#');
        size_t taken = header()->longest_token - prefix;
        if (taken > length - start) taken = length - start;
        for (size_t index = 0; index < taken; index++)
            hashes[index] = hash = extended(hash, word[start + index]);
        for (; taken > 0; taken--) {
            token = find(hashes[taken - 1], prefix, word + start, taken);
            if (token != NO_TOKEN) break;
        }
        if (token == NO_TOKEN || count == MNEME_LONGEST_WORD) {
            pieces[0] = MNEME_UNKNOWN_TOKEN;
            return 1;
        }
        pieces[count++] = (uint16_t)token;
        start += taken;
    }
    return count;
}

const int8_t *mneme_token_row(uint16_t token) {
    if (token >= header()->token_count) return NULL;
    return SECTION(int8_t, rows) + (size_t)token * DIMENSION;
}

void mneme_general_weights(const uint16_t *tokens, size_t count, int16_t *weights) {
    const int16_t *general = SECTION(int16_t, weights);
    uint32_t limit = header()->token_count;
    for (size_t index = 0; index < count; index++)
        weights[index] = tokens[index] < limit ? general[tokens[index]] : 0;
}

// |weight| ≤ 32,768 and |row| ≤ 127, so 512 products fit in 32 bits.
enum { BLOCK = 512 };

static inline __attribute__((always_inline)) void sum_rows(
    const uint16_t *tokens, const int16_t *weights, size_t count, int64_t *sums) {
    const int8_t *rows = SECTION(int8_t, rows);
    uint32_t limit = header()->token_count;
    for (int column = 0; column < DIMENSION; column++) sums[column] = 0;
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t end = count - start < BLOCK ? count : start + BLOCK;
        int32_t block[DIMENSION] = {0};
        for (size_t index = start; index < end; index++) {
            if (tokens[index] >= limit) continue;
            const int8_t *row = rows + (size_t)tokens[index] * DIMENSION;
            int32_t weight = weights[index];
            for (int column = 0; column < DIMENSION; column++)
                block[column] += weight * row[column];
        }
        for (int column = 0; column < DIMENSION; column++) sums[column] += block[column];
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void sum_rows_avx2(
    const uint16_t *tokens, const int16_t *weights, size_t count, int64_t *sums) {
    sum_rows(tokens, weights, count, sums);
}
#endif

void mneme_sum_rows(
    const uint16_t *tokens, const int16_t *weights, size_t count, int64_t *sums) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        sum_rows_avx2(tokens, weights, count, sums);
        return;
    }
#endif
    sum_rows(tokens, weights, count, sums);
}

void mneme_sum_rows_plainly(
    const uint16_t *tokens, const int16_t *weights, size_t count, int64_t *sums) {
    memset(sums, 0, DIMENSION * sizeof *sums);
    for (size_t index = 0; index < count; index++)
        for (int column = 0; column < DIMENSION && tokens[index] < header()->token_count; column++)
            sums[column] += (int64_t)weights[index]
                * SECTION(int8_t, rows)[(size_t)tokens[index] * DIMENSION + column];
}

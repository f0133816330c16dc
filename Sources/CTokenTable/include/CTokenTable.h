// The static token table: vocabulary, folding, weights and rows, linked into the binary and read in
// place. The page is formats/token-table.md. Everything here is a pure function of its arguments.
#ifndef MNEME_CTOKENTABLE_H
#define MNEME_CTOKENTABLE_H
#include <stddef.h>
#include <stdint.h>

/// The token for a word that no pieces spell.
#define MNEME_UNKNOWN_TOKEN 100
/// The longest word in characters that is looked up, and the most pieces that a word has.
#define MNEME_LONGEST_WORD 100

/// What a character becomes.
enum mneme_fold_kind {
    MNEME_FOLD_WORD = 0,
    MNEME_FOLD_ALONE = 1,
    MNEME_FOLD_SPACE = 2,
    MNEME_FOLD_DROPPED = 3,
};

/// A character's folding. `bytes` is null when the character stays as it is.
struct mneme_fold {
    const uint8_t *_Nullable bytes;
    uint32_t count;
    uint32_t kind;
};

/// The table's bytes and their number.
const uint8_t *_Nonnull mneme_token_table_bytes(void);
size_t mneme_token_table_size(void);

uint32_t mneme_token_count(void);
uint32_t mneme_token_dimension(void);
uint32_t mneme_token_weight_bits(void);

/// The bytes of a token, `##` included; null and 0 for a number that is no token.
const uint8_t *_Nullable mneme_token_text(uint32_t token, size_t *_Nonnull count);

/// The folding of a Unicode scalar; numbers above 0x10FFFF are dropped.
struct mneme_fold mneme_fold_scalar(uint32_t scalar);

/// Splits a folded word into the longest pieces from the left. Writes at most MNEME_LONGEST_WORD
/// tokens and returns their number; a word that cannot be spelled is one unknown token.
size_t mneme_word_pieces(
    const uint8_t *_Nonnull word, size_t length, uint16_t *_Nonnull pieces);

/// The row of a token; null for a number that is no token.
const int8_t *_Nullable mneme_token_row(uint16_t token);

/// Writes the sum of the squares of every token's row.
void mneme_token_squares(uint32_t *_Nonnull squares);

/// For how many words cosines are taken at a time.
#define MNEME_COSINE_LANES 8

/// Writes the cosines of `count` tokens' rows with `word_count` vectors of a row's length, at most
/// MNEME_COSINE_LANES, in steps of 1 / 255, none below zero: [count, MNEME_COSINE_LANES], zeros
/// for words that are not there and for numbers that are no token. `row_scales` has a number for
/// each token and `scales` one for each word, whose product with 255 in it makes steps of sums.
void mneme_token_cosines(
    const uint16_t *_Nonnull tokens, size_t count, const float *_Nonnull row_scales,
    const int8_t *_Nonnull words, const float *_Nonnull scales, size_t word_count,
    uint8_t *_Nonnull steps);

/// The same by the plain definition, for the tests.
void mneme_token_cosines_plainly(
    const uint16_t *_Nonnull tokens, size_t count, const float *_Nonnull row_scales,
    const int8_t *_Nonnull words, const float *_Nonnull scales, size_t word_count,
    uint8_t *_Nonnull steps);

/// Writes the general weights of `count` tokens.
void mneme_general_weights(
    const uint16_t *_Nonnull tokens, size_t count, int16_t *_Nonnull weights);

/// Writes the sum of weight times row, one number a dimension. Exact, so neither the order of the
/// tokens nor the machine matters. Numbers that are no token add nothing.
void mneme_sum_rows(
    const uint16_t *_Nonnull tokens, const int16_t *_Nonnull weights, size_t count,
    int64_t *_Nonnull sums);

/// The same by the plain definition, for the tests.
void mneme_sum_rows_plainly(
    const uint16_t *_Nonnull tokens, const int16_t *_Nonnull weights, size_t count,
    int64_t *_Nonnull sums);

#endif

// Arithmetic over vectors and vector codes. Every kernel exists for AVX-512 with VNNI, AVX2, NEON
// and as plain C; one set is chosen at load. Layouts and formulas: formats/vector-codes.md. All but
// the row scores give the same bits in every set.
#ifndef MNEME_VECTOR_KERNELS_H
#define MNEME_VECTOR_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/// A query made ready for 4-bit codes. `lanes` holds 128 bytes for every 64 bytes of code, begun or
/// whole: first the 64 weights of the low nibbles, then those of the high ones, 64-byte aligned.
typedef struct mneme_code_query {
    const int8_t *_Nonnull lanes;
    size_t code_byte_count;
    int32_t correction;
    float scale;
    float offset;
} mneme_code_query;

/// What a row score is made of.
enum {
    mneme_rows_dot = 0,
    mneme_rows_dot_and_norm = 1,
    mneme_rows_squared_distance = 2,
};

/// How a row's elements are stored, little-endian, at any alignment.
enum {
    mneme_rows_float32 = 0,
    mneme_rows_float16 = 1,
};

/// Rounds of the rotation.
enum { mneme_rotation_rounds = 4 };

/// What became of a vector that was coded.
typedef struct mneme_code_sums {
    /// The sum of squares of the rotated vector.
    float squares;
    /// The inner product of the levels (code - 7.5) and the rotated vector.
    float correlation;
} mneme_code_sums;

/// One set of kernels. In every score of codes, entry i gets
/// `(2 * sum(code * lane) - correction) * query.scale * scales[i] - biases[i] - query.offset`.
typedef struct mneme_vector_kernels {
    const char *_Nonnull name;
    /// Scores `count` codes that lie side by side.
    void (*_Nonnull codes_score)(
        const mneme_code_query *_Nonnull query, const uint8_t *_Nonnull codes,
        const float *_Nonnull scales, const float *_Nonnull biases, size_t count,
        float *_Nonnull scores);
    /// As `codes_score`, but keeps only scores above `threshold`, in order, with their indices.
    /// Returns how many. Both outputs need room for `count + 16`. `next` is where the codes of the
    /// next call lie, for the caches' sake alone; null when that is not known.
    size_t (*_Nonnull codes_scan)(
        const mneme_code_query *_Nonnull query, const uint8_t *_Nonnull codes,
        const float *_Nonnull scales, const float *_Nonnull biases, size_t count, float threshold,
        const uint8_t *_Nullable next, float *_Nonnull scores, uint32_t *_Nonnull indices);
    /// Scores the codes at `indices` of a block: scores[i] belongs to indices[i].
    void (*_Nonnull codes_score_indices)(
        const mneme_code_query *_Nonnull query, const uint8_t *_Nonnull codes,
        const float *_Nonnull scales, const float *_Nonnull biases,
        const uint32_t *_Nonnull indices, size_t count, float *_Nonnull scores);
    /// Scores codes that lie anywhere; scales and biases are in the order of the list.
    void (*_Nonnull codes_score_pointers)(
        const mneme_code_query *_Nonnull query, const uint8_t *_Nonnull const *_Nonnull codes,
        const float *_Nonnull scales, const float *_Nonnull biases, size_t count,
        float *_Nonnull scores);
    /// Inner products or squared distances of full rows with a query; `norms` receives the rows'
    /// sums of squares when `operation` asks for them and is not touched otherwise.
    void (*_Nonnull rows_score)(
        int operation, int format, const float *_Nonnull query, size_t dimension,
        const void *_Nonnull const *_Nonnull rows, size_t count, float *_Nonnull scores,
        float *_Nonnull norms);
    /// Inner products of signed bytes in -127...127 with rows of unsigned bytes that stand for
    /// byte - 128. `query` is 64-byte padded with zeros, as are the rows with any byte.
    void (*_Nonnull bytes_dot)(
        const int8_t *_Nonnull query, size_t byte_count, const uint8_t *_Nonnull const *_Nonnull rows,
        size_t count, int32_t *_Nonnull dots);
    /// Rotates `count` floats (a multiple of 64) in place. `signs` holds, for every round, `count`
    /// masks that are 0 or the sign bit.
    void (*_Nonnull rotate)(float *_Nonnull values, size_t count, const uint32_t *_Nonnull signs);
    /// Codes a rotated vector; writes `count / 2` bytes.
    mneme_code_sums (*_Nonnull encode)(
        const float *_Nonnull values, size_t count, uint8_t *_Nonnull code);
    /// Turns a rotated query into lanes; returns the step, and the sum of the lanes. Lanes that no
    /// dimension has become 0.
    float (*_Nonnull quantise)(
        const float *_Nonnull values, size_t count, int8_t *_Nonnull lanes, int32_t *_Nonnull sum);
    /// Reads a row into floats and returns the sum of its squares: not finite when an element is
    /// not, or when the sum exceeds what a float can say.
    float (*_Nonnull load)(
        int format, const void *_Nonnull row, size_t dimension, float *_Nonnull values);
} mneme_vector_kernels;

/// The set chosen for this machine.
const mneme_vector_kernels *_Nonnull mneme_vector_kernels_chosen(void);

/// The n-th set that this machine can run, best first, or null; plain C is the last.
const mneme_vector_kernels *_Nullable mneme_vector_kernels_at(size_t index);

#endif

// The sets of kernels, for the choice alone.
#ifndef MNEME_VECTOR_SETS_H
#define MNEME_VECTOR_SETS_H
#include "vector_kernels.h"

extern const mneme_vector_kernels mneme_vector_kernels_plain;
#if defined(__x86_64__)
extern const mneme_vector_kernels mneme_vector_kernels_avx512;
extern const mneme_vector_kernels mneme_vector_kernels_avx2;
#elif defined(__aarch64__)
extern const mneme_vector_kernels mneme_vector_kernels_neon;
#endif

#endif

// The choice among the sets of kernels, made once, before main.
#include "vector_sets.h"

static const mneme_vector_kernels *available[4] = {&mneme_vector_kernels_plain};

__attribute__((constructor)) static void choose(void) {
    size_t count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("f16c");
    if (has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni"))
        available[count++] = &mneme_vector_kernels_avx512;
    if (has_avx2) available[count++] = &mneme_vector_kernels_avx2;
#elif defined(__aarch64__)
    available[count++] = &mneme_vector_kernels_neon;
#endif
    available[count++] = &mneme_vector_kernels_plain;
}

const mneme_vector_kernels *mneme_vector_kernels_chosen(void) { return available[0]; }

const mneme_vector_kernels *mneme_vector_kernels_at(size_t index) {
    return index < sizeof available / sizeof available[0] ? available[index] : NULL;
}

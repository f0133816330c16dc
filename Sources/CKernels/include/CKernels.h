// C where Swift cannot go: vector kernels behind target attributes, copies out of mapped files that
// survive a fault, hints for the caches, and calls that the C library hides.
#ifndef MNEME_CKERNELS_H
#define MNEME_CKERNELS_H
#include "code_lanes.h"
#include "guard.h"
#include "heap.h"
#include "prefetch.h"
#include "vector_kernels.h"
#include "write_back.h"
#endif

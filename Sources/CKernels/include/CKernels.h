// C where Swift cannot go: vector kernels behind target attributes, and copies out of mapped files
// that survive a fault.
#ifndef MNEME_CKERNELS_H
#define MNEME_CKERNELS_H
#include "guard.h"
#include "vector_kernels.h"
#endif

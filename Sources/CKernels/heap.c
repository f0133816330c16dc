// Free memory that the heap would keep.
#include "heap.h"
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

void mneme_heap_give_back(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

#ifndef MNEME_HEAP_H
#define MNEME_HEAP_H

/// Gives memory of the heap that is free back to the system (malloc_trim(3)), where the C library
/// can; others do nothing.
void mneme_heap_give_back(void);

#endif

// The process's heap, which keeps what was freed for whoever allocates next.

internal import CKernels

/// Memory that was freed.
package enum Heap {
    /// Gives it back to the system, as far as whole pages of it are free.
    ///
    /// Whoever has just freed much that nobody will allocate again soon calls it: by itself the
    /// heap gives back what is free at its end alone.
    ///
    /// - Complexity: O(free pieces); some milliseconds where much was freed.
    package static func giveBack() { mneme_heap_give_back() }
}
